"""Loops that data sheets and books publish: the arithmetic tightly, the publication loosely.

The data sheets' formulas leave out the lower resistor of the divider, and so do most tests here.
"""

from dataclasses import replace
from math import pi

import numpy as np
import pytest
from loops import IDEAL, crossings, loop_of, stage

from arcs_engine.circuits.control import (
    OpAmp,
    OpAmpTypeThree,
    OpAmpTypeTwo,
    Optocoupler,
    Ota,
    OtaTypeTwo,
    OutputFilter,
    PeakCurrentMode,
    Plant,
    VoltageMode,
    current_plant,
    k_factor,
    voltage_plant,
)

ST = {
    "L5987": (
        stage(12, 3.3, 3, 10e-6),
        {"R1": 4990, "R3": 220, "C3": 3.3e-9, "R2": 3300, "C1": 10e-9, "C2": 180e-12},
    ),
    "L5980": (
        stage(12, 3.3, 0.7, 47e-6),
        {"R1": 4990, "R3": 120, "C3": 6.8e-9, "R2": 5600, "C1": 10e-9, "C2": 100e-12},
    ),
}
"""Buck converters with a PWM gain of 9 and 22 µF of 1 mΩ, from ST's data sheets."""


def st_loop(part, amplifier, **more):
    power, values = ST[part]
    plant = voltage_plant("buck", power, OutputFilter(22e-6, 1e-3), VoltageMode(12 / 9))
    return crossings(loop_of(plant, OpAmpTypeThree(amplifier), values | more), 1e3)


@pytest.mark.parametrize(
    ("part", "bandwidth", "crossover", "margin"),
    [
        ("L5987", 1e12, 69_254, 52.74),
        ("L5987", 4.5e6, 72_346, 47.50),
        ("L5980", 1e12, 51_610, 58.89),
        ("L5980", 4.5e6, 58_617, 48.87),
    ],
)
def test_that_the_loops_of_st_bucks_cross_where_arithmetic_says(part, bandwidth, crossover, margin):
    ((found, degrees),) = st_loop(part, OpAmp(bandwidth, 1e9))
    assert found == pytest.approx(crossover, rel=1e-4)
    assert degrees == pytest.approx(margin, abs=0.01)


@pytest.mark.parametrize(
    ("part", "crossover", "margin"), [("L5987", 71e3, 46), ("L5980", 57e3, 45)]
)
def test_that_a_real_divider_brings_the_st_bucks_to_what_st_publishes(part, crossover, margin):
    """The lower resistor lowers the feedback of the amplifier, and so its speed."""
    ((found, degrees),) = st_loop(part, OpAmp(4.5e6, 5600), Rlower=1100)
    assert found == pytest.approx(crossover, rel=0.01)
    assert degrees == pytest.approx(margin, abs=1.5)


def test_that_the_l4973_has_the_margin_that_an938_publishes():
    """The note gives no load; it is the regulator's rated 3.5 A at 5.1 V here."""
    plant = voltage_plant(
        "buck", stage(6, 5.1, 3.5, 68e-6), OutputFilter(300e-6, 65e-3), VoltageMode(1.0)
    )
    assert plant.esr_zero == pytest.approx(8162, rel=1e-4)
    compensator = OtaTypeTwo(Ota(1.65e-3, 1e12))
    values = {"R1": 1e4, "R2": 15e3, "C1": 22e-9, "C2": 150e-12}
    loop = loop_of(plant, compensator, values)(np.array([22e3]))[0]
    assert compensator.corners(values).poles[0] == pytest.approx(70.7e3, rel=0.01)
    margin = 180 + np.degrees(np.angle(loop))
    assert 1.65e-3 / abs(loop) == pytest.approx(1.65e-3, rel=5e-3), "gm for a crossover at 22 kHz"
    assert margin == pytest.approx(52.8, abs=0.35)
    assert margin == pytest.approx(52, abs=1)


def test_that_the_lm2743_crosses_where_ti_aims():
    plant = voltage_plant(
        "buck",
        stage(3.3, 1.2, 4, 2.2e-6),
        OutputFilter(560e-6, 14e-3, winding=12e-3),
        VoltageMode(1.0),
    )
    ((bare, bare_margin),) = crossings(plant.response)
    assert bare == pytest.approx(9329, rel=1e-4)
    assert bare_margin == pytest.approx(45.7, abs=0.05)
    assert bare == pytest.approx(10e3, rel=0.1), "TI's plot"
    values = {"R1": 1e4, "R2": 39.2e3, "C2": 27e-12, "C1": 820e-12, "C3": 2.7e-9, "R3": 2.55e3}
    ((found, margin),) = crossings(loop_of(plant, OpAmpTypeThree(OpAmp(9e6, 1e9)), values))
    assert found == pytest.approx(55_030, rel=1e-4)
    assert margin == pytest.approx(59.9, abs=0.05)
    assert found == pytest.approx(60e3, rel=0.1), "TI's goal"


