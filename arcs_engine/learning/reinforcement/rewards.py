"""One number for a design, higher is better, from what the judge says of it."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.learning.reinforcement.config import Reward

_NEAREST = 0.01
"""How far behind the designs that meet their spec the nearest failure is graded, of the gap."""


@dataclass(frozen=True)
class Outcome:
    """What became of the designs of n tasks; arrays of shape (n, k).

    Attributes:
        met: whether each meets its spec.
        cost: requirement J4, where it meets its spec.
        excess: `Verdicts.excess`: 1 where nothing fails, inf where nothing is known.
        points: the 8-point reward (requirement J6).
        status: index into `verdict.STATUSES`.
        asked: whether ngspice was asked.
        confirmed: whether it confirmed (requirement N4).
    """

    met: NDArray[np.bool_]
    cost: FloatArray
    excess: FloatArray
    points: FloatArray
    status: NDArray[np.int64]
    asked: NDArray[np.bool_]
    confirmed: NDArray[np.bool_]

    @classmethod
    def empty(cls, shape: tuple[int, int]) -> "Outcome":
        """Return room for the designs of tasks: each fails, of which nothing is known."""
        return cls(
            np.zeros(shape, dtype=bool),
            np.full(shape, np.inf),
            np.full(shape, np.inf),
            np.ones(shape),
            np.ones(shape, dtype=np.int64),
            np.zeros(shape, dtype=bool),
            np.zeros(shape, dtype=bool),
        )

    def take(self, designs: NDArray[np.int64]) -> "Outcome":
        """Return the designs at an index, of every task; they may repeat."""
        return Outcome(**{each.name: getattr(self, each.name)[:, designs] for each in fields(self)})

    def put(self, row: int, found: "Outcome") -> None:
        """Write down what became of one task's designs, arrays of shape (1, k)."""
        for each in fields(self):
            getattr(self, each.name)[row] = getattr(found, each.name)[0]


def graded(outcome: Outcome, reward: Reward) -> FloatArray:
    """Return the reward of each design, (n, k).

    By cost, the best design of a group that meets the spec has -1, others that meet it less in the
    ratio of their costs, down to -1 - gap; a slider near its end makes ratios that would own a
    batch. Failures have that less up to half the gap, the nearest to the spec first, so that no two
    different failures look alike.
    """
    if reward.scale == "points":
        return outcome.points
    gap = reward.failure_gap
    best = np.where(outcome.met, outcome.cost, np.inf).min(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):  # a group without any that meets has no best
        ratio = np.minimum(outcome.cost / best, 1 + gap)
    behind = 1 + gap + gap / 2 * np.maximum(1 - 1 / outcome.excess, _NEAREST)
    return np.where(outcome.met, -ratio, -behind)
