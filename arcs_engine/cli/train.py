"""``arcs train``: train a model in the foreground, in a worker process that outlives mishaps."""

from typing import Annotated

import msgspec
import typer

from arcs_engine.cli import options
from arcs_engine.cli.follow import follow_to_end
from arcs_engine.cli.output import warn
from arcs_engine.jobs.runs import RunStore
from arcs_engine.training.config import TrainingConfig, preset


def train(
    config: Annotated[
        str, typer.Option(help="Named config: quick, tiny, small or seed (the published recipe).")
    ] = "quick",
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data.")] = None,
    specs: Annotated[int | None, typer.Option(min=1, help="Specs for each topology.")] = None,
    resume: Annotated[str | None, typer.Option(help="Go on with the run of this name.")] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Make data with the solver and train a model on it; Ctrl-C stops, --resume goes on."""
    chosen = _adjusted(preset(config), epochs, specs, seed)
    store = RunStore()
    run = store.open(resume) if resume else store.create("train", chosen, seed)
    warn(f"run {run.name} in {run.folder}")
    follow_to_end(run, as_json=as_json)


def _adjusted(
    config: TrainingConfig, epochs: int | None, specs: int | None, seed: int
) -> TrainingConfig:
    data = msgspec.structs.replace(
        config.data, seed=seed, specs=config.data.specs if specs is None else specs
    )
    return msgspec.structs.replace(
        config, data=data, epochs=config.epochs if epochs is None else epochs
    )
