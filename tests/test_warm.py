import pytest

from arcs_engine import warm
from arcs_engine.errors import SolverError
from arcs_engine.topologies import REGISTRY


@pytest.mark.parametrize("topology", REGISTRY.values(), ids=REGISTRY)
def test_that_the_textbook_design_that_warms_the_solver_can_be_solved(topology):
    warm.warm(topology)


def test_that_a_design_that_cannot_be_solved_is_exit_1_with_the_reason(monkeypatch, capsys):
    def fails(topology):
        raise SolverError("It did not converge.")

    monkeypatch.setattr(warm, "warm", fails)
    assert warm.main() == 1
    assert "did not converge" in capsys.readouterr().err
