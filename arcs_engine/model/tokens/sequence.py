"""Rows of tokens with the exact numbers that ride beside them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.model.tokens.vocabulary import PAD


@dataclass(frozen=True)
class Sequences:
    """Token rows of one length.

    Attributes:
        tokens: token numbers, shape (n, length).
        exact: decimal logarithm of the number that each token stands for, nan where it stands for
            none, shape (n, length).
    """

    tokens: NDArray[np.int64]
    exact: FloatArray

    def __len__(self) -> int:
        return len(self.tokens)

    def padded(self, length: int) -> "Sequences":
        """Return the rows lengthened to `length` with padding."""
        missing = ((0, 0), (0, length - self.tokens.shape[1]))
        return Sequences(
            np.pad(self.tokens, missing, constant_values=PAD),
            np.pad(self.exact, missing, constant_values=np.nan),
        )

    def take(self, index: NDArray[np.intp]) -> "Sequences":
        """Return the rows at `index`, in that order."""
        return Sequences(self.tokens[index], self.exact[index])


def joined(*parts: Sequences) -> Sequences:
    """Put sequences of equal row counts side by side."""
    return Sequences(
        np.concatenate([p.tokens for p in parts], axis=1),
        np.concatenate([p.exact for p in parts], axis=1),
    )


def stacked(rows: list[Sequences]) -> Sequences:
    """Put sequences under each other, padded to the longest."""
    length = max(r.tokens.shape[1] for r in rows)
    padded = [r.padded(length) for r in rows]
    return Sequences(
        np.concatenate([p.tokens for p in padded]), np.concatenate([p.exact for p in padded])
    )
