"""Training runs: start one, watch its loss, stop it, resume it."""

import html

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.ports import LossPoint, RunSummary, TrainingSettings
from arcs_gui.theme.apply import tabular
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.number_field import NumberField
from arcs_gui.widgets.or_empty import OrEmpty

NEWS_INTERVAL_MS = 500
_COLUMNS = ("Run", "State", "Done", "What")


class RunsPanel(QWidget):
    """The panel of runs; `news_wanted` comes now and then while a run is active."""

    start_requested = Signal(object)
    stop_requested = Signal()
    resume_requested = Signal()
    picked = Signal(str)
    news_wanted = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._palette = palette
        self._shown: tuple[str, tuple[LossPoint, ...]] = ("", ())
        self._timer = QTimer(self)
        self._timer.setInterval(NEWS_INTERVAL_MS)
        self._timer.timeout.connect(self.news_wanted)
        self.config = QComboBox()
        self.config.setAccessibleName("Training config")
        self.epochs = NumberField("Epochs of the training", 0, 10_000, 0)
        self.epochs.setSpecialValueText("from config")
        self.epochs.setToolTip("Passes over the training data")
        self.seed = NumberField("Seed of the training", 0, 2**31 - 1, 0)
        self.start_button = QPushButton("Start training")
        self.start_button.setToolTip("Start a training worker in a process of its own")
        self.start_button.setEnabled(False)
        self.stop_button = QPushButton("Stop")
        self.stop_button.setToolTip("Stop the selected run; you can resume it")
        self.resume_button = QPushButton("Resume")
        self.resume_button.setToolTip("Continue the selected run from its last checkpoint")
        self.table = self._run_table()
        self.stop_action, self.resume_action = QAction("&Stop", self), QAction("&Resume", self)
        self.set_can_stop(False)
        self.set_can_resume(False)
        self.plot = pg.PlotWidget(axisItems=plotting.axes(), enableMenu=False)
        self.plot.setAccessibleName("Training loss")
        self.curve = self.plot.plot()
        self.runs_stack = OrEmpty(self.table, "Training runs appear here once you start one.")
        self.curve_stack = OrEmpty(self.plot, "The loss of the selected run appears here.")
        self._lay_out()
        self._connect()
        plotting.prepare(self.plot.getPlotItem(), palette)
        self.plot.setLabel("left", "Loss")
        self.plot.setLabel("bottom", "Step")
        self.plot.getAxis("bottom").enableAutoSIPrefix(False)
        self.plot.getAxis("left").enableAutoSIPrefix(False)
        self.set_palette(palette)

    @property
    def point_count(self) -> int:
        """How many points the loss curve has."""
        return len(self._shown[1])

    @property
    def is_watching(self) -> bool:
        """Whether the panel asks for news now and then."""
        return self._timer.isActive()

    def set_configs(self, names: tuple[str, ...]) -> None:
        """Offer these training configs."""
        self.config.clear()
        self.config.addItems(list(names))
        self.start_button.setEnabled(bool(names))

    def set_runs(self, runs: tuple[RunSummary, ...]) -> None:
        """Replace the list of runs."""
        self.runs_stack.set_filled(bool(runs))
        self.table.setRowCount(len(runs))
        for row, run in enumerate(runs):
            texts = (run.name, run.state, f"{run.fraction * 100:.0f} %", run.text)
            for column, text in enumerate(texts):
                self._set_cell(row, column, text)

    def select(self, name: str) -> None:
        """Mark a run."""
        found = self.table.findItems(name, Qt.MatchFlag.MatchExactly)
        if found and found[0].row() != self.table.currentRow():
            self.table.selectRow(found[0].row())

    def set_curve(self, name: str, points: tuple[LossPoint, ...]) -> None:
        """Show the loss curve of a run."""
        other = name != self._shown[0]
        self._shown = (name, points)
        self.curve_stack.set_filled(bool(points))
        steps = np.array([point.step for point in points], dtype=np.float64)
        losses = np.array([point.loss for point in points], dtype=np.float64)
        finite = np.isfinite(losses)
        plotting.set_curve(self.curve, steps[finite], losses[finite], self._palette.loss_curve)
        item = self.plot.getPlotItem()
        plotting.stay_near(item)
        if other:
            item.enableAutoRange()

    def set_can_stop(self, can_stop: bool) -> None:
        """Say whether the marked run can be stopped."""
        self.stop_button.setEnabled(can_stop)
        self.stop_action.setEnabled(can_stop)

    def set_can_resume(self, can_resume: bool) -> None:
        """Say whether the marked run can be resumed."""
        self.resume_button.setEnabled(can_resume)
        self.resume_action.setEnabled(can_resume)

    def set_starting(self, starting: bool) -> None:
        """Say whether a run is being started."""
        self.start_button.setEnabled(not starting)

    def set_watching(self, watching: bool) -> None:
        """Ask for news now and then, or stop asking."""
        if watching and not self._timer.isActive():
            self._timer.start()
        elif not watching:
            self._timer.stop()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self.plot.setBackground(palette.surface)
        plotting.paint(self.plot.getPlotItem(), palette)
        self.set_curve(*self._shown)

    def _run_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_COLUMNS))
        table.setHorizontalHeaderLabels(list(_COLUMNS))
        table.setAccessibleName("Runs")
        table.setFont(tabular(table.font()))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(24)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        return table

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(8)
        form.addRow("Config", self.config)
        form.addRow("Epochs", self.epochs)
        form.addRow("Seed", self.seed)
        buttons = QHBoxLayout()
        buttons.addWidget(self.start_button, 1)
        buttons.addWidget(self.stop_button)
        buttons.addWidget(self.resume_button)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addLayout(buttons)
        left.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addLayout(left)
        layout.addWidget(self.runs_stack, 3)
        layout.addWidget(self.curve_stack, 2)

    def _connect(self) -> None:
        self.start_button.clicked.connect(self._on_start)
        for button, action, wish in (
            (self.stop_button, self.stop_action, self.stop_requested),
            (self.resume_button, self.resume_action, self.resume_requested),
        ):
            button.clicked.connect(wish)
            action.triggered.connect(wish)
            self.table.addAction(action)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.table.itemSelectionChanged.connect(self._on_selection)

    def _on_start(self) -> None:
        settings = TrainingSettings(
            self.config.currentText(), self.epochs.value() or None, self.seed.value()
        )
        self.start_requested.emit(settings)

    def _on_selection(self) -> None:
        row = self.table.currentRow()
        item = self.table.item(row, 0) if row >= 0 else None
        if item is not None and self.table.selectedItems():
            self.picked.emit(item.text())

    def _set_cell(self, row: int, column: int, text: str) -> None:
        item = self.table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self.table.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
            item.setToolTip(f"<qt>{html.escape(text)}</qt>")  # a tool tip takes text for markup
