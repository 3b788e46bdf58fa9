"""Everything that is known of one design."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.cells import DetailRow, Section
from arcs_gui.theme.apply import tabular
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets.bar_delegate import BarColour, BarDelegate, BarMark
from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.quantity_delegate import BarLength, IsQuantity, QuantityDelegate

_BAR_TIPS = {
    "Losses": "The whole bar is the sum of all losses.",
    "Volume": "The whole bar is the volume of all parts.",
    "Junction temperature, worst corner": "The whole bar is the limit.",
    "Stress, worst corner": "The whole bar is the rating; the line is how much of it may be used.",
}
"""What the bars of a section are to be read against."""

_ROOM = 12
"""Pixels that a value may grow while it moves."""


class DetailsPanel(QWidget):
    """Sections of rows: what, how much, and what to know about it."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours = _tones(palette)
        self._sections: tuple[Section, ...] = ()
        self._unseen: tuple[Section, ...] | None = None
        self._delegate = QuantityDelegate(palette.muted, self)
        self._bars = BarDelegate(palette.border, palette.text, self)
        self.title = QLabel(self)
        self.title.setProperty("role", "title")
        self.title.setMargin(4)
        self.remarks = QLabel(self)
        self.remarks.setWordWrap(True)
        self.remarks.setMargin(4)
        self.remarks.setProperty("role", "muted")
        self.tree = QTreeWidget(self)
        self.tree.setColumnCount(3)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(8)
        self.tree.setAccessibleName("Details of the design")
        self.tree.setFont(tabular(self.tree.font()))
        self.tree.setItemDelegateForColumn(1, self._delegate)
        self.tree.setItemDelegateForColumn(2, self._bars)
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        header = self.tree.header()
        header.setStretchLastSection(True)
        # Fitted when rows are replaced, and not at every change: that measures every row.
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.title)
        layout.addWidget(self.remarks)
        layout.addWidget(self.tree)
        self.stack = OrEmpty(
            content,
            "Operating point, values, losses and stress of the selected design appear here.",
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def set_sections(self, sections: tuple[Section, ...], title: str, remarks: str) -> None:
        """Replace what is shown; the place in the list is kept."""
        self.remarks.setText(remarks)
        self.remarks.setVisible(bool(remarks))
        self.title.setText(title)
        self.stack.set_filled(bool(sections))
        if self.tree.isVisible():
            self._show(sections)
        else:
            self._unseen = sections  # behind another panel nobody reads what moves on every answer

    def showEvent(self, event: QShowEvent) -> None:
        """Take in what came while nobody was looking."""
        if self._unseen is not None:
            self._show(self._unseen)
        super().showEvent(event)

    def _show(self, sections: tuple[Section, ...]) -> None:
        self._unseen = None
        before, self._sections = self._sections, sections
        if _shape(before) == _shape(sections):
            self._refill(before)
            return
        scroll = self.tree.verticalScrollBar()
        place = scroll.value()
        self.tree.clear()
        for section in sections:
            self._add(section)
        self.tree.expandAll()
        for column in (0, 1):
            self.tree.resizeColumnToContents(column)
        self.tree.setColumnWidth(1, self.tree.columnWidth(1) + _ROOM)
        scroll.setValue(place)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._colours = _tones(palette)
        self._delegate.set_unit_colour(palette.muted)
        self._bars.set_colours(palette.border, palette.text)
        sections, self._sections = self._sections, ()
        self._show(self._unseen or sections)

    def _add(self, section: Section) -> None:
        top = QTreeWidgetItem([section.title])
        font = top.font(0)
        font.setBold(True)
        top.setFont(0, font)
        top.setFlags(Qt.ItemFlag.ItemIsEnabled)
        top.setToolTip(0, _BAR_TIPS.get(section.title, ""))
        for row in section.rows:
            self._add_row(top, row)
        # Not before it is filled: the tree would hear of every cell.
        self.tree.addTopLevelItem(top)
        top.setFirstColumnSpanned(True)

    def _add_row(self, top: QTreeWidgetItem, row: DetailRow) -> None:
        item = QTreeWidgetItem(top)
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self._fill(item, row)

    def _refill(self, before: tuple[Section, ...]) -> None:
        """Write what has changed into the rows that are there: a moving value is shown often."""
        model = self.tree.model()
        model.blockSignals(True)  # each cell would ask for a layout and a repaint of its own
        for place, (old, new) in enumerate(zip(before, self._sections, strict=True)):
            top = self.tree.topLevelItem(place)
            for line, (was, row) in enumerate(zip(old.rows, new.rows, strict=True)):
                item = None if top is None else top.child(line)
                if item is not None and row != was:
                    self._fill(item, row, was)
        model.blockSignals(False)
        self.tree.viewport().update()

    def _fill(self, item: QTreeWidgetItem, row: DetailRow, was: DetailRow | None = None) -> None:
        """Write a row, or what is other than it was."""
        colours = self._colours
        plain = row.tone == "plain"
        if was is None or row.label != was.label:
            item.setText(0, row.label)
        if was is None or row.value != was.value:
            item.setText(1, row.value)
        if was is None or row.note != was.note:
            item.setText(2, row.note)
            item.setToolTip(2, row.note)
        if was is None or row.tone != was.tone:
            item.setForeground(1, colours[row.tone])
            item.setForeground(2, colours["muted" if plain else row.tone])
            item.setData(1, IsQuantity, plain)
            item.setData(2, BarColour, colours["bar" if plain else row.tone])
        if was is None or row.bar != was.bar:
            item.setData(2, BarLength, None if row.bar is None else row.bar.length)
            item.setData(2, BarMark, None if row.bar is None else row.bar.mark)


def _shape(sections: tuple[Section, ...]) -> list[tuple[str, list[str]]]:
    """Return what the columns were fitted to; rows may change places within their section."""
    return [(section.title, sorted(row.label for row in section.rows)) for section in sections]


def _tones(palette: Palette) -> dict[str, QColor]:
    return {
        "good": QColor(palette.good),
        "bad": QColor(palette.bad),
        "muted": QColor(palette.muted),
        "plain": QColor(palette.text),
        "bar": QColor(palette.accent),
    }
