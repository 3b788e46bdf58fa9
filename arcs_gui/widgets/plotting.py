"""Plots in the colours of a palette, set up so that a million points stay fluent."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPen

from arcs_gui.theme.palette import Palette

SMOOTH_POINTS = 20_000
"""Up to this many points a curve is drawn smooth and wide; beyond, Qt gets slow at it."""

THIN = 1.0
"""What Qt draws fast; in pixels of the screen, whatever its scale."""

LINE_WIDTH = 2.0
BAND_WIDTH = 7.0
BAND_OPACITY = 0.35

_WRITTEN = "125"
"""Leading digits that a logarithmic axis writes."""

AXIS_WIDTH = 64

TEXT_HEIGHT = 11
"""Room that the number at a tick takes of an upright axis, pixels."""

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

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """Return the distances of ticks; of an upright axis their texts have room to stand."""
        levels: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        if levels and self.orientation == "left":
            least = TEXT_HEIGHT * abs(high - low) / size
            (widest, offset), *others = levels
            levels = [(widest if widest >= least else _round_above(least), offset), *others]
        return levels

    def logTickStrings(
        self, values: Sequence[float], scale: float, _spacing: float | None
    ) -> list[str]:
        """Return what is written at ticks, given by their decimal logarithms."""
        texts = (f"{10**value * scale:.0e}" for value in values)
        return [f"{float(text):g}" if text[0] in _WRITTEN else "" for text in texts]


def _round_above(number: float) -> float:
    """Return the next 1, 2 or 5 of a decade that is not below a positive number."""
    decade = 10.0 ** math.floor(math.log10(number))
    return next(step * decade for step in (1, 2, 5, 10) if step * decade >= number)


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


def plot_widget(
    name: str,
    bottom: tuple[str, str],
    left: tuple[str, str],
    palette: Palette,
    axis: pg.AxisItem | None = None,
) -> pg.PlotWidget:
    """Return a plot whose axes have a title and a unit each; `axis` is another one below."""
    plot = pg.PlotWidget(axisItems={} if axis is None else {"bottom": axis}, enableMenu=False)
    plot.setAccessibleName(name)
    item = plot.getPlotItem()
    prepare(item, palette)
    for side, (title, unit) in (("bottom", bottom), ("left", left)):
        item.getAxis(side).enableAutoSIPrefix(False)
        item.setLabel(side, f"{title}, {unit}" if unit else title)
    return plot


def repaint(plot: pg.PlotWidget, palette: Palette) -> None:
    """Take the colours of another palette, background and axes."""
    plot.setBackground(palette.surface)
    paint(plot.getPlotItem(), palette)


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
    """Return a pen; its width, in pixels of the layout, does not change with the zoom."""
    shade = QColor(colour)
    shade.setAlphaF(opacity)
    result = QPen(shade, width * _scale() if width > THIN else width, style)
    result.setCosmetic(True)
    return result


def _scale() -> float:
    """Return the screen's pixels per pixel of the layout, which a cosmetic pen does not know."""
    application = QGuiApplication.instance()
    return application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0


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
    width = THIN if not smooth else BAND_WIDTH if band else LINE_WIDTH
    pen = _pen(colour, width, BAND_OPACITY if band else 1.0, style)
    curve.setData(x, y, pen=pen, antialias=smooth, skipFiniteCheck=True)
    curve.setZValue(0 if band else 1)
