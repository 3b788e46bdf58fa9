"""``arcs simulate --transient``: start-up, load step and line step in ngspice."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from arcs_engine.analysis import design_file
from arcs_engine.circuits.topologies import topology
from arcs_engine.cli.output import ProgressLine, control, emit, prepare_solver, say
from arcs_engine.foundation.errors import InputError
from arcs_engine.foundation.units import format_quantity, parse_fraction, parse_quantity
from arcs_engine.performance.design import Design

if TYPE_CHECKING:
    from arcs_engine.analysis.transient_figures import StageResult, Transient, TransientReport
    from arcs_engine.analysis.transients import Plan

Kind = Literal["start-up", "load-step", "line-step"]

_PICTURE_POINTS: Final = 1200
_TABLE_POINTS: Final = 20_000


@dataclass(frozen=True)
class Request:
    """The options of a transient as they were typed; None where they were not.

    Attributes:
        kind: which; None for no transient.
        before: ``--from``.
        after: ``--to``.
        ramp: ``--ramp``.
        steps: ``--steps``.
        output: ``--output``.
    """

    kind: Kind | None
    before: str | None
    after: str | None
    ramp: str | None
    steps: int | None
    output: Path | None

    def check(self) -> None:
        """Raise `InputError` for an option that does not go with the transient."""
        given = {"--from": self.before, "--to": self.after, "--ramp": self.ramp}
        given["--steps"] = None if self.steps is None else str(self.steps)
        fitting = {
            None: (),
            "start-up": ("--ramp", "--steps"),
            "load-step": ("--from", "--to", "--steps"),
            "line-step": ("--from", "--to", "--steps"),
        }[self.kind]
        for option, value in given.items():
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


def simulate_transient(given: Design, request: Request, *, as_json: bool) -> None:
    """Simulate a transient of a design, and print or write what came of it."""
    # The compiled solver takes a moment to import; bad input is refused before that.
    from arcs_engine.analysis import transients  # noqa: PLC0415

    plan = _plan(given, request)
    prepare_solver()
    with ProgressLine() as line:
        found = transients.simulate(plan, control(line), steps=request.steps or transients.STEPS)
    if request.output is not None:
        text = _FORMS[request.output.suffix](plan, found)
        design_file.write(request.output, text.encode())
    if as_json:
        emit(found.report)
    else:
        say(_text(plan, found.report))


def _plan(given: Design, request: Request) -> "Plan":
    from arcs_engine.analysis import transients  # noqa: PLC0415

    before, after = request.before, request.after
    match request.kind:
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
    ramp = None if request.ramp is None else parse_quantity(request.ramp, "s", "--ramp")
    return transients.start_up(given, ramp)


def _picture(plan: "Plan", found: "Transient") -> str:
    from arcs_engine.bench.reports import plot  # noqa: PLC0415

    declared = topology(plan.design.spec.topology)
    panes = ["v(out)", f"i({declared.main_inductor})"]
    extra = {"load-step": "i(Rload)", "line-step": "v(in)"}.get(plan.kind)
    return plot.svg(
        found.waveforms.thinned(_PICTURE_POINTS), [*panes, *([extra] if extra else [])], plan.title
    )


def _table(plan: "Plan", found: "Transient") -> str:
    from arcs_engine.analysis import exports  # noqa: PLC0415

    return exports.table(found.waveforms.thinned(_TABLE_POINTS))


def _ngspice(plan: "Plan", found: "Transient") -> str:
    from arcs_engine.analysis import transients  # noqa: PLC0415

    return transients.deck(plan)


def _ltspice(plan: "Plan", found: "Transient") -> str:
    from arcs_engine.analysis import transients  # noqa: PLC0415

    return transients.deck(plan, "ltspice")


_FORMS: Final[dict[str, Callable[["Plan", "Transient"], str]]] = {
    ".svg": _picture,
    ".csv": _table,
    ".cir": _ngspice,
    ".net": _ltspice,
}
"""What each ending of ``--output`` asks for: picture, table, ngspice's deck, LTspice's deck."""


def _text(plan: "Plan", report: "TransientReport") -> str:
    lines = [
        plan.title,
        f"Duty {report.duty:.4g}, {report.periods} periods in {report.seconds:.1f} s",
        *(_stage_line(stage) for stage in report.stages),
        *(
            f"{name}: peak {format_quantity(peak.peak, 'A')}"
            + ("" if peak.saturation is None else f", saturation {peak.saturation:g} A")
            for name, peak in report.inductors.items()
        ),
    ]
    return "\n".join([*lines, *report.warnings])


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
