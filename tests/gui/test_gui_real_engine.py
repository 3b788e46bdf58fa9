"""The main path through the real window with the real engine, ngspice and training worker."""

import os
import shutil
import subprocess

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.control import Control
from arcs_engine.learning.jobs.runs import RunStore
from arcs_engine.performance import verdict, warm
from arcs_gui.engine_process.engine import LocalEngine
from arcs_gui.engine_process.process import EngineProcess
from arcs_gui.engine_process.services import remote_services
from arcs_gui.presenters.designs.board import Board
from arcs_gui.presenters.designs.shortlist import COLUMNS, column
from arcs_gui.run_folders import WorkerRuns
from arcs_gui.views.closing import ClosingQuestion

LONG_MS = 120_000
_SPEC = Spec(vin=12, vin_min=10.8, vin_max=13.2, vout=5, iout=2, fsw=300e3)
needs_ngspice = pytest.mark.skipif(shutil.which("ngspice") is None, reason="needs ngspice")


@pytest.fixture(scope="module")
def process():
    process = EngineProcess()
    yield process
    process.close()


@pytest.fixture(scope="module")
def real_engine(process):
    engine, _ = remote_services(process)
    engine.warm_up(Control.silent())
    return engine


@pytest.fixture
def real_runs(tmp_path):
    return WorkerRuns(RunStore(tmp_path / "runs"))


@pytest.fixture
def window(open_desktop, real_engine, real_runs, settings):
    return open_desktop(real_engine, real_runs, settings).window


def type_into(qtbot, window, **texts) -> None:
    for name, text in texts.items():
        edit = window.spec.fields[name].edit
        edit.clear()
        qtbot.keyClicks(edit, text)


def propose(qtbot, window) -> None:
    window.candidates.set_rows((), "")
    qtbot.mouseClick(window.spec.propose_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.candidates.model.rowCount() > 0, timeout=LONG_MS)


def cell(window, rank: int, title: str) -> str:
    model = window.candidates.model
    return model.data(model.index(model.line_of(rank), column(title)))


@needs_ngspice
def shown(window, what: str) -> str:
    """Return a figure of the line over the schematic."""
    return next(text.text() for title, text in window.headline.figures if title.text() == what)


def test_that_a_buck_spec_becomes_eight_designs_that_ngspice_confirms(qtbot, window):
    type_into(qtbot, window, vin="12±10%", vout="5", iout="2A", fsw="300k", ripple="1%")
    propose(qtbot, window)
    assert window.candidates.model.rowCount() == 9
    qtbot.waitUntil(
        lambda: all(cell(window, rank, "ngspice") == "✓ confirmed" for rank in range(9)),
        timeout=LONG_MS,
    )
    for rank in range(1, 9):
        assert cell(window, rank, "Spec") == "✓ meets"
    steady = window.waveforms.curves["v(out)", "steady"].getOriginalDataset()
    spice = window.waveforms.curves["v(out)", "ngspice"].getOriginalDataset()
    assert steady[0][-1] == pytest.approx(3 / 300e3)
    assert spice[0][-1] == pytest.approx(3 / 300e3, rel=0.01)
    assert spice[1].mean() == pytest.approx(steady[1].mean(), rel=0.005)
    # Both start where the switch turns on: the inductor's current is at its valley there.
    for source in ("steady", "ngspice"):
        current = window.waveforms.curves["i(L1)", source].getOriginalDataset()[1]
        assert current[0] == pytest.approx(
            current.min(), abs=0.05 * (current.max() - current.min())
        )


def test_that_another_topology_and_another_candidate_change_what_is_shown(qtbot, window):
    window.spec.topology.setCurrentIndex(window.spec.topology.findData("buck"))
    propose(qtbot, window)
    qtbot.waitUntil(lambda: window.schematic.stack.is_filled, timeout=LONG_MS)
    buck = window.schematic.picture.document
    window.spec.topology.setCurrentIndex(window.spec.topology.findData("buck_boost"))
    type_into(qtbot, window, vin="12 ± 10%", vout="9 V", iout="0.5 A", fsw="100 kHz")
    propose(qtbot, window)
    assert window.headline.figures[0][1].text().startswith("-9")
    qtbot.waitUntil(lambda: window.schematic.picture.document != buck, timeout=LONG_MS)
    first = window.schematic.picture.lines
    window.candidates.table.selectRow(window.candidates.model.line_of(0))
    qtbot.waitUntil(lambda: window.schematic.picture.lines != first, timeout=LONG_MS)
    # One view a turn of the event loop: the details follow the schematic.
    wanted = "inverting buck-boost, textbook design"
    qtbot.waitUntil(lambda: window.details.title.text() == wanted, timeout=LONG_MS)


def test_that_a_proposal_is_cancelled_and_another_made(qtbot, window):
    qtbot.mouseClick(window.spec.propose_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.spec.cancel_button, Qt.MouseButton.LeftButton)
    assert window.status.text() == "Cancelled."
    assert window.candidates.model.rowCount() == 0
    propose(qtbot, window)
    assert window.candidates.model.rowCount() == 9


def test_that_the_same_spec_gives_the_same_shortlist(qtbot, window):
    def shown() -> list[list[str]]:
        return [
            [cell(window, rank, title) for title, _ in COLUMNS if title != "ngspice"]
            for rank in range(9)
        ]

    propose(qtbot, window)
    first = shown()
    propose(qtbot, window)
    assert shown() == first


