"""The exponential of an interval, with whatever states a compensator adds."""

from typing import Final

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.compiled import kernel

_NORM: Final = 0.1
"""With a norm of at most this, the series' terms beyond `_TERMS` are less than 1e-16 of it."""

_TERMS: Final = 9


@kernel
def _product(left: FloatArray, right: FloatArray, scale: float, out: FloatArray) -> None:
    """Out = scale left @ right, of the square part of `left`: constant inputs drive nothing."""
    size, width = out.shape
    for i in range(size):
        for j in range(width):
            total = 0.0
            for k in range(size):
                total += left[i, k] * right[k, j]
            out[i, j] = scale * total


@kernel
def fill_flow(generator: FloatArray, length: float, flow: FloatArray, scratch: FloatArray) -> None:
    """Fill the change of the states over an interval, exp(generator · length) - 1.

    Scaling, Taylor's series and squaring (Moler and Van Loan, Nineteen dubious ways to compute the
    exponential of a matrix, method 3) of the exponential without its identity, so that no small
    change is lost beside a 1: over two equal steps F becomes F + F + F F.

    Args:
        generator: states' rates over the states and constant inputs, shape (size, width).
        length: periods.
        flow: filled, shape (size, width).
        scratch: shape (2, size, width).
    """
    size, width = generator.shape
    norm = 0.0
    for j in range(width):
        column = 0.0
        for i in range(size):
            column += abs(generator[i, j])
        norm = max(norm, column * length)
    squarings, scale = 0, length
    while norm > _NORM and squarings < 100:
        norm *= 0.5
        scale *= 0.5
        squarings += 1
    # Horner's scheme: F = A + A F / k, from the last term on.
    scaled, product = scratch[0], scratch[1]
    for i in range(size):
        for j in range(width):
            scaled[i, j] = scale * generator[i, j]
            flow[i, j] = scaled[i, j]
    for term in range(_TERMS, 1, -1):
        _product(scaled, flow, 1.0 / term, product)
        for i in range(size):
            for j in range(width):
                flow[i, j] = scaled[i, j] + product[i, j]
    for _ in range(squarings):
        _product(flow, flow, 1.0, product)
        for i in range(size):
            for j in range(width):
                flow[i, j] = flow[i, j] + (flow[i, j] + product[i, j])


@kernel
def carry(flow: FloatArray, matrix: FloatArray, scratch: FloatArray) -> None:
    """Carry columns of states and constant inputs across an interval, in place.

    Args:
        flow: of the interval, shape (size, width).
        matrix: whose first `size` rows are states and whose next ones constant inputs, shape
            (width or less, columns).
        scratch: shape (size or more, columns or more).
    """
    size, rows = len(flow), min(matrix.shape[0], flow.shape[1])
    for i in range(size):
        for j in range(matrix.shape[1]):
            total = 0.0
            for k in range(rows):
                total += flow[i, k] * matrix[k, j]
            scratch[i, j] = total
    for i in range(size):
        for j in range(matrix.shape[1]):
            matrix[i, j] += scratch[i, j]
