"""The table under the waveform panes: values at the cursors, and measurements."""

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Literal

import numpy as np

from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.metrics import NOTHING, per_cent
from arcs_gui.presenters.waveforms import measurements
from arcs_gui.presenters.waveforms.measurements import Measurement
from arcs_gui.presenters.waveforms.traces import SOURCE_TITLES, Signal, TraceSet

CursorName = Literal["A", "B"]
Cursors = Mapping[CursorName, float]
"""Instants of both cursors, s."""

_CURSOR_COLUMNS = ("A", "B", "B − A")


@dataclass(frozen=True)
class ReadoutRow:
    """A line of the readout: a trace, whose colour it has, and its figures."""

    title: str
    hue: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Readout:
    """The table; without columns there is none."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[ReadoutRow, ...]


def readout(
    front: TraceSet | None,
    shown: tuple[Signal, ...],
    cursors: Cursors | None,
    measured: Mapping[str, Measurement] | None,
) -> Readout:
    """Return what there is to read of the run in front.

    Args:
        front: the run; None where there is none yet.
        shown: a row for each.
        cursors: None while they are hidden.
        measured: by signal, as far as it is worked out; None while nothing is measured.
    """
    columns: tuple[str, ...] = _CURSOR_COLUMNS if cursors is not None else ()
    columns += measurements.TITLES if measured is not None else ()
    rows = []
    for signal in shown if columns else ():
        cells: tuple[str, ...] = ()
        if cursors is not None:
            cells += _at_cursors(front, signal, cursors)
        if measured is not None:
            cells += _measured(measured.get(signal.name), signal.unit)
        rows.append(ReadoutRow(signal.title, signal.hue, cells))
    return Readout(_heading(front, cursors), columns, tuple(rows))


def _heading(front: TraceSet | None, cursors: Cursors | None) -> str:
    parts = [] if front is None else [f"Of {SOURCE_TITLES[front.source]}"]
    if cursors is not None:
        apart = cursors["B"] - cursors["A"]
        rate = format_quantity(1 / abs(apart), "Hz") if apart else NOTHING
        parts += [
            f"A {format_quantity(cursors['A'], 's')}",
            f"B {format_quantity(cursors['B'], 's')}",
            f"B − A {format_quantity(apart, 's')}",
            f"1/Δt {rate}",
        ]
    return "   ".join(parts)


def _at_cursors(front: TraceSet | None, signal: Signal, cursors: Cursors) -> tuple[str, ...]:
    """Return a trace's values at A and B and their difference; none outside of the run."""
    if front is None or signal.name not in front.values:
        return (NOTHING,) * len(_CURSOR_COLUMNS)
    instants = (cursors["A"], cursors["B"])
    values = front.values[signal.name]
    a, b = np.interp(instants, front.time, values, left=math.nan, right=math.nan)
    return tuple(format_quantity(float(v), signal.unit) for v in (a, b, b - a))


def _measured(found: Measurement | None, unit: str) -> tuple[str, ...]:
    if found is None:
        return (NOTHING,) * len(measurements.TITLES)
    *levels, frequency, duty = astuple(found)
    return (
        *(format_quantity(level, unit) for level in levels),
        format_quantity(frequency, "Hz"),
        NOTHING if math.isnan(duty) else per_cent(duty),
    )
