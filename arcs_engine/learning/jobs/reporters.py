"""Who a job's events go to: the run's folder, and whoever else listens."""

import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from arcs_engine.learning.jobs import events
from arcs_engine.learning.jobs.events import Event, Finished, Progress, Scalar, Started
from arcs_engine.learning.jobs.runs import Run, RunStatus

if TYPE_CHECKING:
    from tensorboardX import SummaryWriter


class Reporter(Protocol):
    """Takes a job's events, in order."""

    def report(self, event: Event) -> None:
        """Take one event."""


class DiskReporter:
    """Writes the run's ``events.jsonl`` and ``status.json``."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._fraction = 0.0
        run.mend_events()

    def report(self, event: Event) -> None:
        """Append the event, then bring the status up to date."""
        with self._run.events_file.open("ab") as file:
            file.write(events.encode(event))
        status = self._status_after(event)
        if status is not None:
            self._run.set_status(status)

    def _status_after(self, event: Event) -> RunStatus | None:
        match event:
            case Started(text):
                return RunStatus(state="running", fraction=0.0, text=text)
            case Progress(fraction, text):
                self._fraction = fraction
                return RunStatus(state="running", fraction=fraction, text=text)
            case Finished(outcome, text):
                fraction = 1.0 if outcome == "done" else self._fraction
                return RunStatus(state=outcome, fraction=fraction, text=text)
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
    """Passes events on to many; one that breaks is dropped, and the work goes on."""

    def __init__(self, reporters: Sequence[Reporter]) -> None:
        self._reporters = list(reporters)

    def report(self, event: Event) -> None:
        """Pass the event to every reporter that still works."""
        for reporter in tuple(self._reporters):
            try:
                reporter.report(event)
            except (OSError, ValueError) as error:  # ValueError: the stream was closed
                self._reporters.remove(reporter)
                name = type(reporter).__name__
                print(f"{name} is dropped, the work goes on: {error}", file=sys.stderr)  # noqa: T201 - stderr is the run's log
