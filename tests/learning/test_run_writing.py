"""What a run says reaches its folder, whatever the disk does; numbers that are none end it."""

import errno
import json
import math
import sys
from pathlib import Path

import msgspec
import pytest
from scripted_worker import Script

from arcs_engine import cli
from arcs_engine.foundation.errors import FileError
from arcs_engine.learning.jobs import eventlog, events, launch, reporters, runs
from arcs_engine.learning.jobs.curves import record_of
from arcs_engine.learning.jobs.events import Finished, Progress, Scalar, Started, Warned
from arcs_engine.learning.jobs.reporters import Broadcast, DiskReporter
from arcs_engine.learning.jobs.runs import RunStatus, RunStore

SCRIPTED = Path(__file__).with_name("scripted_worker.py")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("arcs_engine.foundation.paths.runs", lambda: tmp_path / "runs")
    monkeypatch.setattr(launch, "command", lambda f: [sys.executable, str(SCRIPTED), str(f)])
    return RunStore()


@pytest.fixture
def run(store):
    return store.create("scripted", Script("finish"), seed=1)


@pytest.fixture
def worked(store):
    """Return the function that lets a worker follow a script to its end."""

    def work(act):
        run = store.create("scripted", Script(act), seed=1)
        return run, launch.start(run).wait()

    return work


@pytest.fixture
def disk(monkeypatch):
    """A disk that can be full: for events, for the status, or for both."""
    full = set()

    def refusing(what, write):
        def attempt(*arguments):
            if what in full:
                raise OSError(errno.ENOSPC, "No space left on device")
            write(*arguments)

        return attempt

    for module, name in ((eventlog, "append"), (runs, "replace_whole")):
        monkeypatch.setattr(module, name, refusing(name, getattr(module, name)))
    monkeypatch.setattr(reporters, "_LAST_PAUSES", ())
    return full


LATER = [Scalar("loss", 2, 0.5), Progress(0.5, "Half of it."), Scalar("loss", 3, 0.25)]


@pytest.mark.parametrize("refused", [{"append"}, {"replace_whole"}, {"append", "replace_whole"}])
def test_that_events_that_a_full_disk_refused_are_written_when_it_has_room(
    run, disk, capsys, refused
):
    reporter = Broadcast([DiskReporter(run)])
    reporter.report(Started("Go."))
    disk |= refused
    for event in LATER:
        reporter.report(event)
    disk.clear()
    reporter.report(Finished("done", "All done."))
    assert run.events()[0] == [Started("Go."), *LATER, Finished("done", "All done.")]
    assert run.status() == RunStatus(state="done", fraction=1.0, text="All done.")
    assert capsys.readouterr().err.count("No space left") == 1


def test_that_the_end_is_in_the_status_where_the_events_cannot_be_written(run, disk, capsys):
    reporter = Broadcast([DiskReporter(run)])
    disk.add("append")
    reporter.report(Finished("done", "All done."))
    assert run.status().state == "done"
    assert "No space left" in capsys.readouterr().err


