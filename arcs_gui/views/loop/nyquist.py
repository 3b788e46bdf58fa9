"""Nyquist curve of the sampled loop round the unit circle."""

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from arcs_gui.presenters.loop.plots import Line, NyquistPlot
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
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
        shown, palette, item = self._shown, self._palette, self.plot.getPlotItem()
        item.clear()
        self.remark.setText("" if shown is None else shown.remark)
        if shown is None:
            return
        near = -1 + shown.nearest * _ROUND
        dashed = Qt.PenStyle.DashLine
        self._add(shown.corners, pg.mkPen(palette.grid))
        self._add(
            Line("Unit circle", _ROUND.real, _ROUND.imag), pg.mkPen(palette.muted, style=dashed)
        )
        self._add(
            Line(f"|1 + L| = {shown.nearest:.2f}", near.real, near.imag),
            pg.mkPen(palette.accent, style=dashed),
        )
        self._add(shown.worst, pg.mkPen(palette.inductor_current, width=plotting.LINE_WIDTH))
        self._add(shown.nominal, pg.mkPen(palette.vout, width=plotting.LINE_WIDTH))
        item.addItem(
            pg.ScatterPlotItem(
                [-1.0], [0.0], symbol="+", size=12, pen=pg.mkPen(palette.bad, width=2)
            )
        )
        plotting.paint_legend(item, palette)

    def _add(self, line: Line, pen: object) -> None:
        drawn = pg.PlotDataItem(line.x, line.y, name=line.label, pen=pen, connect="finite")
        self.plot.getPlotItem().addItem(drawn)
