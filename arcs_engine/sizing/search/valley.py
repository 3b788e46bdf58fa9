"""Moves in several values at once, along valleys that single steps do not find.

Designs of like cost lie along valleys of the values that together make a ripple: less of one needs
more of another, and each step alone fails the spec or costs more. Three are known: inductance
against capacitance; a capacitor of another technology, whose lower resistance takes the place of
capacitance; and a flyback's turns ratio, with which all values change.
"""

from dataclasses import replace

import numpy as np

from arcs_engine.circuits.design_space import Places
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.trials import IntArray, Scored, Trials

SLOT = "T1_n"

KINDS = 2
"""Kinds of moves, the most promising ones, from which a local search is tried at once."""

NEAR = 1.07
"""Score, over that of the design that moves, of moves that are worth a local search although they
are worse."""

STEPS = np.array([-13, -8, -5, -3, -2, -1, 1, 2, 3, 5, 8, 13])
"""Moves of the turns ratio, in steps of its series: the next ones, and far over bad ratios."""

SPARE = np.array([0, 1, 2])
"""Steps of capacitance that are tried on top: the best designs use the ripple up, so that a move
which is a little off fails it, and a failure does not tell how good its surroundings are."""

TRADES = np.array([1, 2, 3])
"""Steps of inductance that are traded for one of capacitance, whose ripple they take over."""

MORE = np.array([0, 3, 6, 10])
"""Steps of capacitance that may take the place of a low resistance."""

_TRADE = -1
"""Kind of a trade. Those of other moves count from 0: each turns ratio and each technology is
one."""

_ODDS = np.geomspace(0.04, 5.0, 30)
"""Duty at the lowest input over what is left to 1; the textbook design's turns ratio goes with
it."""


class Valley:
    """The valleys of some problems of one topology.

    Attributes:
        turns: whether the turns ratio is among them.
    """

    def __init__(self, problems: Problems) -> None:
        """Find out which valleys there are.

        The turns ratio leads along one where the inductor that stores the energy is a transformer's
        winding, so that any ratio will do. A forward's is as large as its longest duty allows.
        """
        self._problems, self._lattice = problems, problems.lattice
        topology, names = problems.topology, self._lattice.names
        self._capacitance, self._resistance = names.index("Cout"), names.index("Cout_esr")
        inductances = [names.index(v.name) for v in topology.design_values if v.unit == "H"]
        self._trades = self._all_trades(inductances)
        stores = topology.core_winding == topology.main_inductor
        self.turns = stores and SLOT not in problems.locks
        technologies = len(MORE)
        kinds = [np.full(len(self._trades), _TRADE), np.arange(technologies)]
        if self.turns:
            self._ratio = names.index(SLOT)
            self._designs = self._textbook_designs()
            kinds.append(technologies + np.repeat(np.arange(len(STEPS)), len(SPARE)))
        self._kinds = np.concatenate(kinds)

    def _all_trades(self, inductances: list[int]) -> Places:
        steps = np.concatenate((TRADES, -TRADES))
        trades = np.zeros((len(inductances), len(steps), len(self._lattice.names)), dtype=np.int64)
        for row, slot in enumerate(inductances):
            trades[row, :, slot] = steps
        trades[..., self._capacitance] = -np.sign(steps)
        return trades.reshape(-1, trades.shape[-1])

    def _textbook_designs(self) -> Places:
        """Return each spec's textbook designs for many turns ratios, shape (n, ratios, slots).

        They tell how values hang together with the ratio: all are derived from the duty that is
        chosen at the lowest input.
        """
        topology, specs = self._problems.topology, self._problems.specs
        count = len(specs)
        duty = np.tile(_ODDS / (1 + _ODDS), count)
        choices = replace(topology.textbook_choices, lowest_input_duty=duty)
        each = specs.take(np.repeat(np.arange(count), len(_ODDS)))
        designs = self._lattice.nearest(topology.textbook(each, choices).values)
        return designs.reshape(count, len(_ODDS), -1)

    def around(self, trials: Trials) -> Trials:
        """Return the moves from m designs, owners of shape (m, tried).

        A move to another technology may lead nowhere: to the technology that the design has.
        """
        tried = [trials.places[:, None] + self._trades, self._refitted(trials)]
        if self.turns:
            tried.append(self._turned(trials))
        moves = np.clip(np.concatenate(tried, axis=1), 0, self._lattice.sizes - 1)
        return trials.around(np.asarray(moves))

    def _refitted(self, trials: Trials) -> Places:
        """Return designs whose output capacitor may be of another technology, (m, kinds, slots).

        Any resistance will do, and the capacitance is the same or more, which takes its place.
        """
        tried = np.repeat(trials.places[:, None], len(MORE), axis=1)
        tried[..., self._capacitance] += MORE
        tried[..., self._resistance] = self._lattice.sizes[self._resistance] - 1
        return tried

    def _turned(self, trials: Trials) -> Places:
        """Return designs moved to other turns ratios as the textbook design moves."""
        here = trials.places[:, self._ratio]
        there = np.clip(here[:, None] + STEPS, 0, self._lattice.sizes[self._ratio] - 1)
        shifts = [
            np.rint(self._at(spec, to) - self._at(spec, at))
            for spec, at, to in zip(trials.owner.tolist(), here, there, strict=True)
        ]
        moved = trials.places[:, None] + np.stack(shifts).astype(np.int64)
        moved[..., self._ratio] = there
        tried = np.repeat(moved, len(SPARE), axis=1)
        tried[..., self._capacitance] += np.tile(SPARE, len(STEPS))
        return tried

    def _at(self, spec: int, ratio: IntArray) -> FloatArray:
        """Return the places of one spec's textbook design at turns ratios, shape (..., slots)."""
        designs = self._designs[spec]
        known, rows = np.unique(designs[:, self._ratio], return_index=True)
        columns = [np.interp(ratio, known, column) for column in designs[rows].T]
        return np.stack(columns, axis=-1)

    def promising(self, tried: Scored, here: Scored) -> Trials:
        """Return the moves from which to search on from one design although they are worse.

        Those are the best ones of up to `KINDS` turns ratios or technologies. A trade is worth as
        much as it is worth at once.

        Args:
            tried: what `around` returned for it, scores of shape (tried,).
            here: the design that would move, alone.
        """
        worth = (tried.score < NEAR * here.score) & (self._kinds != _TRADE)
        worth &= (tried.places != here.places).any(axis=1)
        order = np.argsort(tried.score, kind="stable")
        order = order[worth[order]]
        first = np.sort(np.unique(self._kinds[order], return_index=True)[1])
        return tried.trials[order[first[:KINDS]]]
