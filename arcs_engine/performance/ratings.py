"""Stress of parts against standard ratings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import INPUT_CAPACITOR, Capacitor, Inductor, Resistor
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
RIPPLE: Final = Standard("rms current", "A", 1.0, None)
"""A capacitor's rating limits its self-heating, so that it needs no derating."""


@dataclass(frozen=True)
class Need:
    """What the parts of n designs must stand; arrays of shape (n,).

    Attributes:
        figure: of which part, and of which kind where it is not the part's main one.
        value: worst over the corners; nan where it is not known.
        largest: the largest rating there is.
        standard: how such parts are rated.
    """

    figure: PartFigure
    value: FloatArray
    largest: FloatArray
    standard: Standard

    @property
    def exceeds(self) -> NDArray[np.bool_]:
        """Which designs no rating covers, shape (n,)."""
        return np.asarray(self.value / self.standard.derating * (1 - 1e-12) > self.largest)

    @cached_property
    def rating(self) -> FloatArray:
        """The next rating that covers it; nan where none does, shape (n,)."""
        if self.standard.classes is None:
            covered = self.value / self.standard.derating * (1 - 1e-12) <= self.largest
            return np.where(covered, self.largest, np.nan)
        return parts.rating_above(self.value / self.standard.derating, self.standard.classes)

    def shortfall(self, row: int, must: str = "must stand") -> str:
        """Say of one design which part no rating covers, and which limit, without a full stop.

        Args:
            row: which design.
            must: ``must stand``, or how sure the value is.
        """
        value, largest = float(self.value[row]), float(self.largest[row])
        unit, quantity = self.standard.unit, self.standard.quantity
        usable = largest * self.standard.derating
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
        usable = self.standard.derating * (rating if known else float(self.largest[row]))
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


def needs(designs: Designs, stresses: Stresses) -> Iterator[Need]:
    """Yield what each part must stand.

    Args:
        designs: with their input capacitor.
        stresses: of their parts.
    """
    topology, parameters = designs.topology, designs.parameters
    for name, peak in stresses.peaks.items():
        yield peak_need(topology, name, peak)
    rated = _ripple_ratings(designs, stresses.peaks)
    for figure, current in stresses.currents.items():
        element = _element(topology, figure.part)
        match element:
            case Capacitor():
                yield _rippling(figure, current, rated[figure.part])
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


def _ripple_ratings(designs: Designs, peaks: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return the rms current that each capacitor is rated for, A, by name."""
    capacitors = (*designs.topology.circuit.of_type(Capacitor), INPUT_CAPACITOR)
    parameters = designs.parameters
    figures = [
        (parameters[each.capacitance], parameters[each.resistance], peaks[each.name])
        for each in capacitors
    ]
    capacitance, esr, voltage = (np.stack(column) for column in zip(*figures, strict=True))
    names = [each.name for each in capacitors]
    rated = parts.Capacitors(capacitance, esr, voltage).ripple_rating
    return dict(zip(names, rated, strict=True))


def _standard(figure: PartFigure, value: FloatArray, standard: Standard) -> Need:
    """Return a need that the next of a row of standard ratings covers."""
    assert standard.classes is not None, "only capacitors are rated one by one for their ripple"
    largest = np.full(len(value), standard.classes[-1])
    return Need(figure, value, largest, standard)


def _rippling(figure: PartFigure, value: FloatArray, rated: FloatArray) -> Need:
    """Return a capacitor's ripple current, which its technology and size are rated for."""
    return Need(figure, value, rated, RIPPLE)
