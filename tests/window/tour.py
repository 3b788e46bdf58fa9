"""Through every screen with one design: the pictures of the documentation and their test go it.

`docs/app.md` shows the pictures.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QWidget

from arcs_gui.presenters.designs.shortlist import column
from arcs_gui.presenters.spec.form import EXAMPLES
from arcs_gui.views.analyses.analyses import TABS
from arcs_gui.views.loop.loop import TABS as LOOP_TABS
from arcs_gui.views.main_window import MainWindow

Wait = Callable[[Callable[[], object]], None]
"""Lets the window live until a condition holds."""

Stop = tuple[str, QWidget]
"""A name and what there is to see."""

POINTS_TO_SHOW = 12
"""Points of the loss curve to wait for before the picture of a running job."""

_NOWHERE = Path("/no/such/folder/buck-boost.cir")
_BUCK, _INVERTING = 0, 2
"""Places of the examples that are shown."""

_PINNED = (0, 2, 4)
"""Designs that are compared."""


def stops(window: MainWindow, wait: Wait) -> Iterator[Stop]:
    """Go through a window that was just shown; yield each stop when it is on screen."""
    wait(lambda: window.status.text().startswith("Ready"))
    yield "start", window
    yield from _errors(window, wait)
    _propose(window, _BUCK, wait)
    yield "proposal", window
    yield from _waveforms(window, wait)
    _tune(window, wait)
    yield "tuning", window
    yield from _choices(window, wait)
    yield from _analyses(window, wait)
    yield from _loop(window, wait)
    yield from _shortcuts(window)


def job(window: MainWindow, wait: Wait) -> Iterator[Stop]:
    """Go on to a training run while it learns, which no second visit sees alike."""
    window.docks["Runs"].raise_()
    window.jobs.start_button.click()
    wait(lambda: window.jobs.point_count >= POINTS_TO_SHOW)
    yield "job", window
    window.jobs.stop_button.click()
    wait(lambda: not window.jobs.is_watching)


def _errors(window: MainWindow, wait: Wait) -> Iterator[Stop]:
    _propose(window, _INVERTING, wait)
    window.export_chosen.emit(_NOWHERE, "ngspice")
    wait(window.banner.isVisible)
    window.spec.fields["vout"].set_text("5 A")
    window.spec.fields["vin"].set_text("12 ± x")
    window.spec.propose_button.click()
    yield "error", window


def _waveforms(window: MainWindow, wait: Wait) -> Iterator[Stop]:
    """Go through the waveform viewer, with room for it."""
    waveforms = window.waveforms
    actions = waveforms.menu.actions_by_name
    low = [window.docks[name] for name in ("Runs", "Log", "Analyses", "Loop")]
    for dock in low:
        dock.hide()
    for name in ("cursors", "measure"):
        actions[name].setChecked(True)
    window.schematic.picture.plot_wanted.emit("i(D1)")
    yield "waveforms", window
    for name in ("spectrum", "log"):
        actions[name].setChecked(True)
    wait(lambda: "rectangular" in waveforms.source.text())
    yield "spectrum", window
    for name in ("spectrum", "cursors", "measure"):
        actions[name].setChecked(False)
    waveforms.menu.run_chosen.emit("load-step")
    wait(lambda: "open loop" in waveforms.source.text())
    yield "load-step", window
    actions["defaults"].trigger()
    waveforms.menu.run_chosen.emit("steady")
    for dock in low:
        dock.show()
    low[0].raise_()


def _tune(window: MainWindow, wait: Wait) -> None:
    """Pick the output capacitor and move it two values up, as the mouse would."""
    window.schematic.picture.picked.emit("Cout")
    window.schematic.picture.stepped.emit("Cout", 2)
    wait(lambda: window.inspector.editors["Cout"].why.text() != "")
    wait(lambda: "solver only" in [badge.text() for badge in window.headline.badges])
    wait(lambda: _is_checked(window))
    wait(lambda: "✓ ngspice" in [badge.text() for badge in window.headline.badges])


def _choices(window: MainWindow, wait: Wait) -> Iterator[Stop]:
    """Compare the designs, then the topologies."""
    for key in _PINNED:
        window.candidates.pin_wanted.emit(key)
    window.docks["Comparison"].raise_()
    wait(lambda: window.comparison.table.columnCount() == len(_PINNED))
    yield "comparison", window
    window.docks["Trade-off"].raise_()
    yield "trade-off", window
    window.docks["Topologies"].raise_()
    wait(lambda: window.gallery.table.rowCount() > 0)
    yield "topologies", window
    window.docks["Candidates"].raise_()


def _analyses(window: MainWindow, wait: Wait) -> Iterator[Stop]:
    """Look at every tab of the analyses, with room for them."""
    dock, panel = window.docks["Analyses"], window.analyses
    dock.raise_()
    window.resizeDocks([dock], [380], Qt.Orientation.Vertical)
    for index, (name, _, _) in enumerate(TABS):
        panel.tabs.setCurrentIndex(index)
        wait(lambda: panel.state.text() == "")
        yield f"analyses-{name}", window
    window.resizeDocks([dock], [200], Qt.Orientation.Vertical)


def _loop(window: MainWindow, wait: Wait) -> Iterator[Stop]:
    """Look at every view of the loop, with room for it, the load step with its proof."""
    dock, panel = window.docks["Loop"], window.loop
    dock.raise_()
    window.resizeDocks([dock], [440], Qt.Orientation.Vertical)
    wait(lambda: panel.title.text() != "" and panel.state.text() == "")
    for index, (name, _, _) in enumerate(LOOP_TABS):
        panel.tabs.setCurrentIndex(index)
        if name == "step":
            wait(panel.load_step.button.isEnabled)
            panel.load_step.button.click()
            wait(lambda: panel.load_step.proof.text() != "")
        yield f"loop-{name}", window
    panel.tabs.setCurrentIndex(0)
    window.resizeDocks([dock], [200], Qt.Orientation.Vertical)
    window.docks["Analyses"].raise_()


def _shortcuts(window: MainWindow) -> Iterator[Stop]:
    next(a for a in window.findChildren(QAction) if a.text() == "&Keyboard shortcuts").trigger()
    sheet = next(d for d in window.findChildren(QDialog) if d.isVisible())
    yield "shortcuts", sheet
    sheet.reject()


def _propose(window: MainWindow, example: int, wait: Wait) -> None:
    before = window.candidates.caption.text()
    window.spec.set_texts(EXAMPLES[example].texts)
    window.spec.propose_button.click()
    wait(lambda: window.candidates.caption.text() != before)
    wait(lambda: _is_checked(window))


def _is_checked(window: MainWindow) -> bool:
    """Say whether ngspice has answered for every candidate."""
    model = window.candidates.model
    checks = column("ngspice")
    texts = [str(model.data(model.index(row, checks))) for row in range(model.rowCount())]
    return all(text[0] in "✓✗" for text in texts)
