"""The textbook compensator: Venable's K factor, and every part by its formula."""

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import IDEAL

from arcs_engine.circuits.control import (
    COMPENSATORS,
    Divider,
    LoopGoal,
    OpAmpTypeThree,
    OpAmpTypeTwo,
    Optocoupler,
    Ota,
    OtaTypeThree,
    OtaTypeTwo,
    Tl431,
    compensators,
    k_factor,
    textbook_compensator,
)
from arcs_engine.circuits.control.sheet import CompensatorSheet
from arcs_engine.circuits.eseries import values_between
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import DesignError

PERFECT = {
    "op amp": (OpAmpTypeTwo(IDEAL), OpAmpTypeThree(IDEAL)),
    "OTA": (OtaTypeTwo(Ota(20e-3, 1e12)), OtaTypeThree(Ota(20e-3, 1e12))),
}


ROUNDING = 4.5
"""Degrees: E24's widest step, 1.3 to 1.5, is 7.4 % either way, which moves the phase of a zero or a
pole by at most 2.1 degrees; two of them, and the resistors."""


def goal(boost, gain=2.0, crossover=20e3, margin=60.0):
    """Return a goal whose compensator needs a boost and a gain at the crossover."""
    phase = np.radians(margin - 90 - boost)
    return LoopGoal(crossover, margin, complex(np.exp(1j * phase) / gain))


def needs(made):
    """Return what the formulas gave for each part, before it was rounded."""
    return {
        step.result.symbol.removesuffix("_need"): float(step.result.value[0])
        for step in made.steps
        if step.result.symbol.endswith("_need")
    }


def test_that_the_k_factor_is_as_venable_gives_it():
    assert k_factor(60, leads=False) == pytest.approx(3.7321, rel=1e-4)
    assert k_factor(120, leads=True) == pytest.approx(13.928, rel=1e-4)


@pytest.mark.parametrize("amplifier", PERFECT)
@given(
    boost=st.floats(10, 130),
    gain=st.floats(0.3, 20),
    crossover=st.floats(2e3, 60e3),
    margin=st.floats(45, 75),
)
def test_that_the_loop_crosses_where_it_shall_with_the_margin_asked_for(
    amplifier, boost, gain, crossover, margin
):
    """Within what E96 resistors and E24 capacitors leave: 10 % of gain and `ROUNDING`.

    Where little boost is needed zero and pole lie close, and the gain hangs on their distance.
    """
    wanted, divider = goal(boost, gain, crossover, margin), Divider(40.0, 0.8)
    made = textbook_compensator(PERFECT[amplifier], wanted, divider)
    loop = -made.compensator.system(made.values).gain(np.array([crossover]))[0] * wanted.plant
    assert abs(loop) == pytest.approx(1, rel=0.1 if boost > 30 else 0.2)
    assert np.degrees(np.angle(-loop)) == pytest.approx(margin, abs=ROUNDING)


@pytest.mark.parametrize("kind", [*PERFECT["op amp"], *PERFECT["OTA"]], ids=lambda kind: kind.name)
def test_that_the_formulas_are_exact_before_they_are_rounded(kind, monkeypatch):
    def fit_exactly(sheet, part, exact, formula, source):
        return float(sheet.choose(part, formula, np.array([exact]), source)[0])

    monkeypatch.setattr(CompensatorSheet, "fit", fit_exactly)
    wanted = goal(65 if not kind.leads else 120)
    made = textbook_compensator([kind], wanted, Divider(40.0, 0.8))
    loop = -kind.system(made.values).gain(np.array([wanted.crossover]))[0] * wanted.plant
    assert abs(loop) == pytest.approx(1, rel=1e-5)
    assert np.degrees(np.angle(-loop)) == pytest.approx(wanted.phase_margin, abs=0.01)


@pytest.mark.parametrize("amplifier", PERFECT)
@pytest.mark.parametrize(
    ("boost", "leads"), [(50, False), (69.9, False), (70.1, True), (150, True)]
)
def test_that_the_boost_decides_the_type(amplifier, boost, leads):
    made = textbook_compensator(PERFECT[amplifier], goal(boost), Divider(400.0, 0.8))
    assert made.compensator.leads is leads


def test_that_more_boost_than_any_type_gives_is_refused_with_the_numbers():
    with pytest.raises(DesignError, match=r"170° of phase boost at 20 kHz, .* 160° at most"):
        textbook_compensator(PERFECT["op amp"], goal(170), Divider(12.0, 0.8))


