"""The main window: it holds the panels, the menus and the messages."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QGuiApplication,
    QKeySequence,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QDockWidget,
    QFileDialog,
    QLabel,
    QMainWindow,
    QSplitter,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from arcs_engine.circuits.spec import AUTO
from arcs_gui.ports import RunSummary
from arcs_gui.presenters.messages import Fix
from arcs_gui.presenters.spec.form import EXAMPLES, topology_choices, variant_choices
from arcs_gui.theme.apply import Choice, Theme
from arcs_gui.theme.palette import Palette
from arcs_gui.views.about import AboutDialog, ShortcutsDialog
from arcs_gui.views.analyses.analyses import AnalysesPanel
from arcs_gui.views.closing import ClosingQuestion
from arcs_gui.views.designs.candidates import CandidatesPanel
from arcs_gui.views.designs.comparison import ComparisonPanel
from arcs_gui.views.designs.details import DetailsPanel
from arcs_gui.views.designs.gallery import GalleryPanel
from arcs_gui.views.designs.headline import HeadlinePanel
from arcs_gui.views.designs.pareto import ParetoPanel
from arcs_gui.views.dock_shares import DockShares, Share
from arcs_gui.views.log_panel import LogPanel
from arcs_gui.views.loop.loop import LoopPanel
from arcs_gui.views.on_screen import OnScreen
from arcs_gui.views.remembered import Remembered
from arcs_gui.views.runs.runs_panel import RunsPanel
from arcs_gui.views.schematic.inspector import InspectorPanel
from arcs_gui.views.schematic.schematic import SchematicPanel
from arcs_gui.views.spec.spec_panel import SpecPanel
from arcs_gui.views.waveforms.waveforms import WaveformsPanel
from arcs_gui.widgets.banner import Banner
from arcs_gui.widgets.scroll_past import ScrollPast
from arcs_gui.widgets.shrinkable import Shrinkable

_SIZE = QSize(1440, 900)
_LOW = 600
"""Height of a screen on which, at the first start, nothing stands under the waveforms."""
_LAYOUT_VERSION = 5
_LEFT, _RIGHT, _BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)
_RUNNING = {
    "prepare": "preparing",
    "model": "proposing",
    "ngspice": "ngspice",
    "compare": "comparing",
    "analyse": "analysing",
    "loop": "closing the loop",
    "transient": "transient",
}
"""What the status bar says of work that takes long enough to be read."""
_TABS = (
    ("Runs", "Log"),
    ("Runs", "Analyses"),
    ("Runs", "Loop"),
    ("Candidates", "Trade-off"),
    ("Candidates", "Comparison"),
    ("Candidates", "Topologies"),
    ("Details", "Part"),
)
"""Which docks lie behind which."""
_SHARES = {
    "Spec": Share(width=280 / 1440),
    "Candidates": Share(width=616 / 1440, height=372 / 900),
    "Details": Share(width=616 / 1440, height=424 / 900),
    "Runs": Share(height=234 / 900),
}
"""What the docks have of the window's width and height, unless the user has changed it."""
_PANEL_KEYS = (*(f"Ctrl+{number % 10}" for number in range(1, 11)), "Ctrl+B")
"""They go to the docks, in the order in which these are made; B is for the Bode plot."""
_CHILDREN_ALONE = Qt.FindChildOption.FindDirectChildrenOnly
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
    waveforms_chosen = Signal(Path, str)
    copy_wanted = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()
    revert_wanted = Signal()
    rest_wanted = Signal()
    pin_wanted = Signal()
    next_wanted = Signal(int)
    closing = Signal()

    def __init__(self, theme: Theme, remembered: Remembered) -> None:
        super().__init__()
        self.setWindowTitle("ARCS")
        self.resize(_SIZE)
        self._theme = theme
        self._remembered = remembered
        self.export_name: Callable[[], str] = lambda: "design"
        self.runs_at_work: Callable[[], tuple[RunSummary, ...]] = tuple
        self.native_dialogs = True
        self._question: ClosingQuestion | None = None
        self._leaving = False
        palette = theme.palette
        self.spec = SpecPanel(topology_choices(), variant_choices(), EXAMPLES)
        self.candidates = CandidatesPanel(palette)
        self.details = DetailsPanel(palette)
        self.inspector = InspectorPanel()
        self.pareto = ParetoPanel(palette)
        self.comparison = ComparisonPanel(palette)
        self.gallery = GalleryPanel(palette)
        self.analyses = AnalysesPanel(palette)
        self.loop = LoopPanel(palette)
        self.headline = HeadlinePanel()
        self.schematic = SchematicPanel(palette)
        self.waveforms = WaveformsPanel(palette)
        self.jobs = RunsPanel(palette)
        self.log = LogPanel()
        self.banner = Banner()
        self.status = QLabel()
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setAccessibleName("Status")
        self.statusBar().addWidget(self.status, 1)
        self.working = QLabel()
        self.working.setAccessibleName("What is running")
        self.statusBar().addPermanentWidget(self.working)
        self._fix: Fix | None = None
        self.banner.fix_wanted.connect(self._on_fix)
        self.docks: dict[str, QDockWidget] = {}
        self._lay_out()
        self._shares = DockShares(self, self.docks, _SHARES)
        OnScreen(self)
        self._add_menus()
        ScrollPast(self)
        theme.changed.connect(self._on_palette)
        self._default_state = self.saveState(_LAYOUT_VERSION)
        self._restore()

    def set_status(self, text: str) -> None:
        """Say what is going on, in a few words."""
        self.status.setText(text)

    def set_working(self, lanes: tuple[str, ...]) -> None:
        """Say what is running in the background."""
        self.working.setText(", ".join(_RUNNING[lane] for lane in lanes if lane in _RUNNING))

    def show_error(self, text: str, fix: Fix | None = None) -> None:
        """Show what went wrong until it is dismissed or solved, and offer what may mend it."""
        self._fix = fix
        self.banner.show_text(text, "" if fix is None else fix.title)

    def clear_error(self) -> None:
        """Take the banner away."""
        self.banner.clear()

    def set_export_enabled(self, enabled: bool) -> None:
        """Say whether there is a design to export."""
        for action in (*self.export_actions, self.copy_action):
            action.setEnabled(enabled)

    def set_rest_enabled(self, enabled: bool) -> None:
        """Say whether some values are locked, so that the rest can be proposed."""
        self.inspector.set_rest_enabled(enabled)
        self.rest_action.setEnabled(enabled)

    def set_history(self, undo: str, redo: str, *, can_revert: bool) -> None:
        """Say what undo and redo would do; empty where there is nothing."""
        self.undo_action.setText(f"&Undo {undo}".rstrip())
        self.undo_action.setEnabled(bool(undo))
        self.redo_action.setText(f"&Redo {redo}".rstrip())
        self.redo_action.setEnabled(bool(redo))
        self.revert_action.setEnabled(can_revert)
        self.inspector.set_can_revert(can_revert)

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard."""
        QGuiApplication.clipboard().setText(text)

    def leave(self) -> None:
        """Close without a question: somebody has answered it, or there is nobody to ask."""
        self._leaving = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout and the form, and end what runs, if the user agrees."""
        at_work = () if self._leaving else self.runs_at_work()
        if at_work:
            event.ignore()
            self._ask_about(at_work)
            return
        for dialog in self.findChildren(QDialog):
            dialog.close()
        self._remembered.set_bytes("geometry", self.saveGeometry())
        self._remembered.set_bytes("layout", self.saveState(_LAYOUT_VERSION))
        self._remembered.shares = self._shares.shares
        self._remembered.form = self.spec.texts
        self.waveforms.leave_clipboard()
        self.hide()
        self.closing.emit()
        super().closeEvent(event)

    def _ask_about(self, at_work: tuple[RunSummary, ...]) -> None:
        """Ask once, whether to stop runs and close; asked again, bring the question forward."""
        if self._question is None:
            self._question = ClosingQuestion(at_work, self)
            self._question.accepted.connect(self.leave)
            self._question.finished.connect(self._forget_question)
            self._question.open()
        self._question.activateWindow()

    @Slot()
    def _forget_question(self) -> None:
        self._question = None

    def showEvent(self, event: QShowEvent) -> None:
        """Show the window; its docks have their places then."""
        super().showEvent(event)
        if not event.spontaneous():
            self._hide_stray_tabs()

    def _hide_stray_tabs(self) -> None:
        """Hide rows of tabs that do not stand under their dock.

        Qt tries a layout before it takes it, with tab bars of its own; those of the layouts that
        were not taken stay visible where the docks would have been (Qt 6.11).
        """
        for tabs in self.findChildren(QTabBar, options=_CHILDREN_ALONE):
            dock = self.docks.get(tabs.tabText(tabs.currentIndex()))
            if dock is None:
                continue
            below = dock.geometry().bottomLeft() + QPoint(0, 1)
            if tabs.geometry().topLeft() != below:
                tabs.hide()

    def _lay_out(self) -> None:
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomLeftCorner, _BOTTOM)
        self.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self._add_dock("Spec", self.spec, _LEFT)
        self._add_dock("Candidates", self.candidates, _RIGHT)
        self._add_dock("Details", self.details, _RIGHT)
        self._add_dock("Runs", self.jobs, _BOTTOM)
        self._add_dock("Log", self.log, _BOTTOM)
        self._add_dock("Part", self.inspector, _RIGHT)
        self._add_dock("Trade-off", self.pareto, _RIGHT)
        self._add_dock("Comparison", self.comparison, _RIGHT)
        self._add_dock("Topologies", self.gallery, _RIGHT)
        self._add_dock("Analyses", self.analyses, _BOTTOM)
        self._add_dock("Loop", self.loop, _BOTTOM)
        for front, behind in _TABS:
            self.tabifyDockWidget(self.docks[front], self.docks[behind])
        for front in dict.fromkeys(front for front, _ in _TABS):
            self.docks[front].raise_()
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(8)
        splitter.addWidget(self.schematic)
        splitter.addWidget(Shrinkable(self.waveforms))
        splitter.setSizes([300, 400])
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.banner)
        layout.addWidget(self.headline)
        layout.addWidget(splitter, 1)
        self.setCentralWidget(centre)

    def _add_dock(self, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> None:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock-{title.lower()}")  # what saveState knows it by
        # The form scrolls by itself; its buttons stay.
        dock.setWidget(panel if panel is self.spec else Shrinkable(panel))
        self.addDockWidget(area, dock)
        self.docks[title] = dock

    def _add_menus(self) -> None:
        files = self.menuBar().addMenu("&File")
        self.export_actions = [
            self._action("&Export netlist…", "Ctrl+E", lambda: self._ask_where("ngspice")),
            self._action("Export netlist for &LTspice…", "", lambda: self._ask_where("ltspice")),
        ]
        files.addActions(self.export_actions)
        self.copy_action = self._action("&Copy netlist", "Ctrl+Shift+C", self.copy_wanted.emit)
        files.addAction(self.copy_action)
        self.set_export_enabled(False)
        files.addSeparator()
        files.addAction(self._action("&Quit", "Ctrl+Q", self.close))
        self._add_edit_menu()
        design = self.menuBar().addMenu("&Design")
        design.addAction(self._action("&Propose", "Ctrl+Return", self.spec.propose_button.click))
        design.addAction(self._action("&Cancel the proposal", "Esc", self.spec.cancel_button.click))
        self.rest_action = self._action("Propose the &rest", "Ctrl+R", self.rest_wanted.emit)
        design.addAction(self.rest_action)
        design.addSeparator()
        design.addAction(self._action("Pi&n, or unpin", "Ctrl+D", self.pin_wanted.emit))
        for title, keys, step in (
            ("Ne&xt design", "Alt+Down", 1),
            ("Pre&vious design", "Alt+Up", -1),
        ):
            design.addAction(self._action(title, keys, partial(self.next_wanted.emit, step)))
        self.set_rest_enabled(False)
        self.menuBar().addMenu(self.waveforms.menu)
        self.waveforms.file_wanted.connect(self._ask_where_waveforms)
        self._add_view_menu()
        help_menu = self.menuBar().addMenu("&Help")
        shortcuts = self._action("&Keyboard shortcuts", "F1", self._show_shortcuts)
        shortcuts.setShortcuts([QKeySequence("F1"), QKeySequence("Ctrl+/")])
        help_menu.addAction(shortcuts)
        help_menu.addAction(self._action("&About ARCS", "", lambda: AboutDialog(self).open()))

    def _add_edit_menu(self) -> None:
        edit = self.menuBar().addMenu("&Edit")
        self.undo_action = self._action("&Undo", "Ctrl+Z", self.undo_wanted.emit)
        self.redo_action = self._action("&Redo", "Ctrl+Shift+Z", self.redo_wanted.emit)
        self.revert_action = self._action(
            "Re&vert to the proposed values", "Ctrl+Shift+R", self.revert_wanted.emit
        )
        edit.addActions([self.undo_action, self.redo_action, self.revert_action])
        self.set_history("", "", can_revert=False)

    def show_part(self) -> None:
        """Bring the part that was picked into view."""
        if self.docks["Part"].isVisible():
            self.docks["Part"].raise_()

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
        for keys, (title, dock) in zip(_PANEL_KEYS, self.docks.items(), strict=True):
            go = self._action(f"Go to {title.lower()}", keys, partial(_go_to, dock))
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
        panels = (
            self.candidates,
            self.details,
            self.pareto,
            self.comparison,
            self.gallery,
            self.analyses,
            self.loop,
            self.schematic,
            self.waveforms,
            self.jobs,
        )
        for panel in panels:
            panel.set_palette(palette)

    def _on_fix(self) -> None:
        fix = self._fix
        self.clear_error()
        if fix is None:
            return
        match fix.kind:
            case "copy":
                self.copy_text(fix.text)
                self.set_status(f"Copied: {fix.text}")
            case "export":
                self._ask_where("ngspice")
            case "auto":
                self.spec.choose_topology(AUTO)

    def _ask_where(self, dialect: str) -> None:
        kinds = "SPICE netlists (*.cir *.net *.sp)"
        dialog = self._save_dialog("Export netlist", kinds, "cir")
        dialog.fileSelected.connect(lambda path: self.export_chosen.emit(Path(path), dialect))
        dialog.open()

    def _ask_where_waveforms(self, kind: str) -> None:
        dialog = self._save_dialog("Export waveforms", f"{kind.upper()} (*.{kind})", kind)
        dialog.fileSelected.connect(lambda path: self.waveforms_chosen.emit(Path(path), kind))
        dialog.open()

    def _save_dialog(self, title: str, kinds: str, suffix: str) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([kinds, "All files (*)"])
        dialog.setDefaultSuffix(suffix)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not self.native_dialogs)
        dialog.selectFile(f"{self.export_name()}.{suffix}")
        return dialog

    def _show_shortcuts(self) -> None:
        ShortcutsDialog(self.findChildren(QAction), self).open()

    def _restore(self) -> None:
        geometry, layout = self._remembered.bytes("geometry"), self._remembered.bytes("layout")
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)
        if not layout.isEmpty():
            self.restoreState(layout, _LAYOUT_VERSION)
        elif self.screen().availableGeometry().height() < _LOW:
            for dock in self.findChildren(QDockWidget):
                if self.dockWidgetArea(dock) == _BOTTOM:
                    dock.hide()
        self._shares.set_shares(self._remembered.shares)
        self.spec.set_texts(self._remembered.form)

    def _reset_layout(self) -> None:
        self.restoreState(QByteArray(self._default_state), _LAYOUT_VERSION)
        self._shares.set_shares(_SHARES)


def _go_to(dock: QDockWidget) -> None:
    dock.show()
    dock.raise_()
    target: QWidget | None = dock.widget()
    while target is not None and target.focusPolicy() == Qt.FocusPolicy.NoFocus:
        target = target.nextInFocusChain()
    if target is not None:
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
