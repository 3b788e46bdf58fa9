"""``arcs runs`` on real run folders and a real worker process."""

import json
import sys
from pathlib import Path

import pytest
from scripted_worker import Script
from stand_in import until

from arcs_engine import cli
from arcs_engine.learning.jobs import launch
from arcs_engine.learning.jobs.curves import record_of
from arcs_engine.learning.jobs.events import Artifact, Scalar, Warned
from arcs_engine.learning.jobs.reporters import DiskReporter
from arcs_engine.learning.jobs.runs import RunStore

SCRIPTED = Path(__file__).with_name("scripted_worker.py")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("arcs_engine.foundation.paths.runs", lambda: tmp_path / "runs")
    monkeypatch.setattr(launch, "command", lambda f: [sys.executable, str(SCRIPTED), str(f)])
    return RunStore()


@pytest.fixture
def arcs(capsys):
    def run(*arguments):
        code = cli.main(["runs", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def a_run(store, *events, act="finish"):
    run = store.create("scripted", Script(act), seed=7)
    reporter = DiskReporter(run)
    for event in events:
        reporter.report(event)
    return run


def test_that_a_point_reported_again_after_a_resume_counts_once():
    record = record_of([Scalar("loss", 1, 3.0), Scalar("loss", 2, 2.0), Scalar("loss", 2, 1.5)])
    (curve,) = record.curves
    assert (curve.steps, curve.values) == ([1, 2], [3.0, 1.5])


def test_that_the_list_says_what_there_is(arcs, store):
    assert "There are no runs" in arcs("list")[1]
    run = a_run(store)
    code, out, _ = arcs("list", "--json")
    assert code == 0
    (found,) = json.loads(out)["runs"]
    assert (found["info"]["name"], found["info"]["seed"]) == (run.name, 7)
    assert found["status"]["state"] == "queued"
    assert run.name in arcs("list")[1]


def test_that_show_tells_curves_artifacts_warnings_and_config(arcs, store):
    run = a_run(store, Scalar("loss", 4, 0.25), Artifact("model", "model"), Warned("Mind this."))
    code, out, err = arcs("show", run.name)
    assert code == 0
    assert "loss: 0.25 at step 4" in out
    assert str(run.folder / "model") in out
    assert "Mind this." in err
    details = json.loads(arcs("show", run.name, "--json")[1])
    assert details["config"] == {"act": "finish"}
    assert details["record"]["curves"][0]["values"] == [0.25]


def test_that_tail_prints_the_last_events_as_lines_of_json(arcs, store):
    run = a_run(store, *(Scalar("loss", step, 1 / step) for step in range(1, 6)))
    _, out, _ = arcs("tail", run.name, "--lines", "2", "--no-follow")
    assert [json.loads(line)["content"]["step"] for line in out.splitlines()] == [4, 5]


def test_that_curves_are_exported_as_csv(arcs, store, tmp_path):
    run = a_run(store, Scalar("loss", 1, 2.0), Scalar("accuracy", 2, 0.5), Scalar("loss", 2, 1.0))
    assert arcs("export", run.name)[1] == "step,loss,accuracy\n1,2.0,\n2,1.0,0.5\n"
    assert arcs("export", run.name, "-o", str(tmp_path / "curves.csv"))[0] == 0
    assert (tmp_path / "curves.csv").read_text().startswith("step,loss,accuracy\n")


def test_that_runs_are_compared_curve_by_curve(arcs, store):
    one = a_run(store, Scalar("loss", 1, 2.0))
    other = a_run(store, Scalar("loss", 1, 3.0), Scalar("accuracy", 1, 0.5))
    found = json.loads(arcs("compare", one.name, other.name, "--json")[1])["last"]
    assert found["loss"] == {one.name: 2.0, other.name: 3.0}
    assert found["accuracy"] == {one.name: None, other.name: 0.5}
    assert "accuracy" in arcs("compare", one.name, other.name)[1]


def test_that_a_run_is_resumed_to_its_end(arcs, store):
    run = a_run(store)
    code, out, _ = arcs("resume", run.name)
    assert code == 0
    assert "All done." in out
    assert run.status().state == "done"


def test_that_a_run_is_stopped_by_somebody_who_did_not_start_it(arcs, store):
    run = a_run(store, act="wait")
    worker = launch.start(run)
    try:
        until(lambda: run.status().fraction == 0.5)
        code, out, _ = arcs("stop", run.name)
        assert code == 0
        assert "Stopped on request" in out
        assert run.status().state == "cancelled"
        assert worker.wait().state == "cancelled"
    finally:
        worker.kill()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("show", "nothing"), "There is no run 'nothing'"),
        (("show", "../elsewhere"), "There is no run '../elsewhere'"),
        (("stop", "RUN"), "Nobody works on the run"),
        (("export", "RUN"), "has no curves yet"),
    ],
)
def test_that_what_cannot_be_done_is_said_in_one_sentence(arcs, store, arguments, reason):
    run = a_run(store)
    code, out, err = arcs(*(run.name if a == "RUN" else a for a in arguments))
    assert code in {1, 2}
    assert out == ""
    assert reason in err
    assert len(err.splitlines()) == 1
