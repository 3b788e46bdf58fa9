"""The main window: it holds the panels, the menus and the messages."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QDockWidget,
    QFileDialog,
    QLabel,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.spec_form import EXAMPLES, topology_choices
from arcs_gui.theme.apply import Choice, Theme
from arcs_gui.theme.palette import Palette
from arcs_gui.views.about import AboutDialog, ShortcutsDialog
from arcs_gui.views.candidates import CandidatesPanel
from arcs_gui.views.details import DetailsPanel
from arcs_gui.views.jobs_panel import JobsPanel
from arcs_gui.views.log_panel import LogPanel
from arcs_gui.views.remembered import Remembered
from arcs_gui.views.schematic import SchematicPanel
from arcs_gui.views.spec_panel import SpecPanel
from arcs_gui.views.waveforms import WaveformsPanel
from arcs_gui.widgets.banner import Banner

_LAYOUT_VERSION = 1
_LEFT, _RIGHT, _BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)
_THEMES: tuple[tuple[Choice, str], ...] = (
    ("system", "As the system"),
    ("light", "Light"),
    ("dark", "Dark"),
)


class MainWindow(QMainWindow):
    """Docks around the schematic and the waveforms.

    `export_chosen` carries the path and the dialect; `closing` comes before the window goes.
    """

    export_chosen = Signal(Path, str)
    closing = Signal()

    def __init__(self, theme: Theme, remembered: Remembered) -> None:
        super().__init__()
        self.setWindowTitle("ARCS")
        self.resize(1440, 900)
        self._theme = theme
        self._remembered = remembered
        self.export_name: Callable[[], str] = lambda: "design"
        self.native_dialogs = True
        palette = theme.palette
        self.spec = SpecPanel(topology_choices(), EXAMPLES)
        self.candidates = CandidatesPanel(palette)
        self.details = DetailsPanel(palette)
        self.schematic = SchematicPanel()
        self.waveforms = WaveformsPanel(palette)
        self.jobs = JobsPanel(palette)
        self.log = LogPanel()
        self.banner = Banner()
        self.status = QLabel()
        self.status.setAccessibleName("Status")
        self.statusBar().addWidget(self.status, 1)
        self.docks: dict[str, QDockWidget] = {}
        self._lay_out()
        self._add_menus()
        theme.changed.connect(self._on_palette)
        self._default_state = self.saveState(_LAYOUT_VERSION)
        self._restore()

    def set_status(self, text: str) -> None:
        """Say what is going on, in a few words."""
        self.status.setText(text)

    def show_error(self, text: str) -> None:
        """Show what went wrong until it is dismissed or solved."""
        self.banner.show_text(text)

    def clear_error(self) -> None:
        """Take the banner away."""
        self.banner.clear()

    def set_export_enabled(self, enabled: bool) -> None:
        """Say whether there is a design to export."""
        for action in self.export_actions:
            action.setEnabled(enabled)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout and the form, and end what runs."""
        self._remembered.set_bytes("geometry", self.saveGeometry())
        self._remembered.set_bytes("layout", self.saveState(_LAYOUT_VERSION))
        self._remembered.form = self.spec.texts
        self.hide()
        self.closing.emit()
        super().closeEvent(event)

    def _lay_out(self) -> None:
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomLeftCorner, _BOTTOM)
        self.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self._add_dock("Spec", self.spec, _LEFT)
        self._add_dock("Candidates", self.candidates, _RIGHT)
        self._add_dock("Details", self.details, _RIGHT)
        self._add_dock("Jobs", self.jobs, _BOTTOM)
        self._add_dock("Log", self.log, _BOTTOM)
        self.tabifyDockWidget(self.docks["Jobs"], self.docks["Log"])
        self.docks["Jobs"].raise_()
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(8)
        splitter.addWidget(self.schematic)
        splitter.addWidget(self.waveforms)
        splitter.setSizes([300, 400])
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.banner)
        layout.addWidget(splitter, 1)
        self.setCentralWidget(centre)
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self.resizeDocks([self.docks["Spec"], self.docks["Candidates"]], [280, 568], horizontal)
        self.resizeDocks([self.docks["Candidates"], self.docks["Details"]], [296, 500], vertical)
        self.resizeDocks([self.docks["Jobs"]], [200], vertical)

    def _add_dock(self, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> None:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock-{title.lower()}")  # what saveState knows it by
        dock.setWidget(panel)
        self.addDockWidget(area, dock)
        self.docks[title] = dock

    def _add_menus(self) -> None:
        files = self.menuBar().addMenu("&File")
        self.export_actions = [
            self._action("&Export netlist…", "Ctrl+E", lambda: self._ask_where("ngspice")),
            self._action("Export netlist for &LTspice…", "", lambda: self._ask_where("ltspice")),
        ]
        files.addActions(self.export_actions)
        self.set_export_enabled(False)
        files.addSeparator()
        files.addAction(self._action("&Quit", "Ctrl+Q", self.close))
        design = self.menuBar().addMenu("&Design")
        design.addAction(self._action("&Propose", "Ctrl+Return", self.spec.propose_button.click))
        design.addAction(self._action("&Cancel the proposal", "Esc", self.spec.cancel_button.click))
        self._add_view_menu()
        help_menu = self.menuBar().addMenu("&Help")
        help_menu.addAction(self._action("&Keyboard shortcuts", "F1", self._show_shortcuts))
        help_menu.addAction(self._action("&About ARCS", "", lambda: AboutDialog(self).open()))

    def _add_view_menu(self) -> None:
        view = self.menuBar().addMenu("&View")
        themes = view.addMenu("&Theme")
        group = QActionGroup(self)
        for choice, title in _THEMES:
            action = self._action(title, "", partial(self._choose_theme, choice))
            action.setCheckable(True)
            action.setChecked(choice == self._remembered.theme)
            group.addAction(action)
            themes.addAction(action)
        view.addSeparator()
        for number, (title, dock) in enumerate(self.docks.items(), start=1):
            go = self._action(f"Go to {title.lower()}", f"Ctrl+{number}", partial(_go_to, dock))
            view.addAction(go)
        view.addSeparator()
        panels = view.addMenu("&Panels")
        panels.addActions([dock.toggleViewAction() for dock in self.docks.values()])
        view.addAction(self._action("&Reset the layout", "", self._reset_layout))

    def _action(self, title: str, shortcut: str, do: Callable[[], object]) -> QAction:
        action = QAction(title, self)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(lambda _checked=False: do())
        return action

    def _choose_theme(self, choice: Choice) -> None:
        self._remembered.theme = choice
        self._theme.choose(choice)

    def _on_palette(self, palette: Palette) -> None:
        for panel in (self.candidates, self.details, self.waveforms, self.jobs):
            panel.set_palette(palette)

    def _ask_where(self, dialect: str) -> None:
        dialog = QFileDialog(self, "Export netlist")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["SPICE netlists (*.cir *.net *.sp)", "All files (*)"])
        dialog.setDefaultSuffix("cir")
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not self.native_dialogs)
        dialog.selectFile(f"{self.export_name()}.cir")
        dialog.fileSelected.connect(lambda path: self.export_chosen.emit(Path(path), dialect))
        dialog.open()

    def _show_shortcuts(self) -> None:
        ShortcutsDialog(self.findChildren(QAction), self).open()

    def _restore(self) -> None:
        geometry, layout = self._remembered.bytes("geometry"), self._remembered.bytes("layout")
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)
        if not layout.isEmpty():
            self.restoreState(layout, _LAYOUT_VERSION)
        self.spec.set_texts(self._remembered.form)

    def _reset_layout(self) -> None:
        self.restoreState(QByteArray(self._default_state), _LAYOUT_VERSION)


def _go_to(dock: QDockWidget) -> None:
    dock.show()
    dock.raise_()
    target: QWidget | None = dock.widget()
    while target is not None and target.focusPolicy() == Qt.FocusPolicy.NoFocus:
        target = target.nextInFocusChain()
    if target is not None:
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
