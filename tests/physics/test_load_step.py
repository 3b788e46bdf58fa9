"""The deviation at a load step, against what an exact closed loop needs."""

from dataclasses import replace

import numpy as np
import pytest
from averaged import closed_loop_peak, free_damping, loop_gain
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.circuits import crossover as speed
from arcs_engine.circuits.crossover import Stage, crossover, within_limits
from arcs_engine.circuits.load_step import deviation, needed_capacitance

NO_ESR = np.zeros(1)


def of(value):
    return np.array([float(value)])


def stage(low, high, vout, load, fsw, inductance, **more):
    return Stage(*map(of, (low, high, vout, load, fsw, inductance)), **more)


BOOST = stage(4.5, 5.5, 12, 1, 300e3, 11.5e-6, drop=of(0.25))
FLYBACK = stage(36 / 3, 60 / 3, 12, 2, 250e3, 177e-6 / 9, drop=of(0.5))
INVERTING = stage(10, 14, 5, 2, 300e3, 11.9e-6)
BUCK = stage(10, 14, 5, 2, 300e3, 16.2e-6)


@pytest.mark.parametrize(
    ("family", "at", "zero", "capacitance", "formula"),
    [
        ("boost", BOOST, 22.5e3, 18.9e-6, 0.056),
        ("flyback", FLYBACK, 22.8e3, 40e-6, 0.053),
        ("buck_boost", INVERTING, 44.7e3, 51e-6, 0.050),
    ],
)
def test_that_half_the_load_deviates_as_the_exact_loop_does(family, at, zero, capacitance, formula):
    # Capacitance at which the exact closed loop deviates by 5 % at Vmin and Vmax.
    found = speed.boost_zero(at) if family == "boost" else speed.step_up_down_zero(at)
    assert found[0] == pytest.approx(zero, rel=0.03)
    volts = deviation(family, "current", at, at.load / 2, of(capacitance), NO_ESR)
    assert volts[0] / at.vout[0] == pytest.approx(formula, abs=0.0016)


@pytest.mark.parametrize(("control", "exact"), [("voltage", 19e-6), ("current", 18e-6)])
def test_that_a_buck_needs_the_capacitance_of_the_exact_loop(control, exact):
    needed = needed_capacitance("buck", control, BUCK, BUCK.load / 2, 0.05 * BUCK.vout, NO_ESR)
    assert needed[0] == pytest.approx(exact, rel=0.2)


def test_that_a_faster_boost_needs_the_less_capacitance():
    twice = replace(BOOST, fsw=2 * BOOST.fsw, inductance=BOOST.inductance / 2)
    once, less = (
        needed_capacitance("boost", "current", each, BOOST.load / 2, of(0.6), NO_ESR)[0]
        for each in (BOOST, twice)
    )
    assert less == pytest.approx(once / 2)
    assert (once, less) == pytest.approx((18.9e-6, 9.4e-6), rel=0.15)


ALL = sorted(speed.RULES)
POSITIVE = st.floats(0.1, 10.0)


def ordinary(family, low, vout, load, fsw, inductance, resonance):
    """Return a stage with the inductance that gives a ripple of some `inductance` of the load."""
    if family in speed.WITHOUT_ZERO:
        low = max(low, 1.2 * vout)
    if family == "boost":
        low = min(low, 0.9 * vout)
    return stage(
        low, 1.5 * low, vout, load, fsw, inductance * low / (load * fsw), resonance=of(resonance)
    )


@st.composite
def cases(draw):
    family, control = draw(st.sampled_from(ALL))
    at = ordinary(
        family,
        draw(st.floats(4.0, 40.0)),
        draw(st.floats(3.0, 48.0)),
        draw(POSITIVE),
        draw(st.floats(50e3, 2e6)),
        draw(st.floats(0.2, 3.0)),
        draw(st.floats(3e3, 3e5)),
    )
    return family, control, at, draw(st.floats(0.1, 1.0)) * at.load


@settings(max_examples=150)
@given(cases(), st.floats(0.005, 0.2), st.floats(0.0, 1.5))
def test_that_the_needed_capacitance_deviates_by_what_is_allowed(case, share, esr_share):
    family, control, at, step = case
    allowed = share * at.vout
    esr = esr_share * allowed / step
    needed = needed_capacitance(family, control, at, step, allowed, esr)
    if esr_share >= 1:
        assert np.isinf(needed[0])
    elif esr_share < 0.999:
        volts = deviation(family, control, at, step, needed, esr)
        assert volts == pytest.approx(allowed, rel=1e-6)


