"""What turns the control voltage into a duty: voltage mode and peak current mode."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from arcs_engine.circuits.crossover import WITHOUT_ZERO, Control, Stage
from arcs_engine.circuits.spec import FloatArray


@dataclass(frozen=True)
class Slopes:
    """How fast the current that is sensed moves, times the sense gain, both positive.

    Attributes:
        rise: S1, while the switch is on, V/s.
        fall: S2, while it is off, V/s.
    """

    rise: FloatArray
    fall: FloatArray

    @property
    def least_compensation(self) -> FloatArray:
        """Least slope compensation that keeps the current loop stable, V/s; zero for none.

        (S2 - S1) / 2 (Erickson and Maksimovic, 2nd ed., section 12.1).
        """
        return np.maximum((self.fall - self.rise) / 2, 0.0)

    def multiplier(self, compensation: FloatArray | float) -> FloatArray:
        """Return what a disturbance of the current is multiplied by in a period.

        -(S2 - Se) / (S1 + Se); at -1 the current begins to alternate from period to period
        (Erickson and Maksimovic, 2nd ed., section 12.1).

        Args:
            compensation: Se, V/s.
        """
        return -(self.fall - compensation) / (self.rise + compensation)

    def subharmonic(
        self, compensation: FloatArray | float
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Say where the current alternates at half the switching frequency: multiplier <= -1."""
        return np.asarray(self.multiplier(compensation) <= -1)


@dataclass(frozen=True)
class VoltageMode:
    """A ramp that the control voltage is compared with.

    Attributes:
        ramp: its height VM, V.
        feed_forward: input at which it has that height, V, when it grows with the input; None for
            a ramp of fixed height.
        delay: of the comparator and the driver, s.
    """

    control: ClassVar[Control] = "voltage"
    ramp: float = 1.0
    feed_forward: float | None = None
    delay: float = 0.0

    def height(self, vin: FloatArray) -> FloatArray:
        """Return the height of the ramp at an input, V."""
        if self.feed_forward is None:
            return np.full(np.shape(vin), self.ramp)
        return np.asarray(self.ramp * vin / self.feed_forward)


@dataclass(frozen=True)
class PeakCurrentMode:
    """The switch turns off where the sensed current and a ramp together reach the control voltage.

    Attributes:
        sense: Ri, V of the comparator over A of the inductor seen from the output: what is sensed
            on the primary of a transformer counts over its turns ratio Np/Ns.
        compensation: Se, slope of the ramp, V/s.
        delay: of the comparator and the driver, s.
    """

    control: ClassVar[Control] = "current"
    sense: float
    compensation: float
    delay: float = 0.0

    def slopes(self, family: str, stage: Stage) -> Slopes:
        """Return the slopes that are sensed, at the lowest input; see `inductor_slopes`."""
        slopes = inductor_slopes(family, stage)
        return Slopes(self.sense * slopes.rise, self.sense * slopes.fall)


Modulator = VoltageMode | PeakCurrentMode


def inductor_slopes(family: str, stage: Stage) -> Slopes:
    """Return how fast the inductor's current moves at the lowest input, A/s: sense gain 1.

    Args:
        family: of topologies, as ``buck``.
        stage: seen from the output, in continuous conduction.
    """
    inner = stage.vout + stage.drop
    if family in WITHOUT_ZERO:
        rise, fall = stage.low - stage.vout, inner
    elif family == "boost":
        rise, fall = stage.low, inner - stage.low
    else:
        rise, fall = stage.low, inner
    return Slopes(np.asarray(rise / stage.inductance), np.asarray(fall / stage.inductance))
