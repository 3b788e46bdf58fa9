"""The kernels' one loop in machine terms gives what its plain program text gives."""

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.simulation.steady.lanes import LANES, combine, wide


@numba.njit
def compiled(out, to, addend, at, start, begin, weights, first, stride, rows, top, width, count):
    combine(out, to, addend, at, start, begin, weights, first, stride, rows, top, width, count)


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
    addend, start = addend if added else None, start if started else None
    rest = (addend, at, start, begin, weights, first, stride, rows, top, width, count)
    here, there = np.full((2, room), np.nan)
    compiled(here, to, *rest)
    combine(there, to, *rest)
    np.testing.assert_allclose(here, there, rtol=1e-14, atol=1e-13)
    weighted = [
        weights[first + k * stride] * rows[top + k * width : top + k * width + LANES]
        for k in range(count)
    ]
    expected = np.sum([np.zeros(LANES), *weighted], axis=0)
    expected += start[begin : begin + LANES] if started else 0.0
    expected += addend[at : at + LANES] if added else 0.0
    np.testing.assert_allclose(here[to : to + LANES], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("size", "room"), [(1, LANES), (LANES, LANES), (LANES + 1, 2 * LANES)])
def test_that_rows_have_room_for_whole_lanes(size, room):
    assert wide(size) == room
