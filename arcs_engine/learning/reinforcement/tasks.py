"""What a step asks for: specs with their topologies, some with a value that is given.

What is drawn is a pure function of the seed and the step, so a resumed run needs no random state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.spec import DEFAULT_WEIGHT, HIGHEST_WEIGHT, Spec, SpecBatch
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.learning.datasets import specs as spec_distribution
from arcs_engine.learning.datasets.specs import REAL_WORK, WIDE, Track
from arcs_engine.model.tokens.prompt import for_spec
from arcs_engine.model.tokens.sequence import Sequences

TRACKS: Final[dict[str, Track]] = {track.name: track for track in (WIDE, REAL_WORK)}

_STREAM = 3_000_017
"""Keeps these specs apart from those of data sets and assessments with the same seed."""

_EVALUATED = 3_000_029

_NEARBY = 3.0
"""Places around the textbook design in which a given value lies."""


@dataclass(frozen=True)
class Task:
    """A spec that a group of designs is drawn for.

    Attributes:
        spec: what the supply must do, exactly; only its tokens are rounded.
        topology: the circuit.
        locks: values that are given, SI, by name.
    """

    spec: Spec
    topology: Topology
    locks: Mapping[str, float] = field(default_factory=dict)

    @property
    def prompt(self) -> Sequences:
        """The prompt as at inference, one row."""
        return for_spec(self.spec, self.topology.name).sequences()


@dataclass(frozen=True)
class Tasks:
    """Where tasks come from.

    Attributes:
        topologies: registered names; they take turns, so that none is rare.
        track: what specs are drawn from.
        seed: of everything.
        locked: share of specs with a given value.
    """

    topologies: tuple[str, ...]
    track: str
    seed: int
    locked: float

    def of_step(self, step: int, count: int) -> list[Task]:
        """Return a step's tasks."""
        rng = np.random.default_rng([_STREAM, self.seed, step])
        first = step * count
        turns = [(first + n) % len(self.topologies) for n in range(count)]
        return [self._drawn(registered(self.topologies[turn]), rng) for turn in turns]

    def fixed(self, number: int, count: int) -> list[Task]:
        """Return `count` tasks of each topology, without given values, to measure models on.

        Args:
            number: of the set; sets of different numbers have nothing in common.
            count: of each topology.
        """
        tasks = []
        for place, name in enumerate(self.topologies):
            rng = np.random.default_rng([_EVALUATED, self.seed, number, place])
            topology = registered(name)
            drawn = spec_distribution.draw(topology, count, rng, TRACKS[self.track])
            tasks += [Task(self._at(spec, DEFAULT_WEIGHT), topology) for spec in drawn]
        return tasks

    def _drawn(self, topology: Topology, rng: np.random.Generator) -> Task:
        """Draw one task; half have the slider at its default, half anywhere on it."""
        (spec,) = spec_distribution.draw(topology, 1, rng, TRACKS[self.track])
        anywhere = HIGHEST_WEIGHT * rng.random()
        spec = self._at(spec, DEFAULT_WEIGHT if rng.random() < 0.5 else anywhere)
        locks = _lock(spec, topology, rng) if rng.random() < self.locked else {}
        return Task(spec, topology, locks)

    @staticmethod
    def _at(spec: Spec, weight: float) -> Spec:
        return msgspec.structs.replace(spec, weight=weight)


def _lock(spec: Spec, topology: Topology, rng: np.random.Generator) -> dict[str, float]:
    """Draw one value as somebody gives it who knows the textbook design."""
    lattice = Lattice(topology)
    textbook = lattice.nearest(topology.textbook(SpecBatch.of([spec])).values)
    moved = textbook + np.rint(rng.normal(0, _NEARBY, textbook.shape)).astype(np.int64)
    values = lattice.values(np.clip(moved, 0, lattice.sizes - 1))
    name = str(rng.choice(lattice.names))
    return {name: float(values[name][0])}


def by_topology(tasks: Sequence[Task]) -> dict[str, list[int]]:
    """Return the rows of each topology's tasks."""
    rows: dict[str, list[int]] = {}
    for row, task in enumerate(tasks):
        rows.setdefault(task.topology.name, []).append(row)
    return rows