def test_that_the_end_is_tried_again_though_no_event_follows(run, disk, monkeypatch):
    monkeypatch.setattr(reporters, "_LAST_PAUSES", (0.1, 0.3))
    pauses = []

    def wait(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            disk.clear()

    monkeypatch.setattr(reporters.time, "sleep", wait)
    disk |= {"append", "replace_whole"}
    DiskReporter(run).report(Finished("done", "All done."))
    assert pauses == [0.1, 0.3]
    assert run.events()[0] == [Finished("done", "All done.")]
    assert run.status().state == "done"


def test_that_a_disk_that_is_full_for_a_while_costs_no_event_and_no_line_is_torn(worked):
    run, status = worked("fill the disk for a while")
    assert status == RunStatus(state="done", fraction=1.0, text="All done.")
    (curve,) = record_of(run.events()[0]).curves
    assert curve.steps == [1, 2, 3]
    assert run.read().damage == ""
    assert isinstance(run.events()[0][-1], Finished)


def test_that_a_run_whose_events_are_lost_still_ends_as_it_ended(worked):
    run, status = worked("lose the events")
    assert (status.state, status.text) == ("done", "All done.")
    assert "Read-only file system" in run.log_file.read_text()


def test_that_a_run_whose_end_is_lost_fails_with_that_reason_and_not_in_silence(worked):
    run, status = worked("lose the disk")
    assert (status.state, status.text) == ("failed", launch.UNWRITTEN)
    assert run.status() == status
    assert run.events()[0][-1] == Finished("failed", launch.UNWRITTEN)


def test_that_a_folder_that_cannot_be_written_is_said_in_a_sentence(run, disk):
    disk.add("replace_whole")
    with pytest.raises(FileError, match=r"cannot be written: No space left on device\.$"):
        launch.start(run)


def test_that_an_append_that_is_refused_halfway_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    file = tmp_path / "events.jsonl"
    eventlog.append(file, b"one\n")
    real = Path.open

    class Short:
        def __init__(self, opened):
            self.opened = opened

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.opened.close()

        def __getattr__(self, name):
            return getattr(self.opened, name)

        def write(self, content):
            return self.opened.write(content[:2])

    monkeypatch.setattr(Path, "open", lambda *a, **k: Short(real(*a, **k)))
    with pytest.raises(OSError, match="2 of 4 bytes"):
        eventlog.append(file, b"two\n")
    assert file.read_bytes() == b"one\n"


NOT_FINITE = [math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("name", ["loss", "a at step 3 is nan", "a\nb"])
def test_that_a_value_that_is_not_finite_survives_its_line(name, value):
    line = events.encode(Scalar(name, 12, value))
    assert line.count(b"\n") == 1
    found = events.decode(line).content
    assert isinstance(found, Scalar)
    assert (found.name, found.step) == (name, 12)
    assert found.value == value or (math.isnan(found.value) and math.isnan(value))


def test_that_a_value_that_an_earlier_version_wrote_as_null_is_read():
    line = b'{"version":1,"time":3.0,"content":{"event":"scalar","name":"l","step":4,"value":null}}'
    record = events.decode(line)
    assert (record.time, record.content.step) == (3.0, 4)
    assert math.isnan(record.content.value)


def test_that_an_earlier_version_reads_such_a_value_as_a_warning():
    strict = {"tag_field": "event", "forbid_unknown_fields": True}
    warned = msgspec.defstruct("Warned", [("text", str)], tag="warned", **strict)
    fields = [("name", str), ("step", int), ("value", float)]
    scalar = msgspec.defstruct("Scalar", fields, tag="scalar", **strict)
    fields = [("version", int), ("time", float), ("content", warned | scalar)]
    record = msgspec.defstruct("Record", fields, forbid_unknown_fields=True)
    found = msgspec.json.decode(events.encode(Scalar("loss", 12, math.nan)), type=record)
    assert (found.version, found.content.text) == (1, "The value of loss at step 12 is nan.")


def test_that_a_warning_of_other_words_stays_a_warning():
    for text in ("The value of loss at step 12 is 3.", "The value of loss at step 12 is nan. Hm."):
        assert events.decode(events.encode(Warned(text))).content == Warned(text)


def test_that_a_job_whose_figures_are_no_numbers_ends_with_name_value_and_step(worked, capsys):
    run, status = worked("diverge")
    sentence = "The loss is not finite: it is nan at step 7."
    assert (status.state, status.text) == ("failed", sentence)
    (curve,) = record_of(run.events()[0]).curves
    assert curve.steps == [1, 7]
    assert math.isnan(curve.values[1])
    for command in ("show", "export", "compare", "tail"):
        assert cli.main(["runs", command, run.name]) == 0
    assert "loss: nan at step 7" in capsys.readouterr().out
    assert cli.main(["runs", "show", run.name, "--json"]) == 0
    details = json.loads(capsys.readouterr().out)
    assert details["record"]["curves"][0]["values"] == [0.5, None]