def test_that_the_tps40195_crosses_where_ti_aims():
    plant = Plant(12.0, esr_zero=318e3, resonance=5.8e3, quality=5.0)
    decibel = 20 * np.log10(abs(plant.response(50e3)))
    assert decibel == pytest.approx(-15.62, abs=0.005)
    assert decibel == pytest.approx(-15.8, abs=0.2), "TI's figure"
    values = {
        "R1": 51e3,
        "R3": 357,
        "C3": 1.5e-9,
        "R2": 12.7e3,
        "C1": 2.2e-9,
        "C2": 33e-12,
    }
    ((found, margin),) = crossings(loop_of(plant, OpAmpTypeThree(IDEAL), values))
    assert found == pytest.approx(48_532, rel=1e-4)
    assert margin == pytest.approx(74.5, abs=0.05)
    assert found == pytest.approx(50e3, rel=0.05), "TI's goal"


def test_that_the_tps54040a_crosses_where_its_own_equation_says():
    capacitance = 0.5 / (2 * pi * 5 * 752)
    compensator = OtaTypeTwo(Ota(92e-6, 1e12))
    plant = Plant(19.0, pole=1 / (2 * pi * 10 * capacitance))
    values = {"R1": 420e3, "Rlower": 80e3, "R2": 76.8e3, "C1": 2.7e-9, "C2": 5.6e-12}
    ((found, _),) = crossings(loop_of(plant, compensator, values))
    assert found == pytest.approx(16_105, rel=1e-4)
    # TI's equations: R4 for a crossover at 16.2 kHz far above the pole, C5 for a zero on the pole.
    far = abs(19.0 * float(plant.pole) / 16.2e3)
    gain = compensator.corners(values | {"C2": 1e-18}).gain / values["R2"]
    assert 1 / (far * gain) == pytest.approx(77.0e3, rel=1e-3)
    assert 1 / (far * gain) == pytest.approx(77.1e3, rel=2e-3)
    zero = compensator.corners(values).zeros[0]
    assert values["C1"] * zero / plant.pole == pytest.approx(2756e-12, rel=5e-4)
    assert 1 / (pi * values["R2"] * 700e3) == pytest.approx(5.92e-12, rel=1e-3)


def test_that_the_lm5022_has_the_corners_that_ti_publishes():
    fitted = {"R1": 1e4, "R2": 3.01e3, "C1": 120e-9, "C2": 560e-12}
    corners = OpAmpTypeTwo().corners(fitted)
    assert corners.zeros[0] == pytest.approx(440.6, rel=1e-4)
    assert corners.poles[0] == pytest.approx(94.86e3, rel=1e-4)
    exact = OpAmpTypeTwo().corners(fitted | {"C1": 125e-9, "C2": 531.0e-12})
    assert exact.poles[0] == pytest.approx(100e3, rel=1e-4)


def test_that_the_boost_of_the_lm5022_is_the_limit_of_a_large_inductor():
    """APS = D' R / (2 Rs), pole 2 / (R C), TI SNVS480G, which leaves out what the ramp does."""
    power = stage(9, 40, 0.5, 1.0, fsw=500e3)
    plant = current_plant("boost", power, OutputFilter(10e-6), PeakCurrentMode(0.1, 0.0))
    assert plant.gain == pytest.approx(9 / 40 * 80 / (2 * 0.1), rel=1e-4)
    assert plant.pole == pytest.approx(2 / (2 * pi * 80 * 10e-6), rel=1e-4)


def test_that_the_flyback_of_the_ucc28c42_is_as_ti_publishes():
    turns = 10.0
    power = stage(75 / turns, 12, 4, 1.5e-3 / turns**2, fsw=110e3, drop=0.6)
    modulator = PeakCurrentMode(sense=0.75 * 3 / turns, compensation=0.0)
    plant = current_plant("flyback", power, OutputFilter(2200e-6, 43e-3), modulator)
    assert power.step_up_down_duty == pytest.approx(0.6269, rel=1e-4)
    assert 20 * np.log10(plant.gain) == pytest.approx(9.46, abs=0.005)
    assert plant.pole == pytest.approx(40.4, rel=1e-3)
    assert plant.esr_zero == pytest.approx(1682, rel=5e-4)
    assert plant.right_zero == pytest.approx(7069.8, rel=1e-4)
    assert plant.right_zero / 4 == pytest.approx(1.77e3, rel=2e-3)
    at_goal = replace(plant, resonance=np.inf).response(1770.0)
    decibel, degrees = 20 * np.log10(abs(at_goal)), np.degrees(np.angle(at_goal))
    assert (decibel, degrees) == pytest.approx((-19.88, -56.3), abs=0.05)
    assert (decibel, degrees) == pytest.approx((-19.55, -58), abs=2), "TI's figures"


