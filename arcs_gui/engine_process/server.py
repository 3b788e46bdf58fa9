"""The engine's process: answers calls, several at a time, until the window is gone."""

import contextlib
import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from multiprocessing import connection
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

from arcs_engine.foundation import scratch
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError, Cancelled
from arcs_engine.foundation.interruption import take_up
from arcs_gui.engine_process import wire
from arcs_gui.event_loop.allocator import give_back_what_is_freed

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Services = Mapping[str, object]
"""What can be called, by name."""

NICENESS = 5
"""By how much the window goes before the engine where both want a core."""

PROGRESS_S = 0.05
"""Reports of progress that say the same words are at least this far apart."""

GRACE_S = 1.0
"""Time for calls that can be asked to stop, and for the programs that they run, to end."""


def local() -> Services:
    """Return the engine and the analyst of this process; loading begins at once."""
    from arcs_gui.engine_process.analyst import LocalAnalyst  # noqa: PLC0415 - in the engine's process alone
    from arcs_gui.engine_process.engine import LocalEngine  # noqa: PLC0415

    engine = LocalEngine()
    engine.load_ahead()
    return {"engine": engine, "analyst": LocalAnalyst()}


def serve(
    lifeline: "Connection[Any, Any]",
    lines: "Sequence[Connection[Any, Any]]",
    services: Callable[[], Services],
) -> None:
    """Answer until the lifeline, or any line, is closed at the other end; then end this process.

    Args:
        lifeline: nothing is said on it.
        lines: one call at a time on each.
        services: makes what is called.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which then closes this
    for name in ("SIGTERM", "SIGHUP"):  # the second when the window's terminal is closed
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) == signal.SIG_DFL:
            signal.signal(getattr(signal, name), _terminate)
    take_up()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    give_back_what_is_freed()
    with contextlib.suppress(_Terminated):
        scratch.sweep()
        _Server(lifeline, lines, services()).run()
    # Threads may be inside native code that cannot be asked to stop.
    os._exit(0)


class _Terminated(BaseException):
    """This process was asked to end; no library that is being imported may swallow it."""


def _terminate(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # it is ending
    raise _Terminated


class _Server:
    """Hears all lines in one thread, and answers each call in another."""

    def __init__(
        self,
        lifeline: "Connection[Any, Any]",
        lines: "Sequence[Connection[Any, Any]]",
        services: Services,
    ) -> None:
        self._lines = [lifeline, *lines]
        self._services = services
        self._threads = ThreadPoolExecutor(len(lines), "arcs-engine")
        self._stops: dict[Connection[Any, Any], threading.Event] = {}
        self._controlled: set[Future[None]] = set()

    def run(self) -> None:
        """Answer until the window is gone, or this is terminated; then stop what can be stopped."""
        with contextlib.suppress(EOFError, OSError, _Terminated):
            while True:
                for line in connection.wait(self._lines):
                    self._hear(line)  # type: ignore[arg-type] # `wait` returns what it was given
        for stop in self._stops.values():
            stop.set()
        wait(self._controlled, GRACE_S)

    def _hear(self, line: "Connection[Any, Any]") -> None:
        request = cast(wire.Request, wire.receive(line))
        if isinstance(request, wire.Stop):
            self._stops[line].set()
            return
        self._stops[line] = threading.Event()
        answered = self._threads.submit(self._answer, line, request, self._stops[line])
        if request.controlled:
            self._controlled.add(answered)
            answered.add_done_callback(self._controlled.discard)

    def _answer(self, line: "Connection[Any, Any]", call: wire.Call, stop: threading.Event) -> None:
        try:
            method = getattr(self._services[call.service], call.method)
            control = (Control(_Reporter(line), stop),) if call.controlled else ()
            reply: wire.Reply = wire.Answer(method(*call.arguments, *control))
        except Cancelled:
            reply = wire.Stopped()
        except Exception as error:  # noqa: BLE001 - carried over to the window, which shows it
            reply = _failure(error)
        with contextlib.suppress(OSError):  # without a window nobody waits for it
            try:
                wire.send(line, reply)
            except (pickle.PicklingError, TypeError, AttributeError) as error:
                wire.send(line, _failure(error))


class _Reporter:
    """Tells a line of progress, no more often than anybody could see."""

    def __init__(self, line: "Connection[Any, Any]") -> None:
        self._line = line
        self._text = ""
        self._next = 0.0

    def __call__(self, fraction: float, text: str) -> None:
        now = time.monotonic()
        if text == self._text and now < self._next:
            return
        self._text, self._next = text, now + PROGRESS_S
        with contextlib.suppress(OSError):
            wire.send(self._line, wire.Progress(fraction, text))


def _failure(error: Exception) -> wire.Failure:
    """Return an error as it can travel: ARCS's own as they are, others by kind and message.

    To read an error of a library the window would import the library.
    """
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, ArcsError):
        error.__cause__ = error.__context__ = None
        return wire.Failure(error, trace)
    return wire.Failure(RuntimeError(f"{type(error).__name__}: {error}"), trace)
