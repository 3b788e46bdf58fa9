"""The panel of runs over real run folders, some of them damaged or written with intent."""

import os

import msgspec
import pytest
from PySide6.QtCore import Qt

from arcs_engine.learning.jobs.events import Finished, Scalar, Started
from arcs_engine.learning.jobs.reporters import DiskReporter
from arcs_engine.learning.jobs.runs import RunStore
from arcs_engine.learning.training.config import PRESETS
from arcs_gui.run_folders import WorkerRuns

MARKUP = "<h1>red</h1><img src='file:///etc/passwd'>"


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


def a_run(store, text="All done.", outcome="done"):
    run = store.create("train", PRESETS["quick"], seed=0)
    reporter = DiskReporter(run)
    for event in (Started("Go."), Scalar("loss", 1, 2.0), Scalar("loss", 2, 1.0)):
        reporter.report(event)
    reporter.report(Finished(outcome, text))
    return run


def rows(window):
    table = window.jobs.table
    return {
        table.item(row, 0).text(): [table.item(row, column).text() for column in range(1, 4)]
        for row in range(table.rowCount())
    }


def test_that_damaged_runs_are_listed_with_their_file_and_the_others_work(
    qtbot, open_desktop, engine, settings, store
):
    whole, empty, zeros, bad, pipe = (a_run(store) for _ in range(5))
    (empty.folder / "status.json").write_bytes(b"")
    with zeros.events_file.open("ab") as file:
        file.write(bytes(4096) + b"\n")
    (bad.folder / "run.json").write_bytes(b'{"name":"\xff"}')
    (pipe.folder / "config.json").unlink()
    os.mkfifo(pipe.folder / "config.json")
    window = open_desktop(engine, WorkerRuns(store), settings).window
    qtbot.waitUntil(lambda: window.jobs.table.rowCount() == 5)
    shown = rows(window)
    assert shown[whole.name] == ["done", "100 %", "All done."]
    for run, name in (
        (empty, "status.json"),
        (zeros, "events.jsonl"),
        (bad, "run.json"),
        (pipe, "config.json"),
    ):
        state, _, text = shown[run.name]
        assert state == "damaged"
        assert str(run.folder / name) in text
    for row in range(5):
        place = window.jobs.table.visualItemRect(window.jobs.table.item(row, 0)).center()
        viewport = window.jobs.table.viewport()
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
        qtbot.waitUntil(lambda: window.jobs.point_count == 2)
    assert not window.banner.isVisible()


def test_that_a_run_that_cannot_be_opened_by_its_name_shows_no_curve_and_no_error(
    qtbot, open_desktop, engine, settings, store
):
    run = a_run(store)
    run.folder.rename(store.root / "a\x1b[31mb")
    window = open_desktop(engine, WorkerRuns(store), settings).window
    qtbot.waitUntil(lambda: window.jobs.table.rowCount() == 1)
    assert window.jobs.table.item(0, 0).text() == r"a\x1b[31mb"
    assert window.jobs.table.item(0, 1).text() == "damaged"
    window.jobs.news_wanted.emit()
    qtbot.waitUntil(lambda: window.jobs.table.rowCount() == 1)
    assert not window.banner.isVisible()


def test_that_markup_in_a_reason_is_shown_and_not_obeyed(
    qtbot, open_desktop, engine, settings, store
):
    a_run(store, MARKUP, "failed")
    window = open_desktop(engine, WorkerRuns(store), settings).window
    qtbot.waitUntil(lambda: window.jobs.table.rowCount() == 1)
    item = window.jobs.table.item(0, 3)
    assert item.text() == MARKUP
    assert "&lt;h1&gt;" in item.toolTip()
    assert "<h1>" not in item.toolTip()
    window.show_error(MARKUP)
    window.set_status(MARKUP)
    for label in (window.banner._label, window.status):
        assert label.textFormat() == Qt.TextFormat.PlainText
        assert label.text() == MARKUP


def test_that_a_run_that_reaches_beyond_its_store_is_not_resumed_with_a_click(
    qtbot, open_desktop, engine, settings, store
):
    config = msgspec.structs.replace(PRESETS["quick"], data_folder="/elsewhere")
    run = store.create("train", config, seed=0)
    DiskReporter(run).report(Finished("cancelled", "Stopped."))
    window = open_desktop(engine, WorkerRuns(store), settings).window
    qtbot.waitUntil(window.jobs.resume_button.isEnabled)
    qtbot.mouseClick(window.jobs.resume_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.banner.isVisible)
    assert "makes or reads the data in /elsewhere" in window.banner.text
    assert f"arcs runs resume {run.name} --trust" in window.banner.text
    assert run.status().state == "cancelled"
