"""``arcs analyse``: a design away from its nominal point."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from arcs_engine.analysis import design_file
from arcs_engine.cli import options
from arcs_engine.cli.output import emit, prepare_solver, say
from arcs_engine.cli.tables import aligned
from arcs_engine.foundation.errors import InputError
from arcs_engine.foundation.units import format_quantity, parse_fraction, parse_quantity
from arcs_engine.performance.candidate import cost_text
from arcs_engine.performance.metrics import NOTHING, figure, per_cent

if TYPE_CHECKING:  # the compiled solver takes a moment to import
    from arcs_engine.analysis.results import Grid, MonteCarlo, OperatingPoint, Sweep
    from arcs_engine.analysis.subject import Subject

app = typer.Typer(help="A design away from its nominal point.", no_args_is_help=True)


def _subject(design: Path, rank: int, settings: list[str] | None) -> "Subject":
    from arcs_engine.analysis.subject import Subject  # noqa: PLC0415

    changed = options.with_settings(design_file.read(design, rank), settings)
    prepare_solver()
    return Subject.of(changed)


def _give(found: "Grid | Sweep | MonteCarlo", text: "Callable[[], str]", as_json: bool) -> None:
    if as_json:
        emit(found)
    else:
        say("\n".join([text(), *found.notes]))


@app.command()
def corners(
    design: options.DesignArgument,
    settings: options.Settings = None,
    rank: options.Rank = 1,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Vin min, nominal and max at 10 to 100 % load."""
    subject = _subject(design, rank, settings)
    from arcs_engine.analysis.grid import corners as find  # noqa: PLC0415

    found = find(subject)
    _give(found, lambda: _points(found.points, found.seconds), as_json)


