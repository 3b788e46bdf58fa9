"""Rounds of random moves from the best designs so far, the moves shrinking."""

import numpy as np

from arcs_engine.sizing.search.ledger import Search

WIDEST, NARROWEST = 0.3, 0.05
"""Standard deviation of the moves in the first round and in the last, in decades."""


def close_in(search: Search, rounds: int, moves: int) -> None:
    """Judge designs around the best of each problem, which is found anew before each round.

    Args:
        search: at least one design of each problem has been judged in it; asked between rounds
            whether to stop.
        rounds: how many.
        moves: designs of each problem in a round.
    """
    problems, ledger = search.problems, search.ledger
    for decades in np.geomspace(WIDEST, NARROWEST, rounds):
        search.control.checkpoint()
        best = ledger.best()
        starts = np.repeat(best.places[:, None], moves, axis=1)
        moved = problems.lattice.near(starts, float(decades), search.rng)
        ledger.score(problems.settled(best.around(moved)))