def test_that_the_ucc2800_gets_the_parts_that_ti_gives():
    values = {"R1": 10e3, "R2": 83.77e3, "C1": 10e-9, "C2": 1e-15}
    assert OpAmpTypeTwo().corners(values).zeros[0] == pytest.approx(190, rel=1e-4)
    opto = Optocoupler(pole=6e3, pole_load=10e3)
    assert opto.capacitance == pytest.approx(2.653e-9, rel=2e-4)


def test_that_the_lm5574_crosses_where_arithmetic_says():
    plant = Plant(0.5 * 20, pole=1 / (2 * pi * 20 * 22e-6))
    assert plant.pole == pytest.approx(361.7, rel=1e-4)
    assert 20 * np.log10(plant.gain) == pytest.approx(20, abs=1e-6)
    values = {"R1": 5.11e3, "R2": 24.9e3, "C1": 22e-9, "C2": 1e-15}
    compensator = OpAmpTypeTwo(IDEAL)
    assert compensator.corners(values).zeros[0] == pytest.approx(290.5, abs=0.05)
    ((found, margin),) = crossings(loop_of(plant, compensator, values))
    assert found == pytest.approx(17_624, rel=1e-4)
    assert margin == pytest.approx(90.2, abs=0.05)


@pytest.mark.parametrize(
    ("load", "capacitance", "sense", "pole", "decibel", "published"),
    [
        (5 / 7, 320e-6, 10 * 10e-3, 696, 17.08, (700, 17)),
        (3.3 / 8, 724e-6, 10 * 8e-3, 532.9, 14.25, (532, 14.2)),
    ],
)
def test_that_the_modulators_of_lm25116_and_lm25119_are_as_published(
    load, capacitance, sense, pole, decibel, published
):
    """A buck whose inductor is so large that its current is the control voltage's."""
    plant = current_plant(
        "buck",
        stage(24, 3.3, 3.3 / load, 1e3),
        OutputFilter(capacitance),
        PeakCurrentMode(sense, 0.0),
    )
    found = 20 * np.log10(plant.gain)
    assert plant.pole == pytest.approx(pole, rel=1e-3)
    assert found == pytest.approx(decibel, abs=0.005)
    assert (plant.pole, found) == pytest.approx(published, rel=0.01)


def erickson_parts(lag):
    """Return a type III that is 3.7 (1 + fL/jf) (1 + jf/fz) / (1 + jf/fp) of a divider by 3."""
    upper, zero, pole = 10e3, 1 / (2 * pi * 1.7e3), 1 / (2 * pi * 14.5e3)
    capacitor = (zero - pole) / upper
    resistor = upper * 3.7 / 3
    return {
        "R1": upper,
        "R2": resistor,
        "R3": pole / capacitor,
        "C3": capacitor,
        "C1": 1 / (2 * pi * 500 * resistor) if lag else 1e3,
        "C2": 1e-18,
    }


@pytest.mark.parametrize(
    ("lag", "crossover", "margin"), [(False, 5272.1, 53.34), (True, 5290.3, 47.93)]
)
def test_that_the_buck_of_erickson_9_5_4_crosses_where_arithmetic_says(lag, crossover, margin):
    plant = voltage_plant("buck", stage(28, 15, 5, 50e-6), OutputFilter(500e-6), VoltageMode(4.0))
    assert plant.gain / 3 == pytest.approx(2.3333, rel=1e-4)
    ((found, degrees),) = crossings(
        loop_of(plant, OpAmpTypeThree(IDEAL), erickson_parts(lag)), 100, 1e5
    )
    assert found == pytest.approx(crossover, rel=1e-4)
    assert degrees == pytest.approx(margin, abs=0.01)
    assert found == pytest.approx(5e3, rel=0.06), "Erickson's goal"
    if not lag:
        assert degrees == pytest.approx(52, abs=1.5)


def test_that_the_corners_of_erickson_9_5_4_follow_from_its_goal():
    """fc sqrt((1 + sin PM) / (1 - sin PM)) is Venable's K at a boost of PM."""
    spread = k_factor(52, leads=False)
    assert 5e3 / spread == pytest.approx(1721.6, rel=1e-4)
    assert 5e3 * spread == pytest.approx(14_521, rel=1e-4)
    far = 28 / 4 / 3 * (1e3 / 5e3) ** 2  # his resonance, zero and pole are rounded
    assert np.sqrt(1.7 / 14.5) / far == pytest.approx(3.669, rel=1e-3)
