"""Supervised training of a model, from data to a folder with weights and card.

`train` is a job: it yields events, stops at any moment, and goes on from its last checkpoint with
the same numbers, bit for bit on a CPU, as if it had not been stopped.
"""

import hashlib
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import torch

import arcs_engine
from arcs_engine.errors import Cancelled, JobError
from arcs_engine.jobs.control import Control
from arcs_engine.jobs.events import Artifact, Event, Finished, Progress, Scalar, Started
from arcs_engine.model import CONFIGS, Card, Model, store
from arcs_engine.model.transformer import Transformer
from arcs_engine.physics import physics_hash
from arcs_engine.tokens.vocabulary import VOCABULARY
from arcs_engine.training import checkpoint, data, judging
from arcs_engine.training.assess import assess
from arcs_engine.training.checkpoint import Counters
from arcs_engine.training.config import TrainingConfig
from arcs_engine.training.dataset import Batch, Dataset
from arcs_engine.training.loss import Labeller, hits, loss_of
from arcs_engine.training.search import Judge

DATA_SHARE = 0.4
"""Share of the progress bar that making data takes; training takes the rest."""

LAST = "last.safetensors"
BEST = "best"


def train(
    config: TrainingConfig,
    folder: Path,
    seed: int,
    control: Control,
    judge: Judge | None = None,
) -> Iterator[Event]:
    """Make or reuse the data, train, measure, and leave the model in ``folder/model``.

    Args:
        config: what to do.
        folder: of the run; ``checkpoints`` in it is what a stopped run resumes from.
        seed: of the weights and the order of the data.
        control: asked between steps whether to stop.
        judge: of designs; the engine's own when None.

    Raises:
        Cancelled: a stop was asked for; a checkpoint has been written.
        ArcsError: the config, the data or a checkpoint is wrong, or a file cannot be written.
    """
    yield Started(f"Train the model '{config.name}'.")
    # One thread: faster for batches of this size, and sums come out the same every time.
    torch.set_num_threads(1)
    judge = judge or judging.engine
    data_folder = Path(config.data_folder) if config.data_folder else folder / "data"
    physics = physics_hash(config.data.names())
    for event in data.make(config.data, data_folder, judge, physics, control):
        yield Progress(event.fraction * DATA_SHARE, event.text)
    dataset = Dataset(data.read(config.data, data_folder), config, seed)
    trainer = _Trainer(config, folder, seed, dataset)
    yield from trainer.run(control)
    transformer, best = trainer.best()
    card = _card(config, seed, dataset, transformer, best, physics)
    yield Progress(0.99, "Measuring the model on fresh specs.")
    metrics = assess(Model(transformer, card), config.assess, seed, judge, control)
    for name, value in metrics.items():
        yield Scalar(name, trainer.counters.step, value)
    card = msgspec.structs.replace(card, metrics=card.metrics | metrics)
    store.write(folder / "model", transformer, card)
    yield Artifact("model", "model")
    yield Finished("done", _sentence(config, best))


def _sentence(config: TrainingConfig, best: Counters) -> str:
    return (
        f"The model '{config.name}' predicts {best.best_accuracy:.1%} of component values exactly "
        f"(best after epoch {best.best_epoch + 1})."
    )


def _card(
    config: TrainingConfig,
    seed: int,
    dataset: Dataset,
    transformer: Transformer,
    best: Counters,
    physics: str,
) -> Card:
    return Card(
        name=config.name,
        config=transformer.config,
        vocabulary_hash=VOCABULARY.hash,
        physics_hash=physics,
        topologies=dataset.names,
        parameters=transformer.parameter_count,
        arcs_version=arcs_engine.__version__,
        data={"specs_per_topology": config.data.specs, "seed": config.data.seed},
        metrics={"val_loss": best.best_loss, "value_accuracy": best.best_accuracy},
        seed=seed,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        command=f"arcs train --config {config.name} --seed {seed}",
    )


