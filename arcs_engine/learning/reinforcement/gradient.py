"""The loss of a step and its gradient: reward, divergence from the start, entropy, imitation."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from arcs_engine.learning.reinforcement.config import Pull
from arcs_engine.learning.reinforcement.imitation import Targets
from arcs_engine.learning.reinforcement.policy import (
    Policy,
    Questions,
    divergence,
    entropy,
    log_probability,
)
from arcs_engine.learning.training.ranks import Ranks


@dataclass(frozen=True)
class Weighed:
    """Designs and how the gradient weighs them.

    Attributes:
        questions: n tasks.
        choices: k designs of each, (n, k, s).
        advantages: (n, k).
        targets: designs to imitate; None for nothing to imitate.
    """

    questions: Questions
    choices: Tensor
    advantages: Tensor
    targets: Targets | None = None

    def part(self, rows: slice) -> "Weighed":
        """Return some of the tasks."""
        targets = None if self.targets is None else self.targets.part(rows)
        return Weighed(
            self.questions.part(rows), self.choices[rows], self.advantages[rows], targets
        )


@dataclass(frozen=True)
class Loss:
    """What a step lowers, and what it is made of, in nats per design.

    Attributes:
        total: what is lowered.
        reverse: divergence of the policy from the start.
        forward: divergence of the start from the policy.
        entropy: of the policy.
        log_probability: of each whole design, (n, k), without a gradient.
    """

    total: Tensor
    reverse: float
    forward: float
    entropy: float
    log_probability: Tensor

    def figures(self) -> dict[str, float]:
        """Return the curves by name."""
        return {"kl": self.reverse, "forward_kl": self.forward, "entropy": self.entropy}

    def summed(self, ranks: Ranks, parameters: Iterable[Tensor]) -> "Loss":
        """Add up the figures and the gradients of all processes."""
        parts = [self.reverse, self.forward, self.entropy]
        reverse, forward, spread = ranks.sum_gradients(parameters, parts)
        return replace(self, reverse=reverse, forward=forward, entropy=spread)


def loss_of(policy: Policy, start: Policy, weighed: Weighed, pull: Pull, tasks: int) -> Loss:
    """Return the loss of some of a step's tasks, as their part of the whole step's.

    The log-probabilities of a design's slots are added up: a design of four values and one of eight
    move alike at the same advantage, unless `pull.slot_mean` asks for the mean.

    Args:
        policy: what learns.
        start: where it began, at the same temperature.
        weighed: designs of n tasks.
        pull: what draws beside the reward.
        tasks: of the whole step, over all processes.
    """
    questions, few = weighed.questions, weighed.choices[:, : pull.samples]
    chances = policy.chances(questions, weighed.choices)
    each = log_probability(chances, weighed.choices)
    here = chances[:, : pull.samples]
    with torch.no_grad():
        there = start.chances(questions, few)
    free = questions.free.sum(dim=1).clamp(min=1)
    share = 1 / free if pull.slot_mean else torch.ones(len(free))
    reverse, forward = divergence(here, there).sum(dim=2), divergence(there, here).sum(dim=2)
    spread = entropy(here).sum(dim=2)
    away = reverse if pull.direction == "reverse" else forward

    def over(terms: Tensor) -> Tensor:
        """Mean over the designs of each task and over all tasks of the step."""
        return (terms.mean(dim=1) * share).sum() / tasks

    total = -over(weighed.advantages * each.sum(dim=2))
    total = total + pull.divergence * over(away) - pull.entropy * over(spread)
    if weighed.targets is not None:
        wanted = weighed.targets.choices.unsqueeze(1)
        seen = log_probability(policy.chances(questions, wanted), wanted)
        heard = weighed.targets.weight.unsqueeze(1)
        total = total - pull.search * over(heard * seen.sum(dim=2))
    with torch.no_grad():
        kl, forward_kl, spread_here = (
            float(terms.mean(dim=1).sum() / tasks) for terms in (reverse, forward, spread)
        )
    return Loss(total, kl, forward_kl, spread_here, each.detach().sum(dim=2))
