"""The table: the same judge and account for every method, and honest uncertainty."""

import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from arcs_engine.circuits.eseries import snap
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import FileError
from arcs_engine.learning.model_evaluation import auto, tasks
from arcs_engine.learning.model_evaluation.confirm import confirm
from arcs_engine.learning.model_evaluation.methods import Methods
from arcs_engine.learning.model_evaluation.references import Reference, References
from arcs_engine.learning.model_evaluation.report import Extent, evaluate_model, markdown
from arcs_engine.learning.model_evaluation.rows import Grading, interval
from arcs_engine.learning.model_evaluation.structure import StructureSamples
from arcs_engine.model.model import load
from arcs_engine.model.request import Request
from arcs_engine.performance.cost import FAILED_COST
from arcs_engine.performance.design import Designs
from arcs_engine.performance.physics_hash import physics_hash
from arcs_engine.performance.verdict import judge
from arcs_engine.sizing.problem import Problem
from arcs_engine.sizing.proposal import Proposer
from arcs_engine.sizing.search.optimum import Optimum, Patience
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.trials import Trials


@pytest.fixture(scope="module")
def model():
    return load()


@pytest.fixture(scope="module")
def few():
    drawn = tasks.draw("C", 3, seed=7)
    return [task for task in drawn if task.spec.topology in ("buck", "buck_boost")]


@pytest.fixture(scope="module")
def found(model, few):
    optima = {task.name: 0.5 for task in few}
    return evaluate_model(model, few, Extent(Methods((3, 8), baselines=40, seed=1), optima))


def attempts(plan, few):
    return plan.attempt(few, Control.silent())


def named(found, name):
    return next(each for each in found.rows if each.method == name)


def test_that_every_row_judges_every_task(found, few):
    assert all(each.attempts == len(few) for each in found.rows)
    assert {"buck", "buck_boost"} == set(found.rows[0].per_topology)
    assert sum(f.attempts for f in found.rows[0].per_topology.values()) == len(few)


def test_that_the_textbook_row_is_one_evaluation_and_costs_one(found):
    textbook = named(found, "textbook")
    assert textbook.evaluations == 1
    assert textbook.cost.median == pytest.approx(1.0)
    assert textbook.win_rate == 0


def test_that_the_funnel_narrows(found):
    for each in found.rows:
        assert each.structurally_valid >= each.solved >= each.strict_pass
        assert each.strict_pass >= each.strict_pass_corners
        quality = each.quality_pass
        assert each.strict_pass_corners >= quality["1.10"] >= quality["1.05"] >= quality["1.02"]


def test_that_more_designs_and_a_local_search_never_cost_more(found):
    """The likeliest design is among all that are drawn; three and eight have no other in common."""
    likeliest = named(found, "model pass@1").cost.mean
    for count in (3, 8):
        assert named(found, f"model best-of-{count}").cost.mean <= likeliest
    improved = named(found, "model best-of-8 polished")
    assert improved.cost.mean <= named(found, "model best-of-8").cost.mean
    assert improved.evaluations > 8
    for each in found.curves:
        costs = list(each.cost.values())
        assert costs == sorted(costs, reverse=True)


def test_that_the_interval_holds_the_mean(found):
    for each in found.rows:
        assert each.cost.low <= each.cost.mean <= each.cost.high


def test_that_the_bootstrap_interval_is_that_of_a_known_distribution():
    samples = np.random.default_rng(0).normal(2.0, 1.0, size=400)
    low, high = interval(samples, seed=3)
    error = 1.96 * samples.std() / np.sqrt(len(samples))
    assert (low, high) == pytest.approx(
        (samples.mean() - error, samples.mean() + error), abs=0.15 * error
    )


def test_that_a_design_that_fails_counts_as_three(model, few):
    corner = next(plan for plan in Methods().of_searches(1) if plan.name.startswith("largest"))
    made = Grading().row(corner.name, attempts(corner, few))
    assert made.cost.mean == FAILED_COST
    assert made.strict_pass_corners == 0
    assert made.quality_pass is None
    assert made.diversity is None
    # Where no search found a design either, failing is no quality.
    optima = {task.name: FAILED_COST for task in few}
    made = Grading(optima).row(corner.name, attempts(corner, few))
    assert made.quality_pass["1.10"] == 0


