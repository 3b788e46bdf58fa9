"""Small matrices, as the kernels multiply and solve them.

What is across an inner loop is as wide as whole lanes (`lanes.wide`): the columns beyond the last
are nought.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.lanes import LANES, Place, Rows, Weights, combine

ComplexArray = NDArray[np.complex128]


class Step(NamedTuple):
    """The change of z over a step of a period / 2^level in one mode.

    Attributes:
        steps: `modes.Work.steps`, which hold it.
        mode: of the circuit.
        level: of the step's length.
    """

    steps: FloatArray
    mode: int
    level: int


@kernel
def solve_in_place(matrix: FloatArray | ComplexArray, right: FloatArray | ComplexArray) -> bool:
    """Solve matrix @ y = right in place of `right`; return False when the matrix is singular.

    Gaussian elimination with partial pivoting.

    Args:
        matrix: real or complex, overwritten, shape (n, n).
        right: as many right-hand sides as it has columns, shape (n or more, columns); what is
            below the first n rows stays.
    """
    rows, columns = matrix.shape[0], right.shape[1]
    # Elimination. Conductances of one circuit are up to twelve decades apart (1 / ESR beside a
    # blocking diode's), so each column's largest entry is the pivot.
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
    # Back substitution.
    for k in range(rows - 1, -1, -1):
        for j in range(columns):
            total = right[k, j]
            for i in range(k + 1, rows):
                total -= matrix[k, i] * right[i, j]
            right[k, j] = total / matrix[k, k]
    return True


@kernel
def multiply(left: FloatArray, right: FloatArray, out: FloatArray) -> None:
    """Out = left @ right, of matrices over (x, 1) down and (x, q) across.

    Of the state's entries only x drives anything.
    """
    n, width = out.shape[0] - 1, out.shape[1]
    for i in range(n + 1):
        row, j = i * width, 0
        while j <= n:
            combine(
                Place(out, row + j), None, None, Weights(left, row, 1), Rows(right, j, width, n)
            )
            j += LANES


@inner_kernel
def step_entry(step: Step) -> int:
    """Return the first entry of a step in the array that holds it."""
    steps = step.steps
    return int((step.mode * steps.shape[1] + step.level) * steps.shape[2] * steps.shape[3])


@kernel
def square(step: Step, level: int) -> None:
    """Fill the step of a level with `step` twice in a row.

    With F = exp(A h) - 1, exp(2 A h) - 1 = F + (F + F F).
    """
    steps, n, width = step.steps, step.steps.shape[2] - 1, step.steps.shape[3]
    top, out = step_entry(step), step_entry(Step(steps, step.mode, level))
    for i in range(n + 1):
        row, j = i * width, 0
        while j <= n:
            same = Place(steps, top + row + j)
            combine(
                Place(steps, out + row + j), same, same, Weights(steps, top + row, 1),
                Rows(steps, top + j, width, n),
            )  # fmt: skip
            j += LANES


@kernel
def apply(matrix: FloatArray, z: FloatArray, out: FloatArray) -> None:
    """Out = matrix @ (x, 1)."""
    n = matrix.shape[1] - 1
    for i in range(n + 1):
        total = matrix[i, n]
        for k in range(n):
            total += matrix[i, k] * z[k]
        out[i] = total


@inner_kernel
def advance(step: Step, z: Place, out: Place) -> None:
    """Out = z after a step."""
    n, width = step.steps.shape[2] - 1, step.steps.shape[3]
    top, i = step_entry(step), 0
    while i <= n:
        # The constant's row is the change that needs no state; what the state adds comes on top.
        combine(
            Place(out.array, out.entry + i), Place(z.array, z.entry + i),
            Place(step.steps, top + n * width + i), Weights(z.array, z.entry, 1),
            Rows(step.steps, top + i, width, n),
        )  # fmt: skip
        i += LANES
