"""The figures of one solved converter, the same type whoever solved it, and what is known of each.

`Metrics` holds the numbers: the judge fills them from the solver, `verification` from an ngspice
run. `FIGURES` says of every number what people call it, its unit, which way is better, how
closely solver and ngspice must agree on it, and how it is written; tables, reports and the window
follow this list and keep none of their own.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, cast

import msgspec

from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.conduction import Mode
from arcs_engine.performance.tolerance import Tolerance

NOTHING: Final = "—"
"""Stands where there is no figure."""

DIGITS: Final = 3

_LEAST_FRACTION: Final = 1e-5
"""Smaller fractions are numerical noise, and are shown as less than this."""


class PartFigure(NamedTuple):
    """Names a figure of a part: its conduction loss or main stress, or one of another kind.

    Attributes:
        part: name of the element, ``Q1``.
        kind: ``rms``, ``peak``, ``switching``, ...; empty for the part's main figure.
    """

    part: str
    kind: str = ""

    def __str__(self) -> str:
        """Write it as files do: ``Q1``, ``Q1 switching``."""
        return f"{self.part} {self.kind}".rstrip()

    @classmethod
    def read(cls, text: str) -> "PartFigure":
        """Read what `str` writes."""
        part, _, kind = text.partition(" ")
        return cls(part, kind)


class Stress(msgspec.Struct, frozen=True):
    """What a part must stand, against the next standard rating.

    Attributes:
        quantity: which limit: ``voltage``, ``peak current``, ``rms current`` or ``power``.
        value: in the circuit at the worst corner, V, A or W.
        rating: the next standard rating whose derated value covers it; None when the largest does
            not.
        margin: derated rating / value - 1; negative when no rating is enough.
        unit: ``V``, ``A`` or ``W``.
    """

    quantity: str
    value: float
    rating: float | None
    margin: float
    unit: str


class Corner(msgspec.Struct, frozen=True, kw_only=True):
    """What a design does at one input voltage and load.

    Attributes:
        vin: input voltage, V.
        load: share of the full-load current.
        duty: on-time over period.
        mode: conduction mode.
        on_time: s.
        off_time: s.
        vout: mean output voltage, V, with its sign.
        ripple: output ripple, a fraction of the wanted Vout.
        efficiency: simulated.
        efficiency_estimated: with the modelled losses; missing in files of earlier versions.
    """

    vin: float
    load: float
    duty: float
    mode: Mode
    on_time: float
    off_time: float
    vout: float
    ripple: float
    efficiency: float
    efficiency_estimated: float | None = None


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """One operating point of one design, nominal input and full load; SI units.

    What has a default is missing in files that earlier versions wrote; what the corners say (the
    last four) is known of designs that are shown, not of every design that a search judges.

    Attributes:
        vout: mean output voltage, with its sign.
        vout_error: | |vout| - target | / target.
        ripple: peak-to-peak output ripple in 20 MHz bandwidth, a fraction of |vout| target.
        inductor_ripple: peak-to-peak current of the topology's main inductor, A; of a flyback the
            magnetizing current of its transformer.
        efficiency: simulated, Pout / Pin, comparable with ngspice.
        efficiency_estimated: with the modelled losses (switching, gate, core) added.
        pin: mean input power, W, simulated.
        pout: mean output power, W.
        losses: watts by part; the simulated ones by part name (``Q1``, ``D1``, ``L1``, ``Cout``),
            modelled ones by part and kind (``Q1 switching``).
        stress: by part; further quantities of a part under its name and theirs: ``Q1 rms``.
        energy: stored energy of magnetics and capacitors at the worst corner, J.
        residue: |Pin - Pout - sum of simulated losses| / Pin.
        charge_balance: largest mean capacitor current / Iout.
        flux_balance: largest mean inductor voltage / Vin.
        inductor_ripples: peak-to-peak current of every inductor by name; of a transformer the
            magnetizing current, under the name of the winding it is seen from.
        input_ripple: peak-to-peak current of the input source, A.
        capacitor_ripples: peak-to-peak voltage, ESR included, of every capacitor but the output's,
            by name: coupling capacitors and clamps.
        on_time: the main switch's, s.
        off_time: the rest of the period, s.
        line_regulation: spread of Vout over the input range at full load, a fraction of the target;
            zero where the duty is solved at each corner, the open-loop one where it is given.
        load_regulation: the same over 10 to 100 % of the load at the nominal input.
        boundary_loads: output current at which continuous conduction ends, A, at ``vin_min``,
            ``vin`` and ``vin_max``; an input without such a load is left out.
        corners: every corner that has an operating point, each input and load once.
        mean_loss: losses at full load and four times those at a quarter, halved, W: what the cost
            counts; over Pout the mean of the relative losses. Missing where a quarter of the
            load has no operating point.
        volume: of all parts with their keep-outs, mm3.
        volumes: the same by part; ``clamp`` for the small parts of a clamp.
        deviation: peak deviation of the output when the load steps, of worst parts, a fraction of
            Vout; missing where the corners do not say.
        ripple_current: largest ripple of the main inductor's current over its largest mean.
        temperatures: highest junction temperatures at the corners, °C, by part; what runs away has
            none, and is named by the reasons.
        banks: the capacitors to buy, by name: ``4 x 22 µF 10 V 0805 ceramic``.
    """

    vout: float
    vout_error: float
    ripple: float
    inductor_ripple: float
    efficiency: float
    efficiency_estimated: float
    pin: float
    pout: float
    losses: dict[str, float]
    stress: dict[str, Stress]
    energy: float
    residue: float
    charge_balance: float
    flux_balance: float
    inductor_ripples: dict[str, float] = {}
    input_ripple: float | None = None
    capacitor_ripples: dict[str, float] = {}
    on_time: float | None = None
    off_time: float | None = None
    line_regulation: float | None = None
    load_regulation: float | None = None
    boundary_loads: dict[str, float] = {}
    corners: tuple[Corner, ...] = ()
    mean_loss: float | None = None
    volume: float | None = None
    volumes: dict[str, float] = {}
    deviation: float | None = None
    ripple_current: float | None = None
    temperatures: dict[str, float] = {}
    banks: dict[str, str] = {}


Better = Literal["lower", "higher", "neutral"]
Owner = Literal["metrics", "candidate"]
Group = Literal[
    "Operating point",
    "Capacitors to buy",
    "Over the corners",
    "Losses",
    "Volume",
    "Stress, worst corner",
    "Junction temperature, worst corner",
    "Checks",
]
Value = float | str | Stress


@dataclass(frozen=True)
class Figure:
    """What is known of one figure, whatever the design.

    Attributes:
        name: in JSON and in `Metrics` (or, by `owner`, in `Candidate`).
        title: for people.
        symbol: as in textbooks, short enough for the head of a column.
        unit: SI; ``%`` for a fraction that is shown in per cent, empty for words.
        better: which direction is.
        tolerance: between solver and ngspice; None where ngspice has no say.
        note: what people should know about it.
        digits: how many are worth writing.
        by_part: whether it is a dictionary by part.
        owner: which of the two types holds it.
        group: under which heading it is shown.
    """

    name: str
    title: str
    symbol: str
    unit: str
    better: Better = "neutral"
    tolerance: Tolerance | None = None
    note: str = ""
    digits: int = 3
    by_part: bool = False
    owner: Owner = "metrics"
    group: Group = "Operating point"

    def text(self, value: Value | None) -> str:
        """Write a value of this figure for people, with its unit."""
        match value:
            case None:
                return NOTHING
            case str():
                return value
            case Stress(rating=None):
                return f"{format_quantity(value.value, value.unit, DIGITS)}, no standard rating"
            case Stress():
                need = format_quantity(value.value, value.unit, DIGITS)
                rating = format_quantity(value.rating or 0.0, value.unit, DIGITS)
                return f"{need} of {rating}, margin {per_cent(value.margin)}"
        if self.unit == "%":
            return per_cent(value)
        return format_quantity(value, self.unit, self.digits)

    def entries(self, holder: object) -> tuple["Entry", ...]:
        """Return what a `Metrics`, `Candidate` or `Corner` says of this figure.

        One entry a part where the figure is by part; none where it is not known.
        """
        held = getattr(holder, self.name)
        if self.by_part:
            return tuple(Entry(self, part, value) for part, value in held.items())
        return () if held is None else (Entry(self, "", held),)


@dataclass(frozen=True)
class Entry:
    """One value of one figure; `part` is empty unless the figure is by part."""

    figure: Figure
    part: str
    value: Value

    @property
    def label(self) -> str:
        """What the value is, for people: ``Loss Q1``."""
        return f"{self.figure.title} {self.part}".strip()

    @property
    def text(self) -> str:
        """The value for people, with its unit."""
        return self.figure.text(self.value)


def per_cent(fraction: float) -> str:
    """Write a fraction in per cent; trailing zeros stay, so that columns line up."""
    if not math.isfinite(fraction):
        return NOTHING
    if 0 < abs(fraction) < _LEAST_FRACTION:
        return f"< {_LEAST_FRACTION * 100:g} %"
    return f"{fraction * 100:#.{DIGITS}g}".rstrip(".") + " %"


_POINTS = Tolerance(absolute=0.005)
_SHAPE = Tolerance(relative=0.05)
_POWER = Tolerance(relative=0.01)
_BALANCE = Tolerance(absolute=0.002)

FIGURES: Final = (
    Figure("vout", "Output voltage", "Vout", "V", tolerance=Tolerance(relative=0.005), digits=4),
    Figure("vout_error", "Output error", "ΔVout", "%", "lower", Tolerance(absolute=0.005)),
    Figure(
        "ripple",
        "Output ripple",
        "Vpp",
        "%",
        "lower",
        Tolerance(relative=0.05, absolute=0.0002),
        "peak to peak, 20 MHz bandwidth, of Vout",
    ),
    Figure("duty", "Duty", "D", "%", owner="candidate"),
    Figure("mode", "Conduction", "mode", "", owner="candidate"),
    Figure("on_time", "On-time", "ton", "s", note="of the main switch"),
    Figure("off_time", "Off-time", "toff", "s"),
    Figure(
        "inductor_ripple",
        "Main inductor ripple",
        "ΔI",
        "A",
        tolerance=_SHAPE,
        note="peak to peak",
    ),
    Figure(
        "inductor_ripples",
        "Inductor ripple",
        "ΔI",
        "A",
        tolerance=_SHAPE,
        note="peak to peak; of a transformer the magnetizing current",
        by_part=True,
    ),
    Figure(
        "input_ripple",
        "Input current ripple",
        "ΔIin",
        "A",
        "lower",
        _SHAPE,
        "peak to peak, out of the source",
    ),
    Figure(
        "capacitor_ripples",
        "Capacitor ripple",
        "ΔVC",
        "V",
        "lower",
        _SHAPE,
        "peak to peak",
        by_part=True,
    ),
    Figure(
        "efficiency_estimated",
        "Efficiency, estimated",
        "η est.",
        "%",
        "higher",
        note="all losses",
    ),
    Figure(
        "efficiency", "Efficiency, simulated", "η sim.", "%", "higher", _POINTS, "conduction only"
    ),
    Figure("pin", "Input power", "Pin", "W", "lower", _POWER, "simulated"),
    Figure("pout", "Output power", "Pout", "W", tolerance=_POWER),
    Figure(
        "mean_loss",
        "Mean loss",
        "Pmean",
        "W",
        "lower",
        note="of full and quarter load, which the cost counts",
    ),
    Figure("volume", "Volume", "Vol", "mm³", "lower", note="all parts with their keep-outs"),
    Figure(
        "deviation",
        "Deviation at load steps",
        "ΔVstep",
        "%",
        "lower",
        note="worst parts, peak-current control",
    ),
    Figure(
        "ripple_current",
        "Ripple current",
        "r",
        "%",
        note="largest ripple over largest mean, full load",
    ),
    Figure("energy", "Stored energy", "E", "J", "lower", note="worst corner"),
    Figure("banks", "Bank", "bank", "", by_part=True, group="Capacitors to buy"),
    Figure(
        "line_regulation",
        "Line regulation",
        "ΔVline",
        "%",
        "lower",
        note="over the input range, full load",
        group="Over the corners",
    ),
    Figure(
        "load_regulation",
        "Load regulation",
        "ΔVload",
        "%",
        "lower",
        note="10 to 100 % load, nominal input",
        group="Over the corners",
    ),
    Figure(
        "boundary_loads",
        "Boundary load at",
        "Icrit",
        "A",
        note="conduction is continuous above",
        by_part=True,
        group="Over the corners",
    ),
    Figure(
        "losses",
        "Loss",
        "P",
        "W",
        "lower",
        Tolerance(relative=0.05, absolute=0.005, over="pin"),
        by_part=True,
        group="Losses",
    ),
    Figure("volumes", "Volume", "Vol", "mm³", "lower", by_part=True, group="Volume"),
    Figure(
        "stress",
        "Stress",
        "peak",
        "",
        "lower",
        note="worst corner",
        by_part=True,
        group="Stress, worst corner",
    ),
    Figure(
        "temperatures",
        "Junction",
        "Tj",
        "°C",
        "lower",
        note="worst corner",
        by_part=True,
        group="Junction temperature, worst corner",
    ),
    Figure(
        "residue",
        "Energy residue",
        "ΔP",
        "%",
        "lower",
        _POINTS,
        "of Pin, what the losses of all parts do not explain",
        group="Checks",
    ),
    Figure(
        "charge_balance",
        "Charge balance",
        "Ic",
        "%",
        "lower",
        _BALANCE,
        "largest mean capacitor current, of Iout",
        group="Checks",
    ),
    Figure(
        "flux_balance",
        "Flux balance",
        "VL",
        "%",
        "lower",
        _BALANCE,
        "largest mean inductor voltage, of Vin",
        group="Checks",
    ),
)
"""Every figure, in the order in which people read them."""

_BY_NAME: Final = {figure.name: figure for figure in FIGURES}


def figure(name: str) -> Figure:
    """Return the figure of that name; KeyError when there is none."""
    return _BY_NAME[name]


def disagreements(
    ours: Metrics, theirs: Metrics, slack: float = 1.0, part_slack: float = 1.0
) -> tuple[str, ...]:
    """Name the figures on which solver and ngspice do not agree, with what each says.

    They may lie `slack` tolerances apart, `part_slack` where the figure is by part.
    """
    found = []
    for each in FIGURES:
        if each.tolerance is None:
            continue
        tolerance = each.tolerance.times(part_slack if each.by_part else slack)
        scale = getattr(ours, tolerance.over) if tolerance.over else 1.0
        its = {entry.part: entry for entry in each.entries(theirs)}
        for entry in each.entries(ours):
            other = its.get(entry.part)
            agree = other is not None and tolerance.accepts(
                cast("float", entry.value), cast("float", other.value), scale
            )
            if not agree:
                said = "nothing" if other is None else other.text
                found.append(f"{entry.label}: {entry.text} against {said}")
    return tuple(found)
