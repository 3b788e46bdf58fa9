"""A converter under its regulator, from event to event through as many periods as are asked for.

A period begins with the clock, which turns the main switch on. The comparator is asked after its
blanking; a delay after it has tripped, or at the longest on-time, the switch turns off. A march can
be left at any instant and taken up under another condition, since all that it knows is in its
`Position`.
"""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.closed_loop.regulator import Control
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.modes import TICKS, Converter
from arcs_engine.simulation.steady.network import IntArray, Network
from arcs_engine.simulation.steady.period import (
    COMPLEMENT_ON,
    MAIN_ON,
    Manner,
    Run,
    run_phase,
    settle,
    switches_in,
)
from arcs_engine.simulation.steady.sensitivity import Shot, shot_of
from arcs_engine.simulation.steady.trace import MOST_STEPS, Trace

# Phases of a period, in order; the switch is on in the first three.
BLANKED: Final = 0
WATCHED: Final = 1
DELAYED: Final = 2
_DEAD: Final = 3
OFF: Final = 4
_LAST: Final = 5

# What became of a march.
ARRIVED: Final = 0
FULL: Final = 1
FAILED: Final = 2

# Columns of `Log.samples`.
TIME: Final = 0
OUTPUT: Final = 1
CURRENT: Final = 2
CONTROL: Final = 3
INTEGRAL: Final = 4
SAMPLES: Final = 5

_DUST: Final = 1e-6
"""Ticks that are no time at all."""

_FINER: Final = 1
"""How often the usual steps are halved, so that crests lie close to samples."""


class Position(NamedTuple):
    """Where a march is.

    Attributes:
        shot: its z is all states and the integral of the output, V periods; the rest is scratch.
        ticks: since the clock; at which the phase ends; shape (2,).
        phase: shape (1,).
        mode: of the circuit, shape (1,).
        periods: begun, the present one included, shape (1,).
    """

    shot: Shot
    ticks: FloatArray
    phase: IntArray
    mode: IntArray
    periods: IntArray


class Log(NamedTuple):
    """What a march writes down.

    Attributes:
        samples: at both ends of every step: time in periods, magnitude of the output, current of
            an inductor, control voltage, integral of the output; shape (rows, SAMPLES).
        used: rows in use, shape (1,).
        duties: on-time over the period, of each period, shape (periods,).
    """

    samples: FloatArray
    used: IntArray
    duties: FloatArray


class March(NamedTuple):
    """What marches: the converter, under one condition.

    Attributes:
        converter: its modes are built (`modes.fill_modes`).
        control: the regulator.
        trace: scratch.
        sign: of the output.
        inductor: state whose current is written down.
    """

    converter: Converter
    control: Control
    trace: Trace
    sign: float
    inductor: int


@inner_kernel
def _begin_phase(march: March, position: Position, phase: int) -> None:
    """Enter a phase: set when it ends, and the switches."""
    control, ticks = march.control, position.ticks
    position.phase[0] = phase
    if phase == BLANKED:
        ticks[1] = control.shortest
    elif phase == WATCHED:
        ticks[1] = max(ticks[0], control.longest - control.delay)
    elif phase == DELAYED:
        ticks[1] = min(ticks[0] + control.delay, TICKS)
    elif phase == _DEAD:
        ticks[1] = min(ticks[0] + control.dead, TICKS)
    elif phase == OFF:
        ticks[1] = max(ticks[0], TICKS - control.dead)
    else:
        ticks[1] = TICKS


@inner_kernel
def _settle_in(march: March, position: Position) -> bool:
    """Set the switches of the present phase and let the diodes follow; False where they cannot."""
    plan, phase = march.converter.plan, position.phase[0]
    part = MAIN_ON if phase <= DELAYED else (COMPLEMENT_ON if phase == OFF else MAIN_ON + 1)
    mode = position.mode[0] >> plan.switches << plan.switches | switches_in(plan, part)
    position.mode[0] = settle(march.converter, mode, position.shot.z)
    return bool(position.mode[0] >= 0)


@inner_kernel
def _clock(march: March, position: Position) -> None:
    """Begin a period."""
    position.ticks[0] = 0.0
    position.shot.z[march.converter.plan.states - 2] = 0.0
    position.periods[0] += 1
    _begin_phase(march, position, BLANKED)


@inner_kernel
def _write_down(march: March, log: Log, start: float) -> None:
    """Write the traced steps down, whose first one began at a time in periods."""
    work, trace, control = march.converter.work, march.trace, march.control
    n = march.converter.plan.states
    first, row, ticks = n - 2 - len(control.output), log.used[0], 0.0
    for step in range(trace.used[0]):
        rates = work.generator[trace.modes[step], n]
        for end in range(2):
            z = trace.bounds[step + end]
            output, voltage = rates[n], 0.0
            for k in range(n):
                output += rates[k] * z[k]
            for j in range(len(control.output)):
                voltage += control.output[j] * z[first + j]
            ticks += end * trace.ticks[step]
            log.samples[row, TIME] = start + ticks / TICKS
            log.samples[row, OUTPUT] = march.sign * output
            log.samples[row, CURRENT] = z[march.inductor]
            log.samples[row, CONTROL] = voltage
            log.samples[row, INTEGRAL] = march.sign * z[n]
            row += 1
    log.used[0] = row


@kernel
def advance_to(march: March, position: Position, until: float, log: Log) -> int:
    """March on.

    Args:
        march: the converter and its regulator.
        position: where it is; then where it came to.
        until: time, in periods since the first clock.
        log: written; room for every period that begins.

    Returns:
        `ARRIVED`; `FULL` where the log has no room, and the march can go on with another; `FAILED`
        where the circuit has no solution.
    """
    plan, trace, ticks, z = march.converter.plan, march.trace, position.ticks, position.shot.z
    n = plan.states
    if not _settle_in(march, position):
        return FAILED
    while True:
        elapsed = (position.periods[0] - 1) + ticks[0] / TICKS
        left = (until - elapsed) * TICKS
        if left <= _DUST:
            return ARRIVED
        if log.used[0] + 2 * MOST_STEPS > len(log.samples):
            return FULL
        phase = position.phase[0]
        stretch = min(left, ticks[1] - ticks[0])
        tripped = False
        if stretch > _DUST:
            trace.used[0] = 0
            watched = plan.diodes + (1 if phase == WATCHED else 0)
            run = Run(march.converter, position.shot, trace, Manner(False, _FINER), watched)
            mode, rest = run_phase(run, phase, position.mode[0], stretch)
            if mode < 0:
                return FAILED
            for i in range(n + 1):
                trace.bounds[trace.used[0], i] = z[i]
            position.mode[0] = mode
            _write_down(march, log, elapsed)
            tripped = rest > _DUST
            ticks[0] += stretch - rest
        if not tripped and ticks[0] < ticks[1] - _DUST:
            continue
        if phase == DELAYED:
            log.duties[position.periods[0] - 1] = ticks[0] / TICKS
        if phase == _LAST:
            _clock(march, position)
        else:
            _begin_phase(march, position, phase + 1)
        if not _settle_in(march, position):
            return FAILED


def position_of(network: Network) -> Position:
    """Allocate a position at the first clock of a network, with all states at zero."""
    return Position(
        shot=shot_of(network),
        ticks=np.zeros(2),
        phase=np.zeros(1, dtype=np.int64),
        mode=np.zeros(1, dtype=np.int64),
        periods=np.ones(1, dtype=np.int64),
    )
