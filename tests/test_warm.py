import os
import subprocess
import sys
import threading

import numba
import numpy as np
import pytest
from numba.core.registry import CPUDispatcher

from arcs_engine.bench.designs import random_designs
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation import lock, machine_code
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, SolverError
from arcs_engine.performance import warm
from arcs_engine.simulation.steady import compiled, solve


def _compiled():
    return {
        (module.__name__, name): len(kernel.signatures)
        for module in [
            m for path, m in sys.modules.items() if path.startswith("arcs_engine.simulation.")
        ]
        for name, kernel in vars(module).items()
        if isinstance(kernel, CPUDispatcher)
    }


def test_that_one_design_compiles_what_every_topology_needs():
    rng = np.random.default_rng(0)
    warm.warm()
    before = _compiled()
    for topology in REGISTRY.values():
        drawn = random_designs(topology, 3, rng)
        solve(topology, drawn.parameters, drawn.batch.fsw, vout=drawn.batch.vout)
    assert _compiled() == before


def test_that_as_many_parts_are_compiled_as_the_user_is_told():
    """Where this fails after a change of the solver, PARTS is to be set to what was found."""
    warm.prepare(Control.silent())
    assert machine_code.expected(compiled.cache_folder()) == warm.PARTS


def test_that_a_design_that_cannot_be_solved_is_exit_1_with_the_reason(monkeypatch, capsys):
    def fails(_):
        raise SolverError("It did not converge.")
        yield

    monkeypatch.setattr(warm, "compiling", fails)
    assert warm.main() == 1
    assert "did not converge" in capsys.readouterr().err


@pytest.fixture
def cold(tmp_path, monkeypatch):
    """A machine on which nothing was compiled yet; returns where it would be."""
    monkeypatch.setattr(warm, "cache_folder", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def compile_by(monkeypatch):
    """Let a piece of Python stand in for the process that compiles."""

    def use(code: str, *arguments: object) -> None:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        monkeypatch.setattr(warm, "compile_command", lambda: command)

    return use


STEPWISE = """
import pathlib, sys
folder, signals = map(pathlib.Path, sys.argv[1:])
for number in range(3):
    (folder / f"{number}.nbc").touch()
    with signals.open() as heard:
        assert heard.read() == str(number)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a named pipe")
def test_that_it_is_told_how_many_parts_are_compiled(cold, compile_by):
    signals = cold / "signals"
    os.mkfifo(signals)
    compile_by(STEPWISE, cold, signals)
    heard = []

    def hear(fraction: float, text: str) -> None:
        if text in [seen for _, seen in heard]:
            return
        heard.append((fraction, text))
        count = int(text.split(": ")[1].split(maxsplit=1)[0])
        if count:  # only now the process goes on
            signals.write_text(str(count - 1))

    warm.prepare(Control(hear, threading.Event()))
    told = [pair for pair in heard if pair[0] > 0]
    words = "Preparing the solver: {} of {} parts compiled, once on this machine"
    assert told == [(n / warm.PARTS, words.format(n, warm.PARTS)) for n in (1, 2, 3)]


def test_that_nothing_is_said_or_started_where_everything_is_compiled(cold, compile_by):
    compile_by("raise AssertionError")
    (cold / "0.nbc").touch()
    machine_code.mark_complete(cold)
    assert warm.is_warm()
    assert list(warm.compiling(Control.silent())) == []
    assert warm.prepare(Control.silent()) == ""


def test_that_an_unusual_place_is_said_once_when_it_was_compiled_there(cold, compile_by):
    compile_by("")
    said = warm.prepare(Control.silent())
    assert str(cold) in said
    assert "cannot be written" in said
    (cold / "0.nbc").touch()
    machine_code.mark_complete(cold)
    assert warm.prepare(Control.silent()) == ""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit('The disk is full.')", "The disk is full."),
        ("import os; os.kill(os.getpid(), 9)", "was killed"),
    ],
)
def test_that_what_went_wrong_is_said_in_a_sentence(cold, compile_by, code, said):
    compile_by(code)
    with pytest.raises(SolverError, match=f"could not be compiled: .*{said}"):
        warm.prepare(Control.silent())


def test_that_compiling_ends_on_request(cold, compile_by, monkeypatch):
    started = []

    class Noted(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    compile_by("import threading; threading.Event().wait()")
    stop = threading.Event()
    with pytest.raises(Cancelled):
        warm.prepare(Control(lambda *_: stop.set(), stop))
    assert started[0].returncode is not None


def test_that_where_somebody_else_compiles_that_is_waited_for_and_told(cold, compile_by):
    compile_by("raise AssertionError")
    heard = []
    with lock.take(cold / "lock") as held:

        def hear(*report: object) -> None:
            heard.append(report)
            (cold / "0.nbc").touch()
            machine_code.mark_complete(cold)
            held.close()

        warm.prepare(Control(hear, threading.Event()))
    assert len(heard) == 1


def test_that_waiting_for_somebody_else_ends_on_request(cold, compile_by):
    compile_by("raise AssertionError")
    stop = threading.Event()
    with lock.take(cold / "lock"), pytest.raises(Cancelled):
        warm.prepare(Control(lambda *_: stop.set(), stop))


def test_that_what_somebody_else_left_undone_is_done_here(cold, compile_by):
    compile_by(f"open({str(cold / 'made')!r}, 'w')")
    with lock.take(cold / "lock") as held:
        warm.prepare(Control(lambda *_: held.close(), threading.Event()))
    assert (cold / "made").exists()


def test_that_a_compiling_process_ends_with_the_one_that_started_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with subprocess.Popen(warm.compile_command(), stdin=subprocess.PIPE) as process:
        process.stdin.close()
        assert process.wait() == 130


def test_that_without_compiling_nothing_is_prepared(cold, compile_by, monkeypatch):
    compile_by("raise AssertionError")
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert warm.prepare(Control.silent()) == ""
    assert list(cold.iterdir()) == []
