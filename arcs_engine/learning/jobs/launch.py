"""The one place that knows how a worker process is started and ended.

The worker is asked to stop by closing its stdin, so it also stops when the program that started it
dies. If it does not end in time it is terminated, then killed; it is always reaped.
"""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

from arcs_engine.foundation import lock
from arcs_engine.foundation.errors import FileError, JobError
from arcs_engine.learning.jobs.runs import DIED, RESUMABLE, Run, RunStatus

WORKER_FLAG = "--worker"
"""First argument with which a frozen app, which has no ``python -m``, becomes a worker."""

ASK_SECONDS = 20.0
"""Time for the worker to write its checkpoint after it was asked."""

TERMINATE_SECONDS = 5.0
"""Time to end after it was terminated; then it is killed."""

UNWRITTEN_CODE = 74
"""How a worker exits that could not write how its run ended (EX_IOERR of sysexits.h)."""

UNWRITTEN = (
    "The work ended, but how could not be written to the run's folder; free some space there, or "
    "make it writable, and resume the run."
)

_LOOK_SECONDS = 0.02


def command(folder: Path) -> list[str]:
    """Return the command line of a worker for a run's folder."""
    if getattr(sys, "frozen", False):
        return [sys.executable, WORKER_FLAG, str(folder)]
    return [sys.executable, "-m", "arcs_engine.learning.worker", str(folder)]


class WorkerProcess:
    """A worker at a run."""

    def __init__(self, run: Run, process: "subprocess.Popen[bytes]") -> None:
        self.run = run
        self._process = process
        self._asked_at: float | None = None
        self._terminated = False

    @property
    def pid(self) -> int:
        """Process number."""
        return self._process.pid

    def poll(self) -> RunStatus | None:
        """Return how the run ended, or None while the worker lives; to be called now and then.

        Each call also carries on what `ask_to_stop` began.
        """
        if self._process.poll() is None:
            self._insist()
            return None
        self._release()
        text = UNWRITTEN if self._process.returncode == UNWRITTEN_CODE else DIED
        with contextlib.suppress(FileError):  # what cannot be written is said all the same
            self.run.close_after_death(text)
        status = self.run.status()
        if status.text == DIED:
            return RunStatus(state="failed", fraction=status.fraction, text=text)
        return status if status.ended else self._never_began()

    def ask_to_stop(self) -> None:
        """Ask the worker to write its checkpoint and end; returns at once."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            self._release()

    def stop(self) -> RunStatus:
        """Ask, terminate, kill; return when the worker is gone. May take `ASK_SECONDS`."""
        self.ask_to_stop()
        return self.wait()

    def wait(self) -> RunStatus:
        """Return when the worker is gone."""
        while True:
            try:
                self._process.wait(_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                self._insist()
                continue
            status = self.poll()
            if status is not None:
                return status

    def kill(self) -> RunStatus:
        """End the worker at once; the run can be resumed from its last checkpoint."""
        self._process.kill()
        return self.wait()

    def _never_began(self) -> RunStatus:
        """Say that this worker ended without taking the run; another one may be at it."""
        if lock.is_held(self.run.lock_file):
            text = f"Another process is working on the run {self.run.name}."
            return RunStatus(state="failed", text=text)
        status = RunStatus(state="failed", text="The worker could not start; see log.txt.")
        with contextlib.suppress(FileError):
            self.run.set_status(status)
        return status

    def _insist(self) -> None:
        if self._asked_at is None:
            return
        waited = time.monotonic() - self._asked_at
        if waited > ASK_SECONDS + TERMINATE_SECONDS:
            self._process.kill()
        elif waited > ASK_SECONDS and not self._terminated:
            self._terminated = True
            self._process.terminate()

    def _release(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()


def start(run: Run) -> WorkerProcess:
    """Start a worker at a run: from the beginning, or from where it was stopped.

    Raises:
        JobError: the run is done or worked on, or no process can be started.
        FileError: the run's folder is damaged or cannot be written.
    """
    state = run.status().state
    if state not in {"queued", *RESUMABLE}:
        raise JobError(f"The run {run.name} cannot be started; it is {state}.")
    run.info()
    run.config()  # without these a worker could do nothing
    run.close_after_death()
    run.set_status(RunStatus())
    try:
        with run.log_file.open("ab") as log:
            process = subprocess.Popen(
                command(run.folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                # A group of its own: Ctrl+C in the terminal is for the program, which then asks.
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
    except OSError as error:
        raise JobError(f"The worker of the run {run.name} cannot be started: {error}.") from error
    return WorkerProcess(run, process)
