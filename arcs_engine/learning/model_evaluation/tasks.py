"""The specs that methods are judged on: read from a file, or drawn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from arcs_engine.circuits.spec import FloatArray, Spec
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import ArcsError, FileError
from arcs_engine.foundation.files import read_bounded
from arcs_engine.learning.datasets import specs as distribution

_LARGEST_FILE: Final = 64_000_000
_STREAM: Final = 3_000_017
"""Keeps drawn specs apart from those of data sets and of training runs with the same seed."""

TRACKS: Final = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Task:
    """One spec for one topology, with the name that tables and reference optima know it by."""

    name: str
    spec: Spec

    @property
    def topology(self) -> Topology:
        """The topology that the spec names."""
        return find_topology(self.spec.topology)


@dataclass(frozen=True)
class _Nominal:
    """What a supply of a topology does in tracks A and B, at 100 kHz, 1 % ripple and +-10 %.

    Attributes:
        vin: V.
        vout: V.
        iout: A.
    """

    vin: float
    vout: float
    iout: float

    def times(self, factors: FloatArray) -> "_Nominal":
        """Return other such figures: these times a factor each, shape (3,)."""
        return _Nominal(*(np.array([self.vin, self.vout, self.iout]) * factors).tolist())

    def spec(self, topology: str) -> Spec:
        """Return the spec of a supply of a topology."""
        return Spec(
            topology=topology,
            vin=self.vin,
            vin_min=0.9 * self.vin,
            vin_max=1.1 * self.vin,
            vout=self.vout,
            iout=self.iout,
            fsw=100e3,
            ripple=0.01,
            weight=distribution.BEFORE_LOAD_STEPS_WEIGHT,
            **distribution.BEFORE_LOAD_STEPS,
        )


_NOMINAL: Final = {
    "buck": _Nominal(12.0, 5.0, 1.0),
    "boost": _Nominal(5.0, 12.0, 0.5),
    "buck_boost": _Nominal(12.0, 9.0, 0.5),
    "cuk": _Nominal(12.0, 5.0, 1.0),
    "sepic": _Nominal(12.0, 5.0, 1.0),
    "flyback": _Nominal(12.0, 5.0, 1.0),
    "forward": _Nominal(48.0, 12.0, 2.0),
}
"""Of tracks A and B (requirement K1)."""


def read(path: Path) -> list[Task]:
    """Read specs from a JSON list of objects with ``id``, ``topology`` and the spec's fields.

    Raises:
        FileError: the file cannot be read, or an entry is no spec; the message names it.
    """
    try:
        content = read_bounded(path, _LARGEST_FILE)
        entries = msgspec.json.decode(content, type=list[dict[str, Any]])
    except OSError as problem:
        raise FileError(f"{path} cannot be read: {problem.strerror}.") from problem
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise FileError(
            f"{path} is no list of specs: {problem}. Each entry is an object such as "
            '{"id": "buck-1", "topology": "buck", "vin": 12, "vin_min": 11, "vin_max": 13, '
            '"vout": 5, "iout": 1, "fsw": 100e3, "ripple": 0.01}.'
        ) from problem
    tasks = [_task(path, number, entry) for number, entry in enumerate(entries)]
    if not tasks:
        raise FileError(f"{path} has no specs.")
    twice = [name for name, count in Counter(task.name for task in tasks).items() if count > 1]
    if twice:
        raise FileError(f"{path} has more than one spec with the id '{twice[0]}'.")
    return tasks


def first_of_each(tasks: Sequence[Task], count: int) -> list[Task]:
    """Return the first `count` tasks of each topology, in the order of `tasks`."""
    seen: Counter[str] = Counter()
    chosen = []
    for task in tasks:
        seen[task.spec.topology] += 1
        if seen[task.spec.topology] <= count:
            chosen.append(task)
    return chosen


def _task(path: Path, number: int, entry: dict[str, Any]) -> Task:
    """Return one entry of a file as a task."""
    fields = dict(entry)
    name = str(fields.pop("id", number))
    try:
        spec = msgspec.convert(fields, Spec)
        find_topology(spec.topology).check(spec)
    except (ArcsError, msgspec.ValidationError) as problem:
        raise FileError(f"{path}, spec '{name}': {problem}") from problem
    return Task(name, spec)


def draw(track: str, count: int, seed: int) -> list[Task]:
    """Draw specs for each of the seven topologies from a track (requirements K1, K2 and K6).

    Args:
        track: A (nominal specs times 0.8 to 1.2), B (the nominal specs), C (wide ranges) or D (the
            ranges of real work, with load steps).
        count: for each topology; track B has one.
        seed: the same seed draws the same specs.
    """
    tasks = []
    for number, (name, nominal) in enumerate(_NOMINAL.items()):
        rng = np.random.default_rng([_STREAM, seed, number])
        if track in distribution.DRAWN:
            specs = distribution.draw(REGISTRY[name], count, rng, distribution.DRAWN[track])
        else:
            factors = np.ones((1, 3)) if track == "B" else rng.uniform(0.8, 1.2, (count, 3))
            specs = [nominal.times(row).spec(name) for row in factors]
        tasks += [Task(f"{name}-{k:03d}", spec) for k, spec in enumerate(specs)]
    return tasks
