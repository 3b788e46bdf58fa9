"""Table cells in which the unit is lighter than the number."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

IsQuantity = Qt.ItemDataRole.UserRole + 1
"""Role of a model under which it says that a cell is a number with a unit."""

BarLength = Qt.ItemDataRole.UserRole + 2
"""Role under which a model gives the length of a bar under a number, 0..1; none without one."""

PADDING = 6
BAR_HEIGHT = 3


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

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint a cell."""
        text = index.data(Qt.ItemDataRole.DisplayRole)
        if not index.data(IsQuantity) or not isinstance(text, str) or " " not in text:
            super().paint(painter, option, index)
            return
        number, unit = text.rsplit(" ", 1)
        self.initStyleOption(option, index)
        option.text = ""
        widget = option.widget
        style = widget.style() if widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        length = index.data(BarLength)
        if isinstance(length, float):
            self._paint_bar(painter, option, length)
        self._paint_parts(painter, option, number, f" {unit}")

    def _paint_bar(self, painter: QPainter, option: QStyleOptionViewItem, length: float) -> None:
        rect = option.rect.adjusted(PADDING, 0, -PADDING, -1)
        width = max(1, round(rect.width() * min(1.0, length)))
        painter.fillRect(
            rect.left(), rect.bottom() - BAR_HEIGHT + 1, width, BAR_HEIGHT, self._bar_colour
        )

    def _paint_parts(
        self, painter: QPainter, option: QStyleOptionViewItem, number: str, unit: str
    ) -> None:
        rect = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        metrics = option.fontMetrics
        middle_right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.save()
        painter.setFont(option.font)
        painter.setPen(self._unit_colour)
        painter.drawText(rect, middle_right, unit)
        painter.setPen(option.palette.text().color())
        rest = rect.adjusted(0, 0, -metrics.horizontalAdvance(unit), 0)
        painter.drawText(rest, middle_right, number)
        painter.restore()
