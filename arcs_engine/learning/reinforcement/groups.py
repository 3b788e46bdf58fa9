"""The designs of one task as they are judged: what is bought for them, each distinct one once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.learning.reinforcement.policy import Questions
from arcs_engine.learning.reinforcement.tasks import Task
from arcs_engine.performance.cost import Reference
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.trials import Trials


@dataclass(frozen=True)
class Group:
    """The k designs of one task, of which m are distinct.

    Attributes:
        task: the task.
        values: of the distinct designs by name, SI, shape (m,) each.
        first: which of the k is the first of each, (m,).
        place: which of the m each of the k is, (k,).
    """

    task: Task
    values: dict[str, FloatArray]
    first: NDArray[np.int64]
    place: NDArray[np.int64]

    @classmethod
    def of(cls, questions: Questions, choices: Tensor, row: int) -> "Group":
        """Return the designs of one task.

        Args:
            questions: n tasks.
            choices: their designs by the numbers of their values, (n, k, s).
            row: of the task.
        """
        task = questions.tasks[row]
        needed = questions.slots.values(row, choices[row].numpy(), task)
        problem = posed(task)
        settled = problem.settled(Trials.of_one(problem.lattice.nearest(needed)))
        places, first, place = np.unique(
            settled.places, axis=0, return_index=True, return_inverse=True
        )
        values = problem.values(Trials.of_one(places))
        return cls(task, values, first, place.reshape(-1))

    def __len__(self) -> int:
        return len(self.first)

    def designs(self) -> list[dict[str, float]]:
        """Return the distinct designs one by one."""
        names = list(self.values)
        rows = np.stack([self.values[name] for name in names], axis=1).tolist()
        return [dict(zip(names, row, strict=True)) for row in rows]


def posed(task: Task) -> Problems:
    """Return a task as a search knows it, for what its places mean; nothing is known to cost 1."""
    unit = Reference(np.ones(1), np.ones(1))
    return Problems(task.topology, SpecBatch.of([task.spec]), unit, task.locks)
