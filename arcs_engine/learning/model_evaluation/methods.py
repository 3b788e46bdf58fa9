"""Every method's attempt at every task: which design it ends with, and what it spent."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from arcs_engine.circuits.design_space import Lattice, Places
from arcs_engine.foundation.control import Control
from arcs_engine.learning.model_evaluation.tasks import Task
from arcs_engine.model.model import Model
from arcs_engine.model.request import Draw, Request
from arcs_engine.sizing.proposal import STARTS
from arcs_engine.sizing.search.genetic import genetic
from arcs_engine.sizing.search.ledger import Ledger, Search, Trace
from arcs_engine.sizing.search.local import LocalSearch
from arcs_engine.sizing.search.methods import METHODS, Method, run
from arcs_engine.sizing.search.problems import FAILED, Problems
from arcs_engine.sizing.search.sources import given
from arcs_engine.sizing.search.trials import Trials

STEPS: Final = (1, 8, 32, 100, 500, 2000)
"""Evaluations at which the cost curve is read (requirement K3)."""

SEEDED_EVALUATIONS: Final = 320
"""Most evaluations of the genetic algorithm that begins with the model's designs."""


@dataclass(frozen=True)
class Attempt:
    """What a method made of one task.

    Attributes:
        task: which.
        trace: every design that was judged, in order.
        met: designs that met the spec, by lattice place, repetitions included, shape (m, slots):
            they tell how diverse the method is.
        seconds: from the spec to the answer; None where tasks were answered together.
    """

    task: Task
    trace: Trace
    met: Places
    seconds: float | None = None

    @property
    def values(self) -> dict[str, float]:
        """The design that scored best, by name, SI."""
        return self.trace.best()

    @property
    def cost(self) -> float:
        """Its cost; 3 when it does not meet the spec."""
        return self.trace.after(len(self.trace))

    @property
    def evaluations(self) -> int:
        """How many designs were judged."""
        return len(self.trace)

    def cut(self, evaluations: int) -> "Attempt":
        """Return what it had reached after so many evaluations."""
        return _attempt(self.task, self.trace.first(evaluations))


@dataclass(frozen=True)
class Plan:
    """A row of the table: a method and its budget.

    Attributes:
        name: in the table.
        answer: attempts tasks, at least one, all of one topology.
    """

    name: str
    answer: Callable[[Sequence[Task], Control], list[Attempt]]

    def attempt(self, tasks: Sequence[Task], control: Control) -> list[Attempt]:
        """Answer every task, topology by topology; the attempts are in the order of the tasks."""
        answers: dict[str, Attempt] = {}
        names = list(dict.fromkeys(task.spec.topology for task in tasks))
        for number, name in enumerate(names):
            control.progress(number / len(names), f"{self.name}: {name}")
            mine = [task for task in tasks if task.spec.topology == name]
            answers |= {each.task.name: each for each in self.answer(mine, control)}
        return [answers[task.name] for task in tasks]


@dataclass(frozen=True)
class Searching:
    """A search that needs no model.

    Attributes:
        method: how it searches.
        evaluations: designs that it may have judged for each spec.
        seed: the same seed finds the same designs.
    """

    method: Method
    evaluations: int
    seed: int

    def answer(self, tasks: Sequence[Task], control: Control) -> list[Attempt]:
        """Answer tasks of one topology together."""
        problems = Problems.of(tasks[0].topology, [task.spec for task in tasks])
        traces = run(self.method, problems, self.evaluations, seed=self.seed, control=control)
        return [_attempt(task, trace) for task, trace in zip(tasks, traces, strict=True)]


def _attempt(task: Task, trace: Trace, seconds: float | None = None) -> Attempt:
    return Attempt(task, trace, trace.places[trace.judged.meets_spec], seconds)


