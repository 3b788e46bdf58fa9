"""The job of a run of kind ``rl``, from a model to a better one with its card.

It yields events, stops at any moment, and goes on from its last checkpoint with the same numbers,
bit for bit on a CPU, as if it had not been stopped.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import torch

import arcs_engine
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ModelError
from arcs_engine.learning.jobs.events import (
    Artifact,
    Event,
    Finished,
    Progress,
    Scalar,
    Started,
    Warned,
)
from arcs_engine.learning.reinforcement.config import ReinforcementConfig
from arcs_engine.learning.reinforcement.evaluation import Worth
from arcs_engine.learning.reinforcement.judges import Judge, SteadyJudge, judge_of
from arcs_engine.learning.reinforcement.recipes import command
from arcs_engine.learning.reinforcement.trainer import REPORTED, Situation, Trainer
from arcs_engine.learning.training.ranks import joined, own_rank
from arcs_engine.model import store
from arcs_engine.model.card import Card
from arcs_engine.model.guidance import UNGUIDED
from arcs_engine.model.model import Model
from arcs_engine.performance.physics_hash import physics_hash

MEASURING = 0.97
"""Where on the progress bar the model that was kept is measured."""

SPEAKS = "slots"
"""The representation of designs that the policy writes."""


def reinforce(
    config: ReinforcementConfig,
    folder: Path,
    seed: int,
    control: Control,
    judge: Judge | None = None,
) -> Iterator[Event]:
    """Let a model learn from the judge, report it on other specs, and leave it in ``folder/model``.

    Args:
        config: what to do.
        folder: of the run; ``checkpoints`` in it is what a stopped run resumes from.
        seed: of specs and draws.
        control: asked often whether to stop.
        judge: says what designs are worth; None for the one that the config names. Models are
            compared by the solver alone, whoever else judges.

    Raises:
        Cancelled: a stop was asked for; a checkpoint has been written.
        ArcsError: the config, the model or a checkpoint is wrong, or a file cannot be written.
    """
    yield Started(f"Let the model in {config.start} learn by the recipe '{config.name}'.")
    # Never more than asked for: sums come out the same every time for the same number.
    torch.set_num_threads(config.threads)
    start, physics = _start(config), ""
    if own_rank() == 0:
        physics = physics_hash(start.card.topologies)
        yield from _same_physics(config, start, physics)
    with joined(config.processes, folder) as ranks:
        examiner = judge or SteadyJudge()
        situation = Situation(start, judge or judge_of(config), examiner, seed, ranks)
        trainer = Trainer(config, folder, situation)
        for event in trainer.run(control):
            yield _shortened(event)
    if own_rank() != 0:
        yield Finished("done", "This process has taken its share.")
        return
    yield Progress(MEASURING, "Measuring the model on specs that chose nothing.")
    measure, kept = trainer.measure(REPORTED), trainer.kept()
    before, after = measure.of(start.transformer, control), measure.of(kept, control)
    figures = after.figures() | {f"start_{n}": v for n, v in before.figures().items()}
    for name, value in figures.items():
        yield Scalar(f"report_{name}", trainer.counters.step, value)
    metrics: dict[str, float | None] = {f"report_{name}": v for name, v in figures.items()}
    card = _card(config, start, trainer, physics)
    store.write(folder / "model", kept, msgspec.structs.replace(card, metrics=metrics))
    yield Artifact("model", "model")
    yield Finished("done", _sentence(trainer, before, after))


def _start(config: ReinforcementConfig) -> Model:
    """Return the model to start from.

    Raises:
        ModelError: it cannot be read, or writes designs otherwise than the policy does.
    """
    transformer, card = store.read(Path(config.start))
    if card.tokens != SPEAKS:
        raise ModelError(
            f"The model in {config.start} writes designs as '{card.tokens}'; only one that writes "
            f"'{SPEAKS}' can learn from the judge."
        )
    return Model(transformer, card, UNGUIDED)


def _same_physics(config: ReinforcementConfig, start: Model, physics: str) -> Iterator[Event]:
    """Say that a model was trained for another judge, where that is allowed.

    Raises:
        ModelError: it is not.
    """
    if start.card.physics_hash == physics:
        return
    text = (
        f"The model in {config.start} was trained for another judge (physics "
        f"{start.card.physics_hash}, this engine's is {physics})"
    )
    if not config.accept_other_physics:
        raise ModelError(
            f"{text}; train it again, or learn from it all the same with --other-physics."
        )
    yield Warned(f"{text}; what it knows of good designs is of those days.")


def _shortened(event: Event) -> Event:
    """Return an event of the learning with its progress as that of the whole run."""
    if not isinstance(event, Progress):
        return event
    return Progress(MEASURING * event.fraction, event.text)


def _sentence(trainer: Trainer, before: Worth, after: Worth) -> str:
    step, ended = trainer.counters.best_step, trainer.counters.ended
    if step == 0:
        return f"No better model than the start was found. {ended}"
    change = after.cost - before.cost
    error = 1.96 * change.std() / np.sqrt(len(change))
    return (
        f"The likeliest designs meet {after.met.mean():.1%} of {len(change)} other specs (start "
        f"{before.met.mean():.1%}), and the mean cost is {after.cost.mean():.3f} (change "
        f"{change.mean():+.3f} ± {error:.3f}); kept from step {step}. {ended}"
    )


def _card(config: ReinforcementConfig, start: Model, trainer: Trainer, physics: str) -> Card:
    return msgspec.structs.replace(
        start.card,
        name=config.name,
        physics_hash=physics,
        guidance=(UNGUIDED.likeliest, UNGUIDED.drawn),
        arcs_version=arcs_engine.__version__,
        data={
            "start": store.name_of(Path(config.start)),
            "backend": config.backend,
            "track": config.track,
            "steps": trainer.counters.best_step,
        },
        seed=trainer.seed,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command(config, trainer.seed),
    )
