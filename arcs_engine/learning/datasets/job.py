"""The job of a run of kind ``datagen``: search, improve, audit; or simulate with ngspice."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

import arcs_engine
from arcs_engine.foundation import documents
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import FileError, JobError
from arcs_engine.learning.datasets import audit, expert, legacy, making, pool
from arcs_engine.learning.datasets.chunks import Spread, complete, in_turn, write
from arcs_engine.learning.datasets.config import DatagenConfig
from arcs_engine.learning.datasets.judging import Engine
from arcs_engine.learning.datasets.making import Manifest
from arcs_engine.learning.jobs.events import Artifact, Event, Finished, Progress, Scalar, Started
from arcs_engine.learning.training.config import DataConfig
from arcs_engine.model import store
from arcs_engine.performance.physics_hash import physics_hash
from arcs_engine.sizing.search.rounds import Judge

AUDIT_SHARE = 0.3
"""Share of the progress bar that the audit takes."""

SPICE_MANIFEST = "ngspice.json"


class SpiceManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What ``ngspice.json`` says of a data set that was made in SPICE.

    Attributes:
        config: `specs` designs of each topology, and the seed.
        arcs_version: of the code that made it.
        physics_hash: of the parts models.
        yields: by topology and in total; empty until the set is complete.
    """

    config: DataConfig
    arcs_version: str
    physics_hash: str
    yields: dict[str, legacy.Yields] = {}


def generate(
    config: DatagenConfig, control: Control, judge: Judge | None = None
) -> Iterator[Event]:
    """Make a data set, or what is missing of it, and audit it.

    Args:
        config: what to do.
        control: asked often whether to stop.
        judge: of designs; the engine's own when None.

    Raises:
        Cancelled: a stop was asked for; finished chunks are kept.
        ArcsError: the config is wrong, the folder holds something else or cannot be written.
    """
    began = time.monotonic()
    folder, spread = Path(config.folder), _spread(config)
    physics = physics_hash(config.data.names())
    if config.engine == "ngspice":
        yield from _simulate(config, folder, physics, spread, control)
        return
    yield Started(_what(config))
    share = 1 - AUDIT_SHARE if config.audit else 1.0
    made = _make(config, folder, judge or Engine(), physics, spread, control)
    for progress in made:
        yield Progress(progress.fraction * share, progress.text)
    described = making.manifest(folder)
    if config.audit:
        chunks = audit.files(config.data, folder, config.audit)
        work = audit.Auditing(config.data, str(folder), config.audit)
        for progress in complete(chunks, audit.whole, work, spread, control, "audits"):
            yield Progress(share + AUDIT_SHARE * progress.fraction, progress.text)
        described = msgspec.structs.replace(described, audit=audit.summary(chunks))
        making.write_manifest(folder, described)
    yield from _curves(described)
    yield Artifact("data", str(folder))
    yield Finished("done", _sentence(described, folder, time.monotonic() - began))


def _spread(config: DatagenConfig) -> Spread:
    if config.scheduler:
        return pool.dask(config.scheduler)
    return pool.local(config.workers) if config.workers > 1 else in_turn


def _what(config: DatagenConfig) -> str:
    names = config.data.names()
    doing = f"Improve {config.base} with a model" if config.expert else "Search designs"
    return f"{doing} for {config.data.specs * len(names)} specs of {len(names)} topologies."


def _make(
    config: DatagenConfig,
    folder: Path,
    judge: Judge,
    physics: str,
    spread: Spread,
    control: Control,
) -> Iterator[Progress]:
    if not config.expert:
        return making.make(config.data, folder, judge, physics, control, spread=spread)
    base = making.manifest(Path(config.base))
    if not base.complete:
        raise JobError(f"The data set {config.base} is not complete; finish it first.")
    if base.physics_hash != physics:
        raise JobError(
            f"The data set {config.base} was judged by other physics, so its costs cannot be "
            "compared with new ones; make it anew."
        )
    work = expert.Improving(
        config.data, config.base, config.expert, config.samples, config.rounds, judge
    )
    name = store.name_of(Path(config.expert))
    return making.make(
        config.data, folder, judge, physics, control, work=work, spread=spread, expert=name
    )


def _curves(described: Manifest) -> Iterator[Scalar]:
    for name, counts in described.counts.items():
        yield Scalar(f"{name}.met", counts.specs, counts.met / counts.designs)
        yield Scalar(f"{name}.solved_specs", counts.specs, counts.solved_specs / counts.specs)
        if counts.cost is not None:
            yield Scalar(f"{name}.cost", counts.specs, counts.cost)
    for name, audited in described.audit.items():
        yield Scalar(f"{name}.confirmed", audited.asked, audited.confirmed / max(audited.asked, 1))


def _sentence(described: Manifest, folder: Path, seconds: float) -> str:
    counts = described.counts.values()
    designs, met = sum(c.designs for c in counts), sum(c.met for c in counts)
    specs = sum(c.specs for c in counts)
    text = (
        f"{designs} designs for {specs} specs are in {folder}; {met / designs:.0%} meet their spec"
    )
    audited = described.audit.values()
    if audited:
        asked, confirmed = sum(a.asked for a in audited), sum(a.confirmed for a in audited)
        text += f", and ngspice confirms {confirmed} of {asked} of these"
    return f"{text} ({seconds:.0f} s since the last start)."


def _simulate(
    config: DatagenConfig, folder: Path, physics: str, spread: Spread, control: Control
) -> Iterator[Event]:
    """Make a set in SPICE."""
    yield Started(f"Simulate {config.data.specs} random designs of each topology with ngspice.")
    described = SpiceManifest(
        config=config.data, arcs_version=arcs_engine.__version__, physics_hash=physics
    )
    file = folder / SPICE_MANIFEST
    if file.exists() and _without_yields(file) != described:
        raise FileError(
            f"The folder {folder} holds designs of another config or physics; choose an empty one."
        )
    write(file, _pretty(described))
    chunks, work = legacy.files(config.data, folder), legacy.Simulating(config.data)
    yield from complete(chunks, legacy.whole, work, spread, control, "chunks")
    yields = legacy.yields(chunks)
    write(file, _pretty(msgspec.structs.replace(described, yields=yields)))
    for name, found in yields.items():
        yield Scalar(f"{name}.valid", found.designs, found.valid / found.designs)
    yield Artifact("data", str(folder))
    total = yields["total"]
    share = total.valid / total.designs
    yield Finished("done", f"{share:.1%} of {total.designs} designs are valid; see {file}.")


def spice_manifest(folder: Path) -> SpiceManifest:
    """Read what a folder says of the designs that ngspice simulated in it.

    Raises:
        FileError: there are none.
    """
    return documents.read(folder / SPICE_MANIFEST, SpiceManifest)


def _without_yields(file: Path) -> SpiceManifest:
    return msgspec.structs.replace(spice_manifest(file.parent), yields={})


def _pretty(described: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(described), indent=1) + b"\n"
