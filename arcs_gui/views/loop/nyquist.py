"""Nyquist curve of the sampled loop round the unit circle."""

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from arcs_gui.presenters.loop.plots import NyquistPlot
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.named_lines import NamedLines, Stroke
from arcs_gui.widgets.pages import remark, stack

_VIEW: Final = ((-1.8, 2.2), (-1.4, 1.2))
"""What is in view first; a loop gain begins far outside of it."""

_ROUND = np.exp(1j * np.linspace(0, 2 * np.pi, 181))


class NyquistPage(QWidget):
    """The curve at the nominal point and at the nearest corner, and how near it comes to -1."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._shown: NyquistPlot | None = None
        self.plot = plotting.plot_widget(
            "Nyquist curve of the sampled loop",
            ("Real part of L", ""),
            ("Imaginary part", ""),
            palette,
        )
        item = self.plot.getPlotItem()
        item.setDownsampling(auto=False)
        item.addLegend(offset=(-8, 8))
        item.vb.setAspectLocked(True)
        self._lines = NamedLines(item)
        self._instability = pg.ScatterPlotItem([-1.0], [0.0], symbol="+", size=12)
        item.addItem(self._instability)
        self.remark = remark()
        stack(self, self.remark, self.plot, growing=self.plot)

    def set_plot(self, shown: NyquistPlot | None) -> None:
        """Replace the curves; None takes them away. The first ones are seen round the circle."""
        first = self._shown is None
        self._shown = shown
        self._draw()
        if first and shown is not None:
            item = self.plot.getPlotItem()
            plotting.set_limits(item, (-8.0, 8.0), (-6.0, 6.0))
            item.vb.setRange(xRange=_VIEW[0], yRange=_VIEW[1], padding=0)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        plotting.repaint(self.plot, palette)
        self._draw()

    def _draw(self) -> None:
        shown, palette = self._shown, self._palette
        self.remark.setText("" if shown is None else shown.remark)
        self._instability.setVisible(shown is not None)
        self._instability.setPen(pg.mkPen(palette.bad, width=2))
        self._lines.show({} if shown is None else _strokes(shown, palette), palette)


def _strokes(shown: NyquistPlot, palette: Palette) -> dict[str, Stroke]:
    """Return the circles and the curves, the corners first."""
    near, dashed = -1 + shown.nearest * _ROUND, Qt.PenStyle.DashLine
    corners, thin = shown.corners, plotting.THIN
    return {
        corners.label: Stroke(corners.x, corners.y, palette.grid, thin),
        "Unit circle": Stroke(_ROUND.real, _ROUND.imag, palette.muted, thin, dashed),
        "Least |1 + L|": Stroke(near.real, near.imag, palette.accent, thin, dashed),
        shown.worst.label: Stroke(shown.worst.x, shown.worst.y, palette.inductor_current),
        shown.nominal.label: Stroke(shown.nominal.x, shown.nominal.y, palette.vout),
    }
