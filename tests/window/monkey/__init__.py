"""A user who does anything: ``python -m tests.window.monkey --actions 500 --seeds 20``.

Random actions on the real window with the real engine. An exception that nobody caught or a
warning of Qt's is a finding; a run without findings ends with 0. With ``--minutes 20`` one window
is used that long, and that its memory grows or comes to more than the limit is a finding too.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from arcs_gui.event_loop.offscreen import PLATFORM

os.environ.setdefault("QT_QPA_PLATFORM", PLATFORM)

from pyqtgraph import GraphicsView
from PySide6.QtCore import (
    QEventLoop,
    QMessageLogContext,
    QPoint,
    QPointF,
    QSettings,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QMenu

from arcs_engine.learning.jobs.runs import RunStore
from arcs_gui.app import Desktop
from arcs_gui.bench import memory_now, most_memory
from arcs_gui.engine_process.process import EngineProcess
from arcs_gui.engine_process.services import remote_services
from arcs_gui.ports import Analyst, Engine, Runs
from arcs_gui.run_folders import WorkerRuns
from arcs_gui.theme import Theme
from arcs_gui.views.main_window import MainWindow

LONGEST_PAUSE_MS = 30
MOST_MEMORY = 1.2e9
"""Bytes that the window and the engine may come to."""

MOST_GROWTH = 0.05
"""Share by which the second half of a session may have more memory than the first."""

_TYPED = ("12", "5 V", "3V3", "9..36", "12 ± 10%", "x", "", "1M", "300k", "-4", "0", "1e9", "µ")
_VALUES = ("22u", "4R7", "10m", "47 µF", "1", "nonsense", "0", "1:1", "")
_NOT_PRESSED = ("Quit", "Export netlist", "LTspice", "Open", "Save")
"""Actions that end the session, or ask the system for a file."""

_OFFSCREEN = ("does not support",)
"""What Qt says of its offscreen platform, which has no window manager."""


class Findings:
    """Exceptions and warnings, with the action that they came after."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.last_action = "start"

    def on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Take in an exception that nobody caught."""
        self.lines.append(f"after '{self.last_action}': {kind.__name__}: {error}")
        sys.__excepthook__(kind, error, trace)

    def on_message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        """Take in a message of Qt's."""
        del context
        if kind != QtMsgType.QtDebugMsg and not any(part in text for part in _OFFSCREEN):
            self.lines.append(f"after '{self.last_action}': Qt: {text}")


