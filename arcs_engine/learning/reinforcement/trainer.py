"""The loop over the steps of reinforcement learning, with its evaluations and checkpoints.

What a step does is a pure function of the config, the seed and the weights, so a resumed run needs
no more than the weights, the optimiser's moments and the counters.
"""

import hashlib
import math
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
import torch

from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, JobError
from arcs_engine.learning.jobs.events import Event, Progress, Scalar, Warned
from arcs_engine.learning.reinforcement.advantages import Weighing
from arcs_engine.learning.reinforcement.config import ReinforcementConfig
from arcs_engine.learning.reinforcement.counters import Counters
from arcs_engine.learning.reinforcement.evaluation import Measure, Worth
from arcs_engine.learning.reinforcement.gradient import Loss, Weighed, loss_of
from arcs_engine.learning.reinforcement.judges import Judge
from arcs_engine.learning.reinforcement.policy import Policy, Questions
from arcs_engine.learning.reinforcement.steps import STAGES, Step
from arcs_engine.learning.reinforcement.tasks import Tasks
from arcs_engine.learning.training import checkpoint
from arcs_engine.learning.training.checkpoint import Learner
from arcs_engine.learning.training.ranks import Ranks
from arcs_engine.model.model import Model
from arcs_engine.model.transformer import Transformer

LAST = "last.safetensors"
BEST = "best.safetensors"

CHOSEN, REPORTED = 0, 1
"""Numbers of the fixed sets: the model is chosen on one and reported on the other."""

_MISMATCH = 0.01
"""Difference between the two log-probabilities of a design that rounding does not make."""


@dataclass(frozen=True)
class Situation:
    """What a trainer works with.

    Attributes:
        start: the model that it starts from.
        judge: says what the designs are worth that it learns from.
        examiner: says what those are worth by which models are compared.
        seed: of everything random.
        ranks: its place among those that share the gradient.
    """

    start: Model
    judge: Judge
    examiner: Judge
    seed: int
    ranks: Ranks = field(default_factory=Ranks)


