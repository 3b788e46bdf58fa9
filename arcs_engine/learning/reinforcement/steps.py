"""One step: what was drawn, what became of it, and the figures of both."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.control import Control
from arcs_engine.learning.reinforcement.advantages import Graded
from arcs_engine.learning.reinforcement.config import Pull, ReinforcementConfig
from arcs_engine.learning.reinforcement.gradient import Weighed
from arcs_engine.learning.reinforcement.imitation import searched
from arcs_engine.learning.reinforcement.policy import Drawn, Questions
from arcs_engine.learning.reinforcement.rewards import Outcome, graded
from arcs_engine.learning.reinforcement.tasks import by_topology
from arcs_engine.performance.cost import FAILED_COST
from arcs_engine.performance.verdict import STATUSES

STAGES: Final = ("seconds_sampling", "seconds_judging", "seconds_gradient")
"""Curves of the time that each stage of a step takes."""


@dataclass(frozen=True)
class Step:
    """The designs of a step.

    Attributes:
        questions: n tasks.
        drawn: k designs of each.
        outcome: what became of them.
        rewards: (n, k).
        silence: spread of a group's rewards up to which it says nothing.
    """

    questions: Questions
    drawn: Drawn
    outcome: Outcome
    rewards: FloatArray
    silence: float

    @classmethod
    def of(
        cls, questions: Questions, drawn: Drawn, outcome: Outcome, config: ReinforcementConfig
    ) -> "Step":
        """Grade the designs of a step."""
        rewards = graded(outcome, config.reward)
        return cls(questions, drawn, outcome, rewards, config.advantage.silence)

    def graded(self, topologies: tuple[str, ...]) -> Graded:
        """Return the rewards by topology; the names say which number each has."""
        numbers = [topologies.index(task.topology.name) for task in self.questions.tasks]
        return Graded(self.rewards, self.outcome.met, np.array(numbers))

    def weighed(self, advantages: FloatArray, pull: Pull, control: Control) -> Weighed:
        """Return the designs with their weights in the gradient, and what is imitated beside."""
        questions, choices = self.questions, self.drawn.choices
        targets = (
            searched(questions, choices, self.rewards, pull.rounds, control)
            if pull.search
            else None
        )
        return Weighed(questions, choices, torch.from_numpy(advantages).float(), targets)

    def figures(self, advantages: FloatArray) -> dict[str, float]:
        """Return the step's figures by name: means over designs, and the rewards by topology.

        - ``silent``: share of groups whose rewards are alike;
        - ``best_cost``: of the best design of each group;
        - ``weight_of_best``: share of all |advantages| that a group's best quarter has;
        - ``failed_...``: share of designs by what they fail first;
        - ``confirmed``: of those that ngspice was asked about.
        """
        outcome = self.outcome
        cost = np.where(outcome.met, np.minimum(outcome.cost, FAILED_COST), FAILED_COST)
        figures = {
            "reward": float(self.rewards.mean()),
            "met": float(outcome.met.mean()),
            "cost": float(cost.mean()),
            "best_cost": float(cost.min(axis=1).mean()),
            "silent": float((np.ptp(self.rewards, axis=1) <= self.silence).mean()),
            "distinct": float(np.mean([len(each.unique(dim=0)) for each in self.drawn.choices])),
            "weight_of_best": _weight_of_best(self.rewards, advantages),
        }
        for name, rows in by_topology(self.questions.tasks).items():
            figures[f"{name}.reward"] = float(self.rewards[rows].mean())
            figures[f"{name}.met"] = float(outcome.met[rows].mean())
        for number, label in enumerate(STATUSES[1:], start=1):
            figures[f"failed_{label.replace(' ', '_')}"] = float((outcome.status == number).mean())
        if outcome.asked.any():
            figures["confirmed"] = float(outcome.confirmed[outcome.asked].mean())
        return figures


def _weight_of_best(rewards: FloatArray, advantages: FloatArray) -> float:
    """Return the share of |advantages| on the best quarter of each group; 0 where all are 0."""
    quarter = max(1, rewards.shape[1] // 4)
    best = np.argsort(-rewards, axis=1, kind="stable")[:, :quarter]
    weights = np.abs(advantages)
    whole = weights.sum()
    return float(np.take_along_axis(weights, best, axis=1).sum() / whole) if whole > 0 else 0.0
