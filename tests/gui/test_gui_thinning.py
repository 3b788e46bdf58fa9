"""Curves with fewer points that look the same."""

import numpy as np
import pytest

from arcs_gui.widgets.thinning import PASSES, TOLERANCE, thinned

TIME = np.sort(np.random.default_rng(1).uniform(0, 3, 3000))
SHAPES = {
    "sine": np.sin(2 * np.pi * TIME),
    "triangle": np.abs(TIME % 1 - 0.44),
    "square": np.where(TIME % 1 < 0.44, 12.0, -0.4),
    "flat": np.full(len(TIME), 5.0),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_that_a_thinned_curve_runs_where_the_whole_one_does(shape):
    y = SHAPES[shape]
    few_x, few_y = thinned(TIME, y)
    away = np.abs(np.interp(TIME, few_x, few_y) - y).max()
    assert away <= PASSES * TOLERANCE * np.ptp(y) + 1e-12
    assert (few_x[0], few_x[-1]) == (TIME[0], TIME[-1])
    assert len(few_x) < len(TIME) / 4


def test_that_one_sample_that_stands_out_stays():
    y = SHAPES["sine"].copy()
    y[1501] = 3.0
    assert thinned(TIME, y)[1].max() == 3.0


def test_that_noise_is_left_as_it_is():
    noise = np.random.default_rng(2).normal(size=3000)
    assert len(thinned(TIME, noise)[0]) > 0.99 * 3000


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_that_a_handful_of_points_is_no_trouble(count):
    x = np.arange(count, dtype=float)
    assert len(thinned(x, x**2)[0]) == count


def test_that_both_ends_of_a_vertical_edge_stay():
    x = np.array([0.0, 1.0, 1.0, 1.0, 2.0])
    y = np.array([0.0, 0.0, 5.0, 10.0, 10.0])
    few_x, few_y = thinned(x, y)
    assert {(1.0, 0.0), (1.0, 10.0)} <= set(zip(few_x.tolist(), few_y.tolist(), strict=True))
