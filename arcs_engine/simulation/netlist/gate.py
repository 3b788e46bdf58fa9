"""When the gates of a deck switch."""

from collections.abc import Iterator

from arcs_engine.circuits.circuit import GROUND, Circuit, Gate, Switch
from arcs_engine.foundation.errors import DesignError
from arcs_engine.simulation.netlist.converter import Converter
from arcs_engine.simulation.netlist.numbers import number

THRESHOLD = 0.5
"""Gate voltage at which a switch turns on and off, V, of a gate that moves between 0 and 1 V."""

NODES: dict[Gate, str] = {"main": "gate", "complement": "gate2"}
SOURCES: dict[Gate, str] = {"main": "Vgate", "complement": "Vgate2"}
GATES: dict[Gate, tuple[float, float]] = {"main": (0.0, 1.0), "complement": (1.0, 0.0)}
"""Gate voltage outside and inside the main switch's pulse, V, without dead time."""


def used_gates(circuit: Circuit) -> list[Gate]:
    """Return the gates that the circuit's switches have, the main one first."""
    used = {switch.gate for switch in circuit.of_type(Switch)}
    return [gate for gate in GATES if gate in used]


def gate_lines(converter: Converter) -> Iterator[str]:
    """Yield the gate sources that the converter's switches need.

    A pulse is one edge shorter than its on-time: from threshold to threshold it is the on-time
    exactly. The complement begins a dead time after the main switch's end and ends a dead time
    before its start; without dead time it is the same pulse upside down.

    Raises:
        DesignError: the dead time is shorter than an edge, or leaves no time for the complement.
    """
    duty, edge, period = converter.drive.duty, converter.drive.edge, converter.drive.period
    for gate in used_gates(converter.circuit):
        dead = complement_dead_time(converter) if gate == "complement" else 0.0
        outside, inside = GATES[gate] if not dead else (0.0, 1.0)
        delay, on_time = 0.0, duty * period
        if dead:
            delay, on_time = on_time + dead, period - on_time - 2 * dead
            if dead < edge or on_time <= edge:
                raise DesignError(
                    f"A dead time of {dead:g} s cannot be simulated; it must be at least the gate "
                    f"edge of {edge:g} s, twice it less than the off-time of "
                    f"{(1 - duty) * period:g} s."
                )
        timing = " ".join(number(t) for t in (delay, edge, edge, on_time - edge, period))
        yield f"{SOURCES[gate]} {NODES[gate]} {GROUND} PULSE({outside:g} {inside:g} {timing})"


def complement_dead_time(converter: Converter) -> float:
    """Return the dead time of the complementary switches, s; 0 where there is none."""
    for switch in converter.circuit.of_type(Switch):
        if switch.gate == "complement":
            return converter.values.series(switch.dead_time)
    return 0.0
