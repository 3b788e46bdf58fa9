"""One switching period, with its diodes' events found.

Time is counted in ticks of a period / 2^20. Steps are dyadic, so that one chain of squarings
serves every duty: coarse at most a period / 64, restarted at one tick after each event and doubled
from there, since fast transients (clamps, commutations) follow events.
"""

from typing import Final

from arcs_engine.spec import FloatArray
from arcs_engine.steady.compiled import kernel
from arcs_engine.steady.modes import FINEST, Plan, Work, apply, build_mode
from arcs_engine.steady.sensitivity import TICKS, Shot, flush, saltate
from arcs_engine.steady.trace import MOST_STEPS, Trace

_TOLERANCE: Final = 1e-7
"""Volts by which a diode may contradict its state before it changes."""

_MOST_EVENTS: Final = 200
"""Diode events in a period beyond which the run counts as chattering."""


@kernel
def _violation(plan: Plan, work: Work, mode: int, diode: int, z: FloatArray) -> float:
    """Return by how many volts a diode contradicts its state; positive means it must change."""
    slack = work.slack[mode, diode, plan.states]
    for k in range(plan.states):
        slack += work.slack[mode, diode, k] * z[k]
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
    tracing: bool,
    shot: Shot,
    trace: Trace,
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
        tracing: whether to fill `trace`.
        shot: `shot.z` is the start and becomes the end.
        trace: filled when tracing.

    Returns:
        The mode at the end; negative when the period could not be run (-1 singular circuit, -2
        chattering diodes or more steps than a trace holds).
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
    mode = start_mode
    if tracing:
        trace.count[0] = 0
    events = 0
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
        if track and phase == 1:
            # A longer on-time trades a moment of the one mode for a moment of the other.
            apply(work.generator[before], z, shot.vectors[0], size)
            apply(work.generator[mode], z, shot.vectors[1], size)
            for i in range(size - 1):
                shot.by_duty[i] = shot.vectors[0][i] - shot.vectors[1][i]
        remaining = (duty if phase == 0 else 1.0 - duty) * TICKS
        segment = 0.0
        level = FINEST
        bisect_until = -1.0
        while remaining > 1e-9:
            ticks = remaining
            if remaining < 1.0:
                apply(work.steps[mode, FINEST], z, out, size)
                for i in range(size):
                    out[i] = z[i] + remaining * (out[i] - z[i])
            else:
                ticks = TICKS * 0.5**level
                while ticks > remaining:
                    level += 1
                    ticks *= 0.5
                apply(work.steps[mode, level], z, out, size)
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
            if tracing and ticks > 0.0:
                row = trace.count[0]
                if row >= MOST_STEPS:
                    return -2
                trace.count[0] = row + 1
                trace.ticks[row] = ticks
                trace.modes[row] = mode
                trace.phases[row] = phase
                dyadic = pick < 0 and ticks >= 1.0 and level < FINEST
                for i in range(size):
                    trace.starts[row, i] = z[i]
                    trace.ends[row, i] = out[i]
                    # A step of a tick or less is straight; longer ones have an exact middle.
                    trace.middles[row, i] = 0.5 * (z[i] + out[i])
                if dyadic:
                    apply(work.steps[mode, level + 1], z, trace.middles[row], size)
            for i in range(size):
                z[i] = out[i]
            remaining -= ticks
            segment += ticks
            if pick >= 0:
                events += 1
                if events > _MOST_EVENTS:
                    return -2
                old = mode
                mode = _settle(plan, work, p, mode ^ (1 << (plan.switches + pick)), z, period, vin)
                if mode < 0:
                    return -1
                if track:
                    flush(plan, work, shot, old, segment)
                    saltate(plan, work, shot, old, mode, pick, z)
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
            flush(plan, work, shot, mode, segment)
    return mode
