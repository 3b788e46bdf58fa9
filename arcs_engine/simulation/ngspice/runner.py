"""Running ngspice: one deck, one process, one temporary folder."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import FileError, SpiceError, SpiceFailedError, SpiceTimeoutError
from arcs_engine.simulation.ngspice import rawfile
from arcs_engine.simulation.ngspice.locate import find_ngspice
from arcs_engine.simulation.ngspice.rawfile import RawData

FOLDER_PREFIX = "arcs-ngspice-"
_POLL_S = 0.02
_GRACE_S = 0.5
_FIRST_STEP = 0.05
_CARDS = (".model", ".options", ".meas", ".save", ".tran", ".end")
_NO_CONVERGENCE = ("timestep too small", "iteration limit", "singular matrix", "convergence")
_COMPLAINT = re.compile(
    r"timestep too small|iteration limit|singular matrix|converge|positive definite|error|fatal|"
    r"aborted|could not|can't|unknown|undefined|no such",
    re.IGNORECASE,
)


def run(
    deck: str,
    *,
    ngspice: Path | None = None,
    timeout: float = 60.0,
    control: Control | None = None,
    stop_time: float | None = None,
) -> RawData:
    """Simulate a deck and return its waveforms.

    The process runs in a folder and a process group of its own; when this returns or raises, both
    are gone.

    Args:
        deck: as `netlist.deck` writes it with ``measures=False``.
        ngspice: the program; None to look for it.
        timeout: wall-clock limit, s.
        control: told the share of simulated time; asked to stop, ngspice is ended.
        stop_time: simulated time of the deck, s; needed for progress, and to notice a run that
            ended early.

    Raises:
        SpiceNotFoundError: there is no ngspice.
        SpiceFailedError: it did not converge, refused the deck, was killed, or its result is
            damaged; the message quotes its own line.
        SpiceTimeoutError: it took longer than `timeout`.
        SpiceError: the deck holds more than a circuit, or the temporary folder cannot be used.
        Cancelled: the control asked to stop.
    """
    _reject_commands(deck)
    program = ngspice or find_ngspice()
    control = control or Control.silent()
    control.checkpoint()
    try:
        with tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True) as name:
            folder = Path(name)
            (folder / "deck.cir").write_text(deck, encoding="ascii")
            returncode = _execute(program, folder, timeout, control, stop_time)
            _raise_failure(returncode, _log(folder))
            return _result(folder, stop_time)
    except OSError as error:
        raise SpiceError(
            f"ngspice could not be run in the temporary folder {tempfile.gettempdir()}: "
            f"{error.strerror or error}."
        ) from error


def _reject_commands(deck: str) -> None:
    """Refuse whatever could make ngspice do more than simulate (commands, included files)."""
    if not deck.startswith("* "):  # *# and *ng_script would begin a script
        raise SpiceError("A deck must begin with its title as a comment.")
    for line in deck.splitlines():
        text = line.strip().lower()
        if text.startswith("*#") or (text.startswith(".") and text.split()[0] not in _CARDS):
            raise SpiceError(f"A deck may hold a circuit only; this line is refused: {line[:60]}")


def _execute(
    program: Path, folder: Path, timeout: float, control: Control, stop_time: float | None
) -> int:
    """Run ngspice to its end and return its exit status; whatever happens, it is reaped."""
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [*_leash(program), program, "-n", "-b", "-r", "out.raw", "deck.cir"],
            cwd=folder,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
        )
    try:
        return _wait(process, rawfile.Growth(folder / "out.raw"), timeout, control, stop_time)
    finally:
        _end(process)


def _leash(program: Path) -> tuple[str, ...]:
    """Return what to start the program with, so that it dies with this process, however that ends.

    What cannot be run is run as it is: its own error says more.
    """
    return _setpriv() if os.access(program, os.X_OK) else ()


@cache
def _setpriv() -> tuple[str, ...]:
    """Return how util-linux asks Linux for a signal at the parent's death, where both are there.

    Elsewhere ngspice outlives a killed parent until its run is over.
    """
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    if setpriv is None:
        return ()
    command = (setpriv, "--pdeathsig", "KILL", "--")
    # Other programs of that name cannot do it.
    known = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if known else ()


def _wait(
    process: subprocess.Popen[bytes],
    growth: rawfile.Growth,
    timeout: float,
    control: Control,
    stop_time: float | None,
) -> int:
    deadline = time.monotonic() + timeout
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(_POLL_S)
        if time.monotonic() > deadline:
            raise SpiceTimeoutError(
                f"ngspice did not finish within {timeout:g} s; simulate fewer periods, or allow "
                "more time."
            )
        control.checkpoint()
        if growth.size() > rawfile.LARGEST_RESULT:
            raise SpiceFailedError(
                f"The waveforms take more than {rawfile.LARGEST_RESULT / 1e9:g} GB; simulate fewer "
                "periods, or fewer steps a period."
            )
        if stop_time:
            reached = growth.time()
            text = f"{reached * 1e3:.3g} of {stop_time * 1e3:.3g} ms simulated"
            control.progress(min(reached / stop_time, 1.0), text)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Terminate the process group if it still runs, kill what does not obey, and reap."""
    if process.poll() is not None:
        return
    _signal(process, "SIGTERM")
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_S)
    _signal(process, "SIGKILL")
    process.wait()


