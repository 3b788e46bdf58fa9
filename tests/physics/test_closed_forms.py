"""The solver against formulas of textbooks, on circuits that meet their assumptions."""

import numpy as np
import pytest
from converters import lossless, solve_one, spec_of, textbook_values
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.simulation.steady.meter import MAX_I, MIN_I

# Erickson and Maksimovic, Fundamentals of Power Electronics, 2nd ed., sections 2.3, 6.1 and table
# 5.2: conversion ratio |Vout / Vin| in continuous and in discontinuous conduction, K = 2 L f / R.
CONTINUOUS = {
    "buck": lambda d: d,
    "boost": lambda d: 1 / (1 - d),
    "buck_boost": lambda d: d / (1 - d),
    "cuk": lambda d: d / (1 - d),
    "sepic": lambda d: d / (1 - d),
}
DISCONTINUOUS = {
    "buck": lambda d, k: 2 / (1 + np.sqrt(1 + 4 * k / d**2)),
    "boost": lambda d, k: (1 + np.sqrt(1 + 4 * d**2 / k)) / 2,
    "buck_boost": lambda d, k: d / np.sqrt(k),
}
ONE_INDUCTOR = [REGISTRY[name] for name in DISCONTINUOUS if name in REGISTRY]
NO_TRANSFORMER = [REGISTRY[name] for name in CONTINUOUS if name in REGISTRY]
BUCK, BUCK_BOOST = REGISTRY["buck"], REGISTRY["buck_boost"]

duties = st.floats(0.15, 0.75)
inputs = st.floats(5, 60)
currents = st.floats(0.3, 5)
frequencies = st.floats(50e3, 500e3)


def named(topology):
    return topology.name


def ideal_case(topology, vin, duty, iout, fsw):
    spec = spec_of(vin, vin * CONTINUOUS[topology.name](duty), iout, fsw)
    return spec, textbook_values(topology, spec)


@pytest.mark.parametrize("topology", NO_TRANSFORMER, ids=named)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(vin=inputs, duty=duties, iout=currents, fsw=frequencies)
def test_that_a_lossless_converter_is_solved_to_the_textbook_duty(topology, vin, duty, iout, fsw):
    spec, values = ideal_case(topology, vin, duty, iout, fsw)
    found = solve_one(topology, lossless(topology, spec, values), fsw, vout=spec.vout)
    assert found.duty[0] == pytest.approx(duty, rel=1e-3)


@pytest.mark.parametrize("topology", NO_TRANSFORMER, ids=named)
def test_that_the_declared_ideal_duty_is_the_textbook_one(topology):
    vin, duty = np.array([5.0, 12.0, 48.0]), np.array([0.2, 0.5, 0.7])
    vout = vin * CONTINUOUS[topology.name](duty)
    assert topology.ideal_duty(vin, vout) == pytest.approx(duty)
    assert topology.ideal_output(vin, duty) == pytest.approx(vout)


@pytest.mark.parametrize("topology", NO_TRANSFORMER, ids=named)
def test_that_the_output_has_the_declared_sign(topology):
    spec, values = ideal_case(topology, 12.0, 0.4, 1.0, 200e3)
    found = solve_one(topology, lossless(topology, spec, values), spec.fsw, vout=spec.vout)
    assert np.sign(found.vout[0]) == (-1 if topology.inverting else 1)
    assert abs(found.vout[0]) == pytest.approx(spec.vout, rel=2e-5)  # newton.FINE


@pytest.mark.parametrize("topology", [BUCK, BUCK_BOOST], ids=named)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(vin=inputs, duty=duties, iout=currents, fsw=frequencies)
def test_that_the_inductor_ripple_is_vout_over_lf_in_the_off_time(topology, vin, duty, iout, fsw):
    spec, values = ideal_case(topology, vin, duty, iout, fsw)
    steady_output = lossless(topology, spec, values, Cout=10e-3)  # the form knows no ripple
    found = solve_one(topology, steady_output, fsw, vout=spec.vout)
    expected = spec.vout * (1 - found.duty[0]) / (values["L1"] * fsw)
    ripple = found.sum("L1", MAX_I) - found.sum("L1", MIN_I)
    assert ripple[0] == pytest.approx(expected, rel=2e-3)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(vin=inputs, duty=duties, iout=currents, fsw=frequencies)
def test_that_a_buck_without_esr_ripples_by_the_inductor_ripple_over_8fc(vin, duty, iout, fsw):
    spec, values = ideal_case(BUCK, vin, duty, iout, fsw)
    values["Cout"] *= 10  # the formula takes the output to be flat for the inductor
    found = solve_one(BUCK, lossless(BUCK, spec, values), fsw, vout=spec.vout)
    inductor_ripple = spec.vout * (1 - duty) / (values["L1"] * fsw)
    expected = inductor_ripple / (8 * fsw * values["Cout"])
    # 20 MHz and 1 uOhm leave their trace of a few per mille at 500 kHz.
    assert found.output_ripple[0] == pytest.approx(expected, rel=1e-2)


