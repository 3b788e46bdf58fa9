"""``arcs example``: the built-in example, from spec to files, without a window."""

from pathlib import Path
from typing import Annotated

import typer

from arcs_engine.cli import options
from arcs_engine.cli.groups import grouped
from arcs_engine.cli.output import ProgressLine, control, prepare_solver


@grouped
def example(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            parser=options.named_path,
            metavar="FOLDER",
            help="Folder for the results.",
        ),
    ] = Path("arcs-output"),
    *,
    answer: options.AnswerOptions,
) -> None:
    """Design a buck converter (12 V to 5 V, 2 A, 300 kHz, 1 %) and leave its files in a folder."""
    from arcs_engine.bench.reports.example import design_example  # noqa: PLC0415 - imports torch

    prepare_solver()
    with ProgressLine() as line:
        report = design_example(output, seed=answer.seed, control=control(line))
    files = [f"  {file}: {content}" for file, content in report.files.items()]
    summary = f"{report.summary}\nThe results are in {report.folder}:"
    answer.give(report, "\n".join([summary, *files]))
