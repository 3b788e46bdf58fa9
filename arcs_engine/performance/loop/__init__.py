"""The voltage loop of a design, judged at every corner."""

from arcs_engine.performance.judged_loop import JudgedLoop, LoopCorner, LoopModulator
from arcs_engine.performance.loop.corners import LoopCorners, loop_corners
from arcs_engine.performance.loop.judgement import Fitting, LoopVerdicts, judge_loops
from arcs_engine.performance.loop.limits import LIMITS, LoopLimit
from arcs_engine.performance.loop.plants import Plants, plants_at

__all__ = [
    "LIMITS",
    "Fitting",
    "JudgedLoop",
    "LoopCorner",
    "LoopCorners",
    "LoopLimit",
    "LoopModulator",
    "LoopVerdicts",
    "Plants",
    "judge_loops",
    "loop_corners",
    "plants_at",
]
