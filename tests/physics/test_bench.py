"""The yardsticks of ``arcs bench``, on made-up figures and small runs."""

import json
import sys
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from arcs_engine import cli
from arcs_engine.bench import cold, physics
from arcs_engine.bench import propose as propose_bench
from arcs_engine.bench import train as train_bench
from arcs_engine.bench.agreement import Difference, _summary
from arcs_engine.bench.bulk import bulk
from arcs_engine.bench.designs import random_designs, range_of, row
from arcs_engine.bench.infeasible import infeasible
from arcs_engine.bench.physics import settling_periods
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import InputError
from arcs_engine.learning.datasets.specs import REAL_WORK, draw, track_named
from arcs_engine.learning.training.config import preset


def with_jacobian(*eigenvalues):
    return SimpleNamespace(jacobian=np.diag(eigenvalues))


def test_that_the_slowest_transient_decides_the_settling():
    # 0.5^10 is 1/1024: the tenth period is the first below a thousandth.
    assert settling_periods(with_jacobian(0.5, 0.1)) == 10
    assert settling_periods(with_jacobian(-0.5, 0.1)) == 10
    assert settling_periods(with_jacobian(0.99)) == 688


def test_that_an_oscillation_settles_by_its_magnitude():
    turn = 0.9 * np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])
    assert settling_periods(SimpleNamespace(jacobian=turn)) == 66


@pytest.mark.parametrize("eigenvalue", [1.0, 1.2])
def test_that_what_does_not_decay_does_not_settle(eigenvalue):
    assert settling_periods(with_jacobian(eigenvalue)) > 3000


def test_that_a_dead_beat_circuit_settles_at_once():
    assert settling_periods(with_jacobian(0.0)) == 1


def good(design, **figures):
    wanted = {"vout": 0.001, "efficiency": 0.001, "ripple": 0.01, "ripple_of_vout": 1e-4}
    return Difference(design=design, **(wanted | figures))


def test_that_agreement_counts_each_quantity_by_itself():
    found = _summary(
        [
            good(0),
            good(1, vout=0.006),
            good(2, efficiency=0.006, dcm=True),
            good(3, ripple=0.06, ripple_of_vout=3e-4),
        ]
    )
    assert (found.designs, found.unjudged) == (4, 0)
    assert (found.vout, found.efficiency, found.ripple) == (0.75, 0.75, 0.75)
    assert found.dcm == 0.25
    assert found.worst["vout"] == (0.006, 1)
    assert found.worst["ripple"] == (0.06, 3)


def test_that_a_ripple_may_differ_by_a_trace_of_the_output():
    assert good(0, ripple=0.5, ripple_of_vout=1.9e-4).ripple_agrees
    assert not good(0, ripple=0.5, ripple_of_vout=2.1e-4).ripple_agrees
    assert good(0, ripple=0.05, ripple_of_vout=0.1).ripple_agrees


def test_that_what_ngspice_could_not_judge_is_counted_and_named():
    found = _summary([good(0), Difference(design=5, problem="not settled")])
    assert (found.designs, found.unjudged) == (2, 1)
    assert found.problems == ("design 5: not settled",)
    assert found.vout == 1.0


def test_that_random_designs_repeat_with_their_seed_and_span_the_loads(topology):
    one = random_designs(topology, 200, np.random.default_rng(3))
    two = random_designs(topology, 200, np.random.default_rng(3))
    assert one.specs == two.specs
    assert row(one.parameters, 7) == row(two.parameters, 7)
    for value in topology.design_values:
        if value.name in one.parameters:
            drawn = np.asarray(one.parameters[value.name])
            assert np.all((drawn >= value.low) & (drawn <= value.high))
            low, high = range_of(topology, value)
            assert drawn.max() / drawn.min() > 0.5 * high / low
    loads = one.batch.vout / one.parameters["rload"]
    assert loads == pytest.approx(one.batch.iout)


def test_that_no_design_makes_energy_and_few_do_not_converge():
    found = bulk(2100, 0, Control.silent())
    assert found.designs == 2100
    assert found.solved > 1500
    assert found.above_unity == 0
    assert found.worst_residue <= 0.005
    assert found.not_converged <= 2
    assert found.unbalanced <= 2
    assert bulk(2100, 0, Control.silent()) == found


def test_that_ngspice_finds_no_duty_either_where_the_solver_finds_none(ngspice):
    found = infeasible(5, 0, Control.silent())
    assert found.designs == 5
    assert found.confirmed == 5, found.contradicted
    assert found.runs > 30


