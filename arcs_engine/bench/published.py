"""Published converters to measure ARCS against: efficiencies and vendors' own designs.

The two files hold facts with the words or cells that they were read from, so that anyone can check
them; a value that the source does not state is left out, never guessed. SI units, but for the
efficiency, which is in percent as printed. Output voltages are magnitudes.
"""

from importlib import resources
from typing import Annotated, Final, Literal

import msgspec

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.documents import decode

Positive = Annotated[float, msgspec.Meta(gt=0.0)]
Count = Annotated[int, msgspec.Meta(ge=1, le=40)]
Text = Annotated[str, msgspec.Meta(min_length=3)]
Percent = Annotated[float, msgspec.Meta(gt=20.0, lt=100.0)]
Rectifier = Literal["diode", "synchronous"]

_EFFICIENCIES: Final = "published_efficiencies.json"
_DESIGNS: Final = "published_designs.json"


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record whose misspelt fields are errors."""


class Source(_Strict, frozen=True, kw_only=True):
    """Where a fact was read.

    Attributes:
        document: the document's number or name.
        place: page, table or figure in it.
        url: where the copy that was read can be read again.
    """

    document: Text
    place: Text
    url: Annotated[str, msgspec.Meta(pattern="^https?://[^ ]+$")]


class Capacitor(_Strict, frozen=True, kw_only=True):
    """Equal capacitors in parallel.

    Attributes:
        capacitance: of one, nominal, F.
        count: how many.
        technology: None where the source does not state it.
        esr: of one, ohm.
        part: the maker's number.
    """

    capacitance: Positive
    count: Count = 1
    technology: Literal["ceramic", "polymer", "electrolytic", "tantalum", "film"] | None = None
    esr: Positive | None = None
    part: Text | None = None


class Parts(_Strict, frozen=True, kw_only=True):
    """The parts that a source states; everything else is None or empty.

    Attributes:
        inductance: of the inductor, of one winding of a coupled one, or of a forward's choke, H.
        magnetizing_inductance: of the transformer, seen from the primary, H.
        turns: primary over secondary.
        leakage_inductance: of the transformer, seen from the primary, H.
        winding_resistance: of the inductor, ohm.
        primary_resistance, secondary_resistance: of the transformer's windings, ohm.
        magnetics: the maker's numbers.
        switch_part, rectifier_part: the maker's numbers.
        switch_resistance: on-resistance of the switch, ohm.
        forward_voltage: of the diode, V.
        rectifier_voltage, rectifier_current: that the diode is rated for, V and A.
        sense_resistance: in the power path, ohm.
        snubber: in words.
        input_capacitors, coupling_capacitors, output_capacitors: the banks.
    """

    inductance: Positive | None = None
    magnetizing_inductance: Positive | None = None
    turns: Positive | None = None
    leakage_inductance: Positive | None = None
    winding_resistance: Positive | None = None
    primary_resistance: Positive | None = None
    secondary_resistance: Positive | None = None
    magnetics: Text | None = None
    switch_part: Text | None = None
    rectifier_part: Text | None = None
    switch_resistance: Positive | None = None
    forward_voltage: Positive | None = None
    rectifier_voltage: Positive | None = None
    rectifier_current: Positive | None = None
    sense_resistance: Positive | None = None
    snubber: Text | None = None
    input_capacitors: tuple[Capacitor, ...] = ()
    coupling_capacitors: tuple[Capacitor, ...] = ()
    output_capacitors: tuple[Capacitor, ...] = ()


class _Converter(_Strict, frozen=True, kw_only=True):
    """What both kinds of entry say.

    Attributes:
        id: of the entry, in words of small letters and digits.
        topology: its family, as `REGISTRY` names it.
        rectifier: None where the source does not state it.
        coupled: whether the two inductors share a core.
        vout: output, V.
        fsw: switching frequency, Hz.
        parts: those that the source states.
        source: where it was read.
        read: the words or cells that the figures were read from.
        note: what must be known before the entry is used.
    """

    id: Annotated[str, msgspec.Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
    topology: Text
    rectifier: Rectifier | None = None
    coupled: bool = False
    vout: Positive
    fsw: Positive
    parts: Parts
    source: Source
    read: Annotated[str, msgspec.Meta(min_length=10, max_length=300)]
    note: str = ""

    def __post_init__(self) -> None:
        if self.topology not in REGISTRY:
            raise ValueError(f"'{self.topology}' of {self.id} is no topology")


class Point(_Strict, frozen=True, kw_only=True):
    """One measurement.

    Attributes:
        vin: input, V.
        iout: load, A.
        efficiency: percent.
        vin_assumed: the source names a range only, and `vin` is its customary nominal value.
    """

    vin: Positive
    iout: Positive
    efficiency: Percent
    vin_assumed: bool = False


class Measurement(_Converter, frozen=True, kw_only=True):
    """The efficiency of a complete converter.

    Attributes:
        kind: table or text of a measurement, a curve that was read off, or the figure that a data
            sheet states for its example design.
        points: at least one.
    """

    kind: Literal["table", "text", "figure", "stated"]
    points: Annotated[tuple[Point, ...], msgspec.Meta(min_length=1)]

    def __post_init__(self) -> None:
        _Converter.__post_init__(self)
        operated = [(point.vin, point.iout) for point in self.points]
        if len(set(operated)) < len(operated):
            raise ValueError(f"{self.id} has two efficiencies at one operating point")


class LoadStep(_Strict, frozen=True, kw_only=True):
    """A vendor's load step.

    Attributes:
        size: of the step, A.
        deviation: of the output, V.
        kind: what the design was made for, or what the board was measured to do.
    """

    size: Positive
    deviation: Positive
    kind: Literal["criterion", "measured"]


class Design(_Converter, frozen=True, kw_only=True):
    """A vendor's own values for a stated job.

    Attributes:
        vin_min, vin, vin_max: input, V; None where it is not stated.
        iout: full load, A.
        effective_capacitance: of the output bank under bias, F, where the vendor states it.
        least_capacitance: that the vendor's formula asks for, F.
        ripple_ratio: of the inductor's current, that the design was made for.
        step: the vendor's load step.
    """

    vin_min: Positive | None = None
    vin: Positive | None = None
    vin_max: Positive | None = None
    iout: Positive
    effective_capacitance: Positive | None = None
    least_capacitance: Positive | None = None
    ripple_ratio: Positive | None = None
    step: LoadStep | None = None

    def __post_init__(self) -> None:
        _Converter.__post_init__(self)
        inputs = self.inputs
        if not inputs:
            raise ValueError(f"{self.id} states no input voltage")
        if list(inputs) != sorted(inputs):
            raise ValueError(f"the input voltages of {self.id} are not in order")

    @property
    def inputs(self) -> tuple[float, ...]:
        """The input voltages that are stated, from the least to the largest, V."""
        return tuple(v for v in (self.vin_min, self.vin, self.vin_max) if v is not None)


def efficiencies() -> tuple[Measurement, ...]:
    """Return the published efficiencies; `InputError` when the file is damaged."""
    return read_efficiencies(_content(_EFFICIENCIES))


def vendor_designs() -> tuple[Design, ...]:
    """Return the published designs; `InputError` when the file is damaged."""
    return read_designs(_content(_DESIGNS))


def read_efficiencies(content: bytes) -> tuple[Measurement, ...]:
    """Read published efficiencies from JSON; `InputError` names what is wrong in it."""
    return decode(content, tuple[Measurement, ...], "The published efficiencies")


def read_designs(content: bytes) -> tuple[Design, ...]:
    """Read published designs from JSON; `InputError` names what is wrong in it."""
    return decode(content, tuple[Design, ...], "The published designs")


def _content(name: str) -> bytes:
    return (resources.files("arcs_engine.bench") / name).read_bytes()
