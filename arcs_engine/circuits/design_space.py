"""The E-series values of a topology as a grid of integers, on which a search moves."""

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.eseries import values_between
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology, Values

Places = NDArray[np.int64]
"""Designs as places in each value's E-series, shape (..., slots)."""


class Lattice:
    """All designs of a topology that can be built."""

    def __init__(self, topology: Topology) -> None:
        self.names = tuple(v.name for v in topology.design_values)
        self._grids = [values_between(v.series, v.low, v.high) for v in topology.design_values]
        self.sizes: Places = np.array([len(g) for g in self._grids])
        spans = np.array([np.log(g[-1] / g[0]) for g in self._grids])
        self._steps_a_decade = np.log(10) * (self.sizes - 1) / spans

    def values(self, places: Places) -> dict[str, FloatArray]:
        """Return the design values at `places` (n, slots), shape (n,) each."""
        return {
            name: grid[places[:, i]]
            for i, (name, grid) in enumerate(zip(self.names, self._grids, strict=True))
        }

    def nearest(self, values: Values) -> Places:
        """Return the places nearest, by ratio, to values of shape (n,) each; (n, slots).

        Of an output capacitor, whose places are what is needed, the last ones that it reaches.
        """
        columns = []
        for name, grid in zip(self.names, self._grids, strict=True):
            match name:
                case "Cout":
                    columns.append(self.at_most(name, values[name]))
                case "Cout_esr":
                    columns.append(self.at_least(name, values[name]))
                case _:
                    middles = np.sqrt(grid[1:] * grid[:-1])
                    columns.append(np.searchsorted(middles, values[name]))
        return np.stack(columns, axis=1)

    def at_least(self, name: str, values: FloatArray) -> NDArray[np.int64]:
        """Return the first places of one slot that are not below `values`, shape (n,)."""
        grid = self._grids[self.names.index(name)]
        return np.minimum(np.searchsorted(grid, values * (1 - 1e-9)), len(grid) - 1)

    def at_most(self, name: str, values: FloatArray) -> NDArray[np.int64]:
        """Return the last places of one slot that are not above `values`, of any shape."""
        grid = self._grids[self.names.index(name)]
        return np.maximum(np.searchsorted(grid, values * (1 + 1e-9), side="right") - 1, 0)

    def anywhere(self, shape: tuple[int, ...], rng: np.random.Generator) -> Places:
        """Return places over the whole ranges, evenly; `shape` + (slots,)."""
        return rng.integers(0, self.sizes, size=(*shape, len(self.sizes)))

    def near(
        self, places: Places, decades: float, rng: np.random.Generator, odds: float = 0.5
    ) -> Places:
        """Move some coordinates by a normal deviate of `decades` and a step.

        Args:
            places: any shape (..., slots).
            decades: standard deviation of the move.
            rng: source of the moves.
            odds: of each coordinate to move.
        """
        deviate = rng.normal(size=places.shape) * decades * self._steps_a_decade
        steps = np.rint(deviate + np.sign(deviate) * 0.5).astype(np.int64)
        moves = np.where(rng.random(places.shape) < odds, steps, 0)
        return np.asarray(np.clip(places + moves, 0, self.sizes - 1))

    def neighbours(self, places: Places) -> Places:
        """Return every design one step away in one coordinate: (n, 2 slots, slots)."""
        slots = len(self.sizes)
        moves = np.concatenate((np.eye(slots), -np.eye(slots))).astype(np.int64)
        return np.asarray(np.clip(places[:, None] + moves, 0, self.sizes - 1))
