"""One switching period, with its diodes' events found.

Time is counted in ticks of a period / 2^20. Steps are dyadic, so that one chain of squarings
serves every duty: coarse at most a period / 64, restarted at one tick after each event and doubled
from there, since fast transients (clamps, commutations) follow events.

Functions in the inner loop take single arrays, not the tuples of them: numba counts a reference to
every array that it passes on.
"""

from typing import Final

from arcs_engine.spec import FloatArray
from arcs_engine.steady.compiled import kernel
from arcs_engine.steady.modes import FINEST, Plan, Point, Work, advance, build_mode
from arcs_engine.steady.sensitivity import TICKS, Shot, begin, flush, saltate, shift_edge
from arcs_engine.steady.trace import MOST_STEPS, Trace

_TOLERANCE: Final = 1e-7
"""Volts by which a diode may contradict its state before it changes."""

_MOST_EVENTS: Final = 200
"""Diode events in a phase beyond which the run counts as chattering."""

_DUST: Final = 1e-9
"""Ticks that are no time at all."""

SINGULAR: Final = -1
CHATTERING: Final = -2


@kernel
def _violation(
    slack: FloatArray, mode: int, conducts: int, diode: int, z: FloatArray, n: int
) -> float:
    """Return by how many volts a diode contradicts its state; positive means it must change."""
    total = slack[mode, diode, n]
    for k in range(n):
        total += slack[mode, diode, k] * z[k]
    return float(-total if conducts else total)


@kernel
def _settle(plan: Plan, work: Work, point: Point, mode: int, z: FloatArray) -> int:
    """Flip the worst diode until all agree with their states; return the mode."""
    for _ in range(4 * plan.diodes + 4):
        if not build_mode(plan, work, point, mode):
            return SINGULAR
        worst, pick = _TOLERANCE, -1
        for d in range(plan.diodes):
            conducts = mode >> (plan.switches + d) & 1
            violation = _violation(work.slack, mode, conducts, d, z, plan.states)
            if violation > worst:
                worst, pick = violation, d
        if pick < 0:
            return mode
        mode ^= 1 << (plan.switches + pick)
    return mode


@kernel
def _first_event(
    slack: FloatArray,
    mode: int,
    switches: int,
    diodes: int,
    z: FloatArray,
    end: FloatArray,
    n: int,
) -> tuple[int, float]:
    """Return the diode that must change first within a step, and when (0..1); -1 for none."""
    pick, theta = -1, 2.0
    for d in range(diodes):
        conducts = mode >> (switches + d) & 1
        after = _violation(slack, mode, conducts, d, end, n)
        if after > _TOLERANCE:
            before = _violation(slack, mode, conducts, d, z, n)
            crossing = 0.0 if before >= 0.0 else before / (before - after)
            if crossing < theta:
                pick, theta = d, crossing
    return pick, theta


@kernel
def _shorten(z: FloatArray, end: FloatArray, share: float, size: int) -> None:
    """End a step of a tick, which is straight, after a share of it."""
    for i in range(size):
        end[i] = z[i] + share * (end[i] - z[i])


@kernel
def _note_step(
    trace: Trace, steps: FloatArray, mode: int, phase: int, ticks: float, level: int, z: FloatArray,
    end: FloatArray, size: int,
) -> bool:  # fmt: skip
    """Write a step into the trace; return False when it is full."""
    row = trace.used[0]
    if row >= MOST_STEPS:
        return False
    trace.used[0] = row + 1
    trace.ticks[row] = ticks
    trace.modes[row] = mode
    trace.phases[row] = phase
    for i in range(size):
        trace.starts[row, i] = z[i]
        trace.ends[row, i] = end[i]
        trace.middles[row, i] = 0.5 * (z[i] + end[i])
    if level < FINEST:  # longer than a tick: not straight, but its middle is a step, too
        advance(steps, mode, level + 1, z, trace.middles[row])
    return True


@kernel
def _run_phase(
    plan: Plan,
    work: Work,
    point: Point,
    mode: int,
    phase: int,
    remaining: float,
    coarse: int,
    track: bool,
    tracing: bool,
    shot: Shot,
    trace: Trace,
) -> int:
    """Run a phase of `remaining` ticks in which no switch moves; return the mode at its end."""
    n, size = plan.states, plan.states + 2
    slack, steps, z, end = work.slack, work.steps, shot.z, shot.vectors[2]
    segment, events = 0.0, 0
    level, bisect_until = FINEST, -1.0
    while remaining > _DUST:
        ticks = TICKS * 0.5**level
        while ticks > remaining and level < FINEST:
            level += 1
            ticks *= 0.5
        advance(steps, mode, level, z, end)
        if ticks > remaining:
            _shorten(z, end, remaining, size)
            ticks = remaining
        pick, theta = _first_event(slack, mode, plan.switches, plan.diodes, z, end, n)
        if pick >= 0 and level < FINEST:
            # Somewhere in this step: halve until a tick is left.
            if bisect_until < 0.0:
                bisect_until = remaining - ticks
            level += 1
            continue
        if pick >= 0:
            _shorten(z, end, theta, size)
            ticks *= theta
        noted = tracing and ticks > 0.0
        if noted and not _note_step(trace, steps, mode, phase, ticks, level, z, end, size):
            return CHATTERING
        for i in range(size):
            z[i] = end[i]
        remaining -= ticks
        segment += ticks
        if pick >= 0:
            events += 1
            before = mode
            mode = _settle(plan, work, point, mode ^ (1 << (plan.switches + pick)), z)
            if mode < 0 or events > _MOST_EVENTS:
                return min(mode, CHATTERING)
            if track:
                flush(work, shot, before, segment)
                saltate(plan, work, shot, before, mode, pick, z)
            segment = 0.0
            level, bisect_until = FINEST, -1.0
        elif bisect_until >= 0.0:
            level = min(level + 1, FINEST)
            if remaining <= bisect_until + _DUST:
                bisect_until = -1.0
        else:
            level = max(level - 1, coarse)
    if track:
        flush(work, shot, mode, segment)
    return mode


@kernel
def run_period(
    plan: Plan,
    work: Work,
    point: Point,
    duty: float,
    mode: int,
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
        point: the design and where it works.
        duty: on-time of the main switch / period.
        mode: at the end of the period before, for the diode states to start from.
        coarse: level of the largest step.
        track: whether to carry `Shot.phi`.
        tracing: whether to fill `trace`.
        shot: `shot.z` is the start and becomes the end.
        trace: filled when tracing.

    Returns:
        The mode at the end; negative when the period could not be run (`SINGULAR` circuit, or
        `CHATTERING` diodes, or more steps than a trace holds).
    """
    size = plan.states + 2
    if track:
        begin(shot, size)
    if tracing:
        trace.used[0] = 0
    shot.z[size - 2] = 0.0
    shot.z[size - 1] = 1.0
    for phase in range(2):
        switches = 0
        for s in range(plan.switches):
            if (phase == 0) != (plan.complement[s] == 1):
                switches |= 1 << s
        before = mode
        mode = mode >> plan.switches << plan.switches | switches
        mode = _settle(plan, work, point, mode, shot.z)
        if mode < 0:
            return mode
        if track and phase == 1:
            shift_edge(plan, work, shot, before, mode)
        ticks = (duty if phase == 0 else 1.0 - duty) * TICKS
        mode = _run_phase(
            plan, work, point, mode, phase, ticks, coarse, track, tracing, shot, trace
        )
        if mode < 0:
            return mode
    return mode
