"""From verdicts on loops to a `JudgedLoop`."""

import numpy as np

from arcs_engine.circuits.control import Slopes, VoltageMode
from arcs_engine.performance.judged_loop import LoopCorner, LoopModulator
from arcs_engine.performance.loop.judgement import LoopVerdicts


def modulator_of(found: LoopVerdicts) -> LoopModulator:
    """Return the modulator that loops were judged with.

    The least slope compensation is (S2 - S1) / 2 (Erickson and Maksimovic, 2nd ed., section 12.1).
    """
    declared, sensed = found.plants.declared, found.plants.corners.sensed
    if isinstance(declared, VoltageMode):
        return LoopModulator(
            method="voltage", ramp=declared.ramp, feed_forward=declared.feed_forward
        )
    slopes = Slopes(declared.sense * sensed.rise, declared.sense * sensed.fall)
    return LoopModulator(
        method="current",
        sense=declared.sense,
        slope=declared.compensation,
        least_slope=float(np.max(slopes.least_compensation)),
    )


def corners_of(found: LoopVerdicts, row: int) -> tuple[LoopCorner, ...]:
    """Return one fitting's loop at every place."""
    return tuple(_corner(found, (row, place)) for place in range(found.gain.shape[1]))


def _corner(found: LoopVerdicts, at: tuple[int, int]) -> LoopCorner:
    corners, place = found.plants.corners, at[1]
    row = place % len(corners)
    return LoopCorner(
        vin=float(corners.vin[row]),
        load=float(corners.load[row]),
        capacitance=float(corners.capacitance[row]),
        place=found.place(place),
        crossover=_known(found.analysed.crossover[at]),
        phase_margin=_known(found.analysed.phase_margin[at]),
        gain_margin=_known(found.analysed.gain_margin[at]),
        sampled_crossover=_known(found.sampled.crossover[at]),
        sampled_phase_margin=_known(found.sampled.phase_margin[at]),
        sampled_gain_margin=_known(found.sampled.gain_margin[at]),
        half=_known(found.half[at]),
        modulus=_known(found.modulus[at]),
        multiplier=_known(np.abs(found.multiplier[at])),
        right_half_plane_zero=_known(found.right_half_plane_zero[place]),
    )


def _known(figure: float) -> float | None:
    return float(figure) if np.isfinite(figure) else None
