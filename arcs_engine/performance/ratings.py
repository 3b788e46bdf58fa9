"""Stress of parts against standard ratings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import INPUT_CAPACITOR, Capacitor, Inductor, Resistor
from arcs_engine.circuits.parts.capacitor_bank import Bank
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.design import Designs
from arcs_engine.performance.metrics import PartFigure, Stress

_NOTHING: Final = 1e-12
"""V, A or W that stand for none, so that every margin is a number."""


@dataclass(frozen=True)
class Standard:
    """How parts of a kind are rated for a quantity.

    Attributes:
        quantity: for people, ``voltage``, ``peak current``, ``rms current`` or ``power``.
        unit: ``V``, ``A`` or ``W``.
        derating: share of a rating that may be used.
        classes: standard ratings, ascending; None where a part has only the largest one.
    """

    quantity: str
    unit: str
    derating: float
    classes: FloatArray | None


VOLTAGE: Final = Standard("voltage", "V", parts.VOLTAGE_DERATING, parts.VOLTAGE_CLASSES)
CAPACITOR_VOLTAGE: Final = Standard(
    "voltage", "V", parts.CAPACITOR_DERATING, parts.CAPACITOR_CLASSES
)
SATURATION: Final = Standard("peak current", "A", parts.SATURATION_DERATING, parts.CURRENT_CLASSES)
PEAK: Final = Standard("peak current", "A", 1.0, parts.CURRENT_CLASSES)
RMS: Final = Standard("rms current", "A", parts.CURRENT_DERATING, parts.CURRENT_CLASSES)
POWER: Final = Standard("power", "W", parts.RESISTOR_DERATING, parts.RESISTOR_CLASSES)
_OF_A_BANK: Final = Standard("voltage", "V", 1.0, None)
RIPPLE: Final = Standard("rms current", "A", 1.0, None)
"""A capacitor's rating limits its self-heating, so that it needs no derating."""


@dataclass(frozen=True)
class Need:
    """What the parts of n designs must stand; arrays of shape (n,).

    Attributes:
        figure: of which part, and of which kind where it is not the part's main one.
        value: worst over the corners; nan where it is not known.
        largest: the largest rating there is; of capacitors that of the bank that is bought.
        standard: how such parts are rated.
        usable: share of a rating that may be used where it differs by design, shape (n,).
    """

    figure: PartFigure
    value: FloatArray
    largest: FloatArray
    standard: Standard
    usable: FloatArray | None = None

    @cached_property
    def derating(self) -> FloatArray:
        """Share of a rating that may be used, shape (n,)."""
        if self.usable is not None:
            return self.usable
        return np.full(len(self.value), self.standard.derating)

    @property
    def exceeds(self) -> NDArray[np.bool_]:
        """Which designs no rating covers, shape (n,)."""
        return np.asarray(self.value / self.derating * (1 - 1e-12) > self.largest)

    @cached_property
    def rating(self) -> FloatArray:
        """The next rating that covers it; nan where none does, shape (n,)."""
        if self.standard.classes is None:
            covered = self.value / self.derating * (1 - 1e-12) <= self.largest
            return np.where(covered, self.largest, np.nan)
        return parts.rating_above(self.value / self.derating, self.standard.classes)

    def shortfall(self, row: int, must: str = "must stand") -> str:
        """Say of one design which part no rating covers, and which limit, without a full stop.

        Args:
            row: which design.
            must: ``must stand``, or how sure the value is.
        """
        value, largest = float(self.value[row]), float(self.largest[row])
        unit, quantity = self.standard.unit, self.standard.quantity
        usable = largest * float(self.derating[row])
        kind = "" if quantity == "voltage" else f" {quantity}"
        return (
            f"{self.figure.part} {must} {format_quantity(value, unit)}{kind}; with derating the "
            f"largest rating of {largest:.4g} {unit} allows {format_quantity(usable, unit, 3)} "
            f"({usable / value - 1:+.0%})"
        )

    def stress(self, row: int) -> Stress:
        """Return one design's."""
        rating, value = float(self.rating[row]), float(self.value[row])
        known = not np.isnan(rating)
        usable = float(self.derating[row]) * (rating if known else float(self.largest[row]))
        return Stress(
            quantity=self.standard.quantity,
            value=value,
            rating=rating if known else None,
            margin=usable / max(value, _NOTHING) - 1,
            unit=self.standard.unit,
        )