def test_that_a_plant_that_needs_no_boost_gets_the_least_one():
    wanted = LoopGoal(10e3, 60.0, complex(0.5, 0.1))
    assert wanted.plant_phase == pytest.approx(11.31, abs=0.01)
    assert wanted.boost == 10


def test_that_a_plant_past_180_degrees_is_told_from_one_that_leads():
    assert LoopGoal(10e3, 60.0, complex(-1, 0.5)).plant_phase == pytest.approx(-206.57, abs=0.01)


def test_that_every_part_is_of_its_series_and_explained():
    made = textbook_compensator(PERFECT["op amp"], goal(110), Divider(12.0, 0.8))
    kind = made.compensator
    assert list(made.values) == [part.name for part in kind.parts]
    for part in kind.parts:
        assert made.values[part.name] in values_between(part.series, part.low, part.high)
    lines = made.explain()
    assert any(line.startswith("K factor: K = tan(boost / 4 + 45°)²") for line in lines)
    assert (
        "resistor of the second pole, exact: R3_need = R1 / (k² - 1) = 10 kΩ / "
        f"({np.sqrt(k_factor(110, leads=True)):.4g}² - 1) = "
    ) in "\n".join(lines)
    assert all(line.endswith(")") and " = " in line for line in lines), "a formula and its source"
    for name in made.values:
        assert any(step.decides == name for step in made.steps)


def test_that_a_reference_as_high_as_the_output_needs_no_lower_resistor():
    made = textbook_compensator(PERFECT["op amp"], goal(50), Divider(5.0, 5.0))
    assert "Rlower" not in made.values
    loop = made.compensator.system(made.values).gain(np.array([20e3]))[0]
    assert abs(loop) == pytest.approx(2, rel=0.1)


def test_that_a_reference_above_the_output_is_refused():
    with pytest.raises(DesignError, match=r"reference of 2\.5 V cannot regulate an output of"):
        textbook_compensator(PERFECT["op amp"], goal(50), Divider(1.8, 2.5))


def test_that_an_ota_at_a_low_output_has_no_room_for_a_lead():
    with pytest.raises(DesignError, match=r"spreads its corners by 1.5 at most, not by 5.83"):
        textbook_compensator(PERFECT["OTA"], goal(90), Divider(1.2, 0.8))


def test_that_a_part_that_no_one_builds_is_refused():
    with pytest.raises(DesignError, match=r"R2, the resistor of the zero, would have to be"):
        textbook_compensator(PERFECT["op amp"], goal(50, gain=1e5), Divider(12.0, 0.8))


BASSO_OPTO = Optocoupler(
    transfer_ratio=0.3, spread=0.0, pole=6e3, pole_load=20e3, supply=5.0, bias=0.0
)


def test_that_a_tl431_gets_the_parts_of_bassos_example():
    """fc 1 kHz, +20 dB, boost 50, Rpull 20 kΩ, CTR 0.3, R1 38 kΩ."""
    made = textbook_compensator(
        [Tl431(BASSO_OPTO)], goal(50, gain=10, crossover=1e3), Divider(12.0, 2.5, upper=38e3)
    )
    fz, fp = 1e3 / k_factor(50, leads=False), 1e3 * k_factor(50, leads=False)
    assert k_factor(50, leads=False) == pytest.approx(2.7475, rel=1e-4)
    assert (fz, fp) == pytest.approx((364.0, 2747.5), rel=1e-4)
    exact = needs(made)
    assert exact["Rpull"] == pytest.approx(20e3)
    assert exact["RLED"] == pytest.approx(600 * made.values["Rpull"] / 20e3, rel=1e-9)
    assert exact["C1"] * made.values["R1"] / 38e3 == pytest.approx(11.51e-9, rel=1e-3)
    together = exact["C2"] + BASSO_OPTO.capacitance
    assert together * made.values["Rpull"] / 20e3 == pytest.approx(2.896e-9, rel=1e-3)


@given(
    boost=st.floats(10, 75),
    gain=st.floats(4, 20),
    crossover=st.floats(500, 8e3),
)
def test_that_a_tl431_closes_the_loop_as_asked(boost, gain, crossover):
    wanted, kind = goal(boost, gain, crossover), Tl431(amplifier=IDEAL)
    try:
        made = textbook_compensator([kind], wanted, Divider(12.0, 2.5))
    except DesignError as error:
        assert "too slow for a pole" in str(error)
        assert crossover * k_factor(boost, leads=False) > 80e3
        return
    loop = -kind.system(made.values).gain(np.array([crossover]))[0] * wanted.plant
    assert abs(loop) == pytest.approx(1, rel=0.1)
    assert np.degrees(np.angle(-loop)) == pytest.approx(60, abs=ROUNDING)


