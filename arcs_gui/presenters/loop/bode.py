"""A loop gain as a Bode plot shows it: gain in dB and phase in degrees over frequency."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from arcs_engine.foundation.units import format_quantity

if TYPE_CHECKING:
    from arcs_engine.analysis.loop_results import LoopCurves, LoopGain
    from arcs_engine.analysis.measured_response import MeasuredResponse
    from arcs_engine.circuits.control.linear_system import ComplexArray

Floats = NDArray[np.float64]

ANALYSED, SAMPLED = "Analyser's loop gain", "Sampled loop gain"
"""What a frequency response analyser shows, and what decides stability."""

CORNERS = "Corners"


@dataclass(frozen=True, eq=False)
class Response:
    """A response over frequency; lines that share a label are parted by nan.

    Attributes:
        label: what it is.
        frequency: Hz, shape (n,).
        gain: dB, shape (n,).
        phase: degrees, -180 where the loop would become unstable, shape (n,).
    """

    label: str
    frequency: Floats
    gain: Floats
    phase: Floats

    def at(self, frequency: float) -> tuple[float, float]:
        """Return gain and phase at a frequency, Hz, between its points; nan outside of them."""
        place, known = np.log(frequency), np.log(self.frequency)
        gain, phase = (
            float(np.interp(place, known, column, left=np.nan, right=np.nan))
            for column in (self.gain, self.phase)
        )
        return gain, phase


@dataclass(frozen=True)
class Mark:
    """A margin in a plot: from a point of the curve to the line that it must not reach.

    Attributes:
        label: the margin.
        frequency: Hz.
        ends: of the margin, dB or degrees: at the curve, and at the line.
    """

    label: str
    frequency: float
    ends: tuple[float, float]


@dataclass(frozen=True, eq=False)
class BodePlot:
    """Loop gains with the margins of the analyser's.

    Attributes:
        corners: the analyser's loop gain at all corners, drawn behind.
        lines: at the nominal point, and measured.
        gain_margin: in the plot of the gain; None where there is none.
        phase_margin: in the plot of the phase; None where nothing crosses over.
        remark: the margins in words.
    """

    corners: Response
    lines: tuple[Response, ...]
    gain_margin: Mark | None
    phase_margin: Mark | None
    remark: str

    def reading(self, frequency: float) -> str:
        """Return what the lines are at a frequency, Hz."""
        said = [format_quantity(frequency, "Hz", 3)]
        for line in self.lines:
            gain, phase = line.at(frequency)
            if np.isfinite(gain):
                said.append(f"{line.label} {gain:.1f} dB, {phase:.0f}°".replace("-", "−"))
        return "; ".join(said)


def bode_plot(curves: "LoopCurves", measured: "MeasuredResponse | None") -> BodePlot:
    """Return the Bode plot of a loop, with what was measured of it."""
    frequencies = curves.frequencies
    analysed = response(ANALYSED, frequencies, curves.analysed.gain)
    lines = [analysed, response(SAMPLED, frequencies, curves.sampled.gain)]
    if measured is not None:
        label = f"Measured, {measured.name}"
        lines.append(Response(label, measured.frequency, measured.gain, measured.phase))
    margins = [_margins("Analyser's gain", curves.analysed), _margins("sampled", curves.sampled)]
    return BodePlot(
        corners=_fan(frequencies, curves.corners),
        lines=tuple(lines),
        gain_margin=_gain_mark(analysed, curves.analysed),
        phase_margin=_phase_mark(analysed, curves.analysed),
        remark="; ".join(margins) + ".",
    )


def response(label: str, frequencies: Floats, gain: "ComplexArray") -> Response:
    """Return a gain in dB with its phase, which does not jump and begins in (-360, 0] degrees.

    A compensator integrates, and its zeros give back less than the 90 degrees that this takes.
    """
    phase = np.degrees(np.unwrap(np.angle(gain)))
    if phase[0] > 0:
        phase = phase - 360
    return Response(label, frequencies, 20 * np.log10(np.abs(gain)), phase)


def _fan(frequencies: Floats, gains: "ComplexArray") -> Response:
    each = [response(CORNERS, frequencies, gain) for gain in gains if np.isfinite(gain).all()]
    columns = (
        [parted(getattr(line, name) for line in each) for name in ("frequency", "gain", "phase")]
        if each
        else [np.empty(0)] * 3
    )
    return Response(CORNERS, *columns)


def parted(lines: Iterable[Floats]) -> Floats:
    """Return lines as one, with a gap after each."""
    return np.concatenate([np.append(line, np.nan) for line in lines])


def _gain_mark(line: Response, gain: "LoopGain") -> Mark | None:
    if gain.gain_margin is None or gain.gain_margin_at is None:
        return None
    decibels, _ = line.at(gain.gain_margin_at)
    return Mark(_decibels(gain.gain_margin), gain.gain_margin_at, (decibels, 0.0))


def _phase_mark(line: Response, gain: "LoopGain") -> Mark | None:
    if gain.crossover is None:
        return None
    _, phase = line.at(gain.crossover)
    unstable = -180.0 + 360 * np.floor((phase + 180) / 360)
    return Mark(f"{phase - unstable:.0f}°", gain.crossover, (phase, float(unstable)))


def _margins(label: str, gain: "LoopGain") -> str:
    """Return the margins of a loop gain in words."""
    if gain.crossover is None or gain.phase_margin is None:
        return f"{label} never one"
    said = [
        f"{label} crosses over at {format_quantity(gain.crossover, 'Hz', 3)}",
        f"phase margin {gain.phase_margin:.0f}°".replace("-", "−"),
    ]
    if gain.gain_margin is not None:
        said.append(f"gain margin {_decibels(gain.gain_margin)}")
    return ", ".join(said)


def _decibels(factor: float) -> str:
    return f"{20 * np.log10(factor):.1f} dB"
