"""One switching period, with its diodes' events found.

A period has four phases: the main switch conducts; dead time; the complementary switches conduct;
dead time. Where no switch is complementary there is no dead time, and the third is the off-time.

Time is counted in ticks of a period / 2^19. Steps are dyadic, so that one chain of squarings
serves every duty. After each event they start as fine as the fastest state of the new mode asks for
(`modes.Work.levels`), since fast transients (clamps, commutations) follow events, and double from
there.
"""

from typing import Final, NamedTuple

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.algebra import advance
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.exponential import build_mode, reach
from arcs_engine.simulation.steady.lanes import LANES, Place, Rows, Weights, combine
from arcs_engine.simulation.steady.modes import FINEST, TICKS, Converter, Work, conducts, parameter
from arcs_engine.simulation.steady.network import SWITCH, Plan
from arcs_engine.simulation.steady.nodal import sketch_mode
from arcs_engine.simulation.steady.sensitivity import (
    Event,
    Segment,
    Shot,
    begin,
    flush,
    saltate,
    shift_edge,
)
from arcs_engine.simulation.steady.trace import Noted, Trace, note

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


class Manner(NamedTuple):
    """How a period is run.

    Attributes:
        track: whether to carry `Shot.phi`.
        finer: how often the usual steps are halved.
    """

    track: bool
    finer: int


class Run(NamedTuple):
    """What a period is run with, and what it fills.

    Attributes:
        converter: whose period, with its diodes' lines set.
        shot: `Shot.z` is the start and becomes the end.
        trace: filled.
        manner: how.
        watched: conditions that end a step when they change their sign: those of the diodes and,
            where a comparator ends the on-time, one more, which is its own.
    """

    converter: Converter
    shot: Shot
    trace: Trace
    manner: Manner
    watched: int


@inner_kernel
def _fill_excess(work: Work, mode: int, z: FloatArray) -> None:
    """Fill `Work.excess` at a state."""
    n, width = work.slack.shape[1] - 1, work.slack.shape[2]
    top, d = mode * (n + 1) * width, 0
    while d < len(work.lines):
        combine(
            Place(work.excess, d), None, Place(work.slack, top + n * width + d), Weights(z, 0, 1),
            Rows(work.slack, top + d, width, n),
        )  # fmt: skip
        d += LANES


@kernel
def settle(converter: Converter, mode: int, z: FloatArray) -> int:
    """Flip the worst diode until all agree with their states; return the mode."""
    plan, excess = converter.plan, converter.work.excess
    # One at a time, since each flip changes what the others see; the count ends a cycle of flips.
    for _ in range(4 * plan.diodes + 4):
        if not sketch_mode(converter, mode):
            return SINGULAR
        _fill_excess(converter.work, mode, z)
        worst, pick = _TOLERANCE, -1
        for d in range(plan.diodes):
            violation = -excess[d] if conducts(plan, mode, d) else excess[d]
            if violation > worst:
                worst, pick = violation, d
        if pick < 0:
            break
        mode ^= 1 << (plan.switches + pick)
    return mode if build_mode(converter, mode) else SINGULAR


@inner_kernel
def _first_event(run: Run, mode: int, z: FloatArray, end: FloatArray) -> tuple[int, float]:
    """Return the condition that changes first within a step, and when (0..1); -1 for none."""
    converter = run.converter
    plan, slack, excess = converter.plan, converter.work.slack, converter.work.excess
    pick, theta = -1, 2.0
    _fill_excess(converter.work, mode, end)
    for d in range(run.watched):
        sign = -1.0 if conducts(plan, mode, d) else 1.0
        after = sign * excess[d]
        if after > _TOLERANCE:
            before = slack[mode, plan.states, d]
            for k in range(plan.states):
                before += slack[mode, k, d] * z[k]
            before *= sign
            crossing = 0.0 if before >= 0.0 else before / (before - after)
            if crossing < theta:
                pick, theta = d, crossing
    return pick, theta


@inner_kernel
def _shorten(shot: Shot, share: float) -> None:
    """End a straight step, from `Shot.z` to `Shot.vectors[2]`, after a share of it."""
    z, end = shot.z, shot.vectors[2]
    for i in range(len(shot.phi)):
        end[i] = z[i] + share * (end[i] - z[i])


