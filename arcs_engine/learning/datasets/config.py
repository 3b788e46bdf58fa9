"""The configs of a data set and of a run of kind ``datagen``."""

from typing import Final, Literal

import msgspec

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation import bounds
from arcs_engine.foundation.errors import InputError

Engine = Literal["steady", "ngspice"]

_MOST_SHARDS: Final = 100_000

_EFFORT_RANGES: Final = {
    "nearby": (0, 10_000),
    "anywhere": (0, 10_000),
    "rounds": (0, 1000),
    "moves": (0, 10_000),
    "steps": (0, 1000),
}

_DATA_RANGES: Final = {
    "specs": (1, 10_000_000),
    "shard": (1, 10_000),
    "keep": (1, 1000),
    "seed": (0, bounds.LARGEST_SEED),
}

_RANGES: Final = {
    "workers": (1, 512),
    "audit": (0, 1_000_000),
    "samples": (1, 10_000),
    "rounds": (0, 1000),
}


class Effort(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How hard to look for each spec.

    Attributes:
        nearby: designs drawn around the textbook one.
        anywhere: designs drawn over the whole ranges.
        rounds: rounds of random moves from the best so far, the moves shrinking.
        moves: moves in each round.
        steps: most steps of the local search from the best of all these; 0 for none.
    """

    nearby: int = 8
    anywhere: int = 3
    rounds: int = 6
    moves: int = 10
    steps: int = 3

    def __post_init__(self) -> None:
        bounds.check(self, _EFFORT_RANGES, "effort")

    @classmethod
    def of(cls, per_spec: int) -> "Effort":
        """Return an effort of about so many evaluations for each spec, from 20 on.

        A step takes about ten: two for each of four to six values.
        """
        steps = max(1, round(per_spec / 40))
        rest = max(per_spec - 1 - 10 * steps, 9)
        first = min(rest // 2, 11)
        rounds = max(2, min(6, (rest - first) // 6))
        return cls(
            nearby=first - first // 3,
            anywhere=first // 3,
            rounds=rounds,
            moves=max(1, (rest - first) // rounds),
            steps=steps,
        )

    def evaluations(self, values: int) -> int:
        """Return the most designs that are judged for each spec, of so many values each."""
        drawn = 1 + self.nearby + self.anywhere + self.rounds * self.moves
        return drawn + self.steps * 2 * values


class DataConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a data set is made.

    Attributes:
        topologies: registered names; empty for all that are registered.
        specs: specs for each topology.
        shard: specs in a shard; what a stop can lose.
        keep: best distinct designs of each spec that are kept as targets.
        effort: how hard to look for good designs.
        seed: of specs and designs.
    """

    topologies: tuple[str, ...] = ()
    specs: int = 3000
    shard: int = 250
    keep: int = 4
    effort: Effort = Effort()
    seed: int = 0

    def __post_init__(self) -> None:
        bounds.check(self, _DATA_RANGES, "data")
        known = [name for name in self.topologies if name in REGISTRY]
        if len(set(known)) < len(self.topologies):
            raise InputError(
                f"data: topologies are {', '.join(self.topologies)[:200]}; each must be another "
                f"one of {', '.join(REGISTRY)}."
            )
        if self.specs > self.shard * _MOST_SHARDS:
            raise InputError(
                f"data: {self.specs} specs in shards of {self.shard} are more than {_MOST_SHARDS} "
                "shards of each topology; take a larger shard."
            )

    def names(self) -> tuple[str, ...]:
        """Return the topologies' names."""
        return self.topologies or tuple(REGISTRY)

    def size(self, number: int) -> int:
        """Return how many specs the shard of that number holds; the last one holds the rest."""
        return min(self.shard, self.specs - number * self.shard)


class DatagenConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a data set is made, and by whom.

    Attributes:
        folder: where it lies or will lie.
        data: specs and designs; with engine ngspice, `specs` designs of each topology.
        engine: ``steady`` searches with the fast solver; ``ngspice`` simulates random designs.
        workers: processes on this machine.
        scheduler: address of a Dask scheduler whose workers do the work instead; empty for none.
        audit: designs that ngspice is given, over all topologies.
        expert: folder of the model whose designs, and better ones near them, are added; empty for
            none.
        base: folder of the data set that it adds to.
        samples: designs that the model samples for each spec.
        rounds: most steps of the local search from the best of these; 0 for none.
    """

    folder: str
    data: DataConfig
    engine: Engine = "steady"
    workers: int = 2
    scheduler: str = ""
    audit: int = 0
    expert: str = ""
    base: str = ""
    samples: int = 8
    rounds: int = 6

    def __post_init__(self) -> None:
        bounds.check(self, _RANGES, "datagen config")
        bounds.check_path(self.folder, "folder")
        for name in ("expert", "base"):
            if getattr(self, name):
                bounds.check_path(getattr(self, name), name)
        if self.scheduler:
            bounds.check_name(self.scheduler, "scheduler")
        if self.expert and not self.base:
            raise InputError("expert improves a data set; base must name its folder.")
