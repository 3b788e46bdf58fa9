"""Waveforms in stacked panes with one time axis."""

import pyqtgraph as pg
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from arcs_gui.presenters.traces import Trace, TraceSet
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.or_empty import OrEmpty

_ROLES = ("vout", "inductor_current", "switch_node")


class WaveformsPanel(QWidget):
    """Output voltage, inductor current and switch node over the last periods."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._sets: tuple[TraceSet, ...] = ()
        self.graphics = pg.GraphicsLayoutWidget(self)
        self.graphics.ci.setContentsMargins(0, 0, 8, 0)
        self.graphics.ci.setSpacing(4)
        self.graphics.setAccessibleName("Waveforms")
        self.panes: dict[str, pg.PlotItem] = {}
        self.curves: dict[tuple[str, str], pg.PlotDataItem] = {}
        for row, role in enumerate(_ROLES):
            self._add_pane(role, row)
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
        """Replace the curves; the last set is drawn solid, the ones before it dashed on top."""
        self._sets = sets
        self.stack.set_filled(bool(sets))
        for curve in self.curves.values():
            curve.setVisible(False)
        for drawn in sets:
            for trace in drawn.traces:
                self._draw(trace, drawn, solid=drawn is sets[-1])

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
        """Show all of every pane again, and keep doing so."""
        for pane in self.panes.values():
            pane.enableAutoRange()

    def _add_pane(self, role: str, row: int) -> None:
        pane = self.graphics.addPlot(row=row, col=0)
        plotting.prepare(pane, self._palette)
        if self.panes:
            pane.setXLink(self.panes[_ROLES[0]])
        last = role == _ROLES[-1]
        pane.getAxis("bottom").setStyle(showValues=last)
        if last:
            pane.setLabel("bottom", "Time", units="s")
        self.panes[role] = pane
        for source in ("ngspice", "steady"):
            self.curves[role, source] = pane.plot()

    def _draw(self, trace: Trace, drawn: TraceSet, *, solid: bool) -> None:
        self.panes[trace.role].setLabel("left", trace.title, units=trace.unit)
        curve = self.curves[trace.role, drawn.source]
        colour = getattr(self._palette, trace.role) if solid else self._palette.text
        plotting.set_curve(
            curve, trace.time, trace.values, colour, thin=not solid, dashed=not solid
        )
        curve.setZValue(0 if solid else 1)
        curve.setVisible(True)
