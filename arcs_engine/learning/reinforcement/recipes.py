"""The named configs of reinforcement learning."""

import msgspec

from arcs_engine.foundation.errors import InputError
from arcs_engine.learning.reinforcement.config import (
    Advantage,
    Evaluation,
    Optimiser,
    Pull,
    ReinforcementConfig,
    Reward,
)
from arcs_engine.learning.settings import differences

PRESETS: dict[str, ReinforcementConfig] = {
    "rl": ReinforcementConfig(name="rl"),
    "max_at_k": ReinforcementConfig(
        name="max_at_k",
        temperature=1.0,
        reward=Reward(failure_gap=0.5),
        advantage=Advantage(estimator="max_at_k"),
    ),
    "grpo": ReinforcementConfig(
        name="grpo",
        temperature=1.0,
        reward=Reward(failure_gap=0.5),
        advantage=Advantage(estimator="grpo"),
        pull=Pull(divergence=0.04, slot_mean=True),
    ),
    "reinforce": ReinforcementConfig(
        name="reinforce",
        specs=8,
        samples=1,
        steps=5000,
        temperature=0.8,
        locked=0.0,
        reward=Reward(scale="points"),
        advantage=Advantage(estimator="reinforce", clip=1e6, silence=0.0),
        pull=Pull(divergence=0.1, direction="forward", entropy=0.01, samples=1, slot_mean=True),
        optimiser=Optimiser(learning_rate=1e-5, warmup=0, average=0.0),
        evaluation=Evaluation(every=250),
    ),
    "rejection": ReinforcementConfig(
        name="rejection",
        samples=32,
        temperature=1.0,
        reward=Reward(failure_gap=0.5),
        advantage=Advantage(estimator="rejection"),
        pull=Pull(divergence=0.0),
    ),
}
"""``rl`` is the recipe to use. The others are there to be compared with: ``max_at_k`` (PKPO, arXiv
2505.15201), ``grpo`` with the group's deviation and the mean over values (arXiv 2402.03300),
``reinforce`` (the published predecessor's: a learned baseline, divergence 0.1, entropy 0.01, the
8-point reward), ``rejection`` (RAFT, arXiv 2504.11343: the best designs of each group imitated)."""


def preset(name: str) -> ReinforcementConfig:
    """Return a named recipe; `InputError` when there is none."""
    if name not in PRESETS:
        raise InputError(f"There is no recipe '{name}'; choose {', '.join(PRESETS)}.")
    return PRESETS[name]


def command(config: ReinforcementConfig, seed: int) -> str:
    """Return the command that learns with a config once more."""
    base = PRESETS.get(config.name, ReinforcementConfig(name=config.name))
    base = msgspec.structs.replace(base, start=config.start)
    settings = differences(msgspec.to_builtins(base), msgspec.to_builtins(config))
    options = [f"--set {name}={value}" for name, value in settings]
    return " ".join(
        ["arcs rl", config.start, f"--config {config.name}", f"--seed {seed}", *options]
    )
