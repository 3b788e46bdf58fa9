"""The registry of topologies: one file each, listed here."""

from arcs_engine.circuits.spec import AUTO
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.circuits.topologies.boost import Boost
from arcs_engine.circuits.topologies.buck import Buck
from arcs_engine.circuits.topologies.buck_boost import BuckBoost
from arcs_engine.circuits.topologies.cuk import Cuk
from arcs_engine.circuits.topologies.flyback import Flyback
from arcs_engine.circuits.topologies.forward import Forward
from arcs_engine.circuits.topologies.sepic import Sepic
from arcs_engine.circuits.topologies.variants import (
    CoupledCuk,
    CoupledSepic,
    SynchronousBoost,
    SynchronousBuck,
    SynchronousBuckBoost,
)
from arcs_engine.foundation.errors import SpecError, printable

REGISTRY: dict[str, Topology] = {
    t.name: t for t in (Buck(), Boost(), BuckBoost(), Cuk(), Sepic(), Flyback(), Forward())
}

"""The topologies that ``auto`` compares and models are trained on."""

VARIANTS: dict[str, Topology] = {
    t.name: t
    for t in (
        SynchronousBuck(),
        SynchronousBoost(),
        SynchronousBuckBoost(),
        CoupledCuk(),
        CoupledSepic(),
    )
}
"""Variants of them, which are used where they are asked for."""


def topology(name: str) -> Topology:
    """Return the topology or variant of that name; `SpecError` when there is none."""
    try:
        return (REGISTRY | VARIANTS)[name]
    except KeyError:
        known = ", ".join(REGISTRY | VARIANTS)
        raise SpecError(
            f"There is no topology '{printable(name)}'; choose one of {known}, or auto.",
            "topology",
        ) from None


def variant_of(name: str, variant: str) -> str:
    """Return the name of a topology's variant; `SpecError` when it has none of that kind."""
    if name == AUTO:
        raise SpecError(f"A variant needs its topology; with {AUTO} there is none.", "variant")
    base = topology(name)
    for found in VARIANTS.values():
        if found.family == base.family and found.variant == variant:
            return found.name
    kinds = [v.variant for v in VARIANTS.values() if v.family == base.family]
    offered = f"it has {', '.join(kinds)}" if kinds else "it has none"
    raise SpecError(
        f"The {base.title} has no variant '{printable(variant)}'; {offered}.", "variant"
    )
