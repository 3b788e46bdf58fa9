"""From verdicts on loops to a `JudgedLoop`."""

import numpy as np

from arcs_engine.circuits.control import PeakCurrentMode, VoltageMode
from arcs_engine.performance.judged_loop import LoopCorner
from arcs_engine.performance.loop.judgement import LoopVerdicts


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


def modulator_fields(found: LoopVerdicts) -> dict[str, float | None]:
    """Return what a `JudgedLoop` says of its modulator."""
    declared, sensed = found.plants.declared, found.plants.corners.sensed
    if isinstance(declared, VoltageMode):
        return {
            "sense": None,
            "slope": None,
            "least_slope": None,
            "ramp": declared.ramp,
            "feed_forward": declared.feed_forward,
        }
    assert isinstance(declared, PeakCurrentMode)
    least = declared.sense * float(np.max(np.maximum((sensed.fall - sensed.rise) / 2, 0.0)))
    return {
        "sense": declared.sense,
        "slope": declared.compensation,
        "least_slope": least,
        "ramp": None,
        "feed_forward": None,
    }


def _known(figure: float) -> float | None:
    return float(figure) if np.isfinite(figure) else None
