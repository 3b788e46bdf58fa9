"""Designs to try, each for one of the problems of a search, and what they score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.design_space import Places
from arcs_engine.circuits.spec import FloatArray

IntArray = NDArray[np.int64]

Rows = int | slice | tuple[slice, int] | IntArray | NDArray[np.bool_] | tuple[IntArray, IntArray]
"""What picks designs out of arrays of them."""


@dataclass(frozen=True)
class Trials:
    """Designs, each for one problem.

    Attributes:
        owner: whose problem each is for, shape (...,).
        places: where they lie on the lattice, shape (..., slots).
    """

    owner: IntArray
    places: Places

    @classmethod
    def of_each(cls, places: Places) -> "Trials":
        """Return designs of which the first axis counts the problems, shape (n, ..., slots)."""
        count = np.arange(len(places)).reshape(-1, *(1,) * (places.ndim - 2))
        return cls(np.broadcast_to(count, places.shape[:-1]), places)

    @classmethod
    def of_one(cls, places: Places) -> "Trials":
        """Return designs for the only problem, shape (..., slots)."""
        return cls(np.zeros(places.shape[:-1], dtype=np.int64), places)

    @classmethod
    def joined(cls, parts: "Sequence[Trials]", axis: int = 0) -> "Trials":
        """Return the designs of several, one after the other along an axis of `owner`."""
        return cls(
            np.concatenate([part.owner for part in parts], axis=axis),
            np.concatenate([part.places for part in parts], axis=axis),
        )

    def __len__(self) -> int:
        return len(self.owner)

    def __getitem__(self, rows: Rows) -> "Trials":
        return Trials(self.owner[rows], self.places[rows])

    def around(self, places: Places) -> "Trials":
        """Return designs around these, shape (..., tried, slots), for the same problems."""
        return Trials(np.broadcast_to(self.owner[..., None], places.shape[:-1]), places)

    def flat(self) -> "Trials":
        """Return the same designs in a row, owners of shape (m,)."""
        return Trials(self.owner.reshape(-1), self.places.reshape(-1, self.places.shape[-1]))


@dataclass(frozen=True)
class Scored:
    """Designs and their scores.

    Attributes:
        trials: the designs, owners of shape (...,).
        score: less is better, shape (...,).
    """

    trials: Trials
    score: FloatArray

    @classmethod
    def joined(cls, parts: "Sequence[Scored]", axis: int = 0) -> "Scored":
        """Return the designs of several, one after the other along an axis of `score`."""
        trials = Trials.joined([part.trials for part in parts], axis)
        return cls(trials, np.concatenate([part.score for part in parts], axis=axis))

    @property
    def places(self) -> Places:
        """Where the designs lie, shape (..., slots)."""
        return self.trials.places

    def __len__(self) -> int:
        return len(self.score)

    def __getitem__(self, rows: Rows) -> "Scored":
        return Scored(self.trials[rows], self.score[rows])

    def best_of_each(self) -> "Scored":
        """Return the best in each row, of a table of shape (rows, tried)."""
        return self[np.arange(len(self)), self.score.argmin(axis=1)]

    def move(self, rows: IntArray, to: "Scored") -> None:
        """Replace some of the designs, for the same problems."""
        self.places[rows] = to.places
        self.score[rows] = to.score

    def improve(self, rows: IntArray, ends: "Scored") -> IntArray:
        """Replace designs by the best of what was found from each, where that is better.

        Args:
            rows: which design each of the ends was found from, shape (m,); they may repeat.
            ends: what was found, m designs.

        Returns:
            Which of the designs were replaced.
        """
        order = np.lexsort((ends.score, rows))
        first = order[np.unique(rows[order], return_index=True)[1]]
        first = first[ends.score[first] < self.score[rows[first]]]
        self.move(rows[first], ends[first])
        return rows[first]
