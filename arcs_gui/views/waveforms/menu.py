"""The actions of the waveform panes; menu bar, toolbar and shortcuts share them."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from arcs_gui.presenters.waveforms.transients import RUNS, STEADY
from arcs_gui.presenters.waveforms.viewer import Choice


@dataclass(frozen=True)
class _Command:
    """What an action is called, its keys, and what its tooltip says."""

    title: str
    keys: str
    tip: str
    checkable: bool = False


_COMMANDS = {
    "cursors": _Command("&Cursors", "Ctrl+K", "Two cursors, A and B, with differences", True),
    "measure": _Command("&Measure", "Ctrl+M", "Measure what is in view", True),
    "spectrum": _Command("&FFT", "Ctrl+F", "Spectrum of the whole periods in view", True),
    "log": _Command("FFT: &logarithmic axes", "Ctrl+L", "Both axes in decades", True),
    "hann": _Command(
        "FFT: &Hann window",
        "Ctrl+H",
        "For signals that are not periodic; otherwise rectangular",
        True,
    ),
    "by_unit": _Command("One pane per &unit", "Ctrl+U", "Signals of a unit share a pane", True),
    "defaults": _Command("The &usual traces", "", "Vout, inductor current and switch node"),
    "last": _Command("La&st", "Ctrl+Shift+L", "Show the last periods"),
    "fit": _Command("&All", "Ctrl+Shift+F", "Show the whole run, and all of every pane"),
    "go": _Command("&Go to the waveforms", "Ctrl+G", "Cursors and zoom by keyboard"),
    "csv": _Command("Export &waveforms as CSV…", "Ctrl+Shift+E", "Every sample that is shown"),
    "png": _Command("Export waveforms as &PNG…", "Ctrl+Shift+P", "A picture of the panes"),
    "copy": _Command("Cop&y waveforms", "Ctrl+Shift+W", "The picture, and the readout as text"),
}


class WaveformMenu(QMenu):
    """`run_chosen` carries a run of `RUNS`, `choice_toggled` the name of a signal."""

    run_chosen = Signal(str)
    choice_toggled = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("&Waveforms", parent)
        self.actions_by_name = {name: self._action(c) for name, c in _COMMANDS.items()}
        self.traces = QMenu("&Traces", self)
        self.traces.menuAction().setToolTip("Add or remove traces")
        self.choose = QAction("Choose &traces…", self)
        self.choose.setShortcut(QKeySequence("Ctrl+T"))
        self.runs = QActionGroup(self)
        self._choices: tuple[Choice, ...] = ()
        for key, title, keys in RUNS:
            run = QAction(title, self)
            run.setShortcut(QKeySequence(keys))
            run.setCheckable(True)
            run.setData(key)
            run.setChecked(key == STEADY)
            run.triggered.connect(self._run_command(key))
            self.runs.addAction(run)
        self._fill()

    def set_choices(self, choices: tuple[Choice, ...]) -> None:
        """Say which signals there are; those that are shown are checked."""
        if [c.name for c in choices] != [c.name for c in self._choices]:
            self._list(choices)
        self._choices = choices
        shown = {choice.name: choice.shown for choice in choices}
        for action in self.traces.actions():
            if action.data() in shown:
                action.setChecked(shown[action.data()])

    def set_run(self, run: str) -> None:
        """Mark a run."""
        for action in self.runs.actions():
            action.setChecked(action.data() == run)

    def _fill(self) -> None:
        by_name = self.actions_by_name
        self.addActions(self.runs.actions())
        self.addSeparator()
        self.addMenu(self.traces)
        self.addActions([self.choose, by_name["by_unit"]])
        self.addSeparator()
        self.addActions([by_name[n] for n in ("cursors", "measure", "spectrum", "log", "hann")])
        self.addSeparator()
        self.addActions([by_name[n] for n in ("last", "fit", "go")])
        self.addSeparator()
        self.addActions([by_name[n] for n in ("csv", "png", "copy")])

    def _list(self, choices: tuple[Choice, ...]) -> None:
        self.traces.clear()
        for title, letter in (("Voltages", "v"), ("Currents", "i")):
            self.traces.addSection(title)
            for choice in choices:
                if choice.name.startswith(letter):
                    action = self.traces.addAction(choice.title)
                    action.setCheckable(True)
                    action.setData(choice.name)
                    action.triggered.connect(self._toggle_command(choice.name))
        self.traces.addSeparator()
        self.traces.addAction(self.actions_by_name["defaults"])

    def _toggle_command(self, name: str) -> Callable[[bool], None]:
        return lambda _checked: self.choice_toggled.emit(name)

    def _run_command(self, key: str) -> Callable[[bool], None]:
        return lambda _checked: self.run_chosen.emit(key)

    def _action(self, command: _Command) -> QAction:
        action = QAction(command.title, self)
        action.setCheckable(command.checkable)
        keys = f" ({command.keys})" if command.keys else ""
        action.setToolTip(f"{command.tip}{keys}")
        if command.keys:
            action.setShortcut(QKeySequence(command.keys))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        return action
