"""Load step of a design with its loop closed, and what ngspice makes of it."""

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from arcs_gui.presenters.loop.plots import Line, StepPlot
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.pages import beside, remark, stack


class LoadStepPage(QWidget):
    """The output and its mean after the load has risen and fallen; `proof_wanted` asks ngspice."""

    proof_wanted = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._shown: StepPlot | None = None
        self.plot = plotting.plot_widget(
            "Load step with the loop closed", ("Time", "s"), ("Output", "V"), palette
        )
        item = self.plot.getPlotItem()
        item.addLegend(offset=(-8, 4))
        item.getAxis("bottom").enableAutoSIPrefix(True)
        item.setLabel("bottom", "Time after the step", units="s")
        self.button = QPushButton("Prove with ngspice")
        self.button.setToolTip("Simulate the same steps in ngspice and compare the means")
        self.button.setEnabled(False)
        self.button.clicked.connect(self.proof_wanted)
        self.state = QLabel()
        self.state.setProperty("role", "muted")
        self.remark, self.proof = remark(), remark()
        controls = beside(self.button, self.state)
        stack(self, self.remark, self.plot, self.proof, controls, growing=self.plot)
        self.proof.hide()

    def set_steps(self, shown: StepPlot | None) -> None:
        """Replace the steps; None takes them away."""
        self._shown = shown
        self._draw()
        if shown is not None:
            item = self.plot.getPlotItem()
            plotting.stay_near(item)
            item.autoRange()
            item.setXRange(shown.begin, shown.until, padding=0)

    def set_state(self, text: str, *, can_prove: bool) -> None:
        """Say what is being worked out, and whether a proof may be asked."""
        self.state.setText(text)
        self.button.setEnabled(can_prove)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        plotting.repaint(self.plot, palette)
        self._draw()

    def _draw(self) -> None:
        shown, palette, item = self._shown, self._palette, self.plot.getPlotItem()
        item.clear()
        self.remark.setText("" if shown is None else shown.remark)
        self.proof.setText("" if shown is None else shown.proof)
        self.proof.setVisible(shown is not None and bool(shown.proof))
        if shown is None:
            return
        pen = pg.mkPen(palette.muted, style=Qt.PenStyle.DotLine)
        item.addItem(pg.InfiniteLine(shown.regulated, angle=0, pen=pen), ignoreBounds=True)
        colours = (palette.vout, palette.inductor_current)
        for line, colour in zip(shown.outputs, colours, strict=True):
            self._add(line, colour, named=False, smooth=False)
        for line, colour in zip(shown.means, colours, strict=True):
            self._add(line, colour)
        for number, line in enumerate(shown.simulated):
            self._add(line, palette.text, named=number == 0, smooth=False)
        plotting.paint_legend(item, palette)

    def _add(
        self,
        line: Line,
        colour: str,
        *,
        named: bool = True,
        smooth: bool = True,
    ) -> None:
        drawn = pg.PlotDataItem(name=line.label if named else None)
        plotting.set_curve(drawn, line.x, line.y, colour, smooth=smooth)
        self.plot.getPlotItem().addItem(drawn)
