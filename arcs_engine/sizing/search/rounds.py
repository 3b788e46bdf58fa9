"""Candidate designs for specs, from the textbook outwards to the best that a search finds."""

from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.design_space import Lattice, Places
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.circuits.topologies.base import Topology, Values
from arcs_engine.foundation import bounds
from arcs_engine.foundation.control import Control
from arcs_engine.sizing.search.valley import Valley


class Judged(Protocol):
    """What the search and the store need of `evaluate.Verdicts`; shape (n,) each."""

    @property
    def cost(self) -> FloatArray:
        """3 where the spec is not met."""

    @property
    def meets_spec(self) -> NDArray[np.bool_]:
        """Whether every check passed."""

    @property
    def ripple(self) -> FloatArray:
        """Achieved, a fraction of Vout."""

    @property
    def efficiency_estimated(self) -> FloatArray:
        """Achieved, a fraction."""

    @property
    def reward(self) -> FloatArray:
        """The 8-point reward."""

    @property
    def status(self) -> NDArray[np.integer]:
        """Index into `evaluate.STATUSES`."""


class Judge(Protocol):
    """`evaluate.judge`, or a stand-in for it in tests."""

    def __call__(
        self, topology: Topology, values: Values, specs: SpecBatch, weight: FloatArray
    ) -> Judged:
        """Judge n designs, each for its own spec and slider weight."""


_RANGES = {
    "nearby": (0, 10_000),
    "anywhere": (0, 10_000),
    "rounds": (0, 1000),
    "moves": (0, 10_000),
    "steps": (0, 1000),
}


