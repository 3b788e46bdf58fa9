"""Time-weighted figures of one period, from the trace of its steps."""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.parts import THERMAL_VOLTAGE
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.lanes import LANES, combine, wide
from arcs_engine.simulation.steady.modes import Plan, Work
from arcs_engine.simulation.steady.network import DIODE, SWITCH, IntArray, Network
from arcs_engine.simulation.steady.sensitivity import TICKS
from arcs_engine.simulation.steady.trace import MOST_STEPS, Trace

BANDWIDTH: Final = 20e6
"""Bandwidth in which ripple is measured, Hz (requirement P4)."""

_FOLLOWED: Final = 0.1
"""Time constant of the filter over a step, below which the output follows a smooth input."""

_FAR_ABOVE: Final = 1e9
"""Ratio r beyond which ln(1 + r) is ln r to 1e-9 of a thermal voltage."""

# Columns of Meter.sums
MEAN_V: Final = 0
MEAN_I: Final = 1
MEAN_II: Final = 2
MEAN_VI: Final = 3
MIN_I: Final = 4
MAX_I: Final = 5
MIN_V: Final = 6
MAX_V: Final = 7
SUMS: Final = 8

# Entries of Meter.figures
OUTPUT_LOW: Final = 0
OUTPUT_HIGH: Final = 1
IDLE: Final = 2
CURRENT_ON: Final = 3
CURRENT_OFF: Final = 4
VOLTAGE_ON: Final = 5
VOLTAGE_OFF: Final = 6
FIGURES: Final = 7


class Meter(NamedTuple):
    """Time-weighted figures over one period; y = (x, 1), n states.

    Attributes:
        sums: per element, columns ``MEAN_V`` to ``MAX_V``, shape (elements, SUMS).
        moments: per diode, integrals of 1, i, i^2, v(i) and i v(i) over its conduction,
            shape (diodes, 5).
        figures: entries ``OUTPUT_LOW`` to ``VOLTAGE_OFF``, shape (FIGURES,).
        outer: integral of y y' over the present segment, shape (n + 1, wide n + 1).
        product: scratch, `outer` times a figure's row, shape (wide n + 1,).
        across: y at the bounds of the steps, side by side, shape (n + 1, wide steps + 1).
        series: scratch, one figure at the bounds of a segment, shape (wide steps + 1,).
    """

    sums: FloatArray
    moments: FloatArray
    figures: FloatArray
    outer: FloatArray
    product: FloatArray
    across: FloatArray
    series: FloatArray


def meter_of(network: Network) -> Meter:
    """Allocate a meter for a network."""
    size = network.states + 1
    # A segment's last lanes may begin at any of its steps.
    room = wide(MOST_STEPS + 1) + LANES
    return Meter(
        np.zeros((len(network.elements), SUMS)),
        np.zeros((network.diodes, 5)),
        np.zeros(FIGURES),
        np.zeros((size, wide(size))),
        np.zeros(wide(size)),
        np.zeros((size, room)),
        np.zeros(room),
    )


@inner_kernel
def value_at(
    rows: FloatArray, mode: int, index: int, states: FloatArray, step: int, n: int
) -> float:
    """Return a linear figure: rows[mode, index] over (x, 1) at the state of a step.

    The kernels index whole arrays in their inner loops: to make a view costs more than the sum.
    """
    total = rows[mode, index, n]
    for k in range(n):
        total += rows[mode, index, k] * states[step, k]
    return float(total)


@inner_kernel
def diode_voltage(p: FloatArray, columns: IntArray, e: int, current: float) -> float:
    """V(I) of the diode that is element `e`, V (see `circuit.Diode`)."""
    ratio = current / p[columns[e, 1]]
    # Far above the saturation current the plain logarithm is as exact and twice as fast.
    logarithm = np.log(ratio) if ratio > _FAR_ABOVE else np.log1p(ratio)
    junction = p[columns[e, 2]] * THERMAL_VOLTAGE * logarithm
    return float(p[columns[e, 0]] + junction + p[columns[e, 3]] * current)


