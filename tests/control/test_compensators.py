"""Compensators: the state space of the declared circuits against the formulas of books."""

from math import log10, pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import IDEAL

from arcs_engine.circuits.control import (
    COMPENSATORS,
    OpAmp,
    OpAmpTypeThree,
    OpAmpTypeTwo,
    Optocoupler,
    Ota,
    OtaTypeThree,
    OtaTypeTwo,
    Tl431,
)
from arcs_engine.foundation.errors import DesignError

FREQUENCIES = np.geomspace(1.0, 10e6, 9)
RANGES = {"Ω": (50.0, 500e3), "F": (10e-12, 1e-6)}


def between(low, high):
    return st.floats(log10(low), log10(high)).map(lambda power: 10**power)


def parts_of(kind):
    return st.fixed_dictionaries({p.name: between(*RANGES[p.unit]) for p in kind.parts})


def parallel(*impedances):
    return 1 / sum(1 / each for each in impedances)


def impedance(values, s):
    """Return R2 and C1 in series, C2 across both."""
    return parallel(values["R2"] + 1 / (s * values["C1"]), 1 / (s * values["C2"]))


def upper_impedance(values, s):
    upper = values["R1"] + 0 * s
    return parallel(upper, values["R3"] + 1 / (s * values["C3"])) if "R3" in values else upper


def amplified(feedback, upper, lower, amplifier, s):
    """Return g A / (1 + g + A + Zf / Rlower), g = Zf / Zi, of an inverting amplifier."""
    g = feedback / upper
    rate = 2 * pi * amplifier.bandwidth
    gain = rate / (s + rate / amplifier.gain)
    return g * gain / (1 + g + gain + feedback / lower)


