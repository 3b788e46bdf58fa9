"""Tabs of analyses: corners, efficiency, map, sweep, tolerances, parts."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from arcs_gui.presenters.analyses.analyses import (
    CORNER_COLUMNS,
    PART_COLUMNS,
    Chart,
    Curve,
    Spread,
    SweepPlot,
    Tab,
)
from arcs_gui.presenters.cells import Cell
from arcs_gui.theme.palette import Palette
from arcs_gui.views.analyses.efficiency import EfficiencyPage, MapPage
from arcs_gui.views.analyses.sweep import SweepPage
from arcs_gui.views.analyses.tolerances import TolerancesPage
from arcs_gui.views.designs.cell_table import CellTable
from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.pages import remark, stack

TABS: tuple[tuple[Tab, str, str], ...] = (
    ("corners", "Corners", "Three inputs at ten loads: what fails where"),
    ("load", "Efficiency", "Estimated efficiency against load at three inputs"),
    ("map", "Map", "Estimated efficiency over input and load"),
    ("sweep", "Sweep", "One quantity moved over a range"),
    ("tolerances", "Tolerances", "Many supplies, their parts drawn within the tolerances"),
    ("parts", "Parts", "Every part, its values and what it must stand"),
)


class AnalysesPanel(QWidget):
    """What a design does away from its nominal point; signals carry what the user chose."""

    tab_chosen = Signal(str)
    quantity_chosen = Signal(str)
    ends_chosen = Signal(str, str)
    samples_chosen = Signal(int)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption, self.state = remark(), remark()
        self.caption.setWordWrap(False)  # or the tabs would jump where a name is long
        self.corners = CellTable(CORNER_COLUMNS, "Corners", palette)
        self.corner_remark = remark()
        self.load = EfficiencyPage(palette)
        self.map = MapPage(palette)
        self.sweep = SweepPage(palette)
        self.tolerances = TolerancesPage(palette)
        self.parts = CellTable(PART_COLUMNS, "Parts", palette)
        self.tabs = self._tabs()
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 4, 0)
        head.addWidget(self.caption)
        head.addWidget(self.state, 1)
        rows.addLayout(head)
        rows.addWidget(self.tabs, 1)
        self.stack = OrEmpty(
            content,
            "Corners, efficiency over input and load, sweeps of any value, tolerances and the "
            "list of parts appear here for the selected design.",
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.sweep.quantity_chosen.connect(self.quantity_chosen)
        self.sweep.ends_chosen.connect(self.ends_chosen)
        self.tolerances.samples_chosen.connect(self.samples_chosen)
        self.set_palette(palette)

    def set_design(self, caption: str) -> None:
        """Name the design and empty every tab; without a caption there is none."""
        self.caption.setText(caption)
        self.stack.set_filled(bool(caption))
        self.set_state("")
        self.set_corners((), "")
        self.set_parts(())
        self.load.set_curves(())
        self.map.set_chart(None)
        self.sweep.set_sweep(None)
        self.tolerances.clear()

    def set_state(self, text: str) -> None:
        """Say what is being worked out, or why it cannot be."""
        self.state.setText(text)

    def set_corners(self, rows: tuple[tuple[Cell, ...], ...], remark: str) -> None:
        """Fill the table of corners."""
        self.corner_remark.setText(remark)
        self.corners.fill(rows)

    def set_parts(self, rows: tuple[tuple[Cell, ...], ...]) -> None:
        """Fill the table of parts."""
        self.parts.fill(rows)

    def set_load(self, curves: tuple[Curve, ...]) -> None:
        """Fill the plot of efficiency against load."""
        self.load.set_curves(curves)

    def set_map(self, chart: Chart) -> None:
        """Fill the efficiency map."""
        self.map.set_chart(chart)

    def set_quantities(self, labels: Mapping[str, str]) -> None:
        """Say what can be swept, by name, and what people call it."""
        self.sweep.set_quantities(labels)

    def set_ends(self, low: str, high: str) -> None:
        """Write the ends of the sweep."""
        self.sweep.set_ends(low, high)

    def set_sweep(self, plot: SweepPlot) -> None:
        """Fill the plot of the sweep."""
        self.sweep.set_sweep(plot)

    def set_tolerances(self, remark: str, spreads: dict[str, Spread]) -> None:
        """Fill the histograms and influences."""
        self.tolerances.set_spreads(remark, spreads)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        for page in (self.corners, self.load, self.map, self.sweep, self.tolerances, self.parts):
            page.set_palette(palette)

    def _tabs(self) -> QTabWidget:
        tabs = QTabWidget()
        tabs.setAccessibleName("Analyses")
        tabs.setDocumentMode(True)
        tabs.tabBar().setDrawBase(False)
        corners = QWidget()
        stack(corners, self.corners, self.corner_remark, growing=self.corners)
        pages: dict[Tab, QWidget] = {
            "corners": corners,
            "load": self.load,
            "map": self.map,
            "sweep": self.sweep,
            "tolerances": self.tolerances,
            "parts": self.parts,
        }
        for name, title, tip in TABS:
            tabs.setTabToolTip(tabs.addTab(pages[name], title), tip)
        tabs.currentChanged.connect(self._on_tab)
        return tabs

    def _on_tab(self, index: int) -> None:
        self.tab_chosen.emit(TABS[index][0])
