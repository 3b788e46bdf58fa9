"""Time-weighted figures of one period, from the trace of its steps.

A figure is linear in (x, 1) within a mode, so that integrals of products of figures follow from one
integral of y y', y = (x, 1), for each segment. Integrals are taken by Simpson's rule over every
step, with the exact state at its middle.
"""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.lanes import LANES, Place, Rows, Weights, combine, wide
from arcs_engine.simulation.steady.lines import Curve, curve_of, voltage_at
from arcs_engine.simulation.steady.modes import TICKS, Converter, Work, conducts
from arcs_engine.simulation.steady.network import DIODE, SWITCH, Network
from arcs_engine.simulation.steady.trace import MOST_STEPS, Trace

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


class Figure(NamedTuple):
    """A linear figure of a mode: the row of its weights over (x, 1) is `rows[mode, row]`.

    The kernels index whole arrays in their inner loops: to make a view costs more than the sum.
    """

    rows: FloatArray
    mode: int
    row: int


class Instant(NamedTuple):
    """The state at a bound or at the middle of a step: `states[step]`."""

    states: FloatArray
    step: int


class Span(NamedTuple):
    """A segment by the bounds of its steps in `Trace.bounds`, both included."""

    first: int
    last: int


def meter_of(network: Network) -> Meter:
    """Allocate a meter for a network."""
    size = network.plan.states + 1
    # A segment's last lanes may begin at any of its steps.
    room = wide(MOST_STEPS + 1) + LANES
    return Meter(
        np.zeros((len(network.elements), SUMS)),
        np.zeros((network.plan.diodes, 5)),
        np.zeros(FIGURES),
        np.zeros((size, wide(size))),
        np.zeros(wide(size)),
        np.zeros((size, room)),
        np.zeros(room),
    )


@inner_kernel
def value_at(figure: Figure, instant: Instant) -> float:
    """Return a figure at an instant."""
    n = figure.rows.shape[2] - 1
    total = figure.rows[figure.mode, figure.row, n]
    for k in range(n):
        total += figure.rows[figure.mode, figure.row, k] * instant.states[instant.step, k]
    return float(total)


@inner_kernel
def _add_instant(moments: FloatArray, curve: Curve, current: float, weight: float) -> None:
    """Add an instant to the moments of a conducting diode."""
    if current <= 0.0:
        return
    forward = voltage_at(curve, current)
    moments[0] += weight
    moments[1] += weight * current
    moments[2] += weight * current * current
    moments[3] += weight * forward
    moments[4] += weight * forward * current


@kernel
def meter_diodes(converter: Converter, trace: Trace, meter: Meter) -> None:
    """Fill `Meter.moments` from a traced period."""
    plan, currents = converter.plan, converter.work.currents
    bounds, middles, modes = trace.bounds, trace.middles, trace.modes
    meter.moments[:, :] = 0.0
    for e in range(len(plan.kinds)):
        if plan.kinds[e] != DIODE:
            continue
        d = plan.order[e]
        moments, curve = meter.moments[d], curve_of(converter, e)
        # A logarithm costs more than all else here: where two steps of a mode meet, the weights
        # of both are added first.
        carried, last = 0.0, -1
        for step in range(trace.used[0]):
            mode = modes[step]
            if mode != last and carried > 0.0:
                i = value_at(Figure(currents, last, e), Instant(bounds, step))
                _add_instant(moments, curve, i, carried)
                carried = 0.0
            last = mode
            if not conducts(plan, mode, d):
                continue
            weight = trace.ticks[step] / (6.0 * TICKS)
            i = value_at(Figure(currents, mode, e), Instant(bounds, step))
            _add_instant(moments, curve, i, weight + carried)
            i = value_at(Figure(currents, mode, e), Instant(middles, step))
            _add_instant(moments, curve, i, 4.0 * weight)
            carried = weight
        if carried > 0.0:
            i = value_at(Figure(currents, last, e), Instant(bounds, trace.used[0]))
            _add_instant(moments, curve, i, carried)


@inner_kernel
def _add_outer(outer: FloatArray, instant: Instant, weight: float) -> None:
    """Add weight y y' to the segment's integral (lower triangle)."""
    n, states, step = outer.shape[0] - 1, instant.states, instant.step
    for i in range(n):
        scaled = weight * states[step, i]
        for j in range(i + 1):
            outer[i, j] += scaled * states[step, j]
        outer[n, i] += scaled
    outer[n, n] += weight


