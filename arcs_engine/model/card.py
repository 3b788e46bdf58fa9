"""The card of a model: how it was made and what it is worth."""

from typing import Final

import msgspec

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation import bounds
from arcs_engine.foundation.errors import InputError
from arcs_engine.model.config import TransformerConfig
from arcs_engine.model.tokens.representations import representation

CARD_VERSION = 1

_STRONGEST_GUIDANCE: Final = 100.0


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lies beside the weights as ``card.json``.

    Attributes:
        version: of this format.
        name: of the model, such as ``tiny``.
        config: shape of the transformer.
        vocabulary_hash: of the tokens that it speaks.
        physics_hash: of the engine that judged its training data.
        topologies: those that it was trained on.
        guidance: strengths with which it proposes, of the likeliest design and of drawn ones
            (`arcs_engine.model.guidance`).
        tokens: the representation of designs that it speaks.
        parameters: number of weights.
        arcs_version: of the code that trained it.
        data: the data set: its name, seed and counts.
        metrics: measured figures by name; None where one is not finite.
        seed: of the training run.
        date: of the training run, ISO 8601.
        command: how to make it again.
    """

    version: int = CARD_VERSION
    name: str
    config: TransformerConfig
    vocabulary_hash: str
    physics_hash: str
    topologies: tuple[str, ...]
    tokens: str = "slots"
    guidance: tuple[float, float] = (2.0, 0.0)
    parameters: int
    arcs_version: str
    data: dict[str, str | int | float]
    metrics: dict[str, float | None]
    seed: int
    date: str
    command: str

    def __post_init__(self) -> None:
        bounds.check_name(self.name, "name")
        unknown = [name for name in self.topologies if name not in REGISTRY]
        if unknown or not self.topologies:
            raise InputError(
                f"topologies are {', '.join(self.topologies)[:200] or 'none'}; this version of "
                f"ARCS has {', '.join(REGISTRY)}."
            )
        if not all(0 <= strength <= _STRONGEST_GUIDANCE for strength in self.guidance):
            raise InputError(
                f"guidance is {self.guidance}; both strengths lie between 0 and "
                f"{_STRONGEST_GUIDANCE:g}."
            )
        context = representation(self.tokens).context
        if self.config.context < context:
            raise InputError(
                f"context is {self.config.context}; sequences of '{self.tokens}' have {context}."
            )
