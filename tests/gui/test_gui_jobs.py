"""The panel of runs through the real window, with runs that live in memory."""

import pytest
from PySide6.QtCore import Qt

from arcs_engine.foundation import lock
from arcs_engine.foundation.errors import FileError, JobError
from arcs_engine.learning.jobs.runs import RunStatus, RunStore
from arcs_engine.learning.training.config import preset
from arcs_gui.ports import LossPoint, RunSummary, TrainingSettings
from arcs_gui.run_folders import WorkerRuns
from arcs_gui.views.closing import ClosingQuestion


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


@pytest.mark.parametrize("state", ["cancelled", "failed"])
@pytest.mark.parametrize("by", ["button", "context menu"])
def test_that_a_stopped_or_failed_run_is_resumed(qtbot, window, runs, state, by):
    start_training(qtbot, window)
    qtbot.waitUntil(lambda: state_of(window) == "running")
    assert not window.jobs.resume_button.isEnabled()
    runs.change("train-1", state, "It ended.")
    qtbot.waitUntil(window.jobs.resume_button.isEnabled)
    assert not window.jobs.stop_button.isEnabled()
    if by == "button":
        qtbot.mouseClick(window.jobs.resume_button, Qt.MouseButton.LeftButton)
    else:
        assert window.jobs.table.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
        offered = {action.text(): action for action in window.jobs.table.actions()}
        assert not offered["&Stop"].isEnabled()
        offered["&Resume"].trigger()
    qtbot.waitUntil(lambda: state_of(window) == "running")
    assert runs.resumed == ["train-1"]
    assert not window.jobs.resume_button.isEnabled()
    assert window.jobs.stop_button.isEnabled()
    assert window.jobs.is_watching


def test_that_a_run_of_an_earlier_session_is_resumed_where_another_is_marked(
    qtbot, open_desktop, engine, runs, settings
):
    for number in (1, 2):
        runs.start_training(TrainingSettings("tiny", None, 0))
        runs.change(f"train-{number}", "cancelled", "Stopped.")
    window = open_desktop(engine, runs, settings).window
    qtbot.waitUntil(lambda: window.jobs.table.rowCount() == 2)
    window.jobs.select("train-1")
    qtbot.mouseClick(window.jobs.resume_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: runs.resumed == ["train-1"])
    qtbot.waitUntil(lambda: state_of(window, 1) == "running")
    assert state_of(window, 0) == "cancelled"


def test_that_a_run_that_cannot_be_resumed_says_why_and_can_be_tried_again(qtbot, window, runs):
    start_training(qtbot, window)
    qtbot.waitUntil(lambda: state_of(window) == "running")
    runs.change("train-1", "cancelled", "Stopped.")
    runs.resume_error = JobError("Another process is working on the run train-1.")
    qtbot.waitUntil(window.jobs.resume_button.isEnabled)
    qtbot.mouseClick(window.jobs.resume_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.text == "Another process is working on the run train-1."
    assert window.jobs.resume_button.isEnabled()


def test_that_a_finished_run_offers_neither_to_stop_nor_to_resume(qtbot, window, runs):
    start_training(qtbot, window)
    qtbot.waitUntil(lambda: state_of(window) == "running")
    runs.change("train-1", "done", "Trained.")
    qtbot.waitUntil(lambda: state_of(window) == "done")
    assert not window.jobs.stop_button.isEnabled()
    assert not window.jobs.resume_button.isEnabled()


def question_of(window) -> ClosingQuestion:
    (question,) = [each for each in window.findChildren(ClosingQuestion) if each.isVisible()]
    return question


@pytest.fixture
def training(qtbot, window):
    """The window with a training at work."""
    start_training(qtbot, window)
    qtbot.waitUntil(lambda: state_of(window) == "running")
    return window


def test_that_closing_with_a_training_at_work_asks_and_cancel_keeps_both(qtbot, training, runs):
    training.close()
    question = question_of(training)
    assert "train-1" in question.text()
    assert question.stop_button.text() == "&Stop the training and quit"
    assert training.isVisible()
    qtbot.keyClick(question, Qt.Key.Key_Escape)
    assert training.isVisible()
    assert not runs.closed
    training.close()  # and the question is asked again
    qtbot.keyClick(question_of(training), Qt.Key.Key_Return)
    assert training.isVisible()
    assert not runs.closed


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_that_the_training_is_stopped_and_the_window_closed_on_request(qtbot, training, runs, by):
    training.close()
    question = question_of(training)
    if by == "mouse":
        qtbot.mouseClick(question.stop_button, Qt.MouseButton.LeftButton)
    else:
        qtbot.waitUntil(question.isActiveWindow)
        qtbot.keyClick(question, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: not training.isVisible())
    assert runs.closed


def test_that_a_second_wish_to_close_finds_the_question_open(qtbot, training, runs):
    training.close()
    first = question_of(training)
    training.close()
    assert question_of(training) is first
    assert first.isVisible()
    assert training.isVisible()
    qtbot.mouseClick(first.stop_button, Qt.MouseButton.LeftButton)
    assert runs.closed


def test_that_the_window_closes_unasked_on_ctrl_c_also_with_the_question_open(training, runs):
    training.close()
    question = question_of(training)
    training.leave()
    assert not question.isVisible()
    assert not training.isVisible()
    assert runs.closed


@pytest.mark.parametrize("ended", ["done", "cancelled", "failed"])
def test_that_nothing_is_asked_when_the_training_has_ended(qtbot, training, runs, ended):
    runs.change("train-1", ended, "It ended.")
    qtbot.waitUntil(lambda: state_of(training) == ended)
    training.close()
    assert not training.isVisible()
    assert runs.closed


def test_that_a_run_which_the_window_did_not_start_is_no_reason_to_ask(
    qtbot, open_desktop, engine, runs, settings
):
    runs.start_training(TrainingSettings("tiny", None, 0))
    window = open_desktop(engine, runs, settings).window
    qtbot.waitUntil(lambda: state_of(window) == "running")
    window.close()
    assert not window.isVisible()


def test_that_a_resumed_run_is_asked_about_like_a_started_one(
    qtbot, open_desktop, engine, runs, settings
):
    runs.found = [RunSummary("datagen-1", "datagen", "failed", 0.5, "It died.")]
    window = open_desktop(engine, runs, settings).window
    qtbot.waitUntil(window.jobs.resume_button.isEnabled)
    qtbot.mouseClick(window.jobs.resume_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: state_of(window) == "running")
    window.close()
    assert question_of(window).stop_button.text() == "&Stop the data generation and quit"


def test_that_a_run_that_was_started_elsewhere_is_asked_to_stop_too(tmp_path):
    store = RunStore(tmp_path)
    run = store.create("train", preset("quick"), 0)
    with lock.take(run.lock_file):  # as its worker would
        run.set_status(RunStatus(state="running"))
        WorkerRuns(store).stop(run.name)
        assert run.stop_asked()
