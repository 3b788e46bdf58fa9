"""``arcs train``: train a model in a worker process, with its progress in the foreground."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from arcs_engine.cli import options
from arcs_engine.cli.follow import follow_to_end, resume_to_end
from arcs_engine.cli.output import warn
from arcs_engine.learning.jobs.runs import RunStore
from arcs_engine.learning.training.config import TrainingConfig, preset, with_settings


def train(
    config: Annotated[
        str, typer.Option(help="Named config: quick, tiny, small or seed (the published recipe).")
    ] = "quick",
    data: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FOLDER",
            help="Train on the data set in this folder; without it, make one.",
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data.")] = None,
    specs: Annotated[int | None, typer.Option(min=1, help="Specs for each topology.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A field of the config: batch=128, data.keep=2; repeatable."),
    ] = None,
    resume: options.Resume = None,
    trust: options.Trust = False,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Make data with the solver and train a model on it; Ctrl-C stops, --resume goes on."""
    if resume is not None:
        resume_to_end(resume, trust=trust, as_json=as_json)
        return
    shorthands = {"epochs": epochs, "data.specs": specs, "data.seed": seed}
    given = [f"{name}={number}" for name, number in shorthands.items() if number is not None]
    chosen = with_settings(preset(config), [*given, *(settings or [])])
    if chosen.model != preset(config).model:
        # Brings torch, which takes seconds to import; the sizes of named configs exist.
        from arcs_engine.model.config import size  # noqa: PLC0415

        size(chosen.model)
    run = RunStore().create("train", _on_data(chosen, data), seed)
    warn(f"run {run.name} in {run.folder}")
    follow_to_end(run, as_json=as_json)


def _on_data(config: TrainingConfig, folder: Path | None) -> TrainingConfig:
    """Return a config that trains on the data set in a folder, made by whatever config."""
    if folder is None:
        return config
    # The judge of data sets brings the compiled solver, which takes a moment to import.
    from arcs_engine.learning.datasets import making as data_sets  # noqa: PLC0415

    found = data_sets.manifest(folder)
    return msgspec.structs.replace(config, data=found.config, data_folder=str(folder.resolve()))
