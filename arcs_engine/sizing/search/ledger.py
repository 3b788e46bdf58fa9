"""The account of a search: every design that was judged, in order, each distinct one once."""

from dataclasses import dataclass

import numpy as np

from arcs_engine.circuits.design_space import Places
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.control import Control
from arcs_engine.performance.cost import FAILED_COST
from arcs_engine.sizing.search.problems import Judged, Problems
from arcs_engine.sizing.search.trials import IntArray, Trials


@dataclass(frozen=True)
class Trace:
    """What a search judged for one spec, in order.

    Attributes:
        judged: what became of k designs.
        places: where they lie, shape (k, slots).
        values: the design values there, shape (k,) each.
    """

    judged: Judged
    places: Places
    values: dict[str, FloatArray]

    def __len__(self) -> int:
        return len(self.places)

    def after(self, evaluations: int) -> float:
        """Return the best cost among the first evaluations; 3 when none of them met the spec."""
        return float(np.min(self.judged.cost[:evaluations], initial=FAILED_COST))

    def first(self, evaluations: int) -> "Trace":
        """Return the first evaluations alone."""
        rows = slice(evaluations)
        values = {name: value[rows] for name, value in self.values.items()}
        return Trace(self.judged[rows], self.places[rows], values)

    def first_best(self) -> int:
        """Return which evaluation scored best."""
        return int(np.argmin(self.judged.score))

    def best(self) -> dict[str, float]:
        """Return the values of the design that scored best."""
        row = self.first_best()
        return {name: float(value[row]) for name, value in self.values.items()}


class Ledger:
    """Judges designs and counts them.

    An evaluation is one distinct design judged for one spec (requirement J2): asking for a
    design again costs nothing, and beyond the budget nothing is judged.
    """

    def __init__(self, problems: Problems, budget: int | None = None) -> None:
        """Open an account.

        Args:
            problems: what designs are judged for.
            budget: evaluations of each problem; None for as many as are asked for.
        """
        self.problems = problems
        self.budget = budget
        self.counts: IntArray = np.zeros(len(problems), dtype=np.int64)
        self._known: dict[int, float] = {}
        self._if_met: dict[int, float] = {}
        self._trials: list[Trials] = []
        self._judged: list[Judged] = []

    @property
    def left(self) -> IntArray:
        """How many evaluations each spec has left, shape (n,)."""
        budget = np.iinfo(np.int64).max if self.budget is None else self.budget
        return budget - self.counts

    def score(self, trials: Trials) -> FloatArray:
        """Return the scores of designs, judged at once; inf where the budget is spent.

        Args:
            trials: designs, owners of shape (...,).
        """
        every = trials.flat()
        keys = self._keys(every).tolist()
        asked: dict[int, int] = {}
        for row, key in enumerate(keys):
            if key not in self._known:
                asked.setdefault(key, row)
        rows = self._affordable(every.owner, np.array(list(asked.values()), dtype=np.int64))
        if rows.size:
            self._judge(every[rows])
        scores = [self._known.get(key, np.inf) for key in keys]
        return np.array(scores).reshape(trials.owner.shape)

    def cost_if_met(self, trials: Trials) -> FloatArray:
        """Return what designs would cost, at least, that have been judged and nearly met the spec.

        Args:
            trials: designs, owners of shape (...,).

        Returns:
            Costs, shape (...,); inf for designs that met it, missed it by more than a little ripple
            (`Judged.if_met`), or were not judged.
        """
        keys = self._keys(trials.flat()).tolist()
        costs = np.array([self._if_met.get(key, np.inf) for key in keys])
        return costs.reshape(trials.owner.shape)

    def _keys(self, trials: Trials) -> IntArray:
        """Number the designs of all specs, shape (m,)."""
        sizes = (len(self.problems), *self.problems.lattice.sizes.tolist())
        return np.asarray(np.ravel_multi_index((trials.owner, *trials.places.T), sizes))

    def _affordable(self, owner: IntArray, rows: IntArray) -> IntArray:
        """Return the first rows of each owner that its budget allows."""
        order = np.argsort(owner[rows], kind="stable")
        mine = owner[rows][order]
        rank = np.arange(len(rows)) - np.searchsorted(mine, mine)
        return np.sort(rows[order][rank < self.left[mine]])

    def _judge(self, trials: Trials) -> None:
        judged = self.problems.judge(trials)
        keys = self._keys(trials).tolist()
        self._known |= zip(keys, judged.score.tolist(), strict=True)
        nearly = np.flatnonzero(judged.if_met < np.inf).tolist()
        self._if_met |= {keys[row]: float(judged.if_met[row]) for row in nearly}
        np.add.at(self.counts, trials.owner, 1)
        self._trials.append(trials)
        self._judged.append(judged)

    def record(self) -> tuple[Trials, Judged]:
        """Return everything that was judged, at least one design, in order."""
        return Trials.joined(self._trials), Judged.joined(self._judged)

    def best(self) -> Trials:
        """Return the design of each problem that scored best so far, the first of equals."""
        trials, judged = self.record()
        order = np.lexsort((judged.score, trials.owner))
        return trials[order[np.unique(trials.owner[order], return_index=True)[1]]]

    def traces(self) -> list[Trace]:
        """Return what was judged for each spec."""
        trials, judged = self.record()
        return [
            Trace(judged[mine], trials.places[mine], self.problems.values(trials[mine]))
            for mine in (trials.owner == n for n in range(len(self.problems)))
        ]


@dataclass(frozen=True)
class Search:
    """A search under way.

    Attributes:
        ledger: judges and counts.
        rng: source of all chance.
        control: asked often whether to stop.
    """

    ledger: Ledger
    rng: np.random.Generator
    control: Control

    @property
    def problems(self) -> Problems:
        """What is searched."""
        return self.ledger.problems
