import sys
from pathlib import Path

import msgspec
import pytest
from scripted_worker import Script
from stand_in import until
from tensorboardX.proto.event_pb2 import Event

from arcs_engine.foundation import lock, paths
from arcs_engine.foundation.errors import FileError, JobError
from arcs_engine.learning.jobs import events, launch
from arcs_engine.learning.jobs.events import Artifact, Finished, Progress, Scalar, Started, Warned
from arcs_engine.learning.jobs.reporters import (
    Broadcast,
    DiskReporter,
    TensorBoardReporter,
    optional_reporters,
)
from arcs_engine.learning.jobs.runs import DIED, RunStatus, RunStore

EVERY_EVENT = [
    Started("a"),
    Progress(0.5, "b"),
    Scalar("loss", 3, 0.25),
    Artifact("model", "model"),
    Warned("c"),
    Finished("done", "d"),
]

SCRIPTED = Path(__file__).with_name("scripted_worker.py")


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


@pytest.fixture
def scripted(store, monkeypatch):
    """Start a worker process that follows a script; whatever is left of it is killed."""
    monkeypatch.setattr(launch, "command", lambda f: [sys.executable, str(SCRIPTED), str(f)])
    workers = []

    def start(act):
        run = store.create("scripted", Script(act), seed=1)
        workers.append(launch.start(run))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.poll() is None:
            worker.kill()


def everything(run):
    return run.events()[0]


def ends(run):
    return [e for e in everything(run) if isinstance(e, Finished)]


@pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda e: type(e).__name__)
def test_that_every_event_survives_its_line(event):
    line = events.encode(event)
    assert line.count(b"\n") == 1
    assert events.decode(line).content == event


@pytest.mark.parametrize(
    "line",
    [b"{}", b"nonsense", b'{"version":1,"time":0,"content":{"event":"sang","text":""}}'],
)
def test_that_a_line_that_is_no_event_is_refused(line):
    with pytest.raises(FileError, match="cannot be read"):
        events.decode(line)


def test_that_events_of_another_version_are_refused():
    line = events.encode(Warned("x")).replace(b'"version":1', b'"version":7')
    with pytest.raises(FileError, match="version 7"):
        events.decode(line)


def test_that_a_new_run_is_queued_and_is_found_again(store):
    run = store.create("train", Script("finish"), seed=4, parents=["train-1"])
    assert run.status().state == "queued"
    info = store.open(run.name).info()
    assert (info.kind, info.seed, info.parents) == ("train", 4, ("train-1",))
    assert "arcs" in info.versions
    assert msgspec.json.decode(run.config()) == {"act": "finish"}


def test_that_runs_of_the_same_second_have_names_of_their_own_and_are_listed_in_order(store):
    made = [store.create("train", Script("finish"), seed=0).name for _ in range(12)]
    assert len(set(made)) == 12
    assert [r.name for r in store.list()] == made


def test_that_other_folders_among_the_runs_are_left_out(store):
    run = store.create("train", Script("finish"), seed=0)
    (store.root / "photos").mkdir()
    assert [r.name for r in store.list()] == [run.name]


@pytest.mark.parametrize("name", ["nothing", "../runs", "", "/etc"])
def test_that_a_run_that_is_none_cannot_be_opened(store, name):
    with pytest.raises(JobError, match="There is no run"):
        store.open(name)


def test_that_a_run_cannot_be_created_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be created in"):
        RunStore(tmp_path / "file").create("train", Script("finish"), seed=0)


def test_that_runs_lie_in_the_users_folder_unless_told_otherwise(monkeypatch, tmp_path):
    monkeypatch.setenv("ARCS_DATA", str(tmp_path))
    assert RunStore().root == paths.runs() == tmp_path / "runs"


def test_that_events_are_read_from_where_one_left_off_and_only_whole_lines(store):
    run = store.create("train", Script("finish"), seed=0)
    assert run.events() == ([], 0)
    reporter = DiskReporter(run)
    reporter.report(EVERY_EVENT[0])
    first, offset = run.events()
    assert first == EVERY_EVENT[:1]
    line = events.encode(EVERY_EVENT[1])
    with run.events_file.open("ab") as file:
        file.write(line[:10])
    assert run.events(offset) == ([], offset)
    with run.events_file.open("ab") as file:
        file.write(line[10:])
    assert run.events(offset)[0] == EVERY_EVENT[1:2]


