"""Which token may come next after a prompt.

Every named slot of the topology appears once, in any order, each followed by a value token whose
bin holds a legal E-series value of that slot; then the sequence ends. Sampled under this mask,
every sequence decodes to a design that can be built.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arcs_engine.tokens.values import legal_values
from arcs_engine.tokens.vocabulary import END, VOCABULARY, Kind
from arcs_engine.topologies.base import Topology


class Grammar:
    """The grammar of one topology's sequences, after the prompt."""

    def __init__(self, topology: Topology) -> None:
        self._values = {
            VOCABULARY.id(Kind.COMPONENT, value.name): legal_values(value)[0]
            for value in topology.design_values
        }

    def value_mask(self, component: int) -> NDArray[np.bool_]:
        """Return which tokens may follow a component token, shape (676,)."""
        mask = np.zeros(len(VOCABULARY), dtype=bool)
        mask[self._values[component]] = True
        return mask

    def legal_next(self, body: Sequence[int]) -> NDArray[np.bool_]:
        """Return which tokens may follow, shape (676,).

        Args:
            body: the tokens after the prompt so far, themselves within the grammar.
        """
        if len(body) % 2 == 1 and body[-1] != END:
            return self.value_mask(body[-1])
        mask = np.zeros(len(VOCABULARY), dtype=bool)
        if END in body:
            return mask
        left = [component for component in self._values if component not in body[0::2]]
        mask[left or [END]] = True
        return mask

    def accepts(self, body: Sequence[int]) -> bool:
        """Whether the tokens after the prompt are a whole sequence of this grammar."""
        complete = bool(body) and body[-1] == END
        return complete and all(
            bool(self.legal_next(body[:i])[token]) for i, token in enumerate(body)
        )
