"""A design's steady state with its duty: given, or found so that the output is what is wanted.

The joint Newton is tried first; a bracketed search below the peak of Vout(D) is the fall-back.
"""

from typing import Final

import numpy as np

from arcs_engine.simulation.steady.compiled import kernel
from arcs_engine.simulation.steady.lines import first_lines, line_error, refit_lines
from arcs_engine.simulation.steady.meter import Meter, meter_diodes, meter_period
from arcs_engine.simulation.steady.modes import Plan, Point, Work, invert_inductances
from arcs_engine.simulation.steady.newton import (
    ABOVE_MAX_DUTY,
    BAD_CIRCUIT,
    BELOW_MIN_DUTY,
    FINE,
    GAIN_LIMIT,
    NOT_CONVERGED,
    ROUGH,
    SOLVED,
    Iterate,
    Task,
    newton,
    start_from_cycle,
)
from arcs_engine.simulation.steady.sensitivity import Shot
from arcs_engine.simulation.steady.trace import Trace, fill_middles

_MOST_REFITS: Final = 6
_LINE_TOLERANCE: Final = 2e-3
"""Error of the diodes' losses by their lines, above which the lines are fitted again."""
_REACHED: Final = 1.0 - 1e-5
"""Share of the wanted output that counts as reached."""
_SEARCH_POINTS: Final = 24
_BRACKETS: Final = (1e-2, 1e-4)
"""Widths of the bracket, over the duty, from which the joint Newton is tried again."""


@kernel
def _output_at(
    plan: Plan,
    work: Work,
    point: Point,
    task: Task,
    duty: float,
    it: Iterate,
    shot: Shot,
    trace: Trace,
) -> float:
    """Return the magnitude of the steady output at a duty; nan where it is not found."""
    it.duty[0] = duty
    it.known[0] = 0
    status = newton(plan, work, point, task, 1e-5, False, it, shot, trace)
    if status != SOLVED:
        if not start_from_cycle(plan, work, point, task, it, shot):
            return np.nan
        status = newton(plan, work, point, task, 1e-5, False, it, shot, trace)
        if status != SOLVED:
            return np.nan
    return float(task.sign * shot.z[plan.states])


@kernel
def _bracket(
    plan: Plan,
    work: Work,
    point: Point,
    task: Task,
    it: Iterate,
    shot: Shot,
    trace: Trace,
) -> tuple[int, float, float]:
    """Return a status and, where it is `SOLVED`, duties that give less and no less than wanted."""
    wanted = abs(point.target)
    low, high = task.min_duty, np.nan
    highest, highest_duty, found = -np.inf, task.min_duty, 0
    for k in range(_SEARCH_POINTS + 1):
        duty = task.min_duty + (task.max_duty - task.min_duty) * k / _SEARCH_POINTS
        output = _output_at(plan, work, point, task, duty, it, shot, trace)
        if np.isnan(output):
            continue
        found += 1
        if output >= wanted:
            high = duty
            return (SOLVED if k > 0 else BELOW_MIN_DUTY), low, high
        low = duty
        if output > highest:
            highest, highest_duty = output, duty
    if found < _SEARCH_POINTS // 2:
        return NOT_CONVERGED, low, high
    return (GAIN_LIMIT if highest_duty < task.max_duty - 1e-9 else ABOVE_MAX_DUTY), low, high


@kernel
def search_duty(
    plan: Plan,
    work: Work,
    point: Point,
    task: Task,
    it: Iterate,
    shot: Shot,
    trace: Trace,
) -> int:
    """Find the duty by bracketing below the peak of Vout(D); the fall-back of the joint Newton."""
    it.duty[0] = task.min_duty
    if not start_from_cycle(plan, work, point, task, it, shot):
        return BAD_CIRCUIT
    status, low, high = _bracket(plan, work, point, task, it, shot, trace)
    if status != SOLVED:
        return status
    for tolerance in _BRACKETS:
        while high - low > tolerance * high:
            middle = 0.5 * (low + high)
            output = _output_at(plan, work, point, task, middle, it, shot, trace)
            if np.isnan(output):
                return NOT_CONVERGED
            if output >= abs(point.target):
                high = middle
            else:
                low = middle
        status = newton(plan, work, point, task, FINE, True, it, shot, trace)
        margin = tolerance * high
        if status == SOLVED and low - margin <= it.duty[0] <= high + margin:
            return status
    return status


@kernel
def _output_falls(plan: Plan, it: Iterate, task: Task) -> bool:
    """Return whether a longer on-time lowers the output: no controller could hold it there."""
    slope = it.output[plan.states]
    for i in range(plan.states):
        slope -= it.output[i] * it.lean[i]
    return bool(task.sign * slope < 0.0)


@kernel
def find(
    plan: Plan,
    work: Work,
    point: Point,
    task: Task,
    tolerance: float,
    it: Iterate,
    shot: Shot,
    trace: Trace,
) -> int:
    """Solve for the steady state, and the duty if asked, with the fall-back."""
    status = newton(plan, work, point, task, tolerance, task.regulate, it, shot, trace)
    if not task.regulate:
        return status
    if status == SOLVED and it.duty[0] >= task.max_duty:
        status = newton(plan, work, point, task, FINE, True, it, shot, trace)
    if status == SOLVED:
        wanted, output = abs(point.target), task.sign * shot.z[plan.states]
        falls = _output_falls(plan, it, task)
        # Where the output still rises at the largest duty, no smaller one gives more.
        if it.duty[0] >= task.max_duty and output < _REACHED * wanted and not falls:
            return ABOVE_MAX_DUTY
        at_limit = it.duty[0] >= task.max_duty or it.duty[0] <= task.min_duty
        missed = abs(output - wanted) > (1.0 - _REACHED) * wanted
        if not falls and not (at_limit and missed):
            return SOLVED
    return search_duty(plan, work, point, task, it, shot, trace)


@kernel
def solve_design(
    plan: Plan,
    work: Work,
    point: Point,
    task: Task,
    duty: float,
    it: Iterate,
    shot: Shot,
    trace: Trace,
    meter: Meter,
) -> int:
    """Solve one design and meter its steady period.

    Args:
        plan: the circuit.
        work: scratch.
        point: the design and where it works; its target is ignored when the duty is given.
        task: what is solved for.
        duty: given, or a first guess.
        it: filled with the solution.
        shot: its map over one period and sensitivities.
        trace: of its steady period.
        meter: its figures.

    Returns:
        A status code.
    """
    work.ready[:] = 0
    it.runs[0] = 0
    it.duty[0] = min(max(duty, task.min_duty), task.max_duty) if task.regulate else duty
    if not invert_inductances(plan, work, point.p):
        return BAD_CIRCUIT
    first_lines(plan, work, point.p, point.current)
    if not start_from_cycle(plan, work, point, task, it, shot):
        return BAD_CIRCUIT
    tolerance = ROUGH
    for refit in range(_MOST_REFITS):
        status = find(plan, work, point, task, tolerance, it, shot, trace)
        if status != SOLVED:
            return status
        fill_middles(work, trace, plan.states)
        meter_diodes(plan, work, point.p, trace, meter)
        # The figures below are read with the lines that the solution was found with.
        if tolerance == FINE and line_error(plan, work, meter) < _LINE_TOLERANCE:
            break
        if refit < _MOST_REFITS - 1:
            refit_lines(plan, work, point.p, meter)
        tolerance = FINE
    meter_period(plan, work, trace, meter, point.period, task.rectifier)
    return SOLVED
