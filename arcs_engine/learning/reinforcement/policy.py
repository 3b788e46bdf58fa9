"""The policy: probabilities of whole designs, the same where they are drawn and where they learn.

A design is one action. At each of its slots, the policy has the legal values of the slot and no
others: the mask is a part of it, and so is the temperature. Neither a limit on how many values may
be drawn nor dropout makes drawing differ from learning. A slot whose value is given, and one that a
topology does not have, is a slot with one legal value, of probability 1.

All topologies go through the transformer in one batch, and a prompt once per spec.

Shapes: n tasks, k designs of each, s slots, 500 values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.learning.reinforcement.tasks import Task
from arcs_engine.model.tokens.representation import component
from arcs_engine.model.tokens.sequence import stacked
from arcs_engine.model.tokens.values import exact, legal_values, token_of
from arcs_engine.model.tokens.vocabulary import END, FIRST_VALUE, VALUE_COUNT
from arcs_engine.model.transformer import Cache, Transformer

_VALUES: Final = slice(FIRST_VALUE, FIRST_VALUE + VALUE_COUNT)

_MOST: Final = max(len(topology.design_values) for topology in REGISTRY.values())
"""Slots of every design, used or not."""

_NEVER: Final = -1e30
"""Log-probability of an illegal value: its share is exactly 0, and 0 times it is still 0."""


@dataclass(frozen=True)
class Slots:
    """The slots of n tasks, in the order in which they are written: given values first.

    Attributes:
        names: token before each value, (n, s).
        legal: which values may stand there, (n, s, 500).
        numbers: what each value stands for, SI; 1 where none may stand, (n, s, 500).
        order: place of each slot among its topology's design values, s beyond these, (n, s).
        free: which slots have a choice, (n, s).
    """

    names: NDArray[np.int64]
    legal: NDArray[np.bool_]
    numbers: FloatArray
    order: NDArray[np.int64]
    free: NDArray[np.bool_]

    @classmethod
    def of(cls, tasks: Sequence[Task]) -> "Slots":
        """Return the slots of tasks."""
        shape = (len(tasks), _MOST)
        slots = cls(
            np.full(shape, END, dtype=np.int64),
            np.zeros((*shape, VALUE_COUNT), dtype=bool),
            np.ones((*shape, VALUE_COUNT)),
            np.full(shape, _MOST, dtype=np.int64),
            np.zeros(shape, dtype=bool),
        )
        slots.legal[:, :, 0] = True  # until a slot is written, it has this one value
        for row, task in enumerate(tasks):
            slots._write(row, task)
        return slots

    def _write(self, row: int, task: Task) -> None:
        values = task.topology.design_values
        late = [value.name not in task.locks for value in values]
        for column, place in enumerate(np.argsort(late, kind="stable").tolist()):
            value = values[place]
            tokens, numbers = legal_values(value)
            if value.name in task.locks:
                numbers = np.array([task.locks[value.name]])
                tokens = token_of(numbers)
            self.names[row, column] = component(value.name)
            self.legal[row, column] = False
            self.legal[row, column, tokens - FIRST_VALUE] = True
            self.numbers[row, column, tokens - FIRST_VALUE] = numbers
            self.order[row, column] = place
            self.free[row, column] = len(tokens) > 1

    def values(self, row: int, choices: NDArray[np.int64], task: Task) -> dict[str, FloatArray]:
        """Return the design values of a task's designs by name, shape (k,) each.

        Args:
            row: of the task.
            choices: its designs, (k, s).
            task: the task.
        """
        column_of = np.argsort(self.order[row], kind="stable")
        return {
            value.name: self.numbers[row, column_of[place], choices[:, column_of[place]]]
            for place, value in enumerate(task.topology.design_values)
        }


@dataclass(frozen=True)
class Drawn:
    """Designs that were drawn.

    Attributes:
        choices: number of the value in each slot, 0..499, (n, k, s).
        log_probability: of each whole design, (n, k).
    """

    choices: Tensor
    log_probability: Tensor


class Questions:
    """Tasks as the policy reads them."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.tasks = tuple(tasks)
        self.slots = Slots.of(tasks)
        prompts = stacked([task.prompt for task in tasks])
        self.tokens = torch.from_numpy(prompts.tokens)
        self.exact = torch.from_numpy(prompts.exact).float()

    def __len__(self) -> int:
        return len(self.tasks)

    @cached_property
    def names(self) -> Tensor:
        """Tokens before the values, (n, s)."""
        return torch.from_numpy(self.slots.names)

    @cached_property
    def legal(self) -> Tensor:
        """Which values may stand in each slot, (n, s, 500)."""
        return torch.from_numpy(self.slots.legal)

    @cached_property
    def logarithms(self) -> Tensor:
        """Decimal logarithm of what each value stands for, (n, s, 500)."""
        return torch.from_numpy(exact(self.slots.numbers)).float()

    @cached_property
    def free(self) -> Tensor:
        """Which slots have a choice, (n, s)."""
        return torch.from_numpy(self.slots.free)

    def written(self, owner: Tensor, choices: Tensor) -> tuple[Tensor, Tensor]:
        """Return the tokens after the prompt and the exact numbers beside them, (m, 2 s) each.

        Args:
            owner: task of each of m designs, (m,).
            choices: their values, (m, s).
        """
        tokens = torch.empty((len(choices), 2 * choices.shape[1]), dtype=torch.int64)
        numbers = torch.full(tokens.shape, torch.nan)
        tokens[:, 0::2] = self.names[owner]
        tokens[:, 1::2] = choices + FIRST_VALUE
        numbers[:, 1::2] = self.logarithms[owner].gather(2, choices[:, :, None]).squeeze(2)
        return tokens, numbers

    def part(self, rows: slice) -> "Questions":
        """Return some of the tasks."""
        return Questions(self.tasks[rows])