@inner_kernel
def _add_diode(
    p: FloatArray,
    columns: IntArray,
    e: int,
    moments: FloatArray,
    diode: int,
    current: float,
    weight: float,
) -> None:
    """Add an instant to the moments of a conducting diode."""
    if current <= 0.0:
        return
    forward = diode_voltage(p, columns, e, current)
    moments[diode, 0] += weight
    moments[diode, 1] += weight * current
    moments[diode, 2] += weight * current * current
    moments[diode, 3] += weight * forward
    moments[diode, 4] += weight * forward * current


@kernel
def meter_diodes(plan: Plan, work: Work, p: FloatArray, trace: Trace, meter: Meter) -> None:
    """Fill `Meter.moments` from a traced period, by Simpson's rule over every step."""
    n = plan.states
    currents, moments, modes = work.currents, meter.moments, trace.modes
    bounds, middles, ticks = trace.bounds, trace.middles, trace.ticks
    kinds, order, columns, switches = plan.kinds, plan.order, plan.columns, plan.switches
    moments[:, :] = 0.0
    for e in range(len(kinds)):
        if kinds[e] != DIODE:
            continue
        d = order[e]
        carried, last = 0.0, -1  # weight of the state at the end of the step before
        for step in range(trace.used[0]):
            mode = modes[step]
            if mode != last and carried > 0.0:
                i = value_at(currents, last, e, bounds, step, n)
                _add_diode(p, columns, e, moments, d, i, carried)
                carried = 0.0
            last = mode
            if not mode >> (switches + d) & 1:
                continue
            weight = ticks[step] / (6.0 * TICKS)
            i = value_at(currents, mode, e, bounds, step, n)
            _add_diode(p, columns, e, moments, d, i, weight + carried)
            i = value_at(currents, mode, e, middles, step, n)
            _add_diode(p, columns, e, moments, d, i, 4.0 * weight)
            carried = weight
        if carried > 0.0:
            i = value_at(currents, last, e, bounds, trace.used[0], n)
            _add_diode(p, columns, e, moments, d, i, carried)


@inner_kernel
def _add_outer(outer: FloatArray, states: FloatArray, step: int, weight: float, n: int) -> None:
    """Add weight y y' to the segment's integral (lower triangle)."""
    for i in range(n):
        scaled = weight * states[step, i]
        for j in range(i + 1):
            outer[i, j] += scaled * states[step, j]
        outer[n, i] += scaled
    outer[n, n] += weight


@kernel
def _lay_across(trace: Trace, meter: Meter, n: int) -> None:
    """Fill `Meter.across`."""
    bounds, across = trace.bounds, meter.across
    for step in range(trace.used[0] + 1):
        for k in range(n):
            across[k, step] = bounds[step, k]
        across[n, step] = 1.0


@inner_kernel
def _extremes(series: FloatArray, count: int) -> tuple[float, float]:
    """Return the least and the greatest of the first numbers.

    Pairs are compared first, so that half as many comparisons wait for the one before.
    """
    low, high = series[0], series[0]
    for row in range(1, count, 2):
        # The last may be compared with itself.
        a, b = series[row], series[min(row + 1, count - 1)]
        least, greatest = min(a, b), max(a, b)
        low, high = min(low, least), max(high, greatest)
    return low, high


@kernel
def _note_extremes(
    rows: FloatArray,
    mode: int,
    e: int,
    first: int,
    last: int,
    meter: Meter,
    column: int,
    n: int,
) -> None:
    """Widen the extremes `sums[e, column]` and the next by a linear figure over a segment."""
    across, series, sums = meter.across, meter.series, meter.sums
    count, weights = last + 1 - first, (mode * rows.shape[1] + e) * rows.shape[2]
    for at in range(0, count, LANES):
        combine(
            series, at, None, 0, None, 0, rows, weights, 1, across, first + at, across.shape[1],
            n + 1,
        )  # fmt: skip
    low, high = _extremes(series, count)
    sums[e, column] = min(low, sums[e, column])
    sums[e, column + 1] = max(high, sums[e, column + 1])


