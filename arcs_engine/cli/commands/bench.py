"""``arcs bench``: measured figures."""

import importlib
import importlib.util
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct
from msgspec.structs import asdict

from arcs_engine.analysis import design_file
from arcs_engine.cli import options
from arcs_engine.cli.output import ProgressLine, control, emit, prepare_solver, say
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError, InputError


class Subject(StrEnum):
    """What is measured."""

    PHYSICS = "physics"
    PROPOSE = "propose"
    TRAIN = "train"
    GUI = "gui"
    ALL = "all"


def bench(
    subject: Annotated[Subject, typer.Argument(help="What to measure.")] = Subject.PHYSICS,
    designs: Annotated[
        int,
        typer.Option(
            min=1, max=10_000, help="Random designs per topology to compare with ngspice."
        ),
    ] = 100,
    bulk: Annotated[
        int | None,
        typer.Option(min=1, help="Instead, check balance and convergence of this many designs."),
    ] = None,
    infeasible: Annotated[
        int | None,
        typer.Option(min=1, help="Instead, sweep the duty of this many infeasible designs."),
    ] = None,
    cold: Annotated[
        int | None,
        typer.Option(
            min=1, help="Instead, start this many designs per topology from rest in ngspice."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=options.output_file,
            metavar="FILE",
            help="Write the tables here as Markdown.",
        ),
    ] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Measure the solver's speed and its agreement with ngspice, proposals, training, the window.

    ``all`` is each of them, one after the other.
    """
    measures: dict[Subject, Callable[[Control], tuple[Struct, str]]] = {
        Subject.PHYSICS: lambda told: _physics(designs, seed, told),
        Subject.PROPOSE: lambda told: _propose(seed, told),
        Subject.TRAIN: lambda told: _train(seed, told),
        Subject.GUI: _gui,
    }
    counts = {"bulk": bulk, "infeasible": infeasible, "cold": cold}
    instead = [(name, count) for name, count in counts.items() if count is not None]
    if instead and (subject is not Subject.PHYSICS or len(instead) > 1):
        raise InputError(
            f"--{instead[-1][0]} takes the place of everything else that is measured; give it "
            "alone, to arcs bench physics."
        )
    prepare_solver()
    with ProgressLine() as line:
        if instead:
            only, table = _counted(*instead[0], seed, control(line))
            _give(only, table, output, as_json)
            return
        chosen = measures if subject is Subject.ALL else {subject: measures[subject]}
        found = {name.value: measure(control(line)) for name, measure in chosen.items()}
    figures = {name: struct for name, (struct, _) in found.items()}
    _give(figures, "\n".join(table for _, table in found.values()), output, as_json)


def _give(
    document: Struct | dict[str, Struct], tables: str, output: Path | None, as_json: bool
) -> None:
    if output is not None:
        design_file.write(output, tables.encode())
    if as_json:
        emit(document)
    else:
        say(tables)


# The compiled solver, torch and Qt take a second to import; only what is measured is.


def _physics(designs: int, seed: int, told: Control) -> tuple[Struct, str]:
    from arcs_engine.bench import physics  # noqa: PLC0415

    figures = physics.bench_physics(designs=designs, seed=seed, control=told)
    return figures, physics.markdown(figures)


def _counted(name: str, count: int, seed: int, told: Control) -> tuple[Struct, str]:
    """Measure what takes the place of speed and agreement: bulk, infeasible or cold."""
    from arcs_engine.bench import bulk, cold, infeasible  # noqa: PLC0415

    if name == "cold":
        starts = cold.cold_starts(count, seed, told)
        return starts, cold.markdown(starts)
    measure: Callable[[int, int, Control], Struct] = (
        bulk.bulk if name == "bulk" else infeasible.infeasible
    )
    counts = measure(count, seed, told)
    return counts, "\n".join(f"{title}: {value}" for title, value in asdict(counts).items())


def _propose(seed: int, told: Control) -> tuple[Struct, str]:
    from arcs_engine.bench import propose  # noqa: PLC0415

    figures = propose.bench_propose(seed=seed, control=told)
    return figures, propose.markdown(figures)


def _train(seed: int, told: Control) -> tuple[Struct, str]:
    from arcs_engine.bench import train  # noqa: PLC0415

    figures = train.bench_train(seed=seed, control=told)
    return figures, train.markdown(figures)


def _gui(told: Control) -> tuple[Struct, str]:
    if importlib.util.find_spec("PySide6") is None or importlib.util.find_spec("arcs_gui") is None:
        raise ArcsError("The window is not installed; install ARCS with its gui extra.")
    told.progress(0.0, "Measuring the window")
    # The engine may not import the window, so its measure is found by name.
    gui = importlib.import_module("arcs_gui.bench")
    figures = gui.bench()
    return figures, gui.markdown(figures)
