"""``arcs export``: a design as a file for another program."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
import typer

from arcs_engine.analysis import design_file
from arcs_engine.cli import options
from arcs_engine.cli.groups import grouped
from arcs_engine.cli.output import emit, prepare_solver, print_raw
from arcs_engine.foundation.errors import InputError
from arcs_engine.performance.design import Design

Format = Literal["ngspice", "ltspice", "bom", "svg", "csv"]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What ``arcs export --json`` says: which file was written, and in which form."""

    format: Format
    output: str


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """Where the file goes, and whether it is told as JSON."""

    output: options.Output = None
    answer: options.AnswerOptions


@grouped
def export(
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="SPICE deck, bill of materials (bom), schematic (svg), waveforms (csv).",
        ),
    ] = "ngspice",
    *,
    stored: options.StoredDesignOptions,
    file: FileOptions,
) -> None:
    """Write a design as a SPICE deck, a bill of materials, a schematic or waveforms."""
    output, as_json = file.output, file.answer.as_json
    if as_json and output is None:
        raise InputError("--json needs -o FILE here, because stdout would hold two documents.")
    given = stored.read()
    if form != "svg":
        prepare_solver()
    text = _text(given, form)
    if output is None:
        print_raw(text)
        return
    design_file.write(output, text.encode())
    if as_json:
        emit(Export(format=form, output=str(output.resolve())))


def _text(design: Design, form: Format) -> str:
    # The compiled solver takes a moment to import; bad input is refused before that.
    from arcs_engine.analysis import exports  # noqa: PLC0415

    match form:
        case "svg":
            return exports.drawing(design)
        case "bom":
            return exports.bill_of_materials(design)
        case "csv":
            return exports.waveforms(design)
        case _:
            return exports.deck(design, form)
