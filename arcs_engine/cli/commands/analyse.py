"""``arcs analyse``: a design away from its nominal point."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from arcs_engine.cli import options
from arcs_engine.cli.groups import grouped
from arcs_engine.cli.output import prepare_solver
from arcs_engine.cli.tables import aligned
from arcs_engine.foundation.errors import InputError
from arcs_engine.foundation.units import format_quantity, parse_fraction, parse_quantity
from arcs_engine.performance.candidate import cost_text
from arcs_engine.performance.metrics import NOTHING, figure, per_cent

if TYPE_CHECKING:  # the compiled solver takes a moment to import
    from arcs_engine.analysis.results import Grid, MonteCarlo, OperatingPoint, Sweep
    from arcs_engine.analysis.subject import Subject

app = typer.Typer(help="A design away from its nominal point.", no_args_is_help=True)


@dataclass(frozen=True, kw_only=True)
class AnalysisOptions:
    """Which design is analysed, and how the analysis is given."""

    changed: options.ChangedDesignOptions
    answer: options.AnswerOptions

    def subject(self) -> "Subject":
        """Return the design, ready to be solved."""
        from arcs_engine.analysis.subject import Subject  # noqa: PLC0415

        changed = self.changed.read()
        prepare_solver()
        return Subject(changed)

    def give(self, found: "Grid | Sweep | MonteCarlo", text: str) -> None:
        """Print what was found; as text with its notes."""
        self.answer.give(found, "\n".join([text, *found.notes]))


@dataclass(frozen=True, kw_only=True)
class MapOptions:
    """Where the efficiency is estimated."""

    inputs: Annotated[int, typer.Option(min=1, max=60, help="Input voltages.")] = 15
    loads: Annotated[int, typer.Option(min=2, max=60, help="Loads, from 5 to 100 %.")] = 15


@dataclass(frozen=True, kw_only=True)
class RangeOptions:
    """The values that a quantity is moved over."""

    low: Annotated[str, typer.Option("--from", help="First value, such as 1u.")]
    high: Annotated[str, typer.Option("--to", help="Last value.")]
    count: Annotated[int, typer.Option(min=2, max=500, help="Number of values.")] = 21
    spacing: Annotated[Literal["lin", "log"], typer.Option(help="Even steps, or even ratios.")] = (
        "log"
    )

    def ends(self, unit: str) -> tuple[float, float]:
        """Return the first and the last value of a quantity with this unit, SI."""
        return parse_quantity(self.low, unit, "--from"), parse_quantity(self.high, unit, "--to")


@dataclass(frozen=True, kw_only=True)
class ProductionOptions:
    """Which supplies are drawn, and where each is judged."""

    samples: Annotated[int, typer.Option(min=2, max=100_000, help="Supplies to draw.")] = 1000
    tolerance: Annotated[
        list[str] | None,
        typer.Option(help="Of a part or kind, such as L1=10% or ceramic=15%; may be repeated."),
    ] = None
    distribution: Annotated[
        Literal["uniform", "normal"], typer.Option(help="Within the tolerances.")
    ] = "uniform"
    all_corners: Annotated[
        bool, typer.Option("--corners", help="Judge each supply at all six corners.")
    ] = False


@app.command()
@grouped
def corners(analysis: AnalysisOptions) -> None:
    """Vin min, nominal and max at 10 to 100 % load."""
    subject = analysis.subject()
    from arcs_engine.analysis.grid import corners as find  # noqa: PLC0415

    found = find(subject)
    analysis.give(found, _points(found))


@app.command("map")
@grouped
def efficiency_map(wanted: MapOptions, analysis: AnalysisOptions) -> None:
    """Estimated efficiency over input voltage and load."""
    subject = analysis.subject()
    from arcs_engine.analysis.grid import efficiency_map as find  # noqa: PLC0415

    found = find(subject, wanted.inputs, wanted.loads)
    analysis.give(found, _map(found))


@app.command()
@grouped
def sweep(
    over: RangeOptions,
    analysis: AnalysisOptions,
    quantity: Annotated[
        str, typer.Argument(help="A design value (L1), a parameter (L1.dcr), vin, iout or fsw.")
    ],
) -> None:
    """One quantity moved over a range."""
    subject = analysis.subject()
    from arcs_engine.analysis import sweep as rooms  # noqa: PLC0415

    ends = over.ends(rooms.unit_of(subject, quantity))
    found = rooms.sweep(subject, quantity, rooms.spaced(*ends, over.count, over.spacing))
    analysis.give(found, _sweep(found))


@app.command("monte-carlo")
@grouped
def monte_carlo(production: ProductionOptions, analysis: AnalysisOptions) -> None:
    """Many supplies with other parts within their tolerances: yield, spread, what matters."""
    given = dict(_tolerance(text) for text in production.tolerance or [])
    subject = analysis.subject()
    from arcs_engine.analysis.monte_carlo import Draw  # noqa: PLC0415
    from arcs_engine.analysis.monte_carlo import monte_carlo as run  # noqa: PLC0415

    draw = Draw(
        samples=production.samples,
        given=given,
        distribution=production.distribution,
        corners=production.all_corners,
        seed=analysis.answer.seed,
    )
    found = run(subject, draw)
    analysis.give(found, _production(found))


def _tolerance(text: str) -> tuple[str, float]:
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError(f"--tolerance: '{text}' is not NAME=VALUE; an example is L1=10%.")
    return name.strip(), parse_fraction(value, f"--tolerance {name.strip()}")


_EFFICIENCY = figure("efficiency_estimated").symbol
_POINT_COLUMNS = ("D", "mode", "Vout", "ripple", _EFFICIENCY, "loss", "")
"""Heads of what `_row` says of an operating point after its input and load."""


def _points(found: "Grid") -> str:
    head = ["Vin", "load", *_POINT_COLUMNS]
    rows = [_row(point) for point in found.points]
    return "\n".join([aligned([head, *rows]), "", _took(len(rows), found.seconds)])


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
