"""Making a data set: specs, for each tens of judged designs, the best of which are the targets.

A data set is a folder of shards with a ``manifest.json``. It is regenerated from its config, never
shipped; a run that was stopped goes on with the first shard that is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

import arcs_engine
from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation import documents
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import FileError
from arcs_engine.learning.datasets import specs as spec_distribution
from arcs_engine.learning.datasets.chunks import Spread, Task, Work, complete, in_turn, write
from arcs_engine.learning.datasets.shards import ASKED, NO_TARGET, Shard, merged, ranks, whole
from arcs_engine.learning.jobs.events import Progress
from arcs_engine.learning.training.config import DataConfig
from arcs_engine.model.tokens.vocabulary import STATUS_LABELS, VOCABULARY, Kind
from arcs_engine.performance.verdict import FAILED_COST
from arcs_engine.sizing.search.rounds import Found, Judge, distinct, search

FORMAT = 1

MANIFEST = "manifest.json"

DEFAULT_WEIGHT = 0.5


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a data set holds of one topology.

    Attributes:
        specs: how many.
        designs: judged ones, distinct for each spec.
        met: designs that met their spec.
        solved_specs: specs that some design met.
        targets: best designs, those that a model is to learn.
        cost: mean over the specs of their best design's; a spec that no design met counts as 3.
        labels: how many designs were given each status label.
    """

    specs: int
    designs: int
    met: int
    solved_specs: int = 0
    targets: int = 0
    cost: float | None = None
    labels: dict[str, int] = {}


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """What ngspice said of a sample of one topology's designs that met their spec.

    Attributes:
        asked: designs that it was given.
        confirmed: of these (requirement N4).
        not_judged: of these; ngspice failed or its window was not in steady state.
        failures: of the judged ones, by what was outside: vout, ripple or efficiency.
    """

    asked: int
    confirmed: int
    not_judged: int
    failures: dict[str, int]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What ``manifest.json`` says of a data set.

    Attributes:
        format: version of the folder's layout.
        config: how it is made.
        physics_hash: of the engine that judged the designs.
        arcs_version: of the code that made it.
        expert: the model, as ``name:hash``, whose polished designs were added; empty for none.
        counts: by topology, of the shards that are there.
        audit: by topology, when ngspice was asked.
        complete: whether all shards are there.
    """

    format: int = FORMAT
    config: DataConfig
    physics_hash: str
    arcs_version: str
    expert: str = ""
    counts: dict[str, Counts] = {}
    audit: dict[str, Audited] = {}
    complete: bool = False


@dataclass(frozen=True)
class Searching:
    """The work of making a shard: draw specs and search designs for them."""

    config: DataConfig
    judge: Judge

    def __call__(self, name: str, number: int, control: Control) -> bytes:
        """Return the content of a shard's file."""
        shard = _make_shard(self.config, registered(name), number, self.judge, control)
        return shard.encoded()


def make(
    config: DataConfig,
    folder: Path,
    judge: Judge,
    physics_hash: str,
    control: Control,
    *,
    work: Work | None = None,
    spread: Spread = in_turn,
    expert: str = "",
) -> Iterator[Progress]:
    """Make the shards that are missing or damaged, and yield progress.

    Args:
        config: what to make.
        folder: where.
        judge: of designs.
        physics_hash: of the judge.
        control: asked between shards whether to stop.
        work: makes a shard; None to search.
        spread: who does the work.
        expert: the model that `work` asks, for the manifest.

    Raises:
        FileError: the folder cannot be written, or holds another data set.
    """
    known = _begun(config, folder, physics_hash, expert)
    yield from complete(
        shard_files(config, folder),
        whole,
        work or Searching(config, judge),
        spread,
        control,
        "shards",
    )
    counts = {name: _counts(shard) for name, shard in read(config, folder).items()}
    described = msgspec.structs.replace(known, counts=counts, complete=True)
    write_manifest(folder, described)


