"""Options that several commands share: types of single ones, and groups of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from arcs_engine.analysis import design_file
from arcs_engine.circuits.settings import parse_assignments
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.cli.output import emit, say
from arcs_engine.foundation.bounds import LARGEST_SEED
from arcs_engine.performance.design import Design


def named_path(text: str | Path) -> Path:
    """Return the path that an option names; an empty one would mean the current folder.

    Args:
        text: as typed, or an option's default.
    """
    if not str(text).strip():
        raise typer.BadParameter("it is empty; name a file or folder.")
    return Path(text)


def output_file(text: str) -> Path:
    """Return where an answer is to be written, and refuse before the work what cannot be."""
    path = named_path(text)
    try:
        is_folder, has_folder = path.is_dir(), path.parent.is_dir()
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be written: {error.strerror}.") from error
    if is_folder:
        raise typer.BadParameter(f"{path} cannot be written: it is a folder.")
    if not has_folder:
        raise typer.BadParameter(f"{path} cannot be written: there is no folder {path.parent}.")
    return path


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Seed = Annotated[
    int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Makes the answer repeatable.")
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust", help="Also resume a run that reads or writes outside the folder of runs."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        parser=output_file,
        metavar="FILE",
        help="Write to this file; default stdout.",
    ),
]
Rank = Annotated[
    int, typer.Option("--rank", min=0, help="Candidate of the shortlist; 0 is the textbook design.")
]
DesignArgument = Annotated[
    Path,
    typer.Argument(
        parser=named_path,
        metavar="FILE",
        help="What 'arcs design -o FILE' wrote, or one design.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="A design value (L1=22u) or part parameter (diode.vf=0.4)."),
]


@dataclass(frozen=True, kw_only=True)
class AnswerOptions:
    """How a command answers."""

    seed: Seed = 0
    as_json: Json = False

    def give(self, document: Struct | Mapping[str, Struct], text: str) -> None:
        """Print the answer: one JSON document, or the text."""
        if self.as_json:
            emit(document)
        else:
            say(text)


@dataclass(frozen=True, kw_only=True)
class TablesOptions:
    """How a command answers whose tables can be kept as Markdown."""

    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=output_file,
            metavar="FILE",
            help="Write the tables here as Markdown.",
        ),
    ] = None
    answer: AnswerOptions

    def give(self, document: Struct | Mapping[str, Struct], tables: str) -> None:
        """Write the tables to their file, and print the answer."""
        if self.output is not None:
            design_file.write(self.output, tables.encode())
        self.answer.give(document, tables)


@dataclass(frozen=True, kw_only=True)
class StoredDesignOptions:
    """Which design of a file."""

    design: DesignArgument
    rank: Rank = 1

    def read(self) -> Design:
        """Return the design.

        Raises:
            FileError: the file cannot be read or understood.
            InputError: for entries that cannot be.
        """
        return design_file.read(self.design, self.rank)


@dataclass(frozen=True, kw_only=True)
class ChangedDesignOptions:
    """A design of a file, with values and parameters that were set."""

    settings: Settings = None
    stored: StoredDesignOptions

    def read(self) -> Design:
        """Return the design as it was changed.

        Raises:
            FileError: the file cannot be read or understood.
            InputError: for entries or settings that cannot be.
        """
        given = self.stored.read()
        changed = parse_assignments(self.settings or [], registered(given.spec.topology), "--set")
        return replace(
            given,
            values=given.values | changed.values,
            overrides=given.overrides | changed.overrides,
        )
