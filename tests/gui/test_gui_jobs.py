"""The jobs panel through the real window, with runs that live in memory."""

from PySide6.QtCore import Qt

from arcs_engine.foundation.errors import FileError
from arcs_gui.ports import LossPoint, TrainingSettings


def start_training(qtbot, window) -> None:
    qtbot.waitUntil(window.jobs.start_button.isEnabled)
    qtbot.mouseClick(window.jobs.start_button, Qt.MouseButton.LeftButton)


def state_of(window, row: int = 0) -> str:
    item = window.jobs.table.item(row, 1)
    return item.text() if item else ""


def test_that_a_training_is_started_as_chosen(qtbot, window, runs):
    qtbot.waitUntil(window.jobs.start_button.isEnabled)
    window.jobs.config.setCurrentText("tiny")
    window.jobs.epochs.setValue(3)
    window.jobs.seed.setValue(7)
    start_training(qtbot, window)
    qtbot.waitUntil(lambda: state_of(window) == "running")
    assert runs.started == [TrainingSettings("tiny", 3, 7)]


def test_that_the_loss_is_watched_while_it_falls(qtbot, window, runs):
    start_training(qtbot, window)
    qtbot.waitUntil(lambda: window.jobs.point_count == 2)
    runs.points["train-1"].append(LossPoint(3, 3.0))
    qtbot.waitUntil(lambda: window.jobs.point_count == 3)
    steps, losses = window.jobs.curve.getOriginalDataset()
    assert list(steps) == [1, 2, 3]
    assert list(losses) == [5, 4, 3]


def test_that_a_training_is_stopped(qtbot, window, runs):
    start_training(qtbot, window)
    qtbot.waitUntil(window.jobs.stop_button.isEnabled)
    qtbot.mouseClick(window.jobs.stop_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: state_of(window) == "cancelled")
    assert runs.stopped == ["train-1"]
    assert not window.jobs.stop_button.isEnabled()
    qtbot.waitUntil(lambda: "Stopped on request" in window.status.text())


def test_that_the_panel_stops_asking_when_nothing_runs(qtbot, window, runs):
    start_training(qtbot, window)
    qtbot.waitUntil(lambda: window.jobs.is_watching)
    runs.change("train-1", "done", "Trained.")
    qtbot.waitUntil(lambda: not window.jobs.is_watching)
    assert state_of(window) == "done"


def test_that_a_failed_training_says_why(qtbot, window, runs):
    start_training(qtbot, window)
    qtbot.waitUntil(lambda: state_of(window) == "running")
    runs.change("train-1", "failed", "Out of memory.")
    qtbot.waitUntil(window.banner.isVisible)
    assert "Out of memory." in window.banner.text


def test_that_a_folder_that_cannot_be_written_is_said_in_a_sentence(qtbot, window, runs):
    runs.start_error = FileError("A run cannot be created in /ro: read-only file system.")
    start_training(qtbot, window)
    qtbot.waitUntil(window.banner.isVisible)
    assert "read-only" in window.banner.text
    assert window.jobs.start_button.isEnabled()


def test_that_picking_another_run_shows_its_curve(qtbot, window, runs):
    start_training(qtbot, window)
    qtbot.waitUntil(lambda: window.jobs.point_count == 2)
    runs.change("train-1", "done", "Trained.")
    start_training(qtbot, window)
    qtbot.waitUntil(lambda: window.jobs.table.rowCount() == 2)
    runs.points["train-1"].append(LossPoint(3, 3.0))
    runs.change("train-2", "done", "Trained.")
    qtbot.waitUntil(lambda: not window.jobs.is_watching)
    table = window.jobs.table
    place = table.visualItemRect(table.item(1, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: window.jobs.point_count == 3)


def test_that_old_runs_are_listed_at_the_start(qtbot, open_desktop, engine, runs, settings):
    runs.start_training(TrainingSettings("tiny", None, 0))
    runs.change("train-1", "done", "Trained.")
    window = open_desktop(engine, runs, settings).window
    qtbot.waitUntil(lambda: state_of(window) == "done")
    qtbot.waitUntil(lambda: window.jobs.point_count == 2)