def test_that_the_status_follows_the_events(store):
    run = store.create("train", Script("finish"), seed=0)
    reporter = DiskReporter(run)
    with lock.take(run.lock_file):
        reporter.report(Started("Go."))
        reporter.report(Progress(0.25, "A quarter."))
        assert run.status() == RunStatus(state="running", fraction=0.25, text="A quarter.")
    reporter.report(Finished("cancelled", "Stopped."))
    assert run.status() == RunStatus(state="cancelled", fraction=0.25, text="Stopped.")


def test_that_a_run_whose_worker_is_gone_counts_as_failed(store):
    run = store.create("train", Script("finish"), seed=0)
    run.set_status(RunStatus(state="running", fraction=0.5, text="Working."))
    assert (run.status().state, run.status().text) == ("failed", DIED)


def test_that_a_lock_is_taken_once_and_free_again_when_closed(tmp_path):
    file = tmp_path / "lock"
    assert not lock.is_held(file)
    with lock.take(file):
        assert lock.is_held(file)
        assert lock.take(file) is None
    assert not lock.is_held(file)


def test_that_a_broken_reporter_stops_no_other_and_says_its_reason_once(capsys):
    class Broken:
        def report(self, event):
            raise OSError("disk full")

    class Keeping:
        def __init__(self):
            self.kept = []

        def report(self, event):
            self.kept.append(event)

    keeping = Keeping()
    broadcast = Broadcast([Broken(), keeping])
    for event in EVERY_EVENT:
        broadcast.report(event)
    assert keeping.kept == EVERY_EVENT
    assert capsys.readouterr().err.count("disk full") == 1


def test_that_a_worker_does_its_job_and_ends_once(scripted):
    worker = scripted("finish")
    assert worker.wait() == RunStatus(state="done", fraction=1.0, text="All done.")
    assert ends(worker.run) == [Finished("done", "All done.")]
    assert Scalar("loss", 1, 0.5) in everything(worker.run)


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        ("fail", "The model is made of cheese."),
        ("break", "An unexpected error, see log.txt: ZeroDivisionError('by zero')."),
        ("say nothing", "The job ended without a result."),
    ],
)
def test_that_a_job_that_goes_wrong_fails_with_a_sentence_once(scripted, act, sentence):
    worker = scripted(act)
    status = worker.wait()
    assert (status.state, status.text) == ("failed", sentence)
    assert ends(worker.run) == [Finished("failed", sentence)]


def test_that_the_trace_of_an_unexpected_error_is_in_the_log(scripted):
    worker = scripted("break")
    worker.wait()
    assert "ZeroDivisionError" in worker.run.log_file.read_text()


def test_that_a_worker_that_is_asked_to_stop_ends_cancelled(scripted):
    worker = scripted("wait")
    until(lambda: worker.run.status().fraction == 0.5)
    assert worker.poll() is None
    assert worker.stop().state == "cancelled"
    assert [e.outcome for e in ends(worker.run)] == ["cancelled"]
    assert not lock.is_held(worker.run.lock_file)


def test_that_a_killed_worker_leaves_a_failed_run_with_one_end(scripted):
    worker = scripted("wait")
    until(lambda: worker.run.status().fraction == 0.5)
    status = worker.kill()
    assert (status.state, status.text) == ("failed", DIED)
    assert ends(worker.run) == [Finished("failed", DIED)]
    assert worker.poll() == status
    assert len(ends(worker.run)) == 1


def test_that_a_death_in_the_middle_of_a_line_spoils_no_event(scripted):
    worker = scripted("die in the middle of a line")
    assert worker.wait().state == "failed"
    assert everything(worker.run)[-2:] == [Progress(0.5, "Half of it."), Finished("failed", DIED)]


