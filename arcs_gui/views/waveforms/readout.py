"""The table under the waveform panes: values at the cursors, measurements."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.waveforms.readout import Readout
from arcs_gui.theme.apply import tabular
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets.quantity_delegate import IsQuantity, QuantityDelegate

MOST_ROWS = 4
"""Rows that are seen without scrolling."""

ROW_HEIGHT = 21
_WIDEST = "-888.8 mV"
_PADDING = 14
"""Around the number of a cell, both sides together, pixels."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ReadoutTable(QWidget):
    """A row a trace; hidden while there is nothing to read."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._readout = Readout("", (), ())
        self._cells: list[list[QTableWidgetItem]] = []
        self._delegate = QuantityDelegate(palette.muted, self)
        self.heading = QLabel(self)
        self.heading.setFont(tabular(self.heading.font()))
        self.heading.setContentsMargins(8, 2, 8, 2)
        self.heading.setAccessibleName("Cursors")
        self.table = QTableWidget(0, 0, self)
        self.table.setFont(tabular(self.table.font()))
        self.table.setItemDelegate(self._delegate)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setAccessibleName("Cursor values and measurements")
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.heading)
        layout.addWidget(self.table)
        self.hide()

    def set_readout(self, readout: Readout) -> None:
        """Replace the table; the cells that stay are only written anew."""
        self._readout = readout
        self.setVisible(bool(readout.columns))
        if not readout.columns:
            return
        self.heading.setText(readout.heading)
        titles = ("Trace", *readout.columns)
        if [len(row) for row in self._cells] != [len(titles)] * len(readout.rows):
            self._resize(len(readout.rows), len(titles))
        self._title(titles)
        hues = self._palette.hues
        for items, line in zip(self._cells, readout.rows, strict=True):
            for item, text in zip(items, (line.title, *line.cells), strict=True):
                if item.text() != text:
                    item.setText(text)
            items[0].setForeground(QColor(hues[line.hue % len(hues)]))

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self._delegate.set_unit_colour(palette.muted)
        self.set_readout(self._readout)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._share_width()

    @property
    def text(self) -> str:
        """The readout with tabulators, for a spreadsheet."""
        readout = self._readout
        if not readout.columns:
            return ""
        lines = [readout.heading, "\t".join(("Trace", *readout.columns))]
        lines += ["\t".join((row.title, *row.cells)) for row in readout.rows]
        return "\n".join(lines)

    def _title(self, titles: tuple[str, ...]) -> None:
        header = self.table.horizontalHeader().model()
        horizontal = Qt.Orientation.Horizontal
        for column, title in enumerate(titles):
            if header.headerData(column, horizontal) != title:
                item = QTableWidgetItem(title)
                if column:
                    item.setTextAlignment(_RIGHT)
                self.table.setHorizontalHeaderItem(column, item)

    def _resize(self, rows: int, columns: int) -> None:
        self.table.setRowCount(rows)
        self.table.setColumnCount(columns)
        self._cells = [[QTableWidgetItem() for _ in range(columns)] for _ in range(rows)]
        for row, items in enumerate(self._cells):
            for column, item in enumerate(items):
                if column:
                    item.setTextAlignment(_RIGHT)
                    item.setData(IsQuantity, True)
                self.table.setItem(row, column, item)
        shown = ROW_HEIGHT * min(rows, MOST_ROWS)
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + shown + 14)
        self._share_width()

    def _share_width(self) -> None:
        """Give each column the room of any number, and what is left in equal parts."""
        count = self.table.columnCount()
        if count:
            least = self.table.fontMetrics().horizontalAdvance(_WIDEST) + _PADDING
            width = max(least, self.table.viewport().width() // count)
            for column in range(count):
                self.table.setColumnWidth(column, width)
