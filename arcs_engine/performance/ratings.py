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
from arcs_engine.circuits.topologies.base import Parameters, Topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.metrics import Stress

_CURRENTS: Final = {"peak": "peak current", "rms": "rms current"}
_SATURATION: Final = "peak current"

_NOTHING: Final = 1e-12
"""V, A or W that stand for none, so that every margin is a number."""


@dataclass(frozen=True)
class Need:
    """What the parts of n designs must stand; arrays of shape (n,).

    Attributes:
        name: part, and the quantity where it is not its main one: ``Q1``, ``Q1 rms``.
        quantity: for people, ``voltage``, ``peak current``, ``rms current`` or ``power``.
        unit: ``V``, ``A`` or ``W``.
        value: worst over the corners; nan where it is not known.
        largest: the largest rating there is.
        derating: share of a rating that may be used.
        classes: standard ratings, ascending; None where the part has only the largest one.
    """

    name: str
    quantity: str
    unit: str
    value: FloatArray
    largest: FloatArray
    derating: float
    classes: FloatArray | None = None

    @property
    def exceeds(self) -> NDArray[np.bool_]:
        """Which designs no rating covers, shape (n,)."""
        return np.asarray(self.value / self.derating * (1 - 1e-12) > self.largest)

    @cached_property
    def rating(self) -> FloatArray:
        """The next rating that covers it; nan where none does, shape (n,)."""
        if self.classes is None:
            covered = self.value / self.derating * (1 - 1e-12) <= self.largest
            return np.where(covered, self.largest, np.nan)
        return parts.rating_above(self.value / self.derating, self.classes)

    def shortfall(self, row: int, must: str = "must stand") -> str:
        """Say of one design which part no rating covers, and which limit, without a full stop.

        Args:
            row: which design.
            must: ``must stand``, or how sure the value is.
        """
        value, largest = float(self.value[row]), float(self.largest[row])
        usable = largest * self.derating
        part = self.name.partition(" ")[0]
        kind = "" if self.quantity == "voltage" else f" {self.quantity}"
        return (
            f"{part} {must} {format_quantity(value, self.unit)}{kind}; with derating the largest "
            f"rating of {largest:.4g} {self.unit} allows {format_quantity(usable, self.unit, 3)} "
            f"({usable / value - 1:+.0%})"
        )

    def stress(self, row: int) -> Stress:
        """Return one design's."""
        rating, value = float(self.rating[row]), float(self.value[row])
        known = not np.isnan(rating)
        usable = self.derating * (rating if known else float(self.largest[row]))
        return Stress(
            quantity=self.quantity,
            value=value,
            rating=rating if known else None,
            margin=usable / max(value, _NOTHING) - 1,
            unit=self.unit,
        )


def needs(
    topology: Topology,
    parameters: Parameters,
    peaks: Mapping[str, FloatArray],
    currents: Mapping[str, FloatArray],
) -> Iterator[Need]:
    """Yield what each part must stand.

    Args:
        topology: which circuit.
        parameters: of the parts, the input capacitor among them.
        peaks: worst |V| by part, of inductors |I|.
        currents: worst further currents, as ``Q1 rms``.
    """
    for name, peak in peaks.items():
        yield peak_need(topology, name, peak)
    rated = _ripple_ratings(topology, parameters, peaks)
    for name, current in currents.items():
        part, _, kind = name.partition(" ")
        element = _element(topology, part)
        match element:
            case Capacitor():
                yield _rippling(name, current, rated[part])
            case Resistor():
                power = parameters[element.name] * current**2
                classes, derating = parts.RESISTOR_CLASSES, parts.RESISTOR_DERATING
                yield _standard(element.name, "power", "W", power, classes, derating)
            case _:
                # A semiconductor may carry its rating as a peak; the rms current heats it.
                derating = 1.0 if kind == "peak" else parts.CURRENT_DERATING
                classes = parts.CURRENT_CLASSES
                yield _standard(name, _CURRENTS[kind], "A", current, classes, derating)


def peak_need(topology: Topology, name: str, peak: FloatArray) -> Need:
    """Return the need of a part that stands a worst |V|, or as an inductor a worst |I|, (n,)."""
    match _element(topology, name):
        case Inductor():
            classes, derating = parts.CURRENT_CLASSES, parts.SATURATION_DERATING
            return _standard(name, _SATURATION, "A", peak, classes, derating)
        case Capacitor():
            classes, derating = parts.CAPACITOR_CLASSES, parts.CAPACITOR_DERATING
            return _standard(name, "voltage", "V", peak, classes, derating)
    classes, derating = parts.VOLTAGE_CLASSES, parts.VOLTAGE_DERATING
    return _standard(name, "voltage", "V", peak, classes, derating)


def _element(topology: Topology, name: str) -> object:
    return INPUT_CAPACITOR if name == INPUT_CAPACITOR.name else topology.circuit.element(name)


def _ripple_ratings(
    topology: Topology, parameters: Parameters, peaks: Mapping[str, FloatArray]
) -> dict[str, FloatArray]:
    """Return the rms current that each capacitor is rated for, A, by name."""
    capacitors = (*topology.circuit.of_type(Capacitor), INPUT_CAPACITOR)
    figures = [
        (parameters[each.capacitance], parameters[each.resistance], peaks[each.name])
        for each in capacitors
    ]
    capacitance, esr, voltage = (np.stack(column) for column in zip(*figures, strict=True))
    names = [each.name for each in capacitors]
    rated = parts.Capacitors(capacitance, esr, voltage).ripple_rating
    return dict(zip(names, rated, strict=True))


def _standard(
    name: str, quantity: str, unit: str, value: FloatArray, classes: FloatArray, derating: float
) -> Need:
    """Return a need that the next of a row of standard ratings covers."""
    largest = np.full(len(value), classes[-1])
    return Need(name, quantity, unit, value, largest, derating, classes)


def _rippling(name: str, value: FloatArray, rated: FloatArray) -> Need:
    """Return a capacitor's ripple current, which its technology and size are rated for.

    The rating limits the self-heating, so that it needs no derating.
    """
    return Need(name, _CURRENTS["rms"], "A", value, rated, derating=1.0)
