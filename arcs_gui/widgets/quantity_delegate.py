"""Table cells in which the unit is lighter than the number."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

IsQuantity = Qt.ItemDataRole.UserRole + 1
"""Role of a model under which it says that a cell is a number with a unit."""

BarLength = Qt.ItemDataRole.UserRole + 2
"""Role under which a model gives the length of a bar under a number, 0..1; none without one."""

PADDING = 6
BAR_HEIGHT = 3


@dataclass(frozen=True)
class Face:
    """What is painted of a cell.

    Attributes:
        text: of the cell.
        unit: the part of the text after the number, with the space before it; may be empty.
        number: whether it stands on the right.
        colour: of all but the unit; None for the usual one.
        bar: length of the bar under it, 0..1; None without one.
    """

    text: str
    unit: str
    number: bool
    colour: QColor | None
    bar: float | None


def unit_in(text: str) -> str:
    """Return the unit of ``4.7 µH`` with the space before it; empty for a bare number."""
    place = text.rfind(" ")
    return text[place:] if place >= 0 else ""


class QuantityDelegate(QStyledItemDelegate):
    """Paints ``4.7 µH`` with a muted unit, and its bar; other cells as usual."""

    def __init__(
        self, unit_colour: str, parent: QWidget | None = None, *, bar_colour: str = ""
    ) -> None:
        super().__init__(parent)
        self._unit_colour = QColor(unit_colour)
        self._bar_colour = QColor(bar_colour or unit_colour)

    def set_unit_colour(self, colour: str) -> None:
        """Take another colour for units."""
        self._unit_colour = QColor(colour)

    def set_bar_colour(self, colour: str) -> None:
        """Take another colour for bars."""
        self._bar_colour = QColor(colour)

    def face(self, index: QModelIndex | QPersistentModelIndex) -> Face | None:
        """Return what is painted of a cell; None for one that is painted as usual."""
        text = index.data(Qt.ItemDataRole.DisplayRole)
        if not index.data(IsQuantity) or not isinstance(text, str) or " " not in text:
            return None
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        bar = index.data(BarLength)
        return Face(
            text=text,
            unit=unit_in(text),
            number=True,
            colour=colour.color() if isinstance(colour, QBrush) else colour,
            bar=bar if isinstance(bar, float) else None,
        )

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint a cell.

        What has a face is painted without the style, whose dozen questions to the model and the
        style sheet took most of the time of a list.
        """
        face = self.face(index)
        if face is None:
            super().paint(painter, option, index)
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, option.palette.highlight())
        if face.bar is not None:
            self._paint_bar(painter, option, face.bar)
        self._paint_text(painter, option, face)

    def _paint_bar(self, painter: QPainter, option: QStyleOptionViewItem, length: float) -> None:
        rect = option.rect.adjusted(PADDING, 0, -PADDING, -1)
        width = max(1, round(rect.width() * min(1.0, length)))
        painter.fillRect(
            rect.left(), rect.bottom() - BAR_HEIGHT + 1, width, BAR_HEIGHT, self._bar_colour
        )

    def _paint_text(self, painter: QPainter, option: QStyleOptionViewItem, face: Face) -> None:
        rect = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        place = _RIGHT if face.number else _LEFT
        text = face.text
        painter.setFont(option.font)
        if face.unit:
            painter.setPen(self._unit_colour)
            painter.drawText(rect, place, face.unit)
            rect.setRight(rect.right() - painter.fontMetrics().horizontalAdvance(face.unit))
            text = text.removesuffix(face.unit)
        painter.setPen(face.colour or option.palette.text().color())
        painter.drawText(rect, place, text)


_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
