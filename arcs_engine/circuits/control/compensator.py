"""What every compensator declares."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from arcs_engine.circuits.control.linear_system import LinearSystem
from arcs_engine.circuits.control.network import ControlElement, state_space
from arcs_engine.circuits.control.sheet import CompensatorSheet
from arcs_engine.circuits.topologies.base import DesignValue
from arcs_engine.foundation.errors import DesignError
from arcs_engine.foundation.units import format_quantity

PartValues = Mapping[str, float]
"""Values of a compensator's parts by name, SI units; a part that is not fitted is absent."""


@dataclass(frozen=True)
class Corners:
    """The corners of a compensator with an ideal amplifier, as books give them.

    |G| = gain |1 + fz1/(jf)| ... / |1 + jf/fp1| ...

    Attributes:
        gain: between its first zero and its first pole, V/V.
        zeros: Hz, ascending in the order of its parts; the first one goes with the integrator.
        poles: Hz, likewise.
    """

    gain: float
    zeros: tuple[float, ...]
    poles: tuple[float, ...]


class Compensator(ABC):
    """An error amplifier with what is round it; a subclass is one circuit.

    An instance holds what is not chosen: the amplifier. The values of the parts are passed.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    parts: ClassVar[tuple[DesignValue, ...]]
    """What is bought: names, captions and E-series."""
    optional: ClassVar[frozenset[str]] = frozenset({"Rlower"})
    """Names of the parts that need not be fitted."""
    most_boost: ClassVar[float]
    """Largest phase boost that it is used for, degrees."""
    leads: ClassVar[bool] = False
    """Whether a second zero and pole go across the upper resistor (type III)."""

    @abstractmethod
    def elements(self, values: PartValues) -> tuple[ControlElement, ...]:
        """Return the circuit: from `OUTPUT` and `REFERENCE` to `CONTROL`.

        Args:
            values: of the parts.
        """

    @abstractmethod
    def corners(self, values: PartValues) -> Corners:
        """Return what the parts make with an ideal amplifier."""

    @abstractmethod
    def size(self, sheet: CompensatorSheet) -> None:
        """Choose every part on the sheet for the shape and the gain that stand there."""

    @property
    def fastest_pole(self) -> float:
        """Highest frequency at which its pole can lie, Hz; inf for any."""
        return math.inf

    def extremes(self) -> tuple[Self, ...]:
        """Return the compensators at the ends of what spreads in it; itself where nothing does."""
        return (self,)

    def system(self, values: PartValues) -> LinearSystem:
        """Return the state space.

        Raises:
            DesignError: see `check`.
        """
        self.check(values)
        return state_space(self.elements(values))

    def labels(self, values: PartValues) -> dict[str, str]:
        """Return the text of each fitted part on a schematic: its name, and its value below."""
        fitted = (part for part in self.parts if part.name in values)
        return {p.name: f"{p.name}\n{format_quantity(values[p.name], p.unit)}" for p in fitted}

    def check(self, values: PartValues) -> None:
        """Raise `DesignError` unless each part has a value that can be built, and no other has."""
        known = {part.name: part for part in self.parts}
        for name in (*known, *values):
            if name not in known:
                raise DesignError(
                    f"A {self.title} has no part '{name}'; it has {', '.join(known)}."
                )
            if name not in values and name not in self.optional:
                raise DesignError(f"{name} of the {self.title} has no value; give one.")
        for name, value in values.items():
            if not 0 < value < float("inf"):
                raise DesignError(f"{name} of the {self.title} is {value:g}; it must be positive.")
