"""``arcs datagen``: make, audit, improve and export data sets."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.cli import options
from arcs_engine.cli.follow import follow_to_end, resume_to_end
from arcs_engine.cli.output import emit, say, warn
from arcs_engine.foundation.errors import InputError
from arcs_engine.learning.jobs.runs import RunStore


class EngineName(StrEnum):
    """What judges designs."""

    STEADY = "steady"
    NGSPICE = "ngspice"


class Exported(msgspec.Struct, frozen=True):
    """What ``--export`` wrote."""

    file: str
    designs: int


def datagen(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=options.named_path,
            metavar="FOLDER",
            help="Folder of the data set; a file with --export.",
        ),
    ] = None,
    specs: Annotated[int, typer.Option(min=1, help="Specs over all topologies.")] = 25_000,
    per_spec: Annotated[int, typer.Option(min=20, help="Designs judged for each spec.")] = 40,
    topology: Annotated[
        list[str] | None, typer.Option(help="Only this topology; repeatable.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 2,
    scheduler: Annotated[
        str, typer.Option(help="Work on the Dask cluster with this address, tcp://HOST:PORT.")
    ] = "",
    audit: Annotated[int, typer.Option(min=0, help="Let ngspice audit this many designs.")] = 0,
    engine: Annotated[
        EngineName, typer.Option(help="ngspice simulates --specs random designs instead.")
    ] = EngineName.STEADY,
    expert: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FOLDER",
            help="Add this model's designs, improved by a local search, to those of --base.",
        ),
    ] = None,
    base: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path, metavar="FOLDER", help="Data set that --expert improves."
        ),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Designs the expert draws per spec.")] = 8,
    rounds: Annotated[
        int, typer.Option(min=0, help="Most steps of the local search from the best of these.")
    ] = 6,
    export: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FOLDER",
            help="Write this data set as JSON lines to -o FILE.",
        ),
    ] = None,
    resume: options.Resume = None,
    trust: options.Trust = False,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Make a data set with the solver; Ctrl-C stops, --resume or the same command goes on."""
    # The compiled solver takes a second to import.
    from arcs_engine.learning.datasets import lines  # noqa: PLC0415
    from arcs_engine.learning.datasets import making as data_sets  # noqa: PLC0415
    from arcs_engine.learning.datasets.config import (  # noqa: PLC0415
        DataConfig,
        DatagenConfig,
        Effort,
    )

    if resume is not None:
        resume_to_end(resume, trust=trust, as_json=as_json)
        return
    if output is None:
        raise InputError("-o says where the data goes; for example: arcs datagen -o data.")
    if export is not None:
        count = lines.export(export, output)
        if as_json:
            emit(Exported(str(output), count))
        else:
            say(f"Written: {output}, {count} designs")
        return
    names = tuple(registered(name).name for name in topology or ())
    if expert is not None:
        if base is None:
            raise InputError("--expert improves a data set; name it with --base FOLDER.")
        chosen = data_sets.manifest(base).config
    else:
        chosen = DataConfig(
            topologies=names,
            specs=-(-specs // len(names or REGISTRY)),
            shard=100,
            effort=Effort.of(per_spec),
            seed=seed,
        )
    config = DatagenConfig(
        folder=str(output.resolve()),
        data=chosen,
        engine=engine.value,
        workers=workers,
        scheduler=scheduler,
        audit=audit,
        expert="" if expert is None else str(expert.resolve()),
        base="" if base is None else str(base.resolve()),
        samples=samples,
        rounds=rounds,
    )
    run = RunStore().create("datagen", config, seed)
    warn(f"run {run.name} in {run.folder}")
    follow_to_end(run, as_json=as_json)
