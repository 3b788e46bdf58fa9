"""How a cycle is laid out: its intervals, its states and how its boundaries move.

The compensator's own periodic state follows from the orbit: x_c is the same after a period, and
v_c meets the ramp where the duty says. These are as many equations as there are states and one
reference; an integrator's free state is what the second one fixes, and then the reference is what
makes the integrator's mean input zero.
"""

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.small_signal.cycle import Case, Cycle
from arcs_engine.simulation.small_signal.orbits import (
    CLOCK,
    COMPARATOR,
    DIODE,
    OUTPUT,
    SWITCH_CURRENT,
)
from arcs_engine.simulation.small_signal.transition import carry, fill_flow
from arcs_engine.simulation.steady.algebra import solve_in_place
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel


@inner_kernel
def _order(case: Case, cycle: Cycle) -> bool:
    """Fill the intervals' order and lengths from the comparator's trip on; False without one."""
    orbits, row = case.orbits, case.row
    count, delay = orbits.used[row], case.modulators[row, 2]
    first, instant = 0, orbits.duty[row] - delay
    if delay == 0.0:
        while first < count and orbits.begins[row, first] != COMPARATOR:
            first += 1
        instant = 0.0
    else:
        while first < count and instant >= orbits.lengths[row, first]:
            instant -= orbits.lengths[row, first]
            first += 1
    if first == count:
        return False
    for k in range(count):
        source = (first + k) % count
        cycle.source[k] = source
        cycle.begins[k] = orbits.begins[row, source]
        cycle.length[k] = orbits.lengths[row, source]
    if instant > 0.0:
        # The trip parts an interval: the cycle begins in it and ends with its first piece.
        cycle.source[count] = first
        cycle.begins[count] = cycle.begins[0]
        cycle.length[count] = instant
        cycle.begins[0] = CLOCK
        cycle.length[0] -= instant
        count += 1
    cycle.used[0] = count
    return True


@inner_kernel
def _fill_flows(case: Case, cycle: Cycle) -> None:
    """Fill the generators of power stage and compensator, and their exponentials."""
    orbits, row, compensators = case.orbits, case.row, case.compensators
    n, m, period = orbits.states.shape[2], compensators.output.shape[1], orbits.period[row]
    s = n + m
    inputs = compensators.inputs[row]
    for k in range(cycle.used[0]):
        dynamics = orbits.dynamics[row, cycle.source[k]]
        output = orbits.readings[row, cycle.source[k], OUTPUT]
        generator = cycle.generator[k]
        generator[:, :] = 0.0
        for i in range(n):
            for j in range(n):
                generator[i, j] = dynamics[i, j]
            generator[i, s + 1] = dynamics[i, n]
        for i in range(m):
            for j in range(n):
                generator[n + i, j] = period * inputs[i, 0] * output[j]
            for j in range(m):
                generator[n + i, n + j] = period * compensators.dynamics[row, i, j]
            generator[n + i, s] = period * inputs[i, 1]
            generator[n + i, s + 1] = period * inputs[i, 0] * output[n]
        fill_flow(generator, cycle.length[k], cycle.flow[k], cycle.scratch[:, :s])


@inner_kernel
def _fill_power_states(case: Case, cycle: Cycle) -> None:
    """Fill the power stage's states at the start of each interval."""
    states, count = case.orbits.states[case.row], cycle.used[0]
    n, last = states.shape[1], count - 1
    one = cycle.start.shape[1] - 1
    for k in range(count):
        cycle.start[k, :] = 0.0
        cycle.start[k, one] = 1.0
        for i in range(n):
            cycle.start[k, i] = states[cycle.source[k], i]
    if count > case.orbits.used[case.row]:
        for i in range(n):
            cycle.start[0, i] += cycle.flow[last, i, one]
            for j in range(n):
                cycle.start[0, i] += cycle.flow[last, i, j] * states[cycle.source[last], j]


@inner_kernel
def _dot(row: FloatArray, start: FloatArray, n: int) -> float:
    """Return what a row over (x, 1, v, i) is at a start, whose last entry is the 1."""
    total = row[n] * start[len(start) - 1]
    for i in range(n):
        total += row[i] * start[i]
    return float(total)


@inner_kernel
def _fill_compensator_states(case: Case, cycle: Cycle) -> bool:
    """Fill the compensator's states at the start of each interval, and the reference.

    Return False where nothing holds them.
    """
    orbits, row, output = case.orbits, case.row, case.compensators.output[case.row]
    n, m, count = orbits.states.shape[2], len(output), cycle.used[0]
    s, basis, start = n + m, cycle.basis, cycle.start
    if m == 0:
        return True
    # Columns: from the known states alone, from each state of the compensator, from the reference.
    basis[:, :] = 0.0
    for i in range(s + 2):
        basis[i, 0] = start[0, i]
    for a in range(m + 1):
        basis[n + a, 1 + a] = 1.0
    columns = basis[:, : m + 2]
    for k in range(count):
        carry(cycle.flow[k], columns, cycle.scratch[0])
    matrix, right = cycle.scratch[0, : m + 1, : m + 1], cycle.scratch[1, : m + 1, :1]
    for i in range(m):
        for a in range(m + 1):
            matrix[i, a] = basis[n + i, 1 + a] - (1.0 if i == a else 0.0)
        right[i, 0] = -basis[n + i, 0]
        matrix[m, i] = output[i]
    matrix[m, m] = 0.0
    ramp, sensing, delay = case.modulators[row, 0], case.modulators[row, 1], case.modulators[row, 2]
    current = _dot(orbits.readings[row, cycle.source[count - 1], SWITCH_CURRENT], start[0], n)
    right[m, 0] = sensing * current + ramp * (orbits.duty[row] - delay)
    if not solve_in_place(matrix, right):
        return False
    for a in range(m):
        start[0, n + a] = right[a, 0]
    for k in range(count):
        start[k, s] = right[m, 0]
        if k > 0:
            for i in range(n, s):
                start[k, i] = start[k - 1, i]
                for j in range(s + 2):
                    start[k, i] += cycle.flow[k - 1, i, j] * start[k - 1, j]
    return True


