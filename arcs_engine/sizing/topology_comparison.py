"""All topologies compared for one spec: what each could do, or why it cannot."""

from typing import Final

import msgspec

from arcs_engine.circuits.spec import AUTO, Spec
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.performance.candidate import Candidate, Outcome
from arcs_engine.sizing.local_search import better_near
from arcs_engine.sizing.problem import Problem
from arcs_engine.sizing.proposal import common_textbook, difference, order, refusal

SAMPLES: Final = 24
"""Designs around the textbook one that are judged of each topology."""

STARTS: Final = 2
"""How many of the best of them the local search starts from."""


def compare(spec: Spec, control: Control | None = None) -> tuple[Outcome, ...]:
    """Return what each topology could do for a spec, in the order of the registry.

    No model is asked: designs around the textbook design are judged, and a local search starts from
    the best of them. One common textbook design costs 1. The spec's own topology does not matter;
    its polarity and isolation do.

    Args:
        spec: what the supply must do.
        control: for progress and cancel.

    Raises:
        Cancelled: the control asked for a stop.
    """
    control = control or Control.silent()
    spec = msgspec.structs.replace(spec, topology=AUTO)
    refusals = {topology.name: refusal(spec, topology) for topology in REGISTRY.values()}
    able = [topology for topology in REGISTRY.values() if not refusals[topology.name]]
    if not able:
        return tuple(_refused(name, why) for name, why in refusals.items())
    reference, textbook = common_textbook(spec, able)
    outcomes = []
    for place, topology in enumerate(REGISTRY.values()):
        control.progress(place / len(REGISTRY), f"Comparing the {topology.title}")
        if refusals[topology.name]:
            outcomes.append(_refused(topology.name, refusals[topology.name]))
        else:
            best = _best(Problem(spec, topology, reference), control)
            best = msgspec.structs.replace(best, note=difference(best, textbook))
            outcomes.append(Outcome(topology=topology.name, candidate=best, refusal=""))
    return tuple(outcomes)


def _refused(name: str, why: str) -> Outcome:
    return Outcome(topology=name, candidate=None, refusal=why)


def _best(problem: Problem, control: Control) -> Candidate:
    drawn = problem.judged(problem.around_textbook(SAMPLES), "search")
    starts = sorted(drawn, key=order)[:STARTS]
    return min([*starts, *better_near(problem, starts, control=control)], key=order)
