"""What would help where no design of a shortlist meets its spec: tried, never guessed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from arcs_engine.circuits.settings import value_names
from arcs_engine.circuits.spec import AUTO, FSW_RANGE, Spec
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate, Shortlist
from arcs_engine.performance.metrics import per_cent
from arcs_engine.sizing.choice import order
from arcs_engine.sizing.problem import Problem
from arcs_engine.sizing.proposal import Proposer
from arcs_engine.sizing.refusals import alike, refusal

ENOUGH: Final = 3
"""Ways that are named; what else would help is not sought."""

_MOST_RIPPLE: Final = 0.2


@dataclass(frozen=True)
class _Way:
    """A change after which the spec may be met; `what` begins a sentence that says that it is."""

    what: str
    spec: Spec
    topology: Topology
    locks: Mapping[str, float]


def advice(
    found: Shortlist,
    *,
    locks: Mapping[str, float] | None = None,
    control: Control | None = None,
) -> tuple[str, ...]:
    """Return what would help a shortlist of which nothing meets the spec, a sentence each.

    Every way was searched from its textbook design, and led to a design that meets what is asked
    then.

    Args:
        found: the shortlist.
        locks: that it was asked with.
        control: for progress and cancel.

    Raises:
        Cancelled: the control asked for a stop.
    """
    control = control or Control.silent()
    best = min(found.candidates or (found.textbook,), key=order)
    ways = list(_ways(found.spec, find_topology(best.topology), locks or {}))
    sentences: list[str] = []
    for place, way in enumerate(ways):
        control.progress(place / len(ways), "Trying what would help")
        reached = _reached(way, found.seed)
        if reached.meets_spec and reached.metrics is not None:
            efficiency = per_cent(reached.metrics.efficiency_estimated)
            sentences.append(f"{way.what}, at an estimated efficiency of {efficiency}.")
        if len(sentences) == ENOUGH:
            break
    return tuple(sentences) or (
        "Nothing that was tried helps: neither another topology or variant, nor another frequency, "
        "nor more ripple.",
    )


def _reached(way: _Way, seed: int) -> Candidate:
    problem = Problem(way.spec, way.topology, locks=way.locks)
    return Proposer(None).search(problem, seed=seed, control=Control.silent()).best


def _ways(spec: Spec, best: Topology, locks: Mapping[str, float]) -> Iterator[_Way]:
    """Yield what to try, what changes least first.

    Args:
        spec: that is not met.
        best: topology of the design that comes nearest.
        locks: design values that were given.
    """
    if locks:
        yield _Way(f"Without locks on {', '.join(locks)} the spec is met", spec, best, {})
    for topology in _other_circuits(spec, best):
        kept = {name: locks[name] for name in locks if name in value_names(topology)}
        yield _Way(f"The {topology.title} meets the spec", spec, topology, kept)
    for factor in (0.5, 2.0):
        frequency = spec.fsw * factor
        if FSW_RANGE[0] <= frequency <= FSW_RANGE[1]:
            what = f"At {format_quantity(frequency, 'Hz')} the {best.title} meets the spec"
            yield _Way(what, msgspec.structs.replace(spec, fsw=frequency), best, locks)
    if spec.efficiency is not None:
        what = f"Without the wish for {per_cent(spec.efficiency)} the {best.title} meets the spec"
        yield _Way(what, msgspec.structs.replace(spec, efficiency=None), best, locks)
    if spec.deviation is not None:
        allowed = 2 * spec.deviation
        what = f"With a deviation of {per_cent(allowed)} allowed the {best.title} meets the spec"
        yield _Way(what, msgspec.structs.replace(spec, deviation=allowed), best, locks)
    ripple = 2 * spec.ripple
    if ripple <= _MOST_RIPPLE:
        what = f"With a ripple of {per_cent(ripple)} allowed the {best.title} meets the spec"
        yield _Way(what, msgspec.structs.replace(spec, ripple=ripple), best, locks)


def _other_circuits(spec: Spec, best: Topology) -> Iterator[Topology]:
    """Yield variants of the topologies that the spec allows, then those that it leaves out."""
    named = spec.topology != AUTO
    asked = alike(spec, find_topology(spec.topology)) if named else spec
    families = [best.family] if named else list(REGISTRY)
    variants = [each for each in VARIANTS.values() if each.family in families]
    others = list(REGISTRY.values()) if named else []
    for topology in (*variants, *others):
        if topology.name != best.name and not refusal(asked, topology):
            yield topology
