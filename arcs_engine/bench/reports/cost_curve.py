"""Cost over evaluations as a picture: ``-m arcs_engine.bench.reports.cost_curve FILE.json``.

FILE is what ``arcs evaluate --json`` printed.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

import msgspec

from arcs_engine.learning.model_evaluation.report import Curve, Evaluation

_WIDTH, _HEIGHT = 720, 420
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 48, 24, 56
_INK, _GRID = "#1f2328", "#d0d7de"
_SHOWN: Final = {
    "model best-of-32 polished": "#0072b2",
    "textbook-centred random polished": "#d55e00",
    "genetic algorithm": "#009e73",
    "random best of 200": "#cc79a7",
    "textbook": "#56606a",
}
"""Methods and their colours (Okabe and Ito's set)."""

_HIGHEST: Final = 3.0


def main(arguments: list[str]) -> int:
    """Print the picture as SVG."""
    parser = argparse.ArgumentParser(prog="python -m arcs_engine.bench.reports.cost_curve")
    parser.add_argument("file", type=Path, help="what arcs evaluate --json printed")
    chosen = parser.parse_args(arguments)
    found = msgspec.json.decode(chosen.file.read_bytes(), type=Evaluation)
    sys.stdout.write(svg(found))
    return 0


def svg(found: Evaluation) -> str:
    """Return mean cost against evaluations of each spec, both axes logarithmic."""
    curves = [curve for curve in found.curves if curve.method in _SHOWN]
    title = f"Mean cost of {found.specs} specs after so many evaluations of each; 3 is a failure"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12" fill="{_INK}">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="24" font-size="14">{escape(title)}</text>',
    ]
    low = 0.95 * min(cost for curve in curves for cost in curve.cost.values())
    last = max(step for curve in curves for step in curve.cost)
    lines += _grid(low, last)
    for row, curve in enumerate(curves):
        lines += _curve(curve, low, last, row)
    return "\n".join([*lines, "</svg>", ""])


def _x(step: float, last: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.log(step) / math.log(last)


def _y(cost: float, low: float) -> float:
    share = math.log(cost / low) / math.log(_HIGHEST / low)
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share


def _grid(low: float, last: float) -> Iterator[str]:
    for step in (1, 8, 32, 100, 500, 2000):
        if step <= last:
            x = _x(step, last)
            yield f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="{_GRID}"/>'
            below = _HEIGHT - _BOTTOM + 18
            yield f'<text x="{x:.1f}" y="{below}" text-anchor="middle">{step}</text>'
    for cost in (0.7, 0.8, 1.0, 1.5, 2.0, 3.0):
        if cost >= low:
            y = _y(cost, low)
            yield f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{_GRID}"/>'
            yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{cost:g}</text>'
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    yield f'<text x="{middle}" y="{_HEIGHT - 14}" text-anchor="middle">evaluations</text>'


def _curve(curve: Curve, low: float, last: float, row: int) -> Iterator[str]:
    colour = _SHOWN[curve.method]
    points = [(_x(step, last), _y(cost, low)) for step, cost in curve.cost.items()]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
    y = _TOP + 16 + 18 * row
    yield f'<rect x="{_WIDTH - 270}" y="{y - 9}" width="12" height="12" fill="{colour}"/>'
    yield f'<text x="{_WIDTH - 252}" y="{y + 2}">{escape(curve.method)}</text>'


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
