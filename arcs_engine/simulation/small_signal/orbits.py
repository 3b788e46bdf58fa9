"""Periodic orbits as intervals between boundaries, with all that linear responses need.

Within an interval the circuit is linear, so every quantity is a row over (x, 1, v, i): the states,
the constant, and small changes v of the input voltage and i of a current into the output. Time is
in periods.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.simulation.steady.network import IntArray
from arcs_engine.simulation.steady.newton import NOT_CONVERGED, SOLVED
from arcs_engine.simulation.steady.room import network_for

MOST_INTERVALS: Final = 40
"""Intervals of a period that there is room for; a converter has two to ten."""

# What begins an interval: the clock, or nothing; the comparator's edge; a diode.
CLOCK: Final = 0
COMPARATOR: Final = 1
DIODE: Final = 2

# Rows of `Orbits.readings`.
OUTPUT: Final = 0
INPUT_CURRENT: Final = 1
SWITCH_CURRENT: Final = 2


class Orbits(NamedTuple):
    """Periodic orbits, one row per design; k intervals at most, n states.

    Attributes:
        status: `steady.STATUS` says it in words, shape (designs,).
        sign: of the output voltage, shape (designs,).
        period: s, shape (designs,).
        duty: nan where there is no orbit, shape (designs,).
        used: number of intervals, shape (designs,).
        begins: `CLOCK`, `COMPARATOR` or `DIODE`, shape (designs, k).
        lengths: of the intervals, periods, shape (designs, k).
        states: at the start of each interval, shape (designs, k, n).
        dynamics: x' over (x, 1, v, i), shape (designs, k, n, n + 3).
        readings: magnitude of the output voltage, input current and current of the main switch over
            (x, 1, v, i), shape (designs, k, 3, n + 3).
        conditions: what is zero when a diode begins the interval, over (x, 1, v, i) of the interval
            before; shape (designs, k, n + 3).
    """

    status: IntArray
    sign: FloatArray
    period: FloatArray
    duty: FloatArray
    used: IntArray
    begins: IntArray
    lengths: FloatArray
    states: FloatArray
    dynamics: FloatArray
    readings: FloatArray
    conditions: FloatArray

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Which designs have an orbit, shape (designs,)."""
        return np.asarray(self.status == SOLVED)

    def take(self, rows: slice | IntArray) -> "Orbits":
        """Return the orbits of some designs, each as often as it is named."""
        return Orbits._make(array[rows] for array in self)

    def trimmed(self) -> "Orbits":
        """Return the same without the room that no orbit needs."""
        most = int(np.max(self.used, initial=1))
        return Orbits._make((*self[:5], *(array[:, :most].copy() for array in self[5:])))


def blank_orbits(topology: Topology, period: FloatArray) -> Orbits:
    """Return room for the orbits of designs with these periods, shape (designs,)."""
    count, n, k = len(period), network_for(topology).plan.states, MOST_INTERVALS
    return Orbits(
        status=np.full(count, NOT_CONVERGED, dtype=np.int64),
        sign=np.full(count, float(topology.sign)),
        period=period,
        duty=np.full(count, np.nan),
        used=np.zeros(count, dtype=np.int64),
        begins=np.zeros((count, k), dtype=np.int64),
        lengths=np.zeros((count, k)),
        states=np.zeros((count, k, n)),
        dynamics=np.zeros((count, k, n, n + 3)),
        readings=np.zeros((count, k, 3, n + 3)),
        conditions=np.zeros((count, k, n + 3)),
    )
