"""``arcs simulate --transient``: start-up, load step and line step in ngspice."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from arcs_engine.analysis import design_file
from arcs_engine.circuits.topologies import topology
from arcs_engine.cli import options
from arcs_engine.cli.output import ProgressLine, control, prepare_solver
from arcs_engine.foundation.errors import InputError
from arcs_engine.foundation.units import format_quantity, parse_fraction, parse_quantity
from arcs_engine.performance.design import Design

if TYPE_CHECKING:
    from arcs_engine.analysis.transient_figures import StageResult, Transient, TransientReport
    from arcs_engine.analysis.transients import Plan

Kind = Literal["start-up", "load-step", "line-step"]

_OPEN_LOOP: Final = ("--ramp", "--steps")
"""Options of a transient at a fixed duty alone."""

_PICTURE_POINTS: Final = 1200
_TABLE_POINTS: Final = 20_000


@dataclass(frozen=True, kw_only=True)
class TransientOptions:
    """The options of a transient as they were typed; None where they were not."""

    kind: Annotated[
        Kind | None,
        typer.Option(
            "--transient", help="A transient instead: in ngspice, open loop at a fixed duty."
        ),
    ] = None
    before: Annotated[
        str | None,
        typer.Option("--from", help="Load (10%) or input (9 V) before and after a step."),
    ] = None
    after: Annotated[
        str | None, typer.Option("--to", help="Load (100%) or input (15 V) during a step.")
    ] = None
    ramp: Annotated[
        str | None, typer.Option(help="Time over which the duty rises in a start-up, such as 2m.")
    ] = None
    steps: Annotated[
        int | None,
        typer.Option(min=50, max=1000, help="Time steps per period of a transient; default 200."),
    ] = None
    closed_loop: Annotated[
        bool,
        typer.Option(
            "--closed-loop",
            help="The transient with the output regulated, exactly; --engine ngspice proves it.",
        ),
    ] = False
    crossover: Annotated[
        str | None,
        typer.Option(help="Crossover of the loop, such as 20k; default: a careful one."),
    ] = None
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=options.output_file,
            metavar="FILE",
            help="The transient as FILE.svg, .csv, .cir (ngspice) or .net (LTspice).",
        ),
    ] = None

    def check(self) -> None:
        """Raise `InputError` for an option that does not go with the transient."""
        given = {"--from": self.before, "--to": self.after, "--ramp": self.ramp}
        given["--steps"] = None if self.steps is None else str(self.steps)
        if self.kind is None and self.closed_loop:
            raise InputError("--closed-loop means nothing without --transient.")
        if self.crossover is not None and not self.closed_loop:
            raise InputError("--crossover means nothing without --closed-loop.")
        fitting = {
            None: (),
            "start-up": ("--ramp", "--steps"),
            "load-step": ("--from", "--to", "--steps"),
            "line-step": ("--from", "--to", "--steps"),
        }[self.kind]
        for option, value in given.items():
            if value is not None and self.closed_loop and option in _OPEN_LOOP:
                raise InputError(f"{option} means nothing with --closed-loop.")
            if value is not None and option not in fitting:
                what = "without --transient" if self.kind is None else f"for a {self.kind}"
                raise InputError(f"{option} means nothing {what}.")
        if self.output is None:
            return
        if self.kind is None:
            raise InputError("--output means nothing without --transient; see 'arcs export'.")
        if self.output.suffix not in _FORMS:
            raise InputError(
                f"--output: the ending of {self.output.name} says nothing about its form; it must "
                f"be one of {', '.join(_FORMS)}."
            )


def simulate_transient(given: Design, asked: TransientOptions) -> tuple["TransientReport", str]:
    """Simulate a transient of a design and write its file; return what came of it, and its text."""
    # The compiled solver takes a moment to import; bad input is refused before that.
    from arcs_engine.analysis import transients  # noqa: PLC0415

    plan = _plan(given, asked)
    prepare_solver()
    with ProgressLine() as line:
        found = transients.simulate(plan, control(line), steps=asked.steps or transients.STEPS)
    simulated = _Simulated(plan, found)
    if asked.output is not None:
        design_file.write(asked.output, _FORMS[asked.output.suffix](simulated).encode())
    return found.report, simulated.text()


def _plan(given: Design, asked: TransientOptions) -> "Plan":
    from arcs_engine.analysis import transients  # noqa: PLC0415

    before, after = asked.before, asked.after
    match asked.kind:
        case "load-step":
            return transients.load_step(
                given,
                0.1 if before is None else parse_fraction(before, "--from"),
                1.0 if after is None else parse_fraction(after, "--to"),
            )
        case "line-step":
            spec = given.spec
            return transients.line_step(
                given,
                spec.vin_min if before is None else parse_quantity(before, "V", "--from"),
                spec.vin_max if after is None else parse_quantity(after, "V", "--to"),
            )
    ramp = None if asked.ramp is None else parse_quantity(asked.ramp, "s", "--ramp")
    return transients.start_up(given, ramp)


@dataclass(frozen=True)
class _Simulated:
    """A transient with its plan, in the forms in which it is given."""

    plan: "Plan"
    found: "Transient"

    def picture(self) -> str:
        """Return the traces that matter, as SVG."""
        from arcs_engine.bench.reports import plot  # noqa: PLC0415

        declared = topology(self.plan.design.spec.topology)
        panes = ["v(out)", f"i({declared.main_inductor})"]
        extra = {"load-step": "i(Rload)", "line-step": "v(in)"}.get(self.plan.kind)
        waveforms = self.found.waveforms.thinned(_PICTURE_POINTS)
        return plot.svg(waveforms, [*panes, *([extra] if extra else [])], self.plan.title)

    def table(self) -> str:
        """Return every trace as CSV."""
        from arcs_engine.analysis import exports  # noqa: PLC0415

        return exports.table(self.found.waveforms.thinned(_TABLE_POINTS))

    def ngspice(self) -> str:
        """Return ngspice's deck."""
        from arcs_engine.analysis import transients  # noqa: PLC0415

        return transients.deck(self.plan)

    def ltspice(self) -> str:
        """Return LTspice's deck."""
        from arcs_engine.analysis import transients  # noqa: PLC0415

        return transients.deck(self.plan, "ltspice")

    def text(self) -> str:
        """Return the figures, a line each."""
        report = self.found.report
        lines = [
            self.plan.title,
            f"Duty {report.duty:.4g}, {report.periods} periods in {report.seconds:.1f} s",
            *(_stage_line(stage) for stage in report.stages),
            *(
                f"{name}: peak {format_quantity(peak.peak, 'A')}"
                + ("" if peak.saturation is None else f", saturation {peak.saturation:g} A")
                for name, peak in report.inductors.items()
            ),
        ]
        return "\n".join([*lines, *report.warnings])


_FORMS: Final[dict[str, Callable[[_Simulated], str]]] = {
    ".svg": _Simulated.picture,
    ".csv": _Simulated.table,
    ".cir": _Simulated.ngspice,
    ".net": _Simulated.ltspice,
}
"""What each ending of ``--output`` asks for: picture, table, ngspice's deck, LTspice's deck."""


def _stage_line(stage: "StageResult") -> str:
    settling = (
        "did not settle"
        if stage.settle_time is None
        else f"settled after {format_quantity(stage.settle_time, 's')}"
    )
    return (
        f"{stage.name}: {settling}, overshoot {format_quantity(stage.overshoot, 'V')}, undershoot "
        f"{format_quantity(stage.undershoot, 'V')}, ended at {format_quantity(stage.vout, 'V')} "
        f"({stage.distance:.2%} from the solved {format_quantity(stage.vout_solved, 'V')})"
    )
