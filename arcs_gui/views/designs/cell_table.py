"""A table of the presenters' cells, to be read."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem, QWidget

from arcs_gui.presenters.cells import Cell
from arcs_gui.theme.apply import tabular
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets.quantity_delegate import IsQuantity, QuantityDelegate

_TONE = Qt.ItemDataRole.UserRole + 7
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CellTable(QTableWidget):
    """Rows of cells under titles; cells of a number stand right, with a lighter unit."""

    def __init__(
        self, columns: tuple[str, ...], name: str, palette: Palette, parent: QWidget | None = None
    ) -> None:
        super().__init__(0, len(columns), parent)
        self._palette = palette
        self._delegate = QuantityDelegate(palette.muted, self)
        self.setAccessibleName(name)
        self.setFont(tabular(self.font()))
        self.setItemDelegate(self._delegate)
        self.setHorizontalHeaderLabels(list(columns))
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)

    def fill(self, rows: tuple[tuple[Cell, ...], ...]) -> None:
        """Replace the rows."""
        self.setRowCount(len(rows))
        for line, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                self.setItem(line, column, self._item(cell))
        if rows:
            self.resizeColumnsToContents()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self._delegate.set_unit_colour(palette.muted)
        for row in range(self.rowCount()):
            for column in range(self.columnCount()):
                self._colour(self.item(row, column))

    def _item(self, cell: Cell) -> QTableWidgetItem:
        item = QTableWidgetItem(cell.text)
        item.setData(IsQuantity, cell.number)
        item.setData(_TONE, cell.tone)
        item.setToolTip(cell.text)
        if cell.number:
            item.setTextAlignment(_RIGHT)
        self._colour(item)
        return item

    def _colour(self, item: QTableWidgetItem | None) -> None:
        if item is not None:
            palette = self._palette
            tones = {"good": palette.good, "bad": palette.bad, "muted": palette.muted}
            item.setForeground(QColor(tones.get(item.data(_TONE), palette.text)))
