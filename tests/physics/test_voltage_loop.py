"""Closed voltage loops: the published example, the definition of a multiplier, brute force."""

import numpy as np
import pytest
from converters import ordinary_spec, parameters_of, textbook_values
from hypothesis import given, settings
from hypothesis import strategies as st
from ideal_stages import decibels, degrees, on, orbit_of, rows, synchronous

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.simulation.small_signal import (
    Compensator,
    Modulator,
    analysed_gain,
    loops,
    periodic_orbits,
    responses,
)

FSW = 250e3


def type_three(upper, lower, lead, feedback, high):
    """Return an ideal amplifier with two branches round it; v_c is its output.

    States: voltage of the capacitor across the upper resistor, then reference less voltage across
    the feedback's capacitor, then v_c.

    Args:
        upper: resistor from the output, ohm.
        lower: resistor to ground, ohm.
        lead: resistor and capacitor across the upper one.
        feedback: resistor and capacitor across the amplifier.
        high: capacitor across the amplifier, F.
    """
    (r3, c3), (r4, c4) = lead, feedback
    dynamics = [
        [-1 / (r3 * c3), 0, 0],
        [0, -1 / (r4 * c4), 1 / (r4 * c4)],
        [1 / (r3 * high), 1 / (r4 * high), -1 / (r4 * high)],
    ]
    taken = 1 / upper + 1 / r3
    inputs = [
        [1 / (r3 * c3), -1 / (r3 * c3)],
        [0, 0],
        [-taken / high, (taken + 1 / lower) / high],
    ]
    return Compensator(np.array(dynamics), np.array(inputs), np.array([0.0, 0.0, 1.0]))


def type_two(gain, zero, pole):
    """Return gain (1 + wz / s) / (1 + s / wp) of reference less output; zero and pole in Hz."""
    wz, wp = 2 * np.pi * zero, 2 * np.pi * pole
    dynamics = np.array([[0.0, 0.0], [wp, -wp]])
    inputs = gain * np.array([[-wz, wz], [-wp, wp]])
    return Compensator(dynamics, inputs, np.array([0.0, 1.0]))


L5987 = type_three(4990.0, 1100.0, (220.0, 3.3e-9), (3300.0, 10e-9), 180e-12)
REFERENCE = 0.6
PARTS = ("dynamics", "inputs", "output")


def l5987_stage(**changes):
    declared, parameters = synchronous(
        "buck", vin=12.0, rload=1.1, L1=10e-6, Cout=22e-6, Cout_esr=1e-3, **on(50e-3)
    )
    parameters = parameters | {"L1.dcr": 20e-3} | changes
    return orbit_of(declared, parameters, FSW, vout=REFERENCE * (1 + 4990 / 1100))


RAMP = Modulator.voltage_mode(12 / 9, FSW)


def test_that_the_loop_of_the_l5987_is_what_was_computed():
    """ST L5987 data sheet, page 23: 71 kHz and 46 degrees published, of an averaged model."""
    orbits = l5987_stage()
    assert orbits.duty[0] == pytest.approx(0.2944, abs=5e-5)
    closed = loops(orbits, RAMP, L5987, np.array([56410.0, FSW / 2]))
    wanted = np.array([0.91043, 0.71136, -0.0936 + 0.1195j, -0.0936 - 0.1195j, 0.0002])
    found = closed.multipliers[0]
    assert np.sort_complex(found) == pytest.approx(np.sort_complex(wanted), abs=6e-5)
    assert decibels(closed.gain[0, 0]) == pytest.approx(0.0, abs=1e-3)
    assert 180 + degrees(closed.gain[0, 0]) == pytest.approx(44.0, abs=0.05)
    assert np.abs(closed.gain[0, 1]) == pytest.approx(0.620, abs=6e-4)
    assert closed.gain[0, 1].imag == pytest.approx(0.0, abs=1e-9)
    assert closed.reference[0] == pytest.approx(REFERENCE, rel=1e-6)
    ramp = RAMP.ramp
    assert closed.closing_slope[0] / ramp == pytest.approx(1.48, abs=5e-3)  # 48 % of ripple


def test_that_an_analyser_sees_less_than_the_comparator():
    """The averaged loop of the L5987, with the gain that the ripple of v_c leaves."""
    orbits = l5987_stage()
    closed = loops(orbits, RAMP, L5987, np.array([1e3, 100e3]))
    seen = analysed_gain(orbits, closed, L5987)[0]
    averaged = responses(orbits, RAMP, closed.frequencies).control[0]
    averaged = -averaged * L5987.transfer(closed.frequencies)[0] * RAMP.ramp
    assert seen == pytest.approx(averaged / closed.closing_slope[0], rel=1e-9)
    assert np.abs(seen[0] / closed.gain[0, 0]) == pytest.approx(1.0, abs=5e-3)
    assert np.abs(seen[1] / closed.gain[0, 1]) < 0.9


