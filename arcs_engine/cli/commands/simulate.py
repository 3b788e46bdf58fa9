"""``arcs simulate``: one design whose values are given."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import typer

from arcs_engine.analysis import design_file
from arcs_engine.circuits.spec import Spec
from arcs_engine.cli import options, tables
from arcs_engine.cli.commands.closed_loop import simulate_closed_loop
from arcs_engine.cli.commands.transient import TransientOptions, simulate_transient
from arcs_engine.cli.groups import grouped
from arcs_engine.cli.output import ProgressLine, control, prepare_solver
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import InfeasibleError, SpiceFailedError
from arcs_engine.performance.bill import Part
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.design import Design

Engine = Literal["steady", "ngspice"]


class Simulation(Candidate, frozen=True, kw_only=True):
    """The answer of ``arcs simulate``: a candidate with what it was judged against.

    Attributes:
        engine: who solved it; with ``ngspice`` what a simulation measures (output, mode, ripples,
            simulated losses and efficiency, balances) is ngspice's, the rest (modelled losses,
            stress, energy, corners) the solver's.
        spec: what the design must do.
        parts: what the design is made of, and what each part must stand.
    """

    engine: Engine
    spec: Spec
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class SolutionOptions:
    """Which design is solved, with which duty, and who solves it."""

    changed: options.ChangedDesignOptions
    duty: Annotated[
        str | None, typer.Option(help="Fixed duty, such as 0.42 or 42%; default: solved for Vout.")
    ] = None
    engine: Annotated[Engine, typer.Option(help="What solves the design.")] = "steady"

    def read(self) -> Design:
        """Return the design as it was changed.

        Raises:
            FileError: the file cannot be read or understood.
            InputError: for entries, settings or a duty that cannot be.
        """
        given = self.changed.read()
        if self.duty is None:
            return given
        return replace(given, duty=design_file.read_duty(self.duty, "--duty"))


@grouped
def simulate(
    solution: SolutionOptions,
    transient: TransientOptions,
    parts: Annotated[
        bool, typer.Option("--parts", help="List every part with chosen and derived values.")
    ] = False,
    *,
    answer: options.AnswerOptions,
) -> None:
    """Solve one design's steady state and judge it against its spec, or simulate a transient."""
    transient.check()
    given = solution.read()
    if transient.closed_loop:
        answer.give(*simulate_closed_loop(given, transient, solution.engine == "ngspice"))
        return
    if transient.kind is not None:
        answer.give(*simulate_transient(given, transient))
        return
    prepare_solver()
    with ProgressLine() as line:
        candidate = _solved(given, solution.engine, control(line))
    listed = _parts(given)
    fields = {name: getattr(candidate, name) for name in Candidate.__struct_fields__}
    text = tables.operating_point(given.spec, candidate)
    answer.give(
        Simulation(engine=solution.engine, spec=given.spec, parts=listed, **fields),
        f"{text}\n{tables.parts(listed)}" if parts else text,
    )


def _parts(given: Design) -> tuple[Part, ...]:
    from arcs_engine.performance.parts_list import parts_of  # noqa: PLC0415

    return parts_of(given)


def _solved(given: Design, engine: Engine, control: Control) -> Candidate:
    """Return the judged design, with ngspice's figures in place of the solver's if it is asked."""
    # The compiled solver takes a moment to import; bad input is refused before that.
    from arcs_engine.analysis.verification import measured, verify  # noqa: PLC0415
    from arcs_engine.performance.candidates import evaluate  # noqa: PLC0415
    from arcs_engine.performance.regulation import with_corners  # noqa: PLC0415

    candidate = evaluate(given)
    if candidate.metrics is None:
        raise InfeasibleError(" ".join(candidate.reasons))
    (candidate,) = with_corners(given.spec, [candidate])
    if engine == "steady":
        return candidate
    confirmation, waveforms = verify(given.spec, candidate, control)
    if not confirmation.steady:
        raise SpiceFailedError(
            "ngspice did not stay in the steady state that it was started from, so its figures "
            f"mean nothing (charge balance {confirmation.charge_balance:.2%}, flux balance "
            f"{confirmation.flux_balance:.2%}); the steady engine's do."
        )
    return measured(given.spec, candidate, confirmation, waveforms)
