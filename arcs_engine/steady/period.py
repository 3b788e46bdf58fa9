"""One switching period: events found, sensitivities carried, figures metered.

Time is counted in ticks of a period / 2^20. Steps are dyadic, so that one chain of squarings
serves every duty: coarse at most a period / 64, restarted at one tick after each event and doubled
from there, since fast transients (clamps, commutations) follow events.
"""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.parts import THERMAL_VOLTAGE
from arcs_engine.spec import FloatArray
from arcs_engine.steady.compiled import kernel
from arcs_engine.steady.modes import FINEST, OFF_CONDUCTANCE, Plan, Work, build_mode, multiply
from arcs_engine.steady.network import (
    CAPACITOR,
    DIODE,
    INDUCTOR,
    RESISTOR,
    SOURCE,
    SWITCH,
    IntArray,
    Network,
)

TICKS: Final = float(1 << FINEST)

_TOLERANCE: Final = 1e-7
"""Volts by which a diode may contradict its state before it changes."""

_MOST_EVENTS: Final = 200
"""Diode events in a period beyond which the run counts as chattering."""

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


class Shot(NamedTuple):
    """The trajectory's end and how it depends on its start; N = states + 2.

    Attributes:
        z: augmented state, in: at the start; out: at the end. Shape (N,).
        phi: d z(end) / d z(start), shape (N, N).
        by_duty: d z(end) / d duty, shape (N,).
        segment: scratch, shape (2, N, N).
        vectors: scratch, shape (4, N).
    """

    z: FloatArray
    phi: FloatArray
    by_duty: FloatArray
    segment: FloatArray
    vectors: FloatArray


class Meter(NamedTuple):
    """Time-weighted figures over one period.

    Attributes:
        sums: per element, columns ``MEAN_V`` to ``MAX_V``, shape (elements, SUMS).
        moments: per diode, integrals of 1, i, i^2, v(i) and i v(i) over its conduction,
            shape (diodes, 5).
        figures: shape (FIGURES,).
        now: voltage and current of each element at the present instant, shape (elements, 2).
        decay: exp(-step / filter time constant) by level, shape (FINEST + 2,).
        record: rows of (time / period, node voltages, element currents) when recording; shape
            (rows, 1 + unknown nodes + elements); no rows when not.
        count: number of recorded rows, shape (1,).
    """

    sums: FloatArray
    moments: FloatArray
    figures: FloatArray
    now: FloatArray
    decay: FloatArray
    record: FloatArray
    count: IntArray


def shot_of(network: Network) -> Shot:
    """Allocate a shot for a network."""
    size = network.states + 2
    return Shot(
        np.zeros(size),
        np.zeros((size, size)),
        np.zeros(size),
        np.zeros((2, size, size)),
        np.zeros((4, size)),
    )


def meter_of(network: Network, rows: int = 0) -> Meter:
    """Allocate a meter for a network, with room to record `rows` instants."""
    elements = len(network.elements)
    return Meter(
        np.zeros((elements, SUMS)),
        np.zeros((network.diodes, 5)),
        np.zeros(FIGURES),
        np.zeros((elements, 2)),
        np.zeros(FINEST + 2),
        np.zeros((rows, 1 + network.unknowns + elements)),
        np.zeros(1, dtype=np.int64),
    )


@kernel
def _apply(matrix: FloatArray, z: FloatArray, out: FloatArray, size: int) -> None:
    """out = matrix @ z."""
    for i in range(size):
        total = matrix[i, size - 1] * z[size - 1]
        for k in range(size - 1):
            total += matrix[i, k] * z[k]
        out[i] = total


@kernel
def _slack(plan: Plan, work: Work, mode: int, diode: int, z: FloatArray) -> float:
    """Return v_anode - v_cathode - vf of a diode, V."""
    row = work.slack[mode, diode]
    total = row[plan.states]
    for k in range(plan.states):
        total += row[k] * z[k]
    return total


@kernel
def _violation(plan: Plan, work: Work, mode: int, diode: int, z: FloatArray) -> float:
    """Return by how many volts a diode contradicts its state; positive means it must change."""
    slack = _slack(plan, work, mode, diode, z)
    return -slack if mode >> (plan.switches + diode) & 1 else slack