def test_that_the_sampled_gain_is_the_sum_of_the_analysers_aliases():
    """L(z) = sum of T(jw + jk ws): where both intervals have the same dynamics, to every alias."""
    orbits = l5987_stage()
    frequencies = np.array([5e3, 40e3, 110e3])
    closed = loops(orbits, RAMP, L5987, frequencies)
    away = np.arange(-400, 401) * FSW
    every = (frequencies[:, None] + away).ravel()
    positive = np.abs(every)
    seen = responses(orbits, closed.modulator, positive).control[0]
    gains = -seen * L5987.transfer(positive)
    gains = np.where(every < 0, gains.conj(), gains).reshape(len(frequencies), -1)
    assert gains.sum(axis=1) == pytest.approx(closed.gain[0], rel=1e-4)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    zero=st.floats(0.002, 0.1), pole=st.floats(0.2, 3.0), gain=st.floats(0.01, 1.0),
    sensing=st.sampled_from([0.0, 0.2]), name=st.sampled_from(["buck", "boost", "buck_boost"]),
)  # fmt: skip
def test_that_one_plus_the_gain_is_zero_at_every_multiplier(zero, pole, gain, sensing, name):
    """Along the unit circle 1 + L is the product of (z - closed) / (z - open) multipliers."""
    fsw = 300e3
    declared, parameters = synchronous(name, vin=12.0, rload=6.0, L1=15e-6, Cout=47e-6)
    parameters |= {"Cout_esr": 5e-3, "L1.dcr": 20e-3} | on(20e-3)
    orbits = orbit_of(declared, parameters, fsw, duty=0.4)
    compensator = type_two(gain, zero * fsw, pole * fsw)
    slope = 0.1 * 12.0 / 15e-6 if sensing else 1.5 * fsw
    modulator = Modulator.peak_current(sensing, slope)
    frequencies = np.linspace(0.01, 0.5, 12) * fsw
    closed = loops(orbits, modulator, compensator, frequencies)
    stage = responses(orbits, closed.modulator, frequencies)
    # The open loop's multipliers are those of the stage and of the compensator, side by side.
    own = np.exp(np.linalg.eigvals(compensator.dynamics) / fsw)
    opened = np.concatenate((stage.multipliers[0], own))
    z = np.exp(2j * np.pi * frequencies / fsw)[:, None]
    wanted = np.prod(z - closed.multipliers[0], axis=1) / np.prod(z - opened, axis=1)
    assert 1 + closed.gain[0] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("name", REGISTRY)
def test_that_every_topology_is_held_by_a_slow_integrator(name):
    """Its reference is the mean output, whatever the compensator's own ripple is."""
    declared = REGISTRY[name]
    spec = ordinary_spec(declared)
    parameters = parameters_of(declared, spec, textbook_values(declared, spec))
    orbits = orbit_of(declared, parameters, spec.fsw, vout=spec.vout)
    integrator = type_two(1e-4, 1e-4 * spec.fsw, spec.fsw)
    closed = loops(orbits, Modulator.duty(spec.fsw), integrator, np.array([10.0, 100.0]))
    assert closed.reference[0] == pytest.approx(spec.vout, rel=2e-5)
    assert np.abs(closed.multipliers[0, 0]) < 1
    assert closed.gain[0, 0].real < 0 or closed.gain[0, 0].imag < 0  # behind by a quarter turn
    seen = analysed_gain(orbits, closed, integrator)
    assert closed.gain[0] == pytest.approx(seen[0], rel=1e-2)


def test_that_without_an_integrator_the_reference_makes_up_for_the_gain():
    """A first-order compensator of gain g needs g (reference - output) for its control voltage."""
    orbits = l5987_stage()
    gain, pole = 3.0, 2 * np.pi * 5e3
    proportional = Compensator(
        np.array([[-pole]]), np.array([[-gain * pole, gain * pole]]), np.ones(1)
    )
    closed = loops(orbits, RAMP, proportional, np.array([1e3]))
    mean, control = REFERENCE * (1 + 4990 / 1100), 12 / 9 * orbits.duty[0]
    assert closed.reference[0] == pytest.approx(mean + control / gain, rel=1e-3)


def test_that_a_control_voltage_that_outruns_the_ramp_is_told():
    """With the wrong sign v_c rises at the edge, five times as fast as it fell, and trips again."""
    orbits = l5987_stage()
    wrong = Compensator(L5987.dynamics, -5 * L5987.inputs, L5987.output)
    closed = loops(orbits, RAMP, wrong, np.array([1e3]))
    assert closed.closing_slope[0] / RAMP.ramp == pytest.approx(1 - 5 * 0.48, abs=0.03)
    assert np.isnan(closed.gain).all()
    assert np.isnan(closed.multipliers).all()
    assert np.isnan(analysed_gain(orbits, closed, wrong)).all()


def test_that_a_batch_of_compensators_is_judged_on_one_orbit():
    orbits = l5987_stage()
    gains = np.array([0.01, 0.02, 0.05, 0.1, 0.2])
    many = [type_two(g, 3e3, 200e3) for g in gains]
    stacked = Compensator(*(np.stack([getattr(c, part) for c in many]) for part in PARTS))
    repeated = orbits.take(np.zeros(len(gains), dtype=np.int64))
    frequencies = np.geomspace(1e3, FSW / 2, 5)
    together = loops(repeated, RAMP, stacked, frequencies)
    for row, compensator in enumerate(many):
        alone = loops(orbits, RAMP, compensator, frequencies)
        assert together.gain[row] == pytest.approx(alone.gain[0], rel=1e-12)
        assert together.multipliers[row] == pytest.approx(alone.multipliers[0], rel=1e-9)


def test_that_a_design_without_an_orbit_has_no_loop():
    declared, parameters = synchronous("buck", vin=12.0, rload=2.5)
    orbits = periodic_orbits(declared, rows(parameters), np.array([FSW]), vout=np.array([15.0]))
    closed = loops(orbits, RAMP, L5987, np.array([1e3]))
    assert not orbits.solved.any()
    assert np.isnan(closed.gain).all()
    assert np.isnan(closed.reference).all()
