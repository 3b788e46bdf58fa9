"""A plain list of parameters: ``value... END``.

Numbers have no names and mean what their place says, so there is one order. A baseline.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.model.tokens.prompt import LENGTH
from arcs_engine.model.tokens.representation import NO_SLOT, Layout, Representation, component
from arcs_engine.model.tokens.vocabulary import END, VOCABULARY, Kind


class Flat(Representation):
    """The design values in canonical order, without their names."""

    name = "flat"

    def layout(self, topology: Topology, first: Collection[str] = ()) -> Layout:
        """Return the only layout there is."""
        width = len(topology.design_values)
        return Layout(np.full((1, width + 1), END, dtype=np.int64), np.arange(width)[None])

    def layouts(
        self, topology: Topology, count: int, rng: np.random.Generator, share: float
    ) -> Layout:
        """Return the only layout there is, `count` times."""
        return self.layout(topology).take(np.zeros(count, dtype=np.intp))

    def read(self, topology: Topology, body: Sequence[int]) -> dict[str, int] | None:
        """Return the tokens by their places."""
        names = [v.name for v in topology.design_values]
        if len(body) != len(names) + 1 or body[-1] != END:
            return None
        return dict(zip(names, body[:-1], strict=True))

    def owners(self, topology: Topology, tokens: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the component token of each number, by its place."""
        by_place = np.full(tokens.shape[1], NO_SLOT)
        names = [component(v.name) for v in topology.design_values]
        by_place[LENGTH : LENGTH + len(names)] = names
        return np.where(VOCABULARY.kinds[tokens] == Kind.VALUE, by_place, NO_SLOT)
