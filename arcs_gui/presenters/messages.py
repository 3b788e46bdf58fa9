"""Telling the user what happens and what went wrong."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from arcs_engine.foundation.errors import ArcsError, InfeasibleError, SpecError, SpiceNotFoundError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fix:
    """What may mend an error, offered beside it.

    Attributes:
        title: of the button.
        kind: ``copy`` puts `text` on the clipboard, ``export`` asks anew where to, ``auto`` lets
            every topology be compared.
        text: what is copied.
    """

    title: str
    kind: Literal["copy", "export", "auto"]
    text: str = ""


class MessageView(Protocol):
    """The status bar and the banner."""

    def set_status(self, text: str) -> None:
        """Say what is going on, in a few words."""

    def show_error(self, text: str, fix: Fix | None = None) -> None:
        """Show what went wrong until it is dismissed or solved, and offer what may mend it."""

    def clear_error(self) -> None:
        """Take the banner away."""


def report(view: MessageView, what: str, error: Exception, fix: Fix | None = None) -> None:
    """Show an error: its own sentence if ARCS can explain it, else where to look.

    Args:
        view: where.
        what: what was tried.
        error: what came of it.
        fix: what may mend it, where the error itself does not tell.
    """
    if isinstance(error, ArcsError):
        _log.warning("%s: %s", what, error)
        view.show_error(str(error), fix or fix_for(error))
    else:
        _log.error("%s failed", what, exc_info=error)
        view.show_error(f"{what} failed unexpectedly ({type(error).__name__}); see the log.")


def report_file(view: MessageView, what: str, path: Path) -> None:
    """Say which file was written, and in which folder; the log has the whole path."""
    view.clear_error()
    view.set_status(f"{what} written to {Path(*path.parts[-2:])}.")
    _log.info("%s written to %s", what, path)


def fix_for(error: ArcsError) -> Fix | None:
    """Return what may mend an error; None where the user knows best."""
    if isinstance(error, SpiceNotFoundError):
        from arcs_engine.simulation.ngspice.locate import install_command  # noqa: PLC0415 - rarely needed

        return Fix("Copy the install command", "copy", install_command())
    if isinstance(error, SpecError | InfeasibleError):
        return Fix("Compare all topologies", "auto")
    return None