@kernel
def _close_segment(
    currents: FloatArray, drops: FloatArray, meter: Meter, mode: int, n: int
) -> None:
    """Turn a segment's integral of y y' into every element's sums, and empty it."""
    sums, outer, product = meter.sums, meter.outer, meter.product
    for i in range(n + 1):
        for j in range(i):
            outer[j, i] = outer[i, j]
    for e in range(len(sums)):
        row = (mode * currents.shape[1] + e) * currents.shape[2]
        for j in range(0, n + 1, LANES):
            combine(product, j, None, 0, None, 0, currents, row, 1, outer, j, outer.shape[1], n + 1)
        sums[e, MEAN_I] += product[n]
        for i in range(n + 1):
            sums[e, MEAN_V] += drops[mode, e, i] * outer[n, i]
            sums[e, MEAN_II] += currents[mode, e, i] * product[i]
            sums[e, MEAN_VI] += drops[mode, e, i] * product[i]
    outer[:, :] = 0.0


@kernel
def _meter_elements(plan: Plan, work: Work, trace: Trace, meter: Meter) -> None:
    """Fill `Meter.sums`, segment by segment, by Simpson's rule over every step."""
    n, used = plan.states, trace.used[0]
    currents, drops, sums, outer = work.currents, work.drops, meter.sums, meter.outer
    bounds, middles, ticks, modes = trace.bounds, trace.middles, trace.ticks, trace.modes
    _lay_across(trace, meter, n)
    sums[:, :] = 0.0
    sums[:, MIN_I] = np.inf
    sums[:, MAX_I] = -np.inf
    sums[:, MIN_V] = np.inf
    sums[:, MAX_V] = -np.inf
    outer[:, :] = 0.0
    first, carried = 0, 0.0
    for step in range(used):
        weight = ticks[step] / (6.0 * TICKS)
        _add_outer(outer, bounds, step, weight + carried, n)
        _add_outer(outer, middles, step, 4.0 * weight, n)
        carried = weight
        if step + 1 == used or modes[step + 1] != modes[step]:
            _add_outer(outer, bounds, step + 1, carried, n)
            _close_segment(currents, drops, meter, modes[step], n)
            # What is left of a blocked diode's current would be a voltage over its off-resistance,
            # but is gone within a tick.
            if first > 0 and ticks[first] <= 1.0:
                first += 1
            for e in range(len(sums)):
                _note_extremes(currents, modes[step], e, first, step + 1, meter, MIN_I, n)
                _note_extremes(drops, modes[step], e, first, step + 1, meter, MIN_V, n)
            first, carried = step + 1, 0.0


@inner_kernel
def _filter(before: float, after: float, decay: float, ratio: float, filtered: float) -> float:
    """One-pole low pass, exact for an input that moves linearly from `before` to `after`.

    `ratio` is filter time constant / step, `decay` = exp(-1 / ratio).
    """
    lag = (after - before) * ratio
    return after - lag + (filtered - before + lag) * decay


@inner_kernel
def _turn(before: float, after: float, ratio: float, filtered: float) -> float:
    """Return the extreme that the filter's output has within such a step, or else its start.

    The output turns where it meets the input: while the input moves the one way, the output first
    makes up for an earlier jump the other way.
    """
    lag = (after - before) * ratio
    if lag == 0.0:
        return filtered
    ahead = (filtered - before) / lag
    if ahead <= 0.0:
        return filtered
    share = ratio * np.log1p(ahead)
    return before + share * (after - before) if share < 1.0 else filtered


@inner_kernel
def _vertex(before: float, amid: float, after: float) -> float:
    """Return the extreme of the parabola through three values half a step apart.

    Where it lies outside of the step, the value in the middle is returned.
    """
    bend = after - 2.0 * amid + before
    slope = after - before
    if abs(slope) >= 2.0 * abs(bend):
        return amid
    return amid - slope * slope / (8.0 * bend)


