"""``arcs simulate``: one design whose values are given."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from arcs_engine.analysis import design_file
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.cli import options, tables
from arcs_engine.cli.commands.transient import Kind, Request, simulate_transient
from arcs_engine.cli.output import ProgressLine, control, emit, prepare_solver, say
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


def simulate(
    design: options.DesignArgument,
    settings: options.Settings = None,
    rank: options.Rank = 1,
    duty: Annotated[
        str | None, typer.Option(help="Fixed duty, such as 0.42 or 42%; default: solved for Vout.")
    ] = None,
    engine: Annotated[Engine, typer.Option(help="What solves the design.")] = "steady",
    transient: Annotated[
        Kind | None,
        typer.Option(help="A transient in ngspice instead, open loop at a fixed duty."),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option("--from", help="Load (10%) or input (9 V) before and after a step."),
    ] = None,
    after: Annotated[
        str | None, typer.Option("--to", help="Load (100%) or input (15 V) during a step.")
    ] = None,
    ramp: Annotated[
        str | None, typer.Option(help="Time over which the duty rises in a start-up, such as 2m.")
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=50, max=1000, help="Time steps per period of a transient; default 200."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=options.output_file,
            metavar="FILE",
            help="The transient as FILE.svg, .csv, .cir (ngspice) or .net (LTspice).",
        ),
    ] = None,
    parts: Annotated[
        bool, typer.Option("--parts", help="List every part with chosen and derived values.")
    ] = False,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Solve one design's steady state and judge it against its spec, or simulate a transient."""
    request = Request(transient, before, after, ramp, steps, output)
    request.check()
    given = options.with_settings(design_file.read(design, rank), settings, duty)
    if transient is not None:
        simulate_transient(given, request, as_json=as_json)
        return
    prepare_solver()
    with ProgressLine() as line:
        candidate = _solved(given, engine, control(line))
    listed = _parts(given)
    if as_json:
        fields = {name: getattr(candidate, name) for name in Candidate.__struct_fields__}
        emit(Simulation(engine=engine, spec=given.spec, parts=listed, **fields))
        return
    say(tables.operating_point(given.spec, candidate))
    if parts:
        say(tables.parts(listed))


def _parts(given: Design) -> tuple[Part, ...]:
    from arcs_engine.performance.parts_list import parts_of  # noqa: PLC0415

    return parts_of(given)


def _solved(given: Design, engine: Engine, control: Control) -> Candidate:
    """Return the judged design, with ngspice's figures in place of the solver's if it is asked."""
    # The compiled solver takes a moment to import; bad input is refused before that.
    from arcs_engine.analysis.verification import measured, verify  # noqa: PLC0415
    from arcs_engine.performance.regulation import with_corners  # noqa: PLC0415
    from arcs_engine.performance.verdict import evaluate  # noqa: PLC0415

    declared = topology(given.spec.topology)
    candidate = evaluate(
        given.spec, declared, given.values, overrides=given.overrides, duty=given.duty
    )
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
