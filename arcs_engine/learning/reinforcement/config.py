"""The config of a run of reinforcement learning; `recipes` has the named ones."""

from typing import Final, Literal

import msgspec

from arcs_engine.foundation import bounds
from arcs_engine.foundation.errors import InputError

Backend = Literal["steady", "ngspice", "audited", "cold"]
"""Who judges: the solver; ngspice from the solved steady state; the solver, with ngspice's word on
some of each step; ngspice from rest, which shows what the first two save."""

Estimator = Literal["rloo", "max_at_k", "grpo", "reinforce", "rejection"]

_RANGES: Final = {
    "steps": (1, 1_000_000),
    "specs": (1, 4096),
    "samples": (1, 4096),
    "temperature": (0.01, 100.0),
    "locked": (0.0, 1.0),
    "audit": (1, 4096),
    "simulations": (1, 256),
    "processes": (1, 256),
    "threads": (1, 256),
    "checkpoint_steps": (1, 1_000_000),
}

_REWARD_RANGES: Final = {"failure_gap": (1e-6, 1000.0)}

_ADVANTAGE_RANGES: Final = {
    "baseline_memory": (0.0, 0.999999),
    "scale_memory": (0.0, 0.999999),
    "clip": (1e-6, 1e6),
    "silence": (0.0, 1e6),
    "kept": (1, 4096),
}

_PULL_RANGES: Final = {
    "divergence": (0.0, 1e6),
    "entropy": (0.0, 1e6),
    "samples": (1, 4096),
    "search": (0.0, 1e6),
    "rounds": (1, 1000),
    "largest": (1e-6, 1e6),
}

_OPTIMISER_RANGES: Final = {
    "learning_rate": (1e-12, 100.0),
    "final_share": (0.0, 1.0),
    "warmup": (0, 1_000_000),
    "clip": (1e-9, 1e9),
    "average": (0.0, 0.999999),
}

_EVALUATION_RANGES: Final = {
    "every": (1, 1_000_000),
    "specs": (1, 10_000),
    "drawn": (1, 10_000),
    "patience": (1, 1_000_000),
}


