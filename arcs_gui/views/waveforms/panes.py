"""Stacked panes with one axis, and two cursors through all of them."""

import math
from collections.abc import Callable
from functools import partial

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QWidget

from arcs_gui.presenters.waveforms.panes import Axis, Curve, Pane
from arcs_gui.presenters.waveforms.traces import Source
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.cursors import Cursor
from arcs_gui.widgets.envelope import Envelope, Part
from arcs_gui.widgets.thinning import thinned

KEY_STEP = 1 / 200
"""Way of a cursor that one key press is, as a share of the view."""

LARGE_STEP = 10
ZOOM = 1.5
_SOURCES: tuple[Source, ...] = ("steady", "ngspice")
_AXES = {"time": ("Time", "s"), "frequency": ("Frequency", "Hz")}
_SHIFT = Qt.KeyboardModifier.ShiftModifier

_LEAST_SHARE = 1e-6
"""Of a logarithmic axis's end, where it begins at least: zero has no place on it."""

_BOTTOM_HEIGHT = 36
_LEAST_HEIGHT = 32
_MOST_ROOM = 4
"""Panes that get at least that height; more share it."""

_NAME_OPACITY = 0.75

_Structure = tuple[Axis, tuple[tuple[str, ...], ...]]


class PaneStack(pg.GraphicsLayoutWidget):  # type: ignore[misc] # pyqtgraph has no types
    """`window_changed` carries the instants in view, `cursor_moved` a cursor's name and place.

    Keys: left and right move the active cursor, Shift ten times as far; A and B make one active;
    plus and minus zoom about it, Page Up and Page Down move the view, Home shows everything.
    """

    window_changed = Signal(float, float)
    cursor_moved = Signal(str, float)
    cursors_wanted = Signal()
    fit_wanted = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._structure: _Structure | None = None
        self._contents: tuple[Pane, ...] = ()
        self._axis = Axis("time")
        self._range = (0.0, 1.0)
        self.panes: list[pg.PlotItem] = []
        self._names: list[pg.TextItem] = []
        self._envelopes: dict[tuple[str, Source], Envelope] = {}
        self.curves: dict[tuple[str, Source], pg.PlotDataItem] = {}
        self.cursors = {name: Cursor(name, palette, self) for name in ("A", "B")}
        self._active = "A"
        self._cursors_shown = False
        self._is_moving = False
        for cursor in self.cursors.values():
            cursor.moved.connect(self._on_cursor)
        self.ci.setContentsMargins(0, 0, 8, 0)
        self.ci.setSpacing(4)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Waveforms")
        self.setAccessibleDescription(
            "Left and right move the active cursor, A and B choose it, plus and minus zoom, "
            "Page Up and Page Down move the view, Home shows everything."
        )
        self.set_palette(palette)

    @property
    def view(self) -> tuple[float, float]:
        """What is in view along the axis, s or Hz."""
        if not self.panes:
            return self._range
        low, high = self.panes[0].viewRange()[0]
        return (10**low, 10**high) if self._axis.log else (low, high)

    @property
    def active(self) -> str:
        """The cursor that the keys move."""
        return self._active

    def set_panes(self, panes: tuple[Pane, ...], axis: Axis) -> None:
        """Replace the curves; where the panes stay the same, only their data is changed."""
        structure = (axis, tuple(pane.names for pane in panes))
        self._contents = panes
        if structure != self._structure:
            self._structure = structure
            self._build(panes, axis)
        drawn = {(curve.name, curve.source): curve for pane in panes for curve in pane.curves}
        self._envelopes = {
            key: self._envelopes[key]
            if key in self._envelopes and self._envelopes[key].y is curve.y
            else Envelope(curve.x, curve.y)
            for key, curve in drawn.items()
            if len(curve.x) > plotting.SMOOTH_POINTS
        }
        for key, item in self.curves.items():
            item.setVisible(key in drawn)
            if key in drawn:
                self._draw(item, drawn[key])
        self._set_limits()
        for pane, text in zip(panes, self._names, strict=True):
            self._name(text, pane)
        # Ranges follow the curves now; left to the next paint, they would ask for a second one.
        self.scene().prepareForPaint()

    def set_span(self, start: float, stop: float) -> None:
        """Show this part of the axis.

        The range is set, not left to the curves: where it is much longer than a curve, thinning
        leaves nothing of the curve that the range could follow.
        """
        if not start < stop:
            return
        if self._axis.log:
            start = max(start, stop * _LEAST_SHARE)
        self._range = (start, stop)
        if self.panes:
            ends = (math.log10(start), math.log10(stop)) if self._axis.log else (start, stop)
            self.panes[0].setXRange(*ends, padding=0)
            self._range = self.view  # which ends where the curves do
            self.refit()

    def refit(self) -> None:
        """Show all of the values in view, whatever part of them was looked at."""
        for pane in self.panes:
            pane.enableAutoRange(axis="y")

    def set_cursors(self, instants: tuple[float, float] | None) -> None:
        """Show both cursors, or hide them."""
        self._cursors_shown = instants is not None
        if instants is not None:
            for cursor, instant in zip(self.cursors.values(), instants, strict=True):
                cursor.set_value(instant)
        for cursor in self.cursors.values():
            cursor.set_shown(shown=self._cursors_shown)
        self.set_active(self._active)

    def set_active(self, name: str) -> None:
        """Let the keys move this cursor."""
        self._active = name
        for cursor in self.cursors.values():
            cursor.set_active(active=cursor.name == name)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self.setBackground(palette.surface)
        for pane in self.panes:
            plotting.paint(pane, palette)
        for cursor in self.cursors.values():
            cursor.set_palette(palette)
        self._structure = None
        self.set_panes(self._contents, self._axis)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the active cursor, or the view."""
        start, stop = self.view
        width = stop - start
        step = width * KEY_STEP * (LARGE_STEP if event.modifiers() & _SHIFT else 1)
        match event.key():
            case Qt.Key.Key_Left:
                self._step(-step)
            case Qt.Key.Key_Right:
                self._step(step)
            case Qt.Key.Key_A | Qt.Key.Key_B:
                self._fetch("A" if event.key() == Qt.Key.Key_A else "B")
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._zoom(1 / ZOOM)
            case Qt.Key.Key_Minus:
                self._zoom(ZOOM)
            case Qt.Key.Key_PageUp:
                self.set_span(start - width / 2, stop - width / 2)
            case Qt.Key.Key_PageDown:
                self.set_span(start + width / 2, stop + width / 2)
            case Qt.Key.Key_Home:
                self.fit_wanted.emit()
            case _:
                super().keyPressEvent(event)

    def _step(self, way: float) -> None:
        if self._cursors_shown:
            cursor = self.cursors[self._active]
            self._put(cursor, cursor.value + way)

    def _fetch(self, name: str) -> None:
        """Make a cursor the active one, and bring it into view where it is not."""
        if self._axis.domain != "time":
            return
        if not self._cursors_shown:
            self.cursors_wanted.emit()
        self.set_active(name)
        cursor = self.cursors[name]
        start, stop = self.view
        if not start <= cursor.value <= stop:
            self._put(cursor, (start + stop) / 2)

    def _put(self, cursor: Cursor, value: float) -> None:
        cursor.set_value(value)
        self.cursor_moved.emit(cursor.name, value)

    def _zoom(self, factor: float) -> None:
        start, stop = self.view
        centre = (start + stop) / 2
        value = self.cursors[self._active].value
        if self._cursors_shown and start <= value <= stop:
            centre = value
        self.set_span(centre - (centre - start) * factor, centre + (stop - centre) * factor)

    def _on_cursor(self, name: str, value: float) -> None:
        self.set_active(name)
        self.cursor_moved.emit(name, value)

    def _build(self, panes: tuple[Pane, ...], axis: Axis) -> None:
        """Put other panes in place of those that are there; the view along the axis stays."""
        kept = self.view if axis.domain == self._axis.domain else self._range
        self.clear()
        self._axis = axis
        self.panes, self.curves, self._names = [], {}, []
        for row, pane in enumerate(panes):
            item = self.addPlot(row=row, col=0, axisItems=plotting.axes(), enableMenu=False)
            plotting.prepare(item, self._palette)
            item.setDownsampling(auto=False)  # see Envelope
            item.vb.setAutoVisible(y=True)
            item.setLogMode(x=axis.log, y=axis.log)
            last = row == len(panes) - 1
            item.getAxis("bottom").setStyle(showValues=last)
            if last:
                title, unit = _AXES[axis.domain]
                item.setLabel("bottom", title, units=unit)
                item.getAxis("bottom").setHeight(_BOTTOM_HEIGHT)
            item.setLabel("left", "", units=pane.unit)
            self.panes.append(item)
            self._names.append(self._name_in(item))
            for name in pane.names:
                for source in _SOURCES:
                    self.curves[name, source] = item.plot()
        self.setMinimumHeight(_BOTTOM_HEIGHT + _LEAST_HEIGHT * min(len(panes), _MOST_ROOM))
        for cursor in self.cursors.values():
            cursor.attach(self.panes, shown=self._cursors_shown)
        if self.panes:
            for item in self.panes:
                item.vb.sigXRangeChanged.connect(partial(self._on_range))
            self.set_span(*kept)

    def _on_range(self, moved: pg.ViewBox, ends: tuple[float, float]) -> None:
        """Give all panes the range of the one that was moved.

        pyqtgraph's own link lines panes up on the screen: while they are laid out and differ in
        width, it shows more in one than in another, and the limits then push the view aside.
        """
        if self._is_moving:
            return
        self._is_moving = True
        for item in self.panes:
            if item.vb is not moved:
                item.setXRange(*ends, padding=0)
        self._is_moving = False
        self._range = self.view
        for pane in self._contents:
            for curve in pane.curves:
                key = (curve.name, curve.source)
                if key in self._envelopes and key in self.curves:
                    self._draw(self.curves[key], curve)
        self.window_changed.emit(*self._range)

    def _set_limits(self) -> None:
        """Let no pane be moved off its curves; all panes end where the longest curve does."""
        place: Callable[[float], float] = math.log10 if self._axis.log else float
        curves = [curve for pane in self._contents for curve in pane.curves]
        x = [place(curve.x[end]) for curve in curves for end in (0, -1)]
        for item, pane in zip(self.panes, self._contents, strict=True):
            y = [place(end) for curve in pane.curves for end in (curve.y.min(), curve.y.max())]
            if y:
                plotting.set_limits(item, (min(x), max(x)), (min(y), max(y)))

    def _draw(self, item: pg.PlotDataItem, curve: Curve) -> None:
        hues = self._palette.hues
        long = self._envelopes.get((curve.name, curve.source))
        part = Part(curve.x, curve.y, whole=True) if long is None else long.part(*self._range)
        if part.whole and self._axis.domain == "time":  # of a spectrum, what is small counts too
            part = Part(*thinned(part.x, part.y), whole=True)
        plotting.set_curve(
            item,
            part.x,
            part.y,
            hues[curve.hue % len(hues)],
            band=curve.band,
            style=plotting.line_style(curve.hue, len(hues)),
            smooth=part.whole,
        )

    def _name_in(self, item: pg.PlotItem) -> pg.TextItem:
        """Return the text in a pane's corner; beside the axis it would not fit a low pane."""
        text = pg.TextItem(anchor=(0, 0))
        text.setParentItem(item.vb)
        text.setPos(4, 0)
        text.setZValue(5)
        shade = QColor(self._palette.surface)
        shade.setAlphaF(_NAME_OPACITY)
        text.fill = pg.mkBrush(shade)
        return text

    def _name(self, text: pg.TextItem, pane: Pane) -> None:
        """Write the names of a pane's signals in their colours."""
        hues = self._palette.hues
        names = "&nbsp;&nbsp;&nbsp;".join(
            f'<span style="color:{hues[hue % len(hues)]}">{_dash(hue, len(hues))} {title}</span>'
            for title, hue in pane.legend
        )
        if text.toolTip() != names:  # setting the text anew costs more than it looks
            text.setToolTip(names)
            text.setHtml(names)


def _dash(hue: int, hues: int) -> str:
    """Return what stands for the line of a hue in a legend."""
    return ("━━", "╍╍", "┈┈", "━╍")[hue // hues % 4]
