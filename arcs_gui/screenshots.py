"""Make the documentation's pictures: ``python -m arcs_gui.screenshots FOLDER``.

The real window with the real engine, without a display; nothing of the user's is read or written.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QElapsedTimer, QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from arcs_engine.jobs.runs import RunStore
from arcs_gui.app import Desktop
from arcs_gui.engine import LocalEngine
from arcs_gui.presenters.shortlist import column
from arcs_gui.presenters.spec_form import EXAMPLES
from arcs_gui.theme import Palette, Theme
from arcs_gui.views.main_window import MainWindow
from arcs_gui.worker_runs import WorkerRuns

SIZE = (1440, 900)
LONGEST_WAIT_MS = 120_000
_NOWHERE = Path("/no/such/folder/buck-boost.cir")
POINTS_TO_SHOW = 12
"""Points of the loss curve to wait for before the picture of a running job."""


def main(arguments: list[str]) -> int:
    """Write the pictures into the folder that is the only argument."""
    if len(arguments) != 1:
        print("usage: python -m arcs_gui.screenshots FOLDER", file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    with tempfile.TemporaryDirectory() as scratch:
        theme = Theme(application)
        settings = QSettings(str(Path(scratch) / "arcs.ini"), QSettings.Format.IniFormat)
        runs = WorkerRuns(RunStore(Path(scratch) / "runs"))
        desktop = Desktop(LocalEngine(), runs, theme, settings)
        theme.choose("light")
        try:
            _tour(desktop, theme, folder)
        finally:
            desktop.window.close()
    return 0


def _tour(desktop: Desktop, theme: Theme, folder: Path) -> None:
    window = desktop.window
    window.resize(*SIZE)
    desktop.show()

    def shoot(name: str) -> None:
        for choice in ("light", "dark"):
            theme.choose(choice)
            _wait_for(lambda: _is_drawn(window, theme.palette))
            _settle()
            window.grab().save(str(folder / f"app-{name}-{choice}.png"))

    _wait_for(lambda: window.status.text().startswith("Ready"))
    shoot("start")
    _propose(window, 2)
    window.export_chosen.emit(_NOWHERE, "ngspice")
    _wait_for(window.banner.isVisible)
    window.spec.fields["vout"].set_text("5 A")
    window.spec.fields["vin"].set_text("12 ± x")
    window.spec.propose_button.click()
    shoot("error")
    _propose(window, 0)
    shoot("proposal")
    window.jobs.start_button.click()
    _wait_for(lambda: window.jobs.point_count >= POINTS_TO_SHOW)
    shoot("job")
    window.jobs.stop_button.click()
    _wait_for(lambda: not window.jobs.is_watching)


def _propose(window: MainWindow, example: int) -> None:
    before = window.candidates.caption.text()
    window.spec.set_texts(EXAMPLES[example].texts)
    window.spec.propose_button.click()
    _wait_for(lambda: window.candidates.caption.text() != before)
    _wait_for(lambda: _is_checked(window))


def _is_drawn(window: MainWindow, palette: Palette) -> bool:
    """Say whether the schematic, if there is one, has the colours of the palette."""
    document = window.schematic.picture.document
    return not document or palette.text in document


def _is_checked(window: MainWindow) -> bool:
    """Say whether ngspice has answered for every candidate."""
    model = window.candidates.model
    checks = column("ngspice")
    texts = [str(model.data(model.index(row, checks))) for row in range(model.rowCount())]
    return all(text[0] in "✓✗" for text in texts)


def _wait_for(condition: Callable[[], bool]) -> None:
    """Let the window live until a condition holds."""
    clock = QElapsedTimer()
    clock.start()
    while not condition():
        if clock.elapsed() > LONGEST_WAIT_MS:
            raise TimeoutError("The window did not come to the state of the next picture.")
        _live(20)


def _settle() -> None:
    """Let what has changed be painted."""
    _live(200)


def _live(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
