"""The shortlist as a table."""

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QMenu,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.cells import Tone
from arcs_gui.presenters.designs.details import FIGURES_CONFIRMED
from arcs_gui.presenters.designs.shortlist import COLUMNS, EFFICIENCY, CandidateRow, column
from arcs_gui.theme.apply import tabular
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.quantity_delegate import (
    PADDING,
    BarLength,
    Face,
    IsQuantity,
    QuantityDelegate,
    unit_in,
)

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_NUMBERS = ("Deviation", EFFICIENCY, "Mean loss", "Volume", "Cost")
_WIDEST = (
    ("#", "8 ✎ ◆"),
    ("ngspice", FIGURES_CONFIRMED),
    ("Mean loss", "888 mW"),
)
"""Texts that columns have room for from the start."""
_TOPOLOGY = column("Topology")
_SAID = {
    int(role)
    for role in (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.ForegroundRole,
        Qt.ItemDataRole.TextAlignmentRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
        IsQuantity,
        BarLength,
    )
}
"""Roles that the list has an answer to."""
Index = QModelIndex | QPersistentModelIndex


class CandidateModel(QAbstractTableModel):
    """The rows of a shortlist."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[CandidateRow] = []
        self._sorted_by = 0
        self._descending = False
        self._colours = _tones(palette)

    def set_rows(self, rows: tuple[CandidateRow, ...]) -> None:
        """Replace all rows; they are sorted as the last ones were."""
        self.beginResetModel()
        self._rows = sorted(rows, key=self._order, reverse=self._descending)
        self.endResetModel()

    def update_rows(self, rows: tuple[CandidateRow, ...]) -> None:
        """Replace the rows of the same keys where they stand."""
        by_key = {row.key: row for row in rows}
        changed = []
        for line, old in enumerate(self._rows):
            new = by_key.get(old.key, old)
            if new != old:
                self._rows[line] = new
                changed.append(line)
        if changed:
            last = self.index(max(changed), len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(min(changed), 0), last)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; the selection stays with its design."""
        self._sorted_by = max(0, column)
        self._descending = order == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        keys = [self._rows[index.row()].key for index in before]
        self._rows.sort(key=self._order, reverse=self._descending)
        lines = {row.key: line for line, row in enumerate(self._rows)}
        after = [
            self.index(lines[key], index.column()) for key, index in zip(keys, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _order(self, row: CandidateRow) -> tuple[float, str]:
        cell = row.cells[self._sorted_by]
        return (0.0 if cell.order is None else cell.order, cell.text)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._colours = _tones(palette)

    def line_of(self, key: int) -> int | None:
        """Return the line of a design; None when it is not in the list."""
        return next((i for i, row in enumerate(self._rows) if row.key == key), None)

    def key_at(self, line: int) -> int:
        """Return the key of the design in a line."""
        return self._rows[line].key

    def tip_at(self, line: int) -> str:
        """Return what there is to say in words of the design in a line."""
        return self._rows[line].tip

    def texts_in(self, column: int) -> list[str]:
        """Return what a column shows."""
        return [row.cells[column].text for row in self._rows]

    def face(self, line: int, column: int) -> Face:
        """Return what is painted of a cell, in one answer."""
        cell = self._rows[line].cells[column]
        return Face(
            text=cell.text,
            unit=unit_in(cell.text) if cell.number else "",
            number=cell.number,
            colour=self._colours[cell.tone],
            bar=cell.bar,
        )

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many candidates there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a cell shows."""
        # Most of what a painted cell asks for has no answer.
        return self._said(index.row(), index.column(), role) if role in _SAID else None

    def _said(self, line: int, column: int, role: int) -> object:
        row = self._rows[line]
        cell = row.cells[column]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.ForegroundRole:
                return self._colours[cell.tone]
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if cell.number else _LEFT
            case Qt.ItemDataRole.ToolTipRole:
                return row.tip
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{COLUMNS[column][0]} {cell.text}"
        return cell.number if role == IsQuantity else cell.bar

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
        right = title in _NUMBERS
        answers: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: title,
            Qt.ItemDataRole.ToolTipRole: meaning,
            Qt.ItemDataRole.TextAlignmentRole: _RIGHT if right else _LEFT,
        }
        return answers.get(role)


def _tones(palette: Palette) -> dict[Tone, QColor]:
    return {
        "good": QColor(palette.good),
        "bad": QColor(palette.bad),
        "muted": QColor(palette.muted),
        "plain": QColor(palette.text),
    }


class _CellDelegate(QuantityDelegate):
    """Paints the list: a new one must be on the screen before anyone sees the window wait."""

    def __init__(self, model: CandidateModel, palette: Palette, parent: QWidget) -> None:
        super().__init__(palette.muted, parent, bar_colour=palette.accent)
        self._model = model

    def face(self, index: Index) -> Face:
        """Return what is painted of a cell."""
        return self._model.face(index.row(), index.column())


class CandidatesPanel(QWidget):
    """The shortlist; `picked` and `pin_wanted` carry the key of the design that the user chose."""

    picked = Signal(int)
    pin_wanted = Signal(int)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = CandidateModel(palette, self)
        self._delegate = _CellDelegate(self.model, palette, self)
        self.table = self._table()
        self.caption = QLabel(self)
        self.caption.setProperty("role", "muted")
        self.caption.setMargin(4)
        # A long spec is cut off; it does not widen the panel.
        self.caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.difference = QLabel(self)
        self.difference.setProperty("role", "muted")
        self.difference.setWordWrap(True)
        self.difference.setMargin(4)
        self.difference.setMinimumHeight(2 * self.difference.fontMetrics().height() + 8)
        self.difference.setAlignment(Qt.AlignmentFlag.AlignTop)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.caption)
        layout.addWidget(self.table)
        layout.addWidget(self.difference)
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
        kinds = {row.cells[_TOPOLOGY].text for row in found}
        self.table.setColumnHidden(_TOPOLOGY, len(kinds) < 2)
        self._fit_columns()
        self.caption.setText(f"{caption}. Row 0: textbook design.")
        self.stack.set_filled(bool(found))

    def update_rows(self, found: tuple[CandidateRow, ...]) -> None:
        """Replace the lines of the same keys; the order of the list stays the user's."""
        self.model.update_rows(found)
        self._say_difference()

    def select(self, key: int) -> None:
        """Mark a line."""
        line = self.model.line_of(key)
        if line is not None:
            self.table.selectRow(line)
            self._say_difference()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self.model.set_palette(palette)
        self._delegate.set_unit_colour(palette.muted)
        self._delegate.set_bar_colour(palette.accent)
        self.table.viewport().update()

    def _table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.model)
        table.setItemDelegate(self._delegate)
        table.setAccessibleName("Candidates")
        table.setFont(tabular(table.font()))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        # Fitted when the list is replaced, and not at every change: that asks for every cell.
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._on_menu)
        table.selectionModel().selectionChanged.connect(self._on_selection)
        return table

    def _fit_columns(self) -> None:
        """Give columns the width of their contents, with room for what they may become."""
        metrics = self.table.fontMetrics()
        for place, (title, _) in enumerate(COLUMNS):
            texts = [title, *(text for name, text in _WIDEST if name == title)]
            texts += self.model.texts_in(place)
            room = max(metrics.horizontalAdvance(text) for text in texts) + 3 * PADDING
            self.table.setColumnWidth(place, room)

    def _on_selection(self, selected: QItemSelection, _: QItemSelection) -> None:
        lines = [index.row() for index in selected.indexes()]
        if lines:
            self._say_difference()
            self.picked.emit(self.model.key_at(lines[0]))

    def _on_menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        if not index.isValid():
            return
        key = self.model.key_at(index.row())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Pin for comparison, or unpin").triggered.connect(
            lambda _=False: self.pin_wanted.emit(key)
        )
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _say_difference(self) -> None:
        line = self.table.currentIndex().row()
        known = 0 <= line < self.model.rowCount()
        text = self.model.tip_at(line) if known else ""
        if text != self.difference.text():
            self.difference.setText(text)
