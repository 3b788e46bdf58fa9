"""Numbers as tokens: 500 bins, log-spaced over 1e-12 to 1e6, 8.6 % per bin.

A bin is too coarse for a prompt, so every value token is accompanied by the logarithm of the exact
number (see `exact`), which the model embeds beside the token.
"""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arcs_engine.circuits.eseries import values_between
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import DesignValue
from arcs_engine.model.tokens.vocabulary import (
    BINS_PER_DECADE,
    FIRST_VALUE,
    LOWEST_DECADE,
    VALUE_COUNT,
    VOCABULARY,
)


def token_of(numbers: ArrayLike) -> NDArray[np.int64]:
    """Return the value token of positive numbers, any shape; beyond the range, the last bin."""
    place = (np.log10(np.asarray(numbers, dtype=np.float64)) - LOWEST_DECADE) * BINS_PER_DECADE
    return FIRST_VALUE + np.clip(np.floor(place), 0, VALUE_COUNT - 1).astype(np.int64)


def centre_of(tokens: ArrayLike) -> FloatArray:
    """Return the geometric centre of the bins of value tokens, any shape."""
    place = np.asarray(tokens) - FIRST_VALUE + 0.5
    return np.asarray(10 ** (LOWEST_DECADE + place / BINS_PER_DECADE))


def exact(numbers: ArrayLike) -> FloatArray:
    """Return the decimal logarithm that rides beside a value token, any shape."""
    return np.asarray(np.log10(np.asarray(numbers, dtype=np.float64)))


@cache
def legal_values(value: DesignValue) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the tokens that a design value may take, and what each decodes to.

    A bin may hold several values of a fine series; it decodes to the one nearest to its centre.

    Returns:
        The tokens, ascending, and the E-series values, both of shape (m,).
    """
    grid = values_between(value.series, value.low, value.high)
    tokens = token_of(grid)
    distance = np.abs(exact(grid) - exact(centre_of(tokens)))
    order = np.lexsort((distance, tokens))
    legal, first = np.unique(tokens[order], return_index=True)
    return legal, grid[order][first]


def number_of(value: DesignValue, token: int) -> float | None:
    """Return the number that a token stands for at a design value's place, None if it may not."""
    legal, decoded = legal_values(value)
    place = int(np.searchsorted(legal, token))
    return float(decoded[place]) if place < len(legal) and legal[place] == token else None


def mask_of(value: DesignValue) -> NDArray[np.bool_]:
    """Return which tokens may stand at a design value's place, shape (676,)."""
    mask = np.zeros(len(VOCABULARY), dtype=bool)
    mask[legal_values(value)[0]] = True
    return mask
