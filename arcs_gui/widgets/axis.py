"""The axis of every plot: its numbers belong to what is in view, and never touch."""

import math
from collections.abc import Sequence
from decimal import Decimal

import pyqtgraph as pg
from PySide6.QtCore import QRectF

TEXT_HEIGHT = 10
"""Room that the number at a tick takes of an upright axis, pixels."""

_ROOM = {"left": TEXT_HEIGHT, "bottom": 40}
"""The same along either axis."""

_EDGE = {"left": 4, "bottom": 16}
"""Nearer to its end, pixels, an axis has no room for a number."""

OVERHANG = 2
"""How far a number may stand out of an upright axis, pixels: half of what panes are apart."""

_DIGITS = (((1, 2, 5), math.log10(2)), ((1, 3), math.log10(3)))
"""What is written of each decade, and how many decades are between the closest."""

_ROUND = (1.0, 2.0, 5.0, 10.0)
_LESS_ROUND = (1.5, 2.5, 3.0, 4.0, 6.0, 8.0)
"""Steps from number to number within a decade: these only where the first leave fewer than two."""

_LARGEST = 1e6
_SMALLEST = 1e-6
"""What is written with an exponent: numbers from the one on, and steps below the other."""

Levels = list[tuple[float | None, list[float]]]
"""Ticks as pyqtgraph wants them: for each level its step, if there is one, and its places."""


class DecadeAxis(pg.AxisItem):  # type: ignore[misc] # pyqtgraph has no types
    """An axis that, when logarithmic, writes 1, 2 and 5 of each decade at most."""

    _label_now = ""

    def _updateLabel(self) -> None:
        """Draw the axis anew, its label only where it is another one: that costs most.

        pyqtgraph calls this at every change of the range, and leaves it to this method to drop
        the picture with the numbers of the earlier one.
        """
        label = self.labelString()
        if label != self._label_now:
            self._label_now = label
            super()._updateLabel()
        self.picture = None
        self.update()

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """Return the distances of ticks; of an upright axis their texts have room to stand."""
        levels: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        if not levels or self.orientation != "left":
            return levels
        room, bottom, top = self._room(low, high, size)
        if levels[0][0] >= room and _has_two(levels[0][0], bottom, top):
            return levels
        return [(_step(bottom, top, room), 0)]

    def boundingRect(self) -> QRectF:
        """Return where the axis paints: pyqtgraph leaves out numbers that stand out of it."""
        rect: QRectF = super().boundingRect()
        return rect.adjusted(0, -OVERHANG, 0, OVERHANG) if self.orientation == "left" else rect

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return what is written at ticks: as many decimals as the step between them has."""
        if self.logMode:
            return self.logTickStrings(values, scale, spacing)
        step = spacing * scale
        if step < _SMALLEST or any(abs(value * scale) >= _LARGEST for value in values):
            return [f"{value * scale:.6g}" for value in values]
        exponent = Decimal(f"{step:.2g}").normalize().as_tuple().exponent
        return [f"{value * scale:z.{max(0, -int(exponent))}f}" for value in values]

    def logTickValues(self, low: float, high: float, size: float, steps: Levels) -> Levels:
        """Return ticks, given and answered by their decimal logarithms; the last level is lines.

        Numbers are the closest digits that have room, or decades; within a part of a decade that
        has not two of those, they stand at even distances, as on a linear axis; where all else
        fails, they are the first and the last line.
        """
        lines = super().logTickValues(low, high, size, steps)[-1]
        room, bottom, top = self._room(low, high, size)
        if bottom >= top:
            return [lines]
        for digits, closest in _DIGITS:
            written = [value for value in lines[1] if _leads_with(digits, 10**value)]
            if room <= closest and sum(bottom <= value <= top for value in written) > 1:
                return [(closest, written), lines]
        decades = math.ceil(room)
        if _has_two(decades, bottom, top):
            return [(decades, _multiples(decades, low, high)), lines]
        step = _step(10**bottom, 10**top, room * math.log(10) * 10**high)
        if _has_two(step, 10**bottom, 10**top):
            return [(step, [math.log10(n) for n in _multiples(step, 10**low, 10**high)])]
        seen = [value for value in lines[1] if bottom <= value <= top]
        return [(high - low, seen[:1] + seen[-1:]), lines]

    def logTickStrings(
        self, values: Sequence[float], scale: float, spacing: float | None
    ) -> list[str]:
        """Return what is written at ticks, given by their decimal logarithms."""
        if spacing is None:
            return [""] * len(values)
        return [f"{10**value * scale:.9g}" for value in values]

    def _room(self, low: float, high: float, size: float) -> tuple[float, float, float]:
        """Return what a number takes of a view, and from where to where numbers have room."""
        pixel, edge = (high - low) / size, _EDGE[self.orientation]
        return _ROOM[self.orientation] * pixel, low + edge * pixel, high - edge * pixel


def _leads_with(digits: tuple[int, ...], number: float) -> bool:
    """Say whether a positive number is one of these digits, of any decade."""
    return f"{number:.6e}".partition("e")[0] in {f"{digit}.000000" for digit in digits}


def _multiples(step: float, low: float, high: float) -> list[float]:
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _step(low: float, high: float, least: float) -> float:
    """Return a round step, not below a positive one, that has two multiples from low to high.

    Where none has, it is the smallest of those that lead with 1, 2 or 5.
    """
    decade = 10.0 ** math.floor(math.log10(least))
    steps = [each * decade for each in (*_ROUND, *_LESS_ROUND) if each * decade >= least]
    return next((step for step in steps if _has_two(step, low, high)), steps[0])


def _has_two(step: float, low: float, high: float) -> bool:
    """Say whether two multiples of a step, or more, are from low to high."""
    return math.floor(high / step) > math.ceil(low / step)
