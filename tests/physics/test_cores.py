"""No steady state is shown that no real core carries."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from converters import (
    design_of,
    evaluated,
    ordinary_spec,
    parameters_of,
    spec_of,
    textbook_values,
    verdicts_of,
)

from arcs_engine.analysis import design_file, exports, transients
from arcs_engine.analysis.grid import grid
from arcs_engine.analysis.monte_carlo import Draw, monte_carlo
from arcs_engine.analysis.subject import Subject
from arcs_engine.analysis.sweep import sweep
from arcs_engine.analysis.verification import verify
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.cli import main
from arcs_engine.foundation.errors import DesignError, InfeasibleError
from arcs_engine.performance.candidates import evaluate, evaluate_many
from arcs_engine.performance.cores import (
    NOT_RESET,
    SATURATION,
    explain,
    flux_density,
    magnetizing_ripple,
)
from arcs_engine.performance.operating_point import operating_state
from arcs_engine.performance.regulation import with_corners
from arcs_engine.simulation.steady import solve

FORWARD, FLYBACK, BOOST = (REGISTRY[n] for n in ("forward", "flyback", "boost"))
CASE = Path(__file__).parent / "cases" / "forward-no-reset.json"
EVERY = REGISTRY | VARIANTS


@pytest.fixture
def design():
    """A forward whose reset winding has the turns of its primary, so that D stays under a half."""
    return design_file.read(CASE)


def judged(design, **options):
    return evaluated(design.spec, FORWARD, design.values, **options)


@pytest.mark.parametrize("duty", [0.52, 0.55, 0.7, 0.9])
def test_that_a_forward_above_its_reset_limit_is_refused_with_the_limit(design, duty):
    found = judged(design, duty=duty)
    assert (found.meets_spec, found.metrics, found.duty) == (False, None, None)
    assert found.reasons == (f"At 24 V and full load: {explain(NOT_RESET, 0.5)}",)
    assert "allows a duty below 50.0%" in found.reasons[0]


@pytest.mark.parametrize("duty", [0.1, 0.3, 0.47, 0.5])
def test_that_a_forward_up_to_its_reset_limit_is_simulated(design, duty):
    assert judged(design, duty=duty).metrics is not None


def test_that_what_the_solver_alone_finds_above_the_limit_is_several_tesla(design):
    """Which is why it is refused: its inductors are linear and carry anything."""
    values = {name: np.array([v]) for name, v in design.values.items()}
    batch = SpecBatch.of([design.spec])
    parameters = FORWARD.parameters(values, batch) | {
        "vin": batch.vin,
        "rload": batch.vout / batch.iout,
    }
    solved = solve(FORWARD, parameters, batch.fsw, duty=np.array([0.55]))
    (core,) = (each for each in FORWARD.magnetics if each.name == FORWARD.core_winding)
    states = dict(zip(solved.network.state_names, solved.states[0], strict=True))
    kept = sum(ratio * states[name] for name, ratio in FORWARD.turns(parameters).items())
    assert kept[0] == pytest.approx(3.5, abs=0.1)
    peak = kept + magnetizing_ripple(FORWARD, parameters, solved)
    assert flux_density(core, parameters, peak)[0] > 5 * SATURATION


def test_that_every_use_of_a_given_duty_above_the_limit_says_the_same(design):
    given = replace(design, duty=0.55)
    candidate = msgspec.structs.replace(judged(design, duty=0.4), given_duty=0.55)
    for use in (
        lambda: operating_state(given),
        lambda: verify(given.spec, candidate),
        lambda: exports.deck(given),
        lambda: exports.waveforms(given),
        lambda: transients.start_up(given),
        lambda: transients.load_step(given),
        lambda: transients.line_step(given, 20.0, 30.0),
    ):
        with pytest.raises(InfeasibleError, match=r"not reset .* a duty below 50\.0%"):
            use()


@pytest.mark.parametrize("more", [[], ["--engine", "ngspice"], ["--transient", "start-up"]])
def test_that_the_command_line_ends_with_the_reason_and_the_code_of_a_failure(capsys, more):
    assert main(["simulate", str(CASE), "--duty", "0.55", *more]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "core is not reset" in shown.err
    assert len(shown.err.strip().splitlines()) == 1


# --- other ways to leave the core without its reset


@pytest.fixture
def wide(design):
    """A spec whose duty is 0.43, and a reset winding of twice the primary's turns: a third."""
    spec = spec_of(30.0, 12.0, 2.0, 200e3)
    primary = parameters_of(FORWARD, spec, design.values)["T1p"]
    return Subject(design_of(spec, FORWARD, design.values, overrides={"T1r": 4 * primary}))


def test_that_a_reset_winding_with_more_turns_lowers_the_limit(wide):
    without = evaluate(replace(wide.design, overrides={}))
    assert 1 / 3 < without.duty < 0.47
    found = evaluate(wide.design)
    assert found.metrics is None
    assert "allows a duty below 33.3%" in found.reasons[0]


