"""Ctrl-C and SIGTERM while the program starts; see `ends_at_once`."""

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Final

CANCELLED: Final = 130
"""Exit code of what was cancelled."""

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""What asks the program to end."""

_SAID: Final = b"arcs: Cancelled.\n"


@contextlib.contextmanager
def ends_at_once() -> Iterator[None]:
    """While this holds, Ctrl-C or SIGTERM ends the process at once, with exit code 130.

    For times in which nothing has begun that must be finished: while libraries are imported and
    the window is made. Python's own KeyboardInterrupt comes up inside of their code then, which
    prints it, loses it or aborts. To be entered in the main thread.
    """
    before = {number: signal.getsignal(number) for number in SIGNALS}
    heard = [number for number in SIGNALS if before[number] != signal.SIG_IGN]
    for number in heard:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


@contextlib.contextmanager
def put_off() -> Iterator[None]:
    """While this holds, Ctrl-C and SIGTERM wait: what is done here is done whole.

    A process that is started here begins with both put off; `take_up` ends that there.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows tells a new process nothing of the kind
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def take_up() -> None:
    """Hear again what `put_off` made the process that started this one put off."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _end(number: int, frame: FrameType | None) -> None:
    """End here, whatever is under way: no code can be prepared for it."""
    with contextlib.suppress(OSError):
        os.write(2, _SAID)
    os._exit(CANCELLED)
