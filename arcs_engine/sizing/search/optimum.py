"""The reference optimum: what a patient search finds for a spec (requirement J7)."""

from dataclasses import dataclass
from itertools import islice

import msgspec
import numpy as np

from arcs_engine.foundation.control import Control
from arcs_engine.sizing.search.genetic import from_textbook
from arcs_engine.sizing.search.ledger import Ledger, Search
from arcs_engine.sizing.search.local import LocalSearch
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.sources import around_textbook
from arcs_engine.sizing.search.trials import Trials

SNAPSHOTS = (1, 8, 32, 100, 320, 500, 2_000, 10_000)
"""Evaluations after which the genetic algorithm's best cost is kept."""


@dataclass(frozen=True)
class Patience:
    """How long to search.

    Attributes:
        evaluations: the genetic algorithm's.
        starts: of local searches.
        seed: the same seed finds the same design.
    """

    evaluations: int = 10_000
    starts: int = 64
    seed: int = 0


class Optimum(msgspec.Struct, frozen=True, kw_only=True):
    """The best design that was found for a spec.

    Attributes:
        values: by name, SI.
        cost: 3 when no design that meets the spec was found.
        genetic: the genetic algorithm's best cost after so many evaluations.
        evaluations: all that were made, the local searches' among them.
    """

    values: dict[str, float]
    cost: float
    genetic: dict[int, float]
    evaluations: int


def reference_optimum(
    problem: Problems, patience: Patience, control: Control | None = None
) -> Optimum:
    """Search one spec with the genetic algorithm, then from many starts along the E-series.

    The first start is the genetic algorithm's best, the second the textbook design, the others are
    drawn around it.

    Args:
        problem: the only one; its weight and efficiency wish count.
        patience: how long to search.
        control: asked after each batch whether to stop.
    """
    ledger = Ledger(problem, patience.evaluations)
    rng = np.random.default_rng(patience.seed)
    search = Search(ledger, rng, control or Control.silent())
    from_textbook(search)
    evolved = ledger.traces()[0]
    best = evolved.places[[evolved.first_best()]]
    ledger.budget = None
    others = islice(around_textbook(problem, rng), patience.starts - 1)
    starts = Trials.of_one(np.concatenate((best, *others)))
    LocalSearch(ledger, followed=len(starts), control=search.control).run(starts)
    trace = ledger.traces()[0]
    return Optimum(
        values=trace.best(),
        cost=trace.after(len(trace)),
        genetic={k: evolved.after(k) for k in SNAPSHOTS if k <= patience.evaluations},
        evaluations=len(trace),
    )
