"""Moves in several values at once, along valleys that single steps do not find.

Designs of like cost lie along valleys of the values that together make a ripple: less of one needs
more of another, and each step alone fails the spec or costs more. Three are known: inductance
against capacitance; a capacitor of another technology, whose lower resistance takes the place of
capacitance; and a flyback's turns ratio, with which all values change.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits import parts
from arcs_engine.circuits.design_space import Lattice, Places
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.circuits.topologies.base import Topology

SLOT = "T1_n"

KINDS = 2
"""Kinds of moves, the most promising ones, from which a walk is tried at once."""

STEPS = np.array([-13, -8, -5, -3, -2, -1, 1, 2, 3, 5, 8, 13])
"""Moves of the turns ratio, in steps of its series: the next ones, and far over bad ratios."""

SPARE = np.array([0, 1, 2])
"""Steps of capacitance that are tried on top: the best designs use the ripple up, so that a move
which is a little off fails it, and a failure does not tell how good its surroundings are."""

TRADES = np.array([1, 2, 3])
"""Steps of inductance that are traded for one of capacitance, whose ripple they take over."""

_TRADE = -1
"""Kind of a trade. Those of other moves count from 0: each turns ratio and each technology is
one."""

_ODDS = np.geomspace(0.04, 5.0, 30)
"""Duty at the lowest input over what is left to 1; the hand design's turns ratio goes with it."""


class Valley:
    """The valleys of some problems of one topology.

    Attributes:
        turns: whether the turns ratio is among them.
    """

    def __init__(self, topology: Topology, specs: SpecBatch, locked: Collection[str] = ()) -> None:
        """Find out which valleys there are.

        The turns ratio leads along one where the inductor that stores the energy is a transformer's
        winding, so that any ratio will do. A forward's is as large as its longest duty allows.

        Args:
            topology: what to design.
            specs: n specs.
            locked: names of the design values that may not move.
        """
        self._lattice = Lattice(topology)
        self._vout = specs.vout
        names = self._lattice.names
        self._capacitance, self._resistance = names.index("Cout"), names.index("Cout_esr")
        inductances = [names.index(v.name) for v in topology.design_values if v.unit == "H"]
        self._trades = self._all_trades(inductances)
        stores = topology.core_winding == topology.main_inductor
        self.turns = stores and SLOT not in locked
        technologies = len(parts.TECHNOLOGIES)
        kinds = [np.full(len(self._trades), _TRADE), np.arange(technologies)]
        if self.turns:
            self._ratio = names.index(SLOT)
            self._designs = self._hand_designs(topology, specs)
            kinds.append(technologies + np.repeat(np.arange(len(STEPS)), len(SPARE)))
        self._kinds = np.concatenate(kinds)

    def _all_trades(self, inductances: list[int]) -> Places:
        steps = np.concatenate((TRADES, -TRADES))
        trades = np.zeros((len(inductances), len(steps), len(self._lattice.names)), dtype=np.int64)
        for row, slot in enumerate(inductances):
            trades[row, :, slot] = steps
        trades[..., self._capacitance] = -np.sign(steps)
        return trades.reshape(-1, trades.shape[-1])

    def _hand_designs(self, topology: Topology, specs: SpecBatch) -> Places:
        """Return each spec's hand designs for many turns ratios, shape (n, ratios, slots).

        They tell how values hang together with the ratio: all are derived from the duty that is
        chosen at the lowest input.
        """
        count = len(specs)
        duty = np.tile(_ODDS / (1 + _ODDS), count)
        choices = replace(topology.classic, lowest_input_duty=duty)
        each = specs.take(np.repeat(np.arange(count), len(_ODDS)))
        designs = self._lattice.nearest(topology.textbook(each, choices).values)
        return designs.reshape(count, len(_ODDS), -1)

    def around(self, owner: NDArray[np.int64], places: Places) -> Places:
        """Return the moves from designs, shape (m, tried, slots); a technology may be the same.

        Args:
            owner: whose problem each design is for, shape (m,).
            places: shape (m, slots).
        """
        tried = [places[:, None] + self._trades, self._refitted(owner, places)]
        if self.turns:
            tried.append(self._turned(owner, places))
        return np.asarray(np.clip(np.concatenate(tried, axis=1), 0, self._lattice.sizes - 1))

    def _refitted(self, owner: NDArray[np.int64], places: Places) -> Places:
        """Return designs with an output capacitor of each technology, shape (m, kinds, slots).

        It has the same capacitance, or the largest that is sold, and its resistance is the least.
        """
        lattice, vout = self._lattice, self._vout[owner]
        largest = np.stack([each.largest(vout) for each in parts.TECHNOLOGIES], axis=1)
        tried = np.repeat(places[:, None], largest.shape[1], axis=1)
        most = lattice.at_most("Cout", largest)
        tried[..., self._capacitance] = np.minimum(tried[..., self._capacitance], most)
        tried[..., self._resistance] = 0
        return lattice.buyable(tried, vout[:, None])

    def _turned(self, owner: NDArray[np.int64], places: Places) -> Places:
        """Return designs moved to other turns ratios as the hand design moves."""
        here = places[:, self._ratio]
        there = np.clip(here[:, None] + STEPS, 0, self._lattice.sizes[self._ratio] - 1)
        shifts = [
            np.rint(self._at(spec, to) - self._at(spec, at))
            for spec, at, to in zip(owner.tolist(), here, there, strict=True)
        ]
        moved = places[:, None] + np.stack(shifts).astype(np.int64)
        moved[..., self._ratio] = there
        tried = np.repeat(moved, len(SPARE), axis=1)
        tried[..., self._capacitance] += np.tile(SPARE, len(STEPS))
        return tried

    def _at(self, spec: int, ratio: NDArray[np.int64]) -> FloatArray:
        """Return the places of one spec's hand design at turns ratios, shape (..., slots)."""
        designs = self._designs[spec]
        known, rows = np.unique(designs[:, self._ratio], return_index=True)
        columns = [np.interp(ratio, known, column) for column in designs[rows].T]
        return np.stack(columns, axis=-1)

    def promising(self, tried: Places, scores: FloatArray, here: Places, limit: float) -> Places:
        """Return the moves from which one design should walk on although they are worse.

        Those are the best ones of up to `KINDS` turns ratios or technologies. A trade is worth as
        much as it is worth at once.

        Args:
            tried: what `around` returned for it, shape (tried, slots).
            scores: of these, shape (tried,).
            here: the design that would move, shape (slots,).
            limit: score that a move must lie below.
        """
        worth = (scores < limit) & (self._kinds != _TRADE) & (tried != here).any(axis=1)
        order = np.argsort(scores, kind="stable")
        order = order[worth[order]]
        first = np.sort(np.unique(self._kinds[order], return_index=True)[1])
        return np.asarray(tried[order[first[:KINDS]]])
