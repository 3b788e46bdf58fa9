"""What a policy is worth on fixed specs, and which of two evaluations is the better model."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.control import Control
from arcs_engine.learning.reinforcement.judges import Judge
from arcs_engine.learning.reinforcement.policy import Policy, Questions
from arcs_engine.learning.reinforcement.tasks import Task
from arcs_engine.model.request import Draw
from arcs_engine.model.transformer import Transformer
from arcs_engine.performance.cost import FAILED_COST

_LARGEST_DROP = 0.03
"""Share of a topology's specs that may be lost beside one, which is chance."""

_NOISE = 2.0
"""Standard errors of a paired difference that mean nothing."""


@dataclass(frozen=True)
class Worth:
    """What a policy is worth on n specs.

    Attributes:
        topologies: name of each spec's topology.
        met: whether its likeliest design meets the spec, (n,).
        cost: of that design; 3 where it fails, which no design exceeds, (n,).
        drawn: share of its drawn designs that meet the spec, (n,).
        best: cost of the best of all of these, (n,).
        distinct: of the drawn designs, (n,).
    """

    topologies: tuple[str, ...]
    met: NDArray[np.bool_]
    cost: FloatArray
    drawn: FloatArray
    best: FloatArray
    distinct: FloatArray

    def figures(self) -> dict[str, float]:
        """Return the means by name, and the likeliest designs' by topology."""
        figures = {
            "pass": float(self.met.mean()),
            "cost": float(self.cost.mean()),
            "drawn_pass": float(self.drawn.mean()),
            "best_cost": float(self.best.mean()),
            "distinct": float(self.distinct.mean()),
        }
        for name in dict.fromkeys(self.topologies):
            mine = self._of(name)
            figures[f"{name}.pass"] = float(self.met[mine].mean())
            figures[f"{name}.cost"] = float(self.cost[mine].mean())
        return figures

    def keeps(self, start: "Worth") -> bool:
        """Whether nothing of the start was lost: the best of the drawn, and no topology.

        The best designs' costs are compared where both have one, against the noise of the pairs.
        """
        lost = [
            start.met[mine].sum() - self.met[mine].sum() > 1 + _LARGEST_DROP * mine.sum()
            for mine in map(self._of, dict.fromkeys(self.topologies))
        ]
        both = (self.best < FAILED_COST) & (start.best < FAILED_COST)
        worse = (self.best - start.best)[both]
        noise = _NOISE * worse.std() / np.sqrt(len(worse)) if len(worse) else 0.0
        return not any(lost) and not (len(worse) > 0 and worse.mean() > noise)

    def _of(self, name: str) -> NDArray[np.bool_]:
        return np.asarray(np.array(self.topologies) == name)


@dataclass(frozen=True)
class Measure:
    """How policies are measured.

    Attributes:
        tasks: fixed specs.
        drawn: designs of each beside the likeliest.
        judge: says what they are worth.
        seed: of the drawing.
    """

    tasks: tuple[Task, ...]
    drawn: int
    judge: Judge
    seed: int

    def of(self, transformer: Transformer, control: Control) -> Worth:
        """Measure one: the likeliest design without guidance, and designs drawn as proposals are.

        The policy's own temperature does not matter to the first, and the second are drawn at the
        product's, from all legal values.
        """
        policy = Policy(transformer, Draw().temperature)
        questions = Questions(self.tasks)
        dice = torch.Generator().manual_seed(self.seed)
        likeliest = policy.draw(questions, 1, None).choices
        drawn = policy.draw(questions, self.drawn, dice).choices
        found = self.judge.outcome(questions, torch.cat((likeliest, drawn), dim=1), control)
        cost = np.where(found.met, np.minimum(found.cost, FAILED_COST), FAILED_COST)
        return Worth(
            tuple(task.topology.name for task in self.tasks),
            found.met[:, 0],
            cost[:, 0],
            found.met[:, 1:].mean(axis=1),
            cost.min(axis=1),
            np.array([float(len(each.unique(dim=0))) for each in drawn]),
        )
