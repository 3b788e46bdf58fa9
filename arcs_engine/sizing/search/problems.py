"""What a search is asked: specs of one topology, and what costs 1 for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.design_space import Lattice, Places
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.performance.verdict import FAILED_COST, Reference, judge, reference_of

NEARLY = 1.05
"""Ripple over the allowed one up to which a design nearly meets its spec."""

_BEHIND = 1e3
"""Score that every failure lies behind, so that it lies behind every cost."""


class Judged(NamedTuple):
    """What became of m designs; arrays of shape (m,).

    Attributes:
        score: less is better: the cost of what meets its spec; behind all of these the failures,
            the nearest ones first. Of what was given up, what it would cost at least.
        cost: requirement J4; 3 where the spec is not met or the design was given up.
        given_up: because it is sure to cost as much as the limit.
        if_met: what those designs would cost, at least, that fail by nothing but a little too much
            ripple; inf for all others.
    """

    score: FloatArray
    cost: FloatArray
    given_up: NDArray[np.bool_]
    if_met: FloatArray


@dataclass(frozen=True)
class Problems:
    """Design problems of one topology, to be searched at once.

    Attributes:
        topology: what to design.
        specs: n specs.
        weight: of the loss against the energy, 0..1, shape (n,).
        efficiency: wished estimated efficiency, 0 for no wish, shape (n,).
        reference: loss (W) and energy (J) that cost 1, shape (n,) each.
        locks: design values that are given, SI, by name; they need not be of a series.
        lattice: where the designs lie.
    """

    topology: Topology
    specs: SpecBatch
    weight: FloatArray
    efficiency: FloatArray
    reference: tuple[FloatArray, FloatArray]
    locks: Mapping[str, float] = field(default_factory=dict)
    lattice: Lattice = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lattice", Lattice(self.topology))

    @classmethod
    def of(
        cls,
        topology: Topology,
        specs: Sequence[Spec],
        *,
        reference: Reference | None = None,
        locks: Mapping[str, float] | None = None,
    ) -> "Problems":
        """Pose one problem a spec.

        Args:
            topology: what to design.
            specs: what the designs must do.
            reference: loss (W) and energy (J) that cost 1 for all of them; None for each one's
                own textbook design.
            locks: design values that are given.
        """
        batch = SpecBatch.of(specs)
        count = len(batch)
        given = None if reference is None else tuple(np.full(count, r) for r in reference)
        loss, energy = given or reference_of(topology, batch)
        return cls(
            topology=topology,
            specs=batch,
            weight=np.array([s.weight for s in specs], dtype=np.float64),
            efficiency=np.array([s.efficiency or 0.0 for s in specs]),
            reference=(loss, energy),
            locks=locks or {},
        )

    def __len__(self) -> int:
        return len(self.specs)

    def values(self, places: Places) -> dict[str, FloatArray]:
        """Return the design values at `places` (m, slots), the locked ones as given."""
        values = self.lattice.values(places)
        return {
            n: np.full_like(v, self.locks.get(n, 0.0)) if n in self.locks else v
            for n, v in values.items()
        }

    def textbook(self) -> Places:
        """Return each problem's hand design, shape (n, slots)."""
        return self.lattice.nearest(self.topology.textbook(self.specs).values)

    def settled(self, owner: NDArray[np.int64], places: Places) -> Places:
        """Return designs with the locks kept, and no ESR below what is sold unless it is locked.

        Args:
            owner: whose problem each design is for, shape (m,).
            places: shape (m, ..., slots).
        """
        kept = places.copy()
        names = self.lattice.names
        if "Cout_esr" not in self.locks:
            vout = self.specs.vout[owner].reshape(-1, *(1,) * (places.ndim - 2))
            kept = self.lattice.buyable(kept, vout)
        if self.locks:
            locked = {n: np.array([self.locks.get(n, 1.0)]) for n in names}
            slots = [i for i, n in enumerate(names) if n in self.locks]
            # One place stands for the locked number, so that no design has two.
            kept[..., slots] = self.lattice.nearest(locked)[0, slots]
        return kept

    def judge(self, owner: NDArray[np.int64], places: Places, limit: FloatArray) -> Judged:
        """Judge designs.

        Args:
            owner: whose problem each design is for, shape (m,).
            places: shape (m, slots).
            limit: scores from which on a design is of no interest, shape (m,); see
                `evaluate.judge`.
        """
        specs = self.specs.take(owner)
        loss, energy = self.reference
        verdicts = judge(
            self.topology,
            self.values(places),
            specs,
            self.weight[owner],
            reference=(loss[owner], energy[owner]),
            limit=limit,
        )
        given_up = verdicts.assessment.given_up
        efficient = ~(verdicts.efficiency_estimated < self.efficiency[owner])
        meets = verdicts.meets_spec & efficient
        ripples = np.fmax.reduce(verdicts.assessment.corner_ripple, axis=1, initial=0.0)
        excess = np.where(verdicts.assessment.nominal.status == 0, ripples / specs.ripple, np.inf)
        behind = _BEHIND - verdicts.reward + np.clip(excess, 1.0, _BEHIND)
        cost = np.where(meets, verdicts.cost, FAILED_COST)
        score = np.where(given_up, verdicts.least_cost, np.where(meets, verdicts.cost, behind))
        others = [failed for label, failed in verdicts.failures.items() if label != "ripple"]
        misses = verdicts.failures["ripple"] & ~np.logical_or.reduce(others) & (excess <= NEARLY)
        if_met = np.where(misses & efficient & ~given_up, verdicts.cost_if_met, np.inf)
        return Judged(score, cost, given_up, if_met)