def _signal(process: subprocess.Popen[bytes], name: str) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, getattr(signal, name))


def _log(folder: Path) -> str:
    return (folder / "log.txt").read_text(encoding="utf-8", errors="replace")


def _raise_failure(returncode: int, log: str) -> None:
    """Raise what ngspice's exit status and log tell; its status alone is not to be trusted."""
    if returncode < 0:
        raise SpiceFailedError(f"ngspice was killed (signal {-returncode}); simulate again.")
    if "rawfile write error" in log or "No space left" in log:
        raise SpiceFailedError(
            f"ngspice could not write its result; the disk of {tempfile.gettempdir()} is full."
        )
    lines = [" ".join(line.split()) for line in log.splitlines()]
    quotes = [line for line in lines if _COMPLAINT.search(line)]
    lower = log.lower()
    if "not positive definite" in lower:
        raise SpiceFailedError(
            "ngspice refuses the couplings of the windings: not positive definite."
        )
    if returncode == 0 and "aborted" not in lower and "interrupted" not in lower:
        return
    trouble = [q for q in quotes if any(n in q.lower() for n in _NO_CONVERGENCE)]
    if trouble:
        # the last word names the time and the place; the warnings before it repeat
        raise SpiceFailedError(f'ngspice did not converge: "{trouble[-1]}"')
    quote = (quotes or [line for line in lines if line] or [f"exit status {returncode}"])[0]
    raise SpiceFailedError(f'ngspice refused the circuit: "{quote}"')


def _result(folder: Path, stop_time: float | None) -> RawData:
    path = folder / "out.raw"
    if not path.exists():
        raise SpiceFailedError("ngspice ended without a result and without a reason.")
    try:
        raw = rawfile.read(path)
    except FileError as error:
        raise SpiceFailedError(
            f"ngspice ended, but {str(error)[0].lower()}{str(error)[1:]}"
        ) from error
    if stop_time is not None and abs(raw.time[-1] - stop_time) > 1e-6 * stop_time:
        raise SpiceFailedError(
            f"ngspice stopped at {raw.time[-1]:.4g} s instead of {stop_time:.4g} s."
        )
    # With initial conditions the first point that is saved is the end of the first step.
    if stop_time is not None and raw.time[0] > _FIRST_STEP * stop_time:
        raise SpiceFailedError(f"ngspice's result begins at {raw.time[0]:.4g} s instead of 0 s.")
    return raw
