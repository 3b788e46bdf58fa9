"""``arcs train``: train a model in a worker process, with its progress in the foreground."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from arcs_engine.cli import options
from arcs_engine.cli.follow import RunOptions
from arcs_engine.cli.groups import grouped
from arcs_engine.learning.settings import with_settings
from arcs_engine.learning.training.config import TrainingConfig, preset


@dataclass(frozen=True, kw_only=True)
class RecipeOptions:
    """How a model is trained: a named config, and what differs from it."""

    config: Annotated[
        str, typer.Option(help="Named config: quick, tiny, small or seed (the published recipe).")
    ] = "quick"
    data: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FOLDER",
            help="Train on the data set in this folder; without it, make one.",
        ),
    ] = None
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data.")] = None
    specs: Annotated[int | None, typer.Option(min=1, help="Specs for each topology.")] = None
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A field of the config: batch=128, data.keep=2; repeatable."),
    ] = None

    def read(self, seed: int) -> TrainingConfig:
        """Return the config.

        Raises:
            InputError: for a config, field or value that cannot be.
            FileError: for a data set that cannot be read.
        """
        shorthands = {"epochs": self.epochs, "data.specs": self.specs, "data.seed": seed}
        given = [f"{name}={number}" for name, number in shorthands.items() if number is not None]
        chosen = with_settings(preset(self.config), [*given, *(self.settings or [])])
        if chosen.model != preset(self.config).model:
            # Brings torch, which takes seconds to import; the sizes of named configs exist.
            from arcs_engine.model.config import size  # noqa: PLC0415

            size(chosen.model)
        return chosen if self.data is None else _on_data(chosen, self.data)


@grouped
def train(recipe: RecipeOptions, run: RunOptions) -> None:
    """Make data with the solver and train a model on it; Ctrl-C stops, --resume goes on."""
    if not run.resumed():
        run.run_to_end("train", recipe.read(run.answer.seed))


def _on_data(config: TrainingConfig, folder: Path) -> TrainingConfig:
    """Return a config that trains on the data set in a folder, made by whatever config."""
    # The judge of data sets brings the compiled solver, which takes a moment to import.
    from arcs_engine.learning.datasets import making as data_sets  # noqa: PLC0415

    found = data_sets.manifest(folder)
    return msgspec.structs.replace(config, data=found.config, data_folder=str(folder.resolve()))
