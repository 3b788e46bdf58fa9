"""The account of a search: every design that was judged, in order, each distinct one once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.design_space import Places
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.verdict import FAILED_COST
from arcs_engine.sizing.search.problems import Problems

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Trace:
    """What a search judged for one spec, in order.

    Attributes:
        cost: 3 where the spec is not met (requirement J4) or the design was given up, shape (k,).
        score: what was minimised; see `Problems.judge`, shape (k,).
        places: shape (k, slots).
        values: the design values there, shape (k,) each.
    """

    cost: FloatArray
    score: FloatArray
    places: Places
    values: dict[str, FloatArray]

    def __len__(self) -> int:
        return len(self.cost)

    def after(self, evaluations: int) -> float:
        """Return the best cost among the first evaluations; 3 when none of them met the spec."""
        return float(np.min(self.cost[:evaluations], initial=FAILED_COST))

    def first_best(self, evaluations: int | None = None) -> int:
        """Return which of the first evaluations (None for all) scored best."""
        return int(np.argmin(self.score[:evaluations]))

    def best(self, evaluations: int | None = None) -> dict[str, float]:
        """Return the values of the design that scored best among the first evaluations."""
        row = self.first_best(evaluations)
        return {name: float(value[row]) for name, value in self.values.items()}


class Ledger:
    """Judges designs and counts them.

    An evaluation is one distinct design judged for one spec (requirement J2): asking for a
    design again costs nothing, and beyond the budget nothing is judged. One that was given up, and
    is asked for again with more patience, is judged and counted anew.
    """

    def __init__(self, problems: Problems, budget: int | None = None) -> None:
        self.problems = problems
        self.budget = budget
        self.counts: IntArray = np.zeros(len(problems), dtype=np.int64)
        self._known: dict[int, float] = {}
        self._least: dict[int, float] = {}
        self._if_met: dict[int, float] = {}
        self._owner: list[IntArray] = []
        self._places: list[Places] = []
        self._cost: list[FloatArray] = []
        self._score: list[FloatArray] = []

    @property
    def left(self) -> IntArray:
        """How many evaluations each spec has left, shape (n,)."""
        budget = np.iinfo(np.int64).max if self.budget is None else self.budget
        return budget - self.counts

    def score(self, owner: IntArray, places: Places, limit: FloatArray | None = None) -> FloatArray:
        """Return the scores of designs, judged at once; inf where the budget is spent.

        Args:
            owner: whose problem each design is for, shape (m,).
            places: shape (m, slots).
            limit: scores from which on a design is of no interest, shape (m,): one that is sure to
                reach it is given up, and its score is what it would be at least. None to know all.
        """
        limits = np.full(len(owner), np.inf) if limit is None else limit
        keys = self._keys(owner, places).tolist()
        asked: dict[int, int] = {}
        for row in np.argsort(-limits, kind="stable").tolist():  # the most patient asks first
            if self._told(keys[row], limits[row]) is None:
                asked.setdefault(keys[row], row)
        rows = self._affordable(owner, np.array(sorted(asked.values()), dtype=np.int64))
        if rows.size:
            self._judge(owner[rows], places[rows], limits[rows], [keys[row] for row in rows])
        told = [self._told(key, most) for key, most in zip(keys, limits, strict=True)]
        return np.array([np.inf if score is None else score for score in told])

    def cost_if_met(self, owner: IntArray, places: Places) -> FloatArray:
        """Return what designs would cost, at least, that have been judged and nearly met the spec.

        Args:
            owner: whose problem each design is for, shape (m,).
            places: shape (m, slots).

        Returns:
            Costs, shape (m,); inf for designs that met it, missed it by more than a little ripple
            (`Judged.if_met`), or were not judged.
        """
        return np.array(
            [self._if_met.get(key, np.inf) for key in self._keys(owner, places).tolist()]
        )

    def _told(self, key: int, limit: float) -> float | None:
        """Return what is known of a design's score; None where that does not do for a limit."""
        least = self._least.get(key, -np.inf)
        return self._known.get(key, least if least >= limit else None)

    def _keys(self, owner: IntArray, places: Places) -> IntArray:
        """Number the designs of all specs, shape (m,)."""
        sizes = (len(self.problems), *self.problems.lattice.sizes.tolist())
        return np.asarray(np.ravel_multi_index((owner, *places.T), sizes))

    def _affordable(self, owner: IntArray, rows: IntArray) -> IntArray:
        """Return the first rows of each owner that its budget allows."""
        order = np.argsort(owner[rows], kind="stable")
        mine = owner[rows][order]
        rank = np.arange(len(rows)) - np.searchsorted(mine, mine)
        return np.sort(rows[order][rank < self.left[mine]])

    def _judge(self, owner: IntArray, places: Places, limit: FloatArray, keys: list[int]) -> None:
        score, cost, given_up, if_met = self.problems.judge(owner, places, limit)
        for key, number, least in zip(keys, score.tolist(), given_up.tolist(), strict=True):
            (self._least if least else self._known)[key] = number
        nearly = np.flatnonzero(if_met < np.inf).tolist()
        self._if_met |= {keys[row]: float(if_met[row]) for row in nearly}
        np.add.at(self.counts, owner, 1)
        self._owner.append(owner)
        self._places.append(places.copy())
        self._cost.append(cost)
        self._score.append(score)

    def traces(self) -> list[Trace]:
        """Return what was judged for each spec."""
        slots = len(self.problems.lattice.names)
        owner = np.concatenate([np.zeros(0, dtype=np.int64), *self._owner])
        places = np.concatenate([np.zeros((0, slots), dtype=np.int64), *self._places])
        cost = np.concatenate([np.zeros(0), *self._cost])
        score = np.concatenate([np.zeros(0), *self._score])
        return [
            Trace(cost[mine], score[mine], places[mine], self.problems.values(places[mine]))
            for mine in (owner == n for n in range(len(self.problems)))
        ]
