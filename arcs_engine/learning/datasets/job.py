"""The job of a run of kind ``datagen``: search, improve, audit; or simulate with ngspice."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

import arcs_engine
from arcs_engine.foundation import documents
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import FileError, JobError
from arcs_engine.learning.datasets import audit, expert, legacy, making, pool
from arcs_engine.learning.datasets.chunks import Spread, in_turn, write
from arcs_engine.learning.datasets.config import DataConfig, DatagenConfig
from arcs_engine.learning.datasets.making import Manifest, Wanted
from arcs_engine.learning.jobs.events import Artifact, Event, Finished, Progress, Scalar, Started
from arcs_engine.model import store
from arcs_engine.performance.physics_hash import physics_hash
from arcs_engine.sizing.search.problems import Problems

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
    config: DatagenConfig, control: Control, problems: type[Problems] = Problems
) -> Iterator[Event]:
    """Make a data set, or what is missing of it, and audit it.

    Args:
        config: what to do.
        control: asked often whether to stop.
        problems: what a search is asked, and who judges for it; a stand-in in tests.

    Raises:
        Cancelled: a stop was asked for; finished chunks are kept.
        ArcsError: the config is wrong, the folder holds something else or cannot be written.
    """
    job = _Job(config, control, _spread(config))
    return job.simulate() if config.engine == "ngspice" else job.search(problems)


def _spread(config: DatagenConfig) -> Spread:
    if config.scheduler:
        return pool.dask(config.scheduler)
    return pool.local(config.workers) if config.workers > 1 else in_turn


@dataclass(frozen=True)
class _Job:
    """What is told to do, who may stop it, and who does the work."""

    config: DatagenConfig
    control: Control
    spread: Spread

    @property
    def folder(self) -> Path:
        """The data set's."""
        return Path(self.config.folder)

    def search(self, problems: type[Problems]) -> Iterator[Event]:
        """Search designs, or improve those of another set, and have them audited."""
        began = time.monotonic()
        config = self.config
        yield Started(_what(config))
        share = 1 - AUDIT_SHARE if config.audit else 1.0
        for progress in self._make(problems):
            yield Progress(progress.fraction * share, progress.text)
        described = making.manifest(self.folder)
        if config.audit:
            chunks = audit.Auditing(config.data, config.folder, config.audit).chunks()
            for progress in chunks.complete(self.spread, self.control):
                yield Progress(share + AUDIT_SHARE * progress.fraction, progress.text)
            described = msgspec.structs.replace(described, audit=audit.summary(chunks.files))
            making.write_manifest(self.folder, described)
        yield from _curves(described)
        yield Artifact("data", str(self.folder))
        yield Finished("done", _sentence(described, self.folder, time.monotonic() - began))

    def _make(self, problems: type[Problems]) -> Iterator[Progress]:
        config, data = self.config, self.config.data
        wanted = Wanted(self.folder, data, physics_hash(data.names()))
        if not config.expert:
            work = making.Searching(data, problems)
            return making.make(wanted, self.control, work=work, spread=self.spread)
        base = making.manifest(Path(config.base))
        if not base.complete:
            raise JobError(f"The data set {config.base} is not complete; finish it first.")
        if base.physics_hash != wanted.physics_hash:
            raise JobError(
                f"The data set {config.base} was judged by other physics, so its costs cannot be "
                "compared with new ones; make it anew."
            )
        improving = expert.Improving(
            data, config.base, config.expert, config.samples, config.rounds, problems
        )
        wanted = replace(wanted, expert=store.name_of(Path(config.expert)))
        return making.make(wanted, self.control, work=improving, spread=self.spread)

    def simulate(self) -> Iterator[Event]:
        """Make a set in SPICE."""
        data = self.config.data
        yield Started(f"Simulate {data.specs} random designs of each topology with ngspice.")
        described = SpiceManifest(
            config=data,
            arcs_version=arcs_engine.__version__,
            physics_hash=physics_hash(data.names()),
        )
        file = self.folder / SPICE_MANIFEST
        if file.exists() and _without_yields(file) != described:
            raise FileError(
                f"The folder {self.folder} holds designs of another config or physics; choose an "
                "empty one."
            )
        write(file, _pretty(described))
        chunks = legacy.Simulating(data).chunks(self.folder)
        yield from chunks.complete(self.spread, self.control)
        yields = legacy.yields(chunks.files)
        write(file, _pretty(msgspec.structs.replace(described, yields=yields)))
        for name, found in yields.items():
            yield Scalar(f"{name}.valid", found.designs, found.valid / found.designs)
        yield Artifact("data", str(self.folder))
        total = yields["total"]
        share = total.valid / total.designs
        yield Finished("done", f"{share:.1%} of {total.designs} designs are valid; see {file}.")


def _what(config: DatagenConfig) -> str:
    names = config.data.names()
    doing = f"Improve {config.base} with a model" if config.expert else "Search designs"
    return f"{doing} for {config.data.specs * len(names)} specs of {len(names)} topologies."


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
