"""The orbit with its diodes' events where they exactly are.

The solver looks for events in ticks of a period / 2^19, and lets a diode contradict its state by a
little; where a leakage inductance takes the current over, that is worth more than a linear
response's digits. Within the intervals as they were found the orbit follows by Newton's method: the
states at turn-on and the instants of the events, at the given duty, so that each event's condition
is zero and the states repeat.
"""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.small_signal.orbits import DIODE, MOST_INTERVALS, Orbits
from arcs_engine.simulation.small_signal.transition import carry, fill_flow
from arcs_engine.simulation.steady.algebra import solve_in_place
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel

_PASSES: Final = 3
"""Newton's steps; the first one leaves less than a millionth of what was wrong."""


class Sheet(NamedTuple):
    """Room for one orbit of n states and k intervals at most.

    Attributes:
        generator: x' over (x, 1), shape (n, n + 1).
        flow: of each interval, over (x, 1), shape (k, n, n + 1).
        moved: by which its beginning moves, over (states at turn-on, 1), shape (k, n + 1).
        carried: states over the same, shape (n, n + 1).
        matrix: shape (n, n).
        right: shape (n, 1).
        rates: before and after a boundary, shape (2, n).
        scratch: shape (2, n, n + 1).
    """

    generator: FloatArray
    flow: FloatArray
    moved: FloatArray
    carried: FloatArray
    matrix: FloatArray
    right: FloatArray
    rates: FloatArray
    scratch: FloatArray


def sheet_of(states: int) -> Sheet:
    """Allocate room for orbits of so many states."""
    n, k = states, MOST_INTERVALS
    return Sheet(
        generator=np.zeros((n, n + 1)),
        flow=np.zeros((k, n, n + 1)),
        moved=np.zeros((k, n + 1)),
        carried=np.zeros((n, n + 1)),
        matrix=np.zeros((n, n)),
        right=np.zeros((n, 1)),
        rates=np.zeros((2, n)),
        scratch=np.zeros((2, n, n + 1)),
    )


@inner_kernel
def _flow_on(orbits: Orbits, row: int, k: int, sheet: Sheet) -> None:
    """Fill an interval's flow."""
    n = len(sheet.generator)
    for i in range(n):
        for j in range(n + 1):
            sheet.generator[i, j] = orbits.dynamics[row, k, i, j]
    fill_flow(sheet.generator, orbits.lengths[row, k], sheet.flow[k], sheet.scratch)


@inner_kernel
def _end(orbits: Orbits, row: int, k: int, place: tuple[Sheet, int]) -> float:
    """Return a state at the end of an interval."""
    sheet, i = place
    n, x = len(sheet.generator), orbits.states[row, k]
    total = sheet.flow[k, i, n]
    for j in range(n):
        total += sheet.flow[k, i, j] * x[j]
    return float(x[i] + total)


@inner_kernel
def _cross(orbits: Orbits, row: int, k: int, sheet: Sheet) -> None:
    """Carry what the states are over those at turn-on across a diode's event."""
    n, x, condition = len(sheet.generator), orbits.states[row, k], orbits.conditions[row, k]
    value, rate = condition[n], 0.0
    for i in range(n):
        for side in range(2):
            dynamics = orbits.dynamics[row, k - 1 + side, i]
            sheet.rates[side, i] = dynamics[n]
            for j in range(n):
                sheet.rates[side, i] += dynamics[j] * x[j]
        value += condition[i] * x[i]
        rate += condition[i] * sheet.rates[0, i]
    for j in range(n + 1):
        total = value if j == n else 0.0
        for i in range(n):
            total += condition[i] * sheet.carried[i, j]
        sheet.moved[k, j] = -total / rate
        for i in range(n):
            jump = sheet.rates[0, i] - sheet.rates[1, i]
            sheet.carried[i, j] += jump * sheet.moved[k, j]


@inner_kernel
def _linearise(orbits: Orbits, row: int, sheet: Sheet) -> None:
    """Fill the flows, and the period's end over the states at turn-on."""
    n, used = len(sheet.generator), orbits.used[row]
    for i in range(n):
        for j in range(n + 1):
            sheet.carried[i, j] = 1.0 if i == j else 0.0
    for k in range(used):
        if orbits.begins[row, k] == DIODE:
            _cross(orbits, row, k, sheet)
        _flow_on(orbits, row, k, sheet)
        carry(sheet.flow[k], sheet.carried, sheet.scratch[0])
        # The next interval's states as they are written down are not quite where this one ends.
        for i in range(n):
            sheet.carried[i, n] += _end(orbits, row, k, (sheet, i))
            sheet.carried[i, n] -= orbits.states[row, (k + 1) % used, i]


@inner_kernel
def _move(orbits: Orbits, row: int, sheet: Sheet) -> None:
    """Move the states at turn-on and the events, and carry the states through the period."""
    n, lengths, states = len(sheet.generator), orbits.lengths[row], orbits.states[row]
    for k in range(orbits.used[row]):
        if orbits.begins[row, k] == DIODE:
            moment = sheet.moved[k, n]
            for i in range(n):
                moment += sheet.moved[k, i] * sheet.right[i, 0]
            lengths[k - 1] += moment
            lengths[k] -= moment
    for i in range(n):
        states[0, i] += sheet.right[i, 0]
    for k in range(orbits.used[row] - 1):
        _flow_on(orbits, row, k, sheet)
        for i in range(n):
            states[k + 1, i] = _end(orbits, row, k, (sheet, i))


@kernel
def tighten(orbits: Orbits, row: int, sheet: Sheet) -> bool:
    """Move an orbit's events and states to where they exactly are.

    Returns:
        False where its intervals do not last: the solver's order of events is not that of an orbit.
    """
    n, used = len(sheet.generator), orbits.used[row]
    events = 0
    for k in range(used):
        events += 1 if orbits.begins[row, k] == DIODE else 0
    if events == 0:
        return True
    for _ in range(_PASSES):
        _linearise(orbits, row, sheet)
        for i in range(n):
            for j in range(n):
                sheet.matrix[i, j] = (1.0 if i == j else 0.0) - sheet.carried[i, j]
            sheet.right[i, 0] = sheet.carried[i, n]
        if not solve_in_place(sheet.matrix, sheet.right):
            return False
        _move(orbits, row, sheet)
        for k in range(used):
            if not orbits.lengths[row, k] > 0.0:
                return False
    return True
