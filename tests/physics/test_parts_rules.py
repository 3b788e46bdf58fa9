"""Every design value has a counterweight (DESIGN section 5, point 8)."""

import numpy as np
import pytest
from converters import ordinary_spec, textbook_values
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine import losses, parts
from arcs_engine.spec import SpecBatch

RISING = np.array([1.0, 1.5, 2.2, 4.7, 10.0])


def test_that_a_larger_inductance_costs_winding_resistance():
    resistance = parts.winding_resistance(RISING * 1e-6, np.full(5, 5.0))
    assert np.all(np.diff(resistance) > 0)


def test_that_an_inductor_for_more_current_has_less_resistance_a_henry():
    resistance = parts.winding_resistance(np.full(5, 10e-6), RISING)
    assert np.all(np.diff(resistance) < 0)


def test_that_the_winding_of_a_data_sheet_part_is_met_within_a_quarter():
    # 10 uH, 17.5 A saturation, 13 mOhm; 1 uH, 8.7 A, 13 mOhm is the anchor's other end.
    peak = np.array([17.5 * parts.SATURATION_DERATING])
    assert parts.winding_resistance(np.array([10e-6]), peak)[0] == pytest.approx(0.013, rel=0.25)


def test_that_a_lower_on_resistance_costs_gate_and_output_charge():
    on_resistance, rated = 10e-3 / RISING, np.full(5, 60.0)
    assert np.all(np.diff(parts.gate_charge(on_resistance, rated)) > 0)
    assert np.all(np.diff(parts.output_charge(on_resistance, rated)) > 0)


def test_that_the_gate_charge_is_that_of_a_data_sheet_part():
    # BSC028N06NS: 2.8 mOhm, 60 V, 37 nC
    assert parts.gate_charge(np.array([2.8e-3]), np.array([60.0]))[0] == pytest.approx(
        37e-9, rel=0.1
    )


def test_that_a_higher_voltage_class_costs_charge():
    classes = np.array([40.0, 60, 100, 200, 600])
    assert np.all(np.diff(parts.gate_charge(np.full(5, 10e-3), classes)) > 0)


def test_that_more_capacitance_allows_less_esr_in_each_technology():
    bound = parts.esr_bound(RISING * 10e-6, np.full(5, 10.0))
    assert np.all(np.diff(bound) <= 0)
    assert np.all(bound > 0)


@given(st.floats(0.1, 900))
def test_that_a_rating_is_the_first_that_covers_the_need(need):
    rating = parts.rating_above(np.array([need]), parts.VOLTAGE_CLASSES)[0]
    assert rating >= need
    assert not np.any((need <= parts.VOLTAGE_CLASSES) & (rating > parts.VOLTAGE_CLASSES))


def test_that_there_is_no_rating_above_the_largest():
    assert np.isnan(parts.rating_above(np.array([1201.0]), parts.VOLTAGE_CLASSES)[0])


def switching(on_resistance=5e-3, current=3.0, voltage=24.0, fsw=200e3):
    edges = np.array([[current, current, voltage, voltage]])
    return losses.switching_losses(
        np.array([on_resistance]), np.array([voltage]), edges, np.array([fsw])
    )


def test_that_switching_losses_follow_their_formulas():
    found = switching()
    rated = 30.0  # the first class above 24 V / 0.8
    gate = float(parts.gate_charge(np.array([5e-3]), np.array([rated]))[0])
    assert found["gate"][0] == pytest.approx(gate * 10.0 * 200e3)
    overlap_time = 0.3 * gate / 1.0
    assert found["switching"][0] == pytest.approx(0.5 * overlap_time * 2 * 24.0 * 3.0 * 200e3)
    charge = 1.2 * gate * np.sqrt(24.0 / (rated / 2))
    assert found["output charge"][0] == pytest.approx(0.5 * charge * 24.0 * 200e3)


@pytest.mark.parametrize("kind", ["switching", "output charge", "gate"])
def test_that_each_switching_loss_is_proportional_to_the_frequency(kind):
    assert switching(fsw=400e3)[kind][0] == pytest.approx(2 * switching()[kind][0])


@pytest.mark.parametrize("kind", ["switching", "output charge", "gate"])
def test_that_each_switching_loss_falls_with_the_on_resistance(kind):
    assert switching(on_resistance=10e-3)[kind][0] == pytest.approx(0.5 * switching()[kind][0])


def test_that_the_core_loss_follows_steinmetz():
    one = np.ones(1)
    base = losses.core_loss(10e-6 * one, 5 * one, 1.5 * one, 200e3 * one)[0]
    more_ripple = losses.core_loss(10e-6 * one, 5 * one, 3.0 * one, 200e3 * one)[0]
    assert more_ripple / base == pytest.approx(2**2.5)
    faster = losses.core_loss(10e-6 * one, 5 * one, 1.5 * one, 400e3 * one)[0]
    assert faster / base == pytest.approx(2**1.4)
    volume = 0.5 * 0.5 * 10e-6 * (5 / 0.7) ** 2 / 1400
    density = 375e3 * 2**1.4 * (0.3 * 0.75 / (5 / 0.7) / 0.2) ** 2.5
    assert base == pytest.approx(density * volume)


def test_that_a_larger_inductance_makes_the_whole_inductor_more_resistive(topology):
    """Through the topology's own rule for the peak current."""
    spec = ordinary_spec(topology)
    values = textbook_values(topology, spec)
    name = next((v.name for v in topology.design_values if v.part == topology.main_inductor), None)
    factors = np.array([1.0, 2.0, 4.0])
    arrays = {n: np.full(3, v) * (factors if n == name else 1) for n, v in values.items()}
    specs = SpecBatch.of([spec] * 3)
    key = f"{topology.main_inductor}.dcr"
    assert np.all(np.diff(topology.parameters(arrays, specs)[key]) > 0)


def test_that_the_peak_current_is_continuous_at_the_boundary():
    mean, ripple = np.array([1.0, 1.0, 1.0]), np.array([1.999999, 2.0, 2.000001])
    assert parts.peak_current(mean, ripple) == pytest.approx(2.0, rel=1e-5)
    assert parts.peak_current(np.array([1.0]), np.array([8.0]))[0] == pytest.approx(4.0)
