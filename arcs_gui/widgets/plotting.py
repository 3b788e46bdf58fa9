"""Plots in the colours of a palette, set up so that a million points stay fluent."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPen

from arcs_gui.theme.palette import Palette
from arcs_gui.widgets.axis import DecadeAxis

SMOOTH_POINTS = 20_000
"""Up to this many points a curve is drawn smooth and wide; beyond, Qt gets slow at it."""

THIN = 1.0
"""What Qt draws fast; in pixels of the screen, whatever its scale."""

LINE_WIDTH = 2.0
BAND_WIDTH = 7.0
BAND_OPACITY = 0.35

AXIS_WIDTH = 64

GRID_OPACITY = 0.25

ROOM = 0.25
"""Above and below the curves, of their height, how far a view may be moved."""

NARROWEST = 1e-6
"""Of the curves' length, the least that a view shows of it."""

FLATTEST = 3e-4
"""Of the largest value, the least that a view shows: less takes numbers too long for the axis."""


def axes() -> dict[str, pg.AxisItem]:
    """Return what every plot has on its left and below it."""
    return {side: DecadeAxis(side) for side in ("left", "bottom")}


def prepare(plot: pg.PlotItem, palette: Palette) -> None:
    """Set up a plot: thinning of long curves, quiet controls, colours.

    It should be made with ``enableMenu=False``: a menu that nobody sees takes as long to make as
    the rest of the plot.
    """
    plot.setDownsampling(auto=True, mode="peak")
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.getAxis("left").setWidth(AXIS_WIDTH)
    paint(plot, palette)


def set_limits(plot: pg.PlotItem, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Let the view be moved and zoomed where the curves are; x and y are where they end."""
    (left, right), (low, high) = x, y
    flattest = FLATTEST * max(abs(low), abs(high)) or 1.0
    room = max(ROOM * (high - low), flattest)
    plot.setLimits(
        xMin=left,
        xMax=right,
        minXRange=NARROWEST * (right - left),
        yMin=low - room,
        yMax=high + room,
        minYRange=flattest,
    )


def stay_near(plot: pg.PlotItem) -> None:
    """Let the view be moved and zoomed where what is drawn now is, and a little around it.

    The curves must not be clipped to the view: their ends would be those of the view.
    """
    x, y = plot.vb.childrenBounds()
    if x is not None and y is not None:
        room = ROOM * (x[1] - x[0]) or abs(x[0]) / 2 or 1.0
        set_limits(plot, (x[0] - room, x[1] + room), y)


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
) -> pg.PlotWidget:
    """Return a plot whose axes have a title and a unit each."""
    plot = pg.PlotWidget(axisItems=axes(), enableMenu=False)
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


def paint_legend(plot: pg.PlotItem, palette: Palette) -> None:
    """Write a plot's legend, of the curves that it has now, in the colour of a palette."""
    plot.legend.setLabelTextColor(palette.text)
    for _, label in plot.legend.items:
        label.setText(label.text, color=palette.text)


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
