"""How commands end: when asked to, and when nobody takes their answer."""

import errno
import io
import json
import os
import select
import signal
import subprocess
import sys
import tempfile

import pytest

from arcs_engine import cli
from arcs_engine.cli.app import app
from arcs_engine.foundation import scratch

VALUES = {"L1": "22u", "Cout": "47u", "Cout_esr": "10m", "Q1_rds_on": "20m"}
BUCK = {"topology": "buck", "vin": 12, "vout": 5, "iout": 2, "fsw": "300k", "values": VALUES}
HELP = [[command.name, "--help"] for command in (*app.registered_commands, *app.registered_groups)]
ANSWERS = [
    ["--help"],
    *HELP,
    ["runs", "list"],
    ["runs", "list", "--json"],
    ["simulate", "buck.json"],
    ["simulate", "buck.json", "--json"],
    ["export", "buck.json"],
    ["export", "buck.json", "-o", "deck.cir", "--json"],
]
posix = pytest.mark.skipif(sys.platform == "win32", reason="no such signals and devices")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "buck.json").write_text(json.dumps(BUCK))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARCS_DATA", str(tmp_path / "data"))
    return tmp_path


class Refusing(io.RawIOBase):
    """Takes nothing, as a full disk or a pipe that nobody reads."""

    def __init__(self, code, number):
        super().__init__()
        self.code = code
        self.number = number

    def fileno(self):
        return self.number

    def writable(self):
        return True

    def write(self, content):
        if self.code:
            raise OSError(self.code, os.strerror(self.code))
        return len(content)


@pytest.fixture
def refusing():
    """Return a stream that refuses what is written until the test is over."""
    streams = []

    def make(code):
        streams.append(Refusing(code, os.open(os.devnull, os.O_WRONLY)))
        return io.TextIOWrapper(io.BufferedWriter(streams[-1]), encoding="utf-8")

    yield make
    for stream in streams:
        stream.code = 0
        os.close(stream.number)


@pytest.mark.parametrize("arguments", ANSWERS, ids=" ".join)
def test_that_an_answer_that_cannot_be_written_is_one_sentence_and_exit_1(
    arguments, refusing, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "stdout", refusing(errno.ENOSPC))
    assert cli.main(arguments) == 1
    reason = os.strerror(errno.ENOSPC).lower()
    assert capsys.readouterr().err == f"arcs: The output cannot be written: {reason}.\n"


@pytest.mark.parametrize("arguments", ANSWERS, ids=" ".join)
def test_that_an_answer_that_nobody_reads_ends_quietly(arguments, refusing, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", refusing(errno.EPIPE))
    assert cli.main(arguments) == 141
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EPIPE])
def test_that_progress_that_cannot_be_told_does_not_stop_the_work(
    refusing, monkeypatch, capsys, code
):
    monkeypatch.setattr(sys, "stderr", refusing(code))
    assert cli.main(["simulate", "buck.json", "--json", "--engine", "steady"]) == 0
    assert json.loads(capsys.readouterr().out)["topology"] == "buck"
    monkeypatch.setattr(sys, "stderr", refusing(code))
    assert cli.main(["simulate", "missing.json"]) == 2


@posix
@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [
        (">/dev/full", 1, b"arcs: The output cannot be written: no space left on device.\n"),
        (">&-", 1, b"arcs: The output cannot be written: not writable.\n"),
        (">/dev/full 2>/dev/full", 1, b""),
        (">/dev/null 2>&-", 0, b""),
    ],
)
def test_that_python_has_nothing_to_add_at_its_end(redirection, code, said):
    command = f'"{sys.executable}" -m arcs_engine.cli runs list {redirection}'
    done = subprocess.run(["sh", "-c", command], check=False, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (code, said)


@posix
def test_that_a_name_that_is_no_text_is_no_traceback(folder, capsys):
    name = os.fsdecode(b"\xff.cir")
    assert cli.main(["export", "buck.json", "-o", name]) == 0
    assert (folder / name).read_bytes().startswith(b"* buck")
    assert cli.main(["export", "buck.json", "-o", name, "--json"]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "no text" in err
    assert cli.main(["simulate", name]) == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["design", "--vin=12", "--vout=5", "--iout=2", "--fsw=300k", "-o", ""], "it is empty"),
        (["example", "-o", ""], "it is empty"),
        (["datagen", "-o", " "], "it is empty"),
        (["simulate", ""], "it is empty"),
        (["evaluate", "--model", ""], "it is empty"),
        (["export", "buck.json", "-o", "missing/deck.cir"], "there is no folder missing"),
        (["bench", "physics", "-o", "."], ". cannot be written: it is a folder"),
        (["export", "buck.json", "-o", "x" * 300], "cannot be written: File name too long"),
        (["export", "buck.json", "-o", "buck.json/deck.cir"], "there is no folder buck.json"),
        (["evaluate", "--reference", "buck.json"], "no reference optimum"),
    ],
)
def test_that_an_output_or_input_that_cannot_be_is_refused(arguments, reason, folder, capsys):
    before = sorted(folder.iterdir())
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert reason in err
    assert sorted(folder.iterdir()) == before


@posix
def test_that_a_pipe_that_is_closed_at_once_is_no_fault():
    command = [sys.executable, "-m", "arcs_engine.cli", "--help"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    with process.stderr as err:
        assert err.read() == b""
    assert process.wait() == 141


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_that_a_request_to_end_ends_ngspice_and_leaves_nothing(folder, name):
    """ngspice is in a process group of its own, so no signal reaches it by itself."""
    number = getattr(signal, name)
    lifeline, temporary = folder / "lifeline", folder / "temp"
    os.mkfifo(lifeline)
    temporary.mkdir()
    stand_in = folder / "ngspice"
    stand_in.write_text(f"#!/bin/sh\nexec 9>{lifeline}; echo started >&9; exec sleep 600\n")
    stand_in.chmod(0o755)
    reader = os.open(lifeline, os.O_RDONLY | os.O_NONBLOCK)
    environment = {"ARCS_NGSPICE": str(stand_in), "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "arcs_engine.cli", "simulate", "buck.json"]
    before = signal.signal(number, signal.default_int_handler)  # nohup's would be inherited
    process = subprocess.Popen(
        [*command, "--engine", "ngspice"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    signal.signal(number, before)
    try:
        select.select([reader], [], [], 120.0)
        assert os.read(reader, 100) == b"started\n"
        process.send_signal(number)
        assert process.stdout.read() == b""
        assert process.wait() == 130
        assert list(temporary.iterdir()) == []
        select.select([reader], [], [], 10.0)
        assert os.read(reader, 100) == b""  # nobody holds the pipe any more
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
        os.close(reader)


def test_that_a_start_sweeps_what_a_killed_one_left(folder, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    left, owner = scratch._made("ngspice")
    cli.main(["runs", "list"])
    assert left.exists()
    owner.close()  # as the end of its process does, however it ends
    cli.main(["runs", "list"])
    assert not left.exists()


@posix
def test_that_what_is_ignored_stays_ignored_and_handlers_come_back():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert cli.main(["runs", "list"]) == 0
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
