import os
import select
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import (
    Cancelled,
    SpiceError,
    SpiceFailedError,
    SpiceNotFoundError,
    SpiceTimeoutError,
)
from arcs_engine.simulation import ngspice as spice
from arcs_engine.simulation.ngspice import locate, process
from tests.spice.conftest import FSW, deck

DECK = "* test\nVin in 0 DC 1e+00\nRload in 0 1e+00\n.tran 1e-06 1e-04 0 1e-06 UIC\n.end\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")


def program(folder, script):
    """A stand-in for ngspice that runs a shell script; raw file and deck are in its folder."""
    path = folder / "ngspice"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@contextmanager
def lifeline(folder):
    """A pipe that processes of a run hold open; its reading end ends when the last one is gone."""
    path = folder / "lifeline"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield path, reader
    finally:
        os.close(reader)


def everyone_is_gone(reader):
    """Wait until no process holds the pipe; False when one still does after ten seconds."""
    while select.select([reader], [], [], 10.0)[0]:
        if not os.read(reader, 100):
            return True
    return False


def stop_once_started(reader):
    """A control that asks to stop as soon as a process has written into the pipe."""
    stop = Event()

    def report(fraction, text):
        try:
            started = os.read(reader, 100)
        except BlockingIOError:
            return
        if started:
            stop.set()

    return Control(report, stop)


def test_that_a_run_returns_signals_and_leaves_nothing(ngspice, temp_root):
    raw = spice.run(DECK, ngspice=ngspice, stop_time=1e-4)
    assert raw.signals["v(in)"] == pytest.approx(1.0)
    assert raw.time[-1] == pytest.approx(1e-4)
    assert list(temp_root.iterdir()) == []


def test_that_progress_follows_simulated_time(ngspice, buck, ideal, steady):
    told = []
    text = deck(buck, ideal, steady, title="long", periods=150, measures=False)
    control = Control(lambda fraction, text: told.append((fraction, text)), Event())
    spice.run(text, ngspice=ngspice, control=control, stop_time=150 / FSW)
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert all(0 <= fraction <= 1 for fraction in fractions)
    assert fractions[-1] > 0.2
    assert told[-1][1].endswith("of 0.75 ms simulated")


def test_that_a_stop_asked_for_beforehand_starts_nothing(temp_root):
    stop = Event()
    stop.set()
    with pytest.raises(Cancelled):
        spice.run(DECK, ngspice=Path("/nowhere"), control=Control(lambda f, t: None, stop))
    assert list(temp_root.iterdir()) == []


def test_that_cancelling_ends_a_real_run(ngspice, temp_root, buck, ideal, steady):
    stop = Event()
    text = deck(buck, ideal, steady, title="endless", periods=200_000, measures=False)
    control = Control(lambda fraction, text: stop.set() if fraction > 0 else None, stop)
    with pytest.raises(Cancelled):
        spice.run(text, ngspice=ngspice, control=control, stop_time=200_000 / FSW)
    assert list(temp_root.iterdir()) == []


@posix
@pytest.mark.parametrize(
    "script",
    [
        "sleep 600 & wait",
        "trap '' TERM; sleep 600 & wait; wait",  # what ignores the request is killed
        "(trap '' TERM; sleep 600) & wait",  # a child that outlives its parent is killed too
    ],
)
def test_that_cancelling_ends_the_whole_process_group(tmp_path, temp_root, script):
    with lifeline(tmp_path) as (path, reader):
        stand_in = program(tmp_path, f"exec 3>{path}; echo started >&3\n{script}")
        with pytest.raises(Cancelled):
            spice.run(DECK, ngspice=stand_in, control=stop_once_started(reader), stop_time=1.0)
        assert everyone_is_gone(reader)
    assert list(temp_root.iterdir()) == []


@posix
def test_that_a_run_that_takes_too_long_is_ended(tmp_path, temp_root):
    stand_in = program(tmp_path, "exec sleep 600")
    with pytest.raises(SpiceTimeoutError, match=r"0\.1 s"):
        spice.run(DECK, ngspice=stand_in, timeout=0.1)
    assert list(temp_root.iterdir()) == []


def test_that_ngspice_is_quoted_when_it_does_not_converge(ngspice, temp_root):
    deck = DECK.replace("Vin in 0 DC 1e+00", "Vin in 0 DC 1e+00\nVtwo in 0 DC 2e+00")
    with pytest.raises(SpiceFailedError, match=r"did not converge: .*Timestep too small"):
        spice.run(deck, ngspice=ngspice)
    assert list(temp_root.iterdir()) == []