def test_that_no_limit_needs_no_capacitance():
    step, allowed = np.ones(1), np.array([np.inf])
    for family, stage in (("buck", BUCK), ("boost", BOOST)):
        assert needed_capacitance(family, "current", stage, step, allowed, NO_ESR)[0] == 0


@settings(max_examples=150)
@given(cases(), st.floats(1e-6, 1e-3), st.floats(0.0, 0.1))
def test_that_the_deviation_falls_with_capacitance_and_grows_with_step_and_resistance(
    case, capacitance, esr
):
    family, control, at, step = case

    def volts(step=step, capacitance=capacitance, esr=esr, at=at):
        return deviation(family, control, at, step, of(capacitance), of(esr))[0]

    assert volts(capacitance=2 * capacitance) <= volts()
    assert volts(step=1.5 * step) > volts()
    assert volts(esr=esr + 0.01) > volts()
    assert volts(at=replace(at, inductance=1.2 * at.inductance)) >= volts() * (1 - 1e-12)


@settings(max_examples=150)
@given(cases(), st.floats(1e-6, 1e-3), st.floats(0.1, 10))
def test_that_the_deviation_is_in_volts_whatever_the_units(case, capacitance, time):
    family, control, at, step = case
    slower = replace(
        at,
        fsw=at.fsw / time,
        inductance=at.inductance * time,
        resonance=at.resonance / time,
    )
    volts = deviation(family, control, at, step, of(capacitance), NO_ESR)
    same = deviation(family, control, slower, step, of(capacitance * time), NO_ESR)
    assert same == pytest.approx(volts, rel=1e-9)


def test_that_small_and_large_signal_add_up_where_they_meet():
    slow = replace(BUCK, inductance=2 * BUCK.inductance)
    small = 0.9 * 1.8 / (2 * np.pi * crossover("buck", "voltage", slow) * 20e-6)
    large = 1.8**2 * slow.inductance / (2 * (10 * 0.95 - 5) * 20e-6)
    assert 0.3 < small[0] / large[0] < 3
    volts = deviation("buck", "voltage", slow, of(1.8), of(20e-6), NO_ESR)
    assert volts[0] == pytest.approx((small[0] ** 4 + large[0] ** 4) ** 0.25)


def test_that_an_attack_out_of_discontinuous_conduction_deviates_by_more():
    arguments = BOOST, of(0.9), of(20e-6), NO_ESR
    steady = deviation("boost", "current", *arguments)
    assert deviation("boost", "current", *arguments, from_gaps=np.array([True])) == pytest.approx(
        1.15 * steady
    )


def test_that_a_forward_is_a_buck_on_its_secondary():
    forward = replace(BUCK, longest_duty=0.45, low=of(14), high=of(28))
    buck = deviation("buck", "current", forward, of(1), of(50e-6), NO_ESR)
    assert deviation("forward", "current", forward, of(1), of(50e-6), NO_ESR) == buck


def test_that_an_optocoupler_slows_the_loop():
    quick = crossover("buck", "current", BUCK)
    assert quick[0] > 10e3
    assert crossover("buck", "current", replace(BUCK, isolated=True))[0] == 10e3


@pytest.mark.parametrize(
    ("vout", "share"),
    [(3.3, 1 / 10), (7.8, 1 / 15.96)],  # the trial found fs / 20 at a duty of 78 %
)
def test_that_a_long_duty_slows_peak_current_control(vout, share):
    at = stage(10, 14, vout, 2, 300e3, 16e-6)
    assert crossover("buck", "current", at)[0] / 300e3 == pytest.approx(share, rel=1e-3)


def test_that_a_ramp_that_follows_the_input_keeps_the_crossover():
    wide = replace(BUCK, low=of(7), high=of(28))
    assert crossover("buck", "voltage", wide)[0] == pytest.approx(300e3 / 9 * 0.25**0.7)
    follows = replace(wide, ramp_follows=True)
    assert crossover("buck", "voltage", follows)[0] == pytest.approx(300e3 / 9)


