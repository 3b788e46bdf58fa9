"""Waveforms as a picture: stacked panes over one time axis, SVG."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.units import format_quantity
from arcs_engine.simulation.waveforms import Waveforms

_WIDTH, _PANE, _GAP = 720, 140, 32
_LEFT, _TOP, _RIGHT, _BOTTOM = 84, 60, 24, 24
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito's set
_INK, _GRID, _BAND = "#1f2328", "#d0d7de", "#eef1f4"
_UNITS = {"v": "V", "i": "A"}


class Band(NamedTuple):
    """A part of the time axis, from `begin` to `end` in s, with what is written above it."""

    begin: float
    end: float
    label: str


def svg(
    waveforms: Waveforms, signals: Sequence[str], title: str, bands: Sequence[Band] = ()
) -> str:
    """Return a picture of some signals, a pane each.

    Args:
        waveforms: what to draw, whole.
        signals: names such as ``v(out)``, from the top down.
        title: above the panes.
        bands: parts of the time axis, side by side, marked across all panes.
    """
    height = _TOP + len(signals) * (_PANE + _GAP) + _BOTTOM
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12" fill="{_INK}">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="24" font-size="14">{escape(title)}</text>',
    ]
    lines += _bands(waveforms.time, bands, height - _BOTTOM - _GAP)
    for row, name in enumerate(signals):
        top = _TOP + row * (_PANE + _GAP)
        lines += _pane(waveforms.time, waveforms.signals[name], name, top, _COLOURS[row % 4])
    lines += _time_axis(waveforms.time, height - _BOTTOM - _GAP + 20)
    return "\n".join([*lines, "</svg>", ""])


def _pane(time: FloatArray, signal: FloatArray, name: str, top: int, colour: str) -> Iterator[str]:
    low, high = float(signal.min()), float(signal.max())
    margin = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    low, high = low - margin, high + margin
    inner = _WIDTH - _LEFT - _RIGHT
    yield (
        f'<rect x="{_LEFT}" y="{top}" width="{inner}" height="{_PANE}" fill="none" '
        f'stroke="{_GRID}"/>'
    )
    for value in _ticks(low, high, 4):
        y = top + _PANE * (1 - (value - low) / (high - low))
        label = format_quantity(value, _UNITS.get(name[0], ""))
        yield f'<path d="M{_LEFT} {y:.1f}h{inner}" stroke="{_GRID}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    x = _LEFT + inner * (time - time[0]) / (time[-1] - time[0])
    y_points = top + _PANE * (1 - (signal - low) / (high - low))
    points = " ".join(f"{a:.2f},{b:.2f}" for a, b in np.column_stack([x, y_points]))
    yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    yield f'<text x="{_LEFT}" y="{top - 6}" fill="{colour}">{escape(name)}</text>'


def _bands(time: FloatArray, bands: Sequence[Band], bottom: int) -> Iterator[str]:
    inner = _WIDTH - _LEFT - _RIGHT
    for count, band in enumerate(bands):
        left, right = (
            _LEFT + inner * (t - time[0]) / (time[-1] - time[0]) for t in (band.begin, band.end)
        )
        if count % 2 == 1:
            yield (
                f'<rect x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" '
                f'height="{bottom - _TOP}" fill="{_BAND}"/>'
            )
        # Neighbours take turns in height, so that the labels of narrow ones do not meet.
        y = _TOP - (16 if count % 2 == 1 else 4)
        yield (
            f'<text x="{(left + right) / 2:.1f}" y="{y}" text-anchor="middle" font-size="11">'
            f"{escape(band.label)}</text>"
        )


def _time_axis(time: FloatArray, y: int) -> Iterator[str]:
    inner = _WIDTH - _LEFT - _RIGHT
    span = float(time[-1] - time[0])
    for value in _ticks(0.0, span, 6):
        x = _LEFT + inner * value / span
        yield f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{format_quantity(value, "s")}</text>'


def _ticks(low: float, high: float, most: int) -> Iterator[float]:
    """Yield at most `most` + 1 round values, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / most
    decade = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * decade for factor in (1, 2, 5, 10) if factor * decade >= rough)
    for count in range(math.ceil(low / step), math.floor(high / step) + 1):
        yield count * step