@app.command("map")
def efficiency_map(
    design: options.DesignArgument,
    inputs: Annotated[int, typer.Option(min=1, max=60, help="Input voltages.")] = 15,
    loads: Annotated[int, typer.Option(min=2, max=60, help="Loads, from 5 to 100 %.")] = 15,
    settings: options.Settings = None,
    rank: options.Rank = 1,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Estimated efficiency over input voltage and load."""
    subject = _subject(design, rank, settings)
    from arcs_engine.analysis.grid import efficiency_map as find  # noqa: PLC0415

    found = find(subject, inputs, loads)
    _give(found, lambda: _map(found), as_json)


@app.command()
def sweep(
    design: options.DesignArgument,
    quantity: Annotated[
        str, typer.Argument(help="A design value (L1), a parameter (L1.dcr), vin, iout or fsw.")
    ],
    low: Annotated[str, typer.Option("--from", help="First value, such as 1u.")],
    high: Annotated[str, typer.Option("--to", help="Last value.")],
    count: Annotated[int, typer.Option(min=2, max=500, help="Number of values.")] = 21,
    spacing: Annotated[
        Literal["lin", "log"], typer.Option(help="Even steps, or even ratios.")
    ] = "log",
    settings: options.Settings = None,
    rank: options.Rank = 1,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """One quantity moved over a range."""
    subject = _subject(design, rank, settings)
    from arcs_engine.analysis import sweep as rooms  # noqa: PLC0415

    unit = rooms.unit_of(subject, quantity)
    ends = (parse_quantity(low, unit, "--from"), parse_quantity(high, unit, "--to"))
    found = rooms.sweep(subject, quantity, rooms.spaced(*ends, count, spacing))
    _give(found, lambda: _sweep(found), as_json)


@app.command("monte-carlo")
def monte_carlo(
    design: options.DesignArgument,
    samples: Annotated[int, typer.Option(min=2, max=100_000, help="Supplies to draw.")] = 1000,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(help="Of a part or kind, such as L1=10% or ceramic=15%; may be repeated."),
    ] = None,
    distribution: Annotated[
        Literal["uniform", "normal"], typer.Option(help="Within the tolerances.")
    ] = "uniform",
    all_corners: Annotated[
        bool, typer.Option("--corners", help="Judge each supply at all six corners.")
    ] = False,
    settings: options.Settings = None,
    rank: options.Rank = 1,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Many supplies with other parts within their tolerances: yield, spread, what matters."""
    given = dict(_tolerance(text) for text in tolerance or [])
    subject = _subject(design, rank, settings)
    from arcs_engine.analysis.monte_carlo import monte_carlo as run  # noqa: PLC0415

    found = run(
        subject, samples, given=given, distribution=distribution, corners=all_corners, seed=seed
    )
    _give(found, lambda: _production(found), as_json)


def _tolerance(text: str) -> tuple[str, float]:
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError(f"--tolerance: '{text}' is not NAME=VALUE; an example is L1=10%.")
    return name.strip(), parse_fraction(value, f"--tolerance {name.strip()}")


_EFFICIENCY = figure("efficiency_estimated").symbol
_POINT_COLUMNS = ("D", "mode", "Vout", "ripple", _EFFICIENCY, "loss", "")
"""Heads of what `_row` says of an operating point after its input and load."""


def _points(points: "tuple[OperatingPoint, ...]", seconds: float) -> str:
    head = ["Vin", "load", *_POINT_COLUMNS]
    rows = [_row(point) for point in points]
    return "\n".join([aligned([head, *rows]), "", _took(len(points), seconds)])


def _row(point: "OperatingPoint") -> list[str]:
    return [
        format_quantity(point.vin, "V", 3),
        f"{point.load:.0%}",
        _share(point.duty),
        point.mode or NOTHING,
        NOTHING if point.vout is None else format_quantity(point.vout, "V"),
        _share(point.ripple),
        _share(point.efficiency_estimated),
        NOTHING if point.loss is None else format_quantity(point.loss, "W", 3),
        " ".join(point.fails),
    ]


def _share(value: float | None) -> str:
    return NOTHING if value is None else per_cent(value)


def _took(points: int, seconds: float) -> str:
    return f"{points} operating points in {seconds * 1e3:.0f} ms."


def _map(found: "Grid") -> str:
    head = ["load", *(format_quantity(vin, "V", 3) for vin in found.vin)]
    rows = [
        [
            f"{load:.0%}",
            *(_share(found.at(i, k).efficiency_estimated) for i in range(len(found.vin))),
        ]
        for k, load in enumerate(found.load)
    ]
    lines = ["Estimated efficiency", "", aligned([head, *rows]), ""]
    return "\n".join([*lines, _took(len(found.points), found.seconds)])


def _sweep(found: "Sweep") -> str:
    shown = [format_quantity(value, found.unit) for value in found.values]
    if found.points:
        head = [found.name, *_POINT_COLUMNS]
        rows = [[text, *_row(point)[2:]] for text, point in zip(shown, found.points, strict=True)]
    else:
        head = [found.name, "D", "mode", "ripple", _EFFICIENCY, "cost", ""]
        rows = [
            [
                text,
                _share(each.duty),
                each.mode or NOTHING,
                _share(None if each.metrics is None else each.metrics.ripple),
                _share(None if each.metrics is None else each.metrics.efficiency_estimated),
                cost_text(each),
                each.reasons[0] if each.reasons else "meets the spec",
            ]
            for text, each in zip(shown, found.candidates, strict=True)
        ]
    return "\n".join([aligned([head, *rows]), "", _took(len(rows), found.seconds)])


_RANKED = 3
"""Influences on each figure that the table names."""


def _production(found: "MonteCarlo") -> str:
    where = "all corners" if found.corners else "nominal input and full load"
    head = ["figure", "5 %", "mean", "95 %", "most influence"]
    rows = [
        [
            each.figure,
            *(f"{number:.4g}" for number in (each.low, each.mean, each.high)),
            _influence(found, each.figure),
        ]
        for each in found.histograms
    ]
    lines = [
        f"{found.passed} of {found.samples} supplies meet the spec at {where}: "
        f"{found.yield_share:.1%} (95 %: {found.yield_low:.1%} to {found.yield_high:.1%}).",
        *(f"Fails by {label}: {count}." for label, count in found.fails.items()),
        "",
        aligned([head, *rows]),
        "",
        f"Seed {found.seed}, {found.seconds * 1e3:.0f} ms.",
    ]
    return "\n".join(lines)


def _influence(found: "MonteCarlo", figure: str) -> str:
    mine = [each for each in found.influences if each.figure == figure][:_RANKED]
    return ", ".join(f"{each.tolerance} {each.correlation:+.2f}" for each in mine)