def test_that_pass_at_one_is_one_evaluation_of_the_likeliest_design(model, few):
    greedy = next(plan for plan in Methods((1,)).of_model(model) if plan.name == "model pass@1")
    for each in attempts(greedy, few):
        assert each.evaluations == 1
        topology = REGISTRY[each.task.spec.topology]
        wanted = model.sample(Request(each.task.spec, topology, 1))
        problems = Problems.of(topology, [each.task.spec])
        bought = problems.values(Trials.of_one(problems.lattice.nearest(wanted)))
        assert each.values == pytest.approx({n: float(v[0]) for n, v in bought.items()})
        arrays = {n: np.array([v]) for n, v in each.values.items()}
        verdict = judge(Designs.of(topology, arrays, SpecBatch.of([each.task.spec])))
        assert each.cost == pytest.approx(float(verdict.cost[0]))


def test_that_the_seeded_genetic_algorithm_begins_with_the_models_designs(model, few):
    seeded = attempts(Methods().seeded(model, 40), few)
    best = next(plan for plan in Methods((32,)).of_model(model) if plan.name == "model best-of-32")
    for evolved, drawn in zip(seeded, attempts(best, few), strict=True):
        assert evolved.cost <= drawn.cost + 1e-12


def test_that_a_model_of_another_objective_is_judged_by_this_one_and_said_to_be(model, found):
    assert found.model.physics_hash == model.card.physics_hash
    assert found.physics_hash == physics_hash(model.card.topologies)
    assert found.model.physics_matches == (found.model.physics_hash == found.physics_hash)
    stranger = replace(model, card=msgspec.structs.replace(model.card, physics_hash="0" * 16))
    assert not Proposer(stranger).matches
    native = replace(
        model, card=msgspec.structs.replace(model.card, physics_hash=found.physics_hash)
    )
    assert Proposer(native).matches


def test_that_what_a_model_of_this_objective_proposes_are_banks_that_are_sold(model, few):
    """The first of the samples is the likeliest design; its output capacitor is bought."""
    card = msgspec.structs.replace(model.card, physics_hash=physics_hash(model.card.topologies))
    task = few[0]
    problem = Problem(task.spec, task.topology)
    found = Proposer(replace(model, card=card)).search(problem, seed=0, control=Control.silent())
    samples = [each for each in found.pool if each.origin == "model"]
    assert samples
    values = {n: np.array([each.values[n] for each in samples]) for n in samples[0].values}
    assert all(
        np.allclose(column, problem.bought(values)[name], rtol=1e-9)
        for name, column in values.items()
    )
    assert any(not np.isclose(c, snap(c, "E12", 1e-9, 1.0)) for c in values["Cout"])


def test_that_the_same_seed_gives_the_same_rows(model, few, found):
    optima = {task.name: 0.5 for task in few}
    again = evaluate_model(model, few, Extent(Methods((3, 8), seed=1), optima))
    for each in again.rows:
        before = msgspec.structs.asdict(named(found, each.method))
        after = msgspec.structs.asdict(each)
        assert {k: v for k, v in before.items() if k != "latency_ms"} == {
            k: v for k, v in after.items() if k != "latency_ms"
        }


def test_that_ngspice_confirms_designs_that_meet_their_spec(model, few):
    plan = next(p for p in Methods((3,)).of_model(model) if p.name.endswith("3 polished"))
    said = confirm(attempts(plan, few), 2, Control.silent())
    assert said.asked == 2
    assert said.share == 1, said.reasons
    assert said.vout_error < 0.003


def test_that_the_table_names_the_published_figures_as_those_of_another_physics(found):
    text = markdown(found)
    assert "whose physics was another" in text
    assert "| model best-of-8 polished |" in text
    assert "77.1 %" in text


def test_that_drawn_specs_are_those_of_their_track_and_of_their_seed():
    nominal = tasks.draw("B", 9, seed=0)
    assert [t.spec.topology for t in nominal] == list(
        dict.fromkeys(t.spec.topology for t in nominal)
    )
    assert (nominal[0].spec.vin, nominal[0].spec.vout, nominal[0].spec.iout) == (12, 5, 1)
    around = tasks.draw("A", 20, seed=0)
    assert len(around) == 140
    ratios = np.array([t.spec.vin / 12 for t in around if t.spec.topology == "buck"])
    assert ratios.min() >= 0.8
    assert ratios.max() <= 1.2
    assert tasks.draw("C", 2, seed=5) == tasks.draw("C", 2, seed=5)
    assert tasks.draw("C", 2, seed=5) != tasks.draw("C", 2, seed=6)


