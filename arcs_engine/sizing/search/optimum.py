"""The reference optimum: what a patient search finds for a spec (requirement J7)."""

from itertools import islice

import msgspec
import numpy as np

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.performance.verdict import Reference
from arcs_engine.sizing.search.descent import descend
from arcs_engine.sizing.search.genetic import from_textbook
from arcs_engine.sizing.search.ledger import Ledger
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.sources import around_textbook

EVALUATIONS = 10_000
STARTS = 64
SNAPSHOTS = (1, 8, 32, 100, 320, 500, 2_000, 10_000)
"""Evaluations after which the genetic algorithm's best cost is kept."""


class Optimum(msgspec.Struct, frozen=True, kw_only=True):
    """The best design that was found for a spec.

    Attributes:
        values: by name, SI.
        cost: 3 when no design that meets the spec was found.
        genetic: the genetic algorithm's best cost after so many evaluations.
        evaluations: all that were made, the local search's among them.
    """

    values: dict[str, float]
    cost: float
    genetic: dict[int, float]
    evaluations: int


def reference_optimum(
    topology: Topology,
    spec: Spec,
    seed: int = 0,
    *,
    evaluations: int = EVALUATIONS,
    starts: int = STARTS,
    reference: Reference | None = None,
    control: Control | None = None,
) -> Optimum:
    """Search a spec with the genetic algorithm, then from many starts along the E-series.

    The first start is the genetic algorithm's best, the second the hand design, the others are
    drawn around it.

    Args:
        topology: what to design.
        spec: what it must do; its weight and efficiency wish count.
        seed: the same seed finds the same design.
        evaluations: the genetic algorithm's.
        starts: of the local search.
        reference: loss (W) and energy (J) that cost 1; None for the topology's own textbook design.
        control: asked after each batch whether to stop.
    """
    control = control or Control.silent()
    rng = np.random.default_rng(seed)
    ledger = Ledger(Problems.of(topology, [spec], reference=reference), evaluations)
    from_textbook(ledger, rng, control)
    evolved = ledger.traces()[0]
    best = evolved.places[[evolved.first_best()]]
    ledger.budget = None
    others = islice(around_textbook(ledger.problems, rng), starts - 1)
    places = np.concatenate((best, *others))
    owner = np.zeros(len(places), dtype=np.int64)
    descend(ledger, owner, places, followed=len(places), control=control)
    trace = ledger.traces()[0]
    return Optimum(
        values=trace.best(),
        cost=trace.after(len(trace)),
        genetic={k: evolved.after(k) for k in SNAPSHOTS if k <= evaluations},
        evaluations=len(trace),
    )