@dataclass(frozen=True)
class Sampling:
    """How a model is asked.

    Attributes:
        model: which.
        count: designs drawn for a spec.
        draw: how they are drawn.
        greedy: whether the first is the likeliest one.
        improved: whether a local search starts from the best of them; where none meets its spec,
            from the textbook design before.
    """

    model: Model
    count: int
    draw: Draw = field(default_factory=Draw)
    greedy: bool = True
    improved: bool = False

    def places(self, task: Task, control: Control) -> Places:
        """Draw designs for a spec, shape (count, slots)."""
        asked = Request(task.spec, task.topology, self.count, greedy_first=self.greedy)
        return Lattice(task.topology).nearest(self.model.sample(asked, self.draw, control))

    def answer(self, tasks: Sequence[Task], control: Control) -> list[Attempt]:
        """Answer tasks one by one, as a user asks them."""
        return [self._one(task, control) for task in tasks]

    def _one(self, task: Task, control: Control) -> Attempt:
        # The textbook design is known before anyone asks.
        problems = Problems.of(task.topology, [task.spec])
        began = time.perf_counter()
        drawn = Trials.of_one(self.places(task, control))
        ledger = Ledger(problems)
        score = ledger.score(drawn)
        if self.improved:
            best = drawn[np.unique(score, return_index=True)[1][:STARTS]]
            search = LocalSearch(ledger, control=control)
            if score.min() >= FAILED:
                search.run(Trials.of_one(problems.textbook()))
            search.run(best)
        seconds = time.perf_counter() - began
        found = _attempt(task, ledger.traces()[0], seconds)
        return found if self.improved else replace(found, met=drawn.places[score < FAILED])


@dataclass(frozen=True)
class SeededGenetic:
    """A genetic algorithm whose first population is a model's.

    Attributes:
        sampling: how the model is asked for the population.
        evaluations: designs that may be judged for each spec.
        seed: of the algorithm's own chance.
    """

    sampling: Sampling
    evaluations: int
    seed: int

    def answer(self, tasks: Sequence[Task], control: Control) -> list[Attempt]:
        """Answer tasks of one topology together."""
        source = given(np.stack([self.sampling.places(task, control) for task in tasks]))

        def method(search: Search) -> None:
            genetic(search, source)

        return Searching(method, self.evaluations, self.seed).answer(tasks, control)


@dataclass(frozen=True)
class Methods:
    """Which methods are compared, and what they may spend.

    Attributes:
        best_of: how many designs the model draws, a row each without and with a local search.
        baselines: evaluations of the genetic algorithm, the longest search, whose shorter rows are
            read off it, and up to where the cost curve ends of the search with local searches;
            None for no searches.
        seed: of all chance.
    """

    best_of: Sequence[int] = (3, 8, 32)
    baselines: int | None = None
    seed: int = 0

    @property
    def best(self) -> str:
        """Name of the model's best row."""
        return _best_of(max(self.best_of), improved=True)

    def plans(self, model: Model) -> list[Plan]:
        """Return all rows."""
        plans = self.of_model(model)
        if self.baselines is not None:
            plans += [*self.of_searches(self.baselines), self.seeded(model, self.baselines)]
        return plans

    def of_model(self, model: Model) -> list[Plan]:
        """Return the model's rows: one design greedy and sampled, best of several, improved or not.

        Args:
            model: trained on the tasks' topologies.
        """
        draw = Draw(seed=self.seed)
        plans = [
            Plan("model pass@1", Sampling(model, 1).answer),
            Plan("model pass@1 sampled", Sampling(model, 1, draw, greedy=False).answer),
        ]
        for count in self.best_of:
            for improved in (False, True):
                if count > 1 or improved:
                    asked = Sampling(model, count, draw, improved=improved)
                    plans.append(Plan(_best_of(count, improved=improved), asked.answer))
        return plans

    def of_searches(self, evaluations: int) -> list[Plan]:
        """Return the rows that need no model (requirement K3); see `baselines`."""
        rows = [
            ("textbook", "textbook-centred", 1),
            *((f"random best of {k}", "random", k) for k in (1, 8, 200)),
            ("largest L and C, smallest ESR and Rds(on)", "raw-corner", 1),
            ("the same with an ESR that is sold", "corner", 1),
            ("textbook-centred random", "textbook-centred", 32),
            (
                "textbook-centred random polished",
                "textbook-centred-polished",
                min(evaluations, STEPS[-1]),
            ),
            ("genetic algorithm", "ga", evaluations),
        ]
        return [
            Plan(name, Searching(METHODS[method], budget, self.seed).answer)
            for name, method, budget in rows
        ]

    def seeded(self, model: Model, evaluations: int) -> Plan:
        """Return the row of a genetic algorithm that begins with the model's designs."""
        budget = min(SEEDED_EVALUATIONS, evaluations)
        sampling = Sampling(model, 32, Draw(seed=self.seed))
        answer = SeededGenetic(sampling, budget, self.seed).answer
        return Plan(f"model-seeded genetic algorithm {budget}", answer)


def _best_of(count: int, *, improved: bool) -> str:
    return f"model best-of-{count}{' polished' if improved else ''}"
