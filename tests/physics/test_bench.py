"""The yardsticks of ``arcs bench physics``, on made-up figures."""

from types import SimpleNamespace

import numpy as np
import pytest

from arcs_engine.bench import cold
from arcs_engine.bench import propose as propose_bench
from arcs_engine.bench.agreement import Difference, _summary
from arcs_engine.bench.bulk import bulk
from arcs_engine.bench.designs import random_designs, row
from arcs_engine.bench.infeasible import infeasible
from arcs_engine.bench.physics import settling_periods
from arcs_engine.jobs.control import Control
from arcs_engine.topologies import REGISTRY


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
            assert drawn.max() / drawn.min() > 0.5 * value.high / value.low
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
