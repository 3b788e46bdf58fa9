"""Time-weighted figures of one period, from the trace of its steps."""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.parts import THERMAL_VOLTAGE
from arcs_engine.spec import FloatArray
from arcs_engine.steady.compiled import kernel
from arcs_engine.steady.modes import Plan, Work
from arcs_engine.steady.network import DIODE, SWITCH, IntArray, Network
from arcs_engine.steady.sensitivity import TICKS
from arcs_engine.steady.trace import Trace

BANDWIDTH: Final = 20e6
"""Bandwidth in which ripple is measured, Hz (DESIGN section 5, point 4)."""

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
        outer: integral of y y' over the present segment, shape (n + 1, n + 1).
    """

    sums: FloatArray
    moments: FloatArray
    figures: FloatArray
    outer: FloatArray


def meter_of(network: Network) -> Meter:
    """Allocate a meter for a network."""
    return Meter(
        np.zeros((len(network.elements), SUMS)),
        np.zeros((network.diodes, 5)),
        np.zeros(FIGURES),
        np.zeros((network.states + 1, network.states + 1)),
    )


@kernel
def value_at(
    rows: FloatArray, mode: int, index: int, states: FloatArray, step: int, n: int
) -> float:
    """Return a linear figure: rows[mode, index] over (x, 1) times the state (x, q, 1) of a step.

    The kernels index whole arrays in their inner loops: a view would count references atomically,
    which costs more than the sum.
    """
    total = rows[mode, index, n]
    for k in range(n):
        total += rows[mode, index, k] * states[step, k]
    return float(total)


@kernel
def diode_voltage(p: FloatArray, columns: IntArray, e: int, current: float) -> float:
    """V(I) of the diode that is element `e`, V (see `circuit.Diode`)."""
    ratio = current / p[columns[e, 1]]
    junction = p[columns[e, 2]] * THERMAL_VOLTAGE * np.log1p(ratio)
    return float(p[columns[e, 0]] + junction + p[columns[e, 3]] * current)


@kernel
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
    """Fill `Meter.moments` from a traced period."""
    n = plan.states
    currents, moments, modes = work.currents, meter.moments, trace.modes
    starts, middles, ends, ticks = trace.starts, trace.middles, trace.ends, trace.ticks
    kinds, order, columns, switches = plan.kinds, plan.order, plan.columns, plan.switches
    moments[:, :] = 0.0
    for e in range(len(kinds)):
        if kinds[e] != DIODE:
            continue
        d = order[e]
        for step in range(trace.used[0]):
            mode = modes[step]
            if not mode >> (switches + d) & 1:
                continue
            weight = ticks[step] / (6.0 * TICKS)
            i = value_at(currents, mode, e, starts, step, n)
            _add_diode(p, columns, e, moments, d, i, weight)
            i = value_at(currents, mode, e, middles, step, n)
            _add_diode(p, columns, e, moments, d, i, 4.0 * weight)
            i = value_at(currents, mode, e, ends, step, n)
            _add_diode(p, columns, e, moments, d, i, weight)


@kernel
def _add_outer(outer: FloatArray, states: FloatArray, step: int, weight: float, n: int) -> None:
    """Add weight y y' to the segment's integral (upper triangle)."""
    for i in range(n):
        scaled = weight * states[step, i]
        for j in range(i, n):
            outer[i, j] += scaled * states[step, j]
        outer[i, n] += scaled
    outer[n, n] += weight


@kernel
def _note_peaks(
    currents: FloatArray,
    drops: FloatArray,
    sums: FloatArray,
    mode: int,
    states: FloatArray,
    step: int,
    n: int,
) -> None:
    """Widen every element's extremes by an instant."""
    for e in range(len(sums)):
        i = value_at(currents, mode, e, states, step, n)
        v = value_at(drops, mode, e, states, step, n)
        sums[e, MIN_I] = min(sums[e, MIN_I], i)
        sums[e, MAX_I] = max(sums[e, MAX_I], i)
        sums[e, MIN_V] = min(sums[e, MIN_V], v)
        sums[e, MAX_V] = max(sums[e, MAX_V], v)