def test_that_the_propose_bench_times_the_shipped_model_beside_ngspice(monkeypatch):
    monkeypatch.setattr(propose_bench, "_EACH", 1)
    found = propose_bench.bench_propose(seed=0, control=Control.silent())
    assert found.specs == found.ngspice_runs or found.ngspice_runs < found.specs
    assert 0 < found.p50_ms <= found.p95_ms
    assert found.polished_p50_ms > 0
    assert found.ratio > 1
    assert "one ngspice run" in propose_bench.markdown(found).lower()


@pytest.fixture(scope="module")
def trained():
    """Return the figures of training for real, with little data, and tiny models for all sizes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_bench, "_DATA", msgspec.structs.replace(train_bench._DATA, specs=6))
        patch.setattr(train_bench, "_STRETCHES", 2)
        patch.setattr(
            train_bench, "preset", lambda _: msgspec.structs.replace(preset("tiny"), batch=16)
        )
        return train_bench.bench_train(seed=0, control=Control.silent())


def test_that_the_train_bench_relates_training_to_what_the_processor_multiplies(trained):
    assert trained.batch == 16
    assert trained.parameters == {"tiny": 516_384, "small": 516_384}
    for size, speed in trained.sequences_per_second.items():
        # 16 to 64 tokens a sequence, 6 operations for each of half a million parameters.
        operations = trained.utilisation[size] * trained.matmul_gflops * 1e9 / speed
        assert 16 < operations / (6 * 516_384) < 64
    speeds = trained.sequences_per_second
    assert trained.ratio == pytest.approx(speeds["tiny"] / speeds["small"])
    assert "| tiny | 516,384 |" in train_bench.markdown(trained)


@pytest.mark.parametrize("subject", ["train", "all"])
def test_that_bench_prints_one_document_with_its_subjects(trained, subject, monkeypatch, capsys):
    figures = {"physics": physics, "propose": propose_bench, "train": train_bench}
    for name, module in figures.items():
        monkeypatch.setattr(module, f"bench_{name}", lambda **_: trained)
        monkeypatch.setattr(module, "markdown", lambda found: f"{found.seed}")
    gui = SimpleNamespace(bench=lambda: trained, markdown=lambda found: f"{found.seed}")
    monkeypatch.setitem(sys.modules, "arcs_gui.bench", gui)
    assert cli.main(["bench", subject, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ([*figures, "gui"] if subject == "all" else ["train"])
    assert document["train"]["sequences_per_second"] == trained.sequences_per_second


@pytest.mark.parametrize("arguments", [("train", "--bulk", "9"), ("--bulk", "9", "--cold", "1")])
def test_that_what_takes_the_place_of_a_bench_is_given_alone(arguments, capsys):
    assert cli.main(["bench", *arguments]) == 2
    assert "give it alone, to arcs bench physics" in capsys.readouterr().err


def test_that_ngspice_from_rest_comes_to_where_the_solver_says(monkeypatch):
    chosen = {name: REGISTRY[name] for name in ("buck", "flyback")}
    monkeypatch.setattr(cold, "REGISTRY", chosen)
    monkeypatch.setattr(cold, "LONGEST", 100)
    found = cold.cold_starts(2, 0, Control.silent())
    assert found.cold.keys() == chosen.keys()
    for each in found.cold.values():
        assert each.designs == each.agree == 2, each.apart
        assert each.vout <= 0.01
    assert "| buck | 2 | 2 |" in cold.markdown(found)


@pytest.mark.parametrize("topology", REGISTRY.values(), ids=REGISTRY)
def test_that_random_designs_of_real_work_lie_round_the_textbook_design(topology):
    drawn = random_designs(topology, 40, np.random.default_rng(5), REAL_WORK)
    full = draw(topology, 40, np.random.default_rng(5), REAL_WORK)
    textbook = topology.textbook(SpecBatch.of(full)).values
    assert max(spec.fsw for spec in drawn.specs) > 1e6
    for value in topology.design_values:
        if value.name not in drawn.parameters:
            continue
        ratio = drawn.parameters[value.name] / textbook[value.name]
        inside = (drawn.parameters[value.name] > value.low) & (
            drawn.parameters[value.name] < value.high
        )
        assert np.all(ratio[inside] <= 3.0 * (1 + 1e-9))
        assert np.all(ratio[inside] >= (1 - 1e-9) / 3.0)
        assert np.ptp(np.log(ratio)) > 1


def test_that_a_track_that_is_not_drawn_is_refused_in_one_sentence():
    with pytest.raises(InputError, match="Specs are drawn on track C or D, not on A"):
        track_named("A")
