"""The local search of proposals: from judged designs to better ones near them."""

from typing import Final

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.control import Control
from arcs_engine.performance.candidate import Candidate
from arcs_engine.sizing.problem import Problem
from arcs_engine.sizing.search.ledger import Ledger
from arcs_engine.sizing.search.local import LocalSearch
from arcs_engine.sizing.search.trials import Trials

ROUNDS: Final = 4
KEPT: Final = 48
"""Most designs that a local search hands back: what a shortlist chooses from."""


def better_near(
    problem: Problem,
    starts: list[Candidate],
    *,
    rounds: int = ROUNDS,
    control: Control | None = None,
) -> list[Candidate]:
    """Search from each start among its neighbours, a step in one value per round.

    Args:
        problem: what the designs are for; locked values do not move.
        starts: designs of its topology.
        rounds: most steps from a start.
        control: asked between rounds whether to stop.

    Returns:
        The best designs that were judged on the way, best first, the starts not among them; no two
        alike and `KEPT` at most.
    """
    if not starts:
        return []
    posed = problem.posed
    ledger = Ledger(posed)
    names = posed.lattice.names
    columns = {n: np.array([c.values[n] for c in starts]) for n in names}
    LocalSearch(ledger, rounds, control=control or Control.silent()).run(
        Trials.of_one(posed.lattice.nearest(columns))
    )
    trace = ledger.traces()[0]
    known = set(_designs(columns))
    ranked: dict[tuple[float, ...], int] = {}
    designs = _designs({n: trace.values[n] for n in names})
    for row in np.argsort(trace.judged.score, kind="stable").tolist():
        ranked.setdefault(designs[row], row)
    rows = [row for design, row in ranked.items() if design not in known][:KEPT]
    if not rows:
        return []
    return problem.judged({n: v[rows] for n, v in trace.values.items()}, "search")


def _designs(columns: dict[str, FloatArray]) -> list[tuple[float, ...]]:
    """Return the values of each design, in the order of the columns."""
    return [tuple(row) for row in np.stack(list(columns.values()), axis=1).tolist()]
