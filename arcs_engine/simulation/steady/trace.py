"""The steps of one period, as the meter and the waveforms read them."""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.algebra import Step, advance
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.lanes import Place, wide
from arcs_engine.simulation.steady.modes import FINEST, Work
from arcs_engine.simulation.steady.network import IntArray, Network

MOST_STEPS: Final = 8192
"""Steps that a trace has room for; a period takes some hundred."""


class Trace(NamedTuple):
    """Steps in order; N = states + 1.

    Attributes:
        bounds: z at the start of each step and, one row on, at its end, shape
            (steps + 1, wide N).
        middles: at half its length, filled by `fill_middles`, shape (steps, wide N).
        ticks: its length, shape (steps,).
        levels: its length as a level; beyond `FINEST` for a straight step of any length.
            Shape (steps,).
        modes: its mode, shape (steps,).
        phases: of the period that it belongs to (see `period`), shape (steps,).
        used: number of steps in use, shape (1,).
    """

    bounds: FloatArray
    middles: FloatArray
    ticks: FloatArray
    levels: IntArray
    modes: IntArray
    phases: IntArray
    used: IntArray


class Noted(NamedTuple):
    """A step that was taken; see the columns of `Trace`."""

    ticks: float
    level: int
    mode: int
    phase: int


def trace_of(network: Network) -> Trace:
    """Allocate a trace for a network."""
    width = wide(network.plan.states + 1)
    return Trace(
        np.zeros((MOST_STEPS + 1, width)),
        np.zeros((MOST_STEPS, width)),
        np.zeros(MOST_STEPS),
        np.zeros(MOST_STEPS, dtype=np.int64),
        np.zeros(MOST_STEPS, dtype=np.int64),
        np.zeros(MOST_STEPS, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )


@inner_kernel
def note(trace: Trace, z: FloatArray, n: int, step: Noted) -> bool:
    """Write a step down with the state at its start; return False where there is no room."""
    row = trace.used[0]
    if row >= MOST_STEPS:
        return False
    trace.used[0] = row + 1
    trace.ticks[row], trace.levels[row] = step.ticks, step.level
    trace.modes[row], trace.phases[row] = step.mode, step.phase
    for i in range(n + 1):
        trace.bounds[row, i] = z[i]
    return True


@kernel
def fill_middles(work: Work, trace: Trace) -> None:
    """Fill `Trace.middles`.

    A step of more than a tick is not straight, but its half is a step.
    """
    bounds, middles = trace.bounds, trace.middles
    size, width = work.steps.shape[2], trace.bounds.shape[1]
    for row in range(trace.used[0]):
        level = trace.levels[row] + 1
        if level > FINEST:
            for i in range(size):
                middles[row, i] = 0.5 * (bounds[row, i] + bounds[row + 1, i])
        else:
            entry = row * width
            half = Step(work.steps, trace.modes[row], level)
            advance(half, Place(bounds, entry), Place(middles, entry))