@kernel
def _close_segment(
    currents: FloatArray, drops: FloatArray, sums: FloatArray, outer: FloatArray, mode: int, n: int
) -> None:
    """Turn a segment's integral of y y' into every element's sums, and empty it."""
    for i in range(n + 1):
        for j in range(i):
            outer[i, j] = outer[j, i]
    for e in range(len(sums)):
        for i in range(n + 1):
            sums[e, MEAN_V] += drops[mode, e, i] * outer[i, n]
            sums[e, MEAN_I] += currents[mode, e, i] * outer[i, n]
            product = 0.0
            for j in range(n + 1):
                product += outer[i, j] * currents[mode, e, j]
            sums[e, MEAN_II] += currents[mode, e, i] * product
            sums[e, MEAN_VI] += drops[mode, e, i] * product
    outer[:, :] = 0.0


@kernel
def _meter_elements(plan: Plan, work: Work, trace: Trace, meter: Meter) -> None:
    """Fill `Meter.sums` by Simpson's rule over every step."""
    n = plan.states
    currents, drops, sums, outer = work.currents, work.drops, meter.sums, meter.outer
    starts, middles, ends, ticks = trace.starts, trace.middles, trace.ends, trace.ticks
    sums[:, :] = 0.0
    sums[:, MIN_I] = np.inf
    sums[:, MAX_I] = -np.inf
    sums[:, MIN_V] = np.inf
    sums[:, MAX_V] = -np.inf
    outer[:, :] = 0.0
    mode = trace.modes[0]
    for step in range(trace.used[0]):
        if step == 0 or trace.modes[step] != mode:
            if step > 0:
                _close_segment(currents, drops, sums, outer, mode, n)
            mode = trace.modes[step]
            _note_peaks(currents, drops, sums, mode, starts, step, n)
        weight = ticks[step] / (6.0 * TICKS)
        _add_outer(outer, starts, step, weight, n)
        _add_outer(outer, middles, step, 4.0 * weight, n)
        _add_outer(outer, ends, step, weight, n)
        _note_peaks(currents, drops, sums, mode, ends, step, n)
    _close_segment(currents, drops, sums, outer, mode, n)


@kernel
def _filter(before: float, after: float, decay: float, ratio: float, filtered: float) -> float:
    """One-pole low pass, exact for an input that moves linearly from `before` to `after`.

    `ratio` is filter time constant / step, `decay` = exp(-1 / ratio).
    """
    lag = (after - before) * ratio
    return after - lag + (filtered - before + lag) * decay


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
    end = value_at(voltages, mode, node, trace.ends, last, n)
    middle = value_at(voltages, mode, node, trace.middles, last, n)
    filtered = end - (end - middle) / (trace.ticks[last] * rate / 2)
    low, high = np.inf, -np.inf
    half, decay = -1.0, 0.0
    for step in range(trace.used[0]):
        mode = trace.modes[step]
        if trace.ticks[step] / 2 != half:
            half = trace.ticks[step] / 2
            decay = np.exp(-half * rate)
        if half == 0.0:
            continue
        ratio = 1.0 / (half * rate)
        before = value_at(voltages, mode, node, trace.starts, step, n)
        amid = value_at(voltages, mode, node, trace.middles, step, n)
        after = value_at(voltages, mode, node, trace.ends, step, n)
        filtered = _filter(before, amid, decay, ratio, filtered)
        low, high = min(low, filtered), max(high, filtered)
        filtered = _filter(amid, after, decay, ratio, filtered)
        low, high = min(low, filtered), max(high, filtered)
    figures[OUTPUT_LOW] = low
    figures[OUTPUT_HIGH] = high


@kernel
def _meter_edges(plan: Plan, work: Work, trace: Trace, meter: Meter, rectifier: int) -> None:
    """Fill the first switch's edge currents and voltages, and the idle time."""
    n = plan.states
    figures = meter.figures
    last = trace.used[0] - 1
    turn_off = 0
    while turn_off < last and trace.phases[turn_off] == 0:
        turn_off += 1
    element = 0
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == SWITCH and plan.order[e] == 0:
            element = e
    modes, currents, drops = trace.modes, work.currents, work.drops
    before = turn_off - 1
    figures[CURRENT_ON] = value_at(currents, modes[0], element, trace.starts, 0, n)
    figures[CURRENT_OFF] = value_at(currents, modes[before], element, trace.ends, before, n)
    figures[VOLTAGE_OFF] = value_at(drops, modes[turn_off], element, trace.starts, turn_off, n)
    figures[VOLTAGE_ON] = value_at(drops, modes[last], element, trace.ends, last, n)
    # The leakage of a transformer delays the rectifier's start; only after its stop it is idle.
    idle, step = 0.0, last
    while step >= turn_off and not modes[step] >> (plan.switches + rectifier) & 1:
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
