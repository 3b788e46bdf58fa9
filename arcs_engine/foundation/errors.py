"""The one tree of errors.

The message of each is a sentence for the user (what, where, what would be right); the technical
cause, where there is one, is chained with ``raise ... from``. What it quotes from outside goes
through `printable`.
"""

from typing import Final

LONGEST_QUOTE: Final = 40
"""Characters that a message quotes at most of a text that came from outside."""


def printable(text: str, longest: int = LONGEST_QUOTE) -> str:
    """Return what was typed or read, short and harmless enough for a message.

    A file may hold line feeds and a terminal's commands where it should hold a name.
    """
    shown = "".join(c if c.isprintable() else "?" for c in text[: 2 * longest].strip())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


class ArcsError(Exception):
    """Any failure that ARCS can explain; the command line prints it and exits with 1."""

    exit_code = 1


class InputError(ArcsError):
    """What the user gave cannot be right; the command line exits with 2."""

    exit_code = 2


class QuantityError(InputError):
    """A quantity such as ``4u7`` could not be read."""


class SpecError(InputError):
    """A spec asks for something that cannot be; `field` names the entry to mend."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

    def naming(self, name: str) -> str:
        """Return the message with what the user calls the field in place of its own name."""
        message = str(self)
        if self.field is None or not message.startswith(self.field):
            return message
        return name + message.removeprefix(self.field)


class DesignError(InputError):
    """A design names a wrong value, or one outside what can be built."""


class FileError(InputError):
    """A file or folder cannot be read, written or understood."""


class ModelError(ArcsError):
    """A model is missing, damaged or does not fit this version."""


class InfeasibleError(ArcsError):
    """No duty gives the output that was asked for; the message names the limit."""


class SolverError(ArcsError):
    """The steady-state solver did not converge."""


class SpiceError(ArcsError):
    """Ngspice could not be run or failed; see the subclasses."""


class SpiceNotFoundError(SpiceError):
    """Ngspice is not installed where ARCS looks for it."""


class SpiceFailedError(SpiceError):
    """Ngspice ended with an error; the message quotes its own line."""


class SpiceTimeoutError(SpiceError):
    """Ngspice did not finish in the time that it was given."""


class JobError(ArcsError):
    """A job could not be started, or its process died."""


class Cancelled(BaseException):
    """The user asked to stop: a request, not an error.

    A BaseException, so that ``except Exception`` lets it pass.
    """
