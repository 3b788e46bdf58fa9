"""Averaged plants: against the equations that they are solutions of, and their limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import stage

from arcs_engine.circuits.control import (
    OutputFilter,
    PeakCurrentMode,
    VoltageMode,
    current_plant,
    voltage_plant,
)
from arcs_engine.circuits.control.averaged import duty
from arcs_engine.circuits.crossover import highest_crossover
from arcs_engine.foundation.errors import DesignError

FREQUENCIES = np.geomspace(10, 1e5, 9)
FAMILIES = ("buck", "boost", "buck_boost")


def averaged(family, power, capacitance):
    """Return A, the column of the duty, of the state-space averaged lossless converter.

    States: inductor current and output voltage, Erickson and Maksimovic, 2nd ed., chapter 7.
    """
    on, off = float(duty(family, power)), 1 - float(duty(family, power))
    vin, vout = float(power.low), float(power.vout)
    load, current = vout / float(power.load), float(power.load)
    inductance = float(power.inductance)
    feeds = {"buck": 1.0}.get(family, off)
    a = np.array([[0, -feeds / inductance], [feeds / capacitance, -1 / (load * capacitance)]])
    inner = vout + float(power.drop)
    # The step of the inductor's voltage where the switch turns off.
    drive = {"buck": vin + float(power.drop), "boost": inner, "buck_boost": vin + inner}[family]
    taken = 0.0 if family == "buck" else current / off
    return a, np.array([drive / inductance, -taken / capacitance]), on


def power_stage(family, vin, ratio, load, drop=0.0):
    vout = vin * ratio if family != "boost" else vin / ratio
    return stage(vin, vout, load, 22e-6, drop=drop)


@pytest.mark.parametrize("family", FAMILIES)
@given(vin=st.floats(5, 48), ratio=st.floats(0.2, 0.9), load=st.floats(0.5, 10))
def test_that_a_voltage_mode_plant_solves_the_averaged_equations(family, vin, ratio, load):
    power = power_stage(family, vin, ratio, load)
    a, column, _ = averaged(family, power, 100e-6)
    plant = voltage_plant(family, power, OutputFilter(100e-6), VoltageMode(2.0))
    s = 2j * np.pi * FREQUENCIES[:, None, None]
    expected = np.linalg.solve(s * np.eye(2) - a, column[:, None] / 2.0)[:, 1, 0]
    assert np.allclose(plant.response(FREQUENCIES), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("family", FAMILIES)
def test_that_the_drop_of_the_rectifier_adds_to_the_gain_at_dc(family):
    power = power_stage(family, 12.0, 0.4, 2.0, drop=0.8)
    a, column, _ = averaged(family, power, 100e-6)
    plant = voltage_plant(family, power, OutputFilter(100e-6), VoltageMode(2.0))
    assert plant.gain == pytest.approx(-np.linalg.solve(a, column / 2.0)[1], rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("share", [0.0, 0.6, 1.5])
def test_that_a_current_mode_plant_solves_ericksons_more_accurate_model(family, share):
    """i = ic - Ma T d - D^2 T m1 / 2 - D'^2 T m2 / 2, the output exact, at low frequency."""
    power = power_stage(family, 12.0, 0.4, 2.0)
    a, column, on = averaged(family, power, 100e-6)
    vin, vout, inductance = 12.0, float(power.vout), 22e-6
    fall = {"boost": vout - vin}.get(family, vout) / inductance
    modulator = PeakCurrentMode(0.1, 0.1 * share * fall)
    period = 1 / 250e3
    # How the slopes m1 and m2 of each converter follow the output.
    first, second = {"buck": (-1, 1), "boost": (0, 1), "buck_boost": (0, 1)}[family]
    by_output = period / (2 * inductance) * (on**2 * first + (1 - on) ** 2 * second)
    s = 2j * np.pi * 1.0
    system = np.zeros((3, 3), dtype=complex)  # current, output, duty
    system[:2, :2] = s * np.eye(2) - a
    system[:2, 2] = -column
    system[2] = [1.0, by_output, share * fall * period]
    expected = np.linalg.solve(system, [0, 0, 1 / 0.1])[1]
    plant = current_plant(family, power, OutputFilter(100e-6), modulator)
    assert plant.response(1.0) == pytest.approx(expected, rel=1e-3)
    half = plant.response(float(plant.pole)) / plant.gain
    assert abs(half) == pytest.approx(np.sqrt(0.5), rel=0.05)


def test_that_a_flyback_is_an_inverting_converter_with_the_inductance_of_its_secondary():
    power, output = stage(16, 12, 2, 4e-6, drop=0.5), OutputFilter(100e-6, 5e-3)
    for make, modulator in (
        (voltage_plant, VoltageMode(1.0)),
        (current_plant, PeakCurrentMode(0.05, 1e4)),
    ):
        both = [make(f, power, output, modulator).response(3e3) for f in ("flyback", "buck_boost")]
        assert both[0] == both[1]


def test_that_half_the_switching_frequency_resonates_as_ridley_says():
    """Buck, D 0.4545, no ramp: Q = 1 / (pi (D' - 0.5)); none at mc D' = 0.5 + 1 / pi."""
    power = stage(11, 5, 5, 37.5e-6, fsw=50e3)
    rise = float(PeakCurrentMode(0.33, 0.0).slopes("buck", power).rise)
    plain = current_plant("buck", power, OutputFilter(400e-6), PeakCurrentMode(0.33, 0.0))
    assert plain.quality == pytest.approx(1 / (np.pi * (6 / 11 - 0.5)))
    assert plain.resonance == 25e3
    damping = ((0.5 + 1 / np.pi) / (6 / 11) - 1) * rise
    damped = current_plant("buck", power, OutputFilter(400e-6), PeakCurrentMode(0.33, damping))
    assert damped.quality == pytest.approx(1.0)


def test_that_a_buck_filter_with_losses_is_the_circuit():
    power = stage(12, 5, 2, 10e-6)
    output = OutputFilter(47e-6, 20e-3, winding=50e-3)
    plant = voltage_plant("buck", power, output, VoltageMode(1.5))
    s = 2j * np.pi * FREQUENCIES
    parallel = 1 / (1 / 2.5 + 1 / (20e-3 + 1 / (s * 47e-6)))
    expected = 8 * parallel / (parallel + 50e-3 + s * 10e-6)
    assert plant.response(FREQUENCIES) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("make", [voltage_plant, current_plant])
def test_that_a_cuk_has_no_averaged_plant(make):
    with pytest.raises(DesignError, match="no averaged plant of a cuk"):
        make("cuk", stage(12, 5, 2, 1e-5), OutputFilter(1e-5), VoltageMode())


def test_that_the_highest_crossover_is_the_least_of_its_limits():
    fast = stage(12, 5, 2, 1e-6, fsw=350e3)
    assert highest_crossover("buck", fast) == pytest.approx(50e3)
    slow = stage(5, 12, 1, 20e-6, fsw=350e3)
    zero = 12 * (5 / 12) ** 2 / (2 * np.pi * 20e-6)
    assert highest_crossover("boost", slow) == pytest.approx(zero / 4)
    on = 12 / 17
    zero = 12 * (1 - on) ** 2 / (2 * np.pi * on * 20e-6)
    for family in ("buck_boost", "flyback", "sepic", "cuk"):
        assert highest_crossover(family, slow) == pytest.approx(zero / 4)
    isolated = stage(12, 5, 2, 1e-6, fsw=350e3, isolated=True)
    assert highest_crossover("forward", isolated) == pytest.approx(10e3)
