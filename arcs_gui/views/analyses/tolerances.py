"""Many supplies with parts within their tolerances: yield, histograms, what matters."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from arcs_gui.presenters.analyses.analyses import Spread
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.number_field import NumberField
from arcs_gui.widgets.pages import beside, remark, stack

_MOST_SAMPLES = 20_000


class TolerancesPage(QWidget):
    """`samples_chosen` carries how many supplies are to be drawn."""

    samples_chosen = Signal(int)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._spreads: dict[str, Spread] = {}
        self.samples = NumberField("Supplies to draw", 100, _MOST_SAMPLES, 1000)
        self.samples.setSingleStep(500)
        self.draw_button = QPushButton("Draw again")
        self.draw_button.clicked.connect(lambda: self.samples_chosen.emit(self.samples.value()))
        self.spread = QComboBox()
        self.spread.setAccessibleName("Figure that spreads")
        self.spread.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.spread.currentIndexChanged.connect(self._draw)
        self.yield_text = QLabel()
        self.yield_text.setWordWrap(True)
        self.yield_text.setMargin(4)
        self.yield_text.setAccessibleName("Yield")
        self.remark = remark()
        self.histogram = plotting.plot_widget(
            "Histogram", ("Figure", ""), ("Supplies", ""), palette
        )
        self.counts = pg.BarGraphItem(x=[], height=[], width=1)
        self.histogram.addItem(self.counts)
        self.bars = plotting.plot_widget("Influence", ("Rank correlation", ""), ("", ""), palette)
        self.bars.setMouseEnabled(x=False, y=False)
        self.influences = pg.BarGraphItem(x0=[], y=[], height=0.7, width=[])
        self.bars.addItem(self.influences)
        plots = QWidget()
        sides = QHBoxLayout(plots)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.addWidget(self.histogram, 3)
        sides.addWidget(self.bars, 2)
        controls = beside(self.samples, self.draw_button, self.spread)
        stack(self, controls, self.yield_text, plots, self.remark, growing=plots)

    def set_spreads(self, remark: str, spreads: dict[str, Spread]) -> None:
        """Replace yield, histograms and influences; the figure that is looked at stays."""
        self.yield_text.setText(remark)
        self._spreads = spreads
        chosen = self.spread.currentText()
        self.spread.blockSignals(True)
        self.spread.clear()
        self.spread.addItems([spread.title for spread in spreads.values()])
        self.spread.setCurrentText(chosen)
        self.spread.blockSignals(False)
        self._draw()

    def clear(self) -> None:
        """Take away what belongs to another design; the figure that is looked at stays."""
        self.yield_text.setText("")
        self._spreads = {}
        self._draw()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        for plot in (self.histogram, self.bars):
            plotting.repaint(plot, palette)
        self._draw()

    def _draw(self) -> None:
        title = self.spread.currentText()
        spread = next((s for s in self._spreads.values() if s.title == title), None)
        self.remark.setText("" if spread is None else spread.remark)
        if spread is None:
            self.counts.setOpts(x=[], height=[], width=1)
            self.influences.setOpts(x0=[], y=[], height=0.7, width=[])
            self.bars.getAxis("left").setTicks([[]])
            return
        self._draw_histogram(spread)
        self._draw_influences(spread)

    def _draw_histogram(self, spread: Spread) -> None:
        self.counts.setOpts(
            x0=spread.edges[:-1],
            height=spread.counts,
            width=np.diff(spread.edges),
            brush=pg.mkBrush(self._palette.vout),
            pen=None,
        )
        item = self.histogram.getPlotItem()
        item.setLabel("bottom", spread.title)
        plotting.stay_near(item)
        item.autoRange()

    def _draw_influences(self, spread: Spread) -> None:
        more, less = self._palette.inductor_current, self._palette.switch_node
        names = [name for name, _ in spread.influences]
        places = np.arange(len(names), 0, -1)
        correlations = np.array([value for _, value in spread.influences])
        self.influences.setOpts(
            x0=np.minimum(correlations, 0),
            y=places,
            height=0.7,
            width=np.abs(correlations),
            brushes=[pg.mkBrush(more if c > 0 else less) for c in correlations],
            pen=None,
        )
        self.bars.getAxis("left").setTicks([list(zip(places.tolist(), names, strict=True))])
        self.bars.setXRange(-1, 1)
        self.bars.setYRange(0.4, len(names) + 0.6)
