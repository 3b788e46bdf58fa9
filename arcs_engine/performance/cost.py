"""What a design costs: its loss and its volume against those of a reference (J4)."""

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
        loss: mean of full and quarter load, W (`Metrics.mean_loss`).
        volume: of all parts, mm3.
    """

    loss: FloatArray
    volume: FloatArray

    @classmethod
    def of(cls, candidate: Candidate) -> "Reference | None":
        """Return a candidate as what costs 1, shape (1,); None where it has no operating point."""
        metrics = candidate.metrics
        if metrics is None or metrics.mean_loss is None or metrics.volume is None:
            return None
        return cls(np.array([metrics.mean_loss]), np.array([metrics.volume]))

    def take(self, rows: NDArray[np.intp]) -> "Reference":
        """Return those of some specs; rows may repeat."""
        return Reference(self.loss[rows], self.volume[rows])

    def cost(self, weight: FloatArray | float, loss: FloatArray, volume: FloatArray) -> FloatArray:
        """Return what designs cost that meet their spec (requirement J4).

        Args:
            weight: of the loss against the volume, 0..1.
            loss: of each, W.
            volume: of each, mm3.
        """
        return np.asarray(weight * loss / self.loss + (1 - weight) * volume / self.volume)


def recosted(candidate: Candidate, reference: Reference, weight: float) -> Candidate:
    """Return a candidate at the cost that a weight, 0..1, and a reference, shape (1,), give it."""
    own = Reference.of(candidate)
    if own is None or not candidate.meets_spec:
        return candidate
    cost = reference.cost(weight, own.loss, own.volume)
    return msgspec.structs.replace(candidate, cost=float(cost[0]))
