"""The window's end: the engine's process is started, called, started again and ended.

This module imports neither Qt nor the engine, so that the process can be started before both.
"""

import multiprocessing
import queue
import sys
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, cast

from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, JobError
from arcs_engine.foundation.interruption import put_off
from arcs_gui.engine_process import wire
from arcs_gui.engine_process.server import GRACE_S, Services, local, serve

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

LINES = 11
"""Calls that can be under way at a time: one for each lane of the window."""

LOOK_S = 0.02
"""How often a waiting call looks whether it was cancelled."""


class RemoteError(Exception):
    """Where in the engine's process an error came from; the cause of what the window gets."""


class EngineProcess:
    """The engine in a process of its own, which is started again when it dies."""

    def __init__(self, services: Callable[[], Services] = local) -> None:
        """Start it; returns at once.

        Args:
            services: makes what is called, in that process; must be importable there.
        """
        self._services = services
        self._changing = threading.Lock()
        self._closed = False
        self._life = _Life(services)

    @property
    def pid(self) -> int:
        """Process number."""
        return self._life.pid

    def service(self, name: str) -> object:
        """Return what stands for a service here: it has its methods."""
        return _Proxy(partial(self.call, name))

    def call(self, service: str, method: str, *arguments: object) -> object:
        """Call a method there and return what it returns.

        A `Control` is the last argument or none: its reports come in this thread, and its stop
        travels.

        Raises:
            JobError: the process died; it is started again.
            Cancelled: the control asked for a stop.
            Exception: what the method raised.
        """
        last = arguments[-1] if arguments else None
        control = last if isinstance(last, Control) else None
        plain = arguments[:-1] if control is not None else arguments
        life = self._life
        try:
            reply = life.ask(wire.Call(service, method, plain, control is not None), control)
        except (EOFError, OSError) as error:
            raise JobError(self._after_death(life)) from error
        match reply:
            case wire.Answer(value):
                return value
            case wire.Failure(failed, trace):
                raise failed from RemoteError(trace)
        raise Cancelled

    def close(self) -> None:
        """End the process at once; calls under way fail."""
        with self._changing:
            self._closed = True
            self._life.end()

    def _after_death(self, life: "_Life") -> str:
        """Start the process again, unless that was done or is not wished; return what to say."""
        with self._changing:
            if self._closed:
                return "The engine ended with the window."
            if life is self._life:
                life.end()
                self._life = _Life(self._services)
        return (
            "The engine ended unexpectedly, killed or out of memory, and has started again; "
            "repeat the last step."
        )


class _Life:
    """One process, from its start to its end."""

    def __init__(self, services: Callable[[], Services]) -> None:
        context = multiprocessing.get_context("spawn")
        self._lifeline, its_lifeline = context.Pipe()
        pipes = [context.Pipe() for _ in range(LINES)]
        theirs = [end for _, end in pipes]
        self._idle: queue.LifoQueue[Connection[Any, Any]] = queue.LifoQueue()
        for line, _ in pipes:
            self._idle.put(line)
        # A daemon: should nobody end it, Python does at its own end.
        self._process = context.Process(
            target=serve, args=(its_lifeline, theirs, services), name="arcs-engine", daemon=True
        )
        if sys.platform != "win32":
            # What it starts would take up again what is put off.
            resource_tracker.ensure_running()
        with put_off():  # half started, or interrupted in its first imports, it would complain
            self._process.start()
        self.pid = self._process.pid or 0
        # Only the process holds its ends now, so that they close when it dies.
        for end in (its_lifeline, *theirs):
            end.close()

    def ask(self, call: wire.Call, control: Control | None) -> wire.Reply:
        """Say a call and return what came of it, telling the control of progress.

        Raises:
            EOFError: the process is gone.
            OSError: likewise.
        """
        line = self._idle.get()
        try:
            wire.send(line, call)
            while isinstance(reply := self._hear(line, control), wire.Progress):
                if control is not None:
                    control.report(reply.fraction, reply.text)
        finally:
            self._idle.put(line)
        return reply

    @staticmethod
    def _hear(line: "Connection[Any, Any]", control: Control | None) -> wire.Reply:
        told = False
        while control is not None and not line.poll(LOOK_S):
            if control.stop.is_set() and not told:
                wire.send(line, wire.Stop())
                told = True
        return cast(wire.Reply, wire.receive(line))

    def end(self) -> None:
        """Ask the process to end, see to it that it does, and reap it."""
        self._lifeline.close()
        self._process.join(GRACE_S + 1.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


class _Proxy:
    """Has every method that is asked for, and passes its calls on."""

    def __init__(self, call: Callable[..., object]) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name.startswith("_"):
            raise AttributeError(name)
        return partial(self._call, name)
