"""The fast solver: exact periodic steady state of switched linear circuits, in batches."""

from arcs_engine.simulation.steady.solver import (
    STATUS,
    SteadyBatch,
    SteadyState,
    solve,
    steady_state,
)

__all__ = ["STATUS", "SteadyBatch", "SteadyState", "solve", "steady_state"]
