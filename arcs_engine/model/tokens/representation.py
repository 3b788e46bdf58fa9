"""What the ways to write a design as tokens have in common.

After the prompt comes the *body*, which ends with the end token. A representation says how the body
is laid out: which tokens it has, and where among them the numbers of the design stand. The rest,
writing numbers, reading them, sampling them under the mask and training, is the same for all.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.topologies.base import Topology, Values
from arcs_engine.foundation.errors import DesignError
from arcs_engine.model.tokens.prompt import LENGTH, Prompt, is_prompt
from arcs_engine.model.tokens.sequence import Sequences, joined
from arcs_engine.model.tokens.values import exact, number_of, token_of
from arcs_engine.model.tokens.vocabulary import END, VOCABULARY, Kind

NO_SLOT = -1


@dataclass(frozen=True)
class Layout:
    """The bodies of n sequences, before numbers are written into them.

    Attributes:
        tokens: shape (n, length); what stands at the numbers' places has no meaning.
        places: where the number of each of the topology's design values stands, in canonical
            order, shape (n, slots).
    """

    tokens: NDArray[np.int64]
    places: NDArray[np.int64]

    def take(self, rows: NDArray[np.intp]) -> "Layout":
        """Return the rows at an index, in that order."""
        return Layout(self.tokens[rows], self.places[rows])


class Representation(ABC):
    """A way to write designs as tokens."""

    name: ClassVar[str]
    context: ClassVar[int] = 64
    """Positions that a model needs for the longest sequence of any topology."""

    @abstractmethod
    def layout(self, topology: Topology, first: Collection[str] = ()) -> Layout:
        """Return the canonical layout of a topology's designs, one row.

        Args:
            topology: whose designs.
            first: design values that come before the others, where the representation has a choice.
        """

    @abstractmethod
    def layouts(
        self, topology: Topology, count: int, rng: np.random.Generator, share: float
    ) -> Layout:
        """Return layouts for training, `count` rows, a share of them drawn at random."""

    @abstractmethod
    def read(self, topology: Topology, body: Sequence[int]) -> dict[str, int] | None:
        """Return the tokens at the numbers' places by name, or None for what is no whole body.

        Args:
            topology: that the body must describe.
            body: the tokens after the prompt, the end included.
        """

    def owners(self, topology: Topology, tokens: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the component token that each number belongs to, `NO_SLOT` elsewhere.

        Args:
            topology: that the sequences are of.
            tokens: whole sequences, shape (n, length).
        """
        before = np.roll(tokens, 1, axis=1)
        before[:, 0] = END
        after_name = VOCABULARY.kinds[before] == Kind.COMPONENT
        return np.where(after_name & (VOCABULARY.kinds[tokens] == Kind.VALUE), before, NO_SLOT)

    def encode(
        self, prompt: Prompt, topology: Topology, values: Values, layout: Layout | None = None
    ) -> Sequences:
        """Return whole sequences, shape (n, LENGTH + length of the body).

        Args:
            prompt: n prompts.
            topology: the topology, or a variant of it, that they name.
            values: design values by name, shape (n,) each.
            layout: of n rows; the canonical one when None.
        """
        rows = np.zeros(len(prompt.status), dtype=np.intp)
        layout = layout or self.layout(topology).take(rows)
        numbers = np.stack([values[v.name] for v in topology.design_values], axis=1)
        tokens, beside = layout.tokens.copy(), np.full(layout.tokens.shape, np.nan)
        np.put_along_axis(tokens, layout.places, token_of(numbers), axis=1)
        np.put_along_axis(beside, layout.places, exact(numbers), axis=1)
        return joined(prompt.sequences(), Sequences(tokens, beside))

    def decode(self, topology: Topology, tokens: NDArray[np.int64]) -> dict[str, float]:
        """Return the design that one whole sequence describes, E-series values in canonical order.

        Args:
            topology: the topology, or a variant of it, that the sequence must name.
            tokens: shape (length,); padding after the end is ignored.

        Raises:
            DesignError: it describes no design of the topology.
        """
        design = self._design(topology, tokens) if _names(tokens, topology) else None
        if design is None:
            raise DesignError(f"The token sequence does not describe the {topology.title}.")
        return design

    def is_valid(self, tokens: NDArray[np.int64], topologies: Collection[Topology]) -> bool:
        """Whether one sequence is a whole prompt and a design of the topology that it names.

        Args:
            tokens: shape (length,); padding after the end is ignored.
            topologies: those that it may name.
        """
        return is_prompt(tokens[:LENGTH]) and any(
            _names(tokens, t) and self._design(t, tokens) is not None for t in topologies
        )

    def _design(self, topology: Topology, tokens: NDArray[np.int64]) -> dict[str, float] | None:
        body = [int(t) for t in tokens[LENGTH:]]
        body = body[: body.index(END) + 1] if END in body else body
        found = self.read(topology, body)
        if found is None:
            return None
        numbers = {v.name: number_of(v, found[v.name]) for v in topology.design_values}
        design = {name: number for name, number in numbers.items() if number is not None}
        return design if len(design) == len(numbers) else None


def _names(tokens: NDArray[np.int64], topology: Topology) -> bool:
    """Whether a sequence is that of a topology, by what its prompt says."""
    own = VOCABULARY.id(Kind.TOPOLOGY, topology.family)
    return len(tokens) > LENGTH and VOCABULARY.knows(tokens) and int(tokens[1]) == own


def component(name: str) -> int:
    """Return the token of a design value's name."""
    return VOCABULARY.id(Kind.COMPONENT, name)
