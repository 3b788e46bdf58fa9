"""What a user asks of a control loop; whatever is left open is proposed."""

import msgspec

from arcs_engine.circuits.control.methods import COMPENSATORS, METHODS
from arcs_engine.circuits.crossover import Control
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import DesignError, printable


class ControlSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked of a loop; None for what is open.

    Attributes:
        method: the control method.
        compensator: name of the circuit.
        crossover: at the fastest corner, Hz.
        parts: values that are given, by name, SI units.
        reference: V.
        sense: of peak current mode, V of the comparator over A seen from the output.
        slope: slope compensation of peak current mode, V/s.
        ramp: height of the ramp of voltage mode, V.
        feed_forward: whether that ramp grows with the input.
    """

    method: Control | None = None
    compensator: str | None = None
    crossover: float | None = None
    parts: dict[str, float] = {}
    reference: float | None = None
    sense: float | None = None
    slope: float | None = None
    ramp: float | None = None
    feed_forward: bool = False

    def check(self, topology: Topology) -> None:
        """Refuse what cannot be.

        Raises:
            DesignError: a name is not known, a number is not positive, or an entry belongs to
                the other control method.
        """
        suitable = METHODS[topology.loop].suitable
        if self.method is not None and self.method not in suitable:
            raise DesignError(
                f"A {topology.title} takes no {self.method} mode; it takes {' or '.join(suitable)} "
                "mode."
            )
        if self.compensator is not None and self.compensator not in COMPENSATORS:
            raise DesignError(
                f"There is no compensator '{printable(self.compensator)}'; there are "
                f"{', '.join(COMPENSATORS)}."
            )
        for name in ("crossover", "reference", "sense", "slope", "ramp"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise DesignError(f"The {name} is {value:g}; it must be positive.")
        current = self.sense is not None or self.slope is not None
        if current and (self.ramp is not None or self.feed_forward):
            raise DesignError(
                "A sense gain or slope compensation belongs to current mode and a ramp to voltage "
                "mode; give those of one method."
            )

    def methods(self, topology: Topology) -> tuple[Control, ...]:
        """Return the control methods to try, in this order."""
        suitable = METHODS[topology.loop].suitable
        if self.method is not None:
            return (self.method,)
        if self.sense is not None or self.slope is not None:
            return tuple(method for method in suitable if method == "current")
        if self.ramp is not None or self.feed_forward:
            return tuple(method for method in suitable if method == "voltage")
        return suitable
