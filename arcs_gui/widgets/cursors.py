"""A cursor through all panes of a stack: one vertical line in each, moved as one."""

from collections.abc import Iterable

import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Signal

from arcs_gui.theme.palette import Palette


class Cursor(QObject):
    """`moved` carries where the user put it; `set_value` does not emit it."""

    moved = Signal(str, float)

    def __init__(self, name: str, palette: Palette, parent: QObject) -> None:
        super().__init__(parent)
        self.name = name
        self._palette = palette
        self._active = False
        self._value = 0.0
        self.lines: list[pg.InfiniteLine] = []

    @property
    def value(self) -> float:
        """Where it stands, in units of the axis."""
        return self._value

    @property
    def is_shown(self) -> bool:
        """Whether its lines are drawn."""
        return any(line.isVisible() for line in self.lines)

    def attach(self, panes: Iterable[pg.PlotItem], *, shown: bool) -> None:
        """Draw lines in these panes; those of panes that are gone went with them."""
        self.lines = []
        for number, pane in enumerate(panes):
            line = pg.InfiniteLine(
                self._value,
                angle=90,
                movable=True,
                label=self.name if number == 0 else None,
                labelOpts={"position": 1.0, "anchors": [(0, 0), (1, 0)]},
            )
            line.setZValue(10)
            line.setVisible(shown)
            line.sigDragged.connect(self._on_drag)
            pane.addItem(line, ignoreBounds=True)
            self.lines.append(line)
        self._paint()

    def set_shown(self, *, shown: bool) -> None:
        """Draw the lines or hide them."""
        for line in self.lines:
            line.setVisible(shown)

    def set_active(self, *, active: bool) -> None:
        """Say whether the keys move it; its line is then the solid one."""
        self._active = active
        self._paint()

    def set_value(self, value: float) -> None:
        """Move it."""
        self._value = value
        for line in self.lines:
            line.setValue(value)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self._paint()

    def _on_drag(self, line: pg.InfiniteLine) -> None:
        self.set_value(float(line.value()))
        self.moved.emit(self.name, self._value)

    def _paint(self) -> None:
        style = Qt.PenStyle.SolidLine if self._active else Qt.PenStyle.DashLine
        for line in self.lines:
            line.setPen(pg.mkPen(self._palette.accent, width=1, style=style))
            line.setHoverPen(pg.mkPen(self._palette.accent, width=3))
            if hasattr(line, "label"):
                line.label.setColor(self._palette.on_accent)
                line.label.fill = pg.mkBrush(self._palette.accent)
