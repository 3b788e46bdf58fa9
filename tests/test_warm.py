import numpy as np
from numba.core.registry import CPUDispatcher

from arcs_engine.bench.designs import random_designs
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import SolverError
from arcs_engine.performance import warm
from arcs_engine.simulation.steady import newton, solve, solver


def _compiled():
    return {
        name: len(kernel.signatures)
        for module in (newton, solver)
        for name, kernel in vars(module).items()
        if isinstance(kernel, CPUDispatcher)
    }


def test_that_one_design_compiles_what_every_topology_needs():
    rng = np.random.default_rng(0)
    warm.warm()
    before = _compiled()
    for topology in REGISTRY.values():
        drawn = random_designs(topology, 3, rng)
        solve(topology, drawn.parameters, drawn.batch.fsw, vout=drawn.batch.vout)
    assert _compiled() == before


def test_that_a_design_that_cannot_be_solved_is_exit_1_with_the_reason(monkeypatch, capsys):
    def fails():
        raise SolverError("It did not converge.")

    monkeypatch.setattr(warm, "warm", fails)
    assert warm.main() == 1
    assert "did not converge" in capsys.readouterr().err
