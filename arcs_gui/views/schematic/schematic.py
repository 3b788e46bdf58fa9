"""The schematic of the selected design, whose parts can be selected and their values moved."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from arcs_engine.circuits import nets
from arcs_gui.ports import Sheet
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.svg_view import SvgView

DRAG_PIXELS = 12
"""Way of the mouse that is one step along a series."""

WHEEL_STEP = 120
"""Wheel angle of one notch, in Qt's eighths of a degree."""

LARGE_STEP = 6
"""Steps at a time with Shift: half a decade of E12."""

ZOOM_STEP = 1.25
"""How much larger the picture becomes with a notch of the wheel, or a key."""

WIRE_REACH = 7.0
"""Pixels beside a wire where it can still be clicked."""

_MARGIN = 6.0
_RADIUS = 5.0
_BASELINES = {"top": 1.0, "center": 0.5, "bottom": 0.0}
_ALIGNS = {"left": 0.0, "center": 0.5, "right": 1.0}


class Picture(SvgView):
    """A schematic with its texts; `picked` carries a part, `stepped` also how far its value goes.

    With the keyboard: left and right pick a part, up and down move its value, Shift moves further,
    P plots its current, plus and minus zoom, F fits. `plot_wanted` carries ``v(node)`` or
    ``i(part)``.
    """

    picked = Signal(str)
    stepped = Signal(str, int)
    next_wanted = Signal(int)
    plot_wanted = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._sheet: Sheet | None = None
        self._lines: dict[str, tuple[str, ...]] = {}
        self._selected = ""
        self._hovered = ""
        self._pressed_at: QPointF | None = None
        self._dragged = 0
        self._wheel = 0
        self._held_at: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(
            "Click a part, then change its value with the wheel, a drag or the arrow keys. "
            "Ctrl+click a part or a wire to plot its current or voltage. "
            "Ctrl+wheel zooms; drag beside the parts to move the picture; F fits it to the view."
        )

    @property
    def lines(self) -> dict[str, tuple[str, ...]]:
        """What is written beside each part."""
        return self._lines

    @property
    def selected(self) -> str:
        """The part that is marked; empty when none is."""
        return self._selected

    def set_sheet(self, sheet: Sheet) -> None:
        """Show another picture."""
        self._sheet = sheet
        self.set_document(sheet.svg)

    def set_labels(self, lines: Mapping[str, tuple[str, ...]]) -> None:
        """Write these lines beside the parts."""
        if lines != self._lines:
            self._lines = dict(lines)
            self.update()

    def set_selected(self, part: str) -> None:
        """Mark a part."""
        if part != self._selected:
            self._selected = part
            self._wheel = 0
            self.update()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self.update()

    def room_of(self, part: str) -> QRectF:
        """Return where a part and its texts stand, in pixels."""
        return self.bounds_of(part).united(self._text_box(part))

    def part_at(self, place: QPointF) -> str:
        """Return the part at a place of this widget; empty when there is none."""
        if self._sheet is None:
            return ""
        found = [name for name in self._lines if self._target(name).contains(place)]
        return min(found, key=lambda name: _distance(self.bounds_of(name), place), default="")

    def net_at(self, place: QPointF) -> str:
        """Return the net whose wire or name is at a place; empty when there is none."""
        if self._sheet is None:
            return ""
        for node in self._sheet.nets:
            if self.bounds_of(f"node.{node}").contains(place):
                return node
        origin, scale = self.place_of(0, 0), self.scale
        at = ((place.x() - origin.x()) / scale, (place.y() - origin.y()) / scale)
        ways = {
            node: min(nets.distance(at, path) for path in paths)
            for node, paths in self._sheet.nets.items()
        }
        nearest = min(ways, key=ways.__getitem__, default="")
        return nearest if nearest and ways[nearest] * scale <= WIRE_REACH else ""

    def signals_at(self, place: QPointF) -> tuple[str, ...]:
        """Return what can be plotted of a place, the likeliest first."""
        node, part = self.net_at(place), self.part_at(place)
        return (*([f"v({node})"] if node else []), *([f"i({part})"] if part else []))

    def paint_on(self, painter: QPainter) -> None:
        """Paint the marks under the picture, and the texts over it."""
        for part, opacity in ((self._hovered, 0.10), (self._selected, 0.18)):
            if part:
                self._mark(painter, part, opacity)
        super().paint_on(painter)
        if self._sheet is None:
            return
        for part in self._lines:
            self._write(painter, part)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the part under the mouse; with Ctrl, plot what is there."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._held_at = event.position()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            for signal in self.signals_at(event.position())[:1]:
                self.plot_wanted.emit(signal)
            return
        part = self.part_at(event.position())
        self.picked.emit(part)
        if part:
            self._pressed_at = event.position()
        else:
            self._held_at = event.position()
        self._dragged = 0

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole picture, beside the parts; on one, be a press like any other."""
        if event.button() == Qt.MouseButton.LeftButton and not self.signals_at(event.position()):
            self.fit()
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picked part's value or the picture, else show what can be picked."""
        if self._held_at is not None:
            self.pan(event.position() - self._held_at)
            self._held_at = event.position()
            return
        if self._pressed_at is None:
            self._hover(self.part_at(event.position()))
            return
        way = int((self._pressed_at.y() - event.position().y()) / DRAG_PIXELS)
        if way != self._dragged:
            self.stepped.emit(self._selected, way - self._dragged)
            self._dragged = way

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        self._pressed_at = self._held_at = None
        self._hover(self.part_at(event.position()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to plot what is there; from the keyboard, the current of the picked part."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            signals: tuple[str, ...] = (f"i({self._selected})",) if self._selected else ()
            place = self.mapToGlobal(self.room_of(self._selected).center().toPoint())
        else:
            signals, place = self.signals_at(QPointF(event.pos())), event.globalPos()
        if not signals:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for signal in signals:
            action = menu.addAction(f"Plot {signal[0].upper()}{signal[1:]}, or remove it")
            action.triggered.connect(partial(self._plot, signal))
        menu.popup(place)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the mark under the mouse away."""
        self._hover("")
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move the value of the picked part, when the mouse is on it; with Ctrl, zoom."""
        turned = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_at(event.position(), ZOOM_STEP ** (turned / WHEEL_STEP))
            event.accept()
            return
        part = self.part_at(event.position())
        if not part or part != self._selected:
            event.ignore()
            return
        self._wheel += turned
        steps = int(self._wheel / WHEEL_STEP)
        if steps:
            self._wheel -= steps * WHEEL_STEP
            self.stepped.emit(part, steps)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pick with left and right, move with up and down, zoom with plus and minus."""
        size = LARGE_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        match event.key():
            case Qt.Key.Key_Left:
                self.next_wanted.emit(-1)
            case Qt.Key.Key_Right:
                self.next_wanted.emit(1)
            case Qt.Key.Key_Up if self._selected:
                self.stepped.emit(self._selected, size)
            case Qt.Key.Key_Down if self._selected:
                self.stepped.emit(self._selected, -size)
            case Qt.Key.Key_P if self._selected:
                self.plot_wanted.emit(f"i({self._selected})")
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_at(self._zoom_centre(), ZOOM_STEP)
            case Qt.Key.Key_Minus:
                self.zoom_at(self._zoom_centre(), 1 / ZOOM_STEP)
            case Qt.Key.Key_F:
                self.fit()
            case _:
                super().keyPressEvent(event)

    def _zoom_centre(self) -> QPointF:
        """Return the place that the keys zoom at: the picked part, or the middle."""
        if self._selected:
            return self.bounds_of(self._selected).center()
        return QRectF(self.rect()).center()

    def _plot(self, signal: str, _checked: bool = False) -> None:
        self.plot_wanted.emit(signal)

    def _hover(self, part: str) -> None:
        if part != self._hovered:
            self._hovered = part
            shape = Qt.CursorShape.PointingHandCursor if part else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            self.update()

    def _target(self, part: str) -> QRectF:
        return self.room_of(part).adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def _mark(self, painter: QPainter, part: str, opacity: float) -> None:
        if part not in self._lines or self._sheet is None:
            return
        fill = QColor(self._palette.accent)
        fill.setAlphaF(opacity)
        painter.setBrush(fill)
        strong = part == self._selected
        painter.setPen(QPen(QColor(self._palette.accent), 1.5) if strong else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(self._target(part), _RADIUS, _RADIUS)

    def _write(self, painter: QPainter, part: str) -> None:
        for row, (text, box) in enumerate(self._boxes(part, painter)):
            painter.setPen(QColor(self._palette.accent if row else self._palette.text))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)

    def _text_box(self, part: str) -> QRectF:
        room = QRectF()
        for _, box in self._boxes(part, None):
            room = room.united(box)
        return room

    def _boxes(self, part: str, painter: QPainter | None) -> list[tuple[str, QRectF]]:
        """Return a part's lines and where they go."""
        if self._sheet is None or part not in self._sheet.labels:
            return []
        place = self._sheet.labels[part]
        font = self.font()
        font.setPixelSize(max(1, round(place.font_size * self.scale)))
        metrics = QFontMetricsF(font)
        if painter is not None:
            painter.setFont(font)
        height = metrics.ascent() + metrics.descent()
        boxes = []
        for row, text in enumerate(self._lines[part]):
            at = self.place_of(place.x, place.y + row * place.line_height)
            width = metrics.horizontalAdvance(text) + 2
            left = at.x() - _ALIGNS[place.align] * width
            top = at.y() - (1 - _BASELINES[place.baseline]) * height
            boxes.append((text, QRectF(left, top, width, height)))
        return boxes


def _distance(box: QRectF, place: QPointF) -> float:
    away = box.center() - place
    return QPointF.dotProduct(away, away)


class SchematicPanel(QWidget):
    """Shows a picture of the circuit with its values."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = Picture(palette)
        self.picture.setAccessibleName("Schematic")
        self.picture.setAccessibleDescription(
            "Left and right select a part, up and down change its value, P plots its current, "
            "plus and minus zoom, F fits the picture to the view."
        )
        self.stack = OrEmpty(self.picture, "The schematic of the selected design appears here.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)

    def set_sheet(self, sheet: Sheet) -> None:
        """Replace the picture."""
        self.picture.set_sheet(sheet)
        self.stack.set_filled(True)

    def set_labels(self, lines: Mapping[str, tuple[str, ...]]) -> None:
        """Write these lines beside the parts."""
        self.picture.set_labels(lines)

    def set_selected(self, part: str) -> None:
        """Mark a part; none with an empty name."""
        self.picture.set_selected(part)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self.picture.set_palette(palette)