SPEC = {
    "id": "one",
    "topology": "buck",
    "vin": 12,
    "vin_min": 11,
    "vin_max": 13,
    "vout": 5,
    "iout": 1,
    "fsw": 1e5,
    "ripple": 0.01,
}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "no list of specs"),
        ("[", "no list of specs"),
        ("[]", "no specs"),
        (json.dumps([SPEC, SPEC]), "more than one spec with the id 'one'"),
        (json.dumps([SPEC | {"vout": 40}]), "spec 'one'"),
        (json.dumps([SPEC | {"topology": "bukc"}]), "spec 'one'"),
        (json.dumps([SPEC | {"vin": "twelve"}]), "spec 'one'"),
        (json.dumps([SPEC | {"volume": 1}]), "spec 'one'"),
        (json.dumps([SPEC | {"load_step": [1, 0.5]}]), "load_step is 100 % to 50 %"),
        (json.dumps([SPEC | {"ripple_current": "some"}]), "spec 'one'"),
    ],
)
def test_that_a_bad_list_of_specs_gets_one_sentence(tmp_path, content, said):
    path = tmp_path / "specs.json"
    path.write_text(content)
    with pytest.raises(FileError, match=said):
        tasks.read(path)


def test_that_a_good_list_of_specs_is_read(tmp_path):
    path = tmp_path / "specs.json"
    step = {"load_step": [0.25, 1], "deviation": None, "longest_duty": "none"}
    path.write_text(json.dumps([SPEC, SPEC | {"id": "two"} | step]))
    before, after = tasks.read(path)
    assert before.name == "one"
    assert before.spec.fsw == 1e5
    assert (before.spec.load_step, before.spec.deviation) == ((0.5, 1.0), 0.05)
    assert (after.spec.load_step, after.spec.deviation) == ((0.25, 1.0), None)
    assert after.spec.longest_duty == "none"


def test_that_reference_optima_are_found_once_and_survive_a_stop(tmp_path, few):
    path = tmp_path / "optima.jsonl"
    patience = Patience(evaluations=80, starts=2)
    first = References(path).find(few[:1], patience)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])  # the stop came while a line was written
    both = References(path).find(few[:2], patience)
    assert both[0] == first[0]
    assert len(path.read_bytes().splitlines()) == 2
    costs = References(path).costs(few)
    assert costs == {each.name: each.optimum.cost for each in both}
    assert all(cost < 1 for cost in costs.values())


def test_that_an_optimum_of_another_physics_is_refused(tmp_path, few):
    path = tmp_path / "optima.jsonl"
    line = Reference(
        name=few[0].name,
        spec=few[0].spec,
        physics_hash="0" * 16,
        optimum=Optimum(values={}, cost=0.5, genetic={}, evaluations=1),
    )
    path.write_bytes(msgspec.json.encode(line) + b"\n")
    with pytest.raises(FileError, match="another version of the physics"):
        References(path).costs(few)


def test_that_everything_is_valid_under_the_mask_and_nearly_everything_free(model):
    found = StructureSamples(model, tasks.draw("C", 1, 0), 200, 0).structure(Control.silent())
    assert found.samples == 200
    assert found.masked == 1
    assert found.unmasked >= 0.97
    assert 0.8 <= found.unconditional <= 1


def test_that_auto_is_judged_by_the_optimum_of_every_topology_that_fits(model, monkeypatch):
    monkeypatch.setattr(auto, "EVALUATIONS", 60)
    monkeypatch.setattr(auto, "STARTS", 1)
    found = auto.AutoTrial(model, 2, 0).judge(Control.silent())
    assert found.specs == 2
    for choice in found.choices:
        assert len(choice.optima) >= 2
        assert choice.optima[choice.best] == min(choice.optima.values())
        assert choice.regret == pytest.approx(
            choice.optima[choice.chosen] / choice.optima[choice.best] - 1
        )
    assert found.right == np.mean([choice.regret == 0 for choice in found.choices])
    assert f"{found.specs} specs" in auto.markdown(found)