@needs_ngspice
def test_that_the_exported_netlist_runs_in_plain_ngspice(qtbot, window, tmp_path):
    propose(qtbot, window)
    path = tmp_path / "buck.cir"
    window.export_actions[0].trigger()
    dialog = window.findChild(QFileDialog)
    dialog.selectFile(str(path))
    dialog.accept()
    qtbot.waitUntil(path.exists, timeout=LONG_MS)
    ran = subprocess.run(
        ["ngspice", "-b", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    for measure in ("vout_avg", "vout_pp", "iin_avg", "efficiency"):
        assert measure in ran.stdout


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_that_a_read_only_folder_is_said_in_a_sentence(qtbot, window, tmp_path):
    propose(qtbot, window)
    tmp_path.chmod(0o500)
    window.export_chosen.emit(tmp_path / "x.cir", "ngspice")
    qtbot.waitUntil(window.banner.isVisible, timeout=LONG_MS)
    assert "cannot be written" in window.banner.text
    tmp_path.chmod(0o700)


def test_that_a_folder_that_is_not_there_is_said_in_a_sentence(qtbot, window, tmp_path):
    propose(qtbot, window)
    window.export_chosen.emit(tmp_path / "nowhere" / "x.cir", "ngspice")
    qtbot.waitUntil(window.banner.isVisible, timeout=LONG_MS)
    assert "cannot be written" in window.banner.text


def test_that_a_training_worker_is_started_watched_stopped_and_resumed(qtbot, window, real_runs):
    jobs = window.jobs
    qtbot.waitUntil(jobs.start_button.isEnabled, timeout=LONG_MS)
    jobs.config.setCurrentText("quick")
    qtbot.mouseClick(jobs.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: jobs.point_count >= 2, timeout=2 * LONG_MS)
    assert jobs.table.item(0, 1).text() == "running"
    qtbot.mouseClick(jobs.stop_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: jobs.table.item(0, 1).text() == "cancelled", timeout=LONG_MS)
    assert real_runs.summaries()[0].state == "cancelled"
    points = jobs.point_count
    qtbot.waitUntil(jobs.resume_button.isEnabled, timeout=LONG_MS)
    qtbot.mouseClick(jobs.resume_button, Qt.MouseButton.LeftButton)
    # The last points of what was stopped may come late, so they alone do not tell that it goes on.
    qtbot.waitUntil(lambda: jobs.table.item(0, 1).text() == "running", timeout=LONG_MS)
    qtbot.waitUntil(lambda: jobs.point_count > points, timeout=2 * LONG_MS)
    assert len(real_runs.summaries()) == 1


def test_that_closing_the_window_ends_its_training_workers(qtbot, window, real_runs):
    jobs = window.jobs
    qtbot.waitUntil(jobs.start_button.isEnabled, timeout=LONG_MS)
    qtbot.mouseClick(jobs.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: jobs.table.rowCount() == 1, timeout=LONG_MS)
    window.close()
    window.findChild(ClosingQuestion).stop_button.click()
    assert real_runs.summaries()[0].state == "cancelled"


def test_that_a_moved_value_is_solved_by_the_real_engine_and_confirmed(qtbot, window):
    type_into(qtbot, window, vin="12±10%", vout="5", iout="2A", fsw="300k", ripple="1%")
    window.spec.topology.setCurrentIndex(window.spec.topology.findData("buck"))
    propose(qtbot, window)
    qtbot.waitUntil(lambda: window.schematic.stack.is_filled, timeout=LONG_MS)
    before = shown(window, "Ripple")
    window.schematic.picture.stepped.emit("Cout", 3)
    qtbot.waitUntil(lambda: cell(window, 1, "#") == "1 ✎", timeout=LONG_MS)
    ripple = float(shown(window, "Ripple").split()[0])
    assert ripple < float(before.split()[0])
    qtbot.waitUntil(lambda: cell(window, 1, "ngspice") != "—", timeout=LONG_MS)


@pytest.mark.parametrize("weight", [0.0, 0.2, 0.95])
def test_that_the_slider_gives_the_costs_that_the_engine_would(real_engine, weight):
    asked = Spec(vin=12, vin_min=10.8, vin_max=13.2, vout=5, iout=2, fsw=300e3, topology="buck")
    board = Board.of(real_engine.propose(asked, {}, Control.silent()))
    board.reweigh(weight)
    for design in board.everyone:
        solved = real_engine.solve(board.spec, board.textbook, design.candidate).candidate
        assert design.candidate.cost == pytest.approx(solved.cost, rel=1e-9)


def test_that_everything_that_needs_the_solver_has_it_compiled_first(monkeypatch):
    """In the engine's process itself it would be compiled in silence, and keep the interpreter."""

    class PreparedError(Exception):
        """Nothing else was done before."""

    def prepare(control):
        raise PreparedError

    monkeypatch.setattr(warm, "prepare", prepare)
    quiet, engine = Control.silent(), LocalEngine()
    for call in (
        lambda: engine.prepare(quiet),
        lambda: engine.propose(_SPEC, {}, quiet),
        lambda: engine.compare(_SPEC, quiet),
    ):
        with pytest.raises(PreparedError):
            call()


@pytest.mark.parametrize("name", ["auto", "sepic"])
def test_that_a_textbook_design_needs_no_solver(monkeypatch, name):
    monkeypatch.setattr(verdict, "assess", None)
    spec = msgspec.structs.replace(_SPEC, topology=name)
    found = LocalEngine().textbook_design(spec)
    assert found.topology == {"auto": "buck", "sepic": "sepic"}[name]
    assert set(found.values) == {v.name for v in topology(found.topology).design_values}
    assert all(value > 0 for value in found.values.values())