class _Trainer:
    """The loop over steps, with its checkpoints."""

    def __init__(self, config: TrainingConfig, folder: Path, seed: int, dataset: Dataset) -> None:
        if config.model not in CONFIGS:
            raise JobError(f"There is no model size '{config.model}'; known: {', '.join(CONFIGS)}.")
        self.config, self.dataset = config, dataset
        self.labeller = Labeller(dataset.names, config)
        self.transformer = Transformer(CONFIGS[config.model]).initialise(seed)
        self.optimizer = _optimizer(self.transformer, config)
        self.file = folder / "checkpoints" / LAST
        self.best_file = folder / "checkpoints" / f"{BEST}.safetensors"
        self.identity = _identity(config, seed)
        self.counters = Counters(identity=self.identity)
        if self.file.exists():
            self.counters = checkpoint.read(
                self.file, self.transformer, self.optimizer, self.identity
            )

    @property
    def total(self) -> int:
        """Steps of the whole training."""
        return self.config.epochs * self.dataset.steps

    def run(self, control: Control) -> Iterator[Event]:
        """Go on from the checkpoint to the end."""
        try:
            for epoch in range(self.counters.epochs, self.config.epochs):
                if self._out_of_patience(epoch):
                    break
                yield from self._epoch(epoch, control)
                yield from self._validate(epoch)
        except Cancelled:
            self._save()
            raise
        self._save()

    def best(self) -> tuple[Transformer, Counters]:
        """Return the weights with the lowest validation loss, and where that was."""
        transformer = Transformer(self.transformer.config)
        best = checkpoint.read(
            self.best_file, transformer, _optimizer(transformer, self.config), self.identity
        )
        return transformer.eval(), best

    def _out_of_patience(self, epoch: int) -> bool:
        return epoch - 1 - self.counters.best_epoch >= self.config.patience

    def _epoch(self, epoch: int, control: Control) -> Iterator[Event]:
        done = self.counters.step - epoch * self.dataset.steps
        for number, batch in enumerate(self.dataset.epoch(epoch)):
            if number < done:
                continue
            control.checkpoint()
            self.counters.window.append(self._step(batch))
            self.counters.step += 1
            if self.counters.step % self.config.report_steps == 0:
                yield from self._report(epoch)
            if self.counters.step % self.config.checkpoint_steps == 0:
                self._save()

    def _step(self, batch: Batch) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        self.optimizer.zero_grad(set_to_none=True)
        loss = loss_of(self._logits(batch), self.labeller.labels(batch))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.transformer.parameters(), self.config.clip)
        self.optimizer.step()
        return loss.item()

    def _logits(self, batch: Batch) -> torch.Tensor:
        tokens = torch.from_numpy(batch.rows.tokens[:, :-1])
        exact = torch.from_numpy(batch.rows.exact[:, :-1]).float()
        logits: torch.Tensor = self.transformer(tokens, exact)
        return logits

    def _rate(self) -> float:
        """Linear warm-up, then a cosine to the final rate."""
        warmup = max(1.0, self.config.warmup_epochs * self.dataset.steps)
        step = self.counters.step + 1
        if step < warmup:
            return self.config.learning_rate * step / warmup
        part = min(1.0, (step - warmup) / max(1.0, self.total - warmup))
        span = self.config.learning_rate - self.config.final_learning_rate
        return self.config.final_learning_rate + span * (1 + math.cos(math.pi * part)) / 2

    def _report(self, epoch: int) -> Iterator[Event]:
        step, window = self.counters.step, self.counters.window
        yield Scalar("loss", step, math.fsum(window) / len(window))
        window.clear()
        fraction = DATA_SHARE + (0.98 - DATA_SHARE) * step / self.total
        yield Progress(fraction, f"Epoch {epoch + 1} of {self.config.epochs}, step {step}.")

    @torch.inference_mode()
    def _measure(self) -> tuple[float, float]:
        """Return loss and value accuracy on the held-out specs."""
        losses, right, values = [], 0, 0
        for batch in self.dataset.validation():
            labels = self.labeller.labels(batch)
            logits = self._logits(batch)
            losses.append((loss_of(logits, labels).item(), len(batch.rows)))
            batch_right, batch_values = hits(logits, labels)
            right, values = right + batch_right, values + batch_values
        rows = sum(n for _, n in losses)
        return math.fsum(loss * n for loss, n in losses) / rows, right / values

    def _validate(self, epoch: int) -> Iterator[Event]:
        loss, accuracy = self._measure()
        yield Scalar("val_loss", self.counters.step, loss)
        yield Scalar("value_accuracy", self.counters.step, accuracy)
        if loss < self.counters.best_loss:
            self.counters.best_loss, self.counters.best_accuracy = loss, accuracy
            self.counters.best_epoch = epoch
            checkpoint.write(self.best_file, self.transformer, self.optimizer, self.counters)
        self.counters.epochs = epoch + 1

    def _save(self) -> None:
        checkpoint.write(self.file, self.transformer, self.optimizer, self.counters)


def _optimizer(transformer: Transformer, config: TrainingConfig) -> torch.optim.AdamW:
    matrices = [p for p in transformer.parameters() if p.ndim >= 2]
    others = [p for p in transformer.parameters() if p.ndim < 2]
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.95))


def _identity(config: TrainingConfig, seed: int) -> str:
    """Of everything that decides the numbers: the data's place and the intervals do not."""
    plain = msgspec.structs.replace(config, data_folder=None)
    content = msgspec.json.encode([plain, seed, VOCABULARY.hash])
    return hashlib.sha256(content).hexdigest()[:16]
