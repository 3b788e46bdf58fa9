"""One spec for one topology, as candidates are searched and judged for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

import msgspec
import numpy as np

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies.base import Topology, Values
from arcs_engine.performance.candidate import Candidate, Origin
from arcs_engine.performance.candidates import evaluate_many
from arcs_engine.performance.cost import Reference, recosted
from arcs_engine.performance.design import Design
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.sources import around_textbook
from arcs_engine.sizing.search.trials import Trials


@dataclass(frozen=True)
class Problem:
    """What candidates are for.

    Attributes:
        spec: what they must do.
        topology: of all of them.
        reference: what costs 1, shape (1,); None for the topology's own textbook design.
        locks: design values that are given, SI, by name.
    """

    spec: Spec
    topology: Topology
    reference: Reference | None = None
    locks: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def posed(self) -> Problems:
        """The same to a search, as its only problem.

        Raises:
            DesignError: a lock names no design value, or lies outside its range.
        """
        return Problems.of(self.topology, [self.spec], reference=self.reference, locks=self.locks)

    def at(self, weight: float) -> "Problem":
        """Return the same with another weight of the loss."""
        return replace(self, spec=msgspec.structs.replace(self.spec, weight=weight))

    def recosted(self, found: Sequence[Candidate]) -> list[Candidate]:
        """Return designs that were judged with another weight at what they cost here."""
        return [recosted(each, self._against, self.spec.weight) for each in found]

    @cached_property
    def _against(self) -> Reference:
        """What costs 1, shape (1,)."""
        return self.posed.reference.take(np.zeros(1, dtype=np.intp))

    def judged(self, values: Values, origin: Origin) -> list[Candidate]:
        """Judge designs in the given order, design values of shape (n,) each."""
        spec = msgspec.structs.replace(self.spec, topology=self.topology.name)
        rows = np.stack(list(values.values()), axis=-1).tolist()
        designs = [Design(spec, dict(zip(values, row, strict=True))) for row in rows]
        return evaluate_many(designs, origin, self._against)

    def bought(self, values: Values) -> Values:
        """Return designs with what is bought for the values that are needed, shape (n,) each."""
        return self.posed.values(Trials.of_one(self.posed.lattice.nearest(values)))

    def around_textbook(self, count: int, seed: int = 0) -> Values:
        """Return random designs around the textbook one, itself the first; shape (count,) each.

        Raises:
            DesignError: a lock names no design value, or lies outside its range.
        """
        drawn = around_textbook(self.posed, np.random.default_rng(seed))
        return self.posed.values(Trials.of_one(np.concatenate(list(islice(drawn, count)))))
