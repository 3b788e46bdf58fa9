"""``arcs loop``: the voltage loop of a design, proposed and judged at every corner."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import msgspec
import typer

from arcs_engine.circuits.captions import value_texts
from arcs_engine.circuits.control import COMPENSATORS, ControlSpec
from arcs_engine.circuits.settings import parse_assignments, read_value
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.cli import loop_tables, options
from arcs_engine.cli.groups import grouped
from arcs_engine.cli.output import prepare_solver, warn
from arcs_engine.foundation.units import parse_quantity
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.judged_loop import JudgedLoop

_UNITS = {part.name: part.unit for kind in COMPENSATORS.values() for part in kind.parts}


class DesignLoop(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``arcs loop``: a design and its loop.

    Attributes:
        spec: what the design must do.
        values: of the power stage.
        overrides: part parameters that were given.
        loop: its modulator and compensator, judged.
    """

    spec: Spec
    values: dict[str, float]
    overrides: dict[str, float]
    loop: JudgedLoop


@dataclass(frozen=True, kw_only=True)
class ControlOptions:
    """How the loop is closed; what is left out is proposed."""

    control: Annotated[
        Literal["voltage", "current"] | None,
        typer.Option(help="Control method: voltage mode or peak current mode."),
    ] = None
    compensator: Annotated[
        str | None, typer.Option(help=f"Circuit: {', '.join(COMPENSATORS)}.")
    ] = None
    crossover: Annotated[
        str | None, typer.Option(help="At the fastest corner, such as 20k; default: proposed.")
    ] = None
    reference: Annotated[str | None, typer.Option(help="Reference voltage, such as 0.8.")] = None
    sense: Annotated[
        str | None, typer.Option(help="Volts per ampere of current mode, such as 100m.")
    ] = None
    slope: Annotated[
        str | None, typer.Option(help="Slope compensation of current mode, V/s, such as 100k.")
    ] = None
    ramp: Annotated[str | None, typer.Option(help="Height of voltage mode's ramp.")] = None
    feed_forward: Annotated[
        bool, typer.Option("--feed-forward", help="The ramp grows with the input.")
    ] = False

    def read(self, parts: dict[str, float]) -> ControlSpec:
        """Return what is asked, with the parts that were set.

        Raises:
            QuantityError: a value cannot be read.
        """

        def number(text: str | None, unit: str, option: str) -> float | None:
            return None if text is None else parse_quantity(text, unit, option)

        return ControlSpec(
            method=self.control,
            compensator=self.compensator,
            crossover=number(self.crossover, "Hz", "--crossover"),
            parts=parts,
            reference=number(self.reference, "V", "--reference"),
            sense=number(self.sense, "Ω", "--sense"),
            slope=number(self.slope, "", "--slope"),
            ramp=number(self.ramp, "V", "--ramp"),
            feed_forward=self.feed_forward,
        )


@dataclass(frozen=True, kw_only=True)
class LoopDesignOptions:
    """Which design, and what is changed of it and of its compensator."""

    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="A part of the compensator (R2=10k), a design value (L1=22u) or a parameter.",
        ),
    ] = None
    stored: options.StoredDesignOptions

    def read(self) -> tuple[Design, dict[str, float]]:
        """Return the regulated design as it was changed, and the compensator's parts.

        Raises:
            FileError: the file cannot be read or understood.
            InputError: for entries or settings that cannot be.
        """
        given = self.stored.read()
        parts: dict[str, float] = {}
        others = []
        for text in self.settings or []:
            name, sign, value = (each.strip() for each in text.partition("="))
            if sign and name in _UNITS:
                parts[name] = read_value(value, _UNITS[name], f"--set {name}")
            else:
                others.append(text)
        changed = parse_assignments(others, registered(given.spec.topology), "--set")
        design = replace(
            given,
            values=given.values | changed.values,
            overrides=given.overrides | changed.overrides,
            duty=None,
        )
        return design, parts


@grouped
def loop(
    design: LoopDesignOptions,
    control: ControlOptions,
    why: Annotated[bool, typer.Option("--why", help="Show how the parts were calculated.")] = False,
    *,
    answer: options.AnswerOptions,
) -> None:
    """Propose the compensator of a design's voltage loop and judge the loop at every corner."""
    given, parts = design.read()
    asked = control.read(parts)
    asked.check(given.topology)
    prepare_solver()
    # The compiled solver takes a moment to import; bad input is refused before that.
    from arcs_engine.sizing.compensation import propose_loop  # noqa: PLC0415

    found = propose_loop(Designs.stacked([given]), asked)
    stage = ", ".join(value_texts(given.topology, given.values))
    text = f"{given.spec.topology}, {stage}\n\n{loop_tables.judged_loop(found)}"
    if why:
        text = "\n".join([text, "", *found.why])
    document = DesignLoop(
        spec=given.spec, values=given.values, overrides=given.overrides, loop=found
    )
    answer.give(document, text)
    if not found.holds:
        warn("The loop does not hold its limits.")
        for reason in found.reasons:
            warn(reason)
        raise typer.Exit(1)
