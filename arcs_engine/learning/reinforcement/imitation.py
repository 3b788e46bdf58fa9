"""What a policy may imitate beside its rewards: the locally searched best design of each group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.control import Control
from arcs_engine.learning.reinforcement.policy import Questions
from arcs_engine.learning.reinforcement.tasks import by_topology
from arcs_engine.model.tokens.values import exact
from arcs_engine.sizing.search.ledger import Ledger
from arcs_engine.sizing.search.local import LocalSearch
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.trials import Trials


@dataclass(frozen=True)
class Targets:
    """A design to imitate for each of n tasks.

    Attributes:
        choices: by the numbers of its values, (n, s).
        weight: 1, or 0 for a task without a design that is worth it, (n,).
    """

    choices: Tensor
    weight: Tensor

    def part(self, rows: slice) -> "Targets":
        """Return those of some tasks."""
        return Targets(self.choices[rows], self.weight[rows])


def searched(
    questions: Questions, choices: Tensor, rewards: FloatArray, rounds: int, control: Control
) -> Targets:
    """Search locally from the best design of each group, by the solver.

    Tasks with given values have nothing to imitate: their searches could not be batched.

    Args:
        questions: n tasks.
        choices: k designs of each, (n, k, s).
        rewards: of these, (n, k).
        rounds: most steps of the search.
        control: asked between rounds whether to stop.
    """
    best = choices[torch.arange(len(choices)), torch.from_numpy(rewards.argmax(axis=1))]
    targets = Targets(best.clone(), torch.zeros(len(best)))
    for rows in by_topology(questions.tasks).values():
        free = [row for row in rows if not questions.tasks[row].locks]
        if not free:
            continue
        tasks = [questions.tasks[row] for row in free]
        ledger = Ledger(Problems.of(tasks[0].topology, [task.spec for task in tasks]))
        ledger.score(_starts(questions, best, free, ledger.problems))
        LocalSearch(ledger, rounds, control=control).run(ledger.best())
        ends = ledger.best()
        met = ledger.problems.judge(ends).meets_spec
        values = ledger.problems.lattice.values(ends.places)
        for number, row in enumerate(free):
            targets.choices[row] = _written(questions, row, values, number)
            targets.weight[row] = float(met[number])
    return targets


def _starts(questions: Questions, best: Tensor, rows: Sequence[int], problems: Problems) -> Trials:
    """Return the best designs of tasks of one topology, to search from."""
    places = []
    for row in rows:
        task = questions.tasks[row]
        values = questions.slots.values(row, best[row : row + 1].numpy(), task)
        places.append(problems.lattice.nearest(values)[0])
    return problems.settled(Trials.of_each(np.stack(places)))


def _written(questions: Questions, row: int, values: dict[str, FloatArray], number: int) -> Tensor:
    """Return a design as the policy writes it: the legal values that are nearest, (s,)."""
    slots, task = questions.slots, questions.tasks[row]
    written: NDArray[np.int64] = np.zeros(slots.names.shape[1], dtype=np.int64)
    for column, value in enumerate(task.topology.design_values):
        legal = np.flatnonzero(slots.legal[row, column])
        distance = np.abs(
            exact(slots.numbers[row, column, legal]) - exact(values[value.name][number])
        )
        written[column] = legal[int(np.argmin(distance))]
    return torch.from_numpy(written)
