"""The shortlist as a table."""

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.rows import COLUMNS, CandidateRow
from arcs_gui.theme.apply import tabular
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.quantity_delegate import IsQuantity, QuantityDelegate

Index = QModelIndex | QPersistentModelIndex


class CandidateModel(QAbstractTableModel):
    """The rows of a shortlist."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[CandidateRow] = []
        self._palette = palette

    def set_rows(self, rows: tuple[CandidateRow, ...]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def set_row(self, row: CandidateRow) -> None:
        """Replace the row of the same rank."""
        line = self.line_of(row.rank)
        if line is None:
            return
        self._rows[line] = row
        self.dataChanged.emit(self.index(line, 0), self.index(line, len(COLUMNS) - 1))

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette

    def line_of(self, rank: int) -> int | None:
        """Return the line of a rank; None when it is not in the list."""
        return next((i for i, row in enumerate(self._rows) if row.rank == rank), None)

    def rank_at(self, line: int) -> int:
        """Return the rank of a line."""
        return self._rows[line].rank

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many candidates there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a cell shows."""
        row = self._rows[index.row()]
        cell = row.cells[index.column()]
        colours = {
            "good": self._palette.good,
            "bad": self._palette.bad,
            "muted": self._palette.muted,
            "plain": self._palette.text,
        }
        sides = Qt.AlignmentFlag.AlignRight if cell.number else Qt.AlignmentFlag.AlignLeft
        answers: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: cell.text,
            Qt.ItemDataRole.ToolTipRole: row.tip,
            Qt.ItemDataRole.ForegroundRole: QColor(colours[cell.tone]),
            Qt.ItemDataRole.TextAlignmentRole: int(sides | Qt.AlignmentFlag.AlignVCenter),
            IsQuantity: cell.number,
        }
        return answers.get(role)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return a column's title and what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        title, meaning = COLUMNS[section]
        right = title in ("Vout", "Ripple", "Efficiency", "Cost")
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        answers: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: title,
            Qt.ItemDataRole.ToolTipRole: meaning,
            Qt.ItemDataRole.TextAlignmentRole: int(side | Qt.AlignmentFlag.AlignVCenter),
        }
        return answers.get(role)


class CandidatesPanel(QWidget):
    """The shortlist; `picked` carries the rank that the user chose."""

    picked = Signal(int)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = CandidateModel(palette, self)
        self._delegate = QuantityDelegate(palette.muted, self)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self.table.setItemDelegate(self._delegate)
        self.table.setAccessibleName("Candidates")
        self.table.setFont(tabular(self.table.font()))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(26)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.table.selectionModel().selectionChanged.connect(self._on_selection)
        self.caption = QLabel(self)
        self.caption.setProperty("role", "muted")
        self.caption.setMargin(4)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.caption)
        layout.addWidget(self.table)
        self.stack = OrEmpty(
            content,
            "The ranked designs appear here.\nDescribe the supply on the left and press Propose.",
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def set_rows(self, found: tuple[CandidateRow, ...], caption: str) -> None:
        """Replace the list; the caption says which spec it answers."""
        self.model.set_rows(found)
        self.caption.setText(f"{caption}. Row 0 is the textbook design.")
        self.stack.set_filled(bool(found))

    def set_row(self, row: CandidateRow) -> None:
        """Replace the line of the same rank."""
        self.model.set_row(row)

    def select(self, rank: int) -> None:
        """Mark a line."""
        line = self.model.line_of(rank)
        if line is None:
            return
        self.table.selectRow(line)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self.model.set_palette(palette)
        self._delegate.set_unit_colour(palette.muted)
        self.table.viewport().update()

    def _on_selection(self, selected: QItemSelection, _: QItemSelection) -> None:
        lines = [index.row() for index in selected.indexes()]
        if lines:
            self.picked.emit(self.model.rank_at(lines[0]))
