"""The engine in a process of its own: calls, errors, progress, cancelling, death, the end."""

import contextlib
import inspect
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from remote_services import LIMIT_S, scripted

from arcs_engine.foundation import scratch
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, FileError, JobError, SpecError
from arcs_gui.engine_process.analyst import LocalAnalyst
from arcs_gui.engine_process.engine import LocalEngine
from arcs_gui.engine_process.process import LINES, EngineProcess
from arcs_gui.ports import Analyst, Engine, Lane

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def shared():
    process = EngineProcess(scripted)
    yield process
    process.close()


@pytest.fixture
def remote(shared):
    return shared.service("engine")


@pytest.fixture
def mortal():
    """A process of the test's own, which it may kill or end."""
    process = EngineProcess(scripted)
    yield process
    process.close()
    assert not [c for c in multiprocessing.active_children() if c.pid == process.pid]


class Listener:
    """A control's other side: remembers what is reported, and can be waited for."""

    def __init__(self):
        self.heard = []
        self.threads = set()
        self.stop = threading.Event()
        self._began = threading.Event()
        self.control = Control(self._hear, self.stop)

    def _hear(self, fraction, text):
        self.heard.append((fraction, text))
        self.threads.add(threading.current_thread())
        self._began.set()

    def wait(self):
        assert self._began.wait(LIMIT_S)


@contextlib.contextmanager
def under_way(process, method, *arguments):
    """Call in a thread; yield its future and its listener once the method is at work."""
    listener = Listener()
    with ThreadPoolExecutor() as threads:
        call = threads.submit(process.call, "engine", method, *arguments, listener.control)
        listener.wait()
        yield call, listener


def test_that_a_call_is_answered_by_another_process(shared, remote):
    assert remote.add("volt", "age") == "voltage"
    assert shared.pid != os.getpid()


def test_that_arrays_arrive_whole(remote):
    answer = remote.repeat((3, 200_000), 1.5)
    assert answer["of"] == 1.5
    assert answer["values"].shape == (3, 200_000)
    assert np.all(answer["values"] == 1.5)
    assert remote.repeat((0,), 1.0)["values"].size == 0


def test_that_an_error_of_arcs_arrives_as_itself(remote):
    with pytest.raises(SpecError, match="Vout must be lower") as raised:
        remote.refuse()
    assert raised.value.field == "vout"


def test_that_the_log_is_told_where_an_error_came_from(remote):
    with pytest.raises(FileError, match=r"x\.cir cannot be read") as raised:
        remote.refuse_because("/nowhere/x.cir")
    assert "No such file" in str(raised.value.__cause__)
    assert "refuse_because" in str(raised.value.__cause__)


def test_that_any_other_error_arrives_by_kind_and_message(remote):
    with pytest.raises(RuntimeError, match="ZeroDivisionError: of all things"):
        remote.stumble()


def test_that_an_answer_that_cannot_travel_is_an_error_and_no_wait_for_ever(remote):
    with pytest.raises(RuntimeError, match="lock"):
        remote.secret()
    with pytest.raises(RuntimeError, match="nothing_of_the_kind"):
        remote.nothing_of_the_kind()


def test_that_calls_are_answered_at_the_same_time(remote):
    with ThreadPoolExecutor() as threads:
        calls = [threads.submit(remote.meet) for _ in range(2)]
        assert [call.result(LIMIT_S) for call in calls] == ["met", "met"]


def test_that_progress_is_told_in_the_thread_that_calls(remote):
    listener = Listener()
    assert remote.count(5, listener.control) == 5
    assert listener.heard == [(number / 5, str(number)) for number in range(5)]
    assert listener.threads == {threading.current_thread()}


def test_that_nobody_is_told_the_same_more_often_than_can_be_seen(remote):
    listener = Listener()
    assert remote.mumble(20_000, listener.control) == 20_000
    assert 1 <= len(listener.heard) < 2_000


def test_that_a_cancelled_call_stops_and_the_next_one_works(shared, remote, tmp_path):
    trace = tmp_path / "trace"
    with under_way(shared, "work_for_ever", str(trace)) as (call, listener):
        listener.stop.set()
        with pytest.raises(Cancelled):
            call.result(LIMIT_S)
    assert trace.exists()
    assert remote.add(1, 2) == 3


def test_that_a_killed_process_is_said_in_a_sentence_and_started_again(mortal):
    first = mortal.pid
    with under_way(mortal, "never_listen") as (call, _):
        os.kill(first, signal.SIGKILL)
        with pytest.raises(JobError, match="ended unexpectedly"):
            call.result(LIMIT_S)
    assert mortal.call("engine", "add", 1, 2) == 3
    assert mortal.pid != first


def test_that_all_calls_of_a_killed_process_fail_and_one_process_follows(mortal):
    first = mortal.pid
    with (
        under_way(mortal, "never_listen") as (one, _),
        under_way(mortal, "never_listen") as (other, _),
    ):
        os.kill(first, signal.SIGKILL)
        for call in (one, other):
            with pytest.raises(JobError, match="started again"):
                call.result(LIMIT_S)
    second = mortal.pid
    assert mortal.call("engine", "add", 1, 2) == 3
    assert mortal.pid == second != first


