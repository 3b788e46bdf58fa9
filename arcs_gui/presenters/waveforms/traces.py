"""The signals of a converter that the waveform panes can show, and the curves of one run."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from arcs_engine.circuits.circuit import OUTPUT
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.simulation.waveforms import Waveforms

PERIODS = 3
"""How many of the last periods are shown."""

SLACK = 0.01
"""Share of a period by which a simulation may end early and still count as whole."""

Source = Literal["steady", "ngspice"]

SOURCE_TITLES: Mapping[Source, str] = {"steady": "solver", "ngspice": "ngspice"}


@dataclass(frozen=True)
class Signal:
    """One signal of a topology.

    Attributes:
        name: ``v(node)`` or ``i(element)``, as in `Waveforms`.
        title: for people.
        unit: V or A.
        hue: its place among the trace colours; the same in every view.
    """

    name: str
    title: str
    unit: Literal["V", "A"]
    hue: int


@dataclass(frozen=True)
class TraceSet:
    """The curves of one run.

    Attributes:
        source: who computed them.
        period: switching period, s.
        time: from the start of the window, s, shape (n,).
        values: by signal name, V or A, shape (n,) each.
    """

    source: Source
    period: float
    time: FloatArray
    values: Mapping[str, FloatArray]


def defaults(topology: Topology) -> tuple[str, ...]:
    """Return the signals that are shown at first: output, main inductor and switch node."""
    return (f"v({OUTPUT})", f"i({topology.main_inductor})", f"v({topology.switch_node})")


def signals(topology: Topology) -> tuple[Signal, ...]:
    """Return every node voltage and element current, those that are shown at first in front."""
    circuit = topology.circuit
    names = [f"v({node})" for node in circuit.nodes]
    names += [f"i({element.name})" for element in circuit.elements]
    ordered = dict.fromkeys((*defaults(topology), *names))
    return tuple(_signal(name, hue) for hue, name in enumerate(ordered))


def _signal(name: str, hue: int) -> Signal:
    if name == f"v({OUTPUT})":
        return Signal(name, "Vout", "V", hue)
    title = name[0].upper() + name[1:]
    return Signal(name, title, "V" if title.startswith("V") else "A", hue)


def trace_set(topology: Topology, waveforms: Waveforms) -> TraceSet:
    """Return the signals of a topology over the last periods.

    The window starts where the switch turns on, which is at multiples of the period.
    """
    last_turn_on = math.floor(waveforms.time[-1] / waveforms.period + SLACK)
    first_turn_on = math.ceil(waveforms.time[0] / waveforms.period - SLACK)
    periods = max(1, min(PERIODS, last_turn_on - first_turn_on))
    stop = min(last_turn_on * waveforms.period, float(waveforms.time[-1]))
    start = max(stop - periods * waveforms.period, float(waveforms.time[0]))
    window = waveforms.between(start, stop)
    return _of(topology, window, window.time - start)


def whole_run(topology: Topology, waveforms: Waveforms) -> TraceSet:
    """Return the signals of a topology from the beginning of a run to its end."""
    return _of(topology, waveforms, waveforms.time)


def _of(topology: Topology, waveforms: Waveforms, time: FloatArray) -> TraceSet:
    known = waveforms.signals
    values = {s.name: known[s.name] for s in signals(topology) if s.name in known}
    return TraceSet(waveforms.source, waveforms.period, time, values)
