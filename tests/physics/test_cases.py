"""Cases from use: what engineers asked in public, with the right value and how it is known."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from arcs_engine.analysis import design_file
from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import SpecError
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.parts_list import parts_of
from arcs_engine.sizing.proposal import Proposer

CASES = Path(__file__).parent / "cases"


def case(name, **changes):
    return replace(design_file.read(CASES / f"{name}.json", 1), **changes)


def spec_of(topology, vin, vout, iout, fsw, **more):
    low, nominal, high = vin if isinstance(vin, tuple) else (0.9 * vin, vin, 1.1 * vin)
    return Spec(
        topology=topology,
        vin=nominal,
        vin_min=low,
        vin_max=high,
        vout=vout,
        iout=iout,
        fsw=fsw,
        **more,
    )


def best(spec, count=8):
    return Proposer(None).propose(spec, count=count, control=Control.silent())


@pytest.mark.parametrize(
    ("name", "amperes"), [("half-bridge-1u3", 61.5), ("half-bridge-33u", 2.42)]
)
def test_that_the_ripple_of_a_half_bridge_is_its_volt_seconds_over_its_inductance(name, amperes):
    found = evaluate(case(name))
    assert found.metrics.inductor_ripple == pytest.approx(amperes, rel=0.01)


@pytest.mark.parametrize("name", ["half-bridge-1u3", "half-bridge-33u", "buck-four-ceramics"])
def test_that_ceramics_in_parallel_are_sold(name):
    """Ten ceramics of 10 uF have 1 mOhm; four of 22 uF have 0.75 mOhm."""
    assert not any("sold" in reason for reason in evaluate(case(name)).reasons)


def test_that_a_vendors_evaluation_board_passes():
    found = evaluate(case("buck-four-ceramics"))
    assert found.reasons == ()
    assert found.metrics.deviation < 0.05


def test_that_more_winding_resistance_costs_its_current_squared():
    question = case("buck-dcr-question")
    less, more = (
        evaluate(replace(question, overrides=question.overrides | {"L1.dcr": ohms}))
        for ohms in (22e-3, 50e-3)
    )
    apart = more.metrics.losses["L1"] - less.metrics.losses["L1"]
    assert apart == pytest.approx(0.25, abs=0.03)


def test_that_parts_are_rated_for_a_given_duty():
    given = case("boost-given-duty")
    listed = {part.name: part for part in parts_of(given)}
    metrics = evaluate(given).metrics
    assert listed["Q1"].stress["voltage"].value == pytest.approx(metrics.stress["Q1"].value)
    assert listed["Q1"].stress["voltage"].value > 40


@pytest.mark.parametrize(
    ("name", "duty", "volts"),
    [
        ("boost-light-load", 0.3, 40.7),
        ("boost-synchronous-light-load", 0.3, 28.5),
        ("sepic-60k", 0.45, 18.607),
        ("buck-boost-poor-diode", 0.5, -5.3845),
        ("cuk-small-l2", 0.35, -23.56),
    ],
)
def test_that_outputs_at_a_given_duty_are_those_of_independent_runs(name, duty, volts):
    found = evaluate(case(name, duty=duty))
    assert found.metrics.vout == pytest.approx(volts, rel=0.003)


NOT_ISOLATED = [
    spec_of("auto", 12.0, 12.0, 5.0, 200e3),
    spec_of("auto", (9.0, 18.0, 36.0), 12.0, 1.0, 300e3),
    spec_of("auto", 5.0, 5.0, 1.0, 500e3),
    spec_of("auto", 48.0, 3.3, 5.0, 300e3),
]


@pytest.mark.parametrize("spec", NOT_ISOLATED, ids=lambda s: f"{s.vin:g}-{s.vout:g} V")
def test_that_nobody_is_offered_a_transformer_who_did_not_ask_for_one(spec):
    found = best(spec, count=4).candidates
    assert found[0].meets_spec
    assert found[0].topology in {"buck", "sepic", "boost"}


BUCKS = [
    (spec_of("buck", 12.0, 5.0, 2.0, 300e3), 10e-6, 60e-6),
    (spec_of("buck", 12.0, 3.3, 3.0, 400e3), 6.8e-6, 75e-6),
    (spec_of("buck", 24.0, 12.0, 4.0, 400e3), 15e-6, 45e-6),
]
"""With the inductance and the effective capacitance of vendors' boards (LMR33620, LMR33630,
LM60440); the first at 400 kHz."""


@pytest.mark.parametrize(("spec", "inductance", "capacitance"), BUCKS)
def test_that_the_first_design_has_what_vendors_put_on_their_boards(spec, inductance, capacitance):
    first = best(spec, count=1).candidates[0]
    assert 0.5 < first.values["L1"] / inductance < 2
    assert 0.35 < first.values["Cout"] / capacitance < 2, "boards are made for more than 5 %"


def test_that_a_coupling_capacitor_is_not_emptied_in_every_period():
    found = best(spec_of("sepic", (9.0, 18.0, 36.0), 12.0, 1.0, 300e3)).candidates
    for each in found:
        least = min(corner.vin for corner in each.metrics.corners)
        assert each.metrics.capacitor_ripples["Cc"] <= 0.15 * least


@pytest.mark.parametrize(
    "spec",
    [
        spec_of("flyback", 375.0, 24.0, 3.0, 150e3),
        spec_of("boost", 48.0, 380.0, 0.1, 100e3),
    ],
    ids=["off line", "to 380 V"],
)
def test_that_ordinary_high_voltage_jobs_are_designed(spec):
    assert best(spec, count=2).candidates[0].meets_spec


def test_that_an_input_bank_is_enlarged_until_its_current_fits():
    spec = spec_of("buck_synchronous", 48.0, 12.0, 10.0, 500e3)
    first = best(spec, count=1).candidates[0]
    assert first.meets_spec, first.reasons
    assert " x " in first.metrics.banks["Cin"]


def test_that_a_step_of_the_load_decides_the_output_capacitor():
    spec = spec_of("buck", 12.0, 5.0, 2.0, 300e3)
    narrow = msgspec.structs.replace(spec, deviation=0.02)
    usual, stiff = (best(each, count=1).candidates[0] for each in (spec, narrow))
    assert usual.metrics.deviation <= 0.05
    assert stiff.metrics.deviation <= 0.02
    assert stiff.values["Cout"] > 2 * usual.values["Cout"]


def test_that_a_step_up_that_no_part_stands_is_refused_in_one_sentence():
    with pytest.raises(SpecError, match=r"\.$"):
        best(spec_of("boost", 24.0, 2000.0 / 2, 0.25, 100e3))
