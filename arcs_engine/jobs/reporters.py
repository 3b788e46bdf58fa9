"""Who a job's events go to: the run's folder, and whoever else listens."""

import sys
from collections.abc import Sequence
from typing import Protocol

from arcs_engine.jobs import events
from arcs_engine.jobs.events import Event, Finished, Progress, Started
from arcs_engine.jobs.runs import Run, RunStatus


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
