"""Make the documentation's pictures: ``python -m arcs_gui.screenshots FOLDER``.

The real window with the real engine, without a display; nothing of the user's is read or written.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QElapsedTimer, QEventLoop, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from arcs_engine.jobs.runs import RunStore
from arcs_gui import walkthrough
from arcs_gui.app import Desktop
from arcs_gui.presenters.shortlist import column
from arcs_gui.presenters.spec_form import EXAMPLES
from arcs_gui.remote.process import EngineProcess
from arcs_gui.remote.services import remote_services
from arcs_gui.theme import Palette, Theme
from arcs_gui.views.analyses import TABS
from arcs_gui.views.main_window import MainWindow
from arcs_gui.worker_runs import WorkerRuns

SIZE = (1440, 900)
LONGEST_WAIT_MS = 120_000
_NOWHERE = Path("/no/such/folder/buck-boost.cir")
POINTS_TO_SHOW = 12
"""Points of the loss curve to wait for before the picture of a running job."""

_BUCK, _INVERTING = 0, 2
"""Places of the examples that are shown."""


def main(arguments: list[str]) -> int:
    """Write the pictures into a folder.

    Qt reads the scale from the environment when it starts, so ``--scale 1.5`` starts over.
    """
    parser = argparse.ArgumentParser(prog="python -m arcs_gui.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", default="1", help="device pixels per pixel, 1 to 2")
    chosen = parser.parse_args(arguments)
    if os.environ.get("QT_SCALE_FACTOR", "1") != chosen.scale:
        os.environ["QT_SCALE_FACTOR"] = chosen.scale
        os.execv(sys.executable, [sys.executable, "-m", "arcs_gui.screenshots", *arguments])
    chosen.folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    with tempfile.TemporaryDirectory() as scratch:
        theme = Theme(application)
        process = EngineProcess()
        engine, analyst = remote_services(process)
        for number, visit in enumerate((_walk, _tour)):
            # A first start each: nothing is remembered.
            settings = QSettings(f"{scratch}/arcs-{number}.ini", QSettings.Format.IniFormat)
            runs = WorkerRuns(RunStore(Path(scratch) / "runs"))
            desktop = Desktop(engine, analyst, runs, theme, settings)
            desktop.window.native_dialogs = False
            theme.choose("light")
            try:
                visit(desktop, theme, chosen.folder)
            finally:
                desktop.window.close()
        process.close()
    return 0


def _walk(desktop: Desktop, _: Theme, folder: Path) -> None:
    """Go the way of `docs/walkthrough.md`."""
    window = desktop.window
    window.resize(*SIZE)
    desktop.show()
    with tempfile.TemporaryDirectory() as scratch:
        steps = walkthrough.steps(window, Path(scratch) / "my-supply.cir", _wait_for)
        for number, name in enumerate(steps, start=1):
            _settle()
            window.grab().save(str(folder / f"walkthrough-{number}-{name}.png"))


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
    _propose(window, _INVERTING)
    window.export_chosen.emit(_NOWHERE, "ngspice")
    _wait_for(window.banner.isVisible)
    window.spec.fields["vout"].set_text("5 A")
    window.spec.fields["vin"].set_text("12 ± x")
    window.spec.propose_button.click()
    shoot("error")
    _propose(window, _BUCK)
    shoot("proposal")
    _look_closely(window, shoot)
    _tune(window)
    shoot("tuning")
    for rank in (0, 2, 4):
        window.candidates.pin_wanted.emit(rank)
    window.docks["Comparison"].raise_()
    shoot("comparison")
    window.docks["Trade-off"].raise_()
    shoot("trade-off")
    window.docks["Topologies"].raise_()
    _wait_for(lambda: window.gallery.table.rowCount() > 0)
    shoot("topologies")
    window.docks["Candidates"].raise_()
    _analyse(window, shoot)
    window.docks["Jobs"].raise_()
    window.jobs.start_button.click()
    _wait_for(lambda: window.jobs.point_count >= POINTS_TO_SHOW)
    shoot("job")
    window.jobs.stop_button.click()
    _wait_for(lambda: not window.jobs.is_watching)


def _look_closely(window: MainWindow, shoot: Callable[[str], None]) -> None:
    """Go through the waveform viewer, with room for it."""
    waveforms = window.waveforms
    actions = waveforms.menu.actions_by_name
    low = [window.docks[name] for name in ("Jobs", "Log", "Analyses")]
    for dock in low:
        dock.hide()
    for name in ("cursors", "measure"):
        actions[name].setChecked(True)
    window.schematic.picture.plot_wanted.emit("i(D1)")
    shoot("waveforms")
    for name in ("spectrum", "log"):
        actions[name].setChecked(True)
    _wait_for(lambda: "rectangular" in waveforms.source.text())
    shoot("spectrum")
    for name in ("spectrum", "cursors", "measure"):
        actions[name].setChecked(False)
    waveforms.menu.run_chosen.emit("load-step")
    _wait_for(lambda: "open loop" in waveforms.source.text())
    actions["fit"].trigger()
    shoot("load-step")
    actions["defaults"].trigger()
    waveforms.menu.run_chosen.emit("steady")
    for dock in low:
        dock.show()
    low[0].raise_()


def _tune(window: MainWindow) -> None:
    """Pick the output capacitor and move it two values up, as the mouse would."""
    window.schematic.picture.picked.emit("Cout")
    window.schematic.picture.stepped.emit("Cout", 2)
    _wait_for(lambda: window.inspector.editors["Cout"].why.text() != "")
    _wait_for(lambda: "solver only" in [badge.text() for badge in window.headline.badges])
    _wait_for(lambda: _is_checked(window))
    _wait_for(lambda: "✓ ngspice" in [badge.text() for badge in window.headline.badges])


def _analyse(window: MainWindow, shoot: Callable[[str], None]) -> None:
    """Look at every tab of the analyses, with room for them."""
    dock, panel = window.docks["Analyses"], window.analyses
    dock.raise_()
    window.resizeDocks([dock], [380], Qt.Orientation.Vertical)
    for index, (name, _, _) in enumerate(TABS):
        panel.tabs.setCurrentIndex(index)
        _wait_for(lambda: panel.state.text() == "")
        shoot(f"analyses-{name}")
    window.resizeDocks([dock], [200], Qt.Orientation.Vertical)


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


def _wait_for(condition: Callable[[], object]) -> None:
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