def test_that_an_analysis_of_a_design_without_reset_is_refused_with_the_reason(wide):
    for analysis in (
        lambda s: monte_carlo(s, Draw(5)),
        lambda s: grid(s, np.array([30.0]), np.array([1.0])),
    ):
        with pytest.raises(DesignError, match="core is not reset"):
            analysis(wide)


def test_that_operating_points_without_reset_are_named_one_by_one(wide):
    spec = spec_of(48.0, 12.0, 2.0, 200e3, vin_min=40.0, vin_max=56.0)
    high = Subject(design_of(spec, FORWARD, wide.design.values, overrides=wide.design.overrides))
    points = sweep(high, "vin", np.array([30.0, 32.0, 48.0, 56.0])).points
    assert [point.duty is None for point in points] == [True, True, False, False]
    assert points[0].fails == (explain(NOT_RESET, 1 / 3),)


def test_that_supplies_whose_core_is_not_reset_fail_in_a_monte_carlo_analysis(wide):
    spec = spec_of(48.0, 12.0, 2.0, 200e3, vin_min=32.0)
    design = design_of(spec, FORWARD, wide.design.values, overrides=wide.design.overrides)
    found = monte_carlo(Subject(design), Draw(20, corners=True))
    assert found.passed == 0
    assert found.fails["no operating point"] == 20


def test_that_a_clamp_that_holds_too_little_voltage_leaves_the_core_without_reset(design):
    spec = spec_of(48.0, 12.0, 2.0, 200e3)
    assert evaluated(spec, FORWARD, design.values).metrics is not None
    found = evaluated(spec, FORWARD, design.values, overrides={"Rclamp": 5.0})
    assert found.metrics is None
    assert "less where the clamp holds less" in found.reasons[0]


def test_that_a_batch_refuses_only_the_designs_that_are_not_reset(design):
    count, resistances = 3, np.array([5.0, 20e3, 5.0])
    spec = spec_of(48.0, 12.0, 2.0, 200e3)
    arrays = {name: np.full(count, v) for name, v in design.values.items()}
    found = evaluate_many(
        [design_of(spec, FORWARD, design.values, overrides={"Rclamp": r}) for r in resistances]
    )
    assert [c.metrics is None for c in found] == [True, False, True]
    verdicts = verdicts_of(
        FORWARD, arrays, SpecBatch.of([spec] * count), overrides={"Rclamp": resistances}
    )
    assert verdicts.failures["infeasible"].tolist() == [True, False, True]
    assert np.isnan(verdicts.assessment.nominal.ripple).tolist() == [True, False, True]


def test_that_a_flyback_may_keep_flux_in_its_core():
    spec = ordinary_spec(FLYBACK)
    values = textbook_values(FLYBACK, spec)
    found = evaluated(spec, FLYBACK, values, duty=0.6)
    assert found.mode == "CCM"
    assert found.metrics is not None


# --- warnings


def shown(spec, topology, values, **options):
    (found,) = with_corners(spec, [evaluated(spec, topology, values, **options)])
    return found.warnings


def test_that_a_duty_that_only_the_drops_allow_is_warned_of(design):
    assert not any("reset" in text for text in shown(design.spec, FORWARD, design.values, duty=0.5))
    (warning,) = shown(design.spec, FORWARD, design.values, duty=0.505)
    assert warning == (
        "The duty reaches 50.5% and the reset winding allows 50.0%: only the drops in the circuit "
        "still reset the transformer's core."
    )


def test_that_a_corner_that_a_given_duty_leaves_without_operating_point_is_named_once(design):
    named = [t for t in shown(design.spec, FORWARD, design.values, duty=0.51) if "10% load" in t]
    assert named == [f"At 24 V and 10% load: {explain(NOT_RESET, 0.5)}"]


def test_that_an_inductor_whose_core_a_given_duty_saturates_is_warned_of():
    spec = spec_of(24.0, 48.0, 2.0, 150e3)
    values = textbook_values(BOOST, spec)
    (warning,) = shown(spec, BOOST, values, duty=0.8)
    assert warning.startswith("L1 is figured with the losses of a core that saturates: ")
    assert warning.endswith("and ferrite holds 0.39 T.")


def test_that_a_core_that_the_user_makes_too_small_is_warned_of(design):
    spec = spec_of(48.0, 12.0, 2.0, 200e3)
    assert shown(spec, FORWARD, design.values) == ()
    (warning,) = shown(spec, FORWARD, design.values, overrides={"T1r.turns_area": 1e-4})
    assert warning.startswith("T1r is figured with the losses of a core that saturates: ")


@pytest.mark.parametrize("topology", EVERY.values(), ids=EVERY)
def test_that_a_textbook_design_carries_no_warning_of_its_cores(topology):
    spec = spec_of(24.0, 48.0 if topology.family == "boost" else 12.0, 1.0, 150e3)
    warnings = shown(spec, topology, textbook_values(topology, spec))
    assert not any("core" in text for text in warnings)
