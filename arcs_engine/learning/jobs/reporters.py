"""Where a job's events go: to the run's folder, and to every other listener."""

import contextlib
import sys
import time
from collections import deque
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from arcs_engine.foundation.errors import ArcsError, FileError
from arcs_engine.learning.jobs import events
from arcs_engine.learning.jobs.events import Event, Finished, Progress, Scalar, Started
from arcs_engine.learning.jobs.runs import Run, RunStatus, status_of

if TYPE_CHECKING:
    from tensorboardX import SummaryWriter

_KEPT_LINES = 100_000
"""Lines that wait for a disk that takes them."""

_LAST_PAUSES = (0.1, 0.3, 1.0, 3.0)
"""Seconds between tries to write how a run ended, which nothing comes after."""


class Reporter(Protocol):
    """Takes a job's events, in order."""

    def report(self, event: Event) -> None:
        """Take one event."""


class DiskReporter:
    """Writes the run's ``events.jsonl`` and ``status.json``.

    What cannot be written is kept, and written with the next event. The end of a run, which has no
    next event, is tried several times.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._fraction = 0.0
        self._unwritten: deque[bytes] = deque(maxlen=_KEPT_LINES)
        run.mend_events()

    def report(self, event: Event) -> None:
        """Append the event, and bring the status up to date.

        Raises:
            FileError: something could not be written.
        """
        self._unwritten.append(events.encode(event))
        status = self._status_after(event)
        for pause in _LAST_PAUSES if isinstance(event, Finished) else ():
            with contextlib.suppress(FileError):
                self._write(status)
                return
            time.sleep(pause)
        self._write(status)

    def _write(self, status: RunStatus | None) -> None:
        try:
            self._run.append(b"".join(self._unwritten))
            self._unwritten.clear()
        finally:  # the status says how the run ended, also where the events cannot
            if status is not None:
                self._run.set_status(status)

    def _status_after(self, event: Event) -> RunStatus | None:
        match event:
            case Started(text):
                return RunStatus(state="running", fraction=0.0, text=text)
            case Progress(fraction, text):
                self._fraction = fraction
                return RunStatus(state="running", fraction=fraction, text=text)
            case Finished():
                return status_of(event, self._fraction)
            case _:
                return None


class TensorBoardReporter:
    """Writes the curves as TensorBoard event files into the run's ``tensorboard`` folder.

    Each worker at the run writes a file of its own; TensorBoard reads them as one.
    """

    def __init__(self, run: Run) -> None:
        self._folder = run.folder / "tensorboard"
        self._writer: SummaryWriter | None = None

    def report(self, event: Event) -> None:
        """Write a point of a curve; the files are complete after the end."""
        match event:
            case Scalar(name, step, value):
                if self._writer is None:
                    self._writer = self._opened()
                self._writer.add_scalar(name, value, step, time.time())
            case Finished() if self._writer is not None:
                self._writer.close()
            case _:
                pass

    def _opened(self) -> "SummaryWriter":
        from tensorboardX import SummaryWriter  # noqa: PLC0415 - an extra, and slow to import

        # Files are named after the second; a run that is resumed at once must not overwrite one.
        suffix = f".{time.time_ns()}"
        return SummaryWriter(str(self._folder), flush_secs=10, filename_suffix=suffix)


def optional_reporters(run: Run) -> list[Reporter]:
    """Return the reporters that the installed extras add: TensorBoard's, or none."""
    return [TensorBoardReporter(run)] if find_spec("tensorboardX") else []


class Broadcast:
    """Passes events on to many; where one breaks, the work and the others go on."""

    def __init__(self, reporters: Sequence[Reporter]) -> None:
        self._reporters = list(reporters)
        self._reasons: dict[Reporter, str] = {}

    def report(self, event: Event) -> None:
        """Pass the event to every reporter; what breaks now may work with the next one."""
        for reporter in self._reporters:
            try:
                reporter.report(event)
            except (OSError, ValueError, ArcsError) as error:  # ValueError: the stream was closed
                self._tell(reporter, str(error))
            else:
                self._reasons.pop(reporter, None)

    def _tell(self, reporter: Reporter, reason: str) -> None:
        if self._reasons.get(reporter) != reason:
            self._reasons[reporter] = reason
            log(f"{type(reporter).__name__}: {reason} The work goes on.")


def log(text: str) -> None:
    """Write to the run's log, which is the worker's stderr; a disk that is full takes nothing."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr)  # noqa: T201