def test_that_less_gain_than_the_led_allows_is_refused():
    """RLED at most lets the LED, at the least CTR, still pull the control voltage to Vsat."""
    kind, divider = Tl431(), Divider(5.0, 2.5)
    with pytest.raises(DesignError, match=r"gain of 0.5 at the crossover.*no gain below") as caught:
        textbook_compensator([kind], goal(50, gain=0.5, crossover=2e3), divider)
    least = float(str(caught.value).split("no gain below ")[1].split(";")[0])
    opto, pull_up = kind.optocoupler, 4750.0
    limit = opto.largest_led_resistor(divider, pull_up)
    assert least == pytest.approx(opto.transfer_ratio * pull_up / limit, rel=0.01)
    # By hand: the transistor at Vsat takes (5 - 0.3) V / Rpull, the LED CTRmin times less.
    current = (5 - 0.3) / pull_up / 0.5 + 1e-3
    assert limit == pytest.approx((5 - 1 - 2.5) / current, rel=1e-9)
    textbook_compensator([kind], goal(50, gain=1.02 * least, crossover=2e3), divider)


def test_that_a_tl431_at_a_low_output_is_refused():
    with pytest.raises(DesignError, match=r"output of 3\.3 V leaves the optocoupler's LED no"):
        textbook_compensator([Tl431()], goal(50, gain=5, crossover=2e3), Divider(3.3, 2.5))


def test_that_a_tl431_whose_optocoupler_is_the_pole_needs_no_capacitor():
    fast = 20e3 / k_factor(50, leads=False)
    made = textbook_compensator(
        [Tl431()], goal(50, gain=5, crossover=0.99 * fast), Divider(12.0, 2.5)
    )
    pole = made.compensator.corners(made.values).poles[0]
    assert pole == pytest.approx(0.99 * 20e3, rel=0.03)


@pytest.mark.parametrize("topology", REGISTRY.values(), ids=REGISTRY)
def test_that_isolated_outputs_take_a_tl431_and_others_an_op_amp(topology):
    names = [kind.name for kind in compensators(topology)]
    isolated = topology.name in ("flyback", "forward")
    assert names == (
        ["tl431", "tl431_supplied"] if isolated else ["op_amp_type_two", "op_amp_type_three"]
    )


def test_that_captions_name_parts_as_schematics_do():
    for kind in COMPENSATORS.values():
        for part in kind.parts:
            assert part.name[0] == {"Ω": "R", "F": "C"}[part.unit]
            assert part.title.split()[0] in {
                "resistor",
                "capacitor",
                "upper",
                "lower",
                "pull-up",
            } | {"bias"}


def test_that_a_pole_below_the_pull_up_of_a_kilohm_is_out_of_reach():
    opto = Optocoupler()
    slowest = 0.98 / (2 * pi * 1e3 * opto.capacitance)
    with pytest.raises(DesignError, match="pole of 20 kHz is too slow for a pole at"):
        textbook_compensator(
            [Tl431()],
            goal(50, gain=5, crossover=1.01 * slowest / k_factor(50, leads=False)),
            Divider(12.0, 2.5),
        )


@given(
    kind=st.sampled_from(list(COMPENSATORS.values())),
    crossover=st.floats(10, 1e6),
    margin=st.floats(0, 90),
    decibel=st.floats(-80, 80),
    phase=st.floats(-np.pi, np.pi),
    output=st.floats(0.5, 400),
)
def test_that_any_goal_gets_parts_that_can_be_built_or_a_sentence(
    kind, crossover, margin, decibel, phase, output
):
    plant = complex(10 ** (decibel / 20) * np.exp(1j * phase))
    try:
        made = textbook_compensator(
            [kind], LoopGoal(crossover, margin, plant), Divider(output, 0.8)
        )
    except DesignError as error:
        assert str(error).endswith(".")
        return
    system = kind.system(made.values)
    assert np.linalg.eigvals(system.a).real.max() < 0
    assert made.values.keys() >= {p.name for p in kind.parts} - kind.optional
