"""Numbers side by side: the sum of weighted rows that the kernels' inner loops consist of.

A processor adds several numbers that lie side by side in the time of one, but numba turns each
sum of short rows into instructions for single numbers. So this one loop is put into LLVM's words.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.types import Type as Kind
from numba.core.typing.context import BaseContext as TypingContext
from numba.core.typing.templates import Signature
from numba.extending import lower_builtin, type_callable

from arcs_engine.circuits.spec import FloatArray

LANES: Final = 8
"""Numbers that are worked on at a time: what one to four registers hold, by processor."""

_VECTOR: Final = ir.VectorType(ir.DoubleType(), LANES)
_INDEX: Final = ir.IntType(32)
_NUMBER: Final = 8
"""Bytes of a number, by which rows are aligned at least."""


class Place(NamedTuple):
    """`LANES` numbers of an array.

    Attributes:
        array: of any shape; its entries are counted in the order of its memory, row after row.
        entry: the first of the numbers.
    """

    array: FloatArray
    entry: int


class Weights(NamedTuple):
    """The weights of rows.

    Attributes:
        array: that holds them, as in `Place`.
        entry: the first weight.
        stride: entries from one weight to the next.
    """

    array: FloatArray
    entry: int
    stride: int


class Rows(NamedTuple):
    """What is summed: `LANES` numbers of each of some rows.

    Attributes:
        array: that holds them, as in `Place`.
        entry: the first number of the first row.
        width: entries from one row to the next.
        height: number of rows.
    """

    array: FloatArray
    entry: int
    width: int
    height: int


def wide(size: int) -> int:
    """Return the room for `size` numbers in whole lanes; those beyond the last are nought."""
    return -(-size // LANES) * LANES


def combine(
    out: Place, addend: Place | None, start: Place | None, weights: Weights, rows: Rows
) -> None:
    """Fill `LANES` numbers: out = addend + (start + sum over k of weights[k] rows[k]).

    Args:
        out: written.
        addend: added last, so that a small sum is whole before it meets a large number.
        start: what the sum starts from.
        weights: of the rows.
        rows: what is summed.
    """
    total = np.zeros(LANES)
    if start is not None:
        total += start.array.ravel()[start.entry : start.entry + LANES]
    for k in range(rows.height):
        row = rows.entry + k * rows.width
        weight = weights.array.ravel()[weights.entry + k * weights.stride]
        total += weight * rows.array.ravel()[row : row + LANES]
    if addend is not None:
        total = addend.array.ravel()[addend.entry : addend.entry + LANES] + total
    out.array.ravel()[out.entry : out.entry + LANES] = total


@type_callable(combine)
def _typed(_: TypingContext) -> Callable[..., Kind]:
    """Say to numba what `combine` returns."""
    return lambda out, addend, start, weights, rows: types.none


@lower_builtin(combine, types.VarArg(types.Any))  # type: ignore[no-untyped-call, untyped-decorator]
def _write(
    context: BaseContext, builder: ir.IRBuilder, signature: Signature, arguments: list[ir.Value]
) -> ir.Value:
    """Write `combine` in LLVM's language, where numba compiles a call of it.

    An overload would be inlined by a pass that removes what it takes for dead code: it does not
    see that an array reached through a named tuple belongs to the caller.
    """

    def fields(kind: Kind, argument: ir.Value) -> list[ir.Value]:
        """Return where an array begins, then the integers beside it; nothing of None."""
        if kind == types.none:
            return []
        array, *integers = cgutils.unpack_tuple(builder, argument)  # type: ignore[no-untyped-call]
        proxy = context.make_array(kind[0])  # type: ignore[no-untyped-call, index]
        return [proxy(context, builder, array).data, *integers]

    def place(array: ir.Value, entry: ir.Value) -> ir.Value:
        return builder.bitcast(builder.gep(array, [entry]), _VECTOR.as_pointer())

    def load(array: ir.Value, entry: ir.Value) -> ir.Value:
        return builder.load(place(array, entry), align=_NUMBER)

    out, addend, start, weights, rows = map(fields, signature.args, arguments)
    factors, first, stride = weights
    summed, top, width, height = rows
    nothing = ir.Constant(_VECTOR, ir.Undefined)
    everywhere = ir.Constant(ir.VectorType(_INDEX, LANES), None)
    initial = load(*start) if start else ir.Constant(_VECTOR, None)
    # LLVM keeps what is "alloca" here in a register.
    total = cgutils.alloca_once_value(builder, initial)  # type: ignore[no-untyped-call]
    with cgutils.for_range(builder, height) as loop:
        weight = builder.add(first, builder.mul(loop.index, stride))
        row = builder.add(top, builder.mul(loop.index, width))
        # The weight is written into every lane, then all lanes are multiplied and added at once.
        factor = builder.load(builder.gep(factors, [weight]))
        factor = builder.insert_element(nothing, factor, _INDEX(0))
        factor = builder.shuffle_vector(factor, nothing, everywhere)
        term = builder.fmul(factor, load(summed, row))
        builder.store(builder.fadd(builder.load(total), term), total)
    result = builder.load(total)
    if addend:
        result = builder.fadd(load(*addend), result)
    builder.store(result, place(*out), align=_NUMBER)
    return context.get_dummy_value()  # type: ignore[no-untyped-call]
