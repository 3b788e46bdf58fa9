import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.foundation.errors import InputError
from arcs_engine.simulation.waveforms import (
    Waveforms,
    band_limit,
    mean,
    mean_product,
    peak_to_peak,
    rms,
)

PERIOD = 1e-5
QUICK = settings(deadline=None)
seeds = st.integers(0, 2**32 - 1)


def uneven(seed, points, stop):
    """A random time axis from 0 to `stop`."""
    inner = np.random.default_rng(seed).uniform(0, stop, points)
    return np.unique(np.concatenate(([0.0], inner, [stop])))


@QUICK
@given(seed=seeds, points=st.integers(400, 3000), offset=st.floats(-5, 5), phase=st.floats(0, 7))
def test_that_a_sine_has_its_mean_and_rms_on_any_axis(seed, points, offset, phase):
    time = uneven(seed, points, 3 * PERIOD)
    wave = offset + np.sin(2 * np.pi * time / PERIOD + phase)
    # a chord misses a sine by at most (step w)^2 / 8
    error = (np.diff(time).max() * 2 * np.pi / PERIOD) ** 2 / 8
    assert mean(time, wave) == pytest.approx(offset, abs=error)
    assert rms(time, wave) == pytest.approx(np.hypot(offset, np.sqrt(0.5)), abs=error)


@QUICK
@given(seed=seeds, points=st.integers(2, 50))
def test_that_more_samples_of_the_same_straight_pieces_change_nothing(seed, points):
    time = uneven(seed, points, PERIOD)
    wave = np.random.default_rng(seed).normal(size=len(time))
    finer = np.union1d(time, uneven(seed + 1, 40, PERIOD))
    refined = np.interp(finer, time, wave)
    assert mean(finer, refined) == pytest.approx(mean(time, wave), abs=1e-9)
    assert rms(finer, refined) == pytest.approx(rms(time, wave), rel=1e-9)
    limited = np.interp(time, finer, band_limit(finer, refined, 1e5))
    assert limited == pytest.approx(band_limit(time, wave, 1e5), abs=1e-9)


def test_that_the_mean_of_a_product_is_exact_for_straight_lines():
    time = np.array([0.0, 1.0, 3.0])
    ramp = np.array([0.0, 1.0, 3.0])
    assert mean_product(time, ramp, ramp) == pytest.approx(3.0)  # integral of t^2 over 3, by 3
    assert mean_product(time, ramp, 1 - ramp) == pytest.approx(1.5 - 3.0)


def test_that_a_ramp_comes_out_of_the_filter_a_time_constant_late():
    tau = 1 / (2 * np.pi * 20e6)
    time = uneven(1, 100, 50 * tau)
    expected = time - tau * (1 - np.exp(-time / tau))
    assert band_limit(time, time, 20e6) == pytest.approx(expected, abs=1e-12 * time[-1])


@pytest.mark.parametrize("frequency", [2e6, 20e6, 200e6])
def test_that_the_filter_has_the_gain_of_one_pole(frequency):
    time = np.linspace(0, 40 / frequency + 200e-9, 40_001)
    output = band_limit(time, np.sin(2 * np.pi * frequency * time))
    settled = output[time > 200e-9]
    gain = 1 / np.sqrt(1 + (frequency / 20e6) ** 2)
    assert peak_to_peak(settled) / 2 == pytest.approx(gain, rel=2e-3)


def test_that_the_filter_treats_rows_alike():
    time = uneven(2, 300, PERIOD)
    waves = np.random.default_rng(2).normal(size=(4, 3, len(time)))
    together = band_limit(time, waves)
    assert together.shape == waves.shape
    assert together[2, 1] == pytest.approx(band_limit(time, waves[2, 1]), abs=1e-12)


def test_that_the_filter_passes_a_constant_and_survives_repeated_times():
    time = np.array([0.0, 1e-9, 1e-9, 2e-9])
    assert band_limit(time, np.full(4, 3.0)) == pytest.approx(3.0)
    stepped = band_limit(time, np.array([0.0, 0.0, 1.0, 1.0]))
    assert stepped[2] == pytest.approx(stepped[1])  # a step takes time to come through
    assert 0 < stepped[3] < 1


def ramp(periods):
    time = np.linspace(0, periods * PERIOD, 101)
    return Waveforms(time, {"v(out)": 2 * time}, PERIOD, "steady")


def test_that_a_window_holds_whole_periods_to_the_end():
    window = ramp(3.5).last(2)
    assert window.time[0] == pytest.approx(1.5 * PERIOD)
    assert window.time[-1] == pytest.approx(3.5 * PERIOD)
    assert window.signals["v(out)"] == pytest.approx(2 * window.time)


def test_that_a_window_may_begin_a_hair_before_the_first_sample():
    late = ramp(3).between(1e-5 * PERIOD, 3 * PERIOD)
    assert late.last(3).time[0] == late.time[0]


@pytest.mark.parametrize("periods", [0, -1, 4])
def test_that_a_window_that_is_not_there_is_refused(periods):
    with pytest.raises(InputError, match="does not fit"):
        ramp(3).last(periods)
