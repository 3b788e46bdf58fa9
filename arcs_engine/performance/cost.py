"""What a design costs: its loss and its stored energy against those of a reference (J4)."""

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.candidate import Candidate

FAILED_COST: Final = 3.0
"""Cost of a design that fails its spec (requirement J4)."""


@dataclass(frozen=True)
class Reference:
    """What costs 1, for n specs; arrays of shape (n,).

    Attributes:
        loss: W.
        energy: stored, J.
    """

    loss: FloatArray
    energy: FloatArray

    @classmethod
    def of(cls, candidate: Candidate) -> "Reference | None":
        """Return a candidate as what costs 1, shape (1,); None where it has no operating point."""
        if candidate.metrics is None:
            return None
        loss, energy = sum(candidate.metrics.losses.values()), candidate.metrics.energy
        return cls(np.array([loss]), np.array([energy]))

    def take(self, rows: NDArray[np.intp]) -> "Reference":
        """Return those of some specs; rows may repeat."""
        return Reference(self.loss[rows], self.energy[rows])

    def cost(self, weight: FloatArray | float, loss: FloatArray, energy: FloatArray) -> FloatArray:
        """Return what designs cost that meet their spec (requirement J4).

        Args:
            weight: of the loss against the energy, 0..1.
            loss: of each, W.
            energy: stored in each, J.
        """
        return np.asarray(weight * loss / self.loss + (1 - weight) * energy / self.energy)


def recosted(candidate: Candidate, reference: Reference, weight: float) -> Candidate:
    """Return a candidate at the cost that a weight, 0..1, and a reference, shape (1,), give it."""
    own = Reference.of(candidate)
    if own is None or not candidate.meets_spec:
        return candidate
    cost = reference.cost(weight, own.loss, own.energy)
    return msgspec.structs.replace(candidate, cost=float(cost[0]))
