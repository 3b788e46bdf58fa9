"""Plots in the colours of a palette, set up so that a million points stay fluent."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from arcs_gui.theme.palette import Palette

SMOOTH_POINTS = 20_000
"""Up to this many points a curve is drawn smooth and wide; beyond, Qt gets slow at it."""

LINE_WIDTH = 2.0
BAND_WIDTH = 7.0
BAND_OPACITY = 0.35

_WRITTEN = "125"
"""Leading digits that a logarithmic axis writes."""

AXIS_WIDTH = 64
GRID_OPACITY = 0.25


class DecadeAxis(pg.AxisItem):  # type: ignore[misc] # pyqtgraph has no types
    """An axis that, when logarithmic, writes 1, 2 and 5 of each decade: nine would collide."""

    _label_now = ""

    def _updateLabel(self) -> None:
        """Write the label where it is another one: pyqtgraph asks at every change of the range."""
        label = self.labelString()
        if label != self._label_now:
            self._label_now = label
            super()._updateLabel()

    def logTickStrings(
        self, values: Sequence[float], scale: float, _spacing: float | None
    ) -> list[str]:
        """Return what is written at ticks, given by their decimal logarithms."""
        texts = (f"{10**value * scale:.0e}" for value in values)
        return [f"{float(text):g}" if text[0] in _WRITTEN else "" for text in texts]


def prepare(plot: pg.PlotItem, palette: Palette) -> None:
    """Set up a plot: thinning of long curves, quiet controls, colours.

    It should be made with ``enableMenu=False``: a menu that nobody sees takes as long to make as
    the rest of the plot.
    """
    plot.setDownsampling(auto=True, mode="peak")
    plot.setClipToView(True)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.getAxis("left").setWidth(AXIS_WIDTH)
    paint(plot, palette)


def paint(plot: pg.PlotItem, palette: Palette) -> None:
    """Take the colours of a palette."""
    plot.showGrid(x=True, y=True, alpha=GRID_OPACITY)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setStyle(maxTickLevel=1)  # a third level of grid lines costs more than it tells
        axis.setPen(pg.mkPen(palette.grid))
        axis.setTextPen(pg.mkPen(palette.text))


_STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)


def line_style(hue: int, hues: int) -> Qt.PenStyle:
    """Return how the line of a hue is drawn: those that share a colour differ in their dashes."""
    return _STYLES[hue // hues % len(_STYLES)]


def _pen(
    colour: str,
    width: float,
    opacity: float = 1.0,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> QPen:
    """Return a pen; its width does not change with the zoom."""
    shade = QColor(colour)
    shade.setAlphaF(opacity)
    result = QPen(shade, width, style)
    result.setCosmetic(True)
    return result


def set_curve(
    curve: pg.PlotDataItem,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    colour: str,
    *,
    band: bool = False,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    smooth: bool = True,
) -> None:
    """Show finite points of shape (n,) in a curve, as a line or as a pale band behind others.

    A curve that is not `smooth`, or has too many points for it, is drawn thin.
    """
    smooth = smooth and len(x) <= SMOOTH_POINTS
    width = 1.0 if not smooth else BAND_WIDTH if band else LINE_WIDTH
    pen = _pen(colour, width, BAND_OPACITY if band else 1.0, style)
    curve.setData(x, y, pen=pen, antialias=smooth, skipFiniteCheck=True)
    curve.setZValue(0 if band else 1)
