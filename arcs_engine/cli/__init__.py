"""The command line: ``arcs`` and its subcommands.

stdout carries the answer, one JSON document with ``--json``; progress, logs and reasons go to
stderr. Exit codes: 0 done, 1 the work failed, 2 wrong usage or bad input, 130 cancelled, 141 nobody
reads the answer (as a shell says of a program that SIGPIPE ended).

`main` imports nothing slow before Ctrl-C and SIGTERM can end the command cleanly.
"""

import contextlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from arcs_engine.cli.ending import drop, prepare_streams, tell
from arcs_engine.foundation.errors import ArcsError, Cancelled
from arcs_engine.foundation.interruption import CANCELLED, ends_at_once
from arcs_engine.foundation.plain import plain

if TYPE_CHECKING:
    import typer

FAILED = 1
WRONG_USAGE = 2
UNREAD = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: without the program's name; None takes them from the process.
    """
    given = None if arguments is None else list(arguments)
    with contextlib.ExitStack() as starting:
        starting.enter_context(ends_at_once())
        return _run(given, starting)


def _run(arguments: list[str] | None, starting: contextlib.ExitStack) -> int:
    """Run the command line; the command that is found closes `starting`, as it can be cancelled."""
    import typer  # noqa: PLC0415

    from arcs_engine.cli.app import app  # noqa: PLC0415 - errors of the commands are caught here

    prepare_streams()
    try:
        code = app(args=arguments, prog_name="arcs", standalone_mode=False, obj=starting) or 0
        sys.stdout.flush()
    except typer.TyperException as error:
        return _usage(error)
    except ArcsError as error:
        return _failed(str(error), error.exit_code)
    except (KeyboardInterrupt, Cancelled, typer.Abort):
        return _failed("Cancelled.", CANCELLED)
    except (BrokenPipeError, SystemExit):  # typer and rich exit where the pipe is closed
        drop(sys.stdout)
        return UNREAD
    except (OSError, UnicodeEncodeError) as error:
        drop(sys.stdout)
        return _failed(_unwritten(error), FAILED)
    return code


def _unwritten(error: OSError | UnicodeEncodeError) -> str:
    """Say what was refused; the system names no file where that is the output."""
    if isinstance(error, UnicodeEncodeError):
        return f"The answer holds a name that is no text: {error.object!a}."
    reason = (error.strerror or str(error)).lower()
    if error.filename is None:
        return f"The output cannot be written: {reason}."
    return f"{error.filename} cannot be used: {reason}."


def _usage(error: "typer.TyperException") -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "arcs"
    message = error.format_message().rstrip(".")
    return _failed(f"{message}. See {command} --help.", WRONG_USAGE)


def _failed(message: str, code: int) -> int:
    tell(f"arcs: {plain(message)}\n")
    return code
