"""What a model is worth on specs that it never saw, under the judge of everything else."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.foundation.control import Control
from arcs_engine.learning.datasets import specs as spec_distribution
from arcs_engine.model.model import Model
from arcs_engine.sizing.search.rounds import Judge

BEST_OF = 32

_STREAM = 2_000_003
"""Keeps these specs apart from those that data sets are made from with the same seed."""


def assess(model: Model, count: int, seed: int, judge: Judge, control: Control) -> dict[str, float]:
    """Measure a model on `count` fresh specs for each topology that it knows.

    For each of ``textbook``, ``greedy`` (the likeliest design), ``sampled`` (one at temperature
    0.8) and ``best_of_32`` (the greedy one and 31 sampled, nothing polished): the share that meets
    the spec as ``..._pass`` and the mean cost as ``..._cost`` (1 is the textbook, 3 a failure).
    Names with a topology in front are of that topology alone.
    """
    results = {
        name: _assess_topology(model, name, count, seed + i, judge, control)
        for i, name in enumerate(model.card.topologies)
    }
    metrics = {
        f"{name}.{figure}": value
        for name, figures in results.items()
        for figure, value in figures.items()
    }
    for figure in next(iter(results.values())):
        metrics[figure] = float(np.mean([figures[figure] for figures in results.values()]))
    return metrics


def _assess_topology(
    model: Model, name: str, count: int, seed: int, judge: Judge, control: Control
) -> dict[str, float]:
    topology = registered(name)
    specs = spec_distribution.draw(topology, count, np.random.default_rng([_STREAM, seed]))
    batch, owner = SpecBatch.of(specs), np.repeat(np.arange(count), BEST_OF)
    drawn = [model.sample(spec, topology, BEST_OF, seed=seed, control=control) for spec in specs]
    values = {v.name: np.concatenate([d[v.name] for d in drawn]) for v in topology.design_values}
    weight = np.array([spec.weight for spec in specs])
    judged = judge(topology, values, batch.take(owner), weight[owner])
    classic = judge(topology, topology.textbook(batch).values, batch, weight)
    cost = judged.cost.reshape(count, BEST_OF)
    met = judged.meets_spec.reshape(count, BEST_OF)
    return _figures(
        {
            "textbook": (classic.meets_spec, classic.cost),
            "greedy": (met[:, 0], cost[:, 0]),
            "sampled": (met[:, 1], cost[:, 1]),
            f"best_of_{BEST_OF}": (np.asarray(met.any(axis=1)), np.asarray(cost.min(axis=1))),
        }
    )


def _figures(
    methods: Mapping[str, tuple[NDArray[np.bool_], FloatArray]],
) -> dict[str, float]:
    shares = {f"{method}_pass": float(met.mean()) for method, (met, _) in methods.items()}
    return shares | {f"{method}_cost": float(cost.mean()) for method, (_, cost) in methods.items()}