@kernel
def _settle(
    plan: Plan, work: Work, p: FloatArray, mode: int, z: FloatArray, period: float, vin: float
) -> int:
    """Flip the worst diode until all agree with their states; return the mode, -1 on failure."""
    for _ in range(4 * plan.diodes + 4):
        if not build_mode(plan, work, p, mode, period, vin):
            return -1
        worst, pick = _TOLERANCE, -1
        for d in range(plan.diodes):
            violation = _violation(plan, work, mode, d, z)
            if violation > worst:
                worst, pick = violation, d
        if pick < 0:
            return mode
        mode ^= 1 << (plan.switches + pick)
    return mode


@kernel
def _advance_phi(plan: Plan, work: Work, shot: Shot, mode: int, ticks: float) -> None:
    """phi = exp(M ticks) phi; the exponential is put together from its binary digits."""
    size = plan.states + 2
    phi, product = shot.phi, shot.segment[0]
    steps = work.steps[mode]
    level = 1
    length = TICKS / 2
    while ticks >= 1.0 and level <= FINEST:
        if ticks >= length:
            multiply(steps[level], phi, product, size)
            phi[:, :] = product
            ticks -= length
        else:
            level += 1
            length *= 0.5
    if ticks > 0.0:
        for i in range(size - 1):
            for j in range(size):
                total = 0.0
                for k in range(size):
                    total += steps[FINEST, i, k] * phi[k, j]
                product[i, j] = phi[i, j] + ticks * (total - phi[i, j])
        phi[: size - 1, :] = product[: size - 1, :]


@kernel
def _carry_duty(plan: Plan, work: Work, shot: Shot, mode: int, ticks: float) -> None:
    """Carry the sensitivity to duty across a segment, as a homogeneous solution of z' = M z."""
    size = plan.states + 2
    vector, product = shot.by_duty, shot.vectors[3]
    steps = work.steps[mode]
    level = 1
    length = TICKS / 2
    while ticks >= 1.0 and level <= FINEST:
        if ticks >= length:
            _apply(steps[level], vector, product, size)
            vector[:] = product
            ticks -= length
        else:
            level += 1
            length *= 0.5
    if ticks > 0.0:
        _apply(steps[FINEST], vector, product, size)
        for i in range(size):
            vector[i] += ticks * (product[i] - vector[i])


@kernel
def _flush(plan: Plan, work: Work, shot: Shot, mode: int, ticks: float) -> None:
    """Carry all sensitivities across a finished segment of one mode."""
    if ticks > 0.0:
        _advance_phi(plan, work, shot, mode, ticks)
        _carry_duty(plan, work, shot, mode, ticks)


@kernel
def _saltate(
    plan: Plan, work: Work, shot: Shot, before: int, after: int, diode: int, z: FloatArray
) -> None:
    """Correct the sensitivities for an event whose time depends on the state.

    S = I + (f+ - f-) n' / (n' f-), with n the gradient of the event's condition (Mueller,
    Calculation of Lyapunov exponents for dynamic systems with discontinuities, eq. 11).
    """
    n, size = plan.states, plan.states + 2
    f_before, f_after = shot.vectors[0], shot.vectors[1]
    _apply(work.generator[before], z, f_before, size)
    _apply(work.generator[after], z, f_after, size)
    normal = work.slack[before, diode]
    rate = 0.0
    for k in range(n):
        rate += normal[k] * f_before[k]
    if rate == 0.0:
        return
    for j in range(size + 1):
        shift = 0.0
        for k in range(n):
            shift += normal[k] * (shot.phi[k, j] if j < size else shot.by_duty[k])
        shift /= rate
        for i in range(size - 1):
            change = (f_after[i] - f_before[i]) * shift
            if j < size:
                shot.phi[i, j] += change
            else:
                shot.by_duty[i] += change


