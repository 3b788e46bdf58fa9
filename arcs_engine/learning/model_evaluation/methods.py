"""Every method's attempt at every task: which design it ends with, and what it spent."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from arcs_engine.circuits.design_space import Lattice, Places
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.learning.model_evaluation.tasks import Task
from arcs_engine.model.model import Model
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
        answer: attempts the tasks of one topology.
    """

    name: str
    answer: Callable[[Topology, Sequence[Task], Control], list[Attempt]]


def attempt(plan: Plan, tasks: Sequence[Task], control: Control) -> list[Attempt]:
    """Answer every task, topology by topology; the attempts are in the order of the tasks."""
    answers: dict[str, Attempt] = {}
    names = list(dict.fromkeys(task.spec.topology for task in tasks))
    for number, name in enumerate(names):
        control.progress(number / len(names), f"{plan.name}: {name}")
        mine = [task for task in tasks if task.spec.topology == name]
        found = plan.answer(find_topology(name), mine, control)
        answers |= {each.task.name: each for each in found}
    return [answers[task.name] for task in tasks]


def searched(name: str, method: Method, evaluations: int, seed: int) -> Plan:
    """Return the plan of a search that needs no model; tasks are searched together."""

    def answer(topology: Topology, tasks: Sequence[Task], control: Control) -> list[Attempt]:
        problems = Problems.of(topology, [task.spec for task in tasks])
        traces = run(method, problems, evaluations, seed=seed, control=control)
        return [_attempt(task, trace) for task, trace in zip(tasks, traces, strict=True)]

    return Plan(name, answer)


def _attempt(task: Task, trace: Trace, seconds: float | None = None) -> Attempt:
    return Attempt(task, trace, trace.places[trace.judged.meets_spec], seconds)


@dataclass(frozen=True)
class Sampling:
    """How a model is asked.

    Attributes:
        model: which.
        count: designs drawn for a spec.
        greedy: whether the first is the likeliest one.
        improved: whether a local search starts from the best of them; where none meets its spec,
            from the textbook design before.
        temperature: of the others.
        seed: the same seed draws the same designs.
    """

    model: Model
    count: int
    greedy: bool = True
    improved: bool = False
    temperature: float = 0.8
    seed: int = 0

    def places(self, spec: Spec, topology: Topology, control: Control) -> Places:
        """Draw designs for a spec, shape (count, slots)."""
        values = self.model.sample(
            spec,
            topology,
            self.count,
            temperature=self.temperature,
            seed=self.seed,
            greedy_first=self.greedy,
            control=control,
        )
        return Lattice(topology).nearest(values)

    def answer(self, topology: Topology, tasks: Sequence[Task], control: Control) -> list[Attempt]:
        """Answer tasks one by one, as a user asks them."""
        return [self._one(topology, task, control) for task in tasks]

    def _one(self, topology: Topology, task: Task, control: Control) -> Attempt:
        problems = Problems.of(topology, [task.spec])  # the textbook is known before anyone asks
        began = time.perf_counter()
        drawn = Trials.of_one(self.places(task.spec, topology, control))
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


def model_plans(model: Model, best_of: Sequence[int], seed: int) -> list[Plan]:
    """Return the model's rows: one design greedy and sampled, best of several, improved or not."""
    plans = [
        Plan("model pass@1", Sampling(model, 1).answer),
        Plan("model pass@1 sampled", Sampling(model, 1, greedy=False, seed=seed).answer),
    ]
    for count in best_of:
        for improved in (False, True):
            if count > 1 or improved:
                asked = Sampling(model, count, improved=improved, seed=seed)
                name = f"model best-of-{count}{' polished' if improved else ''}"
                plans.append(Plan(name, asked.answer))
    return plans


def seeded_genetic(model: Model, evaluations: int, seed: int) -> Plan:
    """Return the plan of a genetic algorithm whose first population is the model's."""
    asked = Sampling(model, 32, seed=seed)

    def answer(topology: Topology, tasks: Sequence[Task], control: Control) -> list[Attempt]:
        designs = np.stack([asked.places(task.spec, topology, control) for task in tasks])
        source = given(designs)

        def method(search: Search) -> None:
            genetic(search, source)

        plan = searched("", method, evaluations, seed)
        return plan.answer(topology, tasks, control)

    return Plan(f"model-seeded genetic algorithm {evaluations}", answer)


def baseline_plans(evaluations: int, seed: int) -> list[Plan]:
    """Return the rows that need no model (requirement K3).

    Args:
        evaluations: budget of the genetic algorithm, whose shorter rows are read off it, and up to
            where the cost curve ends of the search with local searches.
        seed: of all chance.
    """
    return [
        searched("textbook", METHODS["textbook-centred"], 1, seed),
        *(searched(f"random best of {k}", METHODS["random"], k, seed) for k in (1, 8, 200)),
        searched("largest L and C, smallest ESR and Rds(on)", METHODS["raw-corner"], 1, seed),
        searched("the same with an ESR that is sold", METHODS["corner"], 1, seed),
        searched("textbook-centred random", METHODS["textbook-centred"], 32, seed),
        searched(
            "textbook-centred random polished",
            METHODS["textbook-centred-polished"],
            min(evaluations, STEPS[-1]),
            seed,
        ),
        searched("genetic algorithm", METHODS["ga"], evaluations, seed),
    ]
