"""A trained model that proposes designs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray, Spec
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation import paths
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ModelError
from arcs_engine.model import store
from arcs_engine.model.card import Card
from arcs_engine.model.guidance import PROPOSING, Guidance
from arcs_engine.model.request import Draw, Request
from arcs_engine.model.sampling import Sampler
from arcs_engine.model.tokens import prompt
from arcs_engine.model.tokens.representation import Representation
from arcs_engine.model.tokens.representations import representation
from arcs_engine.model.tokens.sequence import Sequences, stacked
from arcs_engine.model.tokens.vocabulary import START
from arcs_engine.model.transformer import Transformer

SHIPPED = "tiny"
"""Name of the model that `load` takes when none is named."""

_USUAL: Final = Draw()
"""How tokens are drawn unless a caller says how."""


@dataclass(frozen=True)
class Model:
    """A transformer and its card.

    Attributes:
        transformer: the decoder, in evaluation mode.
        card: how it was made.
        guidance: how strongly `sample` is led away from failures; free sampling is not.
    """

    transformer: Transformer
    card: Card
    guidance: Guidance = PROPOSING

    @property
    def name(self) -> str:
        """Name on the card."""
        return self.card.name

    @property
    def parameter_count(self) -> int:
        """Number of weights."""
        return self.transformer.parameter_count

    @property
    def representation(self) -> Representation:
        """How it writes designs."""
        return representation(self.card.tokens)

    @property
    def sampler(self) -> Sampler:
        """What draws from it."""
        return Sampler(self.transformer, self.representation, self.guidance)

    def sample(
        self, request: Request, draw: Draw = _USUAL, control: Control | None = None
    ) -> dict[str, FloatArray]:
        """Propose designs for a spec, in any thread.

        Args:
            request: the designs.
            draw: how they are drawn; the same draw gives the same designs.
            control: asked between tokens whether to stop.

        Returns:
            Design values by name, shape (count,) each; those not locked are E-series values.

        Raises:
            ModelError: the model was not trained on the topology.
            DesignError: a lock names no design value, or lies outside its range.
        """
        topology = request.topology
        if topology.name not in self.card.topologies:
            known = ", ".join(self.card.topologies)
            raise ModelError(
                f"The model '{self.name}' was not trained on {topology.name}; it knows {known}."
            )
        for name, number in request.locks.items():
            topology.check_lock(name, number)
        return self.sampler.sample(request, draw, control or Control.silent())

    def unmasked(
        self,
        asked: Sequence[tuple[Spec, Topology]],
        draw: Draw = _USUAL,
        control: Control | None = None,
    ) -> NDArray[np.int64]:
        """Return one freely sampled sequence for each prompt, shape (n, context); see `valid`.

        Args:
            asked: specs, at least one, each with the topology to ask for; they may repeat.
            draw: how tokens are drawn; the same draw gives the same sequences.
            control: asked between tokens whether to stop.
        """
        rows = stacked([prompt.for_spec(spec, t.name).sequences() for spec, t in asked])
        return self.sampler.complete(rows, draw, control or Control.silent())

    def unconditional(
        self, count: int, draw: Draw = _USUAL, control: Control | None = None
    ) -> NDArray[np.int64]:
        """Return freely sampled sequences from the start token alone, shape (count, context).

        The other arguments are those of `unmasked`.
        """
        start = Sequences(np.full((count, 1), START), np.full((count, 1), np.nan))
        return self.sampler.complete(start, draw, control or Control.silent())

    def valid(self, tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which sequences are structurally valid, shape (n,).

        A valid one is a whole prompt that names a topology the model knows, with a body that
        decodes to a design of that topology: every value once, each legal for its slot.

        Args:
            tokens: shape (n, length).
        """
        topologies = [registered(name) for name in self.card.topologies]
        speaks = self.representation
        return np.array([speaks.is_valid(row, topologies) for row in tokens], dtype=bool)


def load(folder: Path | None = None) -> Model:
    """Read a model and check that it fits this version.

    One torch thread is faster than two for batches of this size, so this sets torch, process-wide,
    to one.

    Args:
        folder: holds the weights and the card; the shipped model when None.

    Raises:
        ModelError: missing, damaged, or made for another vocabulary.
    """
    torch.set_num_threads(1)
    transformer, card = store.read(folder or paths.models() / SHIPPED)
    return Model(transformer, card, Guidance(*card.guidance))
