"""What a spec says to the model: the tokens before the first component.

``START TOPO SEP (SPEC value)... SEP``. The fields are the same in training and at inference.
Ripple and loss fraction are achieved values in training (hindsight) and wishes at inference.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray, Spec
from arcs_engine.model.tokens.sequence import Sequences
from arcs_engine.model.tokens.values import exact, token_of
from arcs_engine.model.tokens.vocabulary import (
    NONE,
    QUANTITIES,
    SEPARATOR,
    START,
    STATUS_FIELD,
    STATUS_LABELS,
    VOCABULARY,
    Kind,
    status_name,
)

LENGTH = 3 + 2 * (len(QUANTITIES) + 1) + 1
"""Tokens in a prompt."""

GOOD = "good"

OPEN = ("loss_fraction", "weight")
"""Fields that a prompt may leave open."""


@dataclass(frozen=True)
class Prompt:
    """The prompts of n sequences.

    Attributes:
        topology: name of a topology that is no variant, the same for all.
        quantities: by name of `QUANTITIES`, shape (n,) each, nan where the field is left open.
        status: a label of `STATUS_LABELS` for each, length n.
    """

    topology: str
    quantities: dict[str, FloatArray]
    status: tuple[str, ...]

    def sequences(self) -> Sequences:
        """Return the tokens and their exact values, shape (n, LENGTH) each."""
        count = len(self.status)
        tokens = np.full((count, LENGTH), SEPARATOR, dtype=np.int64)
        values = np.full((count, LENGTH), np.nan)
        tokens[:, 0] = START
        tokens[:, 1] = VOCABULARY.id(Kind.TOPOLOGY, self.topology)
        for i, name in enumerate(QUANTITIES):
            numbers = self.quantities[name]
            given = np.isfinite(numbers)
            tokens[:, 3 + 2 * i] = VOCABULARY.id(Kind.SPEC, name)
            tokens[:, 4 + 2 * i] = np.where(given, token_of(np.where(given, numbers, 1.0)), NONE)
            values[:, 4 + 2 * i] = exact(numbers)
        tokens[:, -3] = VOCABULARY.id(Kind.SPEC, STATUS_FIELD)
        tokens[:, -2] = [VOCABULARY.id(Kind.SPEC, status_name(s)) for s in self.status]
        return Sequences(tokens, values)


def coded_weight(weight: FloatArray) -> FloatArray:
    """Code the slider's 0..1 as 1..10, which spreads it evenly over the log-spaced bins."""
    return np.asarray(10**weight)


def for_spec(spec: Spec, topology: str) -> Prompt:
    """Return the one prompt that asks for a good design."""
    wish = np.nan if spec.efficiency is None else 1 - spec.efficiency
    numbers = {
        name: getattr(spec, name) for name in QUANTITIES if name not in {"loss_fraction", "weight"}
    }
    quantities = {name: np.array([number]) for name, number in numbers.items()}
    quantities["loss_fraction"] = np.array([wish])
    quantities["weight"] = coded_weight(np.array([spec.weight]))
    return Prompt(topology, quantities, (GOOD,))


def is_prompt(tokens: NDArray[np.int64]) -> bool:
    """Whether tokens of shape (LENGTH,) are a prompt: every field in its place."""
    kinds = VOCABULARY.kinds
    if len(tokens) != LENGTH or not VOCABULARY.knows(tokens) or kinds[tokens[1]] != Kind.TOPOLOGY:
        return False
    if [tokens[0], tokens[2], tokens[-1]] != [START, SEPARATOR, SEPARATOR]:
        return False
    names, numbers = tokens[3:-1:2], tokens[4:-1:2]
    expected = [VOCABULARY.id(Kind.SPEC, name) for name in (*QUANTITIES, STATUS_FIELD)]
    given = [
        kinds[number] == Kind.VALUE or (number == NONE and name in OPEN)
        for name, number in zip(QUANTITIES, numbers, strict=False)
    ]
    statuses = {VOCABULARY.id(Kind.SPEC, status_name(label)) for label in STATUS_LABELS}
    return names.tolist() == expected and all(given) and int(numbers[-1]) in statuses
