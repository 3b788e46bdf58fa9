"""What a deck simulates: a converter, how its gates are driven, and where it begins."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arcs_engine.circuits.circuit import Circuit
from arcs_engine.circuits.spec import FSW_RANGE
from arcs_engine.foundation.errors import DesignError
from arcs_engine.simulation.netlist.numbers import Values

if TYPE_CHECKING:  # the compiled solver takes a second to import
    from arcs_engine.simulation.steady import SteadyState

LONGEST_EDGE = 10e-9
"""Gate edge, s, where the on- and off-times leave room for it."""

EDGE_SHARE = 0.05
"""Largest share of the on-time or of the off-time, whichever is shorter, that an edge may take."""


@dataclass(frozen=True)
class GateDrive:
    """How the main switch is driven, at a fixed duty.

    Attributes:
        fsw: switching frequency, Hz.
        duty: share of the period in which the switch is on, between 0 and 1.
        given_edge: rise and fall time of the gate, s; None for one that is short against on- and
            off-time.
    """

    fsw: float
    duty: float
    given_edge: float | None = None

    @property
    def period(self) -> float:
        """Switching period, s."""
        return 1 / self.fsw

    @property
    def edge(self) -> float:
        """Rise and fall time of the gate, s."""
        if self.given_edge is not None:
            return self.given_edge
        return min(LONGEST_EDGE, EDGE_SHARE * min(self.duty, 1 - self.duty) / self.fsw)

    @property
    def start_phase(self) -> float:
        """Phase at which a deck begins, 0..1, counted from the instant of switch-on.

        A deck begins where the gate begins to rise; the switch turns on when the gate is halfway
        up, half an edge later. The state that goes into a deck is that of this phase, just under 1.
        (A negative delay of the pulse would begin at switch-on, but ngspice then misses the edges.)
        """
        return 1 - self.edge / 2 * self.fsw

    def check(self) -> None:
        """Raise `DesignError` if no exact pulse can be made."""
        low, high = FSW_RANGE
        fsw, duty = self.fsw, self.duty
        if not low <= fsw <= high:
            raise DesignError(
                f"fsw is {fsw:g} Hz; a deck can be written for {low:g} to {high:g} Hz."
            )
        if not 0 < duty < 1:
            raise DesignError(f"The duty is {duty:g}; it must lie between 0 and 1.")
        edge = self.edge
        if not 0 < edge < min(duty, 1 - duty) / fsw or not math.isfinite(edge):
            raise DesignError(
                f"A gate edge of {edge:g} s does not fit; it must be shorter than the on-time of "
                f"{duty / fsw:g} s and the off-time of {(1 - duty) / fsw:g} s."
            )


@dataclass(frozen=True)
class Converter:
    """A converter at the instant at which a deck begins.

    Attributes:
        circuit: the declaration.
        parameters: element parameters by name (see `arcs_engine.circuits.circuit`), with ``vin``
            and ``rload``, SI units.
        drive: of its gates.
        state: inductor current (A) and capacitor voltage (V, behind the series resistance) by
            element name: those at the drive's start phase, or zeros for a start from rest.
    """

    circuit: Circuit
    parameters: Mapping[str, float]
    drive: GateDrive
    state: Mapping[str, float]

    @classmethod
    def settled(cls, solved: "SteadyState") -> "Converter":
        """Return a converter that begins in its solved steady state."""
        drive = GateDrive(solved.fsw, solved.duty)
        state = solved.state_at(drive.start_phase)
        return cls(solved.topology.circuit, solved.parameters, drive, state)

    @classmethod
    def at_rest(cls, solved: "SteadyState") -> "Converter":
        """Return a converter that begins without a current or a charge, at the solved duty."""
        drive = GateDrive(solved.fsw, solved.duty)
        state = dict.fromkeys(solved.state, 0.0)
        return cls(solved.topology.circuit, solved.parameters, drive, state)

    @property
    def values(self) -> Values:
        """Checked access to its numbers."""
        return Values(self.parameters, self.state)
