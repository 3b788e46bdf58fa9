"""One quantity of a design moved over a range."""

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from arcs_gui.presenters.analyses.analyses import FIGURES, SweepPlot
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.pages import beside, remark, stack

_DASHED = Qt.PenStyle.DashLine


class SweepPage(QWidget):
    """What is swept, from where to where, and the figure that is plotted.

    `quantity_chosen` carries its name, `ends_chosen` the ends as typed.
    """

    quantity_chosen = Signal(str)
    ends_chosen = Signal(str, str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._shown: SweepPlot | None = None
        self.quantity = QComboBox()
        self.quantity.setAccessibleName("Quantity to sweep")
        self.quantity.currentIndexChanged.connect(self._on_quantity)
        self.low, self.high = QLineEdit(), QLineEdit()
        for edit, name in ((self.low, "from"), (self.high, "to")):
            edit.setAccessibleName(f"Sweep {name}")
            edit.setMaximumWidth(96)
            edit.returnPressed.connect(self._on_ends)
        self.button = QPushButton("Sweep")
        self.button.clicked.connect(self._on_ends)
        self.figure = QComboBox()
        self.figure.setAccessibleName("Figure to plot")
        for name, (title, _, _) in FIGURES.items():
            self.figure.addItem(title, name)
        self.figure.currentIndexChanged.connect(self._draw)
        self.remark = remark()
        self.plot = plotting.plot_widget("Sweep", ("Quantity", ""), ("Figure", ""), palette)
        self.curve = self.plot.plot()
        self.mark = pg.InfiniteLine(angle=90)
        self.plot.addItem(self.mark, ignoreBounds=True)
        controls = beside(
            self.quantity,
            QLabel("from"),
            self.low,
            QLabel("to"),
            self.high,
            self.button,
            self.figure,
        )
        stack(self, controls, self.plot, self.remark, growing=self.plot)

    def set_quantities(self, labels: Mapping[str, str]) -> None:
        """Say what can be swept, by name, and what people call it."""
        self.quantity.blockSignals(True)
        self.quantity.clear()
        for name, label in labels.items():
            self.quantity.addItem(label, name)
        self.quantity.blockSignals(False)

    def set_ends(self, low: str, high: str) -> None:
        """Write the ends of the sweep."""
        self.low.setText(low)
        self.high.setText(high)

    def set_sweep(self, shown: SweepPlot | None) -> None:
        """Replace what is plotted; None takes it away."""
        self._shown = shown
        self._draw()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        plotting.repaint(self.plot, palette)
        self._draw()

    def _draw(self) -> None:
        shown, item = self._shown, self.plot.getPlotItem()
        self.mark.setVisible(shown is not None)
        self.remark.setText("" if shown is None else shown.remark)
        if shown is None:
            self.curve.setData([], [])
            return
        name = self.figure.currentData()
        title, unit, _ = FIGURES[name]
        x, y = shown.curves[""], shown.curves[name]
        known = ~np.isnan(y)
        item.setLogMode(x=shown.logarithmic, y=False)
        plotting.set_curve(self.curve, x[known], y[known], self._palette.vout)
        self.mark.setPen(pg.mkPen(self._palette.accent, style=_DASHED))
        self.mark.setPos(np.log10(shown.present) if shown.logarithmic else shown.present)
        item.setLabel("left", f"{title}, {unit}")
        item.getAxis("bottom").enableAutoSIPrefix(True)
        item.setLabel("bottom", shown.quantity, units=shown.unit or None)
        plotting.stay_near(item)
        item.autoRange()

    def _on_quantity(self) -> None:
        self.quantity_chosen.emit(self.quantity.currentData() or "")

    def _on_ends(self) -> None:
        self.ends_chosen.emit(self.low.text(), self.high.text())
