"""Named lines of a plot with their legend, which follow moving values at little cost."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting


@dataclass(frozen=True, eq=False)
class Stroke:
    """A line; x and y of shape (n,), gaps as nan."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    colour: str
    width: float = plotting.LINE_WIDTH
    style: Qt.PenStyle = Qt.PenStyle.SolidLine


class NamedLines:
    """The lines of one plot, the first one behind the others.

    Lines and legend are made when the names change; making them takes ten times as long as giving
    them other points.
    """

    def __init__(self, plot: pg.PlotItem) -> None:
        self._plot = plot
        self._items: dict[str, pg.PlotDataItem] = {}

    def show(self, strokes: Mapping[str, Stroke], palette: Palette) -> None:
        """Show these lines and no others."""
        if list(strokes) != list(self._items):
            self._make(list(strokes))
        for name, stroke in strokes.items():
            pen = pg.mkPen(stroke.colour, width=stroke.width, style=stroke.style)
            self._items[name].setData(stroke.x, stroke.y, pen=pen)
        if self._plot.legend is not None:
            plotting.paint_legend(self._plot, palette)

    def _make(self, names: list[str]) -> None:
        for item in self._items.values():
            self._plot.removeItem(item)
        self._items = {name: pg.PlotDataItem(name=name, connect="finite") for name in names}
        for item in self._items.values():
            self._plot.addItem(item)
