"""How the user moves a value: along its series, or by typing it."""

from arcs_engine.circuits import eseries
from arcs_engine.circuits.topologies.base import DesignValue
from arcs_engine.foundation.errors import QuantityError
from arcs_engine.foundation.units import format_quantity, parse_quantity

_SAME = 1e-9


def stepped(value: DesignValue, number: float, steps: int) -> float:
    """Return a number some places along its series; from between two places, one is half a step."""
    nearest = eseries.step(number, value.series, value.low, value.high, 0)
    away = nearest / number - 1
    if abs(away) > _SAME and (away > 0) == (steps > 0):
        steps -= 1 if steps > 0 else -1
    return eseries.step(nearest, value.series, value.low, value.high, steps)


def typed(value: DesignValue, text: str) -> float:
    """Return what was typed for a value; it need not be of its series.

    Raises:
        QuantityError: it is no such quantity, or lies outside of what the value may be.
    """
    number = parse_quantity(text, value.unit, value.label)
    if not value.low <= number <= value.high:
        low, high = (format_quantity(x, value.unit) for x in (value.low, value.high))
        shown = format_quantity(number, value.unit)
        raise QuantityError(f"{value.label}: {shown} lies outside {low} to {high}.")
    return number
