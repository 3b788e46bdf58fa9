"""Waveforms in stacked panes with one time axis."""

import pyqtgraph as pg
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from arcs_gui.presenters.traces import Trace, TraceSet
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.or_empty import OrEmpty

_PANES = (
    ("vout", "Vout", "V"),
    ("inductor_current", "I(L1)", "A"),
    ("switch_node", "V(sw)", "V"),
)
_FIRST, _LAST = _PANES[0][0], _PANES[-1][0]


class WaveformsPanel(QWidget):
    """Output voltage, inductor current and switch node over the last periods."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._sets: tuple[TraceSet, ...] = ()
        self._span = 0.0
        self.graphics = pg.GraphicsLayoutWidget(self)
        self.graphics.ci.setContentsMargins(0, 0, 8, 0)
        self.graphics.ci.setSpacing(4)
        self.graphics.setAccessibleName("Waveforms")
        self.panes: dict[str, pg.PlotItem] = {}
        self.curves: dict[tuple[str, str], pg.PlotDataItem] = {}
        for row, (role, title, unit) in enumerate(_PANES):
            self._add_pane(role, row).setLabel("left", title, units=unit)
        self.source = QLabel(self)
        self.source.setProperty("role", "muted")
        fit = QPushButton("Fit", self)
        fit.setToolTip("Show all of every pane again")
        fit.setAccessibleName("Fit the waveforms to the panes")
        fit.clicked.connect(self.fit)
        header = QHBoxLayout()
        header.setContentsMargins(8, 4, 8, 4)
        header.addWidget(self.source, 1)
        header.addWidget(fit)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(self.graphics)
        self.stack = OrEmpty(
            content,
            "Output voltage, inductor current and switch node appear here: at once from the "
            "solver, then from ngspice.",
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.set_palette(palette)

    def set_traces(self, sets: tuple[TraceSet, ...]) -> None:
        """Replace the curves; the last set is drawn as lines, those before it as bands behind."""
        self._sets = sets
        if sets:
            self.stack.set_filled(True)  # and so it stays: empty panes do not jump
        for curve in self.curves.values():
            curve.setVisible(False)
        span = max((t.time[-1] for drawn in sets for t in drawn.traces), default=0.0)
        if span != self._span:
            self._span = span
            self._fit_time()
        for drawn in sets:
            for trace in drawn.traces:
                self._draw(trace, drawn, band=drawn is not sets[-1])

    def set_source(self, text: str) -> None:
        """Say where the curves come from."""
        self.source.setText(text)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self.graphics.setBackground(palette.surface)
        for pane in self.panes.values():
            plotting.paint(pane, palette)
        self.set_traces(self._sets)

    def fit(self) -> None:
        """Show all of every pane again."""
        self._fit_time()
        for pane in self.panes.values():
            pane.enableAutoRange(axis="y")

    def _fit_time(self) -> None:
        """Show the whole window of time.

        The range is set, not left to the curves: where it is much longer than a curve, thinning
        leaves nothing of the curve that the range could follow.
        """
        if self._span > 0:
            self.panes[_FIRST].setXRange(0, self._span, padding=0)

    def _add_pane(self, role: str, row: int) -> pg.PlotItem:
        pane = self.graphics.addPlot(row=row, col=0)
        plotting.prepare(pane, self._palette)
        if self.panes:
            pane.setXLink(self.panes[_FIRST])
        last = role == _LAST
        pane.getAxis("bottom").setStyle(showValues=last)
        if last:
            pane.setLabel("bottom", "Time", units="s")
        self.panes[role] = pane
        for source in ("ngspice", "steady"):
            self.curves[role, source] = pane.plot()
        return pane

    def _draw(self, trace: Trace, drawn: TraceSet, *, band: bool) -> None:
        axis = self.panes[trace.role].getAxis("left")
        if axis.labelText != trace.title:
            axis.setLabel(trace.title, units=trace.unit)
        curve = self.curves[trace.role, drawn.source]
        curve.setVisible(True)
        colour = getattr(self._palette, trace.role)
        plotting.set_curve(curve, trace.time, trace.values, colour, band=band)