@inner_kernel
def run_phase(run: Run, phase: int, mode: int, remaining: float) -> tuple[int, float]:
    """Run a phase of `remaining` ticks in which no switch moves.

    Return the mode at its end and what remains of it: nothing unless the comparator ended it.

    `level` is the next step's; at `straight` and finer, a step is as good as a line. Where a diode
    must change within a longer step, the step is halved until it is straight and the line says
    when; `halving_until` is what remains at the end of the step in which the search began, from
    where on steps may double again.
    """
    converter, shot, trace, finer = run.converter, run.shot, run.trace, run.manner.finer
    plan, work = converter.plan, converter.work
    n, levels, z, end = plan.states, work.levels, shot.z, shot.vectors[2]
    segment, events, halving_until = 0.0, 0, -1.0
    level, straight = min(levels[mode, 0] + finer, FINEST), levels[mode, 2]
    while remaining > _DUST:
        # A dyadic step that fits into the phase; its last bit is a share of a straight one.
        ticks = float(1 << (FINEST - level))
        while ticks > remaining and level < straight:
            level += 1
            ticks *= 0.5
        advance(reach(work, mode, level), Place(z, 0), Place(end, 0))
        share = 1.0
        if ticks > remaining:
            share = remaining / ticks
            _shorten(shot, share)
        # Events: those in a long step are searched for in its halves, those in a straight one
        # end it where the diode's line crosses zero.
        pick, theta = _first_event(run, mode, z, end)
        if pick >= 0 and level < straight:
            if halving_until < 0.0:
                halving_until = remaining - ticks
            level += 1
            continue
        if pick >= 0:
            _shorten(shot, theta)
            share *= theta
        # The step is taken. The meter needs its length as a level for the state at its middle.
        ticks *= share
        if ticks > 0.0:
            taken = Noted(ticks, level if share == 1.0 else FINEST + 1, mode, phase)
            if not note(trace, z, n, taken):
                return CHATTERING, remaining
        for i in range(n + 1):
            z[i] = end[i]
        remaining -= ticks
        segment += ticks
        if pick == plan.diodes:
            return mode, remaining
        # After an event the other diodes may have to follow, and the steps start over. The
        # sensitivities are carried across whole segments, in far fewer steps than the state.
        if pick >= 0:
            events += 1
            before = mode
            mode = settle(converter, mode ^ (1 << (plan.switches + pick)), z)
            if mode < 0 or events > _MOST_EVENTS:
                return min(mode, CHATTERING), remaining
            if run.manner.track:
                flush(work, shot, Segment(before, segment))
                saltate(work, shot, Event(before, mode, pick))
            segment, halving_until = 0.0, -1.0
            level, straight = min(levels[mode, 0] + finer, FINEST), levels[mode, 2]
        elif halving_until >= 0.0:
            level = min(level + 1, straight)
            if remaining <= halving_until + _DUST:
                halving_until = -1.0
        else:
            level = max(level - 1, levels[mode, 1] + finer)
    if run.manner.track:
        flush(work, shot, Segment(mode, segment))
    return mode, remaining


@inner_kernel
def dead_time(converter: Converter) -> float:
    """Return the dead time at each edge over the period; 0 without a complementary switch."""
    plan = converter.plan
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == SWITCH and plan.complement[plan.order[e]] == 1:
            return float(parameter(converter, e, 3) / converter.point.period)
    return 0.0


@inner_kernel
def switches_in(plan: Plan, phase: int) -> int:
    """Return the switches that conduct in a phase, as bits of the mode."""
    switches = 0
    for s in range(plan.switches):
        if phase == (COMPLEMENT_ON if plan.complement[s] == 1 else MAIN_ON):
            switches |= 1 << s
    return switches


@inner_kernel
def run_period(run: Run, duty: float, mode: int) -> int:
    """Run one period from the instant the main switch turns on.

    Args:
        run: with what, and what is filled.
        duty: on-time of the main switch / period.
        mode: at the end of the period before, for the diode states to start from.

    Returns:
        The mode at the end; negative when the period could not be run (`SINGULAR` circuit, or
        `CHATTERING` diodes, or more steps than a trace holds).
    """
    converter, shot, trace = run.converter, run.shot, run.trace
    plan = converter.plan
    n = plan.states
    if run.manner.track:
        begin(shot)
    trace.used[0] = 0
    shot.z[n] = 0.0
    dead, left = dead_time(converter), TICKS
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
        mode = mode >> plan.switches << plan.switches | switches_in(plan, phase)
        mode = settle(converter, mode, shot.z)
        if mode < 0:
            return mode
        # The edges at both ends of the first dead time move with the duty.
        if run.manner.track and phase in (MAIN_ON + 1, COMPLEMENT_ON):
            shift_edge(converter.work, shot, before, mode)
        mode, _ = run_phase(run, phase, mode, ticks)
        if mode < 0:
            return mode
    for i in range(n + 1):
        trace.bounds[trace.used[0], i] = shot.z[i]
    return mode
