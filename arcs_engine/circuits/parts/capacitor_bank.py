"""Banks of n equal capacitors in parallel, as boards have them."""

from dataclasses import dataclass, field
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.parts import capacitor_range
from arcs_engine.circuits.parts.capacitor_range import NAMES, PARTS, CapacitorPart
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.units import format_quantity

FEW_IN_PARALLEL: Final = 10
"""Up to so many parts boards have in one place; more only where no fewer do."""

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
    def rated(self) -> FloatArray:
        """Rated voltage, V."""
        return capacitor_range.RATED[self.part]

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


class Need(Protocol):
    """What the banks of n designs must do."""

    @property
    def voltage(self) -> FloatArray:
        """Working voltage, V, shape (n,)."""

    def count(self, part: NDArray[np.intp]) -> FloatArray:
        """Return how many of each part would do, not rounded, shape (n, m).

        Args:
            part: places in `capacitor_range.PARTS`, m of each design, shape (n, m).
        """


@dataclass(frozen=True)
class BankNeed:
    """What banks must reach, shape (n,) each.

    Attributes:
        voltage: working voltage, V.
        capacitance: needed at that voltage, F.
        current: that it must carry, A rms.
        frequency: of the current, Hz.
        esr: that it may have at most, ohm; inf, also as one number, for no limit.
    """

    voltage: FloatArray
    capacitance: FloatArray
    current: FloatArray
    frequency: FloatArray
    esr: FloatArray = field(default_factory=lambda: np.array(np.inf))

    def count(self, part: NDArray[np.intp]) -> FloatArray:
        """Return how many of each part reach all of it, not rounded, shape (n, m)."""
        voltage, capacitance, current, frequency, esr = (
            np.atleast_1d(each)[:, None]
            for each in (self.voltage, self.capacitance, self.current, self.frequency, self.esr)
        )
        for_charge = capacitance / capacitor_range.effective(part, voltage)
        for_current = current / capacitor_range.ripple_current(part, frequency)
        for_resistance = capacitor_range.resistance(part, frequency) / esr
        return np.maximum(np.maximum(for_charge, for_current), for_resistance)


def least_count(part: NDArray[np.intp], need: Need) -> FloatArray:
    """Return how many of a part do what is needed; at least one, inf where no number does.

    Args:
        part: places in `capacitor_range.PARTS`, shape (n, m).
        need: of n designs.
    """
    return np.maximum(np.ceil(need.count(part) * (1 - _SLACK)), 1.0)


def smallest_bank(
    need: Need,
    technologies: tuple[str, ...] = NAMES,
    most: int = MOST_IN_PARALLEL,
) -> tuple[Bank, NDArray[np.bool_]]:
    """Choose the banks of the least volume that do what is needed, of few parts where such do.

    Args:
        need: of n designs.
        technologies: of `capacitor_range.NAMES`, those that the position allows.
        most: how many may stand in parallel.

    Returns:
        The banks, and for which designs there is one, shape (n,). Where there is none, the bank is
        of the part that comes nearest, as many as may be; where nothing is sold for the voltage, of
        the first part of the range.
    """
    shelves = capacitor_range.shelf(need.voltage, technologies)
    part = np.maximum(shelves, 0)
    count = least_count(part, need)
    volume = np.where(shelves >= 0, capacitor_range.VOLUME[part] * count, np.inf)
    within = (shelves >= 0) & (count <= most)
    exists = np.asarray(within.any(axis=1))
    few = within & (count <= FEW_IN_PARALLEL)
    within = np.where(few.any(axis=1, keepdims=True), few, within)
    # Where no part is enough, the fewest that would be say which comes nearest.
    weight = np.where(within, volume, np.where(exists[:, None] | (shelves < 0), np.inf, count))
    row, best = np.arange(len(shelves)), weight.argmin(axis=1)
    # fmin: as many as may be also where it is not known what is needed.
    return Bank(part[row, best], np.fmin(count[row, best], most)), exists
