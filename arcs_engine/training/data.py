"""Making a data set: specs, for each tens of judged designs, the best of which are the targets.

A data set is a folder of shards with a ``manifest.json``. It is regenerated from its config, never
shipped; a run that was stopped goes on with the first shard that is missing.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

import arcs_engine
from arcs_engine.errors import FileError
from arcs_engine.files import replace_whole
from arcs_engine.jobs.control import Control
from arcs_engine.jobs.events import Progress
from arcs_engine.lattice import Lattice
from arcs_engine.spec import FloatArray, Spec, SpecBatch
from arcs_engine.tokens.vocabulary import VOCABULARY, Kind
from arcs_engine.topologies import topology as registered
from arcs_engine.topologies.base import Topology
from arcs_engine.training import specs as spec_distribution
from arcs_engine.training.config import DataConfig
from arcs_engine.training.search import Found, Judge, search
from arcs_engine.training.shards import ASKED, NO_TARGET, Shard, merged

FORMAT = 1

MANIFEST = "manifest.json"

DEFAULT_WEIGHT = 0.5


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a data set holds of one topology: specs, designs, how many of these met their spec."""

    specs: int
    designs: int
    met: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What ``manifest.json`` says of a data set.

    Attributes:
        format: version of the folder's layout.
        config: how it is made.
        physics_hash: of the engine that judged the designs.
        arcs_version: of the code that made it.
        counts: by topology, of the shards that are there.
        complete: whether all shards are there.
    """

    format: int = FORMAT
    config: DataConfig
    physics_hash: str
    arcs_version: str
    counts: dict[str, Counts]
    complete: bool


def make(
    config: DataConfig, folder: Path, judge: Judge, physics_hash: str, control: Control
) -> Iterator[Progress]:
    """Make the shards that are missing, and yield progress.

    Raises:
        FileError: the folder cannot be written, or holds another data set.
    """
    _check_same(config, folder, physics_hash)
    plan = [
        (name, number)
        for number in range(-(-config.specs // config.shard))
        for name in config.names()
    ]
    for done, (name, number) in enumerate(plan):
        control.checkpoint()
        file = _shard_file(folder, name, number)
        if not file.exists():
            shard = _make_shard(config, registered(name), number, judge, control)
            _write(shard, file)
        yield Progress((done + 1) / len(plan), f"Making data: {done + 1} of {len(plan)} shards.")
    _write_manifest(config, folder, physics_hash)


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
    try:
        return msgspec.json.decode(file.read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise FileError(f"There is no data set in {folder}; it has no {MANIFEST}.") from error
    except (OSError, msgspec.DecodeError) as error:
        raise FileError(f"The data set's {file} cannot be read: {error}.") from error


def _shard_file(folder: Path, name: str, number: int) -> Path:
    return folder / f"{name}-{number:04d}.npz"


def _check_same(config: DataConfig, folder: Path, physics_hash: str) -> None:
    if not (folder / MANIFEST).exists():
        _write_manifest(config, folder, physics_hash, complete=False)
        return
    found = manifest(folder)
    if (found.format, found.config, found.physics_hash) != (FORMAT, config, physics_hash):
        raise FileError(
            f"The folder {folder} holds a data set of another config or physics; choose an empty "
            "folder or the config that made it."
        )


def _write_manifest(
    config: DataConfig, folder: Path, physics_hash: str, *, complete: bool = True
) -> None:
    counts = {
        name: Counts(
            specs=len(s.asked),
            designs=len(s.owner),
            met=int((s.status == 0).sum()),
        )
        for name, s in (read(config, folder) if complete else {}).items()
    }
    described = Manifest(
        config=config,
        physics_hash=physics_hash,
        arcs_version=arcs_engine.__version__,
        counts=counts,
        complete=complete,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = msgspec.json.format(msgspec.json.encode(described), indent=1)
        replace_whole(folder / MANIFEST, content + b"\n")
    except OSError as error:
        raise FileError(f"The data set cannot be written to {folder}: {error}.") from error


def _write(shard: Shard, file: Path) -> None:
    try:
        shard.write(file)
    except OSError as error:
        raise FileError(f"The data set cannot be written to {file.parent}: {error}.") from error


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
    """Keep the first designs, which are of all sorts, and the best of each spec."""
    sorts = 1 + config.effort.nearby + config.effort.anywhere
    owner, column, rank = _kept(found, sorts, config.keep)
    values = Lattice(topology).values(found.places[owner, column])
    reached = np.stack((found.ripple, found.efficiency, found.cost), axis=-1)
    return Shard(
        asked=asked,
        owner=owner,
        values=np.stack([values[v.name] for v in topology.design_values], axis=1),
        reached=reached[owner, column],
        status=found.status[owner, column].astype(np.int64),
        rank=rank,
    )


def _kept(
    found: Found, sorts: int, keep: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return spec, column and rank of each design that is kept."""
    rows: list[tuple[int, int, int]] = []
    for spec, (places, scores) in enumerate(zip(found.places, found.score, strict=True)):
        _, first = np.unique(places, axis=0, return_index=True)
        best = [int(c) for c in first[np.argsort(scores[first], kind="stable")][:keep]]
        best = [c for c in best if found.meets_spec[spec, c]]
        rows += [(spec, c, rank) for rank, c in enumerate(best)]
        others = [int(c) for c in np.sort(first) if c < sorts and c not in best]
        rows += [(spec, c, NO_TARGET) for c in others]
    spec_column, design_column, rank_column = np.array(rows, dtype=np.int64).T
    return spec_column, design_column, rank_column
