"""Stress of parts against standard ratings."""

import numpy as np

from arcs_engine import parts
from arcs_engine.circuit import Capacitor, Inductor
from arcs_engine.metrics import Stress
from arcs_engine.spec import FloatArray
from arcs_engine.topologies.base import Topology


def rating(topology: Topology, part: str, peak: FloatArray) -> FloatArray:
    """Return the next standard rating that covers a peak with derating; nan where none does."""
    match topology.circuit.element(part):
        case Inductor():
            return parts.rating_above(peak / parts.SATURATION_DERATING, parts.CURRENT_CLASSES)
        case Capacitor():
            return parts.rating_above(peak / parts.CAPACITOR_DERATING, parts.CAPACITOR_CLASSES)
        case _:
            return parts.rating_above(peak / parts.VOLTAGE_DERATING, parts.VOLTAGE_CLASSES)


def stress(topology: Topology, part: str, peak: float) -> Stress:
    """Return a part's stress at a peak voltage (V) or, for inductors, current (A)."""
    is_current = isinstance(topology.circuit.element(part), Inductor)
    standard = float(rating(topology, part, np.array([peak]))[0])
    largest, derating = largest_rating(topology, part)
    usable = derating * (largest if np.isnan(standard) else standard)
    return Stress(
        quantity="current" if is_current else "voltage",
        value=peak,
        rating=None if np.isnan(standard) else standard,
        margin=usable / peak - 1,
        unit="A" if is_current else "V",
    )


def largest_rating(topology: Topology, part: str) -> tuple[float, float]:
    """Return the largest standard rating of a part's kind, and its derating."""
    match topology.circuit.element(part):
        case Inductor():
            return float(parts.CURRENT_CLASSES[-1]), parts.SATURATION_DERATING
        case Capacitor():
            return float(parts.CAPACITOR_CLASSES[-1]), parts.CAPACITOR_DERATING
        case _:
            return float(parts.VOLTAGE_CLASSES[-1]), parts.VOLTAGE_DERATING
