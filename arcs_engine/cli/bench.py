"""``arcs bench``: measured figures."""

import importlib
import importlib.util
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct
from msgspec.structs import asdict

from arcs_engine import designfile
from arcs_engine.cli import options
from arcs_engine.cli.output import ProgressLine, control, emit, say
from arcs_engine.errors import ArcsError


class Subject(StrEnum):
    """What is measured."""

    PHYSICS = "physics"
    PROPOSE = "propose"
    GUI = "gui"


def bench(
    subject: Annotated[Subject, typer.Argument(help="What to measure.")] = Subject.PHYSICS,
    designs: Annotated[
        int, typer.Option(min=1, max=10_000, help="Random designs a topology against ngspice.")
    ] = 100,
    bulk: Annotated[
        int | None,
        typer.Option(min=1, help="Instead, check balance and convergence on so many designs."),
    ] = None,
    infeasible: Annotated[
        int | None,
        typer.Option(min=1, help="Instead, sweep the duty of so many infeasible designs."),
    ] = None,
    cold: Annotated[
        int | None,
        typer.Option(min=1, help="Instead, start so many designs a topology from rest in ngspice."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the tables here as Markdown.")
    ] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Measure the solver's speed and its agreement with ngspice, proposals, or the window."""
    if subject is Subject.GUI:
        _gui(output, as_json)
        return
    if subject is Subject.PROPOSE:
        _propose(seed, output, as_json)
        return
    if cold is not None:
        _cold(cold, seed, output, as_json)
        return
    # The compiled solver takes a second to import.
    from arcs_engine.bench import bulk as many  # noqa: PLC0415
    from arcs_engine.bench import infeasible as sweep  # noqa: PLC0415
    from arcs_engine.bench import physics  # noqa: PLC0415

    counts: Struct | None = None
    with ProgressLine() as line:
        if bulk is not None:
            counts = many.bulk(bulk, seed, control(line))
        elif infeasible is not None:
            counts = sweep.infeasible(infeasible, seed, control(line))
    if counts is not None:
        _give_counts(counts, as_json)
        return
    with ProgressLine() as line:
        figures = physics.bench_physics(designs=designs, seed=seed, control=control(line))
    tables = physics.markdown(figures)
    if output is not None:
        designfile.write(output, tables.encode())
    if as_json:
        emit(physics.BenchDocument(physics=figures))
    else:
        say(tables)


def _give_counts(counts: Struct, as_json: bool) -> None:
    if as_json:
        emit(counts)
    else:
        say("\n".join(f"{name}: {value}" for name, value in asdict(counts).items()))


def _gui(output: Path | None, as_json: bool) -> None:
    if importlib.util.find_spec("PySide6") is None or importlib.util.find_spec("arcs_gui") is None:
        raise ArcsError("The app is not installed; install ARCS with its gui extra.")
    # The engine may not import the app, so its measure is found by name.
    gui = importlib.import_module("arcs_gui.bench")
    figures = gui.bench()
    table = gui.markdown(figures)
    if output is not None:
        designfile.write(output, table.encode())
    if as_json:
        emit(gui.GuiDocument(gui=figures))
    else:
        say(table)


def _propose(seed: int, output: Path | None, as_json: bool) -> None:
    from arcs_engine.bench import propose  # noqa: PLC0415

    with ProgressLine() as line:
        figures = propose.bench_propose(seed=seed, control=control(line))
    table = propose.markdown(figures)
    if output is not None:
        designfile.write(output, table.encode())
    if as_json:
        emit(propose.ProposeDocument(propose=figures))
    else:
        say(table)


def _cold(count: int, seed: int, output: Path | None, as_json: bool) -> None:
    from arcs_engine.bench import cold  # noqa: PLC0415

    with ProgressLine() as line:
        figures = cold.cold_starts(count, seed, control(line))
    table = cold.markdown(figures)
    if output is not None:
        designfile.write(output, table.encode())
    if as_json:
        emit(figures)
    else:
        say(table)