@kernel
def _observe(
    plan: Plan, work: Work, p: FloatArray, mode: int, z: FloatArray, now: FloatArray
) -> float:
    """Fill voltage and current of each element; return the output voltage."""
    n = plan.states
    rows = work.voltages[mode]
    into_source = 0.0
    source = -1
    for e in range(len(plan.kinds)):
        kind = plan.kinds[e]
        a, b = plan.nodes[e, 0], plan.nodes[e, 1]
        v = rows[a, n] - rows[b, n]
        for k in range(n):
            v += (rows[a, k] - rows[b, k]) * z[k]
        i = 0.0
        if kind == SOURCE:
            source = e
        elif kind == INDUCTOR:
            i = z[plan.index[e]]
        elif kind == RESISTOR:
            i = v / p[plan.columns[e, 0]]
        elif kind == CAPACITOR:
            i = (v - z[plan.index[e]]) / p[plan.columns[e, 1]]
        elif kind == SWITCH:
            if mode >> plan.index[e] & 1:
                i = (v - p[plan.columns[e, 2]]) / p[plan.columns[e, 0]]
            else:
                i = v / p[plan.columns[e, 1]]
        elif mode >> (plan.switches + plan.index[e]) & 1:
            i = (v - work.lines[plan.index[e], 0]) / work.lines[plan.index[e], 1]
        else:
            i = v * OFF_CONDUCTANCE
        now[e, 0] = v
        now[e, 1] = i
        if a == -2:
            into_source -= i
        if b == -2:
            into_source += i
    if source >= 0:
        now[source, 1] = into_source
    return _output(plan, work, mode, z)


@kernel
def _output(plan: Plan, work: Work, mode: int, z: FloatArray) -> float:
    """Return the output voltage, V."""
    row = work.voltages[mode, plan.output]
    total = row[plan.states]
    for k in range(plan.states):
        total += row[k] * z[k]
    return total


@kernel
def _accumulate(
    plan: Plan, p: FloatArray, mode: int, meter: Meter, weight: float
) -> None:
    """Add the present instant to the sums with a quadrature weight (share of the period)."""
    sums, now = meter.sums, meter.now
    for e in range(len(plan.kinds)):
        v, i = now[e, 0], now[e, 1]
        row = sums[e]
        row[MEAN_V] += weight * v
        row[MEAN_I] += weight * i
        row[MEAN_II] += weight * i * i
        row[MEAN_VI] += weight * v * i
        row[MIN_I] = min(row[MIN_I], i)
        row[MAX_I] = max(row[MAX_I], i)
        row[MIN_V] = min(row[MIN_V], v)
        row[MAX_V] = max(row[MAX_V], v)
        if plan.kinds[e] == DIODE:
            d = plan.index[e]
            if mode >> (plan.switches + d) & 1 and i > 0.0:
                forward = diode_voltage(p, plan.columns[e], i)
                moments = meter.moments[d]
                moments[0] += weight
                moments[1] += weight * i
                moments[2] += weight * i * i
                moments[3] += weight * forward
                moments[4] += weight * forward * i


@kernel
def diode_voltage(p: FloatArray, columns: IntArray, current: float) -> float:
    """V(I) of a diode, V (see `circuit.Diode`)."""
    junction = p[columns[2]] * THERMAL_VOLTAGE * np.log1p(current / p[columns[1]])
    return float(p[columns[0]] + junction + p[columns[3]] * current)


@kernel
def _filter(before: float, after: float, decay: float, ratio: float, filtered: float) -> float:
    """One-pole low pass, exact for an input that moves linearly from `before` to `after`.

    `ratio` is filter time constant / step, `decay` = exp(-1 / ratio).
    """
    lag = (after - before) * ratio
    return after - lag + (filtered - before + lag) * decay


@kernel
def _write(meter: Meter, plan: Plan, work: Work, mode: int, z: FloatArray, time: float) -> None:
    """Record the present instant, if there is room."""
    row = meter.count[0]
    if row >= len(meter.record):
        return
    n, m = plan.states, plan.unknowns
    record = meter.record[row]
    record[0] = time
    for node in range(m):
        total = work.voltages[mode, node, n]
        for k in range(n):
            total += work.voltages[mode, node, k] * z[k]
        record[1 + node] = total
    for e in range(len(plan.kinds)):
        record[1 + m + e] = meter.now[e, 1]
    meter.count[0] = row + 1


@kernel
def _reset(meter: Meter, period: float) -> None:
    """Empty a meter for a new period."""
    meter.sums[:, :] = 0.0
    meter.sums[:, MIN_I] = np.inf
    meter.sums[:, MAX_I] = -np.inf
    meter.sums[:, MIN_V] = np.inf
    meter.sums[:, MAX_V] = -np.inf
    meter.moments[:, :] = 0.0
    meter.figures[:] = 0.0
    meter.figures[OUTPUT_LOW] = np.inf
    meter.figures[OUTPUT_HIGH] = -np.inf
    meter.count[0] = 0
    rate = 2.0 * np.pi * BANDWIDTH * period
    for level in range(FINEST + 2):
        meter.decay[level] = np.exp(-rate * 0.5**level)


