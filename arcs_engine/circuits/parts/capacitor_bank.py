"""Banks of n equal capacitors in parallel, as boards have them."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.parts import capacitor_range
from arcs_engine.circuits.parts.capacitor_range import NAMES, PARTS, CapacitorPart
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.units import format_quantity

MOST_IN_PARALLEL: Final = 30
"""Beyond this a bank is no longer drawn on a board as one."""

UNPOLARIZED: Final = ("ceramic", "film")
"""What may stand where the voltage has no fixed sign, or passes the whole current: coupling
capacitors."""

_SLACK: Final = 1e-9


@dataclass(frozen=True)
class Bank:
    """The banks of n designs.

    Attributes:
        part: places in `capacitor_range.PARTS`, shape (n,).
        count: how many in parallel, whole numbers from 1 on, shape (n,).
    """

    part: NDArray[np.intp]
    count: FloatArray

    def take(self, rows: NDArray[np.intp]) -> Self:
        """Return the banks of some designs."""
        return type(self)(self.part[rows], self.count[rows])

    @property
    def nominal(self) -> FloatArray:
        """Marked capacitance, F."""
        return capacitor_range.CAPACITANCE[self.part] * self.count

    @property
    def usable(self) -> FloatArray:
        """Largest working voltage, V."""
        return capacitor_range.USABLE[self.part]

    @property
    def volume(self) -> FloatArray:
        """With the keep-outs, mm3."""
        return capacitor_range.VOLUME[self.part] * self.count

    def effective(self, voltage: FloatArray) -> FloatArray:
        """Return the capacitance that is left at a working voltage, V, in F."""
        return capacitor_range.effective(self.part, voltage) * self.count

    def resistance(self, frequency: FloatArray) -> FloatArray:
        """Return the ESR at a frequency, Hz, in ohm."""
        return capacitor_range.resistance(self.part, frequency) / self.count

    def ripple_current(self, frequency: FloatArray) -> FloatArray:
        """Return the rms current that it may carry at a frequency, Hz, in A."""
        return capacitor_range.ripple_current(self.part, frequency) * self.count

    def text(self, row: int) -> str:
        """Write one design's bank: ``4 x 22 µF 10 V 1206 ceramic``."""
        part, count = PARTS[self.part[row]], int(self.count[row])
        many = "" if count == 1 else f"{count} x "
        return many + describe(part)


def describe(part: CapacitorPart) -> str:
    """Write what to buy: ``22 µF 10 V 1206 ceramic``."""
    value, rated = format_quantity(part.capacitance, "F"), format_quantity(part.rated, "V")
    case = f" {part.case}" if part.technology == "ceramic" else ""
    return f"{value} {rated}{case} {part.technology}"


def least_count(
    part: NDArray[np.intp],
    voltage: FloatArray,
    capacitance: FloatArray,
    current: FloatArray,
    frequency: FloatArray,
) -> FloatArray:
    """Return how many of a part reach a capacitance and carry a ripple current; at least one.

    Args:
        part: places in `capacitor_range.PARTS`.
        voltage: working voltage, V.
        capacitance: needed at that voltage, F.
        current: rms, A.
        frequency: of the current, Hz.
    """
    for_charge = capacitance / capacitor_range.effective(part, voltage)
    for_current = current / capacitor_range.ripple_current(part, frequency)
    needed = np.maximum(for_charge, for_current)
    return np.maximum(np.ceil(needed * (1 - _SLACK)), 1.0)


def smallest_bank(
    voltage: FloatArray,
    capacitance: FloatArray,
    current: FloatArray,
    frequency: FloatArray,
    technologies: tuple[str, ...] = NAMES,
    most: int = MOST_IN_PARALLEL,
) -> tuple[Bank, NDArray[np.bool_]]:
    """Choose the bank of the least volume that reaches a capacitance and carries a ripple current.

    Args:
        voltage: working voltage, V, shape (n,).
        capacitance: needed at that voltage, F, shape (n,).
        current: rms, A, shape (n,).
        frequency: of the current, Hz, shape (n,).
        technologies: of `capacitor_range.NAMES`, those that the position allows.
        most: how many may stand in parallel.

    Returns:
        The banks, and for which designs there is one, shape (n,). Where there is none, the bank is
        of the part that comes nearest, as many as may be; where nothing is sold for the voltage, of
        the first part of the range.
    """
    shelves = capacitor_range.shelf(voltage, technologies)
    part = np.maximum(shelves, 0)
    columns = (each[:, None] for each in (voltage, capacitance, current, frequency))
    count = least_count(part, *columns)
    volume = np.where(shelves >= 0, capacitor_range.VOLUME[part] * count, np.inf)
    within = (shelves >= 0) & (count <= most)
    exists = np.asarray(within.any(axis=1))
    # Where no part is enough, the fewest that would be say which comes nearest.
    weight = np.where(within, volume, np.where(exists[:, None] | (shelves < 0), np.inf, count))
    row, best = np.arange(len(voltage)), weight.argmin(axis=1)
    return Bank(part[row, best], np.minimum(count[row, best], most)), exists
