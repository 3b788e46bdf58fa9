"""How a command is asked to end, and how it ends where its output cannot be written."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

_REQUESTS = ("SIGTERM", "SIGHUP")
"""From whoever started the command, and from a terminal that is closed."""


@contextmanager
def ended_as_by_ctrl_c() -> Iterator[None]:
    """Let a request to end do what Ctrl-C does: everything in use is given back on the way out.

    A request that is ignored, as ``nohup`` has it, stays ignored.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name) for name in _REQUESTS if hasattr(signal, name)):
            if signal.getsignal(number) == signal.SIG_DFL:
                before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def prepare_streams() -> None:
    """Make stdout and stderr such that nothing that is printed ends in a traceback.

    Where the caller closed them, no other file may get their numbers. To answer on a closed stdout
    is an error then, and what is told on a closed stderr is dropped.
    """
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - open to the end
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - likewise
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Names of files need not be text, and not every terminal knows the ohm sign.
            stream.reconfigure(errors="backslashreplace")


def tell(text: str) -> None:
    """Write on stderr; the work goes on where stderr cannot be written."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        drop(sys.stderr)


def drop(stream: TextIO) -> None:
    """Send what is left of an output to nobody; Python would try it again at its end."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
