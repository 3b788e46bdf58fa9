"""The outline of long curves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcs_gui.widgets.envelope import MOST_BLOCKS, MOST_SAMPLES, Envelope

COUNT = 100_003


@pytest.fixture(scope="module")
def curve() -> Envelope:
    random = np.random.default_rng(0)
    x = np.cumsum(random.uniform(0.1, 2, COUNT))
    y = random.normal(size=COUNT)
    y[70_001] = 99  # a spike of one sample
    return Envelope(x, y)


def test_that_the_whole_curve_is_outlined_by_few_points_without_losing_a_peak(curve):
    part = curve.part(curve.x[0], curve.x[-1])
    assert not part.whole
    assert len(part.x) == len(part.y) <= 2 * MOST_BLOCKS
    assert (part.y.min(), part.y.max()) == (curve.y.min(), 99)
    assert np.all(np.diff(part.x) >= 0)
    spike = part.x[np.argmax(part.y)]
    assert spike <= curve.x[70_001] <= spike + 2 * COUNT / MOST_BLOCKS * 2


@given(st.floats(0, 1), st.floats(1e-4, 1))
def test_that_every_part_has_the_extremes_of_what_is_in_view(share, width):
    x = np.arange(50_000, dtype=float)
    y = np.sin(x * 0.37) * x
    start = share * x[-1]
    stop = start + width * x[-1]
    part = Envelope(x, y).part(start, stop)
    inside = y[(x >= start) & (x <= stop)]
    assert len(part.x) <= max(MOST_SAMPLES, 2 * MOST_BLOCKS + 4)
    if len(inside):
        assert part.y.min() <= inside.min()
        assert part.y.max() >= inside.max()


def test_that_a_short_part_is_every_sample_and_one_beyond_each_end(curve):
    part = curve.part(curve.x[500], curve.x[600])
    assert part.whole
    assert np.array_equal(part.x, curve.x[499:602])
    assert np.array_equal(part.y, curve.y[499:602])


def test_that_a_part_beside_the_curve_is_next_to_nothing(curve):
    assert len(curve.part(-10, -5).x) <= 1
    assert len(curve.part(curve.x[-1] + 1, curve.x[-1] + 2).x) <= 1
