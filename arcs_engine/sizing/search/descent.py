"""Descent over neighbouring E-series values, two solver batches a round.

The best walk then goes on along valleys (see `valley`) and past designs that nearly met the spec.
"""

import numpy as np

from arcs_engine.circuits.design_space import Places
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.control import Control
from arcs_engine.sizing.search.ledger import IntArray, Ledger
from arcs_engine.sizing.search.valley import Valley

TO_THE_END = 1000
"""More rounds than any walk has: each moves at least one step nearer on a finite lattice."""

BEFORE_TURNING = 2
"""Rounds before a walk goes on along its turns ratio, where there is one: the rest would have to be
done anew."""

NEAR = 1.07
"""Score, over a walker's, of moves along a valley that are worth a walk although they are worse."""

MISSES = 2
"""Designs around a walker that nearly met the spec, the cheapest, from which a walk is tried."""

WORTH = 0.995
"""What such a design must cost at most, over the walker's cost, to be worth a walk."""

MENDING = 2
"""Rounds in which that walk has to find a better design, or else it is given up."""

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
    ratio leads along one, walks stop before that after a few rounds (docs/decisions/0010). In the
    end it tries designs around it that would cost less and miss the ripple by a little
    (docs/decisions/0016).

    Args:
        ledger: judges and counts; where its budget ends, the walk stays.
        owner: whose problem each start is for, shape (m,).
        places: the starts, shape (m, slots).
        rounds: most steps from a start.
        followed: walks of each problem that go on so, the best ones.
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
    following, walked = order[rank < followed], not valley.turns
    while following.size:
        _follow(ledger, valley, owner, following, walked, places, score, rounds, control)
        following = _mend(ledger, valley, owner, following, places, score, rounds, control)
        walked = False
    return places, score


def _walk(
    ledger: Ledger,
    owner: IntArray,
    places: Places,
    rounds: int,
    control: Control,
    below: FloatArray | None = None,
) -> tuple[Places, FloatArray]:
    """Walk from every start until no neighbour is better; see `descend`.

    Args:
        ledger: judges and counts.
        owner: whose problem each start is for, shape (m,).
        places: the starts, shape (m, slots).
        rounds: most steps from a start.
        control: asked between rounds whether to stop.
        below: cost that each walk is to end below, shape (m,): it takes no step to a design that
            would cost as much if it met its spec. None to walk anywhere.
    """
    places = ledger.problems.settled(owner, places)
    score = ledger.score(owner, places)
    walking = np.arange(len(owner))
    for _ in range(rounds):
        control.checkpoint()
        mine, here = owner[walking], places[walking]
        most = None if below is None else below[walking]
        around = ledger.problems.lattice.neighbours(here)
        beside, beside_score = _scored(ledger, mine, around, score[walking], most)
        ahead = _ahead(ledger, here, beside_score, score[walking])
        best_score = np.minimum(beside_score.min(axis=1), score[walking])
        ahead, ahead_score = _scored(ledger, mine, ahead, best_score, most)
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
    walked_before: bool,
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
        walked_before: whether single steps have led them as far as they lead.
        places: of all walkers, shape (m, slots); changed.
        score: of all walkers, shape (m,); changed.
        rounds: most steps of each walk.
        control: asked between rounds whether to stop.
    """
    walked = np.full(len(owner), walked_before)
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


def _mend(
    ledger: Ledger,
    valley: Valley,
    owner: IntArray,
    following: IntArray,
    places: Places,
    score: FloatArray,
    rounds: int,
    control: Control,
) -> IntArray:
    """Move walkers past designs that nearly meet the spec, and return which of them got better.

    A step of inductance or capacitance is coarse, so where walks end some ripple is left that a
    step down would overdraw. From designs that would cost less, walks look for one that meets the
    spec and does cost less. Arguments as for `_follow`.
    """
    mine, here = owner[following], places[following]
    near = (ledger.problems.lattice.neighbours(here), valley.around(mine, here))
    around = ledger.problems.settled(mine, np.concatenate(near, axis=1))
    cost = _cost_if_met(ledger, mine, around)
    cost[cost >= WORTH * score[following][:, None]] = np.inf
    cheapest = np.argsort(cost, axis=1, kind="stable")[:, :MISSES]
    rows, picks = np.nonzero(np.take_along_axis(cost, cheapest, axis=1) < np.inf)
    if not rows.size:
        return rows
    walkers, starts = following[rows], around[rows, cheapest[rows, picks]]
    mending = min(rounds, MENDING)
    ends, reached = _walk(ledger, owner[walkers], starts, mending, control, score[walkers])
    first = _best_of_each(walkers, reached)
    first = first[reached[first] < score[walkers[first]]]
    places[walkers[first]], score[walkers[first]] = ends[first], reached[first]
    return walkers[first]


def _best_of_each(walkers: IntArray, score: FloatArray) -> IntArray:
    """Return which of several ends of each walker scores best."""
    order = np.lexsort((score, walkers))
    return order[np.unique(walkers[order], return_index=True)[1]]


def _scored(
    ledger: Ledger,
    owner: IntArray,
    places: Places,
    limit: FloatArray,
    below: FloatArray | None = None,
) -> tuple[Places, FloatArray]:
    """Settle and score designs around walkers, shape (walkers, tried, slots).

    Those that are sure to score no better than `limit`, shape (walkers,), are given up. What would
    not cost less than `below`, where it is given, scores inf.
    """
    settled = ledger.problems.settled(owner, places)
    count, tried, slots = settled.shape
    most = limit if below is None else np.minimum(limit, below)
    scores = ledger.score(
        np.repeat(owner, tried), settled.reshape(-1, slots), np.repeat(most, tried)
    ).reshape(count, tried)
    if below is not None:
        cost = np.minimum(scores, _cost_if_met(ledger, owner, settled))
        scores = np.where(cost < below[:, None], scores, np.inf)
    return settled, scores


def _cost_if_met(ledger: Ledger, owner: IntArray, places: Places) -> FloatArray:
    """Return `Ledger.cost_if_met` of designs around walkers, shape (walkers, tried)."""
    count, tried, slots = places.shape
    found = ledger.cost_if_met(np.repeat(owner, tried), places.reshape(-1, slots))
    return found.reshape(count, tried)


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
