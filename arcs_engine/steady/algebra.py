"""Small matrices, as the kernels multiply and solve them.

What is across an inner loop is as wide as whole registers of the processor (`wide`): the columns
beyond the last are nought.
"""

from typing import Final

from arcs_engine.spec import FloatArray
from arcs_engine.steady.compiled import inner_kernel, kernel

LANES: Final = 8
"""Columns that are worked on at a time: what one or two registers hold."""

HALF: Final = LANES // 2
"""The same, where a sum has few terms and columns are few: more would be worked on for nothing."""


def wide(size: int) -> int:
    """Return the room for `size` columns in whole registers."""
    return -(-size // LANES) * LANES


@kernel
def solve_in_place(matrix: FloatArray, right: FloatArray, rows: int, columns: int) -> bool:
    """Solve matrix @ y = right in place of `right`; return False when the matrix is singular."""
    for k in range(rows):
        pivot = k
        for i in range(k + 1, rows):
            if abs(matrix[i, k]) > abs(matrix[pivot, k]):
                pivot = i
        if abs(matrix[pivot, k]) < 1e-300:
            return False
        if pivot != k:
            for j in range(rows):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
            for j in range(columns):
                right[k, j], right[pivot, j] = right[pivot, j], right[k, j]
        scale = 1.0 / matrix[k, k]
        for i in range(k + 1, rows):
            factor = matrix[i, k] * scale
            if factor != 0.0:
                for j in range(k + 1, rows):
                    matrix[i, j] -= factor * matrix[k, j]
                for j in range(columns):
                    right[i, j] -= factor * right[k, j]
    for k in range(rows - 1, -1, -1):
        for j in range(columns):
            total = right[k, j]
            for i in range(k + 1, rows):
                total -= matrix[k, i] * right[i, j]
            right[k, j] = total / matrix[k, k]
    return True


@kernel
def multiply(left: FloatArray, right: FloatArray, out: FloatArray, n: int) -> None:
    """Out = left @ right, of matrices over (x, 1) down and (x, q) across.

    Of the state's entries only x drives anything.
    """
    for i in range(n + 1):
        j = 0
        while j <= n:
            a, b, c, d, e, f, g, h = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for k in range(n):
                factor = left[i, k]
                a += factor * right[k, j]
                b += factor * right[k, j + 1]
                c += factor * right[k, j + 2]
                d += factor * right[k, j + 3]
                e += factor * right[k, j + 4]
                f += factor * right[k, j + 5]
                g += factor * right[k, j + 6]
                h += factor * right[k, j + 7]
            out[i, j], out[i, j + 1], out[i, j + 2], out[i, j + 3] = a, b, c, d
            out[i, j + 4], out[i, j + 5], out[i, j + 6], out[i, j + 7] = e, f, g, h
            j += LANES


@kernel
def square(steps: FloatArray, mode: int, finer: int, level: int, n: int) -> None:
    """Fill the step of a level with two of another level in a row."""
    for i in range(n + 1):
        j = 0
        while j <= n:
            a, b = 2.0 * steps[mode, finer, i, j], 2.0 * steps[mode, finer, i, j + 1]
            c, d = (
                2.0 * steps[mode, finer, i, j + 2],
                2.0 * steps[mode, finer, i, j + 3],
            )
            e, f = (
                2.0 * steps[mode, finer, i, j + 4],
                2.0 * steps[mode, finer, i, j + 5],
            )
            g, h = (
                2.0 * steps[mode, finer, i, j + 6],
                2.0 * steps[mode, finer, i, j + 7],
            )
            for k in range(n):
                factor = steps[mode, finer, i, k]
                a += factor * steps[mode, finer, k, j]
                b += factor * steps[mode, finer, k, j + 1]
                c += factor * steps[mode, finer, k, j + 2]
                d += factor * steps[mode, finer, k, j + 3]
                e += factor * steps[mode, finer, k, j + 4]
                f += factor * steps[mode, finer, k, j + 5]
                g += factor * steps[mode, finer, k, j + 6]
                h += factor * steps[mode, finer, k, j + 7]
            steps[mode, level, i, j], steps[mode, level, i, j + 1] = a, b
            steps[mode, level, i, j + 2], steps[mode, level, i, j + 3] = c, d
            steps[mode, level, i, j + 4], steps[mode, level, i, j + 5] = e, f
            steps[mode, level, i, j + 6], steps[mode, level, i, j + 7] = g, h
            j += LANES


@kernel
def apply(matrix: FloatArray, z: FloatArray, out: FloatArray, n: int) -> None:
    """Out = matrix @ (x, 1)."""
    for i in range(n + 1):
        total = matrix[i, n]
        for k in range(n):
            total += matrix[i, k] * z[k]
        out[i] = total


@inner_kernel
def advance(
    steps: FloatArray, mode: int, level: int, z: FloatArray, out: FloatArray, n: int
) -> None:
    """Out = z after a step of a period / 2^level."""
    i = 0
    while i <= n:
        a, b = steps[mode, level, n, i], steps[mode, level, n, i + 1]
        c, d = steps[mode, level, n, i + 2], steps[mode, level, n, i + 3]
        for k in range(n):
            factor = z[k]
            a += factor * steps[mode, level, k, i]
            b += factor * steps[mode, level, k, i + 1]
            c += factor * steps[mode, level, k, i + 2]
            d += factor * steps[mode, level, k, i + 3]
        out[i], out[i + 1], out[i + 2], out[i + 3] = (
            z[i] + a,
            z[i + 1] + b,
            z[i + 2] + c,
            z[i + 3] + d,
        )
        i += HALF