def test_that_the_limits_of_the_rules_are_named():
    far, near = of(40e-6), of(1e-6)
    assert within_limits("buck", "voltage", BUCK, far, NO_ESR)
    assert not within_limits("buck", "voltage", BUCK, near, NO_ESR)
    assert within_limits("buck", "current", BUCK, near, of(1.0))
    # 220 uF of a wet electrolytic, 114 mOhm: its zero lies at 6 kHz, as does the crossover.
    assert not within_limits("boost", "current", BOOST, of(220e-6), of(0.114))
    assert within_limits("boost", "current", BOOST, of(20e-6), of(2e-3))


def test_that_the_converters_with_a_zero_are_not_judged_in_voltage_mode():
    with pytest.raises(KeyError):
        crossover("sepic", "voltage", BOOST)


def two_inductors(family, low, vout, load, fsw, ripple, split, coupling_ripple):
    """Return a Cuk's or SEPIC's L1, L2, Cc and its stage."""
    duty = vout / (low + vout)
    total = 2 * low * duty / fsw / (ripple * load)
    first, second = split * total, (1 - split) * total
    coupling = load * duty / fsw / (coupling_ripple * low)
    values = of(first), of(second), of(coupling)
    inductance = speed.shared_inductance(*values[:2], of(low), of(vout), coupled=False)
    resonance = speed.coupling_resonance(*values, coupled=False)
    at = stage(low, 1.5 * low, vout, load, fsw, inductance[0], resonance=resonance)
    return first, second, coupling, at


@pytest.mark.parametrize("family", ["sepic", "cuk"])
@pytest.mark.parametrize("low", [12.0, 15.0, 30.0])
@pytest.mark.parametrize(
    ("ripple", "split", "coupling_ripple"), [(0.3, 0.5, 0.1), (0.6, 0.4, 0.05)]
)
def test_that_two_inductor_loops_as_fast_as_the_rule_keep_their_deviation(
    family, low, ripple, split, coupling_ripple
):
    # The averaged model under ideal peak current control, 50 degrees, min |1 + L| >= 0.5.
    first, second, coupling, at = two_inductors(
        family, low, 12.0, 1.0, 300e3, ripple, split, coupling_ripple
    )
    capacitance = needed_capacitance(family, "current", at, of(0.5), of(0.6), NO_ESR)
    peak = closed_loop_peak(
        family,
        (low, 12.0, 1.0, first, second, coupling, capacitance[0], 0.02),
        crossover(family, "current", at)[0],
        0.5,
    )
    assert 0.7 * 0.6 < peak < 1.05 * 0.6


@pytest.mark.parametrize("family", ["sepic", "cuk"])
@pytest.mark.parametrize("split", [0.3, 0.5])
def test_that_the_zero_of_two_inductors_is_that_of_their_shared_inductance(family, split):
    first, second, coupling, at = two_inductors(family, 15.0, 12.0, 1.0, 300e3, 0.3, split, 0.01)
    zero = speed.step_up_down_zero(at)[0]
    frequency = at.resonance[0] / 300
    gain = loop_gain(family, (15.0, 12.0, 1.0, first, second, coupling, 1e6, 1e-9), frequency)
    # C holds the output, so that an integrator and the phase of the zero, far above, are left.
    lag = np.angle(gain * 2j * np.pi * frequency)
    assert lag == pytest.approx(-frequency / zero, rel=0.02)


@settings(max_examples=60)
@given(st.floats(5, 40), st.floats(0.2, 0.8), st.floats(0.01, 0.2), st.floats(1e-3, 0.3))
def test_that_the_damping_of_the_coupling_capacitor_is_that_of_the_model(
    low, split, coupling_ripple, windings
):
    first, second, coupling, at = two_inductors(
        "sepic", low, 12.0, 1.0, 300e3, 0.4, split, coupling_ripple
    )
    damping = speed.coupling_damping(at, of(first), of(second), of(coupling), of(windings))[0]
    exact = free_damping((low, 12.0, 1.0, first, second, coupling, 1.0, windings / 2))
    assert damping == pytest.approx(exact, abs=0.02 * max(abs(exact), 0.1))


def test_that_coupled_inductors_have_no_resonance():
    both = of(22e-6), of(22e-6)
    assert np.isinf(speed.coupling_resonance(*both, of(4.7e-6), coupled=True))
    assert speed.shared_inductance(*both, of(9), of(12), coupled=True) == both[1]
    assert speed.shared_inductance(*both, of(9), of(12), coupled=False) < both[1]
