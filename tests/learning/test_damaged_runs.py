"""One damaged run hides no other, names are names, and text from files is shown, never obeyed."""

import json
import os

import pytest
from damage import DEEP, NASTY, is_safe
from scripted_worker import Script

from arcs_engine import cli
from arcs_engine.foundation import lock
from arcs_engine.foundation.errors import FileError, JobError
from arcs_engine.foundation.plain import plain, plain_lines
from arcs_engine.learning.jobs import events, launch
from arcs_engine.learning.jobs.events import Artifact, Finished, Progress, Scalar, Started, Warned
from arcs_engine.learning.jobs.reporters import DiskReporter
from arcs_engine.learning.jobs.runs import DIED, RESUMABLE, RunStatus, RunStore
from arcs_engine.learning.worker import STOPPED

ZEROS = bytes(4096)
NOT_UTF8 = events.encode(Warned("*")).replace(b"*", b"\xff")
OF_ANOTHER_VERSION = events.encode(Warned("x")).replace(b'"version":1', b'"version":7')
DONE = Finished("done", "All done.")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("arcs_engine.foundation.paths.runs", lambda: tmp_path / "runs")
    return RunStore()


@pytest.fixture
def arcs(capsys):
    def run(*arguments):
        code = cli.main([*arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def a_run(store, *said, end=DONE):
    run = store.create("scripted", Script("finish"), seed=7)
    reporter = DiskReporter(run)
    for event in (Started("Go."), *said, end):
        reporter.report(event)
    return run


def put(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def removed(name):
    return lambda folder: (folder / name).unlink()


def pipe(name):
    def replace(folder):
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return replace


def swap(file, **changes):
    def change(folder):
        content = json.loads((folder / file).read_bytes())
        (folder / file).write_text(json.dumps(content | changes))

    return change


def event_line(line):
    def add(folder):
        with (folder / "events.jsonl").open("ab") as file:
            file.write(line + b"\n")

    return add


DAMAGES = [
    ("run.json", put("run.json", b'{"name": "\xff\xfe"}')),
    ("status.json", put("status.json", b"")),
    ("events.jsonl", event_line(ZEROS)),
    ("config.json", put("config.json", DEEP)),
    ("run.json", put("run.json", DEEP)),
    ("run.json", put("run.json", b"")),
    ("run.json", swap("run.json", seed=10**26)),
    ("run.json", swap("run.json", format=2)),
    ("run.json", pipe("run.json")),
    ("status.json", put("status.json", ZEROS)),
    ("status.json", removed("status.json")),
    ("status.json", swap("status.json", fraction=1e308)),
    ("status.json", swap("status.json", text="\ud800")),
    ("status.json", pipe("status.json")),
    ("config.json", removed("config.json")),
    ("config.json", put("config.json", b"[]")),
    ("config.json", put("config.json", b" " * 2_000_000)),
    (
        "events.jsonl",
        event_line(NOT_UTF8),
    ),
    (
        "events.jsonl",
        event_line(OF_ANOTHER_VERSION),
    ),
    ("events.jsonl", event_line(DEEP)),
    ("events.jsonl", event_line(b"x" * 3_000_000)),
    ("events.jsonl", pipe("events.jsonl")),
]


def test_that_a_store_in_which_every_third_run_is_damaged_in_another_way_lists_them_all(
    store, arcs
):
    made, hurt = [], {}
    for name, damage in DAMAGES:
        for place in range(3):
            made.append(a_run(store, Scalar("loss", 1, 0.5)))
            if place == 2:
                damage(made[-1].folder)
                hurt[made[-1].name] = name
    code, out, err = arcs("runs", "list")
    assert (code, err) == (0, "")
    lines = {line.split()[0]: line for line in out.splitlines()[1:]}
    assert lines.keys() == {run.name for run in made}
    for run in made:
        if run.name in hurt:
            assert " damaged " in lines[run.name]
            assert str(run.folder / hurt[run.name]) in lines[run.name]
        else:
            assert " done " in lines[run.name]
    listed = json.loads(arcs("runs", "list", "--json")[1])["runs"]
    states = {one["name"]: one["status"]["state"] for one in listed}
    assert states == {run.name: "damaged" if run.name in hurt else "done" for run in made}
    whole = [run.name for run in made if run.name not in hurt]
    assert arcs("runs", "compare", *whole)[0] == 0


@pytest.mark.parametrize(("name", "damage"), DAMAGES)
def test_that_what_is_whole_of_a_damaged_run_is_still_shown(store, arcs, name, damage):
    run = a_run(store, Scalar("loss", 1, 0.5))
    damage(run.folder)
    code, out, err = arcs("runs", "export", run.name)
    if name == "events.jsonl" and "no curves" in err:
        assert code == 2  # of a pipe nothing can be read
    else:
        assert (code, out) == (0, "step,loss\n1,0.5\n")
    assert err.count(str(run.events_file)) == (name == "events.jsonl")
    code, _, err = arcs("runs", "show", run.name)
    assert code == (2 if name == "run.json" else 0)
    assert len(err.splitlines()) <= 1


def test_that_a_zero_block_costs_the_line_that_it_lies_in_and_no_other(store):
    run = a_run(store, *(Scalar("loss", step, 1.0) for step in range(100)))
    whole = run.events_file.read_bytes()
    middle = len(whole) // 2
    run.events_file.write_bytes(whole[:middle] + bytes(64) + whole[middle + 64 :])
    read = run.read()
    assert 100 <= len(read.records) < 102
    assert read.damage.startswith(f"{run.events_file} is damaged from byte ")


def test_that_what_a_power_cut_appended_is_cut_off_when_the_run_goes_on(store):
    run = a_run(store)
    whole = run.events_file.read_bytes()
    for left in (b'{"version":1,"ti', bytes(3_000_000)):
        run.events_file.write_bytes(whole + left)
        DiskReporter(run)
        assert run.events_file.read_bytes() == whole


def test_that_a_run_of_which_a_worker_lives_is_running_though_its_status_is_damaged(store):
    run = a_run(store)
    put("status.json", b"")(run.folder)
    with lock.take(run.lock_file):
        assert run.status().state == "running"
        with pytest.raises(JobError, match="it is running"):
            launch.start(run)
    assert run.status().state == "damaged"


def test_that_news_of_damage_is_read_once_and_kept_while_the_run_grows(store):
    run = a_run(store)
    assert store.list()[0].status.state == "done"
    event_line(ZEROS)(run.folder)
    run.append(events.encode(Warned("More.")))
    for _ in range(2):
        assert store.list()[0].status.state == "damaged"
    run.set_status(RunStatus(state="queued"))
    assert store.list()[0].status.state == "queued"  # a run at work can be stopped all the same


@pytest.mark.parametrize("state", [*RESUMABLE, "queued"])
def test_that_a_run_is_resumed_from_every_state_that_says_so(store, monkeypatch, state):
    monkeypatch.setattr(launch, "command", lambda _: ["true"])
    run = a_run(store)
    if state == "damaged":
        put("status.json", b"")(run.folder)
    else:
        run.set_status(RunStatus(state=state))
    assert launch.start(run).wait().text == "The worker could not start; see log.txt."


@pytest.mark.parametrize(
    ("state", "reason"), [("done", "it is done"), ("running", "it is running")]
)
def test_that_other_runs_are_not_resumed(store, state, reason):
    run = a_run(store)
    run.set_status(RunStatus(state=state))
    with lock.take(run.lock_file), pytest.raises(JobError, match=reason):
        launch.start(run)


@pytest.mark.parametrize("name", ["run.json", "config.json"])
def test_that_a_run_without_what_its_worker_needs_is_not_resumed(store, name):
    run = a_run(store, end=Finished("cancelled", STOPPED))
    put(name, b"")(run.folder)
    with pytest.raises(FileError, match=name):
        launch.start(run)
    assert run.status().state == "cancelled"


def test_that_the_command_that_resumes_is_named_on_the_command_line_and_not_in_the_run(
    store, arcs, monkeypatch
):
    run = a_run(store, end=Progress(0.5, "Half."))
    run.set_status(RunStatus(state="running", text="Half."))
    monkeypatch.setattr(
        "arcs_engine.learning.jobs.runs.Run.ask_to_stop",
        lambda run: run.set_status(RunStatus(state="cancelled", text=STOPPED)),
    )
    code, out, err = arcs("runs", "stop", run.name)
    assert (code, out) == (0, f"{run.name}: {STOPPED}\n")
    assert err == f"arcs: to go on: arcs runs resume {run.name}\n"
    assert "arcs" not in STOPPED
    assert "arcs runs" not in launch.UNWRITTEN + DIED


COMMANDS = [
    ("runs", "show"),
    ("runs", "tail"),
    ("runs", "resume"),
    ("runs", "stop"),
    ("runs", "compare"),
    ("runs", "export"),
    ("train", "--resume"),
    ("datagen", "--resume"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "name", ["..", ".", "x" * 300, "ä" * 150, "../runs", "a\x1b[31m", "a\nb", "a/../b", "C:a", ""]
)
def test_that_what_is_no_name_of_a_run_is_refused_everywhere(store, arcs, command, name):
    a_run(store)
    (store.root / "run.json").write_bytes(b"{}")
    (store.root.parent / "run.json").write_bytes(b"{}")
    code, out, err = arcs(*command, name)
    assert code in {1, 2}
    assert out == ""
    assert "There is no run" in err
    assert len(err.splitlines()) == 1
    assert len(err) < 300 + len(str(store.root))
    assert is_safe(err)


@pytest.mark.parametrize("text", NASTY)
def test_that_control_characters_and_markup_in_a_run_never_reach_the_terminal(store, arcs, text):
    said = (Scalar(text, 1, 0.5), Artifact(text, text), Warned(text))
    run = a_run(store, *said, end=Finished("failed", text))
    swap("run.json", kind=text, created=text, name=text)(run.folder)
    swap("config.json", act=text)(run.folder)
    for command in ("list", "show", "compare", "export", "tail"):
        for option in ((), ("--json",)) if command in {"list", "show", "compare"} else ((),):
            names = () if command == "list" else (run.name,)
            code, out, err = arcs("runs", command, *names, *option)
            assert code == 0
            assert is_safe(out + err)
            if option:
                json.loads(out)
    assert text not in arcs("runs", "list")[1] or is_safe(text)


def test_that_a_folder_whose_name_cannot_be_shown_is_listed_as_damaged(store, arcs):
    run = a_run(store)
    run.folder.rename(store.root / "a\x1b[31mb")
    code, out, _ = arcs("runs", "list")
    assert code == 0
    assert is_safe(out)
    assert r"a\x1b[31mb" in out
    assert "rename the folder" in out


def test_that_a_renamed_run_is_listed_under_the_name_that_opens_it(store, arcs):
    run = a_run(store)
    run.folder.rename(store.root / "the best one (ä)")
    assert "the best one (ä)  scripted" in arcs("runs", "list")[1]
    assert arcs("runs", "show", "the best one (ä)")[0] == 0


def test_that_tail_keeps_the_times_of_the_events(store, arcs):
    run = a_run(store)
    run.events_file.write_bytes(
        b"".join(events.encode(Scalar("loss", step, 1.0), at=1000.5 + step) for step in range(4))
    )
    _, out, _ = arcs("runs", "tail", run.name, "--lines", "2")
    assert [json.loads(line)["time"] for line in out.splitlines()] == [1002.5, 1003.5]


def test_that_what_cannot_be_seen_is_written_out_and_the_rest_stays():
    assert plain("4.7 µH, ±10\u00a0% – 日本語 [red] <b>") == "4.7 µH, ±10\u00a0% – 日本語 [red] <b>"
    assert plain("a\x1b[31m\n\t\x9b\u202e\ud800") == r"a\x1b[31m\n\t\x9b\u202e\ud800"
    assert plain_lines("a\x07\nb") == "a\\x07\nb"
