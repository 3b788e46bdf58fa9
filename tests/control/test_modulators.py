"""Modulators, and which methods suit which topology."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import stage

from arcs_engine.circuits.control import (
    METHODS,
    PeakCurrentMode,
    Slopes,
    VoltageMode,
    inductor_slopes,
    peak_current_mode,
    voltage_mode,
)
from arcs_engine.circuits.control.averaged import duty
from arcs_engine.circuits.crossover import RULES, SLOPE_SHARE
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS

positive = st.floats(1e3, 1e7)


def disturbed(slopes, compensation, error):
    """Follow a current that begins a period too high by a little, to the next period's beginning.

    The switch turns off where S1 t + error meets the control voltage less the ramp.
    """
    period, on = 1.0, slopes.fall / (slopes.rise + slopes.fall)
    limit = slopes.rise * on + compensation * on
    turned_off = (limit - error) / (slopes.rise + compensation)
    return error + slopes.rise * turned_off - slopes.fall * (period - turned_off)


@given(rise=positive, fall=positive, share=st.floats(0, 1.5))
def test_that_a_disturbance_is_multiplied_as_the_formula_says(rise, fall, share):
    slopes, compensation = Slopes(np.array(rise), np.array(fall)), share * fall
    error = 1e-3 * rise
    factor = disturbed(slopes, compensation, error) / error
    assert slopes.multiplier(compensation) == pytest.approx(factor, rel=1e-5, abs=1e-5)


@given(rise=positive, fall=positive)
def test_that_the_least_compensation_is_where_the_current_begins_to_alternate(rise, fall):
    slopes = Slopes(np.array(rise), np.array(fall))
    least = float(slopes.least_compensation)
    assert slopes.multiplier(least * 1.001 + 1.0) > -1
    if fall > rise * 1.001:
        assert slopes.multiplier(least) == pytest.approx(-1)
        assert slopes.subharmonic(least * 0.999)
        assert not slopes.subharmonic(least * 1.001)
    else:
        assert least <= 0.0005 * fall
    assert slopes.multiplier(fall) == 0, "deadbeat"


@pytest.mark.parametrize("family", ["buck", "boost", "buck_boost"])
def test_that_rise_and_fall_balance_at_the_lossless_duty(family):
    power = stage(12, 5 if family != "boost" else 30, 1, 10e-6, drop=0.4)
    slopes, on = inductor_slopes(family, power), duty(family, power)
    if family == "buck":  # the rectifier's drop counts while the switch is off alone
        assert on == pytest.approx(5.4 / 12.4)
    assert slopes.rise * on == pytest.approx(slopes.fall * (1 - on))


def test_that_what_is_sensed_are_the_slopes_times_the_sense_gain():
    power = stage(12, 5, 1, 10e-6)
    sensed = PeakCurrentMode(0.1, 0.0).slopes("buck", power)
    assert (sensed.rise, sensed.fall) == pytest.approx((0.1 * 7 / 10e-6, 0.1 * 5 / 10e-6))


def test_that_a_ramp_with_feed_forward_grows_with_the_input():
    inputs = np.array([9.0, 12.0, 18.0])
    assert VoltageMode(1.5).height(inputs) == pytest.approx([1.5, 1.5, 1.5])
    assert voltage_mode(12.0, feed_forward=True).height(inputs) == pytest.approx([0.75, 1.0, 1.5])
    assert voltage_mode(12.0).feed_forward is None


def test_that_the_default_current_mode_senses_its_peak_and_compensates_a_share_of_the_fall():
    slopes = inductor_slopes("boost", stage(5, 12, 1, 10e-6))
    made = peak_current_mode(slopes, peak=3.5)
    assert made.sense * 3.5 == pytest.approx(2.1)
    assert made.compensation == pytest.approx(SLOPE_SHARE * made.sense * 7 / 10e-6)
    assert made.compensation > made.slopes("boost", stage(5, 12, 1, 10e-6)).least_compensation


def test_that_every_topology_has_a_method_that_a_rule_knows_or_a_caution():
    for topology in (REGISTRY | VARIANTS).values():
        methods = METHODS[topology.family]
        for control in methods.suitable:
            known = (topology.family, control) in RULES
            assert known or (control == methods.default and methods.caution)


def test_that_defaults_are_current_mode_but_for_the_buck_and_the_cuk():
    defaults = {name: methods.default for name, methods in METHODS.items()}
    assert [name for name, control in defaults.items() if control == "voltage"] == ["buck", "cuk"]
    assert "two resonances" in METHODS["cuk"].caution
