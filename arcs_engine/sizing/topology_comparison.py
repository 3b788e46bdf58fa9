"""All topologies compared for one spec: what each could do, or why it cannot."""

from typing import Final

import msgspec
import numpy as np

from arcs_engine.circuits.spec import AUTO, Spec
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.performance.candidate import Candidate, Outcome
from arcs_engine.sizing.problem import Problem
from arcs_engine.sizing.proposal import Proposer, common_textbook, difference
from arcs_engine.sizing.refusals import alike, refusal

SEED: Final = 0


def compare(
    spec: Spec, proposer: Proposer, control: Control | None = None, *, seed: int = SEED
) -> tuple[Outcome, ...]:
    """Return what each topology could do for a spec, in the order of the registry.

    Each is searched as it is for a shortlist, so that one answer cannot say that a topology meets a
    spec and the other that it fails. One common textbook design costs 1.

    Args:
        spec: what the supply must do. Where it names a topology, that one's polarity and isolation
            are asked of the others, and a variant stands in the place of its base.
        proposer: that searches, as for a shortlist.
        control: for progress and cancel.
        seed: the same seed finds the same designs; a shortlist of this seed begins with them.

    Raises:
        Cancelled: the control asked for a stop.
    """
    control = control or Control.silent()
    topologies, asked = _compared(spec)
    refusals = {topology.name: refusal(asked, topology) for topology in topologies}
    able = [topology for topology in topologies if not refusals[topology.name]]
    if not able:
        return tuple(_refused(name, why) for name, why in refusals.items())
    reference, textbook = common_textbook(asked, able)
    outcomes = []
    for place, topology in enumerate(topologies):
        if refusals[topology.name]:
            outcomes.append(_refused(topology.name, refusals[topology.name]))
            continue
        # A shortlist of one topology weighs it against its own textbook design.
        searched = Problem(spec, topology, reference if spec.topology == AUTO else None)
        part = control.part(place / len(topologies), 1 / len(topologies))
        best = proposer.search(searched, seed=seed, control=part).best
        best = _recosted(Problem(spec, topology, reference), best)
        best = msgspec.structs.replace(best, note=difference(best, textbook))
        outcomes.append(Outcome(topology=topology.name, candidate=best, refusal=""))
    return tuple(outcomes)


def _compared(spec: Spec) -> tuple[list[Topology], Spec]:
    """Return the topologies to compare, and what is asked of all of them."""
    topologies = list(REGISTRY.values())
    if spec.topology == AUTO:
        return topologies, spec
    named = find_topology(spec.topology)
    shown = [named if each.name == named.family else each for each in topologies]
    return shown, alike(spec, named)


def _recosted(problem: Problem, candidate: Candidate) -> Candidate:
    """Return a candidate at the cost that it has against a problem's reference."""
    values = {name: np.array([value]) for name, value in candidate.values.items()}
    (judged,) = problem.judged(values, candidate.origin)
    return judged


def _refused(name: str, why: str) -> Outcome:
    return Outcome(topology=name, candidate=None, refusal=why)
