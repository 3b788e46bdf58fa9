"""The engine's judge, as the search and the store of data take it."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from arcs_engine import evaluate
from arcs_engine.spec import FloatArray, SpecBatch
from arcs_engine.tokens.vocabulary import STATUS_LABELS
from arcs_engine.topologies.base import Topology, Values


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
    return np.array([STATUS_LABELS.index(name) for name in evaluate.STATUSES])


def engine(topology: Topology, values: Values, specs: SpecBatch, weight: FloatArray) -> Labelled:
    """Judge n designs, each for its own spec and slider weight, as every surface of ARCS does."""
    verdicts = evaluate.judge(topology, values, specs, weight)
    return Labelled(
        cost=verdicts.cost,
        meets_spec=verdicts.meets_spec,
        ripple=verdicts.ripple,
        efficiency_estimated=verdicts.efficiency_estimated,
        reward=verdicts.reward,
        status=_label_of_status()[verdicts.status],
    )
