"""The loss: weighted cross-entropy with soft labels over neighbouring values."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.learning.training.config import TrainingConfig
from arcs_engine.learning.training.dataset import Batch
from arcs_engine.model.tokens.prompt import LENGTH
from arcs_engine.model.tokens.representation import NO_SLOT
from arcs_engine.model.tokens.representations import representation
from arcs_engine.model.tokens.values import legal_values
from arcs_engine.model.tokens.vocabulary import FIRST_VALUE, PAD, VALUE_COUNT, VOCABULARY, Kind

_NEIGHBOURS = 2
"""Legal values on either side that share a soft label."""


@dataclass(frozen=True)
class Labels:
    """What should come next at each position of a batch but the last.

    Attributes:
        tokens: the token and its neighbours, the token itself in the middle, (n, t, 5).
        shares: of the label, summing to 1, (n, t, 5).
        weight: of the position in the loss, (n, t).
        counted: whether a token comes next at all, not padding, (n, t).
        value: whether that is a value, (n, t).
        component_value: whether it is a component's value, (n, t).
    """

    tokens: Tensor
    shares: Tensor
    weight: Tensor
    counted: Tensor
    value: Tensor
    component_value: Tensor

    @property
    def target(self) -> Tensor:
        """The tokens themselves, (n, t)."""
        return self.tokens[..., _NEIGHBOURS]

    @property
    def prompt(self) -> Tensor:
        """Whether a token of the prompt comes next, (n, t)."""
        return torch.arange(self.weight.shape[1]).expand_as(self.weight) < LENGTH - 1

    def part(self, rows: slice) -> "Labels":
        """Return the labels of some rows."""
        return Labels(**{name: tensor[rows] for name, tensor in vars(self).items()})


class Labeller:
    """Turns batches into labels."""

    def __init__(self, names: tuple[str, ...], config: TrainingConfig) -> None:
        self._config = config
        self._representation = representation(config.tokens)
        self._topologies = [registered(name) for name in names]
        components = len(VOCABULARY.names_of(Kind.COMPONENT))
        shape = (len(names), components, VALUE_COUNT, 2 * _NEIGHBOURS + 1)
        self._tokens: NDArray[np.int64] = np.zeros(shape, dtype=np.int64)
        self._shares: FloatArray = np.zeros(shape)
        for i, name in enumerate(names):
            for value in registered(name).design_values:
                slot = VOCABULARY.id(Kind.COMPONENT, value.name) - VOCABULARY.first(Kind.COMPONENT)
                legal, _ = legal_values(value)
                tokens, shares = _neighbours(legal, config.label_bins)
                self._tokens[i, slot, legal - FIRST_VALUE] = tokens
                self._shares[i, slot, legal - FIRST_VALUE] = shares

    def labels(self, batch: Batch) -> Labels:
        """Return the labels of a batch's sequences."""
        after = batch.rows.tokens[:, 1:]
        tokens = np.repeat(after[..., None], 2 * _NEIGHBOURS + 1, axis=2)
        shares = np.zeros(tokens.shape)
        shares[..., _NEIGHBOURS] = 1.0
        owners = self._owners(batch)
        is_value = owners != NO_SLOT
        row, place = np.nonzero(is_value)
        slot = owners[row, place] - VOCABULARY.first(Kind.COMPONENT)
        at = (batch.topologies[row], slot, after[row, place] - FIRST_VALUE)
        tokens[row, place], shares[row, place] = self._tokens[at], self._shares[at]
        return Labels(
            torch.from_numpy(tokens),
            torch.from_numpy(shares).float(),
            torch.from_numpy(self._weights(after, is_value)).float(),
            torch.from_numpy(after != PAD),
            torch.from_numpy(VOCABULARY.kinds[after] == Kind.VALUE),
            torch.from_numpy(is_value),
        )

    def _owners(self, batch: Batch) -> NDArray[np.int64]:
        """Return the component that each next token is a value of, `NO_SLOT` elsewhere."""
        owners = np.full(batch.rows.tokens.shape, NO_SLOT)
        for number in np.unique(batch.topologies):
            mine = batch.topologies == number
            owners[mine] = self._representation.owners(
                self._topologies[number], batch.rows.tokens[mine]
            )
        return owners[:, 1:]

    def _weights(self, after: NDArray[np.int64], is_value: NDArray[np.bool_]) -> FloatArray:
        weights = np.where(is_value, self._config.value_weight, 1.0)
        weights[:, : LENGTH - 1] = self._config.prompt_weight
        weights[after == PAD] = 0.0
        return weights


def _neighbours(legal: NDArray[np.int64], width: float) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the legal tokens around each legal token and their shares, (m, 5) each."""
    around = np.arange(-_NEIGHBOURS, _NEIGHBOURS + 1)
    index = np.arange(len(legal))[:, None] + around
    inside = (index >= 0) & (index < len(legal))
    tokens = legal[np.clip(index, 0, len(legal) - 1)]
    distance = tokens - legal[:, None]
    shares = np.where(inside, np.exp(-0.5 * (distance / max(width, 1e-6)) ** 2), 0.0)
    return tokens, shares / shares.sum(axis=1, keepdims=True)


def loss_of(logits: Tensor, labels: Labels, weight: Tensor | None = None) -> Tensor:
    """Return the mean cross-entropy, weighted, over the positions.

    Args:
        logits: (n, t, 676).
        labels: of the same positions.
        weight: that the sum is divided by, when these rows are a part of a batch; else their own.
    """
    chances = torch.log_softmax(logits, dim=-1).gather(2, labels.tokens)
    surprise = -(chances * labels.shares).sum(dim=-1)
    return (surprise * labels.weight).sum() / (labels.weight.sum() if weight is None else weight)