@pytest.mark.parametrize("kind", [OpAmpTypeTwo, OpAmpTypeThree])
@given(data=st.data(), bandwidth=between(1e5, 1e8), gain=between(100, 1e6))
def test_that_an_op_amp_gives_what_its_formula_says(kind, data, bandwidth, gain):
    amplifier, values = OpAmp(bandwidth, gain), data.draw(parts_of(kind))
    s = 2j * pi * FREQUENCIES
    expected = -amplified(
        impedance(values, s), upper_impedance(values, s), values["Rlower"], amplifier, s
    )
    found = kind(amplifier).system(values).gain(FREQUENCIES)
    assert np.allclose(found, expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("kind", [OtaTypeTwo, OtaTypeThree])
@given(data=st.data(), gm=between(1e-5, 1e-2), resistance=between(1e5, 1e9))
def test_that_an_ota_gives_what_its_formula_says(kind, data, gm, resistance):
    values = data.draw(parts_of(kind))
    s = 2j * pi * FREQUENCIES
    lower = values["Rlower"]
    share = lower / (lower + upper_impedance(values, s))
    expected = -gm * share * parallel(impedance(values, s), resistance)
    system = kind(Ota(gm, resistance)).system(values)
    assert np.allclose(system.gain(FREQUENCIES), expected, rtol=1e-6, atol=0)


@given(data=st.data(), ratio=between(0.1, 5), bandwidth=between(1e5, 1e8))
def test_that_a_tl431_gives_what_its_formula_says(data, ratio, bandwidth):
    """The fast lane is the 1 beside the TL431's own gain; the bias of the LED changes nothing."""
    values, amplifier = data.draw(parts_of(Tl431)), OpAmp(bandwidth, 560.0)
    opto = Optocoupler(transfer_ratio=ratio)
    s = 2j * pi * FREQUENCIES
    integrator = 1 / (s * values["C1"])
    slow = amplified(integrator, values["R1"], values["Rlower"], amplifier, s)
    filtered = 1 + s * values["Rpull"] * (values["C2"] + opto.capacitance)
    expected = -ratio * values["Rpull"] / values["RLED"] * (1 + slow) / filtered
    found = Tl431(opto, amplifier).system(values).gain(FREQUENCIES)
    assert np.allclose(found, expected, rtol=1e-6, atol=0)


def corner_gain(corners, f):
    """Return the gain of an integrator with corners: (1 + fz1/jf) (1 + jf/fz2) / (1 + jf/fp)..."""
    found = corners.gain * (1 + corners.zeros[0] / (1j * f))
    for zero in corners.zeros[1:]:
        found = found * (1 + 1j * f / zero)
    for pole in corners.poles:
        found = found / (1 + 1j * f / pole)
    return found


PERFECT = (
    OpAmpTypeTwo(IDEAL),
    OpAmpTypeThree(IDEAL),
    OtaTypeTwo(Ota(1e-3, 1e15)),
    OtaTypeThree(Ota(1e-3, 1e15)),
    Tl431(amplifier=IDEAL),
)


@pytest.mark.parametrize("kind", PERFECT, ids=lambda kind: kind.name)
def test_that_the_corners_are_those_of_the_circuit_with_an_ideal_amplifier(kind):
    values = {part.name: {"Ω": 10e3, "F": 1e-9}[part.unit] for part in kind.parts}
    values |= {"R3": 470.0, "C2": 100e-12} if "R3" in values else {"C2": 100e-12}
    f = np.geomspace(10, 1e6, 12)
    expected = -corner_gain(kind.corners(values), f)
    assert kind.system(values).gain(f) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("kind", COMPENSATORS.values(), ids=COMPENSATORS)
def test_that_every_compensator_is_strictly_proper_stable_and_turns_more_output_into_less_duty(
    kind,
):
    values = {part.name: {"Ω": 10e3, "F": 1e-9}[part.unit] for part in kind.parts}
    system = kind.system(values)
    size = len(system.states)
    assert system.a.shape == (size, size)
    assert system.b.shape == (size, 2)
    assert system.c.shape == (size,)
    assert np.linalg.eigvals(system.a).real.max() < 0, "finite gain: no pure integrator"
    output, reference = system.responses(np.array([1e-3]))[0]
    assert output.real < 0 < reference.real
    beyond = abs(system.responses(np.array([1e12, 1e13])))
    assert np.all(beyond[1] < 0.11 * beyond[0])


@pytest.mark.parametrize("kind", COMPENSATORS.values(), ids=COMPENSATORS)
def test_that_at_dc_the_reference_counts_for_the_output_over_the_divider(kind):
    """Where gain is high the output settles at the reference times (R1 + Rlower) / Rlower."""
    values = {part.name: {"Ω": 10e3, "F": 1e-9}[part.unit] for part in kind.parts}
    output, reference = kind.system(values).responses(np.array([1e-3]))[0]
    assert -reference / output == pytest.approx(2.0, rel=0.01)


@pytest.mark.parametrize("bias", [{}, {"Rbias": 2e3}])
def test_that_the_control_voltage_of_a_tl431_rests_where_its_led_puts_it(bias):
    """With output and TL431 at zero the LED's drop stands across RLED and the bias resistor."""
    kind = Tl431()
    values = {"R1": 1e4, "C1": 1e-8, "RLED": 1e3, "Rpull": 4.7e3} | bias
    system = kind.system(values)
    resting = system.c @ system.rest
    opto = kind.optocoupler
    current = -opto.led_drop / values["RLED"] - sum(opto.led_drop / r for r in bias.values())
    expected = opto.supply - opto.transfer_ratio * values["Rpull"] * current
    assert resting == pytest.approx(expected, rel=1e-9)


def test_that_the_ctr_spreads_gain_alone():
    kind = Tl431()
    values = {"R1": 1e4, "Rlower": 2.6e3, "C1": 1e-8, "RLED": 1e3, "Rpull": 4.7e3}
    low, high = kind.extremes()
    f = np.array([1e3, 20e3])
    middle = kind.system(values).gain(f)
    assert low.system(values).gain(f) == pytest.approx(0.5 * middle, rel=1e-9)
    assert high.system(values).gain(f) == pytest.approx(1.5 * middle, rel=1e-9)
    assert OpAmpTypeTwo().extremes() == (OpAmpTypeTwo(),)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"R9": 1.0}, "has no part 'R9'"),
        ({"R2": None}, "R2 of the type II compensator with an op amp has no value"),
        ({"C1": 0.0}, "C1 of the type II compensator with an op amp is 0; it must be positive"),
        ({"C1": float("nan")}, "must be positive"),
        ({"C1": float("inf")}, "must be positive"),
    ],
)
def test_that_parts_that_cannot_be_are_refused(change, sentence):
    values = {"R1": 1e4, "R2": 1e4, "C1": 1e-9, "C2": 1e-10} | change
    with pytest.raises(DesignError, match=sentence):
        OpAmpTypeTwo().system({k: v for k, v in values.items() if v is not None})


def test_that_labels_show_the_parts_that_are_fitted():
    values = {"R1": 1e4, "C1": 9.1e-9, "RLED": 1430.0, "Rpull": 4750.0}
    assert Tl431().labels(values) == {
        "R1": "R1\n10 kΩ",
        "C1": "C1\n9.1 nF",
        "RLED": "RLED\n1.43 kΩ",
        "Rpull": "Rpull\n4.75 kΩ",
    }
