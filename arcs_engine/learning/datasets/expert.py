"""Expert iteration: a model samples designs, a local search improves them, the best are targets."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.foundation.control import Control
from arcs_engine.learning.datasets.chunks import Task
from arcs_engine.learning.datasets.config import DataConfig
from arcs_engine.learning.datasets.making import judged_shard, shard_files
from arcs_engine.learning.datasets.shards import Shard, specs_of, united
from arcs_engine.model.model import Model, load
from arcs_engine.model.request import Draw, Request
from arcs_engine.sizing.search.ledger import Ledger
from arcs_engine.sizing.search.local import LocalSearch
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.trials import Trials


@dataclass(frozen=True)
class Improving:
    """The work of adding a model's designs, and better ones near them, to a shard.

    Attributes:
        config: of the base.
        base: the data set's folder; every worker must see it.
        model: the model's folder; the same.
        samples: designs sampled for each spec.
        rounds: most steps of the local search from the best of these and of the base; 0 for none.
        problems: what a search is asked, and who judges for it; a stand-in in tests.
    """

    config: DataConfig
    base: str
    model: str
    samples: int
    rounds: int
    problems: type[Problems] = Problems

    def __call__(self, task: Task, control: Control) -> bytes:
        """Return the content of the new shard's file."""
        name, number = task
        shard = Shard.read(shard_files(self.config, Path(self.base))[task])
        model = _model(self.model)
        if name not in model.card.topologies:
            return shard.encoded()
        specs = specs_of(shard, name)
        problems = self.problems.of(registered(name), specs)
        # Every design gets its label, so none is cut off.
        ledger = Ledger(problems)
        drawn = [
            model.sample(Request(spec, problems.topology, self.samples), Draw(seed=seed), control)
            for spec, seed in zip(specs, self._seeds(number, len(specs)), strict=True)
        ]
        places = np.stack([problems.lattice.nearest(each) for each in drawn])
        ledger.score(Trials.of_each(places))
        ledger.score(_best(shard, problems))
        if self.rounds:
            LocalSearch(ledger, self.rounds, control=control).run(ledger.best())
        keep = self.config.keep
        return united([shard, judged_shard(ledger, keep)], keep).encoded()

    def _seeds(self, number: int, count: int) -> list[int]:
        """Return a seed for each spec of a shard."""
        every = [np.random.SeedSequence([self.config.seed, number, row]) for row in range(count)]
        return [int(each.generate_state(1)[0]) for each in every]


def _best(shard: Shard, problems: Problems) -> Trials:
    """Return the best design of each spec that any design met."""
    best, names = shard.rank == 0, problems.lattice.names
    values = {name: shard.values[best, slot] for slot, name in enumerate(names)}
    return Trials(shard.owner[best], problems.lattice.nearest(values))


@cache
def _model(folder: str) -> Model:
    """Return the model in a folder; each process reads it once."""
    torch.set_num_threads(1)
    return load(Path(folder))
