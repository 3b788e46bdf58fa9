"""Measurements and spectra against closed forms, on samples at unequal distances."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.circuits.topologies import REGISTRY
from arcs_gui.presenters.waveforms import table
from arcs_gui.presenters.waveforms.measurements import measure
from arcs_gui.presenters.waveforms.spectrum import spectrum
from arcs_gui.presenters.waveforms.traces import TraceSet, defaults, signals


def uneven(periods: float, count: int = 20_000) -> np.ndarray:
    """Instants in periods of one second, crowded at the beginning."""
    return periods * np.linspace(0, 1, count) ** 2


def square(periods: int, duty: float, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Two samples at each edge and none between: as uneven as it gets."""
    time, values = [], []
    for k in range(periods):
        time += [k, k + duty, k + duty, k + 1]
        values += [high, high, low, low]
    return np.array(time, dtype=float), np.array(values, dtype=float)


def test_that_a_sine_is_measured_as_its_closed_form():
    time = uneven(5)
    found = measure(time, 3 + 2 * np.sin(2 * np.pi * time), 0, 5)
    assert found.mean == pytest.approx(3, abs=1e-4)
    assert found.rms == pytest.approx(math.sqrt(9 + 2), rel=1e-4)
    assert (found.low, found.high, found.pp) == pytest.approx((1, 5, 4), abs=1e-4)
    assert found.frequency == pytest.approx(1, rel=1e-4)
    assert found.duty == pytest.approx(0.5, abs=1e-3)


def test_that_a_triangle_is_measured_exactly_from_its_corners_alone():
    time, values = np.arange(0, 6.5, 0.5), np.array([0, 1] * 6 + [0], dtype=float)
    found = measure(time, values, 0, 6)
    assert found.mean == pytest.approx(1 / 2)
    assert found.rms == pytest.approx(1 / math.sqrt(3))
    assert found.frequency == pytest.approx(1)
    assert found.duty == pytest.approx(0.5)


@given(duty=st.floats(0.05, 0.95), low=st.floats(-20, 20), swing=st.floats(0.1, 50))
def test_that_a_square_wave_is_measured_as_its_closed_form(duty, low, swing):
    time, values = square(4, duty, low, low + swing)
    found = measure(time, values, 0, 4)
    assert found.mean == pytest.approx(low + duty * swing, abs=1e-9)
    expected = math.sqrt(duty * (low + swing) ** 2 + (1 - duty) * low**2)
    assert found.rms == pytest.approx(expected, abs=1e-9)
    assert found.frequency == pytest.approx(1)
    assert found.duty == pytest.approx(duty)


def test_that_only_the_window_is_measured_and_its_ends_are_interpolated():
    found = measure(np.array([0.0, 10.0]), np.array([0.0, 10.0]), 2.5, 4.5)
    assert (found.low, found.high, found.mean) == pytest.approx((2.5, 4.5, 3.5))


def test_that_noise_at_the_middle_is_no_edge():
    time = np.linspace(0, 4, 4001)
    ripple = 0.05 * np.sin(2 * np.pi * 200 * time)
    found = measure(time, np.sin(2 * np.pi * time) + ripple, 0, 4)
    assert found.frequency == pytest.approx(1, rel=0.02)


def test_that_what_does_not_repeat_has_neither_frequency_nor_duty():
    time = np.linspace(0, 1, 50)
    for values in (np.full(50, 5.0), time, np.sin(np.pi * time)):
        found = measure(time, values, 0, 1)
        assert math.isnan(found.frequency)
        assert math.isnan(found.duty)
    outside = measure(time, time, 2, 3)
    assert math.isnan(outside.mean)


@pytest.mark.parametrize("window", ["rectangular", "Hann"])
def test_that_a_sine_is_one_line_of_its_amplitude(window):
    time = uneven(4)
    values = {"v": 7 + 2.5 * np.sin(2 * np.pi * 3 * time)}
    found = spectrum(time, values, 1.0, (0, 4), window)
    assert found.periods == 4
    line = int(np.argmin(np.abs(found.frequency - 3)))
    assert found.frequency[line] == pytest.approx(3)
    assert found.amplitudes["v"][line] == pytest.approx(2.5, rel=1e-3)
    assert found.amplitudes["v"][0] == pytest.approx(7, rel=1e-3)
    far = np.abs(found.frequency - 3) > 1
    far[0] = far[1] = False  # a Hann window spreads the mean over two lines
    assert np.max(found.amplitudes["v"][far]) < 2e-3


def test_that_a_square_wave_has_the_harmonics_of_its_fourier_series():
    time, values = square(3, 0.25, -1, 3)
    found = spectrum(time, {"v": values}, 1.0, (0, 3))
    for harmonic in range(1, 20):
        line = int(np.argmin(np.abs(found.frequency - harmonic)))
        expected = 4 * 2 / (math.pi * harmonic) * abs(math.sin(math.pi * harmonic * 0.25))
        assert found.amplitudes["v"][line] == pytest.approx(expected, abs=4e-3)


def test_that_a_spectrum_is_of_whole_periods_in_view_or_of_none():
    time = uneven(4)
    values = {"v": np.sin(2 * np.pi * time)}
    assert spectrum(time, values, 1.0, (0.3, 2.9)).periods == 2
    assert spectrum(time, values, 1.0, (0.3, 1.2)) is None


@pytest.mark.parametrize("declared", REGISTRY.values(), ids=lambda declared: declared.name)
def test_that_every_voltage_and_current_can_be_shown_each_once(declared):
    found = signals(declared)
    names = [signal.name for signal in found]
    assert tuple(names[:3]) == defaults(declared)
    assert len(set(names)) == len(names)
    assert len(names) == len(declared.circuit.nodes) + len(declared.circuit.elements)
    assert [signal.hue for signal in found] == list(range(len(found)))


def test_that_a_table_holds_every_sample_in_full_with_units():
    third = 1 / 3
    sets = (
        TraceSet("steady", 1.0, np.array([0.0, third, 1.0]), {"v(out)": np.array([1.0, third, 2])}),
        TraceSet("ngspice", 1.0, np.array([0.0, 1.0]), {"v(out)": np.array([1e-7, 2.0])}),
    )
    text = table.trace_table(sets, signals(REGISTRY["buck"])[:1])
    lines = text.splitlines()
    assert lines[0] == "Time solver (s),Vout solver (V),Time ngspice (s),Vout ngspice (V)"
    assert lines[1] == "0.0,1.0,0.0,1e-07"
    assert [float(cell) for cell in lines[2].split(",")] == [third, third, 1.0, 2.0]
    assert lines[3] == "1.0,2.0,,"
