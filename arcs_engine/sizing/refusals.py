"""Why a topology cannot meet a spec, as far as that is known without solving anything.

Two things forbid a spec outright: no duty of the ideal circuit gives its output, or some part must
stand more, in every design, than the largest rating that the judge knows. No search can meet what
is refused here; what only a search can tell is left to the search.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.circuits.spec import AUTO, Spec
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import SpecError
from arcs_engine.performance.ratings import peak_need

_REGULATED: Final = 1 - 1e-3
"""Share of the wanted output that every solved design reaches; the solver allows 1e-5 less."""

_LESS: Final[Mapping[str, str]] = {
    "vin": "a lower input voltage",
    "vout": "a lower output voltage",
    "iout": "a smaller output current",
}
"""What to ask for where no topology avoids a limit, by field of the spec."""


def check(spec: Spec, topology: Topology) -> None:
    """Raise `SpecError` when no design of a topology can meet a spec: which limit, and a way out.

    Args:
        spec: what the supply must do; its own `topology` field is not looked at.
        topology: which circuit.
    """
    topology.check(spec)
    forbidden = _forbidden(spec, topology)
    if forbidden is not None:
        others = [
            each.title for each in REGISTRY.values() if not refusal(alike(spec, topology), each)
        ]
        way_out = f"the {' or the '.join(others)} may do it" if others else forbidden.way_out
        raise SpecError(
            f"The {topology.title} cannot meet this spec: {forbidden.why}; {way_out}.",
            forbidden.field,
        )


def fitting(spec: Spec) -> list[Topology]:
    """Return the topologies that a spec allows.

    Raises:
        SpecError: the named topology cannot meet the spec, or with ``auto`` none can.
    """
    if spec.topology != AUTO:
        topology = find_topology(spec.topology)
        check(spec, topology)
        return [topology]
    refusals = {topology.name: refusal(spec, topology) for topology in REGISTRY.values()}
    allowed = [topology for topology in REGISTRY.values() if not refusals[topology.name]]
    if not allowed:
        raise _nothing_fits(spec, refusals.values())
    return allowed


def refusal(spec: Spec, topology: Topology) -> str:
    """Return why a topology cannot meet what a spec asks of ``auto``; empty when it can."""
    unsuited = _unsuited(spec, topology)
    forbidden = None if unsuited else _forbidden(spec, topology)
    return unsuited if forbidden is None else f"{forbidden.why}."


def alike(spec: Spec, topology: Topology) -> Spec:
    """Return what ``auto`` must be asked for to find what may stand in a topology's place."""
    return msgspec.structs.replace(
        spec,
        topology=AUTO,
        polarity="negative" if topology.inverting else "positive",
        isolated=spec.isolated and topology.isolated,
    )


@dataclass(frozen=True)
class _Forbidden:
    """A part that no rating covers in any design of a topology.

    Attributes:
        topology: whose part.
        field: of the spec that asks for it.
        why: which part and which limit, without a full stop.
        covered: the largest rating that may be used over what the part must stand, below 1.
    """

    topology: Topology
    field: str
    why: str
    covered: float

    @property
    def way_out(self) -> str:
        """What to do where no topology avoids the limit."""
        return f"no other topology avoids it, so ask for {_LESS[self.field]}"


def _forbidden(spec: Spec, topology: Topology) -> _Forbidden | None:
    """Return the part of a topology that is furthest from any rating; None where all may do."""
    found = []
    for part, least in topology.least_stress(spec).items():
        need = peak_need(topology, part, least.value * np.array([1.0, _REGULATED]))
        if need.exceeds[1]:
            why = need.shortfall(0, "must stand at least")
            covered = float(need.largest[0]) * need.standard.derating / least.value
            found.append(_Forbidden(topology, least.field, why, covered))
    return min(found, key=lambda each: each.covered, default=None)


def _unsuited(spec: Spec, topology: Topology) -> str:
    """Return why a topology is not of the kind that a spec asks of ``auto``; empty when it is."""
    if spec.polarity != "any" and topology.inverting != (spec.polarity == "negative"):
        made = "negative" if topology.inverting else "positive"
        return f"The {topology.title} has a {made} output; {spec.polarity} was asked for."
    if spec.isolated and not topology.isolated:
        return f"The {topology.title} does not isolate its output."
    try:
        topology.check(spec)
    except SpecError as error:
        return str(error)
    return ""


def _nothing_fits(spec: Spec, refusals: Iterable[str]) -> SpecError:
    """Return the error for a spec that every topology refuses; the nearest one speaks for all."""
    suited = [each for each in REGISTRY.values() if not _unsuited(spec, each)]
    forbidden = [found for each in suited if (found := _forbidden(spec, each)) is not None]
    if not forbidden:
        return SpecError(f"No topology can meet the spec: {' '.join(refusals)}", "topology")
    nearest = max(forbidden, key=lambda each: each.covered)
    return SpecError(
        f"No topology can meet this spec: in the {nearest.topology.title}, the nearest, "
        f"{nearest.why}; ask for {_LESS[nearest.field]}.",
        nearest.field,
    )
