"""Numbers on their way into a deck: checked, and written so that SPICE reads what was meant."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from arcs_engine.foundation.errors import DesignError


def number(value: float) -> str:
    """Write a number with an exponent and no suffix; SPICE would read an M as milli."""
    mantissa, exponent = f"{value:.14e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{exponent}"


@dataclass(frozen=True)
class Values:
    """Checked access to the numbers that the elements of a deck take.

    Attributes:
        parameters: element parameters by name, SI units.
        state: initial inductor current (A) and capacitor voltage (V) by element name.
    """

    parameters: Mapping[str, float]
    state: Mapping[str, float]

    def positive(self, name: str) -> str:
        """Return a parameter that must be above zero, as text; else raise `DesignError`."""
        value = _finite(self.parameters, name, name)
        if value <= 0:
            raise DesignError(f"{name} is {value:g}; a simulation needs a value above zero.")
        return number(value)

    def series(self, name: str) -> float:
        """Return a parameter that may be zero, such as a series resistance or a constant drop."""
        value = _finite(self.parameters, name, name)
        if value < 0:
            raise DesignError(f"{name} is {value:g}; a simulation needs zero or more.")
        return value

    def initial(self, name: str) -> str:
        """Return the initial current or voltage of an element, as text."""
        return number(_finite(self.state, name, f"The initial state of {name}"))


def _finite(values: Mapping[str, float], name: str, what: str) -> float:
    if name not in values:
        raise DesignError(f"{what} is missing; a simulation needs it.")
    value = float(values[name])
    if not math.isfinite(value):
        raise DesignError(f"{what} is {value}; a simulation needs a finite number.")
    return value