class Effort(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How hard to look for each spec.

    Attributes:
        nearby: designs drawn around the textbook one.
        anywhere: designs drawn over the whole ranges.
        rounds: rounds of random moves from the best so far, the moves shrinking.
        moves: moves in each round.
        steps: last rounds, which try every neighbour of the best so far.
    """

    nearby: int = 8
    anywhere: int = 3
    rounds: int = 6
    moves: int = 10
    steps: int = 3

    def __post_init__(self) -> None:
        bounds.check(self, _RANGES, "effort")

    @classmethod
    def of(cls, per_spec: int) -> "Effort":
        """Return an effort of about so many evaluations for each spec, from 20 on.

        A step takes about ten: two for each of four to six values.
        """
        steps = max(1, round(per_spec / 40))
        rest = max(per_spec - 1 - 10 * steps, 9)
        first = min(rest // 2, 11)
        rounds = max(2, min(6, (rest - first) // 6))
        return cls(
            nearby=first - first // 3,
            anywhere=first // 3,
            rounds=rounds,
            moves=max(1, (rest - first) // rounds),
            steps=steps,
        )


@dataclass(frozen=True)
class Found:
    """Every design that was judged for n specs, m each.

    Attributes:
        places: shape (n, m, slots).
        score: less is better, shape (n, m); see `_score`.
        meets_spec: shape (n, m).
        ripple: achieved fraction, shape (n, m).
        efficiency: estimated, shape (n, m).
        cost: shape (n, m).
        status: shape (n, m).
    """

    places: Places
    score: FloatArray
    meets_spec: NDArray[np.bool_]
    ripple: FloatArray
    efficiency: FloatArray
    cost: FloatArray
    status: NDArray[np.integer]

    def best(self) -> Places:
        """Return the best design of each spec, (n, slots)."""
        return np.asarray(self.places[np.arange(len(self.score)), self.score.argmin(axis=1)])

    def gathered(self, count: int) -> "Found":
        """Return the designs of walks, equally many for each of `count` specs, by spec."""
        rows = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Found(**{n: row.reshape(count, -1, *row.shape[2:]) for n, row in rows.items()})

    def with_more(self, other: "Found") -> "Found":
        """Return both sets of designs of the same specs."""
        return Found(
            *(
                np.concatenate((getattr(self, name), getattr(other, name)), axis=1)
                for name in self.__dataclass_fields__
            )
        )


def search(
    topology: Topology,
    specs: SpecBatch,
    weight: FloatArray,
    judge: Judge,
    effort: Effort,
    rng: np.random.Generator,
    control: Control,
) -> Found:
    """Judge the textbook design, others around it and anywhere, and moves from the best on.

    Args:
        topology: what to design.
        specs: n specs.
        weight: the slider of each, shape (n,).
        judge: scores designs.
        effort: how many to try; the columns of the result come in its order, the textbook first.
        rng: source of all chance.
        control: asked between rounds whether to stop.
    """
    lattice = Lattice(topology)
    textbook = lattice.nearest(topology.textbook(specs).values)
    around = lattice.near(np.repeat(textbook[:, None], effort.nearby, axis=1), 0.25, rng)
    anywhere = lattice.anywhere((len(specs), effort.anywhere), rng)
    first = np.concatenate((textbook[:, None], around, anywhere), axis=1)
    found = judged(topology, first, specs, weight, judge)
    for decades in np.geomspace(0.3, 0.05, effort.rounds):
        control.checkpoint()
        start = np.repeat(found.best()[:, None], effort.moves, axis=1)
        tried = lattice.buyable(lattice.near(start, float(decades), rng), specs.vout[:, None])
        found = found.with_more(_judged(topology, lattice, tried, specs, weight, judge, found))
    return stepped(topology, specs, weight, judge, found, effort.steps, control)


def judged(
    topology: Topology, places: Places, specs: SpecBatch, weight: FloatArray, judge: Judge
) -> Found:
    """Judge m designs for each of n specs, `places` of shape (n, m, slots)."""
    return _judged(topology, Lattice(topology), places, specs, weight, judge, None)


def stepped(
    topology: Topology,
    specs: SpecBatch,
    weight: FloatArray,
    judge: Judge,
    found: Found,
    steps: int,
    control: Control,
) -> Found:
    """Try every neighbour of the best design of each spec, and again from there, `steps` times."""
    lattice = Lattice(topology)
    for _ in range(steps):
        control.checkpoint()
        tried = lattice.buyable(lattice.neighbours(found.best()), specs.vout[:, None])
        found = found.with_more(_judged(topology, lattice, tried, specs, weight, judge, found))
    return found


def turned(
    topology: Topology,
    specs: SpecBatch,
    weight: FloatArray,
    judge: Judge,
    found: Found,
    steps: int,
    control: Control,
) -> Found:
    """Move the best design of each spec along the turns ratio, where that is free, and step on."""
    valley = Valley(topology, specs)
    if not valley.turns:
        return found
    lattice, count = Lattice(topology), len(found.score)
    best = found.best()
    around = lattice.buyable(valley.around(np.arange(count), best), specs.vout[:, None])
    tried = _judged(topology, lattice, around, specs, weight, judge, found)
    found = found.with_more(tried)
    # A walk of its own from each of several turns ratios: the best so far would not leave its own.
    starts = [
        valley.promising(*row, np.inf) for row in zip(tried.places, tried.score, best, strict=True)
    ]
    each = np.repeat(np.arange(count), [len(places) for places in starts])
    mine, its = specs.take(each), weight[each]
    walks = judged(topology, np.concatenate(starts)[:, None], mine, its, judge)
    walks = stepped(topology, mine, its, judge, walks, steps, control)
    return found.with_more(walks.gathered(count))


def _judged(
    topology: Topology,
    lattice: Lattice,
    places: Places,
    specs: SpecBatch,
    weight: FloatArray,
    judge: Judge,
    known: Found | None,
) -> Found:
    """Judge each distinct design once; what is known already comes from there."""
    every = places if known is None else np.concatenate((known.places, places), axis=1)
    shape, past = every.shape[:2], every.shape[1] - places.shape[1]
    first, inverse = distinct(lattice, every)
    new = first[first % shape[1] >= past]
    new = new if new.size else first[:1]  # a judge takes at least one
    owner, column = np.divmod(new, shape[1])
    verdict = judge(
        topology, lattice.values(every[owner, column]), specs.take(owner), weight[owner]
    )

    def spread(name: str, figure: NDArray[Any]) -> NDArray[Any]:
        whole = np.zeros(shape, dtype=figure.dtype)
        if known is not None:
            whole[:, :past] = getattr(known, name)
        whole[owner, column] = figure
        return whole.reshape(-1)[first[inverse]][:, past:]

    return Found(
        places=places,
        score=spread("score", _score(verdict, specs.ripple[owner])),
        meets_spec=spread("meets_spec", verdict.meets_spec),
        ripple=spread("ripple", verdict.ripple),
        efficiency=spread("efficiency", verdict.efficiency_estimated),
        cost=spread("cost", verdict.cost),
        status=spread("status", verdict.status),
    )


def distinct(lattice: Lattice, places: Places) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the distinct designs of each of n specs, `places` of shape (n, m, slots).

    Returns:
        Where each first comes, counted along (n, m), in no particular order; and for each design
        which of these it is, shape (n, m).
    """
    count, tried, slots = places.shape
    owner = np.repeat(np.arange(count), tried)
    keys = np.ravel_multi_index((owner, *places.reshape(-1, slots).T), (count, *lattice.sizes))
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return first, inverse.reshape(count, tried)


def _score(verdict: Judged, allowed: FloatArray) -> FloatArray:
    """Return cost where the spec is met; behind all of these, failures, the nearest ones first."""
    excess = np.nan_to_num(verdict.ripple / allowed, nan=np.inf)
    failed = 1e6 - verdict.reward + np.minimum(excess, 1e3)
    return np.where(verdict.meets_spec, verdict.cost, failed)
