"""Candidate designs for specs, from the textbook outwards to the best that a search finds."""

from dataclasses import dataclass
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine import parts
from arcs_engine.jobs.control import Control
from arcs_engine.lattice import Lattice, Places
from arcs_engine.spec import FloatArray, SpecBatch
from arcs_engine.topologies.base import Topology, Values


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
    found = _judged(topology, lattice, first, specs, weight, judge)
    for decades in np.geomspace(0.3, 0.05, effort.rounds):
        control.checkpoint()
        start = np.repeat(found.best()[:, None], effort.moves, axis=1)
        tried = _buyable(lattice, lattice.near(start, float(decades), rng), specs)
        found = found.with_more(_judged(topology, lattice, tried, specs, weight, judge))
    for _ in range(effort.steps):
        control.checkpoint()
        tried = _buyable(lattice, lattice.neighbours(found.best()), specs)
        found = found.with_more(_judged(topology, lattice, tried, specs, weight, judge))
    return found


def _buyable(lattice: Lattice, places: Places, specs: SpecBatch) -> Places:
    """Raise each ESR below what can be bought to the next value above; spares a wasted solution."""
    shape = places.shape
    flat = places.reshape(-1, shape[-1])
    values = lattice.values(flat)
    vout = np.repeat(specs.vout, shape[1])
    bound = parts.esr_bound(values["Cout"], vout)
    raised = lattice.at_least("Cout_esr", bound)
    slot = lattice.names.index("Cout_esr")
    flat = flat.copy()
    flat[:, slot] = np.maximum(flat[:, slot], raised)
    return flat.reshape(shape)


def _judged(
    topology: Topology,
    lattice: Lattice,
    places: Places,
    specs: SpecBatch,
    weight: FloatArray,
    judge: Judge,
) -> Found:
    count, tried = places.shape[:2]
    owner = np.repeat(np.arange(count), tried)
    values = lattice.values(places.reshape(count * tried, -1))
    verdict = judge(topology, values, specs.take(owner), weight[owner])

    shape = (count, tried)
    return Found(
        places=places,
        score=_score(verdict, specs.ripple[owner]).reshape(shape),
        meets_spec=verdict.meets_spec.reshape(shape),
        ripple=verdict.ripple.reshape(shape),
        efficiency=verdict.efficiency_estimated.reshape(shape),
        cost=verdict.cost.reshape(shape),
        status=verdict.status.reshape(shape),
    )


def _score(verdict: Judged, allowed: FloatArray) -> FloatArray:
    """Return cost where the spec is met; behind all of these, failures, the nearest ones first."""
    excess = np.nan_to_num(verdict.ripple / allowed, nan=np.inf)
    failed = 1e6 - verdict.reward + np.minimum(excess, 1e3)
    return np.where(verdict.meets_spec, verdict.cost, failed)
