"""Panes of curves: which signals stand together, and what is drawn of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_gui.presenters.waveforms.spectrum import Spectrum
from arcs_gui.presenters.waveforms.traces import Signal, Source, TraceSet

_FLOOR = 1e-6
"""Of the largest amplitude, what a logarithmic axis shows at least."""

_HARMONICS = 50
"""How many harmonics are shown at first; the higher ones are a matter of the edges."""


@dataclass(frozen=True)
class Curve:
    """One curve of a pane; `band` is drawn pale, behind the others; shapes (n,)."""

    name: str
    source: Source
    hue: int
    x: FloatArray
    y: FloatArray
    band: bool = False


@dataclass(frozen=True)
class Pane:
    """One pane: its unit, the names of its signals, their titles and hues, and their curves."""

    unit: str
    names: tuple[str, ...]
    legend: tuple[tuple[str, int], ...]
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class Axis:
    """The axis that all panes share; logarithmic axes are of a spectrum alone."""

    domain: Literal["time", "frequency"]
    log: bool = False


CurvesOf = Callable[[Signal], tuple[Curve, ...]]


def arranged(shown: Sequence[Signal], curves_of: CurvesOf, *, by_unit: bool) -> tuple[Pane, ...]:
    """Return the panes of what is shown: one for each signal, or one for each unit."""
    if not by_unit:
        return tuple(_pane((signal,), curves_of) for signal in shown)
    units = dict.fromkeys(signal.unit for signal in shown)
    return tuple(_pane([s for s in shown if s.unit == unit], curves_of) for unit in units)


def waveforms_of(sets: tuple[TraceSet, ...]) -> CurvesOf:
    """Return what draws a signal over time: of each run one curve, the last one in front."""

    def curves(signal: Signal) -> tuple[Curve, ...]:
        name = signal.name
        return tuple(
            Curve(
                name,
                drawn.source,
                signal.hue,
                drawn.time,
                drawn.values[name],
                band=drawn is not sets[-1],
            )
            for drawn in sets
            if name in drawn.values
        )

    return curves


def spectrum_of(found: Spectrum | None, front: TraceSet | None, *, log: bool) -> CurvesOf:
    """Return what draws a signal's amplitudes over frequency; nothing without a spectrum."""

    def curves(signal: Signal) -> tuple[Curve, ...]:
        if found is None or front is None or signal.name not in found.amplitudes:
            return ()
        x, y = found.frequency[1:], found.amplitudes[signal.name][1:]  # without the mean
        if log:
            y = np.maximum(y, _FLOOR * max(float(y.max()), _FLOOR))
        return (Curve(signal.name, front.source, signal.hue, x, y),)

    return curves


def spectrum_span(found: Spectrum, period: float, *, log: bool) -> tuple[float, float]:
    """Return the frequencies that are shown of a spectrum at first."""
    stop = min(float(found.frequency[-1]), _HARMONICS / period)
    return float(found.frequency[1]) if log else 0.0, stop


def _pane(together: Sequence[Signal], curves_of: CurvesOf) -> Pane:
    return Pane(
        unit=together[0].unit,
        names=tuple(signal.name for signal in together),
        legend=tuple((signal.title, signal.hue) for signal in together),
        curves=tuple(curve for signal in together for curve in curves_of(signal)),
    )