def test_that_a_process_killed_while_idle_costs_one_call(mortal):
    mortal.call("engine", "add", 1, 2)
    os.kill(mortal.pid, signal.SIGKILL)
    with pytest.raises(JobError):
        mortal.call("engine", "add", 1, 2)
    assert mortal.call("engine", "add", 1, 2) == 3


def test_that_closing_ends_the_process_and_the_calls_under_way(mortal):
    with under_way(mortal, "never_listen") as (call, _):
        mortal.close()
        with pytest.raises(JobError, match="with the window"):
            call.result(LIMIT_S)
    assert not Path(f"/proc/{mortal.pid}").exists()


def test_that_work_that_listens_is_stopped_before_the_process_ends(mortal, tmp_path):
    trace = tmp_path / "trace"
    with under_way(mortal, "work_for_ever", str(trace)) as (call, _):
        mortal.close()
        with pytest.raises((JobError, Cancelled)):
            call.result(LIMIT_S)
    assert trace.read_text() == "cleaned up"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_that_work_that_listens_is_stopped_when_the_process_is_terminated(mortal, tmp_path, number):
    trace = tmp_path / "trace"
    with under_way(mortal, "work_for_ever", str(trace)) as (call, _):
        os.kill(mortal.pid, number)
        with pytest.raises((JobError, Cancelled)):
            call.result(LIMIT_S)
    assert trace.read_text() == "cleaned up"


def test_that_the_process_sweeps_what_a_killed_one_left(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # for the process
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, owner = scratch._made("ngspice")
    owner.close()  # as the end of a process does, however it ends
    process = EngineProcess(scripted)
    try:
        assert process.call("engine", "add", 1, 2) == 3
        assert not left.exists()
    finally:
        process.close()


def test_that_closing_the_window_ends_the_engine_and_every_lane(
    qtbot, open_desktop, runs, settings, mortal
):
    desktop = open_desktop(mortal.service("engine"), runs, settings)
    desktop.closing.connect(mortal.close)
    qtbot.waitUntil(lambda: desktop.window.status.text() == "at work", timeout=LIMIT_S * 1000)
    desktop.window.close()
    assert desktop.ended_cleanly
    assert not Path(f"/proc/{mortal.pid}").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_that_the_process_ends_when_the_window_is_killed(number):
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from remote_services import scripted\n"
        "from arcs_gui.engine_process.process import EngineProcess\n"
        "process = EngineProcess(scripted)\n"
        "process.call('engine', 'add', 1, 2)\n"
        "print('started', flush=True)\n"
        "sys.stdin.read()\n"
    )
    window = subprocess.Popen(
        [sys.executable, "-c", code, str(Path(__file__).parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with window:
        assert window.stdout.readline() == "started\n"
        window.send_signal(number)
        # The engine's process has this pipe too; it is at its end when both are gone.
        assert window.stdout.read() == ""


def test_that_each_lane_can_call_at_the_same_time():
    assert len(get_args(Lane)) == LINES


@pytest.mark.parametrize(("port", "local"), [(Engine, LocalEngine), (Analyst, LocalAnalyst)])
def test_that_what_the_ports_ask_for_can_be_called(port, local):
    methods = [name for name in vars(port) if not name.startswith("_")]
    assert methods
    for name in methods:
        asked = list(inspect.signature(getattr(port, name)).parameters)
        answered = inspect.signature(getattr(local, name)).parameters
        assert len(answered) == len(asked)
        assert "control" not in asked[:-1], "a control is found only as the last argument"


_WINDOW = """
import sys
import tempfile
from arcs_gui.__main__ import begin
if __name__ == "__main__":
    process = begin()
    from arcs_engine.foundation.control import Control
    from arcs_engine.circuits.spec import Spec
    from arcs_gui import app
    from arcs_gui.ports import Ink
    from arcs_gui.engine_process.services import remote_services
    engine, analyst = remote_services(process)
    quiet = Control.silent()
    spec = Spec(vin=12, vin_min=10.8, vin_max=13.2, vout=5, iout=2, fsw=300e3, topology="buck")
    engine.warm_up(quiet)
    found = engine.propose(spec, {}, quiet)
    best = found.candidates[0]
    engine.compare(spec, quiet)
    engine.solve(spec, found.textbook, best)
    engine.reasons(spec, "buck")
    engine.waveforms(spec, best)
    engine.schematic("buck", Ink("#000000", "#ffffff"))
    engine.netlist(spec, best)
    if len(sys.argv) > 1:
        engine.verify(spec, best, quiet)
        engine.transient(spec, best, "load-step", quiet)
    analyst.corners(spec, best).table("ripple")
    analyst.sweep(spec, best, "vin", (10.8, 13.2), "lin")
    analyst.monte_carlo(spec, best, 100)
    analyst.parts(spec, best)
    process.close()
    print([n for n in ("torch", "numba", "llvmlite", "schemdraw") if n in sys.modules])
"""


def test_that_the_window_imports_neither_torch_nor_numba_whatever_the_engine_answers(tmp_path):
    script = tmp_path / "window.py"
    script.write_text(_WINDOW)
    with_ngspice = ["ngspice"] if shutil.which("ngspice") else []
    done = subprocess.run(
        [sys.executable, str(script), *with_ngspice],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
