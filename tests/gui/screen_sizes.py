"""Print where a window does not fit its screen: ``python screen_sizes.py``.

Qt reads screens and scale when it starts, so that each pair of them is a process of its own.
"""

import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QRect, QSettings
from PySide6.QtWidgets import QApplication
from scripted_engine import ScriptedEngine, ScriptedRuns

from arcs_gui.app import Desktop
from arcs_gui.engine_process.analyst import LocalAnalyst
from arcs_gui.theme import Theme
from arcs_gui.views.main_window import MainWindow

TURNS = 30


def main() -> None:
    """Open the window three times, as somebody would who moves from a large screen to this one."""
    application = QApplication([])
    theme = Theme(application)
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "arcs.ini"), QSettings.Format.IniFormat)
        for moment in ("first start", "restart after a larger screen"):
            desktop = Desktop(ScriptedEngine(), LocalAnalyst(), ScriptedRuns(), theme, settings)
            window = desktop.window
            desktop.show()
            live(application)
            report(moment, window, application)
            for dock in window.docks.values():
                dock.show()
            window.show_error("Something went wrong, which takes a long sentence to explain. " * 3)
            live(application)
            report(f"everything open after the {moment}", window, application)
            window.resize(2400, 1500)
            live(application)
            window.close()


def live(application: QApplication) -> None:
    for _ in range(TURNS):
        application.processEvents()


def report(moment: str, window: MainWindow, application: QApplication) -> None:
    """Print what of the window, and of everything in it, is beyond the screen."""
    room = application.primaryScreen().availableGeometry()
    if not room.contains(window.frameGeometry()):
        sys.stdout.write(f"{moment}: {window.frameGeometry()} on {room}\n")
    inside = QRect(window.rect())
    parts = [window.centralWidget(), window.statusBar(), window.menuBar(), *window.docks.values()]
    for part in parts:
        if not part.visibleRegion().isEmpty() and not inside.contains(part.geometry()):
            sys.stdout.write(f"{moment}: {type(part).__name__} {part.geometry()} in {inside}\n")


if __name__ == "__main__":
    main()
