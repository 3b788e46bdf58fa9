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

PADDING = 6


class QuantityDelegate(QStyledItemDelegate):
    """Paints ``4.7 µH`` with a muted unit; other cells as usual."""

    def __init__(self, unit_colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit_colour = QColor(unit_colour)

    def set_unit_colour(self, colour: str) -> None:
        """Take another colour for units."""
        self._unit_colour = QColor(colour)

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
        self._paint_parts(painter, option, number, f" {unit}")

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