class Trainer:
    """Lets one model learn from a judge."""

    def __init__(self, config: ReinforcementConfig, folder: Path, situation: Situation) -> None:
        self.config, self._situation = config, situation
        self._start = Policy(situation.start.transformer, config.temperature)
        self._learner = _learner(situation.start.transformer, config)
        self._policy = Policy(self._learner.transformer, config.temperature)
        names = situation.start.card.topologies
        self._tasks = Tasks(names, config.track, situation.seed, config.locked)
        self._file = folder / "checkpoints" / LAST
        self._best_file = folder / "checkpoints" / BEST
        self.counters = Counters(identity=_identity(config, situation), scales=[0.0] * len(names))
        self._fresh, self._remark = deepcopy(self.counters), ""
        if self._file.exists():
            restored = checkpoint.read(self._file, self._learner, self.counters)
            self.counters, self._remark = restored.counters, restored.remark

    @property
    def seed(self) -> int:
        """Of everything random."""
        return self._situation.seed

    def run(self, control: Control) -> Iterator[Event]:
        """Go on from the checkpoint to the end, and yield curves and progress (0 to 1).

        Raises:
            Cancelled: a stop was asked for; a checkpoint has been written.
            FileError: a checkpoint cannot be written.
            JobError: learning has diverged.
        """
        if self._remark:
            yield Warned(self._remark)
        try:
            while self._evaluation_is_due or not self.counters.ended:
                if self._evaluation_is_due:
                    yield from self._evaluate(control)
                else:
                    yield from self._step(control)
        except Cancelled:
            self._save()
            raise
        self._save()

    def kept(self) -> Transformer:
        """Return the averaged weights of the best evaluation."""
        learner = _learner(self._situation.start.transformer, self.config)
        checkpoint.read(self._best_file, learner, self._fresh)
        assert learner.average is not None
        return learner.average

    def measure(self, number: int) -> Measure:
        """Return how models are measured on one of the fixed sets, `CHOSEN` or `REPORTED`."""
        wanted = self.config.evaluation
        tasks = tuple(self._tasks.fixed(number, wanted.specs))
        return Measure(tasks, wanted.drawn, self._situation.examiner, self.seed)

    @cached_property
    def _first_worth(self) -> Worth:
        return self.measure(CHOSEN).of(self._start.transformer, Control.silent())

    @property
    def _evaluation_is_due(self) -> bool:
        step = self.counters.step
        wanted = step % self.config.evaluation.every == 0 or bool(self.counters.ended)
        return wanted and self.counters.evaluated < step

    def _step(self, control: Control) -> Iterator[Event]:
        control.checkpoint()
        counters, began = self.counters, time.perf_counter()
        questions = Questions(self._tasks.of_step(counters.step, self.config.specs))
        dice = torch.Generator().manual_seed(self._dice_seed())
        drawn = self._policy.draw(questions, self.config.samples, dice)
        sampled = time.perf_counter()
        outcome = self._situation.judge.outcome(questions, drawn.choices, control)
        judged = time.perf_counter()
        step = Step.of(questions, drawn, outcome, self.config)
        weighing = Weighing(
            self.config.advantage, counters.baseline, counters.scales, counters.size
        )
        progress = counters.step / self.config.steps
        advantages = weighing.advantages(step.graded(self._tasks.topologies), progress)
        loss, norm = self._update(step.weighed(advantages, self.config.pull, control))
        self._compare(loss, drawn.log_probability)
        counters.baseline, counters.scales = weighing.baseline, weighing.scales
        counters.size, counters.step = weighing.size, counters.step + 1
        seconds = (sampled - began, judged - sampled, time.perf_counter() - judged)
        figures = step.figures(advantages) | loss.figures() | {"gradient_norm": norm}
        figures |= dict(zip(STAGES, seconds, strict=True))
        yield from (Scalar(name, counters.step, value) for name, value in figures.items())
        yield Progress(
            counters.step / self.config.steps, f"Step {counters.step} of {self.config.steps}."
        )
        if counters.step == self.config.steps:
            counters.ended = "All steps are done."
        elif loss.forward > self.config.pull.largest:
            counters.ended = (
                f"The policy is {loss.forward:.3g} nats per design from its start, more than the "
                f"{self.config.pull.largest:g} that pull.largest allows."
            )
        if counters.step % self.config.checkpoint_steps == 0:
            self._save()

    def _update(self, weighed: Weighed) -> tuple[Loss, float]:
        """Take one step of the optimiser, and return the loss and the norm of its gradient."""
        transformer, ranks = self._learner.transformer, self._situation.ranks
        for group in self._learner.optimizer.param_groups:
            group["lr"] = self._rate()
        self._learner.optimizer.zero_grad(set_to_none=True)
        tasks = len(weighed.questions)
        mine = weighed.part(ranks.share(tasks))
        loss = loss_of(self._policy, self._start, mine, self.config.pull, tasks)
        loss.total.backward()  # type: ignore[no-untyped-call]
        loss = loss.summed(ranks, transformer.parameters())
        clip = self.config.optimiser.clip
        norm = float(torch.nn.utils.clip_grad_norm_(transformer.parameters(), clip))
        if not math.isfinite(norm):
            raise JobError(
                f"The gradient is not finite at step {self.counters.step + 1}; learn with a "
                "smaller optimiser.learning_rate."
            )
        self._learner.optimizer.step()
        self._follow()
        return loss, norm

    def _follow(self) -> None:
        """Let the averaged weights follow; early on, they remember less (as of t steps in 10)."""
        step, average = self.counters.step + 1, self._learner.average
        assert average is not None
        memory = min(self.config.optimiser.average, step / (step + 10))
        pairs = zip(average.parameters(), self._learner.transformer.parameters(), strict=True)
        with torch.no_grad():
            for followed, moved in pairs:
                followed.lerp_(moved, 1 - memory)

    def _rate(self) -> float:
        """Linear warm-up, then linear to the final share."""
        wanted, step = self.config.optimiser, self.counters.step
        rising = min(1.0, (step + 1) / max(1, wanted.warmup))
        return (
            wanted.learning_rate
            * rising
            * (1 - (1 - wanted.final_share) * step / self.config.steps)
        )

    def _compare(self, loss: Loss, drawn: torch.Tensor) -> None:
        """Refuse to learn from designs that were drawn with other probabilities."""
        mine = self._situation.ranks.share(len(drawn))
        apart = float((loss.log_probability - drawn[mine]).abs().max()) if len(drawn[mine]) else 0.0
        if apart > _MISMATCH:
            raise JobError(
                f"The designs of step {self.counters.step + 1} were drawn with probabilities that "
                f"differ by a factor of {math.exp(apart):.3g} from those that learn."
            )

    def _evaluate(self, control: Control) -> Iterator[Event]:
        counters, ranks, average = self.counters, self._situation.ranks, self._learner.average
        assert average is not None
        better = counters.step == 0
        cost = math.nan
        if ranks.leads:
            worth = self.measure(CHOSEN).of(average, control)
            for name, value in worth.figures().items():
                yield Scalar(f"eval_{name}", counters.step, value)
            cost = float(worth.cost.mean())
            better |= cost < counters.best_cost and worth.keeps(self._first_worth)
        counters.evaluated = counters.step
        cost = ranks.told(cost)
        if ranks.told(float(better)):
            counters.best_cost, counters.best_step = cost, counters.step
            self._save(self._best_file)
        waited = counters.step - counters.best_step
        if waited >= self.config.evaluation.patience * self.config.evaluation.every:
            counters.ended = f"Nothing better was found in {waited} steps."

    def _dice_seed(self) -> int:
        sequence = np.random.SeedSequence([self._situation.seed, self.counters.step])
        return int(sequence.generate_state(1)[0])

    def _save(self, file: Path | None = None) -> None:
        if self._situation.ranks.leads:
            checkpoint.write(file or self._file, self._learner, self.counters)


def _learner(start: Transformer, config: ReinforcementConfig) -> Learner:
    """Return a learner that begins with the weights of a model."""
    transformer = deepcopy(start)
    optimizer = torch.optim.AdamW(
        transformer.parameters(),
        lr=config.optimiser.learning_rate,
        betas=(0.9, 0.95),
        weight_decay=0.0,
    )
    return Learner(transformer, optimizer, deepcopy(start))


def _identity(config: ReinforcementConfig, situation: Situation) -> str:
    """Of everything that decides the numbers; the place of the start does not, its weights do."""
    plain = msgspec.structs.replace(config, start="", checkpoint_steps=1)
    digest = hashlib.sha256(msgspec.json.encode([plain, situation.seed]))
    for name, parameter in situation.start.transformer.named_parameters():
        digest.update(name.encode())
        digest.update(parameter.detach().numpy().tobytes())
    return digest.hexdigest()[:16]
