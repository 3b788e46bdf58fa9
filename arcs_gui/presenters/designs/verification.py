"""Confirming the shortlist with ngspice in the background, the design on screen first."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.errors import SpiceNotFoundError
from arcs_engine.performance.candidate import Candidate, Confirmation
from arcs_engine.simulation.waveforms import Waveforms
from arcs_gui.ports import Background, Engine, Task
from arcs_gui.presenters.cells import Check
from arcs_gui.presenters.generation import Generation

_log = logging.getLogger(__name__)

Reply = Confirmation | Exception
"""What ngspice says of a candidate, or why it says nothing."""


@dataclass(frozen=True)
class Listeners:
    """Who hears how the checks go.

    Attributes:
        check: (rank, state) whenever a candidate's state changes.
        verified: (rank, reply, waveforms) when ngspice has answered, without waveforms when it
            could not simulate this one.
        impossible: once, when ngspice cannot be run at all.
    """

    check: Callable[[int, Check], None]
    verified: Callable[[int, Reply, Waveforms | None], None]
    impossible: Callable[[Exception], None]


class Verifications:
    """One candidate after the other."""

    def __init__(self, engine: Engine, background: Background, listeners: Listeners) -> None:
        self._engine = engine
        self._background = background
        self._listeners = listeners
        self._generation = Generation()
        self._waiting: list[Candidate] = []
        self._task: Task | None = None
        self._running: int | None = None
        self._spec: Spec | None = None

    def start(self, spec: Spec, candidates: tuple[Candidate, ...]) -> None:
        """Verify these, dropping whatever was under way; unsolved ones have nothing to verify."""
        self.stop()
        self._spec = spec
        self._waiting = [c for c in candidates if c.duty is not None]
        for candidate in self._waiting:
            self._listeners.check(candidate.rank, "waiting")
        self._next()

    def prefer(self, rank: int) -> None:
        """Take this one next."""
        self._waiting.sort(key=lambda candidate: candidate.rank != rank)

    def add(self, spec: Spec, candidate: Candidate) -> None:
        """Verify this one next, whatever else waits."""
        self._spec = spec
        self.forget(candidate.rank)
        if candidate.duty is None:
            return
        self._waiting.insert(0, candidate)
        self._listeners.check(candidate.rank, "waiting")
        if self._task is None:
            self._next()

    def forget(self, rank: int) -> None:
        """Verify this one no more; no answer on it arrives after this."""
        self._waiting = [candidate for candidate in self._waiting if candidate.rank != rank]
        if self._task is not None and self._running == rank:
            self._generation.renew()
            self._task.cancel()
            self._next()

    def stop(self) -> None:
        """Cancel; no answer arrives after this."""
        self._generation.renew()
        self._waiting = []
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _next(self) -> None:
        self._task = None
        if not self._waiting or self._spec is None:
            return
        spec, candidate = self._spec, self._waiting.pop(0)
        self._running = candidate.rank
        self._listeners.check(candidate.rank, "running")

        def done(answer: tuple[Confirmation, Waveforms]) -> None:
            confirmation, waveforms = answer
            state: Check = "confirmed" if confirmation.confirmed else "refuted"
            self._listeners.check(candidate.rank, state)
            self._listeners.verified(candidate.rank, confirmation, waveforms)
            self._next()

        def failed(error: Exception) -> None:
            if isinstance(error, SpiceNotFoundError):
                self._show_failure(candidate, error)
                return
            _log.warning("ngspice on candidate %d: %s", candidate.rank, error)
            self._listeners.check(candidate.rank, "failed")
            self._listeners.verified(candidate.rank, error, None)
            self._next()

        self._task = self._background.run(
            "ngspice",
            lambda control: self._engine.verify(spec, candidate, control),
            done=self._generation.only_current(done),
            failed=self._generation.only_current(failed),
        )

    def _show_failure(self, candidate: Candidate, error: Exception) -> None:
        """Without ngspice, none of the others can be verified either."""
        for left in (candidate, *self._waiting):
            self._listeners.check(left.rank, "none")
        self._waiting = []
        self._task = None
        self._listeners.impossible(error)
