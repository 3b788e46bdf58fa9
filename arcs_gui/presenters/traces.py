"""Which signals of a converter the waveform panes show."""

import math
from dataclasses import dataclass
from typing import Literal

from arcs_engine.circuit import OUTPUT
from arcs_engine.spec import FloatArray
from arcs_engine.topologies.base import Topology
from arcs_engine.waveforms import Waveforms

PERIODS = 3
"""How many of the last periods are shown."""

_SLACK = 0.01
"""Share of a period by which a simulation may end early and still count as whole."""

Role = Literal["vout", "inductor_current", "switch_node"]
Source = Literal["steady", "ngspice"]


@dataclass(frozen=True)
class Trace:
    """One curve: time from the start of the window, s, and V or A; shape (n,) each."""

    role: Role
    title: str
    unit: str
    time: FloatArray
    values: FloatArray


@dataclass(frozen=True)
class TraceSet:
    """The curves of one source, one for each pane."""

    source: Source
    traces: tuple[Trace, ...]


def trace_set(topology: Topology, waveforms: Waveforms) -> TraceSet:
    """Return output voltage, inductor current and switch node over the last periods.

    The window starts where the switch turns on, which is at multiples of the period.
    """
    last_turn_on = math.floor(waveforms.time[-1] / waveforms.period + _SLACK)
    first_turn_on = math.ceil(waveforms.time[0] / waveforms.period - _SLACK)
    periods = max(1, min(PERIODS, last_turn_on - first_turn_on))
    stop = min(last_turn_on * waveforms.period, float(waveforms.time[-1]))
    start = max(stop - periods * waveforms.period, float(waveforms.time[0]))
    window = waveforms.between(start, stop)
    time = window.time - start
    inductor, node = topology.main_inductor, topology.switch_node
    signals: tuple[tuple[Role, str, str, str], ...] = (
        ("vout", "Vout", "V", f"v({OUTPUT})"),
        ("inductor_current", f"I({inductor})", "A", f"i({inductor})"),
        ("switch_node", f"V({node})", "V", f"v({node})"),
    )
    return TraceSet(
        waveforms.source,
        tuple(
            Trace(role, title, unit, time, window.signals[name])
            for role, title, unit, name in signals
        ),
    )
