"""The proposer of loops: what it proposes holds its limits, and what cannot be is said."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.circuits import load_step
from arcs_engine.circuits.control import (
    COMPENSATORS,
    ControlSpec,
    LoopGoal,
    OpAmp,
    PeakCurrentMode,
    SuppliedTl431,
    VoltageMode,
    textbook_compensator,
)
from arcs_engine.circuits.control.goal import Divider
from arcs_engine.circuits.crossover import crossover
from arcs_engine.circuits.eseries import values_between
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, topology
from arcs_engine.foundation.errors import DesignError
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.loop import Fitting, JudgedLoop, judge_loops, loop_corners, plants_at
from arcs_engine.sizing.compensation import propose_loop
from arcs_engine.sizing.compensation.shapes import Shape

TRACK_D = Path(__file__).resolve().parent.parent / "data" / "specs_track_d.json"
SPECS = {entry.pop("id"): msgspec.convert(entry, Spec) for entry in json.loads(TRACK_D.read_text())}


def textbook(spec):
    """Return the textbook power stage of a spec."""
    found = topology(spec.topology).textbook(SpecBatch.of([spec])).values
    return Designs.stacked([Design(spec, {name: float(v[0]) for name, v in found.items()})])


def buck(low=12.0, high=12.0):
    spec = Spec(topology="buck", vin=12.0, vin_min=low, vin_max=high, vout=5.0, iout=2.0, fsw=300e3)
    values = {"L1": 22e-6, "Cout": 47e-6, "Cout_esr": 10e-3, "Q1_rds_on": 20e-3}
    return Designs.stacked([Design(spec, values)])


@pytest.fixture(scope="module")
def buck_loop():
    return propose_loop(buck())


def judged_again(designs, loop):
    """Judge a proposed loop from its numbers alone."""
    modulator = loop.modulator
    if modulator.method == "voltage":
        declared = VoltageMode(modulator.ramp, modulator.feed_forward)
    else:
        declared = PeakCurrentMode(modulator.sense, modulator.slope)
    fitting = Fitting(COMPENSATORS[loop.compensator], loop.parts)
    return judge_loops(plants_at(loop_corners(designs), declared), [fitting])


def assert_holds(designs, loop):
    again = judged_again(designs, loop)
    assert loop.holds
    assert loop.reasons == ()
    assert again.holds[0]
    assert min(again.analysed.phase_margin.min(), again.sampled.phase_margin.min()) >= 50
    assert again.half.min() >= -0.3
    assert again.modulus.min() >= 0.65
    assert np.abs(again.multiplier).max() < 1
    assert again.closing_slope.min() > 0
    assert again.crossover.max() <= again.plants.corners.fsw / 7
    assert (again.crossover <= again.right_half_plane_zero / 4).all()


@pytest.mark.parametrize("name", REGISTRY)
def test_that_a_textbook_stage_gets_a_loop_that_holds_its_limits(name):
    designs = textbook(SPECS[f"{name}-000"])
    loop = propose_loop(designs)
    assert_holds(designs, loop)
    for part in COMPENSATORS[loop.compensator].parts:
        if part.name in loop.parts:
            value = loop.parts[part.name]
            assert value in values_between(part.series, part.low, part.high), part.name
    assert loop.why[-1].endswith(")"), "a step with its source"


@settings(max_examples=5)
@given(vin=st.floats(5, 30), ratio=st.floats(1.3, 3), load=st.floats(0.3, 3))
def test_that_whatever_is_proposed_for_a_boost_holds(vin, ratio, load):
    spec = Spec(
        topology="boost",
        vin=vin, vin_min=0.9 * vin, vin_max=1.1 * vin, vout=ratio * vin, iout=load, fsw=300e3,
    )  # fmt: skip
    designs = textbook(spec)
    assert_holds(designs, propose_loop(designs))


def test_that_a_loop_for_the_nominal_point_fails_at_a_corner_that_is_named(buck_loop):
    """With a ramp of fixed height the gain goes with the input: 12 V to 24 V doubles it."""
    wide, loop = buck(8.0, 24.0), buck_loop
    assert loop.holds
    everywhere = propose_loop(wide, ControlSpec(parts=loop.parts, compensator=loop.compensator))
    assert not everywhere.holds
    assert any(reason.startswith("At 24 V, full load, least Cout: ") for reason in
               everywhere.reasons)  # fmt: skip
    assert everywhere.corners[everywhere.worst].place == "24 V, full load, least Cout"
    assert everywhere.parts == loop.parts


def test_that_a_loop_is_the_same_when_it_is_read_again(buck_loop):
    loop = buck_loop
    assert msgspec.json.decode(msgspec.json.encode(loop), type=JudgedLoop) == loop
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(msgspec.to_builtins(loop) | {"version": 2}, JudgedLoop)


def test_that_a_wanted_crossover_is_that_of_the_fastest_corner():
    loop = propose_loop(buck(10.0, 14.0), ControlSpec(crossover=15e3))
    fastest = max(max(c.crossover, c.sampled_crossover) for c in loop.corners)
    assert loop.holds
    assert fastest == pytest.approx(15e3, rel=0.08)


def test_that_a_crossover_above_a_quarter_of_the_zero_is_refused_with_the_corner():
    designs = textbook(SPECS["boost-000"])
    zero = float(loop_corners(designs).right_half_plane_zero.min())
    loop = propose_loop(designs, ControlSpec(crossover=0.6 * zero))
    assert not loop.holds
    low = f"At {SPECS['boost-000'].vin_min:g} V, full load"
    (reason,) = [each for each in loop.reasons if "a quarter of the right-half-plane zero" in each]
    assert reason.startswith(low)
    assert loop.reasons[-1].startswith("The right-half-plane zero at ")
    assert "less inductance moves it up" in loop.reasons[-1]


def test_that_a_led_without_headroom_is_refused_in_one_sentence():
    spec = Spec(
        topology="flyback", vin=48.0, vin_min=40.0, vin_max=56.0, vout=3.3, iout=2.0, fsw=200e3
    )
    with pytest.raises(DesignError, match=r"leaves the optocoupler's LED no headroom") as caught:
        propose_loop(textbook(spec), ControlSpec(compensator="tl431", reference=2.5))
    assert str(caught.value).count(". ") == 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (ControlSpec(compensator="pid"), "There is no compensator 'pid'"),
        (ControlSpec(crossover=-1.0), "The crossover is -1; it must be positive."),
        (ControlSpec(ramp=1.0, slope=1e5), "give those of one method"),
        (ControlSpec(parts={"R9": 1.0}), "There is no part 'R9'"),
        (ControlSpec(reference=6.0), "A reference of 6 V cannot regulate"),
    ],
)
def test_that_what_cannot_be_is_refused(asked, words):
    with pytest.raises(DesignError, match=words):
        propose_loop(buck(), asked)


def test_that_a_boost_takes_no_voltage_mode():
    with pytest.raises(DesignError, match="takes no voltage mode; it takes current mode"):
        propose_loop(textbook(SPECS["boost-000"]), ControlSpec(method="voltage"))


def test_that_a_part_that_is_given_stays():
    loop = propose_loop(buck(), ControlSpec(parts={"R1": 22e3, "C2": 100e-12}))
    assert loop.parts["R1"] == 22e3
    assert loop.parts["C2"] == 100e-12
    assert loop.parts["Rlower"] == pytest.approx(22e3 * 0.8 / 4.2, rel=0.02)


def test_that_a_modulator_that_is_given_stays():
    loop = propose_loop(buck(), ControlSpec(sense=0.1, slope=50e3))
    assert loop.modulator.method == "current"
    assert (loop.modulator.sense, loop.modulator.slope) == (0.1, 50e3)
    asked = ControlSpec(ramp=2.0, feed_forward=True, crossover=20e3)
    follows = propose_loop(buck(), asked)
    assert (follows.modulator.ramp, follows.modulator.feed_forward) == (2.0, 12.0)


def test_that_a_ramp_that_grows_with_the_input_keeps_the_crossover():
    fixed, follows = (
        propose_loop(
            buck(8.0, 24.0), ControlSpec(method="voltage", feed_forward=on, crossover=30e3)
        )
        for on in (False, True)
    )
    spread = [
        max(full) / min(full)
        for loop in (fixed, follows)
        if (full := [c.crossover for c in loop.corners if c.load == 1 and c.capacitance < 1])
    ]
    assert spread[0] > 1.5
    assert spread[1] < 1.15
    assert follows.deviation < fixed.deviation


def test_that_the_slope_follows_the_worst_duty():
    """Of a buck (S2 - S1) / 2 at the lowest input: S2 = Vout / L, S1 = (Vin - Vout) / L.

    Vout with the diode's drop and that of the winding, Vin less that of the switch.
    """
    designs = buck(7.0, 14.0)
    loop = propose_loop(designs, ControlSpec(method="current"))
    modulator = loop.modulator
    winding = 2.0 * designs.parameters["L1.dcr"][0]
    falls, rises = (5.0 + 0.5 + winding) / 22e-6, (7.0 - 5.0 - winding - 2.0 * 20e-3) / 22e-6
    assert modulator.least_slope == pytest.approx(modulator.sense * (falls - rises) / 2, rel=0.03)
    assert modulator.slope > modulator.least_slope


def test_that_the_textbook_compensator_crosses_where_it_shall_by_the_exact_loop():
    """At the corner it is made for; parts are rounded and the amplifier is real."""
    designs = textbook(SPECS["boost-001"])
    corners = loop_corners(designs)
    plants = plants_at(corners, PeakCurrentMode(0.3, 0.6 * 0.3 * corners.sensed.fall.max()))
    target = np.full(len(corners), float(corners.right_half_plane_zero.min()) / 6)
    responses = plants.at(target)
    row = int(np.argmax(np.abs(responses)))
    goal = LoopGoal(target[row], 60.0, complex(responses[row]))
    made = textbook_compensator(
        [COMPENSATORS["op_amp_type_two"]], goal, Divider(designs.specs.vout[0], 0.8)
    )
    found = judge_loops(plants, [Fitting(made.compensator, made.values)])
    assert found.analysed.crossover[0, row] == pytest.approx(target[row], rel=0.1)
    assert found.analysed.phase_margin[0, row] == pytest.approx(60, abs=4)


@settings(max_examples=50)
@given(zero=st.floats(100, 1e4), spread=st.floats(2.0, 25.0), gain=st.floats(0.1, 10))
def test_that_the_k_factor_finds_the_parts_of_any_shape(zero, spread, gain):
    kind = COMPENSATORS["op_amp_type_two"].__class__(OpAmp(1e12, 1e9))
    shape = Shape(kind, zero, zero * spread)
    made = textbook_compensator([kind], shape.goal(gain), Divider(5.0, 5.0))
    corners = kind.corners(made.values)
    assert corners.zeros[0] == pytest.approx(zero, rel=0.08)
    assert corners.poles[0] == pytest.approx(zero * spread, rel=0.12)
    frequencies = np.array([shape.centre / 3, shape.centre, 3 * shape.centre])
    found = np.abs(kind.system(made.values).gain(frequencies))
    assert found == pytest.approx(gain * shape.gain(frequencies), rel=0.12)


@settings(max_examples=50)
@given(gain=st.floats(0.2, 20), crossover=st.floats(500, 5e3), ratio=st.floats(0.5, 2))
def test_that_an_led_with_its_own_supply_takes_any_gain(gain, crossover, ratio):
    """G = CTR Rpull / RLED R2 / R1 (1 + 1 / (s R2 C1)) / (1 + s Rpull (C2 + Copto))."""
    kind = SuppliedTl431(amplifier=OpAmp(1e10, 1e9))
    made = textbook_compensator(
        [kind], LoopGoal(crossover, 60.0, complex(0, -1 / gain)), Divider(12.0, 2.5)
    )
    values = made.values
    s = 2j * np.pi * crossover * ratio
    capacitance = values.get("C2", 0.0) + kind.optocoupler.capacitance
    formula = (
        kind.optocoupler.transfer_ratio * values["Rpull"] / values["RLED"]
        * values["R2"] / values["R1"] * (1 + 1 / (s * values["R2"] * values["C1"]))
        / (1 + s * values["Rpull"] * capacitance)
    )  # fmt: skip
    found = -kind.system(values).gain(np.array([crossover * ratio]))[0]
    assert found == pytest.approx(formula, rel=2e-3)
    at_goal = abs(kind.system(values).gain(np.array([crossover]))[0])
    assert at_goal == pytest.approx(gain, rel=0.12)


def test_that_the_deviation_at_the_rules_crossover_is_that_of_the_rules():
    stage = loop_corners(buck(9.0, 15.0)).stage
    step, output = np.array(1.0), (np.array(38e-6), np.array(15e-3))
    frequency = crossover("buck", "current", stage)
    alone = load_step.deviation_at(frequency, "buck", stage, step, *output)
    assert alone == pytest.approx(load_step.deviation("buck", "current", stage, step, *output))
    faster = load_step.deviation_at(2 * frequency, "buck", stage, step, *output)
    assert (faster < alone).all()


def test_that_a_deviation_beyond_the_spec_is_a_warning():
    loop = propose_loop(buck(), ControlSpec(crossover=2e3))
    assert loop.deviation > 0.05
    assert any("when the load steps, more than the allowed" in each for each in loop.warnings)


def test_that_the_deviation_is_that_of_the_slowest_loop_with_the_least_capacitance(buck_loop):
    """0.9 dI / (2 pi fc C) and ESR dI; the inductor's slope hardly counts here."""
    slowest = min(
        min(c.crossover, c.sampled_crossover)
        for c in buck_loop.corners
        if c.load == 1 and c.capacitance == 0.8
    )
    small = np.hypot(0.9 / (2 * np.pi * slowest * 0.8 * 47e-6), 1.5 * 10e-3)
    large = 1.2 * 22e-6 / (2 * 5.0 * 0.8 * 47e-6)
    assert buck_loop.deviation == pytest.approx((small**4 + large**4) ** 0.25 / 5, rel=0.01)


def test_that_a_crossover_above_half_the_switching_frequency_is_refused():
    with pytest.raises(DesignError, match="500 kHz lies above half the switching frequency, 150 k"):
        propose_loop(buck(), ControlSpec(crossover=500e3))


def test_that_a_spec_of_one_input_has_each_corner_once():
    one, three = loop_corners(buck(12.0, 12.0)), loop_corners(buck(9.0, 16.0))
    assert len(one) == 4
    assert len(three) == 12
    names = [three.name(row) for row in range(len(three))]
    assert len(set(names)) == len(names)