def shard_files(config: DataConfig, folder: Path) -> dict[Task, Path]:
    """Return where each shard of a data set lies."""
    numbers = range(-(-config.specs // config.shard))
    return {(name, n): _shard_file(folder, name, n) for n in numbers for name in config.names()}


def read(config: DataConfig, folder: Path) -> dict[str, Shard]:
    """Return a complete data set, one merged shard for each topology."""
    numbers = range(-(-config.specs // config.shard))
    return {
        name: merged([Shard.read(_shard_file(folder, name, n)) for n in numbers])
        for name in config.names()
    }


def manifest(folder: Path) -> Manifest:
    """Return what a folder says of the data set in it.

    Raises:
        FileError: it holds none, or one that this version cannot read.
    """
    file = folder / MANIFEST
    if not file.exists():
        raise FileError(f"There is no data set in {folder}; it has no {MANIFEST}.")
    return documents.read(file, Manifest)


def expert_of(folder: Path) -> str:
    """Return the model whose designs were added to a folder's data set; empty for none."""
    return manifest(folder).expert if (folder / MANIFEST).exists() else ""


@dataclass(frozen=True)
class Refusing:
    """The work of not making a shard: an expert's cannot be made anew without the expert."""

    folder: Path

    def __call__(self, name: str, number: int, control: Control) -> bytes:
        """Raise `FileError`."""
        raise FileError(
            f"The data set in {self.folder} lacks {_shard_file(self.folder, name, number).name} or "
            "it is damaged; give the command that made the set (arcs datagen --expert) once more."
        )


def _shard_file(folder: Path, name: str, number: int) -> Path:
    return folder / f"{name}-{number:04d}.npz"


def _begun(config: DataConfig, folder: Path, physics_hash: str, expert: str) -> Manifest:
    """Return the folder's manifest, written where there is none."""
    wanted = Manifest(
        config=config,
        physics_hash=physics_hash,
        arcs_version=arcs_engine.__version__,
        expert=expert,
    )
    if not (folder / MANIFEST).exists():
        write_manifest(folder, wanted)
        return wanted
    found = manifest(folder)
    if _identity(found) != _identity(wanted):
        raise FileError(
            f"The folder {folder} holds a data set of another config or physics; choose an empty "
            "folder or the config that made it."
        )
    return found


def _identity(described: Manifest) -> tuple[int, DataConfig, str, str]:
    return described.format, described.config, described.physics_hash, described.expert


def _counts(shard: Shard) -> Counts:
    labels = np.bincount(shard.status, minlength=len(STATUS_LABELS)).tolist()
    good = shard.status == STATUS_LABELS.index("good")
    cost = np.full(len(shard.asked), FAILED_COST)
    best = shard.rank == 0
    cost[shard.owner[best]] = shard.achieved("cost")[best]
    return Counts(
        specs=len(shard.asked),
        designs=len(shard.owner),
        met=int(good.sum()),
        solved_specs=len(np.unique(shard.owner[good])),
        targets=int((shard.rank != NO_TARGET).sum()),
        cost=float(cost.mean()),
        labels=dict(zip(STATUS_LABELS, labels, strict=True)),
    )


def write_manifest(folder: Path, described: Manifest) -> None:
    """Replace a data set's manifest; `FileError` when that is not possible."""
    content = msgspec.json.format(msgspec.json.encode(described), indent=1)
    write(folder / MANIFEST, content + b"\n")


def _make_shard(
    config: DataConfig, topology: Topology, number: int, judge: Judge, control: Control
) -> Shard:
    name_number = VOCABULARY.id(Kind.TOPOLOGY, topology.name)
    rng = np.random.default_rng([config.seed, name_number, number])
    count = min(config.shard, config.specs - number * config.shard)
    specs = spec_distribution.draw(topology, count, rng)
    # Half at the slider's default, half anywhere on it.
    weight = np.where(rng.random(count) < 0.5, DEFAULT_WEIGHT, rng.random(count))
    batch = SpecBatch.of(specs)
    found = search(topology, batch, weight, judge, config.effort, rng, control)
    return _shard(config, topology, _asked(specs, weight), found)


def _asked(specs: list[Spec], weight: FloatArray) -> FloatArray:
    columns = [[getattr(s, name) for s in specs] for name in ASKED if name != "weight"]
    return np.stack([*(np.array(c, dtype=np.float64) for c in columns), weight], axis=1)


def _shard(config: DataConfig, topology: Topology, asked: FloatArray, found: Found) -> Shard:
    """Keep every distinct design, and rank the best of each spec."""
    lattice = Lattice(topology)
    first, _ = distinct(lattice, found.places)
    owner, column = np.divmod(np.sort(first), found.score.shape[1])
    values = lattice.values(found.places[owner, column])
    reached = np.stack((found.ripple, found.efficiency, found.cost), axis=-1)
    met = found.meets_spec[owner, column]
    return Shard(
        asked=asked,
        owner=owner,
        values=np.stack([values[v.name] for v in topology.design_values], axis=1),
        reached=reached[owner, column],
        status=found.status[owner, column].astype(np.int64),
        rank=ranks(owner, found.score[owner, column], met, config.keep),
    )
