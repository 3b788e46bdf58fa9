"""``arcs rl``: let a model learn from the judge, with its progress in the foreground."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from arcs_engine.cli import options
from arcs_engine.cli.follow import RunOptions
from arcs_engine.cli.groups import grouped
from arcs_engine.foundation import paths
from arcs_engine.foundation.errors import InputError
from arcs_engine.learning.reinforcement.config import ReinforcementConfig
from arcs_engine.learning.reinforcement.recipes import preset
from arcs_engine.learning.settings import with_settings


@dataclass(frozen=True, kw_only=True)
class LearningOptions:
    """Which model learns, and how: a named recipe, and what differs from it."""

    model: Annotated[
        Path | None,
        typer.Argument(
            parser=options.named_path,
            metavar="MODEL",
            help="Folder of the model to start from, or the name of a shipped one: tiny.",
        ),
    ] = None
    config: Annotated[
        str,
        typer.Option(
            help="Named recipe: rl, or for comparison max_at_k, grpo, reinforce (the published "
            "one) or rejection."
        ),
    ] = "rl"
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A field of the config: steps=100, pull.entropy=0.01."),
    ] = None
    other_physics: Annotated[
        bool,
        typer.Option("--other-physics", help="Also start from a model of another judge's days."),
    ] = False
    name: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="RUN", help="Name of the run; without it, a date."),
    ] = None

    def read(self) -> ReinforcementConfig:
        """Return the config.

        Raises:
            InputError: for a recipe, field or value that cannot be, or without a model.
        """
        if self.model is None:
            raise InputError("Name the model to start from: arcs rl MODEL, such as arcs rl tiny.")
        allowed = ["accept_other_physics=true"] if self.other_physics else []
        given = [f"start={_folder(self.model)}", *allowed, *(self.settings or [])]
        return with_settings(preset(self.config), given)


@grouped
def rl(learning: LearningOptions, run: RunOptions) -> None:
    """Let a model draw designs and learn from the judge; Ctrl-C stops, --resume goes on."""
    if not run.resumed():
        run.run_to_end("rl", learning.read(), learning.name)


def _folder(model: Path) -> Path:
    """Return the folder of a model that is named by it, or by the name of a shipped one."""
    shipped = paths.models() / model
    found = shipped if not model.exists() and shipped.is_dir() else model
    if not found.is_dir():
        raise InputError(f"There is no model in {model}; name a model's folder, or tiny.")
    return found.resolve()
