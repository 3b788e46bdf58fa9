"""Expert iteration: a model samples designs, a local search polishes them, the best are targets."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from arcs_engine.circuits.design_space import Lattice, Places
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.learning.datasets.making import shard_files
from arcs_engine.learning.datasets.shards import REACHED, Shard, ranks, specs_of
from arcs_engine.learning.training.config import DataConfig
from arcs_engine.model.model import Model, load
from arcs_engine.sizing.search.rounds import Found, Judge, distinct, judged, stepped, turned


@dataclass(frozen=True)
class Improving:
    """The work of adding a model's polished designs to a shard.

    Attributes:
        config: of the base.
        base: the data set's folder; every worker must see it.
        model: the model's folder; the same.
        samples: designs sampled for each spec.
        rounds: of the local search, each over all neighbours of the best so far.
        judge: of designs.
    """

    config: DataConfig
    base: str
    model: str
    samples: int
    rounds: int
    judge: Judge

    def __call__(self, name: str, number: int, control: Control) -> bytes:
        """Return the content of the new shard's file."""
        topology = registered(name)
        shard = Shard.read(shard_files(self.config, Path(self.base))[name, number])
        model = _model(self.model)
        if name not in model.card.topologies:
            return shard.encoded()
        specs, weight = specs_of(shard, name), shard.asked[:, -1]
        batch = SpecBatch.of(specs)
        start = self._starts(model, topology, shard, specs, number, control)
        found = judged(topology, start, batch, weight, self.judge)
        found = stepped(topology, batch, weight, self.judge, found, self.rounds, control)
        found = turned(topology, batch, weight, self.judge, found, self.rounds, control)
        return _with_more(shard, topology, found, self.config.keep).encoded()

    def _starts(
        self,
        model: Model,
        topology: Topology,
        shard: Shard,
        specs: list[Spec],
        number: int,
        control: Control,
    ) -> Places:
        """Return the model's designs and the best of the base, shape (n, samples + 1, slots)."""
        lattice = Lattice(topology)
        starts = np.empty((len(specs), self.samples + 1, len(lattice.names)), dtype=np.int64)
        for row, spec in enumerate(specs):
            seed = int(np.random.SeedSequence([self.config.seed, number, row]).generate_state(1)[0])
            drawn = model.sample(spec, topology, self.samples, seed=seed, control=control)
            starts[row, 1:] = lattice.nearest(drawn)
        starts[:, 0] = starts[:, 1]
        best = np.flatnonzero(shard.rank == 0)
        values = {name: shard.values[best, i] for i, name in enumerate(lattice.names)}
        starts[shard.owner[best], 0] = lattice.nearest(values)
        return starts


@cache
def _model(folder: str) -> Model:
    """Return the model in a folder; each process reads it once."""
    torch.set_num_threads(1)
    return load(Path(folder))


def _with_more(shard: Shard, topology: Topology, found: Found, keep: int) -> Shard:
    """Return a shard with more designs of its specs, distinct and ranked anew."""
    lattice = Lattice(topology)
    first, _ = distinct(lattice, found.places)
    owner, column = np.divmod(np.sort(first), found.score.shape[1])
    drawn = lattice.values(found.places[owner, column])
    reached = np.stack((found.ripple, found.efficiency, found.cost), axis=-1)[owner, column]
    owners = np.concatenate((shard.owner, owner))
    values = np.concatenate((shard.values, np.stack([drawn[n] for n in lattice.names], axis=1)))
    figures = np.concatenate((shard.reached, reached))
    status = np.concatenate((shard.status, found.status[owner, column].astype(np.int64)))
    table = np.column_stack((owners, values))
    rows = np.sort(np.unique(table, axis=0, return_index=True)[1])
    rows = rows[np.argsort(owners[rows], kind="stable")]
    cost = figures[rows, REACHED.index("cost")]
    return Shard(
        asked=shard.asked,
        owner=owners[rows],
        values=values[rows],
        reached=figures[rows],
        status=status[rows],
        rank=ranks(owners[rows], cost, status[rows] == 0, keep),
    )
