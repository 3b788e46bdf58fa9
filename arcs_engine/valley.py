"""Moves along a transformer's turns ratio, with all the values that follow from it.

Designs of like cost lie along a valley where the turns ratio, the inductance, the output capacitor
and the switch change together: a step of the ratio alone fails the ripple or saturates. The hand
design knows how they hang together. It derives every value from the duty that is chosen at the
lowest input, so between two of its ratios a design moves as the hand design does.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from arcs_engine.lattice import Lattice, Places
from arcs_engine.spec import FloatArray, SpecBatch
from arcs_engine.topologies.base import Topology

SLOT = "T1_n"
INDUCTANCE = "T1_lm"

TURNS = 2
"""Turns ratios, the most promising ones, from which a walk is tried at once."""

STEPS = np.array([-13, -8, -5, -3, -2, -1, 1, 2, 3, 5, 8, 13])
"""Moves of the turns ratio, in steps of its series: the next ones, and far over bad ratios."""

SPARE = np.array([0, 1, 2])
"""Steps of capacitance that are tried on top: the best designs use the ripple up, so that a move
which is a little off fails it, and a failure does not tell how good its surroundings are."""

TRADES = np.array([1, 2, 3])
"""Steps of inductance that are traded for one of capacitance, whose ripple they take over."""

_ODDS = np.geomspace(0.04, 5.0, 30)
"""Duty at the lowest input over what is left to 1; the hand design's turns ratio goes with it."""


class Valley:
    """How the hand designs of some problems change with their turns ratio."""

    def __init__(self, topology: Topology, specs: SpecBatch) -> None:
        """Size the hand designs.

        Args:
            topology: that has a turns ratio.
            specs: n specs.
        """
        count = len(specs)
        self._lattice = Lattice(topology)
        names = self._lattice.names
        self._ratio, self._capacitor = names.index(SLOT), names.index("Cout")
        duty = np.tile(_ODDS / (1 + _ODDS), count)
        choices = replace(topology.classic, lowest_input_duty=duty)
        each = specs.take(np.repeat(np.arange(count), len(_ODDS)))
        designs = self._lattice.nearest(topology.textbook(each, choices).values)
        self._designs = designs.reshape(count, len(_ODDS), -1)
        steps = np.concatenate((TRADES, -TRADES))
        self._trades = np.zeros((len(steps), len(names)), dtype=np.int64)
        self._trades[:, names.index(INDUCTANCE)] = steps
        self._trades[:, self._capacitor] = -np.sign(steps)

    @classmethod
    def of(
        cls, topology: Topology, specs: SpecBatch, locked: Collection[str] = ()
    ) -> "Valley | None":
        """Return the valley of some specs, None where there is none.

        There is one where the inductor that stores the energy is a transformer's winding, so that
        any turns ratio will do. A forward's is as large as its longest duty allows.

        Args:
            topology: what to design.
            specs: n specs.
            locked: names of the design values that may not move.
        """
        stores = topology.core_winding == topology.main_inductor
        return cls(topology, specs) if stores and SLOT not in locked else None

    def around(self, owner: NDArray[np.int64], places: Places) -> Places:
        """Return moves of the turns ratio with all that follows, and trades, (m, tried, slots).

        Args:
            owner: whose problem each design is for, shape (m,).
            places: shape (m, slots).
        """
        here = places[:, self._ratio]
        there = np.clip(here[:, None] + STEPS, 0, self._lattice.sizes[self._ratio] - 1)
        shifts = [
            np.rint(self._at(spec, to) - self._at(spec, at))
            for spec, at, to in zip(owner.tolist(), here, there, strict=True)
        ]
        moved = places[:, None] + np.stack(shifts).astype(np.int64)
        moved[..., self._ratio] = there
        tried = np.repeat(moved, len(SPARE), axis=1)
        tried[..., self._capacitor] += np.tile(SPARE, len(STEPS))
        tried = np.concatenate((tried, places[:, None] + self._trades), axis=1)
        return np.asarray(np.clip(tried, 0, self._lattice.sizes - 1))

    def _at(self, spec: int, ratio: NDArray[np.int64]) -> FloatArray:
        """Return the places of one spec's hand design at turns ratios, shape (..., slots)."""
        designs = self._designs[spec]
        known, rows = np.unique(designs[:, self._ratio], return_index=True)
        columns = [np.interp(ratio, known, column) for column in designs[rows].T]
        return np.stack(columns, axis=-1)

    def promising(self, tried: Places, scores: FloatArray, here: Places, limit: float) -> Places:
        """Return the `TURNS` best moves of the turns ratio, each to another one.

        Args:
            tried: shape (tried, slots).
            scores: of these, shape (tried,).
            here: the design that would move, shape (slots,).
            limit: score that a move must lie below.
        """
        order = np.argsort(scores, kind="stable")
        near = order[scores[order] < limit]
        others = tried[near[tried[near, self._ratio] != here[self._ratio]]]
        first = np.sort(np.unique(others[:, self._ratio], return_index=True)[1])
        return np.asarray(others[first[:TURNS]])
