"""Solving a design whose values move: one question at a time, then the newest that waits."""

from collections.abc import Callable
from dataclasses import dataclass

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.performance.candidate import Candidate
from arcs_gui.ports import Background, Engine, Solved, Turns
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.waveforms import traces
from arcs_gui.presenters.waveforms.traces import TraceSet


@dataclass(frozen=True)
class Question:
    """Which design to solve, and what its cost compares with."""

    spec: Spec
    textbook: Candidate
    candidate: Candidate


@dataclass(frozen=True)
class Answer:
    """A solved design and its curves; none where it has no operating point."""

    solved: Solved
    traces: TraceSet | None


class LiveSolver:
    """Asks the solver as fast as it answers; `heard` and `failed` get the answers.

    While one question is under way, only the newest other one waits: what came between is never
    solved. The next is solved while an answer is shown, and its answer waits until that is done:
    the solver, in a process of its own, is at most one answer ahead of the window. After `drop` no
    answer to an earlier question arrives.
    """

    def __init__(
        self,
        engine: Engine,
        background: Background,
        heard: Callable[[Answer], None],
        failed: Callable[[Exception], None],
        turns: Turns,
    ) -> None:
        self._engine = engine
        self._turns = turns
        self._background = background
        self._heard = heard
        self._failed = failed
        self._generation = Generation()
        self._asking = False
        self._showing = False
        self._arrived: Answer | None = None
        self._waiting: Question | None = None

    @property
    def is_behind(self) -> bool:
        """Whether an answer is still to come."""
        return self._asking or self._arrived is not None or self._waiting is not None

    def ask(self, question: Question) -> None:
        """Solve this next, in place of whatever waits."""
        self._waiting = question
        if not self._asking and self._arrived is None:
            self._next()

    def drop(self) -> None:
        """Hear no answer to anything asked so far."""
        self._generation.renew()
        self._asking = self._showing = False
        self._arrived = self._waiting = None

    def _next(self) -> None:
        question, self._waiting = self._waiting, None
        if question is None:
            return
        self._asking = True
        current = self._generation.only_current
        self._background.run(
            "tune",
            lambda _: self._solve(question),
            done=current(self._on_answer),
            failed=current(self._on_failure),
        )

    def _solve(self, question: Question) -> Answer:
        solved = self._engine.solve(question.spec, question.textbook, question.candidate)
        if solved.waveforms is None:
            return Answer(solved, None)
        declared = topology(solved.candidate.topology)
        return Answer(solved, traces.trace_set(declared, solved.waveforms))

    def _on_answer(self, answer: Answer) -> None:
        self._asking = False
        self._arrived = answer
        if not self._showing:
            self._show()

    def _show(self) -> None:
        answer, self._arrived = self._arrived, None
        if answer is None:
            return
        self._showing = True
        self._next()
        self._heard(answer)
        self._turns.put("next answer", self._generation.only_current(self._on_shown))

    def _on_shown(self) -> None:
        self._showing = False
        self._show()

    def _on_failure(self, error: Exception) -> None:
        self._asking = False
        self._next()
        self._failed(error)
