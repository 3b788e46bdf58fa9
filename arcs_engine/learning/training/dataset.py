"""A data set as training examples, and examples as batches.

What an epoch holds, and in which order, is a pure function of the data, the config, the seed and
the epoch's number, so a resumed run needs no random state.

Three sorts of example:

- targets: the best designs of a spec, asked for as at inference (the asked ripple, the slider's
  weight); a share of them also with their efficiency as the wish;
- hindsight: other designs that met their spec, asked for by what they achieve, the weight left
  open;
- failures, with the label of what failed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.circuits.topologies.base import Topology, Values
from arcs_engine.foundation.errors import JobError
from arcs_engine.learning.datasets.shards import NO_TARGET, Shard
from arcs_engine.learning.training.config import TrainingConfig
from arcs_engine.model.tokens.prompt import Prompt, coded_weight
from arcs_engine.model.tokens.representation import Layout
from arcs_engine.model.tokens.representations import representation
from arcs_engine.model.tokens.sequence import Sequences, stacked
from arcs_engine.model.tokens.vocabulary import STATUS_LABELS

_LARGEST_LOSS = 0.999


@dataclass(frozen=True)
class Batch:
    """Sequences of one step.

    Attributes:
        rows: tokens and exact values.
        topologies: name of each row's topology, in `Dataset.names` order, shape (n,).
    """

    rows: Sequences
    topologies: NDArray[np.int64]

    def part(self, rows: slice) -> "Batch":
        """Return some of the sequences."""
        part = Sequences(self.rows.tokens[rows], self.rows.exact[rows])
        return Batch(part, self.topologies[rows])


class Dataset:
    """The examples of a data set, split by spec."""

    def __init__(self, shards: dict[str, Shard], config: TrainingConfig, seed: int) -> None:
        self.names = tuple(shards)
        self._config = config
        self._seed = seed
        self._parts = [
            _Part(registered(name), shard, config, np.random.default_rng([seed, i]))
            for i, (name, shard) in enumerate(shards.items())
        ]
        if not sum(len(p.targets) for p in self._parts):
            raise JobError("The data set holds no design that meets its spec; make a larger one.")
        if not any(p.validates for p in self._parts):
            raise JobError("No design meets a held-out spec of the data set; make a larger one.")

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return -(-sum(p.epoch_size for p in self._parts) // self._config.batch)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of one epoch, always `steps` of them."""
        rng = np.random.default_rng([self._seed, 1, number])
        yield from self._batches([p.epoch(rng) for p in self._parts], rng)

    def validation(self) -> Iterator[Batch]:
        """Yield the held-out targets, as they are asked for at inference."""
        yield from self._batches([p.validation() for p in self._parts], None)

    def validation_failures(self) -> Iterator[Batch]:
        """Yield failed designs of the held-out specs, each asked for by its failure."""
        yield from self._batches([p.validation_failures() for p in self._parts], None)

    def _batches(self, parts: list[Sequences], rng: np.random.Generator | None) -> Iterator[Batch]:
        rows = stacked(parts)
        owner = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
        order = np.arange(len(rows)) if rng is None else rng.permutation(len(rows))
        for start in range(0, len(rows), self._config.batch):
            chosen = order[start : start + self._config.batch]
            yield Batch(rows.take(chosen), owner[chosen])


class _Part:
    """The examples of one topology."""

    def __init__(
        self, topology: Topology, shard: Shard, config: TrainingConfig, rng: np.random.Generator
    ) -> None:
        self._topology, self._shard, self._config = topology, shard, config
        self._representation = representation(config.tokens)
        held_out = rng.permutation(len(shard.asked)) < max(1, config.validation * len(shard.asked))
        trained = ~held_out[shard.owner]
        target, met = shard.rank != NO_TARGET, shard.status == STATUS_LABELS.index("good")
        self.targets = np.flatnonzero(target & trained)
        self._held_out = np.flatnonzero((shard.rank == 0) & ~trained)
        self._others = np.flatnonzero(~target & met & trained)
        self._failures = np.flatnonzero(~met & trained)
        self._held_out_failures = np.flatnonzero(~met & ~trained)[: len(self._held_out)]

    @property
    def validates(self) -> bool:
        """Whether some held-out spec has a design that meets it."""
        return len(self._held_out) > 0

    @property
    def _extra_counts(self) -> tuple[int, int]:
        wanted = (self._config.hindsight, self._config.failures)
        return (
            min(round(wanted[0] * len(self.targets)), len(self._others)),
            min(round(wanted[1] * len(self.targets)), len(self._failures)),
        )

    @property
    def epoch_size(self) -> int:
        """Examples in an epoch."""
        return len(self.targets) + sum(self._extra_counts)

    def epoch(self, rng: np.random.Generator) -> Sequences:
        """Return the examples of one epoch, not shuffled among themselves."""
        hindsight, failures = self._extra_counts
        others = rng.choice(self._others, hindsight, replace=False)
        failed = rng.choice(self._failures, failures, replace=False)
        index = np.concatenate((self.targets, others, failed))
        wish = rng.random(len(index)) < self._config.wishes
        wish[len(self.targets) :] = False
        seen = np.zeros(len(index), dtype=bool)
        seen[len(self.targets) : len(self.targets) + hindsight] = True
        layout = self._representation.layouts(self._topology, len(index), rng, self._config.shuffle)
        return self._encoded(index, wish, seen, layout)

    def validation(self) -> Sequences:
        """Return the best designs of the held-out specs."""
        return self._as_asked(self._held_out)

    def validation_failures(self) -> Sequences:
        """Return failed designs of the held-out specs, as many as there are specs at most."""
        return self._as_asked(self._held_out_failures)

    def _as_asked(self, index: NDArray[np.int64]) -> Sequences:
        nothing = np.zeros(len(index), dtype=bool)
        return self._encoded(index, nothing, nothing, None)

    def _encoded(
        self,
        index: NDArray[np.int64],
        wish: NDArray[np.bool_],
        hindsight: NDArray[np.bool_],
        layout: Layout | None,
    ) -> Sequences:
        shard = self._shard
        asked = {
            name: shard.column(name)[index]
            for name in ("vin_min", "vin", "vin_max", "vout", "iout", "fsw", "ripple")
        }
        asked["ripple"] = np.where(hindsight, shard.achieved("ripple")[index], asked["ripple"])
        asked["loss_fraction"] = _coded_loss(shard.achieved("efficiency")[index], wish | hindsight)
        asked["weight"] = np.where(hindsight, np.nan, coded_weight(shard.column("weight")[index]))
        status = tuple(STATUS_LABELS[s] for s in shard.status[index])
        return self._representation.encode(
            Prompt(self._topology.name, asked, status), self._topology, self._needed(index), layout
        )

    def _needed(self, index: NDArray[np.int64]) -> Values:
        """Return what a model is to say of designs: values of their series.

        A bank reaches capacitance and ESR that stand in no series. What a model says of it is what
        the bank is needed for, the last values that it reaches; these lead to the same bank.
        """
        lattice = Lattice(self._topology)
        names, values = lattice.names, self._shard.values[index]
        return lattice.values(lattice.nearest(dict(zip(names, values.T, strict=True))))


def _coded_loss(efficiency: FloatArray, given: NDArray[np.bool_]) -> FloatArray:
    return np.where(given, np.clip(1 - efficiency, 1 - _LARGEST_LOSS, _LARGEST_LOSS), np.nan)
