"""What a loop is closed round: the responses of the power stage with its modulator.

The control voltage u moves the comparator's trip by dt, and the power stage answers with y = Gy dt
and, in peak current mode, the sensed current with Gi dt. With the slope k at which the comparator's
inputs meet, dt = (u - Gi dt) / k, so that u / y = (k + Gi) / Gy is linear in k. The ripple of the
control voltage, which every compensator makes its own, takes its slope from k. So two responses
give those of all compensators.
"""

from dataclasses import dataclass

import numpy as np

from arcs_engine.circuits.control import Modulator as ModulatorDeclaration
from arcs_engine.circuits.control import VoltageMode
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.loop.corners import LoopCorners
from arcs_engine.simulation.small_signal.modulator import Modulator
from arcs_engine.simulation.small_signal.responses import responses
from arcs_engine.simulation.steady.algebra import ComplexArray

FREQUENCIES = 200
"""At which a loop is judged: four per cent apart, a degree or two of phase."""

_DECADES = 3.7
"""Below half the switching frequency, down to which a loop is looked at."""


@dataclass(frozen=True, eq=False)
class Plants:
    """The plants of one design under one modulator, at every corner.

    Attributes:
        corners: of the design.
        declared: the modulator.
        modulator: the same for the solver, one row per corner.
        frequencies: Hz, ascending, the last one half the switching frequency; shape (frequencies,).
        control: output over control voltage, without its ripple, shape (corners, frequencies).
        moment: output over the moment of the trip, V/s, shape (corners, frequencies).
    """

    corners: LoopCorners
    declared: ModulatorDeclaration
    modulator: Modulator
    frequencies: FloatArray
    control: ComplexArray
    moment: ComplexArray

    def rippled(self, slope: FloatArray) -> ComplexArray:
        """Return output over control voltage with the slope that its ripple has at the trip.

        Args:
            slope: V/s, shape (..., corners).

        Returns:
            Shape (..., corners, frequencies).
        """
        return np.asarray(1 / (1 / self.control - slope[..., None] / self.moment))

    def at(self, frequency: FloatArray) -> ComplexArray:
        """Return output over control voltage, without ripple, at one frequency per corner, Hz."""
        asked = np.asarray(frequency)[:, None]
        return responses(self.corners.orbits, self.modulator, asked).control[:, 0]


def plants_at(
    corners: LoopCorners, declared: ModulatorDeclaration, count: int = FREQUENCIES
) -> Plants:
    """Find the plants of a design under a modulator.

    Args:
        corners: of the design.
        declared: the modulator.
        count: of frequencies.
    """
    fsw = corners.fsw
    frequencies = np.geomspace(fsw / 2 / 10**_DECADES, fsw / 2, count)
    frequencies[-1] = fsw / 2
    modulator = modulator_at(corners, declared)
    # With a ramp of 1 V/s the moment of the trip is the voltage.
    second = Modulator.peak_current(0.0, 1.0, declared.delay)
    return Plants(
        corners=corners,
        declared=declared,
        modulator=modulator,
        frequencies=frequencies,
        control=responses(corners.orbits, modulator, frequencies).control,
        moment=responses(corners.orbits, second, frequencies).control,
    )


def modulator_at(corners: LoopCorners, declared: ModulatorDeclaration) -> Modulator:
    """Return a modulator for the solver, one row per corner.

    The solver senses the switch's current; that of a primary is less by the turns ratio.
    """
    if isinstance(declared, VoltageMode):
        return Modulator.voltage_mode(declared.height(corners.vin), corners.fsw, declared.delay)
    sensing = declared.sense * corners.turns_ratio
    return Modulator.peak_current(sensing, declared.compensation, declared.delay)
