"""Numbers side by side: the sum of weighted rows that the kernels' inner loops consist of.

A processor adds several numbers that lie side by side in the time of one, but numba turns each
sum of short rows into instructions for single numbers. So this one loop is put into LLVM's words.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.types import Type as Kind
from numba.core.typing.templates import Signature
from numba.extending import intrinsic, overload

from arcs_engine.circuits.spec import FloatArray

LANES: Final = 8
"""Numbers that are worked on at a time: what one to four registers hold, by processor."""

_VECTOR: Final = ir.VectorType(ir.DoubleType(), LANES)
_INDEX: Final = ir.IntType(32)
_NUMBER: Final = 8
"""Bytes of a number, by which rows are aligned at least."""


def wide(size: int) -> int:
    """Return the room for `size` numbers in whole lanes; those beyond the last are nought."""
    return -(-size // LANES) * LANES


def combine(
    out: FloatArray,
    to: int,
    addend: FloatArray | None,
    at: int,
    start: FloatArray | None,
    begin: int,
    weights: FloatArray,
    first: int,
    stride: int,
    rows: FloatArray,
    top: int,
    width: int,
    count: int,
) -> None:
    """Fill `LANES` numbers: out = addend + (start + sum over k < count of weights[k] rows[k]).

    Entries of an array are counted in the order of its memory, row after row, whatever its shape.

    Args:
        out: written.
        to: its first entry that is.
        addend: added last, so that a small sum is whole before it meets a large number.
        at: its first entry.
        start: what the sum starts from.
        begin: its first entry.
        weights: of the rows.
        first: entry of the first weight.
        stride: entries from one weight to the next.
        rows: what is summed.
        top: first entry in the first row.
        width: entries from one row to the next.
        count: of rows.
    """
    total = np.zeros(LANES)
    if start is not None:
        total += start.ravel()[begin : begin + LANES]
    for k in range(count):
        row = top + k * width
        total += weights.ravel()[first + k * stride] * rows.ravel()[row : row + LANES]
    if addend is not None:
        total = addend.ravel()[at : at + LANES] + total
    out.ravel()[to : to + LANES] = total


def _write(
    context: BaseContext, builder: ir.IRBuilder, signature: Signature, arguments: list[ir.Value]
) -> ir.Value:
    """Write `combine` in LLVM's language."""
    arrays = [
        context.make_array(kind)(context, builder, argument).data  # type: ignore[no-untyped-call]
        if isinstance(kind, types.Array)
        else None
        for kind, argument in zip(signature.args, arguments, strict=True)
    ]
    _, to, _, at, _, begin, _, first, stride, _, top, width, count = arguments
    out, _, addend, _, start, _, weights, _, _, rows, _, _, _ = arrays

    def place(array: ir.Value, entry: ir.Value) -> ir.Value:
        return builder.bitcast(builder.gep(array, [entry]), _VECTOR.as_pointer())

    def load(array: ir.Value, entry: ir.Value) -> ir.Value:
        return builder.load(place(array, entry), align=_NUMBER)

    nothing = ir.Constant(_VECTOR, ir.Undefined)
    everywhere = ir.Constant(ir.VectorType(_INDEX, LANES), None)
    initial = ir.Constant(_VECTOR, None) if start is None else load(start, begin)
    # LLVM keeps what is "alloca" here in a register.
    total = cgutils.alloca_once_value(builder, initial)  # type: ignore[no-untyped-call]
    with cgutils.for_range(builder, count) as loop:
        weight = builder.add(first, builder.mul(loop.index, stride))
        row = builder.add(top, builder.mul(loop.index, width))
        factor = builder.load(builder.gep(weights, [weight]))
        factor = builder.insert_element(nothing, factor, _INDEX(0))
        factor = builder.shuffle_vector(factor, nothing, everywhere)
        term = builder.fmul(factor, load(rows, row))
        builder.store(builder.fadd(builder.load(total), term), total)
    result = builder.load(total)
    if addend is not None:
        result = builder.fadd(load(addend, at), result)
    builder.store(result, place(out, to), align=_NUMBER)
    return context.get_dummy_value()  # type: ignore[no-untyped-call]


def _typed(
    _: object, out: Kind, to: Kind, addend: Kind, at: Kind, start: Kind, begin: Kind,
    weights: Kind, first: Kind, stride: Kind, rows: Kind, top: Kind, width: Kind, count: Kind,
) -> tuple[Signature, Callable[..., ir.Value]]:  # fmt: skip
    """Return the types of `combine` and what writes it."""
    word = types.int64
    signature = types.void(
        out, word, addend, word, start, word, weights, word, word, rows, word, word, word
    )
    return signature, _write


_in_lanes: Callable[..., None] = intrinsic(_typed)


@overload(combine, inline="always")
def _compiled(
    out: Kind, to: Kind, addend: Kind, at: Kind, start: Kind, begin: Kind, weights: Kind,
    first: Kind, stride: Kind, rows: Kind, top: Kind, width: Kind, count: Kind,
) -> Callable[..., None]:  # fmt: skip
    """Return what numba compiles in the place of `combine`; it asks for the same annotations."""

    def call(
        out: Kind, to: Kind, addend: Kind, at: Kind, start: Kind, begin: Kind, weights: Kind,
        first: Kind, stride: Kind, rows: Kind, top: Kind, width: Kind, count: Kind,
    ) -> None:  # fmt: skip
        _in_lanes(
            out, to, addend, at, start, begin, weights, first, stride, rows, top, width, count
        )

    return call
