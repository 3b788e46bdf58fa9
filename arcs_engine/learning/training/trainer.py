"""The loop over the steps of supervised training, with its checkpoints.

What a step does is a pure function of the config, the seed and the data, so a resumed run needs no
more than the weights, the optimiser's moments and the counters.
"""

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path

import msgspec
import torch

from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, JobError, ModelError
from arcs_engine.learning.jobs.events import Event, Progress, Scalar, Warned
from arcs_engine.learning.training import checkpoint
from arcs_engine.learning.training.checkpoint import Counters, Learner, Restored
from arcs_engine.learning.training.config import TrainingConfig
from arcs_engine.learning.training.dataset import Batch, Dataset
from arcs_engine.learning.training.loss import Labeller, loss_of
from arcs_engine.learning.training.measures import measured
from arcs_engine.learning.training.ranks import Ranks
from arcs_engine.model import store
from arcs_engine.model.config import size
from arcs_engine.model.tokens.representations import representation
from arcs_engine.model.tokens.vocabulary import VOCABULARY
from arcs_engine.model.transformer import Transformer

LAST = "last.safetensors"
BEST = "best.safetensors"


class Trainer:
    """Trains one model on one data set."""

    def __init__(
        self,
        config: TrainingConfig,
        folder: Path,
        seed: int,
        dataset: Dataset,
        ranks: Ranks | None = None,
    ) -> None:
        self.config, self.seed, self.dataset, self.ranks = config, seed, dataset, ranks or Ranks()
        self.labeller = Labeller(dataset.names, config)
        self.transformer = _first_weights(config, seed)
        self.optimizer = _optimizer(self.transformer, config)
        self.file = folder / "checkpoints" / LAST
        self.best_file = folder / "checkpoints" / BEST
        self.identity = _identity(config, seed)
        self.counters, self._remark = Counters(identity=self.identity), ""
        if self.file.exists():
            restored = checkpoint.read(
                self.file, Learner(self.transformer, self.optimizer), self.counters
            )
            self.counters, self._remark = restored.counters, restored.remark

    @property
    def total(self) -> int:
        """Steps of the whole training."""
        return self.config.epochs * self.dataset.steps

    def run(self, control: Control) -> Iterator[Event]:
        """Go on from the checkpoint to the end, and yield curves and progress (0 to 1).

        Raises:
            Cancelled: a stop was asked for; a checkpoint has been written.
            FileError: a checkpoint cannot be written.
            JobError: training has diverged.
        """
        if self._remark:
            yield Warned(self._remark)
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

    def best(self) -> tuple[Transformer, Restored[Counters]]:
        """Return the weights with the lowest validation loss, and where that was."""
        transformer = Transformer(self.transformer.config)
        learner = Learner(transformer, _optimizer(transformer, self.config))
        best = checkpoint.read(self.best_file, learner, Counters(identity=self.identity))
        return transformer.eval(), best

    def _out_of_patience(self, epoch: int) -> bool:
        return epoch - 1 - self.counters.best_epoch >= self.config.patience

    def _epoch(self, epoch: int, control: Control) -> Iterator[Event]:
        done = self.counters.step - epoch * self.dataset.steps
        for number, batch in enumerate(self.dataset.epoch(epoch)):
            if number < done:
                continue
            control.checkpoint()
            loss = self._step(batch)
            self.counters.window.append(loss)
            self.counters.epoch_loss += loss
            self.counters.step += 1
            if self.counters.step % self.config.report_steps == 0:
                yield from self._report(epoch)
            if self.counters.step % self.config.checkpoint_steps == 0:
                self._save()

    def _step(self, batch: Batch) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        self.optimizer.zero_grad(set_to_none=True)
        labels, mine = self.labeller.labels(batch), self.ranks.share(len(batch.rows))
        loss = 0.0
        if mine.stop > mine.start:
            part = loss_of(self._logits(batch.part(mine)), labels.part(mine), labels.weight.sum())
            part.backward()  # type: ignore[no-untyped-call]
            loss = part.item()
        (loss,) = self.ranks.sum_gradients(self.transformer.parameters(), [loss])
        norm = torch.nn.utils.clip_grad_norm_(self.transformer.parameters(), self.config.clip)
        # Before the step: what the weights become with it is in no checkpoint.
        step = self.counters.step + 1
        self._check_finite("loss", loss, step)
        self._check_finite("gradient of the loss", float(norm), step)
        self.optimizer.step()
        return loss

    def _check_finite(self, what: str, number: float, step: int) -> None:
        """Raise `JobError` where training has diverged."""
        if not math.isfinite(number):
            raise JobError(
                f"The {what} is not finite: it is {number} at step {step} of {self.total}; train "
                "with a smaller learning_rate or clip."
            )

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
        yield Progress(
            step / self.total, f"Epoch {epoch + 1} of {self.config.epochs}, step {step}."
        )

    def _validate(self, epoch: int) -> Iterator[Event]:
        counters = self.counters
        figures = self._figures() if self.ranks.leads else {}
        loss = self.ranks.told(figures.get("val_loss", math.nan))
        yield Scalar("epoch_loss", counters.step, counters.epoch_loss / self.dataset.steps)
        for name, value in figures.items():
            self._check_finite(name, value, counters.step)
            yield Scalar(name, counters.step, value)
        counters.epoch_loss = 0.0
        if loss < counters.best_loss:
            counters.best_loss, counters.best_epoch, counters.best = loss, epoch, figures
            self._save(self.best_file)
        counters.epochs = epoch + 1

    def _figures(self) -> dict[str, float]:
        good = measured(self._logits, self.labeller, self.dataset.validation())
        failed = measured(self._logits, self.labeller, self.dataset.validation_failures())
        figures = {f"val_{name}": value for name, value in good.items()}
        return figures | {f"val_failed_{name}": value for name, value in failed.items()}

    def _save(self, file: Path | None = None) -> None:
        if self.ranks.leads:
            learner = Learner(self.transformer, self.optimizer)
            checkpoint.write(file or self.file, learner, self.counters)


def _first_weights(config: TrainingConfig, seed: int) -> Transformer:
    """Return the model at step 0.

    Raises:
        InputError: there is no such size.
        ModelError: the model to start from cannot be read or has another shape.
    """
    context = representation(config.tokens).context
    shape = msgspec.structs.replace(size(config.model), context=context)
    if config.start is None:
        return Transformer(shape).initialise(seed)
    transformer, card = store.read(Path(config.start))
    if (card.config, card.tokens) != (shape, config.tokens):
        raise ModelError(
            f"start: the model in {config.start} has another shape or speaks '{card.tokens}'; "
            f"name one of the size '{config.model}' that speaks '{config.tokens}'."
        )
    return transformer.train()


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
