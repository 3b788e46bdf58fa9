"""Capacitors by technology: equivalent series resistance, ripple current, voltage bias."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.circuit import Capacitor
from arcs_engine.circuits.eseries import values_between
from arcs_engine.circuits.spec import FloatArray

_SMALLEST_INPUT, _LARGEST_INPUT = 0.1e-6, 10e-3

_INPUT_RIPPLE = 0.02
"""Peak-to-peak ripple that the input capacitor leaves on the lowest input, a fraction of it."""


@dataclass(frozen=True)
class Technology:
    """One way of making capacitors.

    Attributes:
        name: for people.
        resistance: lowest equivalent series resistance, ohm, of a capacitance, F.
        largest: largest capacitance that is sold at a working voltage, F, of a voltage, V.
        one: capacitance of one part, F; parts of less are as large, more takes several.
        heat: power that one may turn into heat, W; that of more capacitance grows with its square
            root, as the surface does.
    """

    name: str
    resistance: Callable[[FloatArray], FloatArray]
    largest: Callable[[FloatArray], FloatArray]
    one: float
    heat: float

    def bound(self, capacitance: FloatArray, voltage: FloatArray) -> FloatArray:
        """Return the lowest series resistance, ohm; inf where the technology does not go."""
        exists = capacitance <= self.largest(voltage) * (1 + 1e-9)
        return np.where(exists, self.resistance(capacitance), np.inf)


TECHNOLOGIES: Final = (
    # 2.2 mOhm at 22 uF (Murata SimSurfing, GRM32 parts near 300 kHz), several in parallel above;
    # self-heating of 20 K, 5.6 A through 22 uF of a 1210.
    Technology(
        "ceramic",
        lambda c: 2.2e-3 * np.sqrt(22e-6 / c),
        lambda v: 220e-6 * np.minimum(1.0, 12.0 / v),
        one=22e-6,
        heat=0.07,
    ),
    # ESR C = 3.3 us and at least 4 mOhm (Panasonic OS-CON SVPF, SP-Cap); 5 A through 330 uF.
    Technology(
        "polymer",
        lambda c: np.maximum(3.3e-6 / c, 4e-3),
        lambda v: np.where(v <= 50, 2.7e-3 * np.minimum(1.0, 12.0 / v), 0.0),
        one=330e-6,
        heat=0.25,
    ),
    # ESR C = 25 us and at least 8 mOhm, 2 A through 1 mF (Panasonic FR, 100 kHz, 105 degrees C).
    Technology(
        "electrolytic",
        lambda c: np.maximum(25e-6 / c, 8e-3),
        lambda v: np.full(np.shape(v), np.inf),
        one=1e-3,
        heat=0.1,
    ),
)
"""Best ESR first."""

_ONE: Final = np.array([each.one for each in TECHNOLOGIES])
_HEAT: Final = np.array([each.heat for each in TECHNOLOGIES])


def capacitor(name: str, capacitance: FloatArray, esr: FloatArray) -> dict[str, FloatArray]:
    """Return the parameters of a capacitor."""
    part = Capacitor(name, "", "")
    return {part.capacitance: capacitance, part.resistance: esr}


def _bounds(capacitance: FloatArray, voltage: FloatArray) -> FloatArray:
    """Return each technology's lowest series resistance, shape (technologies, ...)."""
    return np.array([each.bound(capacitance, voltage) for each in TECHNOLOGIES])


def esr_bound(capacitance: FloatArray, voltage: FloatArray) -> FloatArray:
    """Return the lowest equivalent series resistance that can be bought, ohm.

    Args:
        capacitance: F.
        voltage: working voltage, V.
    """
    return np.asarray(_bounds(capacitance, voltage).min(axis=0))


@dataclass(frozen=True)
class Capacitors:
    """Capacitors in a circuit, shape (n,) each.

    Attributes:
        capacitance: F.
        esr: equivalent series resistance, ohm.
        voltage: working voltage, V.
    """

    capacitance: FloatArray
    esr: FloatArray
    voltage: FloatArray

    @property
    def technology(self) -> NDArray[np.intp]:
        """Which of `TECHNOLOGIES` each is made in.

        The one whose best parts come nearest to the asked resistance from below; where none
        reaches it, the one with the least.
        """
        return self._nearest(_bounds(self.capacitance, self.voltage))

    def _nearest(self, bounds: FloatArray) -> NDArray[np.intp]:
        within = np.where(bounds <= self.esr * (1 + 1e-9), bounds, -np.inf)
        reached = np.isfinite(within).any(axis=0)
        return np.asarray(np.where(reached, within.argmax(axis=0), bounds.argmin(axis=0)))

    @property
    def ripple_rating(self) -> FloatArray:
        """Rms ripple current that a capacitor of its technology is rated for, A.

        What heats its best part of that capacitance as much as it may be heated: I = sqrt(P / ESR).
        """
        bounds = _bounds(self.capacitance, self.voltage)
        chosen = self._nearest(bounds)
        bound, parallel = np.choose(chosen, bounds), self.capacitance / _ONE[chosen]
        return np.asarray(np.sqrt(_HEAT[chosen] * np.sqrt(np.maximum(parallel, 1.0)) / bound))


def bias_share(voltage: FloatArray, rated: FloatArray) -> FloatArray:
    """Return the share of its capacitance that a class II ceramic keeps at a direct voltage.

    1 / (1 + 1.5 (V / Vrated)^2) lies in the middle of what makers' guides give for X5R and X7R
    parts: 80 to 90 % at a third of the rated voltage, 60 to 80 % at half, 30 to 50 % at all of it.
    """
    return 1 / (1 + 1.5 * (voltage / rated) ** 2)


def input_capacitance(rms: FloatArray, vin: FloatArray, fsw: FloatArray) -> FloatArray:
    """Return the input capacitor, next E12 value, F.

    C = Irms / (2 f ΔV), with ΔV of 2 % of the lowest input. A pulsed current of duty D gives the
    charge I D (1 - D) / f and the rms value I sqrt(D (1 - D)) (ST A6902D data sheet, equations 13
    and 14); as sqrt(D (1 - D)) is at most 1/2, the charge is at most Irms / (2 f).

    Args:
        rms: alternating part of the source's current at the worst corner, A.
        vin: lowest input voltage, V.
        fsw: Hz.
    """
    needed = np.fmax(rms / (2 * fsw * _INPUT_RIPPLE * vin), 0.0)
    grid = values_between("E12", _SMALLEST_INPUT, _LARGEST_INPUT)
    return np.asarray(grid[np.minimum(np.searchsorted(grid, needed), len(grid) - 1)])
