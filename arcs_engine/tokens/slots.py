"""Designs as tokens, and back: ``(COMP value)... END`` after the prompt.

Slots are named after the topology's design values, so they keep their meaning in any order.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from arcs_engine.errors import DesignError
from arcs_engine.spec import FloatArray
from arcs_engine.tokens.grammar import Grammar
from arcs_engine.tokens.prompt import LENGTH, Prompt
from arcs_engine.tokens.sequence import Sequences, joined
from arcs_engine.tokens.values import exact, legal_values, token_of
from arcs_engine.tokens.vocabulary import END, VOCABULARY, Kind
from arcs_engine.topologies.base import Topology


def encode(
    prompt: Prompt,
    topology: Topology,
    values: Mapping[str, FloatArray],
    order: NDArray[np.intp] | None = None,
) -> Sequences:
    """Return whole sequences, shape (n, LENGTH + 2 slots + 1).

    Args:
        prompt: n prompts.
        topology: the topology that they name.
        values: design values by name, shape (n,) each.
        order: for each row, the places of the topology's design values in the order in which they
            are written, shape (n, slots); canonical order when None.
    """
    names = [v.name for v in topology.design_values]
    count = len(prompt.status)
    if order is None:
        order = np.tile(np.arange(len(names)), (count, 1))
    numbers = np.stack([values[name] for name in names], axis=1)
    numbers = np.take_along_axis(numbers, order, axis=1)
    components = np.array([VOCABULARY.id(Kind.COMPONENT, name) for name in names])
    tokens = np.full((count, 2 * len(names) + 1), END, dtype=np.int64)
    tokens[:, 0:-1:2] = components[order]
    tokens[:, 1::2] = token_of(numbers)
    numbers_beside = np.full(tokens.shape, np.nan)
    numbers_beside[:, 1::2] = exact(numbers)
    return joined(prompt.sequences(), Sequences(tokens, numbers_beside))


def decode(topology: Topology, tokens: NDArray[np.int64]) -> dict[str, float]:
    """Return the design that one whole sequence describes, E-series values in canonical order.

    Args:
        topology: the topology that the sequence must name.
        tokens: shape (length,); padding after the end is ignored.

    Raises:
        DesignError: the sequence is not in the topology's grammar.
    """
    grammar = Grammar(topology)
    body = [int(t) for t in tokens[LENGTH:]]
    body = body[: body.index(END) + 1] if END in body else body
    named = int(tokens[1]) == VOCABULARY.id(Kind.TOPOLOGY, topology.name)
    if not named or not grammar.accepts(body):
        raise DesignError(f"The token sequence does not describe the {topology.title}.")
    found: dict[str, float] = {}
    for name_token, value_token in zip(body[0:-1:2], body[1::2], strict=True):
        name = VOCABULARY.names[name_token]
        legal, decoded = legal_values(topology.value(name))
        found[name] = float(decoded[np.searchsorted(legal, value_token)])
    return {v.name: found[v.name] for v in topology.design_values}
