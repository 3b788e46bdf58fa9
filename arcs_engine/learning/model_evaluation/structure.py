"""Whether what a model writes is a circuit: under the mask, free after a spec, from nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.foundation.control import Control
from arcs_engine.learning.model_evaluation.tasks import Task
from arcs_engine.model.model import Model
from arcs_engine.model.request import Draw, Request

_BATCH: Final = 500
_EACH: Final = 50
"""Designs that are drawn for one spec under the mask."""


class Structure(msgspec.Struct, frozen=True, kw_only=True):
    """Shares that are structurally valid.

    Attributes:
        samples: of each kind.
        masked: under the grammar's mask, after a spec.
        unmasked: free, after a spec.
        unconditional: free, after the start token alone.
    """

    samples: int
    masked: float
    unmasked: float
    unconditional: float


@dataclass(frozen=True)
class StructureSamples:
    """Samples of each kind, at temperature 0.8, top-k 50.

    Attributes:
        model: that is sampled.
        tasks: specs, asked in turns.
        count: of each kind, at least 1.
        seed: of all draws.
    """

    model: Model
    tasks: Sequence[Task]
    count: int
    seed: int

    def structure(self, control: Control) -> Structure:
        """Measure structural validity.

        Args:
            control: for progress and cancel.
        """
        after, nothing = "Free sampling after a spec", "Free sampling from nothing"
        return Structure(
            samples=self.count,
            masked=self._masked(control),
            unmasked=self._share(self._after_a_spec, after, control),
            unconditional=self._share(self._from_nothing, nothing, control),
        )

    def _masked(self, control: Control) -> float:
        """Return the share of masked samples whose values are all of their series and range."""
        valid = total = 0
        for number in range(-(-self.count // _EACH)):
            control.progress(number * _EACH / self.count, "Sampling under the mask")
            task = self.tasks[number % len(self.tasks)]
            asked = Request(task.spec, task.topology, _EACH, greedy_first=False)
            values = self.model.sample(asked, Draw(seed=self.seed + number), control)
            lattice = Lattice(task.topology)
            snapped = lattice.values(lattice.nearest(values))
            right = [np.isclose(values[name], snapped[name], rtol=1e-6) for name in lattice.names]
            valid += int(np.all(right, axis=0).sum())
            total += _EACH
        return valid / total

    def _after_a_spec(self, batch: range, control: Control) -> NDArray[np.int64]:
        tasks = [self.tasks[k % len(self.tasks)] for k in batch]
        prompts = [(task.spec, task.topology) for task in tasks]
        return self.model.unmasked(prompts, self._draw(batch), control)

    def _from_nothing(self, batch: range, control: Control) -> NDArray[np.int64]:
        return self.model.unconditional(len(batch), self._draw(batch), control)

    def _draw(self, batch: range) -> Draw:
        return Draw(seed=self.seed + batch.start // _BATCH)

    def _share(
        self, sample: Callable[[range, Control], NDArray[np.int64]], what: str, control: Control
    ) -> float:
        """Return the share of free samples that are valid.

        Args:
            sample: draws a batch, given the places of its samples among all.
            what: is done, for people.
            control: for progress and cancel.
        """
        valid = 0
        for begin in range(0, self.count, _BATCH):
            control.progress(begin / self.count, what)
            batch = range(begin, min(begin + _BATCH, self.count))
            valid += int(self.model.valid(sample(batch, control)).sum())
        return valid / self.count
