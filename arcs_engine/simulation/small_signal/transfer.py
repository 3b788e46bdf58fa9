"""What a sine at an input does to the output and to the input current, at the same frequency.

The exact response of a periodically switched linear circuit (Tymerski, IEEE Transactions on Power
Electronics 9(2), 1994, the time-varying transfer function): small changes x(t) = p(t) exp(jwt) have
a periodic p, whose mean through the output's row is the response. It is what a frequency response
analyser shows. Beside what flows between the boundaries, the output itself jumps at them, by the
ESR's voltage, and the edge's own movement adds step · dt.
"""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.small_signal.cycle import Case, Cycle
from arcs_engine.simulation.small_signal.orbits import MOST_INTERVALS
from arcs_engine.simulation.steady.algebra import ComplexArray, solve_in_place
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel

# Inputs: the control voltage, the input voltage, a current into the output.
CONTROL: Final = 0
LINE: Final = 1
LOAD: Final = 2
INPUTS: Final = 3

READINGS: Final = 2
"""Outputs: the magnitude of the output voltage, and the input current."""


class Wave(NamedTuple):
    """Room for one frequency; n states, k intervals.

    Attributes:
        matrix: scratch, shape (n, n).
        resolvent: (A - jw)^-1 of one interval, shape (n, n).
        driven: resolvent times the inputs' columns, shape (k, n, 3).
        seen: readings' rows times resolvent, shape (k, 2, n).
        turn: exp(-jw length), shape (k,).
        p: states and, last, the moment, for each input, shape (n + 1, 3).
        start: the same before an interval, shape (n + 1, 3).
        moved: by which a boundary moves, for each input, shape (3,).
    """

    matrix: ComplexArray
    resolvent: ComplexArray
    driven: ComplexArray
    seen: ComplexArray
    turn: ComplexArray
    p: ComplexArray
    start: ComplexArray
    moved: ComplexArray


def wave_of(states: int) -> Wave:
    """Allocate room for one frequency."""
    k, n = MOST_INTERVALS + 1, states

    def room(*shape: int) -> ComplexArray:
        return np.zeros(shape, dtype=np.complex128)

    return Wave(
        room(n, n), room(n, n), room(k, n, INPUTS), room(k, READINGS, n), room(k),
        room(n + 1, INPUTS), room(n + 1, INPUTS), room(INPUTS),
    )  # fmt: skip


@inner_kernel
def _column(row: FloatArray, which: int, n: int) -> float:
    """Return what an input adds to a row over (x, 1, v, i); the control voltage adds nothing."""
    return float(row[n + which]) if which != CONTROL else 0.0


@inner_kernel
def _fill_resolvents(case: Case, cycle: Cycle, wave: Wave, angle: float) -> bool:
    """Fill what each interval does at an angle per period; False at an undamped resonance."""
    orbits, row = case.orbits, case.row
    n = len(wave.matrix)
    for k in range(cycle.used[0]):
        dynamics = orbits.dynamics[row, cycle.source[k]]
        readings = orbits.readings[row, cycle.source[k]]
        for i in range(n):
            for j in range(n):
                wave.matrix[i, j] = dynamics[i, j] - (1j * angle if i == j else 0.0)
                wave.resolvent[i, j] = 1.0 if i == j else 0.0
        if not solve_in_place(wave.matrix, wave.resolvent):
            return False
        for i in range(n):
            for which in range(INPUTS):
                total = 0.0j
                for j in range(n):
                    total += wave.resolvent[i, j] * _column(dynamics[j], which, n)
                wave.driven[k, i, which] = total
            for reading in range(READINGS):
                total = 0.0j
                for j in range(n):
                    total += readings[reading, j] * wave.resolvent[j, i]
                wave.seen[k, reading, i] = total
        turned = angle * cycle.length[k]
        wave.turn[k] = np.cos(turned) - 1j * np.sin(turned)
    return True


@inner_kernel
def _trip(cycle: Cycle, wave: Wave) -> None:
    """Set the moment, in the last row of p, from the states before the trip."""
    n = len(cycle.trip)
    for which in range(INPUTS):
        moment = cycle.trip_gain[which] + 0.0j
        for i in range(n):
            moment += cycle.trip[i] * wave.p[i, which]
        wave.p[n, which] = moment


@inner_kernel
def _cross(cycle: Cycle, wave: Wave, k: int) -> None:
    """Carry p across the beginning of an interval and then across the interval."""
    n, p, start = len(cycle.trip), wave.p, wave.start
    for which in range(INPUTS):
        moved = cycle.gain[k, which - 1] + 0.0j if which != CONTROL else 0.0j
        for i in range(n + 1):
            moved += cycle.row[k, i] * p[i, which]
        wave.moved[which] = moved
        for i in range(n):
            start[i, which] = p[i, which] + cycle.jump[k, i] * moved
        start[n, which] = p[n, which]
        # With G = exp(-jw length) E: p = G p + (G - 1) driven, driven being (A - jw)^-1 B.
        for i in range(n):
            total = start[i, which] + wave.driven[k, i, which]
            for j in range(n):
                total += cycle.flow[k, i, j] * (start[j, which] + wave.driven[k, j, which])
            p[i, which] = wave.turn[k] * total - wave.driven[k, i, which]
        p[n, which] = wave.turn[k] * start[n, which]


@inner_kernel
def _close(cycle: Cycle, wave: Wave, angle: float) -> bool:
    """Set p to what is the same after a period: (1 - exp(-jw T) phi) p = what it got from none."""
    n = len(cycle.trip)
    turn = np.cos(angle) - 1j * np.sin(angle)
    for i in range(n):
        for j in range(n):
            wave.matrix[i, j] = (1.0 if i == j else 0.0) - turn * cycle.phi[i, j]
    return solve_in_place(wave.matrix, wave.p)


@inner_kernel
def _add(case: Case, cycle: Cycle, wave: Wave, k: int, answer: ComplexArray) -> None:
    """Add what an interval and its beginning contribute to the means, shape (2, 3)."""
    n = len(cycle.trip)
    readings = case.orbits.readings[case.row, cycle.source[k]]
    for reading in range(READINGS):
        for which in range(INPUTS):
            total = cycle.step[k, reading] * wave.moved[which]
            for i in range(n):
                change = wave.p[i, which] - wave.start[i, which]
                total += wave.seen[k, reading, i] * change
                total -= readings[reading, i] * wave.driven[k, i, which] * cycle.length[k]
            total += _column(readings[reading], which, n) * cycle.length[k]
            answer[reading, which] += total


@kernel
def respond(case: Case, cycle: Cycle, wave: Wave, angle: float, answer: ComplexArray) -> bool:
    """Fill the responses of a laid out cycle without compensator at an angle.

    Args:
        case: the design.
        cycle: `layout.lay_out` of it.
        wave: scratch.
        angle: w T, rad.
        answer: output voltage and input current over control voltage, input voltage and current
            into the output, shape (2, 3).

    Returns:
        False where there is none, at an undamped resonance.
    """
    if not _fill_resolvents(case, cycle, wave, angle):
        return False
    wave.p[:, :] = 0.0
    _trip(cycle, wave)
    for k in range(cycle.used[0]):
        _cross(cycle, wave, k)
    if not _close(cycle, wave, angle):
        return False
    _trip(cycle, wave)
    answer[:, :] = 0.0
    for k in range(cycle.used[0]):
        _cross(cycle, wave, k)
        _add(case, cycle, wave, k, answer)
    return True
