"""Every test of the window runs without a display, and leaves nothing behind."""

import gc
import os
import threading

from arcs_gui.event_loop.offscreen import PLATFORM

os.environ["QT_QPA_PLATFORM"] = PLATFORM

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication
from scripted_engine import ScriptedEngine, ScriptedRuns

from arcs_gui.app import Desktop
from arcs_gui.engine_process.analyst import LocalAnalyst
from arcs_gui.theme import Theme


def pytest_collection_modifyitems(items):
    """The offscreen platform says of every window that it has no window manager to inform."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore("does not support propagateSizeHints"))


@pytest.fixture(autouse=True)
def nothing_is_left_behind(qapp):
    """Fail a test that leaks a top-level widget or a thread."""
    widgets_before = set(QApplication.topLevelWidgets())
    threads_before = set(threading.enumerate())
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    leaked = [w for w in set(QApplication.topLevelWidgets()) - widgets_before if w.parent() is None]
    assert not [w for w in leaked if w.isVisible()], "a window is still open"
    threads = [t for t in set(threading.enumerate()) - threads_before if t.is_alive()]
    # The solver's helpers wait for the next batch; only a test with an engine of its own has them.
    threads = [t for t in threads if not t.name.startswith("steady_")]
    assert not [t for t in threads if not t.daemon], "a thread still runs"


@pytest.fixture(scope="session")
def theme(qapp):
    return Theme(qapp)


@pytest.fixture
def settings(tmp_path):
    return QSettings(str(tmp_path / "arcs.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def engine():
    engine = ScriptedEngine()
    yield engine
    engine.release_all()


@pytest.fixture
def runs():
    return ScriptedRuns()


@pytest.fixture
def open_desktop(qtbot, theme):
    """Return a function that opens a window on given stand-ins; it is closed at the end."""
    opened = []

    def open_it(engine, runs, settings, analyst=None) -> Desktop:
        desktop = Desktop(engine, analyst or LocalAnalyst(), runs, theme, settings)
        desktop.window.native_dialogs = False
        opened.append(desktop)
        desktop.show()
        qtbot.waitExposed(desktop.window)
        return desktop

    yield open_it
    for desktop in opened:
        desktop.window.leave()
        desktop.window.deleteLater()
        desktop.deleteLater()


@pytest.fixture
def desktop(open_desktop, engine, runs, settings):
    return open_desktop(engine, runs, settings)


@pytest.fixture
def window(desktop):
    return desktop.window
