"""Local search over neighbouring E-series values, one solver batch a round."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from arcs_engine.candidate import Candidate
from arcs_engine.evaluate import Reference, evaluate_many
from arcs_engine.jobs.control import Control
from arcs_engine.lattice import Lattice
from arcs_engine.spec import FloatArray, Spec
from arcs_engine.topologies import topology as find_topology

ROUNDS: Final = 4


def order(candidate: Candidate) -> tuple[float, float]:
    """Return the sort key of a ranking: by cost what meets the spec, then the rest by reward."""
    return (candidate.cost, -candidate.reward)


def polish(
    spec: Spec,
    starts: list[Candidate],
    *,
    locks: Mapping[str, float],
    reference: Reference | None = None,
    rounds: int = ROUNDS,
    control: Control | None = None,
) -> list[Candidate]:
    """Walk from each start to better neighbours, a step in one value a round.

    Args:
        spec: what the designs must do.
        starts: judged designs of one topology.
        locks: values that may not move.
        reference: what costs 1; None for the topology's own textbook design.
        rounds: most steps from a start.
        control: asked between rounds whether to stop.

    Returns:
        Every design that was judged on the way, the starts not among them; no two alike.
    """
    control = control or Control.silent()
    found: dict[tuple[float, ...], Candidate] = {}
    known = {_key(c): c for c in starts}
    walkers = list(known.values())
    for _ in range(rounds):
        control.checkpoint()
        if not walkers:
            break
        tried = _neighbours(walkers, locks)
        fresh = [row for row in np.unique(tried, axis=0) if tuple(row.tolist()) not in known]
        if not fresh:
            break
        names = list(walkers[0].values)
        columns: dict[str, FloatArray] = dict(zip(names, np.array(fresh).T, strict=True))
        topology = find_topology(walkers[0].topology)
        judged = evaluate_many(spec, topology, columns, origin="search", reference=reference)
        known |= {_key(c): c for c in judged}
        found |= {_key(c): c for c in judged}
        walkers = _improved(walkers, known, locks)
    return list(found.values())


def _key(candidate: Candidate) -> tuple[float, ...]:
    return tuple(candidate.values.values())


def _neighbours(walkers: list[Candidate], locks: Mapping[str, float]) -> FloatArray:
    """Return the value rows one E-series step away from the walkers, shape (n, values)."""
    lattice = Lattice(find_topology(walkers[0].topology))
    names = list(walkers[0].values)
    columns = {name: np.array([w.values[name] for w in walkers]) for name in names}
    places = lattice.neighbours(lattice.nearest(columns))
    values = lattice.values(places.reshape(-1, places.shape[-1]))
    # A lock keeps the user's own number, which need not be of the series.
    return np.stack(
        [np.full_like(values[n], locks[n]) if n in locks else values[n] for n in names], 1
    )


def _improved(
    walkers: list[Candidate],
    known: Mapping[tuple[float, ...], Candidate],
    locks: Mapping[str, float],
) -> list[Candidate]:
    """Return where the walkers that can improve stand next; those that meet are one."""
    moved: dict[tuple[float, ...], Candidate] = {}
    for walker in walkers:
        around = (known.get(tuple(row.tolist())) for row in _neighbours([walker], locks))
        best = min((c for c in around if c is not None), key=order, default=walker)
        if order(best) < order(walker):
            moved[_key(best)] = best
    return list(moved.values())