@inner_kernel
def _rate(cycle: Cycle, k: int, place: tuple[int, int]) -> float:
    """Return a state's rate at the start of one interval by the generator of another."""
    at, i = place
    total = 0.0
    for j in range(cycle.start.shape[1]):
        total += cycle.generator[k, i, j] * cycle.start[at, j]
    return total


@inner_kernel
def _fill_trip(case: Case, cycle: Cycle) -> None:
    """Fill how the comparator's trip moves."""
    orbits, row, output = case.orbits, case.row, case.compensators.output[case.row]
    n, last = orbits.states.shape[2], cycle.used[0] - 1
    current = orbits.readings[row, cycle.source[last], SWITCH_CURRENT]
    sensing = case.modulators[row, 1]
    control = case.modulators[row, 3]
    for a in range(len(output)):
        control += output[a] * _rate(cycle, last, (0, n + a))
    closing = case.modulators[row, 0] - control
    for i in range(n):
        closing += sensing * current[i] * _rate(cycle, last, (0, i))
    cycle.slopes[0], cycle.slopes[1] = closing, control
    cycle.trip[:] = 0.0
    for i in range(n):
        cycle.trip[i] = -sensing * current[i] / closing
    cycle.trip_gain[0] = 1.0 / closing
    cycle.trip_gain[1] = -sensing * current[n + 1] / closing
    cycle.trip_gain[2] = -sensing * current[n + 2] / closing


@inner_kernel
def _fill_boundaries(case: Case, cycle: Cycle) -> None:
    """Fill how each boundary moves and the jumps that it leaves behind."""
    orbits, row, count = case.orbits, case.row, cycle.used[0]
    n, s = orbits.states.shape[2], cycle.jump.shape[1]
    for k in range(count):
        before = (k + count - 1) % count
        cycle.row[k, :] = 0.0
        cycle.gain[k, :] = 0.0
        for i in range(s):
            cycle.jump[k, i] = _rate(cycle, before, (k, i)) - _rate(cycle, k, (k, i))
        readings = orbits.readings[row]
        for reading in range(2):
            was = _dot(readings[cycle.source[before], reading], cycle.start[k], n)
            cycle.step[k, reading] = was - _dot(
                readings[cycle.source[k], reading], cycle.start[k], n
            )
        if cycle.begins[k] == COMPARATOR:
            cycle.row[k, s] = 1.0
        elif cycle.begins[k] == DIODE:
            condition, rate = orbits.conditions[row, cycle.source[k]], 0.0
            for i in range(n):
                rate += condition[i] * _rate(cycle, before, (k, i))
            for i in range(n):
                cycle.row[k, i] = -condition[i] / rate
            cycle.gain[k, 0] = -condition[n + 1] / rate
            cycle.gain[k, 1] = -condition[n + 2] / rate


@inner_kernel
def _fill_map(cycle: Cycle) -> None:
    """Fill `Cycle.phi` and `Cycle.kick`: the product of all flows and jumps."""
    s, carried = cycle.jump.shape[1], cycle.basis[: cycle.jump.shape[1], : cycle.jump.shape[1] + 1]
    for i in range(s):
        for j in range(s + 1):
            carried[i, j] = 1.0 if i == j else 0.0
    for k in range(cycle.used[0]):
        for j in range(s + 1):
            moved = cycle.row[k, s] if j == s else 0.0
            for i in range(s):
                moved += cycle.row[k, i] * carried[i, j]
            for i in range(s):
                carried[i, j] += cycle.jump[k, i] * moved
        carry(cycle.flow[k], carried, cycle.scratch[0])
    # The moment is what the states before the trip make of it.
    for i in range(s):
        cycle.kick[i] = carried[i, s]
        for j in range(s):
            cycle.phi[i, j] = carried[i, j] + carried[i, s] * cycle.trip[j]


@kernel
def lay_out(case: Case, cycle: Cycle) -> bool:
    """Lay a design's period out from the comparator's trip on.

    Returns:
        False where there is no such period: no orbit, no off-time, a delay longer than the on-time,
        a compensator that nothing holds, or a ramp that does not outrun the control voltage.
    """
    orbits, row = case.orbits, case.row
    cycle.slopes[:] = np.nan
    cycle.start[:] = np.nan
    if orbits.used[row] == 0 or case.modulators[row, 2] >= orbits.duty[row]:
        return False
    if not _order(case, cycle):
        return False
    _fill_flows(case, cycle)
    _fill_power_states(case, cycle)
    if not _fill_compensator_states(case, cycle):
        return False
    _fill_trip(case, cycle)
    _fill_boundaries(case, cycle)
    _fill_map(cycle)
    return bool(cycle.slopes[0] > 0.0)
