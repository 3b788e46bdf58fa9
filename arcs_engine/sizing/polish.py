"""The local search of proposals: from judged designs to better ones near them."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.foundation.control import Control
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.verdict import Reference, evaluate_many
from arcs_engine.sizing.search.descent import descend
from arcs_engine.sizing.search.ledger import Ledger
from arcs_engine.sizing.search.problems import Problems

ROUNDS: Final = 4
KEPT: Final = 48
"""Most designs that a local search hands back: what a shortlist chooses from."""


def order(candidate: Candidate) -> tuple[bool, float, float]:
    """Return the sort key of a ranking: by cost what meets the spec, then the rest by reward.

    The verdict comes first: against another topology's textbook design, what meets the spec may
    cost more than the penalty of what fails.
    """
    return (not candidate.meets_spec, candidate.cost, -candidate.reward)


def polish(
    spec: Spec,
    starts: list[Candidate],
    *,
    locks: Mapping[str, float],
    reference: Reference | None = None,
    rounds: int = ROUNDS,
    kept: int = KEPT,
    control: Control | None = None,
) -> list[Candidate]:
    """Walk from each start to better neighbours, a step in one value a round.

    Args:
        spec: what the designs must do.
        starts: designs of one topology.
        locks: values that may not move.
        reference: what costs 1; None for the topology's own textbook design.
        rounds: most steps from a start.
        kept: most designs to return.
        control: asked between rounds whether to stop.

    Returns:
        The best designs that were judged on the way, best first, the starts not among them; no two
        alike.
    """
    if not starts:
        return []
    topology = find_topology(starts[0].topology)
    problems = Problems.of(topology, [spec], reference=reference, locks=locks)
    ledger = Ledger(problems)
    columns = {n: np.array([c.values[n] for c in starts]) for n in problems.lattice.names}
    descend(
        ledger,
        np.zeros(len(starts), dtype=np.int64),
        problems.lattice.nearest(columns),
        rounds=rounds,
        control=control,
    )
    trace = ledger.traces()[0]
    table = np.stack([trace.values[n] for n in columns], axis=1)
    known = {tuple(row) for row in np.stack(list(columns.values()), axis=1).tolist()}
    ranked: dict[tuple[float, ...], int] = {}
    for row in np.argsort(trace.score, kind="stable").tolist():
        ranked.setdefault(tuple(table[row].tolist()), row)
    rows = [row for design, row in ranked.items() if design not in known][:kept]
    if not rows:
        return []
    values = {n: v[rows] for n, v in trace.values.items()}
    return evaluate_many(spec, topology, values, origin="search", reference=reference)