class Monkey:
    """Acts at random on one window; the same seed acts the same."""

    def __init__(self, window: MainWindow, seed: int, findings: Findings) -> None:
        self._window = window
        self._chance = random.Random(seed)
        self._findings = findings
        self._acts: tuple[tuple[str, int, Callable[[], None]], ...] = (
            ("type into the spec", 4, self._type_spec),
            ("step a field", 3, self._step_field),
            ("choose in the spec", 2, self._choose),
            ("move the slider", 2, self._slide),
            ("propose", 2, window.spec.propose_button.click),
            ("cancel", 1, window.spec.cancel_button.click),
            ("pick a candidate", 4, self._pick_candidate),
            ("click the schematic", 4, self._click_schematic),
            ("turn the wheel", 6, self._turn_wheel),
            ("drag", 3, self._drag),
            ("press a key on the schematic", 4, self._press_key),
            ("type a value", 2, self._type_value),
            ("click in the inspector", 3, self._click_inspector),
            ("sort", 1, self._sort),
            ("look at an analysis", 1, self._analyse),
            ("press a key on the waveforms", 2, self._press_key_on_waveforms),
            ("point at the plots", 2, self._point),
            ("trigger an action", 5, self._trigger),
            ("raise a dock", 3, self._raise_dock),
            ("resize", 1, self._resize),
        )

    def act(self) -> None:
        """Do one thing, and let the window live a moment."""
        weights = [weight for _, weight, _ in self._acts]
        name, _, do = self._chance.choices(self._acts, weights)[0]
        self._findings.last_action = name
        do()
        live(self._chance.randint(0, LONGEST_PAUSE_MS))
        self._close_what_opened()

    def _type_spec(self) -> None:
        field = self._chance.choice(list(self._window.spec.fields.values()))
        field.edit.selectAll()
        QTest.keyClicks(field.edit, self._chance.choice(_TYPED))

    def _step_field(self) -> None:
        field = self._chance.choice(list(self._window.spec.fields.values()))
        key = self._chance.choice((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageDown))
        QTest.keyClick(field.edit, key)

    def _choose(self) -> None:
        spec = self._window.spec
        box = self._chance.choice((spec.topology, spec.polarity, spec.variant))
        if self._chance.random() < 0.3:
            actions = spec.examples.menu().actions()
            self._chance.choice(actions).trigger()
        else:
            box.setCurrentIndex(self._chance.randrange(box.count()))

    def _slide(self) -> None:
        slider = self._window.spec.weight
        slider.setValue(self._chance.randint(slider.minimum(), slider.maximum()))

    def _pick_candidate(self) -> None:
        table = self._window.candidates.table
        count = self._window.candidates.model.rowCount()
        if count:
            table.selectRow(self._chance.randrange(count))

    def _place(self) -> QPoint:
        picture = self._window.schematic.picture
        parts = list(picture.lines)
        if parts and self._chance.random() < 0.8:
            return picture.bounds_of(self._chance.choice(parts)).center().toPoint()
        return QPoint(
            self._chance.randrange(max(1, picture.width())),
            self._chance.randrange(max(1, picture.height())),
        )

    def _click_schematic(self) -> None:
        picture = self._window.schematic.picture
        QTest.mouseClick(
            picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self._place()
        )

    def _turn_wheel(self) -> None:
        picture = self._window.schematic.picture
        place = QPointF(self._place())
        if picture.selected and self._chance.random() < 0.5:
            place = picture.bounds_of(picture.selected).center()
        control = Qt.KeyboardModifier.ControlModifier
        event = QWheelEvent(
            place,
            picture.mapToGlobal(place),
            QPoint(),
            QPoint(0, 120 * self._chance.randint(-4, 4)),
            Qt.MouseButton.NoButton,
            self._chance.choice((Qt.KeyboardModifier.NoModifier, control)),
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(picture, event)

    def _drag(self) -> None:
        picture, left = self._window.schematic.picture, Qt.MouseButton.LeftButton
        none, start = Qt.KeyboardModifier.NoModifier, self._place()
        QTest.mousePress(picture, left, none, start)
        end = start
        for _ in range(self._chance.randint(1, 6)):
            end = end + QPoint(0, self._chance.randint(-20, 20))
            QTest.mouseMove(picture, end)
            live(1)
        QTest.mouseRelease(picture, left, none, end)

    def _press_key(self) -> None:
        keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
        shift = Qt.KeyboardModifier.ShiftModifier
        modifier = self._chance.choice((Qt.KeyboardModifier.NoModifier, shift))
        QTest.keyClick(self._window.schematic.picture, self._chance.choice(keys), modifier)

    def _type_value(self) -> None:
        editors = list(self._window.inspector.editors.values())
        if editors:
            edit = self._chance.choice(editors).edit
            edit.selectAll()
            QTest.keyClicks(edit, self._chance.choice(_VALUES))
            QTest.keyClick(edit, Qt.Key.Key_Return)

    def _click_inspector(self) -> None:
        inspector = self._window.inspector
        buttons: list[QAbstractButton] = [inspector.rest_button, inspector.revert_button]
        for editor in inspector.editors.values():
            buttons += [editor.up, editor.down, editor.lock, editor.whole]
        self._chance.choice(buttons).click()

    def _analyse(self) -> None:
        tabs = self._window.analyses.tabs
        self._window.docks["Analyses"].raise_()
        tabs.setCurrentIndex(self._chance.randrange(tabs.count()))

    def _press_key_on_waveforms(self) -> None:
        keys = "AB+-"
        QTest.keyClicks(self._window.waveforms.graphics, self._chance.choice(keys))

    def _point(self) -> None:
        plots = self._window.findChildren(GraphicsView)
        seen = [plot.viewport() for plot in plots if plot.isVisible()]
        if not seen:
            return
        port = self._chance.choice(seen)
        place = QPoint(
            self._chance.randrange(max(1, port.width())),
            self._chance.randrange(max(1, port.height())),
        )
        QTest.mouseMove(port, place)
        if self._chance.random() < 0.5:
            QTest.mouseClick(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

    def _sort(self) -> None:
        table = self._window.candidates.table
        orders = (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder)
        column = self._chance.randrange(self._window.candidates.model.columnCount())
        table.sortByColumn(column, self._chance.choice(orders))

    def _trigger(self) -> None:
        actions = [
            action
            for action in _leaves(self._window.menuBar().actions())
            if not any(part in action.text().replace("&", "") for part in _NOT_PRESSED)
        ]
        chosen = self._chance.choice(actions)
        self._findings.last_action = f"action {chosen.text()}"
        chosen.trigger()

    def _raise_dock(self) -> None:
        dock = self._chance.choice(list(self._window.docks.values()))
        dock.show()
        dock.raise_()

    def _resize(self) -> None:
        self._window.resize(self._chance.randint(900, 1920), self._chance.randint(640, 1200))

    def _close_what_opened(self) -> None:
        for kind in (QDialog, QMenu):
            for opened in self._window.findChildren(kind):
                if opened.isVisible():
                    opened.close()


def _leaves(actions: list[QAction]) -> Iterator[QAction]:
    """Yield the actions of menus and of the menus in them."""
    for action in actions:
        menu = action.menu()
        if isinstance(menu, QMenu):
            yield from _leaves(menu.actions())
        elif action.text():
            yield action


def session(
    engine: Engine,
    analyst: Analyst,
    runs: Runs,
    theme: Theme,
    folder: Path,
    seed: int,
    use: Callable[[Monkey], None],
) -> list[str]:
    """Let one monkey use one window; return the findings."""
    findings = Findings()
    before = sys.excepthook
    sys.excepthook = findings.on_exception
    messages = qInstallMessageHandler(findings.on_message)
    try:
        settings = QSettings(str(folder / f"monkey-{seed}.ini"), QSettings.Format.IniFormat)
        desktop = Desktop(engine, analyst, runs, theme, settings)
        desktop.window.native_dialogs = False
        desktop.show()
        use(Monkey(desktop.window, seed, findings))
        findings.last_action = "close"
        desktop.window.leave()
        desktop.window.deleteLater()
        desktop.deleteLater()
        live(0)
    finally:
        sys.excepthook = before
        qInstallMessageHandler(messages)
    return findings.lines


def some(actions: int) -> Callable[[Monkey], None]:
    """Return a use that is a number of actions."""

    def use(monkey: Monkey) -> None:
        for _ in range(actions):
            monkey.act()

    return use


class Soak:
    """A use that is a number of minutes, with a look at the memory every minute."""

    def __init__(
        self, minutes: int, say: Callable[[str], None], memory: Callable[[], float]
    ) -> None:
        self._memory = memory
        self._minutes = minutes
        self._say = say
        self.bytes: list[float] = []

    def __call__(self, monkey: Monkey) -> None:
        """Act until the time is over."""
        began, actions = time.monotonic(), 0
        for minute in range(1, self._minutes + 1):
            while time.monotonic() - began < 60 * minute:
                monkey.act()
                actions += 1
            self.bytes.append(self._memory())
            self._say(f"minute {minute}: {actions} actions, {self.bytes[-1] / 1e6:.0f} MB")

    @property
    def findings(self) -> list[str]:
        """What is wrong with the memory."""
        return memory_findings(self.bytes)


def memory_findings(looks: Sequence[float]) -> list[str]:
    """Return what is wrong with the memory of a session, bytes at even intervals.

    The first third warms up: libraries are loaded and each topology is looked at for the first
    time. The rest must not grow from its first to its second half.
    """
    lines = []
    settled = looks[len(looks) // 3 :]
    half = len(settled) // 2
    if half:
        before, after = statistics.fmean(settled[:half]), statistics.fmean(settled[half:])
        if after > before * (1 + MOST_GROWTH):
            lines.append(f"memory grows: {before / 1e6:.0f} MB, later {after / 1e6:.0f} MB")
    if max(looks, default=0.0) > MOST_MEMORY:
        lines.append(f"memory: {max(looks) / 1e6:.0f} MB, more than {MOST_MEMORY / 1e6:.0f} MB")
    return lines


def live(milliseconds: int) -> None:
    """Let the window live."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main(arguments: list[str] | None = None) -> int:
    """Run the sessions; say what was found; 1 when anything was."""
    parser = argparse.ArgumentParser(prog="python -m tests.window.monkey", description=__doc__)
    parser.add_argument("--actions", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--minutes", type=int, help="use one window that long")
    chosen = parser.parse_args(arguments)
    application = QApplication([])
    theme = Theme(application)
    process = EngineProcess()
    engine, analyst = remote_services(process)
    found = 0
    seeds = 1 if chosen.minutes else chosen.seeds
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for seed in range(chosen.first_seed, chosen.first_seed + seeds):
            runs = WorkerRuns(RunStore(folder / f"runs-{seed}"))
            soak = Soak(chosen.minutes or 0, _say, lambda: memory_now() + memory_now(process.pid))
            use = soak if chosen.minutes else some(chosen.actions)
            lines = session(engine, analyst, runs, theme, folder, seed, use) + soak.findings
            found += len(lines)
            for line in lines:
                _say(f"seed {seed}, {line}")
            much = f"{chosen.minutes} minutes" if chosen.minutes else f"{chosen.actions} actions"
            most = f"{(most_memory() + most_memory(process.pid)) / 1e6:.0f} MB at most"
            _say(f"seed {seed}: {much}, {len(lines)} findings, {most}")
    process.close()
    return 1 if found else 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command of its own
