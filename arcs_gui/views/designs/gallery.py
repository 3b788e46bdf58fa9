"""The gallery of topologies: what each could do for the spec, or why it cannot."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.cells import Cell
from arcs_gui.presenters.designs.gallery import GALLERY_COLUMNS, GalleryRow
from arcs_gui.theme.apply import tabular
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.quantity_delegate import PADDING, IsQuantity, QuantityDelegate


class GalleryPanel(QWidget):
    """A line for each topology; `chosen` carries the name of the one to design with."""

    chosen = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._rows: tuple[GalleryRow, ...] = ()
        self._delegate = QuantityDelegate(palette.muted, self)
        self.caption = _muted()
        self.caption.setWordWrap(True)
        self.state = _muted()
        self.table = self._table()
        self.use_button = QPushButton("Design with it")
        self.use_button.setToolTip("Write the selected topology into the spec and propose")
        self.use_button.setEnabled(False)
        self.use_button.clicked.connect(self._on_use)
        self.reason = _muted()
        self.reason.setWordWrap(True)
        foot = QHBoxLayout()
        foot.setContentsMargins(4, 4, 4, 4)
        foot.addWidget(self.reason, 1)
        foot.addWidget(self.use_button)
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.caption)
        rows.addWidget(self.table, 1)
        rows.addLayout(foot)
        self.stack = OrEmpty(
            content,
            "The seven topologies compared for the spec appear here: cost, efficiency, size, "
            "parts and stress, or why one cannot do it.",
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        outer.addWidget(self.state)

    def set_outcomes(self, rows: tuple[GalleryRow, ...], caption: str) -> None:
        """Replace what is shown."""
        self._rows = rows
        self.caption.setText(caption)
        self.stack.set_filled(bool(rows))
        self.table.clearSpans()
        self.table.setRowCount(len(rows))
        for line, row in enumerate(rows):
            if not row.able:
                self.table.setSpan(line, 1, 1, len(GALLERY_COLUMNS) - 1)
            for column, cell in enumerate(row.cells):
                self.table.setItem(line, column, self._item(cell, row))
        self._fit_columns()
        self._on_selection()

    def _fit_columns(self) -> None:
        """Give columns the width of what the able ones have; a refusal may run over all."""
        metrics = self.table.fontMetrics()
        for column, (title, _) in enumerate(GALLERY_COLUMNS):
            shown = [row.cells[column].text for row in self._rows if row.able or column == 0]
            width = max(metrics.horizontalAdvance(text) for text in (title, *shown))
            self.table.setColumnWidth(column, width + 3 * PADDING)

    def set_comparing(self, text: str) -> None:
        """Say what is being compared; empty when nothing is."""
        self.state.setText(text)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self._delegate.set_unit_colour(palette.muted)
        self.set_outcomes(self._rows, self.caption.text())

    def _table(self) -> QTableWidget:
        table = QTableWidget(0, len(GALLERY_COLUMNS))
        table.setAccessibleName("Topologies")
        table.setFont(tabular(table.font()))
        table.setItemDelegate(self._delegate)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for column, (title, meaning) in enumerate(GALLERY_COLUMNS):
            item = QTableWidgetItem(title)
            item.setToolTip(meaning)
            table.setHorizontalHeaderItem(column, item)
        table.itemSelectionChanged.connect(self._on_selection)
        table.itemDoubleClicked.connect(self._on_use)
        return table

    def _item(self, cell: Cell, row: GalleryRow) -> QTableWidgetItem:
        item = QTableWidgetItem(cell.text)
        tones = {
            "good": self._palette.good,
            "bad": self._palette.bad,
            "muted": self._palette.muted,
            "plain": self._palette.text if row.able else self._palette.muted,
        }
        item.setForeground(QColor(tones[cell.tone]))
        item.setToolTip(row.tip)
        item.setData(IsQuantity, cell.number)
        if cell.number:
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return item

    def _marked(self) -> GalleryRow | None:
        lines = {index.row() for index in self.table.selectionModel().selectedRows()}
        return self._rows[lines.pop()] if lines else None

    def _on_selection(self) -> None:
        row = self._marked()
        self.use_button.setEnabled(row is not None and row.able)
        self.reason.setText("" if row is None else row.tip)

    def _on_use(self) -> None:
        row = self._marked()
        if row is not None and row.able:
            self.chosen.emit(row.name)


def _muted() -> QLabel:
    label = QLabel()
    label.setProperty("role", "muted")
    label.setMargin(4)
    return label
