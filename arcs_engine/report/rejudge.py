"""Whether a data set agrees with today's physics: ``python -m arcs_engine.report.rejudge``.

A change of the solver changes the physics hash as soon as a rounding of any probe's figure does.
Whether it changed what a model learned from is another question: designs of its data set, drawn at
random, are judged again and compared. Where every target agrees, the model's card may carry today's
hash; the card then says how many were compared.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from arcs_engine.errors import ArcsError
from arcs_engine.model import store
from arcs_engine.physics import physics_hash
from arcs_engine.spec import SpecBatch
from arcs_engine.topologies import topology as registered
from arcs_engine.training import data
from arcs_engine.training.judging import Engine
from arcs_engine.training.search import Judge
from arcs_engine.training.shards import Shard, specs_of

SAME_COST: Final = 1e-3
"""Difference of cost that counts as none: a tenth of what separates neighbouring designs."""

REJUDGED: Final = "rejudged_designs"
"""Metric of a card that carries the hash of physics which its data was compared with."""


@dataclass(frozen=True)
class Compared:
    """What judging designs of one topology again gave.

    Attributes:
        topology: its name.
        designs: that were judged again.
        relabelled: of these, designs whose label is another.
        costlier: of those that still meet their spec, designs whose cost moved by over `SAME_COST`.
        largest: the largest change of cost of designs that still meet their spec.
    """

    topology: str
    designs: int
    relabelled: int
    costlier: int
    largest: float

    @property
    def agrees(self) -> bool:
        """Whether nothing that a model learns has changed."""
        return self.relabelled == 0 and self.costlier == 0


def compare(name: str, shard: Shard, count: int, seed: int, judge: Judge) -> Compared:
    """Judge designs of a shard again.

    Args:
        name: of the topology.
        shard: its designs.
        count: designs to draw; half of them, where there are as many, are targets.
        seed: of the draw.
        judge: of today's physics.
    """
    rng = np.random.default_rng([seed, len(shard.owner)])
    targets = np.flatnonzero(shard.rank >= 0)
    drawn = [rng.permutation(targets)[: count // 2]]
    others = np.setdiff1d(np.arange(len(shard.owner)), drawn[0])
    drawn.append(rng.permutation(others)[: count - len(drawn[0])])
    rows = np.sort(np.concatenate(drawn))
    topology = registered(name)
    owners = shard.owner[rows]
    specs = SpecBatch.of(specs_of(shard, name)).take(owners)
    values = {v.name: shard.values[rows, i] for i, v in enumerate(topology.design_values)}
    again = judge(topology, values, specs, shard.column("weight")[rows])
    same = again.status == shard.status[rows]
    met = again.meets_spec & same
    change = np.abs(again.cost - shard.achieved("cost")[rows])[met]
    return Compared(
        topology=name,
        designs=len(rows),
        relabelled=int(np.count_nonzero(~same)),
        costlier=int(np.count_nonzero(change > SAME_COST)),
        largest=float(change.max(initial=0.0)),
    )


def carry_over(model: Path, compared: list[Compared]) -> None:
    """Write today's physics hash into a model's card; its data must agree with today's physics."""
    transformer, card = store.read(model)
    designs = float(sum(one.designs for one in compared))
    renewed = msgspec.structs.replace(
        card,
        physics_hash=physics_hash(card.topologies),
        metrics=card.metrics | {REJUDGED: designs},
    )
    store.write(model, transformer, renewed)


def main(arguments: list[str]) -> int:
    """Compare a data set with today's physics, and print the table as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m arcs_engine.report.rejudge")
    parser.add_argument("data", type=Path, help="folder of a data set")
    parser.add_argument("--count", type=int, default=2000, help="designs of each topology")
    parser.add_argument("--model", type=Path, help="card to renew where all agree")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    described = data.manifest(chosen.data)
    today = physics_hash(described.config.names())
    sys.stdout.write(f"Physics of the set: {described.physics_hash}; today's: {today}.\n\n")
    sys.stdout.write("| topology | designs | other label | other cost | largest change of cost |\n")
    sys.stdout.write("|---|---|---|---|---|\n")
    compared = []
    for name, shard in data.read(described.config, chosen.data).items():
        one = compare(name, shard, chosen.count, chosen.seed, Engine())
        compared.append(one)
        sys.stdout.write(
            f"| {name} | {one.designs} | {one.relabelled} | {one.costlier} | {one.largest:.1e} |\n"
        )
    agrees = all(one.agrees for one in compared)
    if chosen.model is not None and agrees:
        carry_over(chosen.model, compared)
    return 0 if agrees else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ArcsError as error:
        sys.exit(str(error))
