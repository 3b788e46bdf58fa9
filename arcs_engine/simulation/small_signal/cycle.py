"""One period from one trip of the comparator to the next, with all that may move in it.

What the comparator decides is carried along as a state of its own, the moment by which the edge
moves: the edges that it moves follow at once or after a delay and a dead time. Every boundary k
then moves by dt = row · (x, moment) + gain · input, and leaves a jump (f- - f+) dt behind in the
states. The rows are those of `sensitivity.saltate` and `shift_edge`.
"""

from typing import NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.small_signal.orbits import MOST_INTERVALS, Orbits
from arcs_engine.simulation.steady.network import IntArray


class Compensators(NamedTuple):
    """Compensators of designs (see `Compensator`), one row each; m states, which may be none.

    Attributes:
        dynamics: per second, shape (designs, m, m).
        inputs: shape (designs, m, 2).
        output: shape (designs, m).
    """

    dynamics: FloatArray
    inputs: FloatArray
    output: FloatArray

    def take(self, rows: slice) -> "Compensators":
        """Return some of the rows."""
        return Compensators._make(array[rows] for array in self)


class Case(NamedTuple):
    """One design with its modulator and compensator.

    Attributes:
        orbits: of all designs.
        modulators: `Modulator.rows`, shape (designs, 4).
        compensators: of all designs.
        row: of this design.
    """

    orbits: Orbits
    modulators: FloatArray
    compensators: Compensators
    row: int


class Cycle(NamedTuple):
    """A period from the comparator's trip on; n states and m of a compensator are s, k intervals.

    Attributes:
        used: number of intervals, shape (1,).
        source: interval of the orbit, shape (k,).
        begins: as `Orbits.begins`, shape (k,).
        length: periods, shape (k,).
        generator: rates over (states, reference, 1), shape (k, s, s + 2).
        flow: change over the interval, over the same, shape (k, s, s + 2).
        start: (states, reference, 1) at the interval's start, shape (k, s + 2).
        row: by which its beginning moves, over (states, moment), shape (k, s + 1).
        gain: the same for the inputs v and i, shape (k, 2).
        jump: of the states per moment at its beginning, shape (k, s).
        step: of the output and of the input current, shape (k, 2).
        trip: row by which the comparator's trip moves, over the states, shape (s,).
        trip_gain: the same for the control voltage, v and i, shape (3,).
        slopes: of the comparator's inputs towards each other, and of the control voltage, V per
            period, shape (2,).
        phi: states just before the next trip over those before this one, shape (s, s).
        kick: the same over the moment, shape (s,).
        basis: scratch, shape (s + 2, s + 2).
        scratch: shape (2, s + 2, s + 2).
    """

    used: IntArray
    source: IntArray
    begins: IntArray
    length: FloatArray
    generator: FloatArray
    flow: FloatArray
    start: FloatArray
    row: FloatArray
    gain: FloatArray
    jump: FloatArray
    step: FloatArray
    trip: FloatArray
    trip_gain: FloatArray
    slopes: FloatArray
    phi: FloatArray
    kick: FloatArray
    basis: FloatArray
    scratch: FloatArray


def cycle_of(states: int) -> Cycle:
    """Allocate a cycle for so many states."""
    k, s = MOST_INTERVALS + 1, states
    return Cycle(
        used=np.zeros(1, dtype=np.int64),
        source=np.zeros(k, dtype=np.int64),
        begins=np.zeros(k, dtype=np.int64),
        length=np.zeros(k),
        generator=np.zeros((k, s, s + 2)),
        flow=np.zeros((k, s, s + 2)),
        start=np.zeros((k, s + 2)),
        row=np.zeros((k, s + 1)),
        gain=np.zeros((k, 2)),
        jump=np.zeros((k, s)),
        step=np.zeros((k, 2)),
        trip=np.zeros(s),
        trip_gain=np.zeros(3),
        slopes=np.zeros(2),
        phi=np.zeros((s, s)),
        kick=np.zeros(s),
        basis=np.zeros((s + 2, s + 2)),
        scratch=np.zeros((2, s + 2, s + 2)),
    )
