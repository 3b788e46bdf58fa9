"""When the gates of a deck switch."""

from collections.abc import Iterator

from arcs_engine.circuit import GROUND, Circuit, Gate, Switch
from arcs_engine.netlist.numbers import number

LONGEST_EDGE = 10e-9
"""Gate edge, s, where the on- and off-times leave room for it."""

EDGE_SHARE = 0.05
"""Largest share of the on-time or of the off-time, whichever is shorter, that an edge may take."""

THRESHOLD = 0.5
"""Gate voltage at which a switch turns on and off, V, of a gate that moves between 0 and 1 V."""

NODES: dict[Gate, str] = {"main": "gate", "complement": "gate2"}
SOURCES: dict[Gate, str] = {"main": "Vgate", "complement": "Vgate2"}
GATES: dict[Gate, tuple[float, float]] = {"main": (0.0, 1.0), "complement": (1.0, 0.0)}
"""Gate voltage outside and inside the main switch's pulse, V."""


def gate_edge(fsw: float, duty: float) -> float:
    """Return the rise and fall time of the gate, s: short against on- and off-time."""
    return min(LONGEST_EDGE, EDGE_SHARE * min(duty, 1 - duty) / fsw)


def start_phase(fsw: float, duty: float, edge: float | None = None) -> float:
    """Return the phase at which a deck begins, 0..1, counted from the instant of switch-on.

    A deck begins where the gate begins to rise; the switch turns on when the gate is halfway up,
    half an edge later. The state that goes into a deck is that of this phase, just under 1. (A
    negative delay of the pulse would begin at switch-on, but ngspice then misses the edges.)
    """
    edge = gate_edge(fsw, duty) if edge is None else edge
    return 1 - edge / 2 * fsw


def used_gates(circuit: Circuit) -> list[Gate]:
    """Return the gates that the circuit's switches have, the main one first."""
    used = {switch.gate for switch in circuit.of_type(Switch)}
    return [gate for gate in GATES if gate in used]


def gate_lines(circuit: Circuit, fsw: float, duty: float, edge: float) -> Iterator[str]:
    """Yield the gate sources that the circuit's switches need.

    The pulse is one edge shorter than the on-time: from threshold to threshold it is the on-time
    exactly. The complement is the same pulse upside down, without dead time.
    """
    timing = " ".join(number(t) for t in (0.0, edge, edge, duty / fsw - edge, 1 / fsw))
    for gate in used_gates(circuit):
        outside, inside = GATES[gate]
        levels = f"{outside:g} {inside:g}"
        yield f"{SOURCES[gate]} {NODES[gate]} {GROUND} PULSE({levels} {timing})"
