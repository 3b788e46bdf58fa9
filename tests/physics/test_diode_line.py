"""The straight line that stands for a diode keeps the loss of its curve."""

import numpy as np
import pytest

from arcs_engine.circuits.circuit import Diode
from arcs_engine.circuits.parts import THERMAL_VOLTAGE
from arcs_engine.simulation.steady.nodal import OFF_CONDUCTANCE
from arcs_engine.simulation.waveforms import mean, mean_product


def forward_voltage(diode, parameters, current):
    """V(I) = vf + n Vt ln(1 + I / is) + rs I, written out once more."""
    junction = parameters[diode.emission] * THERMAL_VOLTAGE
    return (
        parameters[diode.drop]
        + junction * np.log1p(current / parameters[diode.saturation_current])
        + parameters[diode.resistance] * current
    )


def conduction(state, diode):
    """Return time and forward current (0 while it blocks) over a period."""
    wave = state.waveforms(periods=1)
    return wave.time, np.maximum(wave.signals[f"i({diode.name})"], 0.0)


def blocked_square(state, diode):
    """Return the mean square of the reverse voltage, V2."""
    wave = state.waveforms(periods=1)
    zero = np.zeros_like(wave.time)
    anode, cathode = (wave.signals.get(f"v({n})", zero) for n in (diode.a, diode.b))
    reverse = np.where(wave.signals[f"i({diode.name})"] <= 0, anode - cathode, 0.0)
    return float(mean_product(wave.time, reverse, reverse))


def test_that_the_thermal_voltage_is_that_of_27_degrees():
    assert pytest.approx(0.025865, rel=1e-3) == THERMAL_VOLTAGE


def test_that_the_line_loses_what_the_curve_loses(population):
    for index in population.rows[:60]:
        state = population.state(index)
        for diode in population.topology.circuit.of_type(Diode):
            time, current = conduction(state, diode)
            voltage = forward_voltage(diode, state.parameters, current)
            curve = float(mean_product(time, voltage, current))
            loss = population.figures.losses[diode.name][index]
            leakage = OFF_CONDUCTANCE * blocked_square(state, diode)
            # Where several diodes share the work, what counts is a loss's part of the power.
            several = len(population.topology.circuit.of_type(Diode)) > 1
            nothing = (1e-3 if several else 1e-6) * population.figures.pin[index]
            assert loss - leakage == pytest.approx(curve, rel=5e-3, abs=nothing)


def test_that_the_line_has_the_mean_voltage_of_the_curve(population):
    """Over conduction: what the duty is solved with."""
    for index in population.rows[:60]:
        state = population.state(index)
        wave = state.waveforms(periods=1)
        diode = population.topology.circuit.element(population.topology.rectifier)
        time, current = conduction(state, diode)
        zero = np.zeros_like(time)
        anode, cathode = (wave.signals.get(f"v({n})", zero) for n in (diode.a, diode.b))
        conducting = current > 0
        curve = forward_voltage(diode, state.parameters, current)
        line = float(mean(time, np.where(conducting, anode - cathode, 0.0)))
        # A second inductor makes a long faint tail of current, which the fit does not weigh.
        tail = 1e-3 * state.parameters["vin"] if len(state.state) > 2 else 0.0
        expected = float(mean(time, np.where(conducting, curve, 0.0)))
        assert line == pytest.approx(expected, rel=0.01, abs=tail)
