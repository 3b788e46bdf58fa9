"""``arcs design``: from a spec to a ranked shortlist."""

from pathlib import Path
from typing import Annotated

import typer

from arcs_engine.analysis import design_file
from arcs_engine.circuits.captions import value_texts
from arcs_engine.circuits.spec import AUTO
from arcs_engine.circuits.topologies import variant_of
from arcs_engine.cli import options, tables
from arcs_engine.cli.output import ProgressLine, control, emit, prepare_solver, say, warn
from arcs_engine.performance.candidate import Shortlist


def design(
    vin: Annotated[str, typer.Option(help="Input voltage: 12, 12±10% or 9-36.")],
    vout: Annotated[str, typer.Option(help="Output voltage, as a magnitude.")],
    iout: Annotated[str, typer.Option(help="Full-load output current.")],
    fsw: Annotated[str, typer.Option(help="Switching frequency, such as 300k.")],
    topology: Annotated[str, typer.Option(help="A topology such as buck, or auto.")] = AUTO,
    variant: Annotated[
        str | None,
        typer.Option(help="Variant of the topology: synchronous, or coupled (inductors)."),
    ] = None,
    vin_min: Annotated[str | None, typer.Option(help="Lowest input; default: the nominal.")] = None,
    vin_max: Annotated[
        str | None, typer.Option(help="Highest input; default: the nominal.")
    ] = None,
    ripple: Annotated[
        str, typer.Option(help="Output ripple, peak to peak: 1%, 0.01 or 50mV.")
    ] = "1%",
    efficiency: Annotated[str | None, typer.Option(help="Desired efficiency, such as 90%.")] = None,
    polarity: Annotated[
        str, typer.Option(help="Sign of the output that auto may choose: positive, negative, any.")
    ] = "positive",
    isolated: Annotated[bool, typer.Option(help="auto chooses isolated topologies only.")] = False,
    weight: Annotated[
        float, typer.Option(help="1 ranks by loss alone, 0 by stored energy (size) alone.")
    ] = 0.5,
    lock: Annotated[
        list[str] | None, typer.Option(help="A value that the proposals must keep, such as L1=22u.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="Number of candidates.")] = 8,
    verify: Annotated[
        bool, typer.Option("--verify", help="Let ngspice simulate each candidate.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=options.output_file,
            metavar="FILE",
            help="Write the shortlist to this file.",
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how the textbook design was calculated.")
    ] = False,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Propose component values for a spec, check each and rank them."""
    if variant is not None:
        topology = variant_of(topology, variant)
    spec = options.read_spec(
        topology=topology,
        vin=vin,
        vin_min=vin_min,
        vin_max=vin_max,
        vout=vout,
        iout=iout,
        fsw=fsw,
        ripple=ripple,
        efficiency=efficiency,
        polarity=polarity,
        isolated=isolated,
        weight=weight,
    )
    locks = options.read_locks(lock or [], topology)
    options.warn_outside_training(spec)
    # torch and the compiled solver take a second to import; bad input is refused before that.
    from arcs_engine.performance.warm import is_warm  # noqa: PLC0415
    from arcs_engine.sizing.proposal import textbook_design  # noqa: PLC0415
    from arcs_engine.sizing.shortlist import shortlist  # noqa: PLC0415

    if not is_warm():
        declared, values = textbook_design(spec)
        shown = ", ".join(value_texts(declared, values))
        warn(f"the textbook {declared.title}, not solved yet: {shown}")
        prepare_solver()
    with ProgressLine() as line:
        found = shortlist(
            spec, count=count, seed=seed, locks=locks, verified=verify, control=control(line)
        )
    if found.model is not None and not found.model.physics_matches:
        warn(
            f"the model {found.model.name} was trained with another version of the physics; its "
            "proposals are checked by this one, but may be worse."
        )
    _give(found, output, as_json, explain)
    if not any(candidate.meets_spec for candidate in found.candidates or (found.textbook,)):
        _say_why(found, locks)
        raise typer.Exit(1)


def _give(found: Shortlist, output: Path | None, as_json: bool, explain: bool) -> None:
    stored = design_file.stored(found)
    if output is not None:
        design_file.write(output, design_file.encode(stored))
    if as_json:
        emit(stored)
    else:
        say(tables.shortlist(found))
        if explain:
            say(tables.textbook_design(found.spec, found.textbook.topology))


def _say_why(found: Shortlist, locks: dict[str, float]) -> None:
    """Say on stderr what each design of a list fails by, and what would help."""
    from arcs_engine.sizing.advice import advice  # noqa: PLC0415

    warn("No candidate meets the spec.")
    for line in tables.first_reasons(found):
        warn(line)
    with ProgressLine() as line_of_progress:
        sentences = advice(found, locks=locks, control=control(line_of_progress))
    for sentence in sentences:
        warn(sentence)