class Reward(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a design is worth.

    Attributes:
        scale: ``cost`` compares costs within the group; ``points`` is the 8-point reward.
        failure_gap: how far below the best design of its group the costliest one that meets the
            spec is graded, and failures behind it.
    """

    scale: Literal["cost", "points"] = "cost"
    failure_gap: float = 0.3

    def __post_init__(self) -> None:
        bounds.check(self, _REWARD_RANGES, "reward")


class Advantage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How rewards become weights of the gradient.

    Attributes:
        estimator: see `arcs_engine.learning.reinforcement.advantages`.
        best_of: sizes k of max@k, one after the other; the first holds for 60 % of the steps.
        baseline_memory: of the mean reward that ``reinforce`` subtracts, per step.
        scale_memory: of each topology's root mean square, by which ``rloo`` and ``max_at_k`` are
            divided.
        clip: largest magnitude of an advantage.
        silence: spread of a group's rewards up to which the group says nothing.
        kept: designs of each group that ``rejection`` imitates.
    """

    estimator: Estimator = "rloo"
    best_of: tuple[int, ...] = (8, 4, 2)
    baseline_memory: float = 0.99
    scale_memory: float = 0.95
    clip: float = 5.0
    silence: float = 1e-3
    kept: int = 2

    def __post_init__(self) -> None:
        bounds.check(self, _ADVANTAGE_RANGES, "advantage")
        if not self.best_of or min(self.best_of) < 1:
            raise InputError("advantage: best_of needs sizes of at least 1, such as 8,4,2.")


class Pull(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What draws the policy beside the reward.

    Attributes:
        divergence: weight of the Kullback-Leibler divergence between policy and start.
        direction: ``reverse`` is that of the policy from the start, ``forward`` the other one.
        entropy: weight of the policy's entropy, which is kept high.
        samples: designs of each group on whose prefixes both are taken.
        slot_mean: whether a design counts by the mean over its free values instead of their sum.
        search: weight of imitating the locally searched best design of each group.
        rounds: most steps of that search.
        largest: forward divergence from the start, nats per design, beyond which the run stops.
    """

    divergence: float = 0.02
    direction: Literal["reverse", "forward"] = "reverse"
    entropy: float = 0.0
    samples: int = 4
    slot_mean: bool = False
    search: float = 0.0
    rounds: int = 30
    largest: float = 50.0

    def __post_init__(self) -> None:
        bounds.check(self, _PULL_RANGES, "pull")


class Optimiser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the weights follow the gradient.

    Attributes:
        learning_rate: of AdamW after warm-up, without weight decay.
        final_share: of the learning rate that is left at the last step; it falls linearly.
        warmup: steps of linear warm-up.
        clip: largest norm of the gradient.
        average: memory of the averaged weights, per step; these become the model.
    """

    learning_rate: float = 1e-4
    final_share: float = 0.0
    warmup: int = 20
    clip: float = 1.0
    average: float = 0.95

    def __post_init__(self) -> None:
        bounds.check(self, _OPTIMISER_RANGES, "optimiser")


class Evaluation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the model is measured on the way.

    Attributes:
        every: steps between evaluations; there is one before the first step and one at the end.
        specs: fixed ones of each topology; as many others report the model that is kept.
        drawn: designs drawn for each beside the likeliest.
        patience: evaluations without a better model after which to stop.
    """

    every: int = 25
    specs: int = 10
    drawn: int = 8
    patience: int = 10

    def __post_init__(self) -> None:
        bounds.check(self, _EVALUATION_RANGES, "evaluation")


class ReinforcementConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a model learns from the judge.

    Attributes:
        name: of the recipe, and of the model that it makes.
        start: folder of the model that it starts from.
        accept_other_physics: whether that model may have been trained for another judge.
        backend: who judges.
        track: specs are drawn from, ``C`` or ``D`` (docs/data.md).
        steps: updates of the weights.
        specs: in each step, the topologies taking turns.
        samples: designs of each spec, its group.
        temperature: of sampling and of the gradient alike; every legal value may be drawn.
        locked: share of specs with a given value, which comes first in the sequence.
        audit: designs of each step that ngspice is given with ``audited``.
        simulations: of ngspice at a time.
        processes: that share the gradient, when they are not started by ``torchrun``.
        threads: of the processor in each process.
        checkpoint_steps: steps between checkpoints.
        reward: what a design is worth.
        advantage: how rewards weigh the gradient.
        pull: divergence, entropy and imitation.
        optimiser: how weights follow the gradient.
        evaluation: how the model is measured on the way.
    """

    name: str
    start: str = ""
    accept_other_physics: bool = False
    backend: Backend = "steady"
    track: Literal["C", "D"] = "C"
    steps: int = 220
    specs: int = 14
    samples: int = 16
    temperature: float = 0.5
    locked: float = 0.3
    audit: int = 2
    simulations: int = 2
    processes: int = 1
    threads: int = 1
    checkpoint_steps: int = 25
    reward: Reward = Reward()
    advantage: Advantage = Advantage()
    pull: Pull = Pull()
    optimiser: Optimiser = Optimiser()
    evaluation: Evaluation = Evaluation()

    def __post_init__(self) -> None:
        bounds.check_name(self.name, "name")
        if self.start:
            bounds.check_path(self.start, "start")
        bounds.check(self, _RANGES, "reinforcement config")
        if self.processes > self.specs:
            raise InputError(
                f"processes is {self.processes}; no more than the {self.specs} specs can share "
                "a step."
            )
        estimator = self.advantage.estimator
        if estimator != "reinforce" and self.samples < 2:
            raise InputError(f"samples is 1; {estimator} compares designs of one spec, at least 2.")
        if estimator == "max_at_k" and max(self.advantage.best_of) > self.samples:
            raise InputError(
                f"advantage: best_of is {', '.join(map(str, self.advantage.best_of))}; no more "
                f"than the {self.samples} samples can be compared."
            )
