"""Progress of long work, and requests to stop it."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from arcs_engine.foundation.errors import Cancelled


def _ignore(fraction: float, text: str) -> None:
    """Drop a progress report; the default listener."""


@dataclass(frozen=True)
class Control:
    """The line between a long computation and whoever waits for it.

    Attributes:
        report: called with (fraction done in 0..1, a few words for the user), in the thread that
            does the work.
        stop: set by the waiting side to cancel.
    """

    report: Callable[[float, str], None]
    stop: Event

    @classmethod
    def silent(cls) -> "Control":
        """Return a control that nobody listens to and nobody stops."""
        return cls(_ignore, Event())

    def part(self, start: float, share: float) -> "Control":
        """Return the control of a part of the work, which reports 0..1 of its own.

        Args:
            start: fraction of the whole that is done before it.
            share: of the whole that it is.
        """
        return Control(lambda done, text: self.report(start + share * done, text), self.stop)

    def checkpoint(self) -> None:
        """Raise `Cancelled` if a stop was asked for; to be called in every long loop."""
        if self.stop.is_set():
            raise Cancelled

    def progress(self, fraction: float, text: str) -> None:
        """Report progress, and stop here if that was asked for."""
        self.checkpoint()
        self.report(fraction, text)
