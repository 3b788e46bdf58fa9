"""The steps of one period, as the meter and the waveforms read them."""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.spec import FloatArray
from arcs_engine.steady.network import IntArray, Network

MOST_STEPS: Final = 8192
"""Steps that a trace has room for; a period takes some hundred."""


class Trace(NamedTuple):
    """Steps in order; N = states + 2, the size of an augmented state.

    Attributes:
        starts: augmented state at the start of each step, shape (steps, N).
        middles: at half its length, shape (steps, N).
        ends: at its end, shape (steps, N).
        ticks: its length, shape (steps,).
        modes: its mode, shape (steps,).
        phases: 0 while the main switch is on, then 1; shape (steps,).
        used: number of steps in use, shape (1,).
    """

    starts: FloatArray
    middles: FloatArray
    ends: FloatArray
    ticks: FloatArray
    modes: IntArray
    phases: IntArray
    used: IntArray


def trace_of(network: Network) -> Trace:
    """Allocate a trace for a network."""
    size = network.states + 2
    return Trace(
        np.zeros((MOST_STEPS, size)),
        np.zeros((MOST_STEPS, size)),
        np.zeros((MOST_STEPS, size)),
        np.zeros(MOST_STEPS),
        np.zeros(MOST_STEPS, dtype=np.int64),
        np.zeros(MOST_STEPS, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )
