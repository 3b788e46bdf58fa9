"""The local search over neighbouring E-series values, two solver batches per round.

The best search of a problem then goes on along valleys (see `valley`) and past designs that nearly
met the spec.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from arcs_engine.circuits.design_space import Places
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.control import Control
from arcs_engine.sizing.search.ledger import Ledger
from arcs_engine.sizing.search.trials import IntArray, Scored, Trials
from arcs_engine.sizing.search.valley import Valley

TO_THE_END = 1000
"""More rounds than any search has: each moves at least one step nearer on a finite lattice."""

BEFORE_TURNING = 2
"""Rounds before a search goes on along its turns ratio, where there is one: the rest would have to
be done anew."""

MISSES = 2
"""Designs around the end of a search that nearly met the spec, the cheapest, from which another is
tried."""

WORTH = 0.995
"""What such a design must cost at most, over the cost at the end, to be worth a search."""

MENDING = 2
"""Rounds in which that search has to find a better design."""

LEAPS = (1, 2, 4)
"""Steps in every value that helps, tried at once."""


@dataclass(frozen=True)
class LocalSearch:
    """How better designs near given ones are searched.

    Each round judges the neighbours, then leaps in all the values whose step helped, and moves to
    the best of them all (a pattern move: Hooke and Jeeves, "Direct search" solution of numerical
    and statistical problems, J. ACM 8, 1961).

    A neighbour is one step up or down the series in one value; where the output capacitor then is
    not sold with so little ESR, the ESR rises with it.

    The best search of each problem then goes on along valleys, as long as that helps. Where a turns
    ratio leads along one, single steps stop before that after a few rounds (docs/decisions/0010).
    In the end it tries designs around it that would cost less and miss the ripple by a little
    (docs/decisions/0016).

    Attributes:
        ledger: judges and counts; where its budget ends, the searches stay.
        rounds: most steps from a start.
        followed: searches of each problem that go on so, the best ones.
        control: asked between rounds whether to stop.
    """

    ledger: Ledger
    rounds: int = TO_THE_END
    followed: int = 1
    control: Control = field(default_factory=Control.silent)

    def run(self, starts: Trials) -> Scored:
        """Search around every start, until no neighbour is better.

        Args:
            starts: m designs.

        Returns:
            Where the searches ended, in the order of the starts.
        """
        turns = self._valley.turns
        ends = self._step(starts, min(self.rounds, BEFORE_TURNING) if turns else self.rounds)
        owner = ends.trials.owner
        order = np.lexsort((ends.score, owner))
        rank = np.arange(len(owner)) - np.searchsorted(owner[order], owner[order])
        followed, at_end = order[rank < self.followed], not turns
        while followed.size:
            self._follow(ends, followed, at_end=at_end)
            followed, at_end = self._mend(ends, followed), False
        return ends

    @cached_property
    def _valley(self) -> Valley:
        return Valley(self.ledger.problems)

    def _step(self, starts: Trials, rounds: int, below: FloatArray | None = None) -> Scored:
        """Search from every start in single steps and leaps; see `LocalSearch`.

        Args:
            starts: m designs.
            rounds: most steps from a start.
            below: cost that each search is to end below, shape (m,): it takes no step to a design
                that would cost as much if it met its spec. None to search anywhere.
        """
        problems = self.ledger.problems
        settled = problems.settled(starts)
        ends = Scored(settled, self.ledger.score(settled))
        moving = np.arange(len(ends))
        for _ in range(rounds):
            self.control.checkpoint()
            here, most = ends[moving], None if below is None else below[moving]
            beside = self._scored(problems.neighbours(here.trials), most)
            leaps = here.trials.around(self._leaps(here, beside))
            ahead = self._scored(problems.settled(leaps), most)
            found = Scored.joined((beside, ahead), axis=1).best_of_each()
            better = found.score < here.score
            moving = moving[better]
            if not moving.size:
                break
            ends.move(moving, found[better])
        return ends

    def _follow(self, ends: Scored, followed: IntArray, *, at_end: bool) -> None:
        """Move the ends of searches along valleys, as long as that helps.

        A move that is better at once is taken. Where none is, the search goes on in single steps
        from the end and from the most promising moves, and the best of what that leads to is taken
        if it is better.

        Args:
            ends: of all searches; changed.
            followed: which of them move, shape (k,).
            at_end: whether single steps have led them as far as they lead.
        """
        stepped = np.full(len(ends), at_end)
        while followed.size:
            self.control.checkpoint()
            here = ends[followed]
            along = self.ledger.problems.settled(self._valley.around(here.trials))
            tried = self._scored(along)
            found = tried.best_of_each()
            better = found.score < here.score
            moved, stuck = followed[better], followed[~better]
            ends.move(moved, found[better])
            fresh = stuck[~stepped[stuck]]
            stepped[moved], stepped[fresh] = False, True
            promising = [
                self._valley.promising(tried[row], here[row])
                for row in np.flatnonzero(~better).tolist()
            ]
            origin = np.concatenate((fresh, np.repeat(stuck, [len(each) for each in promising])))
            starts = Trials.joined([ends[fresh].trials, *promising])
            reached = ends.improve(origin, self._step(starts, self.rounds))
            followed = np.concatenate((moved, reached))

    def _mend(self, ends: Scored, followed: IntArray) -> IntArray:
        """Move the ends of searches past designs that nearly meet the spec.

        A step of inductance or capacitance is coarse, so where searches end some ripple is left
        that a step down would overdraw. From designs that would cost less, others look for one that
        meets the spec and does cost less.

        Args:
            ends: of all searches; changed.
            followed: which of them move, shape (k,).

        Returns:
            Which of them got better.
        """
        problems, here = self.ledger.problems, ends[followed]
        along = problems.settled(self._valley.around(here.trials))
        around = Trials.joined((problems.neighbours(here.trials), along), axis=1)
        cost = self.ledger.cost_if_met(around)
        cost[cost >= WORTH * here.score[:, None]] = np.inf
        cheapest = np.argsort(cost, axis=1, kind="stable")[:, :MISSES]
        rows, picks = np.nonzero(np.take_along_axis(cost, cheapest, axis=1) < np.inf)
        if not rows.size:
            return rows
        origin, starts = followed[rows], around[rows, cheapest[rows, picks]]
        return ends.improve(
            origin, self._step(starts, min(self.rounds, MENDING), ends.score[origin])
        )

    def _scored(self, around: Trials, below: FloatArray | None = None) -> Scored:
        """Score settled designs around others, owners of shape (m, tried).

        What would not cost less than `below`, shape (m,), where it is given, scores inf.
        """
        score = self.ledger.score(around)
        if below is not None:
            cost = np.minimum(score, self.ledger.cost_if_met(around))
            score = np.where(cost < below[:, None], score, np.inf)
        return Scored(around, score)

    def _leaps(self, here: Scored, beside: Scored) -> Places:
        """Return the moves in every value that is better for it, all at once and by several steps.

        Args:
            here: where the searches stand.
            beside: their neighbours, first each value's step up, then each one's down.
        """
        up, down = np.split(beside.score, 2, axis=1)
        upward, downward = np.split(beside.places - here.places[:, None], 2, axis=1)
        helps = np.minimum(up, down) < here.score[:, None]
        step = np.where((up <= down)[..., None], upward, downward)
        step = np.where(helps[..., None], step, 0).sum(axis=1)
        moves = step[:, None] * np.array(LEAPS)[:, None]
        highest = self.ledger.problems.lattice.sizes - 1
        return np.asarray(np.clip(here.places[:, None] + moves, 0, highest))
