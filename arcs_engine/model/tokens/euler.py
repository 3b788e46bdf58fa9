"""The circuit itself: an Eulerian walk that passes every part, with the design values on the way.

A sequence says which circuit it is and holds its design values, see
`arcs_engine.model.tokens.walk`. A circuit has many walks, which is the augmentation. A baseline.
"""

from collections.abc import Collection, Sequence
from functools import cache

import numpy as np

from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.model.tokens import walk
from arcs_engine.model.tokens.representation import Layout, Representation, component
from arcs_engine.model.tokens.vocabulary import VOCABULARY

WALKS = 64
"""Random walks through each circuit that the examples of one epoch share."""


class Euler(Representation):
    """The design values where a walk through the circuit passes their parts."""

    name = "euler"
    context = 128

    def layout(self, topology: Topology, first: Collection[str] = ()) -> Layout:
        """Return one walk, always the same; it cannot begin with some values."""
        return _layout(topology, np.random.default_rng(0))

    def layouts(
        self, topology: Topology, count: int, rng: np.random.Generator, share: float
    ) -> Layout:
        """Return layouts of which a share has random walks."""
        walks = [self.layout(topology), *(_layout(topology, rng) for _ in range(WALKS))]
        chosen = np.where(rng.random(count) < share, rng.integers(1, WALKS + 1, count), 0)
        every = Layout(
            np.concatenate([w.tokens for w in walks]), np.concatenate([w.places for w in walks])
        )
        return every.take(chosen)

    def read(self, topology: Topology, body: Sequence[int]) -> dict[str, int] | None:
        """Return the tokens after the slots' names, if the walk passes the topology's circuit."""
        found = walk.read(body)
        if found is None or walk.without_values(found) != circuit_of(topology):
            return None
        return {VOCABULARY.names[name]: token for part in found for name, token in part.slots}


@cache
def circuit_of(topology: Topology) -> walk.Diagram:
    """Return a topology's circuit as a walk knows it, with nothing in the values' places."""
    slots: dict[str, tuple[walk.Slot, ...]] = {}
    for value in topology.design_values:
        slots[value.part] = (*slots.get(value.part, ()), (component(value.name), walk.NO_VALUE))
    return walk.diagram_of(topology.circuit, slots)


def _layout(topology: Topology, rng: np.random.Generator) -> Layout:
    tokens = walk.walk(circuit_of(topology), rng)
    places = [tokens.index(component(v.name)) + 1 for v in topology.design_values]
    return Layout(np.array([tokens]), np.array([places]))
