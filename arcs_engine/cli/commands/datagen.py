"""``arcs datagen``: make, audit, improve and export data sets."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.cli import options
from arcs_engine.cli.follow import RunOptions
from arcs_engine.cli.groups import grouped
from arcs_engine.foundation.errors import InputError
from arcs_engine.learning.datasets.config import DataConfig, DatagenConfig, Effort


class EngineName(StrEnum):
    """What judges designs."""

    STEADY = "steady"
    NGSPICE = "ngspice"


class Exported(msgspec.Struct, frozen=True):
    """What ``--export`` wrote."""

    file: str
    designs: int


@dataclass(frozen=True, kw_only=True)
class DataSetOptions:
    """Which data set is made, and by whom."""

    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=options.named_path,
            metavar="FOLDER",
            help="Folder of the data set; a file with --export.",
        ),
    ] = None
    specs: Annotated[int, typer.Option(min=1, help="Specs over all topologies.")] = 25_000
    per_spec: Annotated[int, typer.Option(min=20, help="Designs judged for each spec.")] = 40
    topology: Annotated[list[str] | None, typer.Option(help="Only this topology; repeatable.")] = (
        None
    )
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 2
    scheduler: Annotated[
        str, typer.Option(help="Work on the Dask cluster with this address, tcp://HOST:PORT.")
    ] = ""
    audit: Annotated[int, typer.Option(min=0, help="Let ngspice audit this many designs.")] = 0
    engine: Annotated[
        EngineName, typer.Option(help="ngspice simulates --specs random designs instead.")
    ] = EngineName.STEADY

    def topologies(self) -> tuple[str, ...]:
        """Return the names; `SpecError` for a topology that is not there."""
        return tuple(registered(name).name for name in self.topology or ())

    def drawn(self, seed: int) -> DataConfig:
        """Return how specs and designs are drawn.

        Raises:
            InputError: for a topology that is not there or is named twice, or for too many specs.
        """
        names = self.topologies()
        return DataConfig(
            topologies=names,
            specs=-(-self.specs // len(names or REGISTRY)),
            shard=100,
            effort=Effort.of(self.per_spec),
            seed=seed,
        )


@dataclass(frozen=True, kw_only=True)
class ExpertOptions:
    """Which model improves which data set, and how hard it tries."""

    expert: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FOLDER",
            help="Add this model's designs, improved by a local search, to those of --base.",
        ),
    ] = None
    base: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path, metavar="FOLDER", help="Data set that --expert improves."
        ),
    ] = None
    samples: Annotated[int, typer.Option(min=1, help="Designs the expert draws per spec.")] = 8
    rounds: Annotated[
        int, typer.Option(min=0, help="Most steps of the local search from the best of these.")
    ] = 6

    def improved(self) -> DataConfig:
        """Return how the data set was made that the expert improves.

        Raises:
            InputError: none is named.
            FileError: it cannot be read.
        """
        if self.base is None:
            raise InputError("--expert improves a data set; name it with --base FOLDER.")
        # The judge of data sets brings the compiled solver, which takes a moment to import.
        from arcs_engine.learning.datasets import making as data_sets  # noqa: PLC0415

        return data_sets.manifest(self.base).config


@grouped
def datagen(
    data_set: DataSetOptions,
    improvement: ExpertOptions,
    export: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FOLDER",
            help="Write this data set as JSON lines to -o FILE.",
        ),
    ] = None,
    *,
    run: RunOptions,
) -> None:
    """Make a data set with the solver; Ctrl-C stops, --resume or the same command goes on."""
    if run.resumed():
        return
    if data_set.output is None:
        raise InputError("-o says where the data goes; for example: arcs datagen -o data.")
    if export is not None:
        run.answer.give(*_exported(export, data_set.output))
        return
    data_set.topologies()  # one that is not there is refused also beside --expert
    config = DatagenConfig(
        folder=str(data_set.output.resolve()),
        data=data_set.drawn(run.answer.seed)
        if improvement.expert is None
        else improvement.improved(),
        engine=data_set.engine.value,
        workers=data_set.workers,
        scheduler=data_set.scheduler,
        audit=data_set.audit,
        expert=_resolved(improvement.expert),
        base=_resolved(improvement.base),
        samples=improvement.samples,
        rounds=improvement.rounds,
    )
    run.run_to_end("datagen", config)


def _exported(data_set: Path, output: Path) -> tuple[Exported, str]:
    """Write a data set as JSON lines, and say so."""
    # The compiled solver takes a second to import.
    from arcs_engine.learning.datasets import lines  # noqa: PLC0415

    count = lines.export(data_set, output)
    return Exported(str(output), count), f"Written: {output}, {count} designs"


def _resolved(folder: Path | None) -> str:
    return "" if folder is None else str(folder.resolve())
