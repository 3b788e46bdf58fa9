"""Telling the user what happens and what went wrong."""

import logging
from typing import Protocol

from arcs_engine.errors import ArcsError

_log = logging.getLogger(__name__)


class MessageView(Protocol):
    """The status bar and the banner."""

    def set_status(self, text: str) -> None:
        """Say what is going on, in a few words."""

    def show_error(self, text: str) -> None:
        """Show what went wrong until it is dismissed or solved."""

    def clear_error(self) -> None:
        """Take the banner away."""


def report(view: MessageView, what: str, error: Exception) -> None:
    """Show an error: its own sentence if ARCS can explain it, else where to look."""
    if isinstance(error, ArcsError):
        _log.warning("%s: %s", what, error)
        view.show_error(str(error))
    else:
        _log.error("%s failed", what, exc_info=error)
        view.show_error(f"{what} failed unexpectedly ({type(error).__name__}); see the log.")
