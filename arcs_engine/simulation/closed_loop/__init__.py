"""Converters under their regulators: large-signal runs from event to event.

Between two events the power stage and its compensator are one linear circuit, which is carried
exactly by the solver's own steps; `modes` puts it together, `march` runs it, `loop` is one design
with its regulator, and `answer` what it did.
"""

from arcs_engine.simulation.closed_loop.answer import Answer, StepFigures
from arcs_engine.simulation.closed_loop.loop import ClosedLoop, LoopState, OperatingPoint
from arcs_engine.simulation.closed_loop.regulator import Condition, Regulator, Stretch

__all__ = [
    "Answer",
    "ClosedLoop",
    "Condition",
    "LoopState",
    "OperatingPoint",
    "Regulator",
    "StepFigures",
    "Stretch",
]
