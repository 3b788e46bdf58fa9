"""Table cells with a bar in front of their text, against a track that stands for the whole."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from arcs_gui.widgets.quantity_delegate import BarLength

BarMark = Qt.ItemDataRole.UserRole + 3
"""Role under which a model gives the place of a line across the bar, 0..1; none without one."""

BarColour = Qt.ItemDataRole.UserRole + 4
"""Role under which a model gives the colour of the bar."""

WIDTH = 64
HEIGHT = 8
_GAP = 8
_OVERHANG = 3
"""How far the mark stands out above and below the bar."""


class BarDelegate(QStyledItemDelegate):
    """Paints the bar of a cell that has one, and its text beside it; other cells as usual."""

    def __init__(self, track_colour: str, mark_colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_colours(track_colour, mark_colour)

    def set_colours(self, track_colour: str, mark_colour: str) -> None:
        """Take other colours for what lies behind and across the bars."""
        self._track = QColor(track_colour)
        self._mark = QColor(mark_colour)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint a cell."""
        length = index.data(BarLength)
        if not isinstance(length, float):
            super().paint(painter, option, index)
            return
        cell = option.rect
        track = QRect(cell.left() + _GAP, cell.center().y() - HEIGHT // 2 + 1, WIDTH, HEIGHT)
        painter.fillRect(track, self._track)
        filled = max(1, round(WIDTH * min(1.0, length)))
        painter.fillRect(track.left(), track.top(), filled, HEIGHT, index.data(BarColour))
        mark = index.data(BarMark)
        if isinstance(mark, float):
            place = track.left() + round((WIDTH - 1) * mark)
            tall = HEIGHT + 2 * _OVERHANG
            painter.fillRect(place, track.top() - _OVERHANG, 2, tall, self._mark)
        option.rect = cell.adjusted(WIDTH + 2 * _GAP, 0, 0, 0)
        super().paint(painter, option, index)
