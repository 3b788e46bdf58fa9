"""Supervised training of a model, from data to a folder with weights and card.

`train` is a job: it yields events, stops at any moment, and goes on from its last checkpoint with
the same numbers, bit for bit on a CPU, as if it had not been stopped.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import torch

import arcs_engine
from arcs_engine.foundation.control import Control
from arcs_engine.learning.datasets import making
from arcs_engine.learning.datasets.chunks import Work
from arcs_engine.learning.jobs.events import (
    Artifact,
    Event,
    Finished,
    Progress,
    Scalar,
    Started,
    Warned,
)
from arcs_engine.learning.training.assess import Assessment
from arcs_engine.learning.training.checkpoint import Counters
from arcs_engine.learning.training.config import TrainingConfig, command
from arcs_engine.learning.training.dataset import Dataset
from arcs_engine.learning.training.ranks import joined, own_rank
from arcs_engine.learning.training.trainer import Trainer
from arcs_engine.model import store
from arcs_engine.model.card import Card
from arcs_engine.model.config import size
from arcs_engine.model.model import Model
from arcs_engine.model.tokens.vocabulary import VOCABULARY
from arcs_engine.performance.physics_hash import physics_hash
from arcs_engine.sizing.search.problems import Problems

DATA_SHARE = 0.4
"""Share of the progress bar that making data takes, where a run makes its own."""

MEASURING = 0.98
"""Where on the progress bar the model is measured."""


def train(
    config: TrainingConfig,
    folder: Path,
    seed: int,
    control: Control,
    problems: type[Problems] = Problems,
) -> Iterator[Event]:
    """Make or reuse the data, train, measure, and leave the model in ``folder/model``.

    Args:
        config: what to do.
        folder: of the run; ``checkpoints`` in it is what a stopped run resumes from.
        seed: of the weights and the order of the data.
        control: asked between steps whether to stop.
        problems: what designs are judged for, and who judges; a stand-in in tests.

    Raises:
        Cancelled: a stop was asked for; a checkpoint has been written.
        ArcsError: the config, the data or a checkpoint is wrong, or a file cannot be written.
    """
    yield Started(f"Train the model '{config.name}'.")
    size(config.model)  # before the data is made, which takes the longest
    # Never more than asked for: sums come out the same every time for the same number.
    torch.set_num_threads(config.threads)
    data_folder = Path(config.data_folder) if config.data_folder else folder / "data"
    data_share = DATA_SHARE if config.data_folder is None else 0.0
    leads = own_rank() == 0
    physics = physics_hash(config.data.names()) if leads else ""
    if leads:
        wanted = making.Wanted(data_folder, config.data, physics, making.expert_of(data_folder))
        for made in making.make(wanted, control, work=_work(wanted, problems)):
            yield Progress(made.fraction * data_share, made.text)
    with joined(config.processes, folder) as ranks:
        dataset = Dataset(making.read(config.data, data_folder), config, seed)
        trainer = Trainer(config, folder, seed, dataset, ranks)
        for event in trainer.run(control):
            yield _shifted(event, data_share)
    if not leads:
        yield Finished("done", "This process has taken its share.")
        return
    transformer, restored = trainer.best()
    best = restored.counters
    if restored.remark:
        yield Warned(restored.remark)
    model = Model(transformer, _card(trainer, best, physics))
    if config.assess:
        yield Progress(MEASURING, "Measuring the model on fresh specs.")
        worth = Assessment(config.assess, seed, problems).of(model, control)
        for name, value in worth.items():
            yield Scalar(name, trainer.counters.step, value)
        metrics = model.card.metrics | worth
        model = replace(model, card=msgspec.structs.replace(model.card, metrics=metrics))
    store.write(folder / "model", transformer, model.card)
    yield Artifact("model", "model")
    yield Finished("done", _sentence(config, best))


def _work(wanted: making.Wanted, problems: type[Problems]) -> Work:
    """Return who makes shards that are missing; those of an expert only the expert can make."""
    if wanted.expert:
        why = "give the command that made the set (arcs datagen --expert) once more"
        return making.Refusing(wanted.folder, why)
    return making.Searching(wanted.config, problems)


def _shifted(event: Event, start: float) -> Event:
    """Return an event of the training with its progress as that of the whole run."""
    if not isinstance(event, Progress):
        return event
    return Progress(start + (MEASURING - start) * event.fraction, event.text)


def _sentence(config: TrainingConfig, best: Counters) -> str:
    share = best.best["val_accuracy_component"]
    return (
        f"The model '{config.name}' predicts {share:.1%} of component values exactly "
        f"(best after epoch {best.best_epoch + 1})."
    )


def _card(trainer: Trainer, best: Counters, physics: str) -> Card:
    config, transformer = trainer.config, trainer.transformer
    made: dict[str, str | int | float] = {
        "specs_per_topology": config.data.specs,
        "seed": config.data.seed,
    }
    expert = making.expert_of(Path(config.data_folder)) if config.data_folder else ""
    if expert:
        made["expert"] = expert
    if config.start is not None:
        made["start"] = store.name_of(Path(config.start))
    return Card(
        name=config.name,
        config=transformer.config,
        vocabulary_hash=VOCABULARY.hash,
        physics_hash=physics,
        topologies=trainer.dataset.names,
        tokens=config.tokens,
        parameters=transformer.parameter_count,
        arcs_version=arcs_engine.__version__,
        data=made,
        metrics={**best.best},
        seed=trainer.seed,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command(config, trainer.seed),
    )