@kernel
def _meter_step(
    plan: Plan,
    work: Work,
    p: FloatArray,
    mode: int,
    meter: Meter,
    z: FloatArray,
    end: FloatArray,
    level: int,
    ticks: float,
    time: float,
    period: float,
    filtered: float,
    middle: FloatArray,
) -> float:
    """Meter one step from z to end by Simpson's rule with the exact middle; return the filter."""
    share = ticks / TICKS
    ratio = 1.0 / (2.0 * np.pi * BANDWIDTH * period * share)
    v_start = _observe(plan, work, p, mode, z, meter.now)
    _write(meter, plan, work, mode, z, time)
    if level < FINEST and ticks >= 2.0:
        _accumulate(plan, p, mode, meter, share / 6)
        _apply(work.steps[mode, level + 1], z, middle, plan.states + 2)
        v_middle = _observe(plan, work, p, mode, middle, meter.now)
        _accumulate(plan, p, mode, meter, share * 4 / 6)
        filtered = _filter(v_start, v_middle, meter.decay[level + 1], 2 * ratio, filtered)
        meter.figures[OUTPUT_LOW] = min(meter.figures[OUTPUT_LOW], filtered)
        meter.figures[OUTPUT_HIGH] = max(meter.figures[OUTPUT_HIGH], filtered)
        v_end = _observe(plan, work, p, mode, end, meter.now)
        _accumulate(plan, p, mode, meter, share / 6)
        filtered = _filter(v_middle, v_end, meter.decay[level + 1], 2 * ratio, filtered)
    else:
        _accumulate(plan, p, mode, meter, share / 2)
        v_end = _observe(plan, work, p, mode, end, meter.now)
        _accumulate(plan, p, mode, meter, share / 2)
        filtered = _filter(v_start, v_end, np.exp(-1.0 / ratio), ratio, filtered)
    _write(meter, plan, work, mode, end, time + share)
    meter.figures[OUTPUT_LOW] = min(meter.figures[OUTPUT_LOW], filtered)
    meter.figures[OUTPUT_HIGH] = max(meter.figures[OUTPUT_HIGH], filtered)
    return filtered


@kernel
def _switch_edge(plan: Plan, meter: Meter, current: int, voltage: int) -> None:
    """Note the first switch's current and voltage at the present instant; -1 skips one."""
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == SWITCH and plan.index[e] == 0:
            if current >= 0:
                meter.figures[current] = meter.now[e, 1]
            if voltage >= 0:
                meter.figures[voltage] = meter.now[e, 0]