def test_that_a_worker_that_does_not_listen_is_terminated_then_killed(scripted, monkeypatch):
    monkeypatch.setattr(launch, "ASK_SECONDS", 0.1)
    monkeypatch.setattr(launch, "TERMINATE_SECONDS", 0.1)
    worker = scripted("be deaf")
    until(lambda: worker.run.status().fraction == 0.6)
    assert worker.stop().state == "failed"
    assert worker._process.returncode == -9


def test_that_a_run_is_worked_on_by_one_worker_only_and_a_done_run_by_none(scripted):
    worker = scripted("wait")
    until(lambda: worker.run.status().state == "running")
    with pytest.raises(JobError, match="it is running"):
        launch.start(worker.run)
    worker.stop()
    finished = scripted("finish")
    finished.wait()
    with pytest.raises(JobError, match="it is done"):
        launch.start(finished.run)


def test_that_a_worker_that_finds_another_at_its_run_leaves_the_run_alone(store):
    run = store.create("train", Script("wait"), seed=0)
    with lock.take(run.lock_file):
        status = launch.start(run).wait()
        assert (status.state, status.text) == (
            "failed",
            f"Another process is working on the run {run.name}.",
        )
        assert run.status().state == "queued"


def test_that_a_stopped_run_can_be_started_again(scripted):
    worker = scripted("wait")
    until(lambda: worker.run.status().fraction == 0.5)
    worker.stop()
    again = launch.start(worker.run)
    until(lambda: again.run.status().state == "running" and again.run.status().fraction == 0.5)
    assert again.stop().state == "cancelled"
    assert len(ends(worker.run)) == 2


def test_that_an_unknown_kind_of_run_fails_with_a_sentence(store):
    run = store.create("knit", Script(""), seed=0)
    status = launch.start(run).wait()
    assert status.state == "failed"
    assert "no job of kind 'knit'" in status.text


def test_that_a_worker_that_cannot_start_leaves_a_failed_run(store, monkeypatch):
    monkeypatch.setattr(launch, "command", lambda f: [sys.executable, "-c", "raise SystemExit(3)"])
    status = launch.start(store.create("train", Script(""), seed=0)).wait()
    assert (status.state, status.text) == ("failed", "The worker could not start; see log.txt.")
    monkeypatch.setattr(launch, "command", lambda f: ["/nonexistent/python"])
    with pytest.raises(JobError, match="cannot be started"):
        launch.start(store.create("train", Script(""), seed=0))


def test_that_a_frozen_app_starts_itself_as_worker(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert launch.command(tmp_path) == [sys.executable, launch.WORKER_FLAG, str(tmp_path)]


def _points(folder):
    """Return the points in TensorBoard's event files, read record by record."""
    found = []
    for file in sorted(folder.glob("events.out.tfevents.*")):
        content = file.read_bytes()
        while content:
            # A record: its length, a check sum of that, the content, a check sum of it.
            length = int.from_bytes(content[:8], "little")
            event = Event.FromString(content[12 : 12 + length])
            found += [(v.tag, event.step, v.simple_value) for v in event.summary.value]
            content = content[16 + length :]
    return found


def test_that_curves_are_written_as_tensorboard_event_files_also_after_a_resume(store):
    run = store.create("train", Script(""), seed=0)
    for points in ([Scalar("loss", 1, 0.5), Scalar("loss", 2, 0.25)], [Scalar("loss", 3, 0.125)]):
        (reporter,) = optional_reporters(run)
        assert isinstance(reporter, TensorBoardReporter)
        for event in [Started("a"), *points, Finished("done", "d")]:
            reporter.report(event)
    written = _points(run.folder / "tensorboard")
    assert sorted(written) == [("loss", 1, 0.5), ("loss", 2, 0.25), ("loss", 3, 0.125)]


def test_that_without_the_extra_nothing_is_written_for_tensorboard(store, monkeypatch):
    monkeypatch.setattr("arcs_engine.learning.jobs.reporters.find_spec", lambda name: None)
    assert optional_reporters(store.create("train", Script(""), seed=0)) == []