@kernel
def _meter_output(plan: Plan, work: Work, trace: Trace, meter: Meter, period: float) -> None:
    """Fill the extremes of the band-limited output voltage.

    The filter has long forgotten its start: it begins where it ended, lagging the end of the period
    by slope times time constant.
    """
    n, node = plan.states, plan.output
    voltages, figures = work.voltages, meter.figures
    rate = 2.0 * np.pi * BANDWIDTH * period / TICKS
    last = trace.used[0] - 1
    while last > 0 and trace.ticks[last] < 1.0:
        last -= 1
    mode = trace.modes[last]
    end = value_at(voltages, mode, node, trace.bounds, last + 1, n)
    middle = value_at(voltages, mode, node, trace.middles, last, n)
    filtered = end - (end - middle) / (trace.ticks[last] * rate / 2)
    low, high = np.inf, -np.inf
    half, decay, after, mode = -1.0, 0.0, 0.0, -1
    for step in range(trace.used[0]):
        half_now = trace.ticks[step] / 2
        if half_now == 0.0:
            continue
        if half_now != half:
            half = half_now
            decay = np.exp(-half * rate)
        ratio = 1.0 / (half * rate)
        before, jumped = after, trace.modes[step] != mode
        if jumped:  # the voltage across the ESR jumps with the current
            mode = trace.modes[step]
            before = value_at(voltages, mode, node, trace.bounds, step, n)
        amid = value_at(voltages, mode, node, trace.middles, step, n)
        after = value_at(voltages, mode, node, trace.bounds, step + 1, n)
        at_half = _filter(before, amid, decay, ratio, filtered)
        first = _turn(before, amid, ratio, filtered)
        end = _filter(amid, after, decay, ratio, at_half)
        second = _turn(amid, after, ratio, at_half)
        low, high = min(low, first, second, end), max(high, first, second, end)
        if ratio < _FOLLOWED and not jumped:
            extreme = _vertex(before, amid, after)
            low, high = min(low, extreme), max(high, extreme)
        filtered = end
    figures[OUTPUT_LOW] = low
    figures[OUTPUT_HIGH] = high


@kernel
def _meter_edges(plan: Plan, work: Work, trace: Trace, meter: Meter, rectifier: int) -> None:
    """Fill the first switch's edge currents and voltages, and the idle time."""
    n = plan.states
    figures, modes, bounds = meter.figures, trace.modes, trace.bounds
    last = trace.used[0] - 1
    turn_off = 0
    while turn_off < last and trace.phases[turn_off] == 0:
        turn_off += 1
    element, free = 0, True
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == SWITCH and plan.order[e] == 0:
            element = e
    for s in range(plan.switches):
        free = free and plan.complement[s] == 0
    currents, drops = work.currents, work.drops
    figures[CURRENT_ON] = value_at(currents, modes[0], element, bounds, 0, n)
    figures[CURRENT_OFF] = value_at(currents, modes[turn_off - 1], element, bounds, turn_off, n)
    figures[VOLTAGE_OFF] = value_at(drops, modes[turn_off], element, bounds, turn_off, n)
    figures[VOLTAGE_ON] = value_at(drops, modes[last], element, bounds, last + 1, n)
    # The leakage of a transformer delays the rectifier's start; only after its stop it is idle.
    # A synchronous rectifier never rests.
    idle, step = 0.0, last
    while free and step >= turn_off and not modes[step] >> (plan.switches + rectifier) & 1:
        idle += trace.ticks[step]
        step -= 1
    figures[IDLE] = idle / TICKS


@kernel
def meter_period(
    plan: Plan, work: Work, trace: Trace, meter: Meter, period: float, rectifier: int
) -> None:
    """Fill `Meter.sums` and `Meter.figures` from a traced period.

    Args:
        plan: the circuit.
        work: its modes.
        trace: of one period.
        meter: filled.
        period: s.
        rectifier: diode whose blocking, while the main switch is off, counts as idle time.
    """
    _meter_elements(plan, work, trace, meter)
    _meter_output(plan, work, trace, meter, period)
    _meter_edges(plan, work, trace, meter, rectifier)
