"""A design's steady state with its duty: given, or found so that the output is what is wanted.

The joint Newton is tried first; a bracketed search below the peak of Vout(D) is the fall-back.
"""

from typing import Final

import numpy as np

from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.exponential import invert_inductances
from arcs_engine.simulation.steady.lines import first_lines, line_error, refit_lines
from arcs_engine.simulation.steady.meter import Meter, meter_diodes, meter_edges, meter_elements
from arcs_engine.simulation.steady.newton import (
    ABOVE_MAX_DUTY,
    BAD_CIRCUIT,
    BELOW_MIN_DUTY,
    FINE,
    GAIN_LIMIT,
    NOT_CONVERGED,
    ROUGH,
    SOLVED,
    Aim,
    Problem,
    newton,
    start_from_cycle,
)
from arcs_engine.simulation.steady.ripple import meter_output
from arcs_engine.simulation.steady.trace import fill_middles

_MOST_REFITS: Final = 6
_LINE_TOLERANCE: Final = 2e-3
"""Error of the diodes' losses by their lines, above which the lines are fitted again."""
_REACHED: Final = 1.0 - 1e-5
"""Share of the wanted output that counts as reached."""
_SEARCH_POINTS: Final = 24
_CLOSE_ENOUGH: Final = 1e-5
"""Tolerance of the steady states between which the duty is bracketed."""
_BRACKETS: Final = (1e-2, 1e-4)
"""Widths of the bracket, over the duty, from which the joint Newton is tried again."""


@inner_kernel
def _output(problem: Problem) -> float:
    """Return the magnitude of the output of the last period; negative with the wrong sign."""
    z = problem.shot.z
    return float(problem.task.sign * z[problem.converter.plan.states])


@kernel
def _output_at(problem: Problem, duty: float) -> float:
    """Return the magnitude of the steady output at a duty; nan where it is not found."""
    it, aim = problem.iterate, Aim(_CLOSE_ENOUGH, False)
    it.duty[0] = duty
    it.known[0] = 0
    # First from the steady state of the duty before, which is near.
    status = newton(problem, aim)
    if status != SOLVED:
        if not start_from_cycle(problem):
            return np.nan
        status = newton(problem, aim)
        if status != SOLVED:
            return np.nan
    return _output(problem)


@inner_kernel
def _bracket(problem: Problem) -> tuple[int, float, float]:
    """Return a status and, where it is `SOLVED`, duties that give less and no less than wanted."""
    task, wanted = problem.task, abs(problem.converter.point.target)
    low, high = task.min_duty, np.nan
    highest, highest_duty, found = -np.inf, task.min_duty, 0
    for k in range(_SEARCH_POINTS + 1):
        duty = task.min_duty + (task.max_duty - task.min_duty) * k / _SEARCH_POINTS
        output = _output_at(problem, duty)
        if np.isnan(output):
            continue
        found += 1
        if output >= wanted:
            high = duty
            return (SOLVED if k > 0 else BELOW_MIN_DUTY), low, high
        low = duty
        if output > highest:
            highest, highest_duty = output, duty
    # No duty reaches the output: where it peaks says why, if enough of the curve is known.
    if found < _SEARCH_POINTS // 2:
        return NOT_CONVERGED, low, high
    return (GAIN_LIMIT if highest_duty < task.max_duty - 1e-9 else ABOVE_MAX_DUTY), low, high


@inner_kernel
def search_duty(problem: Problem) -> int:
    """Find the duty by bracketing below the peak of Vout(D); the fall-back of the joint Newton."""
    it, wanted = problem.iterate, abs(problem.converter.point.target)
    it.duty[0] = problem.task.min_duty
    if not start_from_cycle(problem):
        return BAD_CIRCUIT
    status, low, high = _bracket(problem)
    if status != SOLVED:
        return status
    # Bisection until the joint Newton, started within the bracket, ends within it too.
    for tolerance in _BRACKETS:
        while high - low > tolerance * high:
            middle = 0.5 * (low + high)
            output = _output_at(problem, middle)
            if np.isnan(output):
                return NOT_CONVERGED
            if output >= wanted:
                high = middle
            else:
                low = middle
        status = newton(problem, Aim(FINE, True))
        margin = tolerance * high
        if status == SOLVED and low - margin <= it.duty[0] <= high + margin:
            return status
    return status


@inner_kernel
def _output_falls(problem: Problem) -> bool:
    """Return whether a longer on-time lowers the output: no controller could hold it there.

    dVout / dD along steady states: the states follow the duty as `Iterate.lean` says.
    """
    it, n = problem.iterate, len(problem.iterate.x)
    slope = it.output[n]
    for i in range(n):
        slope -= it.output[i] * it.lean[i]
    return bool(problem.task.sign * slope < 0.0)


@inner_kernel
def find(problem: Problem, tolerance: float) -> int:
    """Solve for the steady state, and the duty if asked, with the fall-back."""
    task, it = problem.task, problem.iterate
    status = newton(problem, Aim(tolerance, task.regulate))
    if not task.regulate:
        return status
    # A rough solution at the largest duty is not good enough to say that the output is missed.
    if status == SOLVED and it.duty[0] >= task.max_duty:
        status = newton(problem, Aim(FINE, True))
    if status == SOLVED:
        wanted, output = abs(problem.converter.point.target), _output(problem)
        falls = _output_falls(problem)
        # Where the output still rises at the largest duty, no smaller one gives more.
        if it.duty[0] >= task.max_duty and output < _REACHED * wanted and not falls:
            return ABOVE_MAX_DUTY
        at_limit = it.duty[0] >= task.max_duty or it.duty[0] <= task.min_duty
        missed = abs(output - wanted) > (1.0 - _REACHED) * wanted
        if not falls and not (at_limit and missed):
            return SOLVED
    return search_duty(problem)


@kernel
def solve_design(problem: Problem, meter: Meter) -> int:
    """Solve one design and meter its steady period.

    Args:
        problem: the design and what is solved for; the target of its point is ignored when the
            duty is given. Filled with the solution.
        meter: filled with the figures of its steady period.

    Returns:
        A status code.
    """
    converter, task, it, trace = problem.converter, problem.task, problem.iterate, problem.trace
    work, point = converter.work, converter.point
    # Nothing that an earlier design left holds; the inductances and the first lines are part of
    # each mode.
    work.ready[:] = 0
    it.runs[0] = 0
    duty = point.duty
    it.duty[0] = min(max(duty, task.min_duty), task.max_duty) if task.regulate else duty
    if not invert_inductances(converter):
        return BAD_CIRCUIT
    first_lines(converter)
    if not start_from_cycle(problem):
        return BAD_CIRCUIT
    # A rough solution is enough to fit the diodes' lines to; the next ones start from it.
    tolerance = ROUGH
    for refit in range(_MOST_REFITS):
        status = find(problem, tolerance)
        if status != SOLVED:
            return status
        fill_middles(work, trace)
        meter_diodes(converter, trace, meter)
        # The figures below are read with the lines that the solution was found with.
        if tolerance == FINE and line_error(work, meter.moments) < _LINE_TOLERANCE:
            break
        if refit < _MOST_REFITS - 1:
            refit_lines(converter, meter.moments)
        tolerance = FINE
    meter_elements(work, trace, meter)
    meter_output(converter, trace, meter)
    meter_edges(converter, trace, meter, task.rectifier)
    return SOLVED
