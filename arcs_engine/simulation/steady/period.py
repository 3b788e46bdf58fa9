"""One switching period, with its diodes' events found.

A period has four phases: the main switch conducts; dead time; the complementary switches conduct;
dead time. Where no switch is complementary there is no dead time, and the third is the off-time.

Time is counted in ticks of a period / 2^19. Steps are dyadic, so that one chain of squarings
serves every duty. After each event they start as fine as the fastest state of the new mode asks for
(`modes.Work.levels`), since fast transients (clamps, commutations) follow events, and double from
there.
"""

from typing import Final

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.algebra import advance
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.lanes import LANES, combine
from arcs_engine.simulation.steady.modes import (
    FINEST,
    Plan,
    Point,
    Work,
    build_mode,
    reach,
    sketch_mode,
)
from arcs_engine.simulation.steady.network import SWITCH
from arcs_engine.simulation.steady.sensitivity import TICKS, Shot, begin, flush, saltate, shift_edge
from arcs_engine.simulation.steady.trace import MOST_STEPS, Trace

_TOLERANCE: Final = 1e-7
"""Volts by which a diode may contradict its state before it changes."""

_MOST_EVENTS: Final = 200
"""Diode events in a phase beyond which the run counts as chattering."""

_DUST: Final = 1e-9
"""Ticks that are no time at all."""

# Phases in which a switch conducts; the dead times follow them.
MAIN_ON: Final = 0
COMPLEMENT_ON: Final = 2

SINGULAR: Final = -1
CHATTERING: Final = -2


@inner_kernel
def _fill_excess(
    slack: FloatArray, mode: int, z: FloatArray, excess: FloatArray, diodes: int, n: int
) -> None:
    """Fill `Work.excess` at a state."""
    width = slack.shape[2]
    top, d = mode * (n + 1) * width, 0
    while d < diodes:
        combine(excess, d, None, 0, slack, top + n * width + d, z, 0, 1, slack, top + d, width, n)
        d += LANES


@kernel
def _settle(plan: Plan, work: Work, point: Point, mode: int, z: FloatArray) -> int:
    """Flip the worst diode until all agree with their states; return the mode."""
    slack, excess = work.slack, work.excess
    for _ in range(4 * plan.diodes + 4):
        if not sketch_mode(plan, work, point, mode):
            return SINGULAR
        _fill_excess(slack, mode, z, excess, plan.diodes, plan.states)
        worst, pick = _TOLERANCE, -1
        for d in range(plan.diodes):
            conducts = mode >> (plan.switches + d) & 1
            violation = -excess[d] if conducts else excess[d]
            if violation > worst:
                worst, pick = violation, d
        if pick < 0:
            break
        mode ^= 1 << (plan.switches + pick)
    return mode if build_mode(plan, work, point, mode) else SINGULAR


@inner_kernel
def _first_event(
    slack: FloatArray,
    excess: FloatArray,
    mode: int,
    switches: int,
    diodes: int,
    z: FloatArray,
    end: FloatArray,
    n: int,
) -> tuple[int, float]:
    """Return the diode that must change first within a step, and when (0..1); -1 for none."""
    pick, theta = -1, 2.0
    _fill_excess(slack, mode, end, excess, diodes, n)
    for d in range(diodes):
        sign = -1.0 if mode >> (switches + d) & 1 else 1.0
        after = sign * excess[d]
        if after > _TOLERANCE:
            before = slack[mode, n, d]
            for k in range(n):
                before += slack[mode, k, d] * z[k]
            before *= sign
            crossing = 0.0 if before >= 0.0 else before / (before - after)
            if crossing < theta:
                pick, theta = d, crossing
    return pick, theta


@inner_kernel
def _shorten(z: FloatArray, end: FloatArray, share: float, size: int) -> None:
    """End a straight step after a share of it."""
    for i in range(size):
        end[i] = z[i] + share * (end[i] - z[i])


