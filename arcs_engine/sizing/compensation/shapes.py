"""Shapes of compensators: where their zeros and poles lie, whatever their gain.

The K factor puts zero and pole evenly about the crossover. Seen from the geometric mean of zero
and pole every shape is even, so the same calculation finds the parts of all of them.
"""

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from arcs_engine.circuits.control import Compensator, LoopGoal, k_factor
from arcs_engine.circuits.crossover import Control
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.loop import LoopCorners

MARGIN: Final = 60.0
"""Phase margin that the textbook compensator aims at, degrees."""

ZERO_SHARES: Final = (3.0, 5.0, 8.0, 14.0)
"""Crossover over the zero, in peak current mode."""

RESONANCE_SHARES: Final = (0.4, 0.6, 0.8, 1.0, 1.3)
"""Double zero over the resonance of the filter, in voltage mode."""

POLE_SHARES: Final = (4.0, 3.0, 2.0, 1.0)
"""Switching frequency, or the fastest pole that can be made, over the pole or the double one."""

_LEAST_SPREAD: Final = 1.6
_NARROWER: Final = 0.98
"""Of the widest spread that a compensator is used for."""


@dataclass(frozen=True)
class Shape:
    """Zero and pole of a compensator, single ones or double.

    Attributes:
        kind: circuit.
        zero: Hz.
        pole: Hz.
    """

    kind: Compensator
    zero: float
    pole: float

    @property
    def centre(self) -> float:
        """Where it gives the most phase, Hz."""
        return math.sqrt(self.zero * self.pole)

    def gain(self, frequency: FloatArray) -> FloatArray:
        """Return the gain over that at the centre, |1 + fz/jf| |1 + jf/fp|^-1 and its like."""
        centre = np.array(self.centre)
        return np.asarray(self._gain(frequency) / self._gain(centre))

    def goal(self, gain: float) -> LoopGoal:
        """Return the goal for which the K factor gives this shape.

        Args:
            gain: at the centre, V/V.
        """
        ratio = self.pole / self.zero
        half = math.degrees(math.atan(math.sqrt(ratio))) - 45
        boost = 4 * half if self.kind.leads else 2 * half
        phase = math.radians(MARGIN - 90 - boost)
        return LoopGoal(self.centre, MARGIN, cmath.rect(1 / gain, phase))

    def _gain(self, frequency: FloatArray) -> FloatArray:
        lead = np.hypot(1.0, frequency / self.zero) / np.hypot(1.0, frequency / self.pole)
        return np.asarray(lead ** (2 if self.kind.leads else 1) / frequency)


def shape_of(kind: Compensator, goal: LoopGoal) -> Shape:
    """Return the shape that the K factor gives for a goal."""
    factor = k_factor(min(goal.boost, kind.most_boost), kind.leads)
    apart = math.sqrt(factor) if kind.leads else factor
    return Shape(kind, goal.crossover / apart, goal.crossover * apart)


def shapes(
    corners: LoopCorners, method: Control, kinds: Sequence[Compensator], targets: FloatArray
) -> list[Shape]:
    """Return the shapes to try.

    Args:
        corners: of the design.
        method: control method.
        kinds: compensators to try.
        targets: wanted crossover at each corner, Hz.
    """
    stage = corners.stage
    wanted = float(np.min(targets))
    own = [float(np.min(each)) for each in (corners.right_half_plane_zero, corners.output.esr_zero)]
    zeros = [wanted / share for share in ZERO_SHARES]
    if method == "voltage":
        product = stage.inductance * corners.output.capacitance
        resonance = float(1 / (2 * np.pi * np.sqrt(np.max(product))))
        zeros = [resonance * share for share in RESONANCE_SHARES] + zeros[:2]
    found: dict[tuple[str, float, float], Shape] = {}
    for kind in kinds:
        widest, top = _NARROWER * _widest(kind), min(corners.fsw, kind.fastest_pole)
        poles = [top / share for share in POLE_SHARES]
        poles += [each for each in own if wanted < each < top]
        for zero in zeros:
            for pole in poles:
                kept = float(np.clip(pole / zero, _LEAST_SPREAD, widest)) * zero
                found[kind.name, round(zero, 3), round(kept, 3)] = Shape(kind, zero, kept)
    return list(found.values())


def _widest(kind: Compensator) -> float:
    """Return the largest ratio of pole to zero that a compensator is used for."""
    factor = k_factor(kind.most_boost, kind.leads)
    return factor if kind.leads else factor**2
