"""The default representation: ``(COMP value)... END``.

Slots are named after the topology's design values, so they keep their meaning in any order, and any
subset of them can be given first.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.model.tokens.representation import Layout, Representation, component
from arcs_engine.model.tokens.vocabulary import END


class Slots(Representation):
    """Each design value after its name."""

    name = "slots"

    def layout(self, topology: Topology, first: Collection[str] = ()) -> Layout:
        """Return the slots in canonical order, those in `first` before the others."""
        late = [v.name not in first for v in topology.design_values]
        return _in_order(topology, np.argsort(late, kind="stable")[None])

    def layouts(
        self, topology: Topology, count: int, rng: np.random.Generator, share: float
    ) -> Layout:
        """Return layouts of which a share has a random subset first, as locked values come."""
        width = len(topology.design_values)
        subset = rng.random((count, width)) < rng.random((count, 1))
        subset &= rng.random((count, 1)) < share
        keys = np.where(subset, rng.random((count, width)), 1.0 + np.arange(width))
        return _in_order(topology, np.argsort(keys, axis=1))

    def read(self, topology: Topology, body: Sequence[int]) -> dict[str, int] | None:
        """Return the tokens after the slots' names, each of which must be there once."""
        names = {component(v.name): v.name for v in topology.design_values}
        whole = len(body) == 2 * len(names) + 1 and body[-1] == END
        if not whole or set(body[0:-1:2]) != set(names):
            return None
        return {names[n]: token for n, token in zip(body[0:-1:2], body[1::2], strict=True)}


def _in_order(topology: Topology, order: NDArray[np.intp]) -> Layout:
    """Return layouts with the slots in the order of `order`, canonical places, (n, slots)."""
    components = np.array([component(v.name) for v in topology.design_values])
    tokens = np.full((len(order), 2 * len(components) + 1), END, dtype=np.int64)
    tokens[:, 0:-1:2] = components[order]
    return Layout(tokens, 2 * np.argsort(order, axis=1) + 1)
