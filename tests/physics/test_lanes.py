"""The kernels' one loop in machine terms gives what its plain program text gives."""

from typing import NamedTuple

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.simulation.steady.lanes import LANES, Place, Rows, Weights, combine, wide


@numba.njit
def compiled(out, addend, start, weights, rows):
    combine(out, addend, start, weights, rows)


@settings(deadline=None)  # four variants are compiled on the way
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(0, 12),
    stride=st.integers(1, 3),
    added=st.booleans(),
    started=st.booleans(),
)
def test_that_lanes_hold_the_sum_of_weighted_rows(seed, count, stride, added, started):
    draw = np.random.default_rng(seed)
    to, at, begin, first, top = draw.integers(0, 5, 5).tolist()
    width = LANES + int(draw.integers(0, 3))
    room = max(top + count * width, first + count * stride) + LANES + 5
    addend, start, weights, rows = draw.normal(size=(4, room))
    here, there = np.full((2, room), np.nan)
    rest = (
        Place(addend, at) if added else None,
        Place(start, begin) if started else None,
        Weights(weights, first, stride),
        Rows(rows, top, width, count),
    )
    compiled(Place(here, to), *rest)
    combine(Place(there, to), *rest)
    np.testing.assert_allclose(here, there, rtol=1e-14, atol=1e-13)
    weighted = [
        weights[first + k * stride] * rows[top + k * width : top + k * width + LANES]
        for k in range(count)
    ]
    expected = np.sum([np.zeros(LANES), *weighted], axis=0)
    expected += start[begin : begin + LANES] if started else 0.0
    expected += addend[at : at + LANES] if added else 0.0
    np.testing.assert_allclose(here[to : to + LANES], expected, rtol=1e-12, atol=1e-12)


class Inner(NamedTuple):
    numbers: np.ndarray


class Outer(NamedTuple):
    inner: Inner
    sums: np.ndarray


@numba.njit(inline="always")
def put(inner, entry):
    if entry >= len(inner.numbers):
        return False
    inner.numbers[entry] = 1.0
    return True


@numba.njit
def fill(outer, rows):
    inner, sums = outer.inner, outer.sums
    for entry in range(len(inner.numbers)):
        combine(Place(sums, 0), None, None, Weights(sums, 0, 1), rows)
        if not put(inner, entry):
            return
        if entry > 0:
            combine(Place(sums, 0), Place(sums, 0), None, Weights(sums, 0, 1), rows)


def test_that_what_a_kernel_writes_beside_combined_rows_is_kept():
    """Numba drops such writes where an overload is inlined into the kernel beside them."""
    outer = Outer(Inner(np.zeros(3)), np.ones(LANES))
    fill(outer, Rows(np.ones(LANES), 0, LANES, 1))
    assert outer.inner.numbers.tolist() == [1.0] * 3


@pytest.mark.parametrize(("size", "room"), [(1, LANES), (LANES, LANES), (LANES + 1, 2 * LANES)])
def test_that_rows_have_room_for_whole_lanes(size, room):
    assert wide(size) == room
