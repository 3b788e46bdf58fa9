"""What a voltage loop shall do, and how far its compensator's corners must lie apart for it."""

import math
from dataclasses import dataclass
from typing import Final

LEAST_BOOST: Final = 10.0
"""Phase boost that a compensator gives at least, degrees: below, its zero and its pole all but
cancel, and the loop has more phase margin than was asked for."""


@dataclass(frozen=True)
class Divider:
    """What the output is divided down to.

    Attributes:
        output: V, magnitude.
        reference: V, at most the output.
        upper: resistor between the output and the amplifier, ohm.
    """

    output: float
    reference: float
    upper: float = 10e3

    @property
    def share(self) -> float:
        """Share of the output that the amplifier sees, 0..1."""
        return self.reference / self.output


@dataclass(frozen=True)
class LoopGoal:
    """What a loop shall do, and what it is closed round.

    Attributes:
        crossover: Hz.
        phase_margin: degrees.
        plant: gain from the control voltage to the output at the crossover, V/V; of a converter
            that inverts, to the magnitude of its output.
    """

    crossover: float
    phase_margin: float
    plant: complex

    @property
    def plant_phase(self) -> float:
        """Phase of the plant at the crossover, degrees in (-270, 90].

        Beyond that no compensator with an integrator helps.
        """
        degrees = math.degrees(math.atan2(self.plant.imag, self.plant.real))
        return degrees - 360 if degrees > 90 else degrees

    @property
    def boost(self) -> float:
        """Phase that the compensator must add to its integrator's -90 degrees, degrees.

        Margin - phase of the plant - 90 (Venable, The K Factor, Powercon 10, 1983).
        """
        return max(self.phase_margin - self.plant_phase - 90, LEAST_BOOST)


def k_factor(boost: float, leads: bool) -> float:
    """Return Venable's K: the pole of a type II lies at K fc, the poles of a type III at fc sqrt K.

    tan(b/2 + 45) and tan^2(b/4 + 45) (Venable, The K Factor, Powercon 10, 1983).

    Args:
        boost: degrees, below 90 for type II and 180 for type III.
        leads: whether it is a type III.
    """
    if leads:
        return math.tan(math.radians(boost / 4 + 45)) ** 2
    return math.tan(math.radians(boost / 2 + 45))
