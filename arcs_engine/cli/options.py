"""Options that several commands share, and the spec that they make."""

import dataclasses
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from arcs_engine.analysis.design_file import read_duty
from arcs_engine.circuits.settings import parse_assignments, value_names
from arcs_engine.circuits.spec import AUTO, TRAINED_FSW_RANGE, Polarity, Spec
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.cli.output import warn
from arcs_engine.foundation.bounds import LARGEST_SEED
from arcs_engine.foundation.errors import DesignError, SpecError
from arcs_engine.foundation.units import (
    format_quantity,
    parse_fraction,
    parse_quantity,
    parse_range,
    parse_share,
)
from arcs_engine.performance.design import Design
from arcs_engine.sizing.refusals import fitting


def named_path(text: str) -> Path:
    """Return the path that an option names; an empty one would mean the current folder."""
    if not text.strip():
        raise typer.BadParameter("it is empty; name a file or folder.")
    return Path(text)


def output_file(text: str) -> Path:
    """Return where an answer is to be written, and refuse before the work what cannot be."""
    path = named_path(text)
    try:
        is_folder, has_folder = path.is_dir(), path.parent.is_dir()
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be written: {error.strerror}.") from error
    if is_folder:
        raise typer.BadParameter(f"{path} cannot be written: it is a folder.")
    if not has_folder:
        raise typer.BadParameter(f"{path} cannot be written: there is no folder {path.parent}.")
    return path


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Seed = Annotated[
    int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Makes the answer repeatable.")
]
Resume = Annotated[str | None, typer.Option(help="Continue the run of this name.")]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust", help="Also resume a run that reads or writes outside the folder of runs."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        parser=output_file,
        metavar="FILE",
        help="Write to this file; default stdout.",
    ),
]
Rank = Annotated[
    int, typer.Option("--rank", min=0, help="Candidate of the shortlist; 0 is the textbook design.")
]
DesignArgument = Annotated[
    Path,
    typer.Argument(
        parser=named_path,
        metavar="FILE",
        help="What 'arcs design -o FILE' wrote, or one design.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="A design value (L1=22u) or part parameter (diode.vf=0.4)."),
]


def read_spec(
    *,
    topology: str,
    vin: str,
    vin_min: str | None,
    vin_max: str | None,
    vout: str,
    iout: str,
    fsw: str,
    ripple: str,
    efficiency: str | None,
    polarity: str,
    isolated: bool,
    weight: float,
) -> Spec:
    """Return the spec that the options of ``arcs design`` make; errors name the option.

    Raises:
        QuantityError: for an option that cannot be read.
        SpecError: for one that cannot be, or that no design can meet.
    """
    if topology != AUTO:
        registered(topology)  # a topology that is not there comes before the numbers
    low, nominal, high = parse_range(vin, "V", "--vin")
    if polarity not in get_args(Polarity):
        raise DesignError(f"--polarity: '{polarity}' is not positive, negative or any.")
    magnitude = parse_quantity(vout, "V", "--vout")
    try:
        spec = Spec(
            topology=topology,
            vin=nominal,
            vin_min=low if vin_min is None else parse_quantity(vin_min, "V", "--vin-min"),
            vin_max=high if vin_max is None else parse_quantity(vin_max, "V", "--vin-max"),
            vout=magnitude,
            iout=parse_quantity(iout, "A", "--iout"),
            fsw=parse_quantity(fsw, "Hz", "--fsw"),
            ripple=parse_share(ripple, magnitude, "V", "--ripple"),
            efficiency=None if efficiency is None else parse_fraction(efficiency, "--efficiency"),
            polarity=cast(Polarity, polarity),
            isolated=isolated,
            weight=weight,
        )
    except SpecError as error:
        raise SpecError(_with_option(str(error), error.field), error.field) from error
    fitting(spec)
    return spec


def read_locks(texts: list[str], topology: str) -> dict[str, float]:
    """Return the values that ``--lock`` gives, SI.

    Raises:
        DesignError: for a name that no topology under consideration has.
        QuantityError: for a value that cannot be read.
    """
    considered = list(REGISTRY.values()) if topology == AUTO else [registered(topology)]
    locks: dict[str, float] = {}
    for text in texts:
        name = text.partition("=")[0].strip()
        owner = next((t for t in considered if name in value_names(t)), considered[0])
        if name not in value_names(owner):
            raise DesignError(
                f"--lock: '{text}' does not name a design value; the {owner.title} has "
                f"{', '.join(value_names(owner))}."
            )
        locks |= parse_assignments([text], owner, "--lock").values
    return locks


def with_settings(given: Design, settings: list[str] | None, duty: str | None = None) -> Design:
    """Return a design of a file with the values, parameters and duty of the command line.

    Raises:
        InputError: for a setting that cannot be.
    """
    changed = parse_assignments(settings or [], registered(given.spec.topology), "--set")
    return dataclasses.replace(
        given,
        values=given.values | changed.values,
        overrides=given.overrides | changed.overrides,
        duty=given.duty if duty is None else read_duty(duty, "--duty"),
    )


def warn_outside_training(spec: Spec) -> None:
    """Say on stderr when the model proposes beyond what it was trained on."""
    low, high = TRAINED_FSW_RANGE
    if not low <= spec.fsw <= high:
        warn(
            f"fsw {format_quantity(spec.fsw, 'Hz')} is outside the {format_quantity(low, 'Hz')} to "
            f"{format_quantity(high, 'Hz')} that the model was trained on; check its proposals "
            "against the textbook design."
        )


def _with_option(message: str, field: str | None) -> str:
    """Begin a spec's message with the option's name in place of the field's."""
    if field is None or not message.startswith(field):
        return message
    return f"--{field.replace('_', '-')}{message.removeprefix(field)}"