def test_that_a_buck_boost_without_esr_ripples_by_what_the_load_takes_in_the_on_time():
    spec, values = ideal_case(BUCK_BOOST, 24.0, 0.4, 3.2, 100e3)
    values["Cout"] *= 10
    found = solve_one(BUCK_BOOST, lossless(BUCK_BOOST, spec, values), spec.fsw, vout=spec.vout)
    expected = spec.iout * 0.4 / (spec.fsw * values["Cout"])
    assert found.output_ripple[0] == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("topology", ONE_INDUCTOR, ids=named)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(vin=inputs, duty=st.floats(0.1, 0.6), depth=st.floats(0.05, 0.8), fsw=frequencies)
def test_that_discontinuous_conduction_follows_its_own_ratio(topology, vin, duty, depth, fsw):
    # K_critical: (1 - D) for the buck, D (1 - D)^2 for the boost, (1 - D)^2 for the buck-boost.
    critical = {"buck": 1 - duty, "boost": duty * (1 - duty) ** 2}.get(
        topology.name, (1 - duty) ** 2
    )
    k = depth * critical
    vout = vin * DISCONTINUOUS[topology.name](duty, k)
    spec = spec_of(vin, vout, 0.5, fsw)
    inductance = k * (vout / spec.iout) / (2 * fsw)
    values = textbook_values(topology, spec) | {"L1": inductance, "Cout": 1e-3}
    parameters = lossless(topology, spec, values)
    regulated = solve_one(topology, parameters, fsw, vout=vout)
    assert regulated.duty[0] == pytest.approx(duty, rel=3e-3)
    assert regulated.idle[0] > 0
    open_loop = solve_one(topology, parameters, fsw, duty=duty)
    assert abs(open_loop.vout[0]) == pytest.approx(vout, rel=3e-3)


def test_that_the_ideal_duty_would_be_far_off_in_discontinuous_conduction():
    spec = spec_of(12.0, 5.0, 0.05, 100e3)
    values = textbook_values(BUCK, spec) | {"L1": 10e-6}
    found = solve_one(BUCK, lossless(BUCK, spec, values), spec.fsw, vout=spec.vout)
    assert found.duty[0] < 0.5 * BUCK.ideal_duty(12.0, 5.0)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    vin=inputs, duty=duties, iout=currents, drop=st.floats(0.2, 1.0), resistance=st.floats(0, 0.1)
)
def test_that_a_bucks_duty_makes_up_for_drop_and_resistance(vin, duty, iout, drop, resistance):
    spec, values = ideal_case(BUCK, vin, duty, iout, 200e3)
    real = {"D1.vf": drop, "Q1_rds_on": resistance + 1e-4, "L1.dcr": resistance / 2}
    found = solve_one(BUCK, lossless(BUCK, spec, values, **real), spec.fsw, vout=spec.vout)
    # D (Vin - I Rds) - (1 - D) Vf - I Rdcr = Vout, averaged over a period
    expected = (spec.vout + drop + iout * real["L1.dcr"]) / (vin + drop - iout * real["Q1_rds_on"])
    if expected < BUCK.max_duty:
        assert found.duty[0] == pytest.approx(expected, rel=1e-3)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    vin=inputs, duty=st.floats(0.15, 0.6), iout=currents, drop=st.floats(0.2, 1.0),
    share=st.floats(0.001, 0.03),
)  # fmt: skip
def test_that_a_buck_boosts_duty_makes_up_for_drop_and_resistance(vin, duty, iout, drop, share):
    spec, values = ideal_case(BUCK_BOOST, vin, duty, iout, 200e3)
    resistance = share * vin / iout
    real = {"D1.vf": drop, "Q1_rds_on": resistance}
    values["Cout"] *= 10
    found = solve_one(BUCK_BOOST, lossless(BUCK_BOOST, spec, values, **real), 200e3, vout=spec.vout)
    d = found.duty[0]
    # D (Vin - I Rds) = (1 - D) (Vout + Vf) with I = Iout / (1 - D)
    gained = d * (vin - resistance * iout / (1 - d))
    assert gained == pytest.approx((1 - d) * (spec.vout + drop), rel=2e-3)


def test_that_the_ideal_duty_would_miss_the_output_by_some_percent():
    spec, values = ideal_case(BUCK, 12.0, 0.4, 2.0, 200e3)
    parameters = lossless(BUCK, spec, values, **{"D1.vf": 0.5, "Q1_rds_on": 0.05})
    open_loop = solve_one(BUCK, parameters, spec.fsw, duty=0.4)
    assert open_loop.vout[0] < 0.97 * spec.vout
