"""Efficiency of a design over its load, and over input and load."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from arcs_gui.presenters.analyses.analyses import ESTIMATED, Chart, Curve
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.pages import remark, stack

_UNREAD = "Point at the map to read it."


class EfficiencyPage(QWidget):
    """Efficiency against load, a line for each input."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._curves: tuple[Curve, ...] = ()
        self.plot = plotting.plot_widget(
            "Efficiency against load", ("Load", "%"), (ESTIMATED, "%"), palette
        )
        self.plot.addLegend(offset=(-8, -8))
        stack(self, self.plot, growing=self.plot)

    def set_curves(self, curves: tuple[Curve, ...]) -> None:
        """Replace the lines."""
        self._curves = curves
        self._draw()
        item = self.plot.getPlotItem()
        plotting.stay_near(item)
        item.enableAutoRange()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        plotting.repaint(self.plot, palette)
        self._draw()

    def _draw(self) -> None:
        palette, item = self._palette, self.plot.getPlotItem()
        item.clear()
        colours = (palette.vout, palette.inductor_current, palette.switch_node)
        for curve, colour in zip(self._curves, colours, strict=False):
            known = ~np.isnan(curve.y)
            drawn = pg.PlotDataItem(name=curve.label)
            plotting.set_curve(drawn, curve.x[known], curve.y[known], colour)
            item.addItem(drawn)
        plotting.paint_legend(item, palette)


class MapPage(QWidget):
    """Efficiency over input and load, to be read by pointing."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._chart: Chart | None = None
        self.plot = plotting.plot_widget(
            "Efficiency map", ("Input voltage", "V"), ("Load", "%"), palette
        )
        item = self.plot.getPlotItem()
        item.setDownsampling(auto=False)
        self.image = pg.ImageItem()
        item.addItem(self.image)
        self.colours = pg.ColorBarItem(
            colorMap=pg.colormap.get("viridis"),
            interactive=False,
            label=f"{ESTIMATED}, %",
            width=14,
        )
        self.colours.setImageItem(self.image, insert_in=item)
        self.hover = remark()
        self.hover.setText(_UNREAD)
        self.plot.scene().sigMouseMoved.connect(self._on_hover)
        stack(self, self.plot, self.hover, growing=self.plot)

    def set_chart(self, chart: Chart | None) -> None:
        """Replace the map; None takes it away."""
        self._chart = chart
        self.hover.setText(_UNREAD)
        self._draw()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        plotting.repaint(self.plot, palette)
        for side in ("left", "right"):  # pyqtgraph writes the label left of the bar
            axis = self.colours.getAxis(side)
            axis.setPen(pg.mkPen(palette.grid))
            axis.setTextPen(pg.mkPen(palette.text))

    def _draw(self) -> None:
        chart = self._chart
        self.image.setVisible(chart is not None)
        if chart is None:
            return
        self.image.setImage(chart.efficiency)
        known = chart.efficiency[~np.isnan(chart.efficiency)]
        if known.size:
            self.colours.setLevels((float(known.min()), float(known.max())))
        width = max(float(np.ptp(chart.vin)), 1e-3)
        height = max(float(np.ptp(chart.load)), 1e-3)
        self.image.setRect(float(chart.vin[0]), float(chart.load[0]), width, height)
        item = self.plot.getPlotItem()
        plotting.stay_near(item)
        item.autoRange()

    def _on_hover(self, place: QPointF) -> None:
        chart = self._chart
        if chart is None:
            return
        at = self.plot.getPlotItem().vb.mapSceneToView(place)
        row = int(np.argmin(np.abs(chart.vin - at.x())))
        column = int(np.argmin(np.abs(chart.load - at.y())))
        efficiency = chart.efficiency[row, column]
        said = "no operating point" if np.isnan(efficiency) else f"{efficiency:.1f} %"
        self.hover.setText(f"{chart.vin[row]:.3g} V, {chart.load[column]:.0f} % load: {said}")
