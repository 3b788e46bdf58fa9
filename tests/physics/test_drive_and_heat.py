"""Core loss as sold, edges and drive, junction temperatures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import Inductor
from arcs_engine.circuits.parts import drivers, volumes
from arcs_engine.performance import core_loss, thermal


def of(value):
    return np.array([float(value)])


L1 = Inductor("L1", "a", "b")


def test_that_the_powder_law_is_magnetics_kool_mu():
    # 44.3 B^1.988 f^1.541, mW/cm3 with T and kHz.
    for fsw, amplitude in ((100e3, 0.1), (400e3, 0.033), (50e3, 0.2)):
        expected = 44.3 * amplitude**1.988 * (fsw / 1e3) ** 1.541
        found = core_loss.powder_density(of(fsw), of(amplitude))[0] / 1e3
        assert found == pytest.approx(expected, rel=2e-3)


def test_that_the_moulded_core_is_the_volume_of_its_permeability():
    made = parts.inductor("L1", parts.Coil(of(10e-6), of(5.0)), of(400e3))
    swing = 10e-6 * 2.0 / made["L1.turns_area"]
    volume = 0.73 * made["L1.core_volume"]
    density = 2 * core_loss.powder_density(of(400e3), swing / 2)
    found = core_loss.moulded_core_loss(L1, made, of(2.0), of(400e3))
    assert found == pytest.approx(density * volume, rel=0.01)


def test_that_edges_have_a_floor_and_a_slope():
    assert drivers.edge_time(of(1e-9), of(12), of(300e3))[0] == pytest.approx(7e-9)
    assert drivers.edge_time(of(1e-9), of(400), of(100e3))[0] == pytest.approx(40e-9)
    assert drivers.edge_time(of(50e-9), of(12), of(300e3))[0] == pytest.approx(15e-9)


def test_that_integrated_parts_are_faster():
    fast = of(2e6)
    assert 2e-9 <= drivers.edge_time(of(1e-9), of(12), fast)[0] <= 3e-9
    assert 5e-9 <= drivers.dead_time(fast)[0] <= 10e-9
    assert drivers.dead_time(of(300e3))[0] == pytest.approx(30e-9)
    assert drivers.controller_loss(of(12), fast) < drivers.controller_loss(of(12), of(300e3))


@pytest.mark.parametrize(
    ("vin", "vout", "isolated", "supply"),
    [
        (12, 3.3, False, 12),
        (48, 12, False, 12),
        (48, 12, True, 48),
        (375, 12, True, 12),
        (3.3, 1.2, False, 5),
        (12, 24, False, 12),
    ],
)
def test_that_the_driver_is_fed_as_boards_do(vin, vout, isolated, supply):
    assert drivers.supply_voltage(of(vin), of(vout), isolated)[0] == supply


def test_that_a_linear_regulator_costs_the_gate_its_input():
    low, high = drivers.drive_loss(np.array([40e-9, 40e-9]), np.array([10, 48.0]), of(300e3))
    assert low == pytest.approx(40e-9 * 10 * 300e3)
    assert high == pytest.approx(4.8 * low)


def test_that_sense_resistor_and_snubber_follow_their_formulas():
    assert drivers.sense_resistance(of(5))[0] == pytest.approx(0.1 / 6.5)
    assert drivers.snubber_loss(of(100e-12), of(100), of(100e3))[0] == pytest.approx(
        3 * 100e-12 * 100**2 * 100e3
    )


def test_that_the_junction_settles_where_loss_and_heat_balance():
    # Ta 40, Rth 50, 20 mOhm, 0.006/K, 4 A, 0.3 W of switching.
    found = thermal.junction_temperature(40.0, of(50), of(0.3), of(16 * 20e-3), 0.006)[0]
    assert found == pytest.approx(75.885, abs=1e-3)
    lost = 0.3 + thermal.at_temperature(of(16 * 20e-3), 0.006, found)[0]
    assert lost == pytest.approx(0.71770, abs=1e-5)
    assert 40 + 50 * lost == pytest.approx(found)


@given(
    st.floats(-40, 85),
    st.floats(10, 300),
    st.floats(0, 3),
    st.floats(1e-3, 5),
    st.floats(-5e-3, 8e-3),
)
def test_that_the_closed_form_is_what_iterating_finds(ambient, resistance, constant, lost, rise):
    found = thermal.junction_temperature(ambient, of(resistance), of(constant), of(lost), rise)[0]
    feedback = resistance * lost * rise
    if feedback >= 1:
        assert np.isinf(found)
    else:
        balance = ambient + resistance * (constant + lost * (1 + rise * (found - 25)))
        assert found == pytest.approx(balance, rel=1e-6, abs=1e-6)


def test_that_a_hot_diode_loses_less():
    warm = thermal.junction_temperature(40.0, of(60), of(0.0), of(1.0), 0.0)
    forward = thermal.forward_fall(of(0.5))
    assert thermal.junction_temperature(40.0, of(60), of(0.0), of(1.0), forward) < warm


@pytest.mark.parametrize(
    ("on_resistance", "rated", "least", "inch"),
    [(1e-3, 30, 92, 50), (7e-3, 100, 92, 50), (2.0, 600, 77.3, 26.3)],
)
def test_that_packages_cool_as_an994_measures(on_resistance, rated, least, inch):
    package = volumes.bare_mosfet(of(on_resistance), of(rated))
    assert thermal.mosfet_thermal_resistance(package)[0] == pytest.approx(inch, rel=0.03)
    assert thermal.mosfet_thermal_resistance(package, 30e-6)[0] == pytest.approx(least, rel=0.03)


@given(st.floats(1e-6, 1e-2), st.floats(1.0, 900.0))
def test_that_more_copper_or_a_larger_package_never_heats(copper, package):
    for resistance in (thermal.mosfet_thermal_resistance, thermal.diode_thermal_resistance):
        base, spread = resistance(of(package), np.array([copper, 1.5 * copper]))
        assert spread <= base
        assert resistance(of(1.5 * package), of(copper))[0] <= base


def test_that_too_hot_a_part_is_named():
    hot = thermal.overheating("Q1", 143.2, 125.0, "at 9 V and full load")
    assert hot.startswith("Q1 reaches 143 °C at 9 V and full load, 18 °C above the limit of 125 °C")
    assert "Q1 runs away at 9 V" in thermal.overheating("Q1", np.inf, 125.0, "at 9 V")
