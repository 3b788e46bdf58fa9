"""``arcs simulate --transient KIND --closed-loop``: the same with the output regulated."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from arcs_engine.analysis import design_file
from arcs_engine.circuits.topologies import topology
from arcs_engine.cli.output import ProgressLine, control, prepare_solver
from arcs_engine.foundation.units import format_quantity, parse_fraction, parse_quantity
from arcs_engine.performance.design import Design

if TYPE_CHECKING:
    from arcs_engine.analysis.closed_loop import ClosedLoopPlan, Disturbance
    from arcs_engine.analysis.closed_loop_report import ClosedLoopReport
    from arcs_engine.cli.commands.transient import TransientOptions
    from arcs_engine.simulation.closed_loop import Answer

_PICTURE_POINTS: Final = 1200
_TABLE_POINTS: Final = 20_000


def simulate_closed_loop(
    given: Design, asked: "TransientOptions", prove: bool
) -> tuple["ClosedLoopReport", str]:
    """Run a transient with the loop closed and write its file.

    Args:
        given: the design.
        asked: which transient.
        prove: whether ngspice shall run it too.

    Returns:
        What came of it, and its text.
    """
    # The compiled solver takes a moment to import; bad input is refused before that.
    crossover = asked.crossover
    wanted = None if crossover is None else parse_quantity(crossover, "Hz", "--crossover")
    disturbance = _disturbance(given, asked)
    prepare_solver()
    from arcs_engine.analysis import closed_loop, regulation  # noqa: PLC0415
    from arcs_engine.analysis.closed_loop_report import report  # noqa: PLC0415

    chosen = regulation.textbook_regulation(given, wanted)
    planned = closed_loop.plan(given, chosen, disturbance)
    with ProgressLine() as line:
        proof = closed_loop.prove(planned, control(line)) if prove else None
    found, answer = report(planned, proof)
    if asked.output is not None:
        written = FORMS[asked.output.suffix](_Run(planned, answer))
        design_file.write(asked.output, written.encode())
    return found, _text(planned, found)


def _disturbance(given: Design, asked: "TransientOptions") -> "Disturbance":
    from arcs_engine.analysis.closed_loop import Disturbance  # noqa: PLC0415

    spec = given.spec
    if asked.kind == "load-step":
        first, last = spec.load_step
        return Disturbance(
            "load-step",
            first if asked.before is None else parse_fraction(asked.before, "--from"),
            last if asked.after is None else parse_fraction(asked.after, "--to"),
        )
    if asked.kind == "line-step":
        return Disturbance(
            "line-step",
            spec.vin_min if asked.before is None else parse_quantity(asked.before, "V", "--from"),
            spec.vin_max if asked.after is None else parse_quantity(asked.after, "V", "--to"),
        )
    return Disturbance("start-up")


@dataclass(frozen=True)
class _Run:
    """An exact run with its plan, in the forms in which it is given."""

    planned: "ClosedLoopPlan"
    answer: "Answer"

    def picture(self) -> str:
        """Return the traces that matter, as SVG."""
        from arcs_engine.analysis.closed_loop_report import waveforms  # noqa: PLC0415
        from arcs_engine.bench.reports import plot  # noqa: PLC0415

        declared = topology(self.planned.design.spec.topology)
        panes = ["v(out)", f"i({declared.main_inductor})", "v(control)"]
        shown = waveforms(self.planned, self.answer).thinned(_PICTURE_POINTS)
        return plot.svg(shown, panes, self.planned.title)

    def table(self) -> str:
        """Return every trace as CSV."""
        from arcs_engine.analysis import exports  # noqa: PLC0415
        from arcs_engine.analysis.closed_loop_report import waveforms  # noqa: PLC0415

        return exports.table(waveforms(self.planned, self.answer).thinned(_TABLE_POINTS))

    def ngspice(self) -> str:
        """Return ngspice's deck."""
        from arcs_engine.analysis import closed_loop  # noqa: PLC0415

        return closed_loop.deck(self.planned).text()

    def ltspice(self) -> str:
        """Return LTspice's deck."""
        from arcs_engine.analysis import closed_loop  # noqa: PLC0415

        return closed_loop.deck(self.planned, "ltspice").text()


FORMS: Final[dict[str, Callable[[_Run], str]]] = {
    ".svg": _Run.picture,
    ".csv": _Run.table,
    ".cir": _Run.ngspice,
    ".net": _Run.ltspice,
}
"""What each ending of ``--output`` asks for: picture, table, ngspice's deck, LTspice's deck."""


def _text(planned: "ClosedLoopPlan", found: "ClosedLoopReport") -> str:
    """Return the figures, a line each."""
    regulation, figures = planned.regulation, found.figures
    parts = ", ".join(
        f"{name} {format_quantity(found.parts[part.name], part.unit)}"
        for part in regulation.compensator.parts
        if (name := part.name) in found.parts
    )
    settling = figures["settling"]
    lines = [
        planned.title,
        f"{found.control} mode, {regulation.compensator.title} for a crossover of "
        f"{format_quantity(found.crossover, 'Hz')}: {parts}",
        f"Mean of the output: deviation {format_quantity(figures['deviation'] or 0.0, 'V')}, "
        f"undershoot {format_quantity(figures['undershoot'] or 0.0, 'V')}, overshoot "
        f"{format_quantity(figures['overshoot'] or 0.0, 'V')}, "
        + (
            "not settled" if settling is None else f"settled after {format_quantity(settling, 's')}"
        ),
        f"Duty at a limit in {figures['saturated']} of {found.periods} periods",
    ]
    if found.ngspice is not None:
        agrees = "agrees" if found.ngspice.agrees else "does not agree"
        lines.append(
            f"ngspice {agrees}: its extremes lie {format_quantity(found.ngspice.distance, 'V')} "
            f"away, {format_quantity(found.ngspice.allowed, 'V')} are allowed"
        )
    return "\n".join(lines)
