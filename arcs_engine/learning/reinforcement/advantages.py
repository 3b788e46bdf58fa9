"""From rewards to the weights of the gradient.

Rewards are of shape (groups, samples): each row has the designs of one spec. The gradient that
follows is the mean over a group's samples of advantage times the gradient of the log-probability of
the whole design.
"""

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.learning.reinforcement.config import Advantage

_NO_DEVIATION = 1e-4
"""Added to the deviation that ``grpo`` divides by (TRL's constant)."""

_NO_SCALE = 1e-6

_FIRST_SHARE = 0.6
"""Share of the steps for which the first size of max@k holds; the others share the rest."""


def leave_one_out(rewards: FloatArray) -> FloatArray:
    """Return each reward less the mean of the others of its group (RLOO, arXiv 2402.14740)."""
    samples = rewards.shape[1]
    return np.asarray((rewards - rewards.mean(axis=1, keepdims=True)) * samples / (samples - 1))


def marginal_worth(rewards: FloatArray, k: int) -> FloatArray:
    """Return what each design adds to the best of k (PKPO with its leave-one-out baseline).

    With rewards in rising order, n a group's samples: n / C(n, k) times the sum over j < i of
    C(j - 1, k - 2) (r_i - r_j) (arXiv 2505.15201). With k of 1 it is `leave_one_out`. The mean over
    a group of this times the score function has the gradient of E[best of k] as its expectation.

    Args:
        rewards: (groups, n).
        k: 1 to n.
    """
    if k == 1:
        return leave_one_out(rewards)
    samples = rewards.shape[1]
    order = np.argsort(rewards, axis=1, kind="stable")
    rising = np.take_along_axis(rewards, order, axis=1)
    sets = np.array([comb(j, k - 2) for j in range(samples)], dtype=np.float64)
    share = sets * samples / comb(samples, k)
    below = np.cumsum(share) - share
    lower = np.cumsum(share * rising, axis=1) - share * rising
    worth = np.empty_like(rewards)
    np.put_along_axis(worth, order, rising * below - lower, axis=1)
    return worth


def standardised(rewards: FloatArray) -> FloatArray:
    """Return rewards less their group's mean, over its deviation (GRPO, arXiv 2402.03300)."""
    centred = rewards - rewards.mean(axis=1, keepdims=True)
    return np.asarray(centred / (rewards.std(axis=1, ddof=1, keepdims=True) + _NO_DEVIATION))


def imitated(rewards: FloatArray, met: NDArray[np.bool_], kept: int) -> FloatArray:
    """Return the weights of imitating the best designs of each group that meet their spec.

    The first `kept` of each group share the weight of all its samples (RAFT, arXiv 2504.11343).
    """
    order = np.argsort(-rewards, axis=1, kind="stable")
    first = np.zeros(rewards.shape, dtype=bool)
    np.put_along_axis(first, order[:, :kept], values=True, axis=1)
    return np.where(first & met, rewards.shape[1] / kept, 0.0)


def size_at(sizes: tuple[int, ...], progress: float) -> int:
    """Return the size k of max@k after a share of the steps, 0..1."""
    if progress < _FIRST_SHARE or len(sizes) == 1:
        return sizes[0]
    later = (progress - _FIRST_SHARE) / (1 - _FIRST_SHARE) * (len(sizes) - 1)
    return sizes[1 + min(int(later), len(sizes) - 2)]


@dataclass(frozen=True)
class Graded:
    """What became of a step's designs.

    Attributes:
        rewards: (groups, samples).
        met: which designs meet their spec, (groups, samples).
        topologies: number of each group's topology, (groups,).
    """

    rewards: FloatArray
    met: NDArray[np.bool_]
    topologies: NDArray[np.int64]

    @property
    def spread(self) -> FloatArray:
        """Of each group's rewards, (groups,)."""
        return np.asarray(np.ptp(self.rewards, axis=1))


@dataclass
class Weighing:
    """Turns rewards into advantages, and remembers what it needs for that from step to step.

    Attributes:
        config: how.
        baseline: mean reward so far, of ``reinforce``; it begins at 0, as published.
        scales: root mean square of each topology's advantages so far, 0 before the first.
        size: k of the scales.
    """

    config: Advantage
    baseline: float
    scales: list[float]
    size: int

    def advantages(self, graded: Graded, progress: float) -> FloatArray:
        """Return the advantages, (groups, samples), after a share of the steps, 0..1."""
        config, rewards = self.config, graded.rewards
        match config.estimator:
            case "reinforce":
                raw = rewards - self.baseline
                memory = config.baseline_memory
                self.baseline = memory * self.baseline + (1 - memory) * float(rewards.mean())
            case "rejection":
                return imitated(rewards, graded.met, config.kept)
            case "grpo":
                raw = standardised(rewards)
            case "rloo":
                raw = self._scaled(leave_one_out(rewards), graded, 1)
            case "max_at_k":
                size = size_at(config.best_of, progress)
                raw = self._scaled(marginal_worth(rewards, size), graded, size)
        heard = np.clip(raw, -config.clip, config.clip)
        return np.where(graded.spread[:, None] < config.silence, 0.0, heard)

    def _scaled(self, raw: FloatArray, graded: Graded, size: int) -> FloatArray:
        """Divide by the running root mean square of each topology, which differ in their spread."""
        if size != self.size:
            self.scales, self.size = [0.0] * len(self.scales), size
        for number in np.unique(graded.topologies).tolist():
            now = float(np.sqrt(np.mean(raw[graded.topologies == number] ** 2)))
            before, memory = self.scales[number], self.config.scale_memory
            self.scales[number] = memory * before + (1 - memory) * now if before else now
        return raw / (np.array(self.scales)[graded.topologies, None] + _NO_SCALE)
