"""The loop that is wanted of one design."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from arcs_engine.circuits.control import (
    COMPENSATORS,
    Compensator,
    ControlSpec,
    Divider,
    Tl431,
    compensators,
)
from arcs_engine.circuits.crossover import FASTEST_SHARE, OPTOCOUPLER_LIMIT, ZERO_SHARE, Control
from arcs_engine.circuits.load_step import deviation_at
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.design import Designs
from arcs_engine.performance.loop import LoopCorners, LoopVerdicts, loop_corners
from arcs_engine.performance.worst_parts import at_load_steps

REFERENCE: Final = 0.8
"""Of a controller for low outputs, V; an output below it takes one as high as itself."""

SHUNT_REFERENCES: Final = (2.5, 1.24)
"""Of a TL431 and of a TLV431, V; the second one for outputs that leave the LED no headroom."""

_LED_HEADROOM: Final = 2.0
"""Least output above the reference of a shunt regulator, V: the LED's drop and as much again."""


@dataclass(frozen=True)
class LoopProblem:
    """A design whose loop is wanted.

    Attributes:
        designs: the design alone.
        asked: what the user gave.
    """

    designs: Designs
    asked: ControlSpec

    @cached_property
    def corners(self) -> LoopCorners:
        """The design at its corners.

        Raises:
            InfeasibleError: some corner has no operating point.
        """
        return loop_corners(self.designs)

    @cached_property
    def kinds(self) -> tuple[Compensator, ...]:
        """The compensators to choose from, the simplest first."""
        if self.asked.compensator is not None:
            return (COMPENSATORS[self.asked.compensator],)
        return compensators(self.designs.topology)

    def kinds_for(self, method: Control) -> tuple[Compensator, ...]:
        """Return the compensators to try: current mode needs no second lead unless it is asked."""
        simple = tuple(kind for kind in self.kinds if not kind.leads)
        return simple if method == "current" and self.asked.compensator is None else self.kinds

    @cached_property
    def divider(self) -> Divider:
        """From the output to the reference."""
        output = float(self.designs.specs.vout[0])
        reference = self.asked.reference
        if reference is None and isinstance(self.kinds[0], Tl431):
            tall = output >= SHUNT_REFERENCES[0] + _LED_HEADROOM
            reference = SHUNT_REFERENCES[0 if tall else 1]
        given = self.asked.parts.get("R1")
        divider = Divider(output, reference or min(REFERENCE, output))
        return divider if given is None else Divider(output, divider.reference, given)

    @cached_property
    def highest_crossovers(self) -> FloatArray:
        """The highest crossover to try at each corner, Hz."""
        corners = self.corners
        if self.asked.crossover is not None:
            return np.full(len(corners), self.asked.crossover)
        highest = np.minimum(
            corners.fsw / FASTEST_SHARE, corners.right_half_plane_zero / ZERO_SHARE
        )
        kind = self.kinds[0]
        if not isinstance(kind, Tl431):
            return highest
        # The limit is that of a nominal transfer ratio.
        return np.minimum(highest, OPTOCOUPLER_LIMIT * (1 + kind.optocoupler.spread))

    def deviations(self, found: LoopVerdicts) -> FloatArray:
        """Return how far the output strays at the load step, of Vout, shape (fittings,).

        By the closed form, with the crossover of each loop at its slowest corner of full load and
        least capacitance: with more of it a loop is slower, but has the more to give.
        """
        worst, specs = at_load_steps(self.designs), self.designs.specs
        slowest = np.fmin(found.analysed.slowest, found.sampled.slowest)
        corners = self.corners
        counted = (corners.load == 1.0) & (corners.capacitance == np.min(corners.capacitance))
        counted = np.tile(counted, slowest.shape[1] // len(corners))
        peak = deviation_at(
            np.min(slowest[:, counted], axis=1),
            worst.topology.loop,
            worst.topology.stage(worst.parameters, specs),
            specs.step,
            worst.parameters["Cout"],
            worst.parameters["Cout_esr"],
        )
        return np.asarray(peak / specs.vout)
