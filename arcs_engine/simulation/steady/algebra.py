"""Small matrices, as the kernels multiply and solve them.

What is across an inner loop is as wide as whole lanes (`lanes.wide`): the columns beyond the last
are nought.
"""

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.lanes import LANES, combine


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
    width = out.shape[1]
    for i in range(n + 1):
        row, j = i * width, 0
        while j <= n:
            combine(out, row + j, None, 0, None, 0, left, row, 1, right, j, width, n)
            j += LANES


@inner_kernel
def step_entry(steps: FloatArray, mode: int, level: int) -> int:
    """Return the first entry of a mode's step of a level in `modes.Work.steps`."""
    return int((mode * steps.shape[1] + level) * steps.shape[2] * steps.shape[3])


@kernel
def square(steps: FloatArray, mode: int, finer: int, level: int, n: int) -> None:
    """Fill the step of a level with two of another level in a row."""
    width = steps.shape[3]
    top, out = step_entry(steps, mode, finer), step_entry(steps, mode, level)
    for i in range(n + 1):
        row, j = i * width, 0
        while j <= n:
            same = top + row + j
            combine(
                steps, out + row + j, steps, same, steps, same, steps, top + row, 1,
                steps, top + j, width, n,
            )  # fmt: skip
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
    steps: FloatArray, mode: int, level: int,
    z: FloatArray, at: int, out: FloatArray, to: int, n: int,
) -> None:  # fmt: skip
    """Out = z after a step of a period / 2^level; `at` and `to` are their first entries."""
    width = steps.shape[3]
    top, i = step_entry(steps, mode, level), 0
    while i <= n:
        combine(
            out, to + i, z, at + i, steps, top + n * width + i, z, at, 1, steps, top + i, width, n
        )
        i += LANES
