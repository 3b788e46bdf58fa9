"""Tabs of analyses: corners, efficiency, map, sweep, tolerances, parts."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.analyses import (
    CORNER_COLUMNS,
    FIGURES,
    PART_COLUMNS,
    Chart,
    Curve,
    Spread,
    SweepPlot,
    Tab,
)
from arcs_gui.presenters.rows import Cell
from arcs_gui.theme.apply import tabular
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.quantity_delegate import IsQuantity, QuantityDelegate

TABS: tuple[tuple[Tab, str, str], ...] = (
    ("corners", "Corners", "Three inputs at ten loads: what holds where"),
    ("load", "Efficiency", "Estimated efficiency against load at three inputs"),
    ("map", "Map", "Estimated efficiency over input and load"),
    ("sweep", "Sweep", "One quantity moved over a range"),
    ("tolerances", "Tolerances", "Many supplies with parts within their tolerances"),
    ("parts", "Parts", "Every part, its values and what it must stand"),
)
_MOST_SAMPLES = 20_000
_TONE = Qt.ItemDataRole.UserRole + 7
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_DASHED = Qt.PenStyle.DashLine


class AnalysesPanel(QWidget):
    """What a design does away from its nominal point; signals carry what the user chose."""

    tab_chosen = Signal(str)
    quantity_chosen = Signal(str)
    ends_chosen = Signal(str, str)
    samples_chosen = Signal(int)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._chart: Chart | None = None
        self._curves: tuple[Curve, ...] = ()
        self._sweep: SweepPlot | None = None
        self._spreads: dict[str, Spread] = {}
        self._delegate = QuantityDelegate(palette.muted, self)
        self.caption = _muted()
        self.state = _muted()
        self.corners = self._table(CORNER_COLUMNS, "Corners")
        self.corner_remark = _muted()
        self.load_plot = self._plot("Efficiency against load", ("Load", "%"), ("Efficiency", "%"))
        self.load_plot.addLegend(offset=(-8, -8))
        self.parts = self._table(PART_COLUMNS, "Parts")
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Analyses")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        pages = {
            "corners": _column(self.corners, self.corner_remark),
            "load": self.load_plot,
            "map": self._map_page(),
            "sweep": self._sweep_page(),
            "tolerances": self._tolerance_page(),
            "parts": self.parts,
        }
        for name, title, tip in TABS:
            index = self.tabs.addTab(pages[name], title)
            self.tabs.setTabToolTip(index, tip)
        self.tabs.currentChanged.connect(self._on_tab)
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 4, 0)
        head.addWidget(self.caption)
        head.addWidget(self.state, 1)
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(head)
        rows.addWidget(self.tabs, 1)
        self.stack = OrEmpty(
            content,
            "Corners, efficiency over input and load, sweeps of any value, tolerances and the "
            "list of parts appear here for the design that you pick.",
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.set_palette(palette)

    def set_design(self, caption: str) -> None:
        """Name the design and empty every tab; without a caption there is none."""
        self.caption.setText(caption)
        self.stack.set_filled(bool(caption))
        self.set_state("")
        self.set_corners((), "")
        self.set_parts(())
        self._chart, self._curves, self._sweep, self._spreads = None, (), None, {}
        self.yield_text.setText("")
        self._draw()

    def set_state(self, text: str) -> None:
        """Say what is being worked out, or why it cannot be."""
        self.state.setText(text)

    def set_corners(self, rows: tuple[tuple[Cell, ...], ...], remark: str) -> None:
        """Fill the table of corners."""
        self.corner_remark.setText(remark)
        self._fill(self.corners, rows)

    def set_parts(self, rows: tuple[tuple[Cell, ...], ...]) -> None:
        """Fill the table of parts."""
        self._fill(self.parts, rows)

    def set_load(self, curves: tuple[Curve, ...]) -> None:
        """Fill the plot of efficiency against load."""
        self._curves = curves
        self._draw_load()

    def set_map(self, chart: Chart) -> None:
        """Fill the efficiency map."""
        self._chart = chart
        self._draw_map()

    def set_quantities(self, names: tuple[str, ...]) -> None:
        """Say what can be swept."""
        self.quantity.blockSignals(True)
        self.quantity.clear()
        self.quantity.addItems(names)
        self.quantity.blockSignals(False)

    def set_ends(self, low: str, high: str) -> None:
        """Write the ends of the sweep."""
        self.low.setText(low)
        self.high.setText(high)

    def set_sweep(self, plot: SweepPlot) -> None:
        """Fill the plot of the sweep."""
        self._sweep = plot
        self._draw_sweep()

    def set_tolerances(self, remark: str, spreads: dict[str, Spread]) -> None:
        """Fill the histograms and influences."""
        self.yield_text.setText(remark)
        self._spreads = spreads
        chosen = self.spread.currentText()
        self.spread.blockSignals(True)
        self.spread.clear()
        self.spread.addItems([spread.title for spread in spreads.values()])
        self.spread.setCurrentText(chosen)
        self.spread.blockSignals(False)
        self._draw_spread()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self._delegate.set_unit_colour(palette.muted)
        for plot in (self.load_plot, self.map_plot, self.sweep_plot, self.histogram, self.bars):
            plot.setBackground(palette.surface)
            plotting.paint(plot.getPlotItem(), palette)
        for table in (self.corners, self.parts):
            for row in range(table.rowCount()):
                for column in range(table.columnCount()):
                    self._colour(table.item(row, column))
        self._draw()

    def _map_page(self) -> QWidget:
        self.map_plot = self._plot("Efficiency map", ("Input voltage", "V"), ("Load", "%"))
        item = self.map_plot.getPlotItem()
        item.setDownsampling(auto=False)
        item.setClipToView(False)
        self.image = pg.ImageItem()
        item.addItem(self.image)
        self.colours = pg.ColorBarItem(
            colorMap=pg.colormap.get("viridis"), interactive=False, label="Efficiency, %", width=14
        )
        self.colours.setImageItem(self.image, insert_in=item)
        self.hover = _muted()
        self.hover.setText("Point at the map to read it.")
        self.map_plot.scene().sigMouseMoved.connect(self._on_hover)
        return _column(self.map_plot, self.hover)

    def _sweep_page(self) -> QWidget:
        self.quantity = QComboBox()
        self.quantity.setAccessibleName("Quantity to sweep")
        self.quantity.currentTextChanged.connect(self.quantity_chosen)
        self.low, self.high = QLineEdit(), QLineEdit()
        for edit, name in ((self.low, "From"), (self.high, "To")):
            edit.setAccessibleName(f"Sweep {name.lower()}")
            edit.setMaximumWidth(96)
            edit.returnPressed.connect(self._on_ends)
        self.sweep_button = QPushButton("Sweep")
        self.sweep_button.clicked.connect(self._on_ends)
        self.figure = QComboBox()
        self.figure.setAccessibleName("Figure to plot")
        for name, (title, _, _) in FIGURES.items():
            self.figure.addItem(title, name)
        self.figure.currentIndexChanged.connect(self._draw_sweep)
        self.sweep_remark = _muted()
        self.sweep_plot = self._plot(
            "Sweep", ("Quantity", ""), ("Figure", ""), _PlainAxis("bottom")
        )
        self.sweep_curve = self.sweep_plot.plot()
        self.sweep_mark = pg.InfiniteLine(angle=90)
        self.sweep_plot.addItem(self.sweep_mark, ignoreBounds=True)
        controls = _row(
            self.quantity,
            QLabel("from"),
            self.low,
            QLabel("to"),
            self.high,
            self.sweep_button,
            self.figure,
        )
        return _column(controls, self.sweep_plot, self.sweep_remark)

    def _tolerance_page(self) -> QWidget:
        self.samples = QSpinBox()
        self.samples.setAccessibleName("Supplies to draw")
        self.samples.setRange(100, _MOST_SAMPLES)
        self.samples.setSingleStep(500)
        self.samples.setValue(1000)
        self.draw_button = QPushButton("Draw again")
        self.draw_button.clicked.connect(lambda: self.samples_chosen.emit(self.samples.value()))
        self.spread = QComboBox()
        self.spread.setAccessibleName("Figure that spreads")
        self.spread.currentIndexChanged.connect(self._draw_spread)
        self.yield_text = QLabel()
        self.yield_text.setWordWrap(True)
        self.yield_text.setMargin(4)
        self.yield_text.setAccessibleName("Yield")
        self.spread_remark = _muted()
        self.histogram = self._plot("Histogram", ("Figure", ""), ("Supplies", ""))
        self.counts = pg.BarGraphItem(x=[], height=[], width=1)
        self.histogram.addItem(self.counts)
        self.bars = self._plot("Influence", ("Rank correlation", ""), ("", ""))
        self.bars.setXRange(-1, 1)
        self.influences = pg.BarGraphItem(x0=[], y=[], height=0.7, width=[])
        self.bars.addItem(self.influences)
        plots = QWidget()
        sides = QHBoxLayout(plots)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.addWidget(self.histogram, 3)
        sides.addWidget(self.bars, 2)
        controls = _row(self.samples, self.draw_button, self.spread)
        return _column(controls, self.yield_text, plots, self.spread_remark)

    def _plot(
        self,
        name: str,
        bottom: tuple[str, str],
        left: tuple[str, str],
        axis: pg.AxisItem | None = None,
    ) -> pg.PlotWidget:
        plot = pg.PlotWidget(axisItems={} if axis is None else {"bottom": axis}, enableMenu=False)
        plot.setAccessibleName(name)
        item = plot.getPlotItem()
        plotting.prepare(item, self._palette)
        for side, (title, unit) in (("bottom", bottom), ("left", left)):
            item.getAxis(side).enableAutoSIPrefix(False)
            item.setLabel(side, f"{title}, {unit}" if unit else title)
        return plot

    def _table(self, columns: tuple[str, ...], name: str) -> QTableWidget:
        table = QTableWidget(0, len(columns))
        table.setAccessibleName(name)
        table.setFont(tabular(table.font()))
        table.setItemDelegate(self._delegate)
        table.setHorizontalHeaderLabels(list(columns))
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(24)
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setHighlightSections(False)
        return table

    def _fill(self, table: QTableWidget, rows: tuple[tuple[Cell, ...], ...]) -> None:
        table.setRowCount(len(rows))
        for line, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(cell.text)
                item.setData(IsQuantity, cell.number)
                item.setData(_TONE, cell.tone)
                item.setToolTip(cell.text)
                if cell.number:
                    item.setTextAlignment(_RIGHT)
                self._colour(item)
                table.setItem(line, column, item)
        if rows:
            table.resizeColumnsToContents()

    def _colour(self, item: QTableWidgetItem | None) -> None:
        if item is not None:
            tones = {
                "good": self._palette.good,
                "bad": self._palette.bad,
                "muted": self._palette.muted,
            }
            item.setForeground(QColor(tones.get(item.data(_TONE), self._palette.text)))

    def _draw(self) -> None:
        self._draw_load()
        self._draw_map()
        self._draw_sweep()
        self._draw_spread()

    def _draw_load(self) -> None:
        item = self.load_plot.getPlotItem()
        item.clear()
        colours = (
            self._palette.vout,
            self._palette.inductor_current,
            self._palette.switch_node,
        )
        for curve, colour in zip(self._curves, colours, strict=False):
            known = ~np.isnan(curve.y)
            drawn = pg.PlotDataItem(name=curve.label)
            plotting.set_curve(drawn, curve.x[known], curve.y[known], colour)
            item.addItem(drawn)
        item.legend.setLabelTextColor(self._palette.text)
        for _, label in item.legend.items:
            label.setText(label.text, color=self._palette.text)

    def _draw_map(self) -> None:
        chart = self._chart
        self.image.setVisible(chart is not None)
        axis = self.colours.getAxis("right")
        axis.setPen(pg.mkPen(self._palette.grid))
        axis.setTextPen(pg.mkPen(self._palette.text))
        if chart is None:
            return
        self.image.setImage(chart.efficiency)
        known = chart.efficiency[~np.isnan(chart.efficiency)]
        if known.size:
            self.colours.setLevels((float(known.min()), float(known.max())))
        width = max(float(np.ptp(chart.vin)), 1e-3)
        height = max(float(np.ptp(chart.load)), 1e-3)
        self.image.setRect(float(chart.vin[0]), float(chart.load[0]), width, height)
        self.map_plot.getPlotItem().autoRange()

    def _draw_sweep(self) -> None:
        plot, item = self._sweep, self.sweep_plot.getPlotItem()
        self.sweep_mark.setVisible(plot is not None)
        self.sweep_remark.setText("" if plot is None else plot.remark)
        if plot is None:
            self.sweep_curve.setData([], [])
            return
        name = self.figure.currentData()
        title, unit, _ = FIGURES[name]
        x, y = plot.curves[""], plot.curves[name]
        known = ~np.isnan(y)
        item.setLogMode(x=plot.logarithmic, y=False)
        plotting.set_curve(self.sweep_curve, x[known], y[known], self._palette.vout)
        self.sweep_mark.setPen(pg.mkPen(self._palette.accent, style=_DASHED))
        self.sweep_mark.setPos(np.log10(plot.present) if plot.logarithmic else plot.present)
        item.setLabel("left", f"{title}, {unit}")
        item.getAxis("bottom").enableAutoSIPrefix(True)
        item.setLabel("bottom", plot.quantity, units=plot.unit or None)
        item.autoRange()

    def _draw_spread(self) -> None:
        spread = next(
            (s for s in self._spreads.values() if s.title == self.spread.currentText()), None
        )
        self.spread_remark.setText("" if spread is None else spread.remark)
        if spread is None:
            self.counts.setOpts(x=[], height=[], width=1)
            self.influences.setOpts(x0=[], y=[], height=0.7, width=[])
            self.bars.getAxis("left").setTicks([[]])
            return
        width = np.diff(spread.edges)
        colour = pg.mkBrush(self._palette.vout)
        self.counts.setOpts(
            x0=spread.edges[:-1], height=spread.counts, width=width, brush=colour, pen=None
        )
        self.histogram.getPlotItem().setLabel("bottom", spread.title)
        self.histogram.getPlotItem().autoRange()
        names = [name for name, _ in spread.influences]
        places = np.arange(len(names), 0, -1)
        correlations = np.array([value for _, value in spread.influences])
        brushes = [
            pg.mkBrush(self._palette.inductor_current if c > 0 else self._palette.switch_node)
            for c in correlations
        ]
        self.influences.setOpts(
            x0=np.minimum(correlations, 0),
            y=places,
            height=0.7,
            width=np.abs(correlations),
            brushes=brushes,
            pen=None,
        )
        self.bars.getAxis("left").setTicks([list(zip(places.tolist(), names, strict=True))])
        self.bars.setXRange(-1, 1)
        self.bars.setYRange(0.4, len(names) + 0.6)

    def _on_tab(self, index: int) -> None:
        self.tab_chosen.emit(TABS[index][0])

    def _on_ends(self) -> None:
        self.ends_chosen.emit(self.low.text(), self.high.text())

    def _on_hover(self, place: QPointF) -> None:
        chart = self._chart
        if chart is None:
            return
        at = self.map_plot.getPlotItem().vb.mapSceneToView(place)
        row = int(np.argmin(np.abs(chart.vin - at.x())))
        column = int(np.argmin(np.abs(chart.load - at.y())))
        efficiency = chart.efficiency[row, column]
        said = "no operating point" if np.isnan(efficiency) else f"{efficiency:.1f} %"
        self.hover.setText(f"{chart.vin[row]:.3g} V, {chart.load[column]:.0f} % load: {said}")


class _PlainAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis whose logarithmic ticks are plain numbers in the unit of the label."""

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write ticks as ``20``, not as ``2·10¹``."""
        return [f"{10**value * self.autoSIPrefixScale:.3g}" for value in values]


def _muted() -> QLabel:
    label = QLabel()
    label.setProperty("role", "muted")
    label.setMargin(4)
    label.setWordWrap(True)
    return label


def _column(*widgets: QWidget) -> QWidget:
    page = QWidget()
    rows = QVBoxLayout(page)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(0)
    for widget in widgets:
        stretches = isinstance(widget, pg.PlotWidget | QTableWidget) or (
            type(widget) is QWidget and widget.findChild(pg.PlotWidget) is not None
        )
        rows.addWidget(widget, 1 if stretches else 0)
    return page


def _row(*widgets: QWidget) -> QWidget:
    line = QWidget()
    columns = QHBoxLayout(line)
    columns.setContentsMargins(4, 4, 4, 4)
    columns.setSpacing(8)
    for widget in widgets:
        columns.addWidget(widget)
    columns.addStretch(1)
    return line