@kernel
def _run_phase(
    plan: Plan,
    work: Work,
    point: Point,
    mode: int,
    phase: int,
    remaining: float,
    finer: int,
    track: bool,
    shot: Shot,
    trace: Trace,
) -> int:
    """Run a phase of `remaining` ticks in which no switch moves; return the mode at its end."""
    n = plan.states
    slack, excess, z, end = work.slack, work.excess, shot.z, shot.vectors[2]
    steps, reached, levels = work.steps, work.reached, work.levels
    bounds, lengths, noted_levels = trace.bounds, trace.ticks, trace.levels
    modes, phases, used = trace.modes, trace.phases, trace.used
    segment, events, bisect_until = 0.0, 0, -1.0
    level, straight = min(levels[mode, 0] + finer, FINEST), levels[mode, 2]
    while remaining > _DUST:
        ticks = float(1 << (FINEST - level))
        while ticks > remaining and level < straight:
            level += 1
            ticks *= 0.5
        reach(steps, reached, mode, level, n)
        advance(steps, mode, level, z, 0, end, 0, n)
        share = 1.0
        if ticks > remaining:
            share = remaining / ticks
            _shorten(z, end, share, n + 1)
        pick, theta = _first_event(slack, excess, mode, plan.switches, plan.diodes, z, end, n)
        if pick >= 0 and level < straight:
            # Somewhere in this step: halve until it is straight.
            if bisect_until < 0.0:
                bisect_until = remaining - ticks
            level += 1
            continue
        if pick >= 0:
            _shorten(z, end, theta, n + 1)
            share *= theta
        ticks *= share
        noted = level if share == 1.0 else FINEST + 1
        if ticks > 0.0:
            row = used[0]
            if row >= MOST_STEPS:
                return CHATTERING
            used[0] = row + 1
            lengths[row], noted_levels[row] = ticks, noted
            modes[row], phases[row] = mode, phase
            for i in range(n + 1):
                bounds[row, i] = z[i]
        for i in range(n + 1):
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
            segment, bisect_until = 0.0, -1.0
            level, straight = min(levels[mode, 0] + finer, FINEST), levels[mode, 2]
        elif bisect_until >= 0.0:
            level = min(level + 1, straight)
            if remaining <= bisect_until + _DUST:
                bisect_until = -1.0
        else:
            level = max(level - 1, levels[mode, 1] + finer)
    if track:
        flush(work, shot, mode, segment)
    return mode


@kernel
def dead_time(plan: Plan, point: Point) -> float:
    """Return the dead time at each edge over the period; 0 without a complementary switch."""
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == SWITCH and plan.complement[plan.order[e]] == 1:
            return float(point.p[plan.columns[e, 3]] / point.period)
    return 0.0


@kernel
def _switches_in(plan: Plan, phase: int) -> int:
    """Return the switches that conduct in a phase, as bits of the mode."""
    switches = 0
    for s in range(plan.switches):
        if phase == (COMPLEMENT_ON if plan.complement[s] == 1 else MAIN_ON):
            switches |= 1 << s
    return switches


@kernel
def run_period(
    plan: Plan,
    work: Work,
    point: Point,
    duty: float,
    mode: int,
    finer: int,
    track: bool,
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
        finer: how often the usual steps are halved.
        track: whether to carry `Shot.phi`.
        shot: `shot.z` is the start and becomes the end.
        trace: filled.

    Returns:
        The mode at the end; negative when the period could not be run (`SINGULAR` circuit, or
        `CHATTERING` diodes, or more steps than a trace holds).
    """
    n = plan.states
    if track:
        begin(shot, n)
    trace.used[0] = 0
    shot.z[n] = 0.0
    dead, left = dead_time(plan, point), TICKS
    for phase in range(4):
        if dead == 0.0 and phase not in (MAIN_ON, COMPLEMENT_ON):
            continue
        if phase == MAIN_ON:
            ticks = duty * TICKS
        elif phase == COMPLEMENT_ON:
            ticks = (1.0 - duty - 2.0 * dead) * TICKS
        else:
            ticks = dead * TICKS
        # Next to full duty there is no time for the complement, and less than the dead time.
        ticks = min(max(ticks, 0.0), left)
        left -= ticks
        before = mode
        mode = mode >> plan.switches << plan.switches | _switches_in(plan, phase)
        mode = _settle(plan, work, point, mode, shot.z)
        if mode < 0:
            return mode
        # The edges at both ends of the first dead time move with the duty.
        if track and phase in (MAIN_ON + 1, COMPLEMENT_ON):
            shift_edge(plan, work, shot, before, mode)
        mode = _run_phase(plan, work, point, mode, phase, ticks, finer, track, shot, trace)
        if mode < 0:
            return mode
    for i in range(n + 1):
        trace.bounds[trace.used[0], i] = shot.z[i]
    return mode
