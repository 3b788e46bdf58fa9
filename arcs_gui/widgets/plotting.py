"""Plots in the colours of a palette, set up so that a million points stay fluent."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from arcs_gui.theme.palette import Palette

SMOOTH_POINTS = 20_000
"""Up to this many points a curve is drawn smooth and wide; beyond, Qt gets slow at it."""

AXIS_WIDTH = 64
GRID_OPACITY = 0.25


def prepare(plot: pg.PlotItem, palette: Palette) -> None:
    """Set up a plot: thinning of long curves, quiet controls, colours."""
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
        axis.setPen(pg.mkPen(palette.grid))
        axis.setTextPen(pg.mkPen(palette.text))


def pen(colour: str, width: float = 1.0, *, dashed: bool = False) -> QPen:
    """Return a pen; its width does not change with the zoom."""
    result = QPen(QColor(colour), width)
    result.setCosmetic(True)
    if dashed:
        result.setStyle(Qt.PenStyle.DashLine)
    return result


def set_curve(
    curve: pg.PlotDataItem,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    colour: str,
    *,
    thin: bool = False,
    dashed: bool = False,
) -> None:
    """Show finite points of shape (n,) in a curve."""
    smooth = len(x) <= SMOOTH_POINTS
    width = 2.0 if smooth and not thin else 1.0
    curve.setData(
        x,
        y,
        pen=pen(colour, width, dashed=dashed),
        antialias=smooth,
        skipFiniteCheck=True,
    )