@dataclass(frozen=True)
class Stresses:
    """The worst that the parts of n designs see, shape (n,) each.

    Attributes:
        peaks: |V| by part, of inductors |I|.
        currents: further currents, A: ``rms`` and ``peak``.
    """

    peaks: Mapping[str, FloatArray]
    currents: Mapping[PartFigure, FloatArray]

    def take(self, rows: NDArray[np.intp]) -> "Stresses":
        """Return those of some designs; rows may repeat."""
        return Stresses(
            {part: peak[rows] for part, peak in self.peaks.items()},
            {figure: current[rows] for figure, current in self.currents.items()},
        )


Banks = Mapping[str, tuple[Bank, NDArray[np.bool_]]]
"""Capacitors that are bought, by name, and for which designs such are sold."""


def needs(designs: Designs, stresses: Stresses, banks: Banks) -> Iterator[Need]:
    """Yield what each part must stand.

    Args:
        designs: with their input capacitor.
        stresses: of their parts.
        banks: that are bought for them.
    """
    topology, parameters = designs.topology, designs.parameters
    for part, peak in stresses.peaks.items():
        if part in banks:
            bank, _ = banks[part]
            share = bank.usable / bank.rated
            yield Need(PartFigure(part), peak, bank.rated, _OF_A_BANK, share)
        else:
            yield peak_need(topology, part, peak)
    clamps = _clamp_ratings(designs, stresses.peaks, banks)
    for figure, current in stresses.currents.items():
        element = _element(topology, figure.part)
        match element:
            case Capacitor() if figure.part in banks:
                bank, _ = banks[figure.part]
                yield Need(figure, current, bank.ripple_current(designs.specs.fsw), RIPPLE)
            case Capacitor():
                yield Need(figure, current, clamps[figure.part], RIPPLE)
            case Resistor():
                power = parameters[element.name] * current**2
                yield _standard(PartFigure(element.name), power, POWER)
            case _:
                # A semiconductor may carry its rating as a peak; the rms current heats it.
                yield _standard(figure, current, PEAK if figure.kind == "peak" else RMS)


def peak_need(topology: Topology, part: str, peak: FloatArray) -> Need:
    """Return the need of a part that stands a worst |V|, or as an inductor a worst |I|, (n,)."""
    match _element(topology, part):
        case Inductor():
            standard = SATURATION
        case Capacitor():
            standard = CAPACITOR_VOLTAGE
        case _:
            standard = VOLTAGE
    return _standard(PartFigure(part), peak, standard)


def _element(topology: Topology, name: str) -> object:
    return INPUT_CAPACITOR if name == INPUT_CAPACITOR.name else topology.circuit.element(name)


def _clamp_ratings(
    designs: Designs, peaks: Mapping[str, FloatArray], banks: Banks
) -> dict[str, FloatArray]:
    """Return the rms current that the capacitors outside of banks are rated for, A, by name."""
    parameters = designs.parameters
    return {
        each.name: parts.Capacitors(
            parameters[each.capacitance], parameters[each.resistance], peaks[each.name]
        ).ripple_rating
        for each in designs.topology.circuit.of_type(Capacitor)
        if each.name not in banks
    }


def _standard(figure: PartFigure, value: FloatArray, standard: Standard) -> Need:
    """Return a need that the next of a row of standard ratings covers."""
    assert standard.classes is not None, "only capacitors are rated one by one for their ripple"
    largest = np.full(len(value), standard.classes[-1])
    return Need(figure, value, largest, standard)