@kernel
def run_period(
    plan: Plan,
    work: Work,
    p: FloatArray,
    duty: float,
    period: float,
    vin: float,
    start_mode: int,
    coarse: int,
    track: bool,
    metering: bool,
    shot: Shot,
    meter: Meter,
    rectifier: int,
) -> int:
    """Run one period from the instant the main switch turns on.

    Args:
        plan: the circuit.
        work: scratch, with the diode lines set.
        p: parameters of this design, shape (parameters,).
        duty: on-time of the main switch / period.
        period: s.
        vin: input voltage, V.
        start_mode: mode at the end of the period before, for the diode states to start from.
        coarse: level of the largest step.
        track: whether to carry `Shot.phi` and `Shot.by_duty`.
        metering: whether to fill `meter`.
        shot: `shot.z` is the start and becomes the end.
        meter: filled when metering.
        rectifier: diode whose blocking at the end counts as idle time; -1 for none.

    Returns:
        The mode at the end; negative when the period could not be run (-1 singular circuit, -2
        chattering diodes).
    """
    size = plan.states + 2
    z, out = shot.z, shot.vectors[2]
    if track:
        shot.phi[:, :] = 0.0
        for i in range(size):
            shot.phi[i, i] = 1.0
            shot.by_duty[i] = 0.0
    z[size - 2] = 0.0
    z[size - 1] = 1.0
    filtered = 0.0
    mode = start_mode
    if metering:
        _reset(meter, period)
        if not build_mode(plan, work, p, mode, period, vin):
            return -1
        # The filter has long forgotten its start: it lags the end of the period before by slope x
        # time constant.
        _apply(work.generator[mode], z, out, size)
        out[size - 1] = 0.0
        filtered = _output(plan, work, mode, z)
        slope = 0.0
        for k in range(plan.states):
            slope += work.voltages[mode, plan.output, k] * out[k]
        filtered -= slope / (2.0 * np.pi * BANDWIDTH * period)
        _observe(plan, work, p, mode, z, meter.now)
        _switch_edge(plan, meter, -1, VOLTAGE_ON)
    events = 0
    clock = 0.0
    for phase in range(2):
        switches = 0
        for s in range(plan.switches):
            if (phase == 0) != (plan.complement[s] == 1):
                switches |= 1 << s
        before = mode
        mode = (mode >> plan.switches << plan.switches) | switches
        mode = _settle(plan, work, p, mode, z, period, vin)
        if mode < 0:
            return -1
        if metering:
            _observe(plan, work, p, mode, z, meter.now)
            if phase == 0:
                _switch_edge(plan, meter, CURRENT_ON, -1)
            else:
                _switch_edge(plan, meter, -1, VOLTAGE_OFF)
        if track and phase == 1:
            # A longer on-time trades a moment of the one mode for a moment of the other.
            _apply(work.generator[before], z, shot.vectors[0], size)
            _apply(work.generator[mode], z, shot.vectors[1], size)
            for i in range(size - 1):
                shot.by_duty[i] = shot.vectors[0][i] - shot.vectors[1][i]
        remaining = (duty if phase == 0 else 1.0 - duty) * TICKS
        segment = 0.0
        level = FINEST
        bisect_until = -1.0
        while remaining > 1e-9:
            ticks = remaining
            if remaining < 1.0:
                _apply(work.steps[mode, FINEST], z, out, size)
                for i in range(size):
                    out[i] = z[i] + remaining * (out[i] - z[i])
            else:
                ticks = TICKS * 0.5**level
                while ticks > remaining:
                    level += 1
                    ticks *= 0.5
                _apply(work.steps[mode, level], z, out, size)
            pick, theta = -1, 2.0
            for d in range(plan.diodes):
                after = _violation(plan, work, mode, d, out)
                if after > _TOLERANCE:
                    start = _violation(plan, work, mode, d, z)
                    crossing = 0.0 if start >= 0.0 else start / (start - after)
                    if crossing < theta:
                        pick, theta = d, crossing
            if pick >= 0 and ticks > 1.0:
                if bisect_until < 0.0:
                    bisect_until = remaining - ticks
                level = min(level + 1, FINEST)
                continue
            if pick >= 0:
                ticks *= theta
                for i in range(size):
                    out[i] = z[i] + theta * (out[i] - z[i])
            if metering and ticks > 0.0:
                filtered = _meter_step(
                    plan, work, p, mode, meter, z, out, level if ticks >= 1.0 else FINEST,
                    ticks, clock / TICKS, period, filtered, shot.vectors[3],
                )  # fmt: skip
                if phase == 1 and rectifier >= 0:
                    if not mode >> (plan.switches + rectifier) & 1:
                        meter.figures[IDLE] += ticks / TICKS
            for i in range(size):
                z[i] = out[i]
            remaining -= ticks
            clock += ticks
            segment += ticks
            if pick >= 0:
                events += 1
                if events > _MOST_EVENTS:
                    return -2
                old = mode
                mode = _settle(
                    plan, work, p, mode ^ (1 << (plan.switches + pick)), z, period, vin
                )
                if mode < 0:
                    return -1
                if track:
                    _flush(plan, work, shot, old, segment)
                    _saltate(plan, work, shot, old, mode, pick, z)
                segment = 0.0
                level = FINEST
                bisect_until = -1.0
            elif bisect_until >= 0.0:
                level = min(level + 1, FINEST)
                if remaining <= bisect_until + 1e-9:
                    bisect_until = -1.0
            else:
                level = max(level - 1, coarse)
        if track:
            _flush(plan, work, shot, mode, segment)
        if metering and phase == 0:
            _observe(plan, work, p, mode, z, meter.now)
            _switch_edge(plan, meter, CURRENT_OFF, -1)
    return mode
