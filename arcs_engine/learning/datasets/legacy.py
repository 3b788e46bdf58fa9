"""Random designs simulated by ngspice alone, judged as the published predecessor did.

Specs from the training distribution, values anywhere over the ranges, the switch at the ideal
open-loop duty, and the lenient judge `legacy` of requirement J8. The figures are of a steady
state, which is where these physics differ from the published ones.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from arcs_engine.analysis.verification import verify
from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation import documents
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError, FileError
from arcs_engine.learning.datasets import specs as spec_distribution
from arcs_engine.learning.datasets.chunks import Chunks, Task
from arcs_engine.learning.datasets.config import DataConfig
from arcs_engine.model.tokens.vocabulary import VOCABULARY, Kind
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.design import Design

CHUNK = 20
"""Designs of a chunk; what a stop can lose."""

PUBLISHED: Final = {
    "buck": 0.762,
    "boost": 0.631,
    "buck_boost": 0.407,
    "cuk": 0.558,
    "sepic": 0.338,
    "flyback": 0.180,
    "forward": 0.411,
    "total": 0.470,
}
"""Shares of valid designs that the predecessor published, with other physics."""

LARGEST_VOUT_ERROR = 0.5
LARGEST_RIPPLE = 0.5

_STREAM = 78
"""Keeps these designs apart from those of other data sets of the same seed."""


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """One design and what ngspice made of it.

    Attributes:
        spec: what it was drawn for.
        values: design values, SI.
        duty: ideal, open loop.
        outcome: ``valid``, or what failed first: not steady, efficiency, vout or ripple.
        text: the error's sentence, where there was one.
        vout: mean, V, signed.
        ripple: fraction of the asked Vout.
        efficiency: fraction.
    """

    spec: Spec
    values: dict[str, float]
    duty: float
    outcome: str
    text: str = ""
    vout: float | None = None
    ripple: float | None = None
    efficiency: float | None = None


class Yields(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one topology's designs.

    Attributes:
        designs: simulated ones.
        valid: by the legacy judge.
        published: share that the predecessor published.
        failures: by what failed first.
    """

    designs: int
    valid: int
    published: float | None
    failures: dict[str, int]


@dataclass(frozen=True)
class Simulating:
    """The work of drawing and simulating designs, some of one topology at a time."""

    config: DataConfig

    def __call__(self, task: Task, control: Control) -> bytes:
        """Return the chunk's designs as JSON."""
        name, number = task
        topology = registered(name)
        seed = [self.config.seed, _STREAM, VOCABULARY.id(Kind.TOPOLOGY, name), number]
        rng = np.random.default_rng(seed)
        count = min(CHUNK, self.config.specs - number * CHUNK)
        specs = spec_distribution.draw(topology, count, rng)
        lattice = Lattice(topology)
        drawn = lattice.values(lattice.anywhere((count,), rng))
        duties = _ideal_duties(topology, specs, drawn)
        made = []
        for row, spec in enumerate(specs):
            control.checkpoint()
            values = {key: float(column[row]) for key, column in drawn.items()}
            made.append(_simulated(spec, values, float(duties[row])))
        return msgspec.json.encode(made)

    def chunks(self, folder: Path) -> Chunks:
        """Return what there is to do, and where in the folder each chunk lies."""
        files = {
            (name, n): folder / f"{name}-{n:04d}.json"
            for n in range(-(-self.config.specs // CHUNK))
            for name in self.config.names()
        }
        return Chunks(files, whole, self, "chunks")


def _ideal_duties(
    topology: Topology,
    specs: list[Spec],
    values: dict[str, FloatArray],
) -> FloatArray:
    batch = SpecBatch.of(specs)
    ratio = topology.turns_ratio(topology.parameters(values, batch))
    return np.clip(topology.ideal_duty(batch.vin, ratio * batch.vout), 0.02, 0.95)


def _simulated(spec: Spec, values: dict[str, float], duty: float) -> Simulated:
    try:
        candidate = evaluate(Design(spec, values, duty))
        said, _ = verify(spec, candidate)
    except ArcsError as error:
        return Simulated(
            spec=spec, values=values, duty=duty, outcome="not simulated", text=str(error)
        )
    vout_error = abs(abs(said.vout) - spec.vout) / spec.vout
    checks = {
        "not steady": said.steady,
        "efficiency": 0 < said.efficiency <= 1,
        "vout": vout_error <= LARGEST_VOUT_ERROR,
        "ripple": said.ripple <= LARGEST_RIPPLE,
    }
    return Simulated(
        spec=spec,
        values=values,
        duty=duty,
        outcome=next((name for name, passed in checks.items() if not passed), "valid"),
        vout=said.vout,
        ripple=said.ripple,
        efficiency=said.efficiency,
    )


def designs(file: Path) -> list[Simulated]:
    """Read a chunk.

    Raises:
        FileError: it is missing or damaged.
    """
    return documents.read(file, list[Simulated])


def whole(file: Path) -> bool:
    """Whether a file is a chunk that can be read."""
    try:
        designs(file)
    except FileError:
        return False
    return True


def yields(files: dict[Task, Path]) -> dict[str, Yields]:
    """Count what became of the designs, by topology and in total."""
    found: dict[str, list[Simulated]] = {}
    for (name, _), file in files.items():
        found.setdefault(name, []).extend(designs(file))
    found["total"] = [design for mine in found.values() for design in mine]
    return {
        name: Yields(
            designs=len(mine),
            valid=sum(d.outcome == "valid" for d in mine),
            published=PUBLISHED.get(name),
            failures=dict(Counter(d.outcome for d in mine if d.outcome != "valid").most_common()),
        )
        for name, mine in found.items()
    }