def test_that_ngspice_is_quoted_when_it_refuses_a_circuit(ngspice):
    deck = DECK.replace("Rload in 0 1e+00", "Rload in 0 1e+00\nD1 in 0 missing")
    with pytest.raises(SpiceFailedError, match=r"refused the circuit: .*model"):
        spice.run(deck, ngspice=ngspice)


def test_that_couplings_which_ngspice_only_warns_of_are_an_error(ngspice):
    coupled = "L1 in 0 1e-3 IC=0\nL2 a 0 1e-3 IC=0\nR2 a 0 1\nK1 L1 L2 1.1"
    with pytest.raises(SpiceFailedError, match="positive definite"):
        spice.run(DECK.replace("Rload", f"{coupled}\nRload"), ngspice=ngspice)


@posix
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("kill -9 $$", "was killed"),
        ("echo 'Warning: rawfile write error !!'", "disk .* is full"),  # and ngspice exits with 0
        ("true", "without a result"),
        (": > out.raw", "damaged or incomplete"),
        ("echo oh dear >&2; exit 3", "oh dear"),
        ("exit 3", "exit status 3"),
    ],
)
def test_that_every_other_end_is_told_in_a_sentence(tmp_path, temp_root, script, message):
    with pytest.raises(SpiceFailedError, match=message):
        spice.run(DECK, ngspice=program(tmp_path, script))
    assert list(temp_root.iterdir()) == []


@posix
def test_that_a_run_which_prints_without_end_is_ended(tmp_path, temp_root, monkeypatch):
    monkeypatch.setattr(process, "LARGEST_LOG", 100_000)
    with lifeline(tmp_path) as (path, reader):
        script = f"exec 3>{path}; while :; do echo '{'no end ' * 100}'; done"
        with pytest.raises(SpiceFailedError, match=r"printed more than 0\.1 MB"):
            spice.run(DECK, ngspice=program(tmp_path, script), timeout=10.0)
        assert everyone_is_gone(reader)
    assert list(temp_root.iterdir()) == []


@posix
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "made",
    ["mkfifo out.raw", "mkdir out.raw", "ln -s /dev/zero out.raw", "ln -s deck.cir out.raw"],
)
@pytest.mark.parametrize("ends", [True, False])
def test_that_a_result_which_is_no_file_is_refused_and_never_waited_for(
    tmp_path, temp_root, made, ends
):
    stand_in = program(tmp_path, f"{made}\n{'' if ends else 'exec sleep 600'}")
    expected = (SpiceFailedError, "out.raw") if ends else (SpiceTimeoutError, r"0\.2 s")
    with pytest.raises(expected[0], match=expected[1]):
        spice.run(DECK, ngspice=stand_in, timeout=10.0 if ends else 0.2, stop_time=1.0)
    assert list(temp_root.iterdir()) == []


@posix
@pytest.mark.parametrize(
    ("span", "message"),
    [((0.0, 2e-4), "stopped at 0.0002 s instead"), ((5e-5, 1e-4), "begins at 5e-05 s instead")],
)
def test_that_a_result_of_another_time_span_is_an_error(tmp_path, span, message):
    points = "".join(f"{k}\t{time:.17e}\n\t1.0\n" for k, time in enumerate(span))
    (tmp_path / "result").write_text(
        "Title: * test\nFlags: real\nNo. Variables: 2\nNo. Points: 2\nVariables:\n"
        f"\t0\ttime\ttime\n\t1\tv(in)\tvoltage\nValues:\n{points}"
    )
    stand_in = program(tmp_path, f"cp '{tmp_path / 'result'}' out.raw")
    with pytest.raises(SpiceFailedError, match=message):
        spice.run(DECK, ngspice=stand_in, stop_time=1e-4)


def test_that_a_run_which_ended_early_is_an_error(ngspice):
    with pytest.raises(SpiceFailedError, match=r"0\.0001 s instead of 1 s"):
        spice.run(DECK, ngspice=ngspice, stop_time=1.0)


@pytest.mark.parametrize(
    "line",
    [
        ".control",
        " .CONTROL",
        "*# shell true",
        " *# shell true",
        ".include /etc/passwd",
        ".lib x",
        ".exec",
    ],
)
def test_that_a_deck_with_commands_never_reaches_ngspice(tmp_path, line):
    with pytest.raises(SpiceError, match="circuit only"):
        spice.run(DECK.replace("Rload", f"{line}\nRload"), ngspice=tmp_path / "never")


