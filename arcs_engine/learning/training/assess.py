"""What a model is worth on specs that it never saw, under the judge of everything else."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.foundation.control import Control
from arcs_engine.learning.datasets import specs as spec_distribution
from arcs_engine.model.model import Model
from arcs_engine.model.request import Draw, Request
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.trials import Trials

BEST_OF = 32

_STREAM = 2_000_003
"""Keeps these specs apart from those that data sets are made from with the same seed."""


@dataclass(frozen=True)
class Assessment:
    """How a model is measured.

    Attributes:
        count: fresh specs for each topology that it knows.
        seed: of specs and designs.
        problems: what designs are judged for, and who judges; a stand-in in tests.
    """

    count: int
    seed: int
    problems: type[Problems] = Problems

    def of(self, model: Model, control: Control) -> dict[str, float]:
        """Measure a model.

        For each of ``textbook``, ``greedy`` (the likeliest design), ``sampled`` (one at temperature
        0.8) and ``best_of_32`` (the greedy one and 31 sampled, no local search): the share that
        meets the spec as ``..._pass`` and the mean cost as ``..._cost`` (1 is the textbook, 3 a
        failure). Names with a topology in front are of that topology alone.
        """
        results = {
            name: self._of_topology(model, number, control)
            for number, name in enumerate(model.card.topologies)
        }
        metrics = {
            f"{name}.{figure}": value
            for name, figures in results.items()
            for figure, value in figures.items()
        }
        for figure in next(iter(results.values())):
            metrics[figure] = float(np.mean([figures[figure] for figures in results.values()]))
        return metrics

    def _of_topology(self, model: Model, number: int, control: Control) -> dict[str, float]:
        topology, seed = registered(model.card.topologies[number]), self.seed + number
        rng = np.random.default_rng([_STREAM, seed])
        specs = spec_distribution.draw(topology, self.count, rng)
        problems = self.problems.of(topology, specs)
        drawn = [
            model.sample(Request(spec, topology, BEST_OF), Draw(seed=seed), control)
            for spec in specs
        ]
        places = np.stack([problems.lattice.nearest(each) for each in drawn])
        judged = problems.judge(Trials.of_each(places).flat())
        textbook = problems.judge(Trials.of_each(problems.textbook()))
        cost = judged.cost.reshape(self.count, BEST_OF)
        met = judged.meets_spec.reshape(self.count, BEST_OF)
        return _figures(
            {
                "textbook": (textbook.meets_spec, textbook.cost),
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
