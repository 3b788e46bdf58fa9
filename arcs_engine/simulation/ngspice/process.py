"""Running a program to its end, with bounds on its time and on what it prints."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from arcs_engine.foundation.errors import SpiceFailedError, SpiceTimeoutError

LARGEST_LOG = 10_000_000
"""Bytes that the program may print; ngspice's own log of a long run has some thousand."""

_POLL_S = 0.02
_GRACE_S = 0.5


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit status, negative for a signal, and what it printed."""

    status: int
    log: str


def run_to_end(
    program: Path,
    arguments: Sequence[str],
    *,
    folder: Path,
    timeout: float,
    look: Callable[[], None] = lambda: None,
) -> Ended:
    """Run a program to its end; whatever happens, it and its group are ended and it is reaped.

    Args:
        program: what to run.
        arguments: what it is told.
        folder: where it works.
        timeout: wall-clock limit, s.
        look: called now and then while it runs; what it raises ends the program.

    Raises:
        SpiceTimeoutError: it took longer than `timeout`.
        SpiceFailedError: it printed without end.
        OSError: it cannot be started.
    """
    # Without a name: what runs in the folder can neither replace it nor leave it behind.
    with tempfile.TemporaryFile(dir=folder) as log:
        process = subprocess.Popen(
            [*_leash(program), program, *arguments],
            cwd=folder,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
        )

        def checked() -> None:
            if os.fstat(log.fileno()).st_size > LARGEST_LOG:
                raise SpiceFailedError(
                    f"ngspice printed more than {LARGEST_LOG / 1e6:g} MB of messages and was ended."
                )
            look()

        try:
            status = _wait(process, timeout, checked)
        finally:
            _end(process)
        log.seek(0)
        return Ended(status, log.read(LARGEST_LOG).decode(errors="replace"))


def _leash(program: Path) -> tuple[str, ...]:
    """Return what to start the program with, so that it dies with this process, however that ends.

    What cannot be run is run as it is: its own error says more.
    """
    return setpriv() if os.access(program, os.X_OK) else ()


@cache
def setpriv() -> tuple[str, ...]:
    """Return how util-linux asks Linux for a signal at the parent's death, where both are there.

    Elsewhere ngspice outlives a killed parent until its run is over.
    """
    found = shutil.which("setpriv") if sys.platform == "linux" else None
    if found is None:
        return ()
    command = (found, "--pdeathsig", "KILL", "--")
    # Other programs of that name cannot do it.
    known = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if known else ()


def _wait(process: subprocess.Popen[bytes], timeout: float, look: Callable[[], None]) -> int:
    deadline = time.monotonic() + timeout
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(_POLL_S)
        if time.monotonic() > deadline:
            raise SpiceTimeoutError(
                f"ngspice did not finish within {timeout:g} s; simulate fewer periods, or allow "
                "more time."
            )
        look()


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