@pytest.mark.parametrize("title", ["*ng_script", "*# shell true", ".control", "Vin in 0 1", ""])
def test_that_a_deck_begins_with_a_comment(tmp_path, title):
    with pytest.raises(SpiceError, match="title as a comment"):
        spice.run(DECK.replace("* test", title), ngspice=tmp_path / "never")


def test_that_a_program_that_cannot_be_started_is_an_error(tmp_path, temp_root):
    with pytest.raises(SpiceError, match="could not be run"):
        spice.run(DECK, ngspice=tmp_path / "missing")
    assert list(temp_root.iterdir()) == []


def test_that_an_unusable_temporary_folder_is_an_error(ngspice, temp_root):
    temp_root.rmdir()
    with pytest.raises(SpiceError, match="could not be run in the temporary folder"):
        spice.run(DECK, ngspice=ngspice)


@pytest.mark.skipif(not process.setpriv(), reason="needs setpriv of util-linux")
def test_that_ngspice_dies_with_a_killed_parent(tmp_path):
    code = (
        "import sys; from pathlib import Path; from arcs_engine.simulation import ngspice; "
        "ngspice.run(sys.argv[1], ngspice=Path(sys.argv[2]))"
    )
    with lifeline(tmp_path) as (path, reader):
        stand_in = program(tmp_path, f"exec 9>{path}; echo started >&9; exec sleep 1000")
        parent = subprocess.Popen([sys.executable, "-c", code, DECK, str(stand_in)])
        select.select([reader], [], [], 60.0)
        assert os.read(reader, 100) == b"started\n"
        parent.kill()
        parent.wait()
        assert everyone_is_gone(reader)


@pytest.mark.parametrize("choice", ["setting", "environment"])
def test_that_a_choice_which_leads_nowhere_is_not_passed_over(monkeypatch, choice):
    monkeypatch.setenv(locate.VARIABLE, "/nowhere/ngspice" if choice == "environment" else "")
    with pytest.raises(SpiceNotFoundError, match="/nowhere/ngspice") as told:
        spice.find_ngspice("/nowhere/ngspice" if choice == "setting" else None)
    assert spice.install_command() in str(told.value)


def test_that_a_missing_ngspice_is_told_with_the_command_that_mends_it(monkeypatch, tmp_path):
    monkeypatch.delenv(locate.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(locate, "_USUAL_FOLDERS", {})
    with pytest.raises(SpiceNotFoundError, match="not installed; install it with"):
        spice.find_ngspice()
    with pytest.raises(SpiceNotFoundError):
        spice.run(DECK)


@posix
def test_that_setting_comes_before_environment_before_path(monkeypatch, tmp_path):
    chosen = {}
    for place in ("setting", "environment", "path"):
        (tmp_path / place).mkdir()
        chosen[place] = program(tmp_path / place, "true")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv(locate.VARIABLE, str(chosen["environment"]))
    assert spice.find_ngspice(str(chosen["setting"])) == chosen["setting"]
    assert spice.find_ngspice() == chosen["environment"]
    monkeypatch.delenv(locate.VARIABLE)
    assert spice.find_ngspice() == chosen["path"]


@pytest.mark.parametrize(
    ("platform", "installer", "command"),
    [
        ("linux", "apt-get", "apt-get install ngspice"),
        ("linux", "dnf", "dnf install ngspice"),
        ("linux", None, "package manager"),
        ("darwin", None, "brew install ngspice"),
        ("win32", None, "ngspice"),
    ],
)
def test_that_the_install_command_is_that_of_the_machine(monkeypatch, platform, installer, command):
    monkeypatch.setattr(locate.sys, "platform", platform)
    monkeypatch.setattr(locate.shutil, "which", lambda name: name if name == installer else None)
    assert command in spice.install_command()


def test_that_ngspice_tells_its_version(ngspice):
    assert spice.version(ngspice).startswith("ngspice-")


@posix
def test_that_another_program_is_not_taken_for_ngspice(tmp_path):
    with pytest.raises(SpiceError, match="does not answer"):
        spice.version(program(tmp_path, "echo hello"))
    with pytest.raises(SpiceError, match="could not be run"):
        spice.version(tmp_path / "missing")


@posix
def test_that_a_program_which_prints_without_end_has_no_version(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "LARGEST_LOG", 100_000)
    with pytest.raises(SpiceError, match="could not be run"):
        spice.version(program(tmp_path, f"while :; do echo '{'no end ' * 100}'; done"))
