"""The spec and the locks that the options of ``arcs design`` make."""

from dataclasses import dataclass
from typing import Annotated, cast, get_args

import typer

from arcs_engine.circuits.settings import parse_assignments, value_names
from arcs_engine.circuits.spec import AUTO, DEFAULT_WEIGHT, TRAINED_FSW_RANGE, Polarity, Spec
from arcs_engine.circuits.spec_entries import ENTRIES
from arcs_engine.circuits.topologies import REGISTRY, variant_of
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.cli.output import warn
from arcs_engine.foundation.errors import DesignError, SpecError
from arcs_engine.foundation.units import (
    format_quantity,
    parse_fraction,
    parse_quantity,
    parse_range,
    parse_share,
)
from arcs_engine.sizing.refusals import fitting


@dataclass(frozen=True, kw_only=True)
class SpecOptions:
    """What the supply must do, as it was typed."""

    vin: Annotated[str, typer.Option(help="Input voltage: 12, 12±10% or 9-36.")]
    vout: Annotated[str, typer.Option(help="Output voltage, as a magnitude.")]
    iout: Annotated[str, typer.Option(help="Full-load output current.")]
    fsw: Annotated[str, typer.Option(help="Switching frequency, such as 300k.")]
    topology: Annotated[str, typer.Option(help="A topology such as buck, or auto.")] = AUTO
    variant: Annotated[
        str | None,
        typer.Option(help="Variant of the topology: synchronous, or coupled (inductors)."),
    ] = None
    vin_min: Annotated[str | None, typer.Option(help="Lowest input; default: the nominal.")] = None
    vin_max: Annotated[str | None, typer.Option(help="Highest input; default: the nominal.")] = None
    ripple: Annotated[str, typer.Option(help="Output ripple, peak to peak: 1%, 0.01 or 50mV.")] = (
        "1%"
    )
    efficiency: Annotated[str | None, typer.Option(help="Desired efficiency, such as 90%.")] = None
    polarity: Annotated[
        str, typer.Option(help="Sign of the output that auto may choose: positive, negative, any.")
    ] = "positive"
    isolated: Annotated[bool, typer.Option(help="auto chooses isolated topologies only.")] = False
    load_step: Annotated[
        str, typer.Option(help="Loads between which the load jumps: 50%..100%, 0.5..1 or 1..2A.")
    ] = "50%..100%"
    deviation: Annotated[
        str, typer.Option(help="How far the output may then deviate: 5%, 100mV or none.")
    ] = "5%"
    ambient: Annotated[str, typer.Option(help="Temperature of the air round the board, °C.")] = "40"
    ripple_current: Annotated[
        str,
        typer.Option(
            help="Largest ripple of the main inductor's current over its largest mean: 50%, none, "
            "or the topology's custom."
        ),
    ] = "custom"
    longest_duty: Annotated[
        str,
        typer.Option(
            help="Largest duty at the lowest input and full load: 50%, none, or the topology's "
            "custom."
        ),
    ] = "custom"
    weight: Annotated[
        float, typer.Option(help="0.95 ranks by loss nearly alone, 0 by volume alone.")
    ] = DEFAULT_WEIGHT

    def read(self) -> Spec:
        """Return the spec; errors name the option.

        Raises:
            QuantityError: for an option that cannot be read.
            SpecError: for one that cannot be, or that no design can meet.
            DesignError: for a topology, variant or polarity that is not there.
        """
        topology = (
            self.topology if self.variant is None else variant_of(self.topology, self.variant)
        )
        if topology != AUTO:
            registered(topology)  # a topology that is not there comes before the numbers
        low, nominal, high = parse_range(self.vin, "V", "--vin")
        if self.polarity not in get_args(Polarity):
            raise DesignError(f"--polarity: '{self.polarity}' is not positive, negative or any.")
        magnitude = parse_quantity(self.vout, "V", "--vout")
        current = parse_quantity(self.iout, "A", "--iout")
        efficiency = self.efficiency
        entries = {
            field: read(getattr(self, field), magnitude, current, _option(field))
            for field, read in ENTRIES.items()
        }
        try:
            spec = Spec(
                topology=topology,
                vin=nominal,
                vin_min=low
                if self.vin_min is None
                else parse_quantity(self.vin_min, "V", "--vin-min"),
                vin_max=high
                if self.vin_max is None
                else parse_quantity(self.vin_max, "V", "--vin-max"),
                vout=magnitude,
                iout=current,
                fsw=parse_quantity(self.fsw, "Hz", "--fsw"),
                ripple=parse_share(self.ripple, magnitude, "V", "--ripple"),
                efficiency=None
                if efficiency is None
                else parse_fraction(efficiency, "--efficiency"),
                polarity=cast(Polarity, self.polarity),
                isolated=self.isolated,
                weight=self.weight,
                **entries,
            )
        except SpecError as error:
            raise SpecError(error.naming(_option(error.field or "")), error.field) from error
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


def warn_outside_training(spec: Spec) -> None:
    """Say on stderr when the model proposes beyond what it was trained on."""
    low, high = TRAINED_FSW_RANGE
    if not low <= spec.fsw <= high:
        warn(
            f"fsw {format_quantity(spec.fsw, 'Hz')} is outside the {format_quantity(low, 'Hz')} to "
            f"{format_quantity(high, 'Hz')} that the model was trained on; check its proposals "
            "against the textbook design."
        )


def _option(field: str) -> str:
    """Return the option that gives a field of the spec."""
    return f"--{field.replace('_', '-')}"
