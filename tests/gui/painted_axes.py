"""Reads the numbers off plots while they are painted: each must stand where the view has it."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

NEAR = 1.5
"""Pixels that a number may stand beside its place."""

AIR = 2
"""Pixels above and below the digits of a number that belong to its line."""


class PaintedAxes:
    """Hears what axes paint while a test runs; what they would paint is another question."""

    def __init__(self, monkeypatch) -> None:
        self._texts: dict[pg.AxisItem, list] = {}
        self._faults: dict[pg.AxisItem, list[str]] = {}
        paint, draw = pg.AxisItem.paint, pg.AxisItem.drawPicture

        def heard_paint(axis, *arguments):
            paint(axis, *arguments)  # which draws anew, or plays what it drew before
            if axis.style["showValues"]:
                self._faults[axis] = list(self._faults_of(axis))

        def heard_draw(axis, painter, line, ticks, texts):
            self._texts[axis] = texts
            draw(axis, painter, line, ticks, texts)

        monkeypatch.setattr(pg.AxisItem, "paint", heard_paint)
        monkeypatch.setattr(pg.AxisItem, "drawPicture", heard_draw)

    def faults(self, paint: Callable[[], object]) -> list[str]:
        """Let something paint plots, and return what is wrong with the numbers of all of them."""
        QApplication.processEvents()  # panes that were just added have their places then
        self._faults.clear()
        paint()
        assert self._faults, "no plot was painted"
        return [fault for faults in self._faults.values() for fault in faults]

    def numbers(self, axis: pg.AxisItem) -> list[float]:
        """Return what stood at the ticks when last painted, in units without a prefix."""
        return [_number(axis, text) for _, text in self._numbered(axis)]

    def _faults_of(self, axis: pg.AxisItem) -> Iterator[str]:
        title = f"{axis.orientation} axis {axis.label.toPlainText()!r}"
        unit = f"({axis.labelUnitPrefix}{axis.labelUnits})"
        if axis.label.isVisible() and axis.labelUnits and unit not in title:
            yield f"{title} does not say {unit}"
        numbered = self._numbered(axis)
        if len(numbered) < 2 and not axis._tickLevels:
            yield f"{title} has the numbers {[text for _, text in numbered]} alone"
        for rect, text in numbered:
            away = _distance(axis, rect.center(), _number(axis, text))
            if abs(away) > NEAR:
                yield f"{title} has {text} {away:.0f} pixels beside its place"
        for (rect, text), (other, its) in pairwise(numbered):
            if rect.intersects(other.adjusted(0, AIR, 0, -AIR)):
                yield f"{title} has {text} and {its} over each other"

    def _numbered(self, axis: pg.AxisItem) -> list[tuple]:
        """Return the places of numbers and their texts, in their order on the screen."""
        if axis._tickLevels:  # names, not numbers
            return []
        written = {text: rect for rect, _, text in self._texts[axis] if text}
        return sorted(
            ((rect, text) for text, rect in written.items()),
            key=lambda each: -each[0].y() if _is_upright(axis) else each[0].x(),
        )


def _distance(axis: pg.AxisItem, place, number: float) -> float:
    """Return how far a place on an axis is from where its view has a number, pixels."""
    view, box = axis.linkedView(), axis.mapRectFromParent(axis.geometry())
    ends = axis.range if view is None else view.viewRange()[_is_upright(axis)]
    share = ((np.log10(number) if axis.logMode else number) - ends[0]) / (ends[1] - ends[0])
    if _is_upright(axis):
        return place.y() - (box.bottom() - share * box.height())
    return place.x() - (box.left() + share * box.width())


def _is_upright(axis: pg.AxisItem) -> bool:
    return axis.orientation in ("left", "right")


def _number(axis: pg.AxisItem, text: str) -> float:
    return float(text) / axis.autoSIPrefixScale
