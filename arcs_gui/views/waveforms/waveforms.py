"""The waveform viewer: toolbar, panes, readout."""

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImageWriter
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.waveforms.panes import Axis, Pane
from arcs_gui.presenters.waveforms.readout import Readout
from arcs_gui.presenters.waveforms.traces import Source
from arcs_gui.presenters.waveforms.transients import RUNS
from arcs_gui.presenters.waveforms.viewer import Choice
from arcs_gui.theme.palette import Palette
from arcs_gui.views.waveforms.menu import WaveformMenu
from arcs_gui.views.waveforms.panes import PaneStack
from arcs_gui.views.waveforms.readout import ReadoutTable
from arcs_gui.widgets.or_empty import OrEmpty

_ON_TOOLBAR = ("cursors", "measure", "spectrum", "log", "hann", "last", "fit")
_SHORT = {"log": "Log", "hann": "Hann"}
_OF_SPECTRUM = ("log", "hann")
_OURS = "application/x-arcs-waveforms"
"""Format that tells on the clipboard what was copied here."""

_OF_TIME = ("cursors", "measure", "last")


class WaveformsPanel(QWidget):
    """Any voltage and current of the design, in panes with one axis; signals say what is wanted.

    `file_wanted` carries ``csv`` or ``png``.
    """

    file_wanted = Signal(str)
    copied = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.menu = WaveformMenu(self)
        self.graphics = PaneStack(palette, self)
        self.readout = ReadoutTable(palette, self)
        self.source = QLabel(self)
        self.source.setProperty("role", "muted")
        self.source.setWordWrap(True)
        self.source.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(120)
        self.progress.setAccessibleName("Simulated so far")
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.setToolTip("Stop the simulation")
        self.cancel_button.setAccessibleName("Stop the transient simulation")
        self.run_box = QComboBox(self)
        self.run_box.setAccessibleName("Which run is shown")
        for key, title, keys in RUNS:
            self.run_box.addItem(title, key)
            self.run_box.setItemData(
                self.run_box.count() - 1, f"{title} ({keys})", Qt.ItemDataRole.ToolTipRole
            )
        self.run_box.activated.connect(self._on_run)
        self.buttons: dict[str, QToolButton] = {}
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._toolbar())
        layout.addLayout(self._caption())
        layout.addWidget(self.graphics, 1)
        layout.addWidget(self.readout)
        self.stack = OrEmpty(
            content,
            "Output voltage, inductor current and switch node appear here: at once from the "
            "solver, then from ngspice.",
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self._connect()
        self.set_progress(None, "")

    @property
    def curves(self) -> dict[tuple[str, Source], pg.PlotDataItem]:
        """The drawn curves, by signal and source."""
        return self.graphics.curves

    def set_choices(self, choices: tuple[Choice, ...]) -> None:
        """Say which signals there are."""
        self.menu.set_choices(choices)

    def set_panes(self, panes: tuple[Pane, ...], axis: Axis) -> None:
        """Replace the curves."""
        if any(pane.curves for pane in panes):
            self.stack.set_filled(True)  # and so it stays: empty panes do not jump
        self.graphics.set_panes(panes, axis)
        shown = _OF_SPECTRUM if axis.domain == "frequency" else _OF_TIME
        for name in sorted((*_OF_SPECTRUM, *_OF_TIME), key=shown.__contains__):
            # Hidden first: all at once would ask for room that the docks then lose.
            self.buttons[name].setVisible(name in shown)

    def set_span(self, start: float, stop: float) -> None:
        """Show these instants or frequencies."""
        self.graphics.set_span(start, stop)

    def refit(self) -> None:
        """Show all of the values in view, whatever part of them was looked at."""
        self.graphics.refit()

    def leave_spectrum(self) -> None:
        """Show the course over time, should the spectrum be shown."""
        self.menu.actions_by_name["spectrum"].setChecked(False)

    def set_source(self, text: str) -> None:
        """Say where the curves come from."""
        self.source.setText(text)

    def set_readout(self, readout: Readout) -> None:
        """Replace the table under the panes."""
        self.readout.set_readout(readout)

    def set_cursors(self, instants: tuple[float, float] | None) -> None:
        """Show both cursors, or hide them."""
        self.graphics.set_cursors(instants)

    def set_run(self, run: str) -> None:
        """Mark the run that is shown."""
        self.run_box.setCurrentIndex(self.run_box.findData(run))
        self.menu.set_run(run)

    def set_progress(self, fraction: float | None, text: str) -> None:
        """Show how far a simulation is, in place of where the curves come from."""
        running = fraction is not None
        self.progress.setVisible(running)
        self.cancel_button.setVisible(running)
        self.running.setVisible(running)
        self.source.setVisible(not running)
        if fraction is not None:
            self.progress.setValue(round(fraction * self.progress.maximum()))
            self.running.setText(text)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self.graphics.set_palette(palette)
        self.readout.set_palette(palette)

    def picture(self) -> Callable[[], bytes]:
        """Take a picture of panes and readout; what is returned encodes it as PNG."""
        image = self.stack.grab().toImage()

        def encoded() -> bytes:
            buffer = QBuffer()
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            QImageWriter(buffer, QByteArray(b"png")).write(image)
            return bytes(buffer.data().data())

        return encoded

    def copy(self) -> None:
        """Put the picture and the readout's text on the clipboard."""
        content = QMimeData()
        content.setData(_OURS, QByteArray(b"1"))
        content.setImageData(self.stack.grab().toImage())
        if self.readout.text:
            content.setText(self.readout.text)
        QGuiApplication.clipboard().setMimeData(content)
        self.copied.emit()

    @staticmethod
    def leave_clipboard() -> None:
        """Leave the copied picture behind as Qt's own when the program ends.

        What Python made, Qt would delete after Python is gone, and crash.
        """
        clipboard = QGuiApplication.clipboard()
        content = clipboard.mimeData()  # none on some systems while it is empty
        if content and content.hasFormat(_OURS):
            clipboard.setImage(clipboard.image())

    def choose_traces(self) -> None:
        """Open the list of traces under its button."""
        place = self.traces_button.mapToGlobal(QPoint(0, self.traces_button.height()))
        self.menu.traces.popup(place)

    def _toolbar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 0)
        bar.setSpacing(4)
        self.traces_button = QToolButton(self)
        self.traces_button.setText("Traces")
        self.traces_button.setToolTip("Add or remove traces (Ctrl+T)")
        self.traces_button.setAccessibleName("Choose traces")
        bar.addWidget(self.run_box)
        bar.addWidget(self.traces_button)
        for name in _ON_TOOLBAR:
            if name == "last":
                bar.addStretch(1)
            action = self.menu.actions_by_name[name]
            action.setIconText(_SHORT.get(name, action.text().replace("&", "")))
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setAccessibleName(action.text().replace("&", ""))
            button.setVisible(name not in _OF_SPECTRUM)  # or they would keep room for themselves
            self.buttons[name] = button
            bar.addWidget(button)
        return bar

    def _caption(self) -> QHBoxLayout:
        self.running = QLabel(self)
        self.running.setProperty("role", "muted")
        self.running.setAccessibleName("Simulation")
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self.source, 1)
        row.addWidget(self.running, 1)
        row.addWidget(self.progress)
        row.addWidget(self.cancel_button)
        return row

    def _connect(self) -> None:
        actions = self.menu.actions_by_name
        self.traces_button.clicked.connect(self.choose_traces)
        self.menu.choose.triggered.connect(self.choose_traces)
        actions["go"].triggered.connect(self._take_focus)
        actions["copy"].triggered.connect(self.copy)
        actions["csv"].triggered.connect(lambda: self.file_wanted.emit("csv"))
        actions["png"].triggered.connect(lambda: self.file_wanted.emit("png"))
        self.graphics.cursors_wanted.connect(lambda: actions["cursors"].setChecked(True))
        self.graphics.fit_wanted.connect(actions["fit"].trigger)

    def _take_focus(self) -> None:
        self.graphics.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_run(self, index: int) -> None:
        self.menu.run_chosen.emit(self.run_box.itemData(index))
