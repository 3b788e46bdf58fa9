"""Bode plot of a loop: gain over phase, on one frequency axis, with margins and a cursor."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from arcs_gui.presenters.loop.bode import SAMPLED, BodePlot, Mark
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.named_lines import NamedLines, Stroke
from arcs_gui.widgets.pages import remark, stack

_UNREAD = "Point at the plots, or press ← and →, to read them."
_DASHED = Qt.PenStyle.DashLine  # the sampled loop gain often lies on the analyser's

_LOWEST = 96
"""Height of a plot in which something can be seen, pixels; a lower panel scrolls."""

_AXIS = 40
"""Of it, what the axis under the lower one takes."""

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_STEP = 0.02
"""Decades that an arrow key moves the cursor; ten times as far with Shift."""


class _Pane:
    """One of the two plots: its lines, the margin in it, and the cursor's line."""

    def __init__(self, name: str, unit: str, palette: Palette, *, lowest: bool) -> None:
        bottom = ("Frequency", "Hz") if lowest else ("", "")
        self.plot = plotting.plot_widget(f"{name} of the loop", bottom, (name, unit), palette)
        self.plot.setMinimumHeight(_LOWEST + (_AXIS if lowest else 0))
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys belong to the page
        self.item = self.plot.getPlotItem()
        self.item.setLogMode(x=True, y=False)
        self.item.setDownsampling(auto=False)
        if not lowest:
            self.item.getAxis("bottom").setStyle(showValues=False)
            self.item.showLabel("bottom", show=False)
            self.item.addLegend(offset=(-8, 2), colCount=4)
        self._lines = NamedLines(self.item)
        self._bar = pg.PlotDataItem()
        self._limit = pg.InfiniteLine(angle=0)
        self.cursor = pg.InfiniteLine(angle=90)
        self.cursor.setZValue(10)
        self.text = pg.TextItem(anchor=(1, 1))
        self.item.addItem(self._bar)
        for item in (self._limit, self.text, self.cursor):
            self.item.addItem(item, ignoreBounds=True)

    def draw(self, strokes: Mapping[str, Stroke], mark: Mark | None, palette: Palette) -> None:
        """Draw lines, and a margin if there is one."""
        self._lines.show(strokes, palette)
        self.cursor.setPen(pg.mkPen(palette.accent, style=_DASHED))
        for item in (self._bar, self._limit, self.text):
            item.setVisible(mark is not None)
        if mark is None:
            self._bar.setData([], [])
            return
        self._bar.setData(
            [mark.frequency] * 2,
            mark.ends,
            pen=pg.mkPen(palette.accent, width=plotting.LINE_WIDTH),
        )
        self._limit.setPen(pg.mkPen(palette.muted, style=Qt.PenStyle.DotLine))
        self._limit.setValue(mark.ends[1])
        self.text.setText(mark.label, color=palette.accent)
        self.text.setPos(np.log10(mark.frequency), mark.ends[1])

    def look(self, *, anew: bool) -> None:
        """Let the view be moved near the lines; anew, show all of them until it is moved."""
        plotting.stay_near(self.item)
        if anew:
            self.item.enableAutoRange()

    def _mark(self, mark: Mark, palette: Palette) -> None:
        """Draw a margin; its text stands on the line that the curve must not reach."""
        pen = pg.mkPen(palette.accent, width=plotting.LINE_WIDTH)
        self.item.addItem(pg.PlotDataItem([mark.frequency] * 2, mark.ends, pen=pen))
        limit = pg.InfiniteLine(
            mark.ends[1], angle=0, pen=pg.mkPen(palette.muted, style=Qt.PenStyle.DotLine)
        )
        self.item.addItem(limit, ignoreBounds=True)
        self.text.setText(mark.label, color=palette.accent)
        self.item.addItem(self.text, ignoreBounds=True)
        self.text.setPos(np.log10(mark.frequency), mark.ends[1])


class BodePage(QWidget):
    """The loop gains at the nominal point, the fan of the corners, and what was measured."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._shown: BodePlot | None = None
        self._place = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Bode plot")
        self.gain = _Pane("Gain", "dB", palette, lowest=False)
        self.phase = _Pane("Phase", "°", palette, lowest=True)
        self.phase.plot.setXLink(self.gain.plot)
        self.panes = (self.gain, self.phase)
        self.remark, self.reading = remark(), remark()
        for pane in self.panes:
            pane.plot.scene().sigMouseMoved.connect(
                lambda place, pane=pane: self._on_hover(pane, place)
            )
        plots = QWidget()
        stack(plots, self.gain.plot, self.phase.plot, growing=self.gain.plot)
        plots.layout().setStretch(1, 1)  # type: ignore[union-attr]
        stack(self, self.remark, plots, self.reading, growing=plots)
        self.set_plot(None)

    def set_plot(self, shown: BodePlot | None) -> None:
        """Replace what is drawn; None takes it away. While values move, cursor and view stay."""
        first = self._shown is None
        self._shown = shown
        self._draw()
        if shown is not None:
            for pane in self.panes:
                pane.look(anew=first)
            if first:
                self._place = float(np.log10(shown.lines[0].frequency).mean())
        self._read()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        for pane in self.panes:
            plotting.repaint(pane.plot, palette)
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor by the arrow keys."""
        steps = _STEPS.get(Qt.Key(event.key()))
        if steps is None or self._shown is None:
            super().keyPressEvent(event)
            return
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        self._move(self._place + steps * far * _STEP)

    def _draw(self) -> None:
        shown, palette = self._shown, self._palette
        self.remark.setText("" if shown is None else shown.remark)
        if shown is None:
            for pane in self.panes:
                pane.draw({}, None, palette)
            return
        self.gain.draw(_strokes(shown, "gain", palette), shown.gain_margin, palette)
        self.phase.draw(_strokes(shown, "phase", palette), shown.phase_margin, palette)

    def _on_hover(self, pane: _Pane, place: QPointF) -> None:
        if self._shown is not None:
            self._move(pane.item.vb.mapSceneToView(place).x())

    def _move(self, place: float) -> None:
        """Put the cursor at a decimal logarithm of a frequency, within the lines."""
        assert self._shown is not None
        ends = np.log10(self._shown.lines[0].frequency[[0, -1]])
        self._place = float(np.clip(place, *ends))
        self._read(moved=True)

    def _read(self, *, moved: bool = False) -> None:
        shown = self._shown
        for pane in self.panes:
            pane.cursor.setValue(self._place)
            pane.cursor.setVisible(shown is not None and (moved or pane.cursor.isVisible()))
        read = shown is not None and self.gain.cursor.isVisible()
        self.reading.setText(
            shown.reading(10**self._place) if read and shown is not None else _UNREAD
        )


def _strokes(
    shown: BodePlot, column: Literal["gain", "phase"], palette: Palette
) -> dict[str, Stroke]:
    """Return the lines of one of the plots, the corners first."""
    corners = shown.corners
    strokes = {
        corners.label: Stroke(
            corners.frequency, getattr(corners, column), palette.grid, plotting.THIN
        )
    }
    colours = (palette.vout, palette.inductor_current, palette.fourth_trace)
    for line, colour in zip(shown.lines, colours, strict=False):
        style = _DASHED if line.label == SAMPLED else Qt.PenStyle.SolidLine
        strokes[line.label] = Stroke(line.frequency, getattr(line, column), colour, style=style)
    return strokes
