"""Small matrices, as the kernels multiply and solve them."""

from arcs_engine.spec import FloatArray
from arcs_engine.steady.compiled import kernel


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
def square(step: FloatArray, out: FloatArray, n: int) -> None:
    """Fill `out` with two steps in a row, of which each changes the state by `step`.

    Four columns at a time, which the processor keeps in one register.
    """
    for i in range(n + 1):
        j = 0
        while j + 4 <= n + 1:
            a, b = 2.0 * step[i, j], 2.0 * step[i, j + 1]
            c, d = 2.0 * step[i, j + 2], 2.0 * step[i, j + 3]
            for k in range(n):
                factor = step[i, k]
                a += factor * step[k, j]
                b += factor * step[k, j + 1]
                c += factor * step[k, j + 2]
                d += factor * step[k, j + 3]
            out[i, j], out[i, j + 1], out[i, j + 2], out[i, j + 3] = a, b, c, d
            j += 4
        while j < n + 1:
            total = 2.0 * step[i, j]
            for k in range(n):
                total += step[i, k] * step[k, j]
            out[i, j] = total
            j += 1


@kernel
def apply(matrix: FloatArray, z: FloatArray, out: FloatArray, n: int) -> None:
    """Out = matrix @ (x, 1)."""
    for i in range(n + 1):
        total = matrix[i, n]
        for k in range(n):
            total += matrix[i, k] * z[k]
        out[i] = total


@kernel
def advance(
    steps: FloatArray, mode: int, level: int, z: FloatArray, out: FloatArray, n: int
) -> None:
    """Out = z after a step of a period / 2^level, four entries at a time."""
    i = 0
    while i + 4 <= n + 1:
        a, b = steps[mode, level, n, i], steps[mode, level, n, i + 1]
        c, d = steps[mode, level, n, i + 2], steps[mode, level, n, i + 3]
        for k in range(n):
            factor = z[k]
            a += factor * steps[mode, level, k, i]
            b += factor * steps[mode, level, k, i + 1]
            c += factor * steps[mode, level, k, i + 2]
            d += factor * steps[mode, level, k, i + 3]
        out[i], out[i + 1] = z[i] + a, z[i + 1] + b
        out[i + 2], out[i + 3] = z[i + 2] + c, z[i + 3] + d
        i += 4
    while i < n + 1:
        change = steps[mode, level, n, i]
        for k in range(n):
            change += z[k] * steps[mode, level, k, i]
        out[i] = z[i] + change
        i += 1
