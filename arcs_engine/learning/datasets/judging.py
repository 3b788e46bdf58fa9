"""The engine's judge, as the search and the store of data take it."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.circuits.topologies.base import Topology, Values
from arcs_engine.model.tokens.vocabulary import STATUS_LABELS
from arcs_engine.performance import verdict


@dataclass(frozen=True)
class Labelled:
    """`evaluate.Verdicts` with the status as an index into the vocabulary's labels."""

    cost: FloatArray
    meets_spec: NDArray[np.bool_]
    ripple: FloatArray
    efficiency_estimated: FloatArray
    reward: FloatArray
    status: NDArray[np.int64]


@cache
def _label_of_status() -> NDArray[np.int64]:
    return np.array([STATUS_LABELS.index(name) for name in verdict.STATUSES])


class Engine:
    """Judges as every surface of ARCS does; solves the textbook design of each spec once."""

    def __init__(self) -> None:
        self._references: dict[tuple[str, bytes], tuple[float, float]] = {}

    def __call__(
        self, topology: Topology, values: Values, specs: SpecBatch, weight: FloatArray
    ) -> Labelled:
        """Judge n designs, each for its own spec and slider weight."""
        reference = self._reference(topology, specs)
        verdicts = verdict.judge(topology, values, specs, weight, reference=reference)
        return Labelled(
            cost=verdicts.cost,
            meets_spec=verdicts.meets_spec,
            ripple=verdicts.ripple,
            efficiency_estimated=verdicts.efficiency_estimated,
            reward=verdicts.reward,
            status=_label_of_status()[verdicts.status],
        )

    def _reference(self, topology: Topology, specs: SpecBatch) -> tuple[FloatArray, FloatArray]:
        """Return loss (W) and energy (J) that cost 1, shape (n,) each."""
        table = np.stack([getattr(specs, name) for name in SpecBatch.__dataclass_fields__], axis=1)
        keys = [(topology.name, row.tobytes()) for row in table]
        unknown = {key: row for row, key in enumerate(keys) if key not in self._references}
        if unknown:
            rows = np.array(list(unknown.values()))
            loss, energy = verdict.reference_of(topology, specs.take(rows))
            pairs = zip(loss.tolist(), energy.tolist(), strict=True)
            self._references.update(zip(unknown, pairs, strict=True))
        both = np.array([self._references[key] for key in keys])
        return both[:, 0], both[:, 1]
