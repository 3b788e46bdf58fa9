"""Descent over neighbouring E-series values, two solver batches a round.

The best walk then goes on along valleys (see `valley`).
"""

import numpy as np

from arcs_engine.jobs.control import Control
from arcs_engine.lattice import Places
from arcs_engine.search.ledger import IntArray, Ledger
from arcs_engine.spec import FloatArray
from arcs_engine.valley import Valley

TO_THE_END = 1000
"""More rounds than any walk has: each moves at least one step nearer on a finite lattice."""

BEFORE_TURNING = 2
"""Rounds before a walk goes on along its turns ratio, where there is one: the rest would have to be
done anew."""

NEAR = 1.07
"""Score, over a walker's, of moves along a valley that are worth a walk although they are worse."""

LEAPS = (1, 2, 4)
"""Steps in every value that helps, tried at once."""


def descend(
    ledger: Ledger,
    owner: IntArray,
    places: Places,
    *,
    rounds: int = TO_THE_END,
    followed: int = 1,
    control: Control | None = None,
) -> tuple[Places, FloatArray]:
    """Walk from every start to better designs near it, until no neighbour is better.

    Each round judges the neighbours, then leaps in all the values whose step helped, and moves to
    the best of them all (a pattern move: Hooke and Jeeves, "Direct search" solution of numerical
    and statistical problems, J. ACM 8, 1961).

    A neighbour is one step up or down the series in one value; where the output capacitor then is
    not sold with so little ESR, the ESR rises with it.

    The best walk of each problem then goes on along valleys, as long as that helps. Where a turns
    ratio leads along one, walks stop before that after a few rounds (docs/decisions/0010).

    Args:
        ledger: judges and counts; where its budget ends, the walk stays.
        owner: whose problem each start is for, shape (m,).
        places: the starts, shape (m, slots).
        rounds: most steps from a start.
        followed: walks of each problem that go on along valleys, the best ones.
        control: asked between rounds whether to stop.

    Returns:
        Where the walks ended, (m, slots), and the scores there, (m,).
    """
    control = control or Control.silent()
    problems = ledger.problems
    valley = Valley(problems.topology, problems.specs, problems.locks)
    first = min(rounds, BEFORE_TURNING) if valley.turns else rounds
    places, score = _walk(ledger, owner, places, first, control)
    order = np.lexsort((score, owner))
    rank = np.arange(len(owner)) - np.searchsorted(owner[order], owner[order])
    _follow(ledger, valley, owner, order[rank < followed], places, score, rounds, control)
    return places, score


def _walk(
    ledger: Ledger, owner: IntArray, places: Places, rounds: int, control: Control
) -> tuple[Places, FloatArray]:
    """Walk from every start until no neighbour is better; see `descend`."""
    places = ledger.problems.settled(owner, places)
    score = ledger.score(owner, places)
    walking = np.arange(len(owner))
    for _ in range(rounds):
        control.checkpoint()
        mine, here = owner[walking], places[walking]
        around = ledger.problems.lattice.neighbours(here)
        beside, beside_score = _scored(ledger, mine, around, score[walking])
        ahead = _ahead(ledger, here, beside_score, score[walking])
        best_score = np.minimum(beside_score.min(axis=1), score[walking])
        ahead, ahead_score = _scored(ledger, mine, ahead, best_score)
        tried = np.concatenate((beside, ahead), axis=1)
        scores = np.concatenate((beside_score, ahead_score), axis=1)
        best = scores.argmin(axis=1)
        rows = np.arange(len(walking))
        better = scores[rows, best] < score[walking]
        walking, rows, best = walking[better], rows[better], best[better]
        if not walking.size:
            break
        places[walking] = tried[rows, best]
        score[walking] = scores[rows, best]
    return places, score


def _follow(
    ledger: Ledger,
    valley: Valley,
    owner: IntArray,
    following: IntArray,
    places: Places,
    score: FloatArray,
    rounds: int,
    control: Control,
) -> None:
    """Move walkers along valleys, as long as that helps.

    A move that is better at once is taken. Where none is, the walker and the most promising moves
    walk in single steps, and the best end of these is taken if it is better.

    Args:
        ledger: judges and counts.
        valley: of its problems.
        owner: whose problem each walker is for, shape (m,).
        following: which of the walkers move, shape (k,).
        places: of all walkers, shape (m, slots); changed.
        score: of all walkers, shape (m,); changed.
        rounds: most steps of each walk.
        control: asked between rounds whether to stop.
    """
    walked = np.full(len(owner), not valley.turns)
    while following.size:
        control.checkpoint()
        around = valley.around(owner[following], places[following])
        tried, scores = _scored(ledger, owner[following], around, score[following])
        rows, best = np.arange(len(following)), scores.argmin(axis=1)
        better = scores[rows, best] < score[following]
        moved, stuck = following[better], following[~better]
        places[moved], score[moved] = tried[rows, best][better], scores[rows, best][better]
        fresh = stuck[~walked[stuck]]
        walked[moved], walked[fresh] = False, True
        limits = NEAR * score[stuck]
        starts = [
            valley.promising(*each)
            for each in zip(tried[~better], scores[~better], places[stuck], limits, strict=True)
        ]
        walkers = np.concatenate((fresh, np.repeat(stuck, [len(each) for each in starts])))
        ends, reached = _walk(
            ledger, owner[walkers], np.concatenate((places[fresh], *starts)), rounds, control
        )
        first = _best_of_each(walkers, reached)
        first = first[reached[first] < score[walkers[first]]]
        places[walkers[first]], score[walkers[first]] = ends[first], reached[first]
        following = np.concatenate((moved, walkers[first]))


def _best_of_each(walkers: IntArray, score: FloatArray) -> IntArray:
    """Return which of several ends of each walker scores best."""
    order = np.lexsort((score, walkers))
    return order[np.unique(walkers[order], return_index=True)[1]]


def _scored(
    ledger: Ledger, owner: IntArray, places: Places, limit: FloatArray
) -> tuple[Places, FloatArray]:
    """Settle and score designs around walkers, shape (walkers, tried, slots).

    Those that are sure to score no better than `limit`, shape (walkers,), are given up.
    """
    settled = ledger.problems.settled(owner, places)
    count, tried, slots = settled.shape
    scores = ledger.score(
        np.repeat(owner, tried), settled.reshape(-1, slots), np.repeat(limit, tried)
    )
    return settled, scores.reshape(count, tried)


def _ahead(ledger: Ledger, here: Places, scores: FloatArray, score: FloatArray) -> Places:
    """Return the moves in every value that is better for it, all at once and by several steps.

    Args:
        ledger: whose lattice it is.
        here: where the walkers stand, shape (walkers, slots).
        scores: of their neighbours, first each value's step up, then each one's down.
        score: of the walkers.
    """
    up, down = np.split(scores, 2, axis=1)
    helps = np.minimum(up, down) < score[:, None]
    direction = np.where(helps, np.where(up <= down, 1, -1), 0)
    moves = direction[:, None] * np.array(LEAPS)[:, None]
    return np.asarray(np.clip(here[:, None] + moves, 0, ledger.problems.lattice.sizes - 1))