@kernel
def _lay_across(trace: Trace, meter: Meter) -> None:
    """Fill `Meter.across`."""
    bounds, across, n = trace.bounds, meter.across, meter.across.shape[0] - 1
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
def _note_extremes(meter: Meter, figure: Figure, span: Span, column: int) -> None:
    """Widen the extremes `sums[element, column]` and the next by a figure of it over a segment."""
    across, series, sums, e = meter.across, meter.series, meter.sums, figure.row
    rows, size, width = figure.rows, meter.across.shape[0], meter.across.shape[1]
    count, entry = span.last + 1 - span.first, (figure.mode * rows.shape[1] + e) * rows.shape[2]
    for at in range(0, count, LANES):
        combine(
            Place(series, at), None, None, Weights(rows, entry, 1),
            Rows(across, span.first + at, width, size),
        )  # fmt: skip
    low, high = _extremes(series, count)
    sums[e, column] = min(low, sums[e, column])
    sums[e, column + 1] = max(high, sums[e, column + 1])


@kernel
def _close_segment(work: Work, meter: Meter, mode: int) -> None:
    """Turn a segment's integral of y y' into each element's sums, and empty it.

    With the rows v and i of an element, the integral of v i is v' (integral of y y') i.
    """
    currents, drops = work.currents, work.drops
    sums, outer, product = meter.sums, meter.outer, meter.product
    n, width = outer.shape[0] - 1, outer.shape[1]
    for i in range(n + 1):
        for j in range(i):
            outer[j, i] = outer[i, j]
    for e in range(len(sums)):
        entry = (mode * currents.shape[1] + e) * currents.shape[2]
        for j in range(0, n + 1, LANES):
            combine(
                Place(product, j), None, None, Weights(currents, entry, 1),
                Rows(outer, j, width, n + 1),
            )  # fmt: skip
        sums[e, MEAN_I] += product[n]
        for i in range(n + 1):
            sums[e, MEAN_V] += drops[mode, e, i] * outer[n, i]
            sums[e, MEAN_II] += currents[mode, e, i] * product[i]
            sums[e, MEAN_VI] += drops[mode, e, i] * product[i]
    outer[:, :] = 0.0


@kernel
def meter_elements(work: Work, trace: Trace, meter: Meter) -> None:
    """Fill `Meter.sums` from a traced period, segment by segment."""
    used, bounds, ticks, modes = trace.used[0], trace.bounds, trace.ticks, trace.modes
    sums, outer = meter.sums, meter.outer
    _lay_across(trace, meter)
    sums[:, :] = 0.0
    sums[:, MIN_I] = np.inf
    sums[:, MAX_I] = -np.inf
    sums[:, MIN_V] = np.inf
    sums[:, MAX_V] = -np.inf
    outer[:, :] = 0.0
    first, carried = 0, 0.0
    for step in range(used):
        # Simpson's weights are 1, 4, 1; where two steps meet, both weights come at once.
        weight = ticks[step] / (6.0 * TICKS)
        _add_outer(outer, Instant(bounds, step), weight + carried)
        _add_outer(outer, Instant(trace.middles, step), 4.0 * weight)
        carried = weight
        if step + 1 == used or modes[step + 1] != modes[step]:
            _add_outer(outer, Instant(bounds, step + 1), carried)
            _close_segment(work, meter, modes[step])
            # What is left of a blocked diode's current would be a voltage over its off-resistance,
            # but is gone within a tick.
            if first > 0 and ticks[first] <= 1.0:
                first += 1
            span = Span(first, step + 1)
            for e in range(len(sums)):
                _note_extremes(meter, Figure(work.currents, modes[step], e), span, MIN_I)
                _note_extremes(meter, Figure(work.drops, modes[step], e), span, MIN_V)
            first, carried = step + 1, 0.0


@kernel
def meter_edges(converter: Converter, trace: Trace, meter: Meter, rectifier: int) -> None:
    """Fill the first switch's edge currents and voltages, and the idle time, of a traced period.

    Args:
        converter: the circuit.
        trace: of one period.
        meter: filled.
        rectifier: diode whose blocking, while the main switch is off, counts as idle time.
    """
    plan, currents, drops = converter.plan, converter.work.currents, converter.work.drops
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
    # On both sides of an edge the states are the same; the mode makes the difference.
    on, off = Instant(bounds, 0), Instant(bounds, turn_off)
    figures[CURRENT_ON] = value_at(Figure(currents, modes[0], element), on)
    figures[CURRENT_OFF] = value_at(Figure(currents, modes[turn_off - 1], element), off)
    figures[VOLTAGE_OFF] = value_at(Figure(drops, modes[turn_off], element), off)
    figures[VOLTAGE_ON] = value_at(Figure(drops, modes[last], element), Instant(bounds, last + 1))
    # The leakage of a transformer delays the rectifier's start; only after its stop it is idle.
    # A synchronous rectifier never rests.
    idle, step = 0.0, last
    while free and step >= turn_off and not conducts(plan, modes[step], rectifier):
        idle += trace.ticks[step]
        step -= 1
    figures[IDLE] = idle / TICKS
