"""The registry of topologies: one file each, listed here."""

from arcs_engine.errors import SpecError
from arcs_engine.topologies.base import Topology
from arcs_engine.topologies.boost import Boost
from arcs_engine.topologies.buck import Buck
from arcs_engine.topologies.buck_boost import BuckBoost
from arcs_engine.topologies.cuk import Cuk
from arcs_engine.topologies.flyback import Flyback
from arcs_engine.topologies.forward import Forward
from arcs_engine.topologies.sepic import Sepic

REGISTRY: dict[str, Topology] = {
    t.name: t for t in (Buck(), Boost(), BuckBoost(), Cuk(), Sepic(), Flyback(), Forward())
}


def topology(name: str) -> Topology:
    """Return the registered topology of that name; `SpecError` when there is none."""
    try:
        return REGISTRY[name]
    except KeyError:
        known = ", ".join(REGISTRY)
        raise SpecError(
            f"There is no topology '{name}'; choose one of {known}, or auto.", "topology"
        ) from None
