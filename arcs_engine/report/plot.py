"""Waveforms as a picture: stacked panes over one time axis, SVG."""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from arcs_engine.spec import FloatArray
from arcs_engine.units import format_quantity
from arcs_engine.waveforms import Waveforms

_WIDTH, _PANE, _GAP = 720, 140, 24
_LEFT, _TOP, _RIGHT, _BOTTOM = 84, 40, 16, 32
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito's set
_INK, _GRID = "#1f2328", "#d0d7de"
_UNITS = {"v": "V", "i": "A"}


def svg(waveforms: Waveforms, signals: Sequence[str], title: str) -> str:
    """Return a picture of some signals, a pane each.

    Args:
        waveforms: what to draw, whole.
        signals: names such as ``v(out)``, from the top down.
        title: above the panes.
    """
    height = _TOP + len(signals) * (_PANE + _GAP) + _BOTTOM
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12" fill="{_INK}">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="24" font-size="14">{escape(title)}</text>',
    ]
    for row, name in enumerate(signals):
        top = _TOP + row * (_PANE + _GAP)
        lines += _pane(waveforms.time, waveforms.signals[name], name, top, _COLOURS[row % 4])
    lines += _time_axis(waveforms.time, height - _BOTTOM)
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
    for share in (0.1, 0.5, 0.9):
        y = top + _PANE * (1 - share)
        label = format_quantity(low + share * (high - low), _UNITS.get(name[0], ""), 4)
        yield f'<path d="M{_LEFT} {y:.1f}h{inner}" stroke="{_GRID}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    x = _LEFT + inner * (time - time[0]) / (time[-1] - time[0])
    y_points = top + _PANE * (1 - (signal - low) / (high - low))
    points = " ".join(f"{a:.2f},{b:.2f}" for a, b in np.column_stack([x, y_points]))
    yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    yield f'<text x="{_LEFT + 6}" y="{top + 16}" fill="{colour}">{escape(name)}</text>'


def _time_axis(time: FloatArray, y: int) -> Iterator[str]:
    inner = _WIDTH - _LEFT - _RIGHT
    span = float(time[-1] - time[0])
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        anchor = {0.0: "start", 1.0: "end"}.get(share, "middle")
        label = format_quantity(share * span, "s", 3)
        yield f'<text x="{_LEFT + share * inner:.1f}" y="{y}" text-anchor="{anchor}">{label}</text>'
