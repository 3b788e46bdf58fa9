"""Pinned designs side by side."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from arcs_gui.presenters.cells import Cell
from arcs_gui.presenters.designs.comparison import Comparison
from arcs_gui.theme.apply import tabular
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.quantity_delegate import IsQuantity, QuantityDelegate


class ComparisonPanel(QWidget):
    """A column for each pinned design."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._shown = Comparison((), ())
        self._delegate = QuantityDelegate(palette.muted, self)
        self.table = QTableWidget(0, 0)
        self.table.setAccessibleName("Pinned designs side by side")
        self.table.setFont(tabular(self.table.font()))
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setItemDelegate(self._delegate)
        self.table.verticalHeader().setDefaultSectionSize(24)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.stack = OrEmpty(
            self.table,
            "Up to four pinned designs appear here side by side. Pin one with Ctrl+D, or with a "
            "right click on its line.",
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def set_comparison(self, table: Comparison) -> None:
        """Replace the table."""
        self._shown = table
        self.stack.set_filled(bool(table.designs))
        self.table.setColumnCount(len(table.designs))
        self.table.setRowCount(len(table.rows))
        self.table.setHorizontalHeaderLabels(list(table.designs))
        self.table.setVerticalHeaderLabels([label for label, _ in table.rows])
        for row, (_, cells) in enumerate(table.rows):
            for column, cell in enumerate(cells):
                self.table.setItem(row, column, self._item(cell))

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self._delegate.set_unit_colour(palette.muted)
        self.set_comparison(self._shown)

    def _item(self, cell: Cell) -> QTableWidgetItem:
        item = QTableWidgetItem(cell.text)
        tones = {
            "good": self._palette.good,
            "bad": self._palette.bad,
            "muted": self._palette.muted,
            "plain": self._palette.text,
        }
        item.setForeground(QColor(tones[cell.tone]))
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setData(IsQuantity, cell.number and "(" not in cell.text)
        return item