@dataclass(frozen=True)
class Policy:
    """A transformer that draws designs.

    Attributes:
        transformer: the decoder; it has no dropout, so its mode does not matter.
        temperature: divides the logits of legal values, in `draw` and in `chances` alike.
    """

    transformer: Transformer
    temperature: float

    @torch.no_grad()
    def draw(self, questions: Questions, count: int, dice: torch.Generator | None) -> Drawn:
        """Return designs for each task.

        Args:
            questions: n tasks.
            count: designs of each, k.
            dice: source of chance; None for the likeliest value of every slot.
        """
        owner = torch.arange(len(questions)).repeat_interleave(count)
        cache = self._asked(questions).repeated(count)
        steps = questions.slots.names.shape[1]
        choices = torch.zeros((len(owner), steps), dtype=torch.int64)
        surprise = torch.zeros(len(owner))
        for slot in range(steps):
            # What was picked last and the name that asks for the next value.
            new = slice(max(0, 2 * slot - 1), 2 * slot + 1)
            tokens, numbers = questions.written(owner, choices)
            x = self.transformer.read(tokens[:, new], numbers[:, new], cache)[:, -1]
            chances = self._normalised(x, questions.legal[owner, slot])
            picked = chances.argmax(dim=-1) if dice is None else _picked(chances, dice)
            choices[:, slot] = picked
            surprise -= chances.gather(1, picked[:, None]).squeeze(1)
        return Drawn(choices.view(len(questions), count, steps), -surprise.view(-1, count))

    def chances(self, questions: Questions, choices: Tensor) -> Tensor:
        """Return the log-probabilities of all values on the way to designs, (n, k, s, 500).

        Args:
            questions: n tasks.
            choices: designs of each, (n, k, s).
        """
        count, steps = choices.shape[1:]
        owner = torch.arange(len(questions)).repeat_interleave(count)
        tokens, numbers = questions.written(owner, choices.flatten(0, 1))
        cache = self._asked(questions).repeated(count)
        x = self.transformer.read(tokens[:, :-1], numbers[:, :-1], cache)[:, 0::2]
        chances = self._normalised(x, questions.legal[owner])
        return chances.view(len(questions), count, steps, VALUE_COUNT)

    def _asked(self, questions: Questions) -> Cache:
        cache = Cache()
        self.transformer.read(questions.tokens, questions.exact, cache)
        return cache

    def _normalised(self, x: Tensor, legal: Tensor) -> Tensor:
        logits = self.transformer.scores(x, _VALUES).masked_fill(~legal, _NEVER)
        return torch.log_softmax(logits / self.temperature, dim=-1)


def _picked(chances: Tensor, dice: torch.Generator) -> Tensor:
    """Draw a value for each row; in double precision, so that rounding decides no draw."""
    return torch.multinomial(chances.double().exp(), 1, generator=dice).squeeze(1)


def log_probability(chances: Tensor, choices: Tensor) -> Tensor:
    """Return the log-probability of each slot's choice, (n, k, s).

    Args:
        chances: log-probabilities of all values, (n, k, s, 500).
        choices: (n, k, s).
    """
    return chances.gather(3, choices.unsqueeze(3)).squeeze(3)


def divergence(chances: Tensor, others: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence at each slot, exactly: sum p (log p - log q).

    Args:
        chances: log p, (..., 500).
        others: log q, (..., 500).
    """
    return (chances.exp() * (chances - others)).sum(dim=-1)


def entropy(chances: Tensor) -> Tensor:
    """Return the entropy at each slot, nats, exactly; from log-probabilities, (..., 500)."""
    return -(chances.exp() * chances).sum(dim=-1)
