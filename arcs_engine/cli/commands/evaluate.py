"""``arcs evaluate``: what a model is worth beside other methods, under one judge."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from arcs_engine.analysis import design_file
from arcs_engine.cli import options
from arcs_engine.cli.output import ProgressLine, control, emit, prepare_solver, say, warn
from arcs_engine.foundation.errors import InputError

_DRAWN = 20
"""Specs for each topology where neither a file nor a count is given."""

_MOST = 1_000_000
"""Specs, evaluations or designs that an option may ask for."""

_MOST_DRAWN = 10_000
"""Designs that a model draws at once for a spec."""

_STRONGEST = 100.0


def evaluate(
    specs: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FILE",
            help="Specs as a JSON list; default: freshly drawn ones of a track.",
        ),
    ] = None,
    track: Annotated[
        str, typer.Option(help="Draw specs of track A, B (nominal) or C (wide ranges).")
    ] = "C",
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=_MOST,
            help="Specs for each topology: the first of the file, or drawn; default: the whole "
            f"file, or {_DRAWN}.",
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FOLDER",
            help="Folder of a model; default: the shipped one.",
        ),
    ] = None,
    guidance: Annotated[
        str | None,
        typer.Option(
            help="How strongly the likeliest and the drawn designs are led away from failures, "
            "such as 2,0; default: as in a proposal."
        ),
    ] = None,
    best_of: Annotated[
        str, typer.Option("--best-of", help="Designs that the model draws, such as 1,8,32.")
    ] = "3,8,32",
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Judge textbook, random and genetic search too.")
    ] = False,
    evaluations: Annotated[
        int,
        typer.Option(min=1, max=_MOST, help="Budget of the genetic algorithm among the baselines."),
    ] = 2000,
    reference: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FILE",
            help="Reference optima, from python -m arcs_engine.bench.reports.optimum.",
        ),
    ] = None,
    confirm: Annotated[
        int, typer.Option(min=0, max=_MOST, help="Designs of the best row that ngspice simulates.")
    ] = 0,
    structure: Annotated[
        int, typer.Option(min=0, max=_MOST, help="Samples of each kind whose structure is checked.")
    ] = 0,
    auto: Annotated[
        int | None,
        typer.Option(
            min=1, max=_MOST, help="Instead, on so many specs: does auto choose the best topology?"
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
    """Judge a model on specs it never saw: passes, cost, confirmation, latency, by topology."""
    counts = _counts(best_of)
    strengths = None if guidance is None else _strengths(guidance)
    if track not in ("A", "B", "C"):
        raise InputError(f"--track is '{track}'; there are A, B and C.")
    if auto is not None:
        _auto(auto, model, output, seed, as_json)
        return
    # torch and the compiled solver take a second to import; bad input is refused before that.
    from arcs_engine.learning.model_evaluation import report, tasks  # noqa: PLC0415
    from arcs_engine.learning.model_evaluation.references import read as read_references  # noqa: PLC0415
    from arcs_engine.model.guidance import Guidance  # noqa: PLC0415
    from arcs_engine.model.model import load  # noqa: PLC0415

    if specs is None:
        chosen = tasks.draw(track, count or _DRAWN, seed)
    else:
        chosen = tasks.read(specs)
        chosen = chosen if count is None else tasks.first_of_each(chosen, count)
    loaded = load(model)
    if strengths is not None:
        loaded = replace(loaded, guidance=Guidance(*strengths))
    known = [task for task in chosen if task.spec.topology in loaded.card.topologies]
    if len(known) < len(chosen):
        left = sorted({t.spec.topology for t in chosen} - set(loaded.card.topologies))
        warn(f"the model {loaded.name} was not trained on {', '.join(left)}; these are left out.")
    if not known:
        raise InputError(f"The model {loaded.name} was trained on none of these topologies.")
    optima = {} if reference is None else read_references(reference, known)
    prepare_solver()
    with ProgressLine() as line:
        found = report.evaluate_model(
            loaded,
            known,
            best_of=counts,
            baselines=evaluations if baselines else None,
            confirmations=confirm,
            structures=structure,
            optima=optima,
            seed=seed,
            control=control(line),
        )
    if not found.model.physics_matches:
        warn(f"the model {loaded.name} was trained with another version of the physics.")
    _give(found, report.markdown(found), output, as_json)


def _auto(count: int, folder: Path | None, output: Path | None, seed: int, as_json: bool) -> None:
    from arcs_engine.learning.model_evaluation import auto  # noqa: PLC0415
    from arcs_engine.model.model import load  # noqa: PLC0415

    loaded = load(folder)
    prepare_solver()
    with ProgressLine() as line:
        found = auto.judge_auto(loaded, count, seed, control(line))
    _give(found, auto.markdown(found), output, as_json)


def _give(found: Struct, text: str, output: Path | None, as_json: bool) -> None:
    if output is not None:
        design_file.write(output, text.encode())
    if as_json:
        emit(found)
    else:
        say(text)


def _counts(text: str) -> list[int]:
    """Read a list of counts such as ``1,8,32``."""
    try:
        counts = sorted({int(part) for part in text.split(",")})
    except ValueError as problem:
        raise InputError(f"--best-of is '{text}'; it takes counts such as 1,8,32.") from problem
    if not 1 <= counts[0] <= counts[-1] <= _MOST_DRAWN:
        raise InputError(f"--best-of is '{text}'; each count must be from 1 to {_MOST_DRAWN}.")
    return counts


def _strengths(text: str) -> tuple[float, float]:
    """Read two strengths of guidance such as ``2,0``."""
    wanted = (
        f"--guidance is '{text}'; it takes two numbers of at least 0, at most {_STRONGEST:g}, "
        "such as 2,0."
    )
    try:
        likeliest, drawn = (float(part) for part in text.split(","))
    except ValueError as problem:
        raise InputError(wanted) from problem
    if not all(0 <= each <= _STRONGEST for each in (likeliest, drawn)):
        raise InputError(wanted)
    return likeliest, drawn
