"""The periodic steady state, and the duty that gives an output, by Newton's method.

Unknowns are the states x at the instant the main switch turns on and, when the output is asked
for, the duty D:

    x(T; x, D) - x = 0,    q(T; x, D) - Vout = 0,

with the Jacobian that `sensitivity` carries along. The states are eliminated first: one inverse of
(dx(T)/dx - 1) yields the step of x at a given duty and how it leans on a change of the duty, which
leaves one equation for D. Convergence is judged by the Newton step itself, the projected residual:
the change over one period says nothing when the circuit's own time constants are thousands of
periods.
"""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.algebra import solve_in_place
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.exponential import build_mode
from arcs_engine.simulation.steady.modes import TICKS, Converter, conducts
from arcs_engine.simulation.steady.network import IntArray, Network
from arcs_engine.simulation.steady.period import Manner, Run, run_period
from arcs_engine.simulation.steady.sensitivity import Segment, Shot, begin, flush, leap
from arcs_engine.simulation.steady.trace import Trace

# What became of a design; `solver.STATUS` says it in words.
SOLVED: Final = 0
NOT_CONVERGED: Final = 1
ABOVE_MAX_DUTY: Final = 2
GAIN_LIMIT: Final = 3
BELOW_MIN_DUTY: Final = 4
BAD_CIRCUIT: Final = 5

ROUGH: Final = 5e-2
FINE: Final = 1e-6
_MOST_ITERATIONS: Final = 32
_CLOSE: Final = 5e-2
"""A Newton step this small leaves the sensitivities all but as they were: the next steps use them
again."""
_MOST_PLAIN: Final = 16
"""Plain periods beyond which the duty is found by bracketing instead, which then takes fewer."""
_CONTRACTION: Final = 0.2
"""Share of the step before, above which a step with old sensitivities was not worth its period."""


class Task(NamedTuple):
    """What is solved for, the same for a whole batch.

    Attributes:
        sign: of the output voltage.
        min_duty: smallest duty searched.
        max_duty: largest duty allowed.
        on_mode: mode of the main switch's on-time in ideal continuous conduction.
        off_mode: mode of its off-time.
        rectifier: diode whose blocking means idle time.
        regulate: whether the duty is solved for.
    """

    sign: float
    min_duty: float
    max_duty: float
    on_mode: int
    off_mode: int
    rectifier: int
    regulate: bool


class Iterate(NamedTuple):
    """The unknowns and the room for a Newton step; n states.

    Attributes:
        x: states at turn-on, shape (n,).
        duty: shape (1,).
        mode: mode at the end of the last period run, shape (1,).
        runs: periods run, shape (1,).
        known: whether the sensitivities below belong to about here, shape (1,).
        matrix: scratch, shape (n, n).
        inverse: of d (x(T) - x) / dx, shape (n, n).
        lean: `inverse` times d x(T) / d duty, shape (n,).
        output: d q(T) / dx and, last, d q(T) / d duty, shape (n + 1,).
        step: Newton's, shape (n,).
        scale: typical size of each state, shape (n,).
        safe: states and duty that the last period that could be run led to, shape (n + 1,).
    """

    x: FloatArray
    duty: FloatArray
    mode: IntArray
    runs: IntArray
    known: IntArray
    matrix: FloatArray
    inverse: FloatArray
    lean: FloatArray
    output: FloatArray
    step: FloatArray
    scale: FloatArray
    safe: FloatArray


class Aim(NamedTuple):
    """When Newton's method has arrived.

    Attributes:
        tolerance: largest step relative to the unknowns.
        regulate: whether the duty is an unknown.
    """

    tolerance: float
    regulate: bool


class Problem(NamedTuple):
    """One design, what is solved for, and the memory in which it is.

    Attributes:
        converter: the design.
        task: what is solved for.
        iterate: the unknowns; the solution in the end.
        shot: the map of the last period and its sensitivities.
        trace: of the last period.
    """

    converter: Converter
    task: Task
    iterate: Iterate
    shot: Shot
    trace: Trace


def iterate_of(network: Network) -> Iterate:
    """Allocate an iterate for a network."""
    n = network.plan.states
    return Iterate(
        x=np.zeros(n),
        duty=np.zeros(1),
        mode=np.zeros(1, dtype=np.int64),
        runs=np.zeros(1, dtype=np.int64),
        known=np.zeros(1, dtype=np.int64),
        matrix=np.zeros((n, n)),
        inverse=np.zeros((n, n)),
        lean=np.zeros(n),
        output=np.zeros(n + 1),
        step=np.zeros(n),
        scale=np.zeros(n),
        safe=np.zeros(n + 1),
    )


@kernel
def start_from_cycle(problem: Problem) -> bool:
    """Set x to the steady state of ideal continuous conduction at the present duty.

    The cycle is the on-mode and then the off-mode, whatever the diodes say. A winding that a mode
    leaves without a path loses its current at once, which an average of both modes could not say.
    """
    converter, task, it, shot = problem.converter, problem.task, problem.iterate, problem.shot
    plan, work, given = converter.plan, converter.work, converter.point.given
    n = plan.states
    if not build_mode(converter, task.on_mode) or not build_mode(converter, task.off_mode):
        return False
    # Without events the map of the cycle is affine: from x = 0 it leads to z, and one Newton step
    # from there is the fixed point.
    duty = it.duty[0]
    on, off = Segment(task.on_mode, duty * TICKS), Segment(task.off_mode, (1.0 - duty) * TICKS)
    begin(shot)
    flush(work, shot, on)
    flush(work, shot, off)
    shot.z[:] = 0.0
    leap(work, shot, on)
    leap(work, shot, off)
    solved = _learn(it, shot)
    slack = work.slack[task.off_mode, n, task.rectifier]
    for i in range(n):
        it.x[i] = 0.0
        for j in range(n):
            it.x[i] -= it.inverse[i, j] * shot.z[j]
        if not solved or not np.isfinite(it.x[i]):
            it.x[i] = 0.0
        slack += work.slack[task.off_mode, i, task.rectifier] * it.x[i]
    # Where the rectifier would have to conduct backwards, conduction is discontinuous: it has
    # stopped before turn-on. A synchronous rectifier carries the current both ways.
    if conducts(plan, task.off_mode, task.rectifier) and slack < 0.0:
        it.x[: plan.inductors] = 0.0
    # The ideal cycle does not charge each capacitor, a clamp's for example: its voltage is given.
    for i in range(n):
        if not np.isnan(given[i]):
            it.x[i] = given[i]
        it.safe[i] = it.x[i]
    it.safe[n] = duty
    it.mode[0] = task.off_mode
    it.known[0] = 0
    return True


@kernel
def shoot(problem: Problem, manner: Manner) -> bool:
    """Run one period from the iterate; return False when it could not be run."""
    it, shot = problem.iterate, problem.shot
    for i in range(len(it.x)):
        shot.z[i] = it.x[i]
    converter = problem.converter
    run = Run(converter, shot, problem.trace, manner, converter.plan.diodes)
    mode = run_period(run, it.duty[0], it.mode[0])
    it.runs[0] += 1
    if mode < 0:
        return False
    it.mode[0] = mode
    return True


@kernel
def _learn(it: Iterate, shot: Shot) -> bool:
    """Keep the sensitivities of a tracked period; return False when they cannot be inverted."""
    n = len(it.x)
    for i in range(n):
        for j in range(n):
            same = 1.0 if i == j else 0.0
            it.matrix[i, j] = shot.phi[i, j] - same
            it.inverse[i, j] = same
    if not solve_in_place(it.matrix, it.inverse):
        return False
    for i in range(n):
        it.lean[i] = 0.0
        for j in range(n):
            it.lean[i] += it.inverse[i, j] * shot.phi[j, n]
        it.output[i] = shot.phi[n, i]
    it.output[n] = shot.phi[n, n]
    return True


@inner_kernel
def _newton_step(problem: Problem, regulate: bool) -> tuple[float, float]:
    """Return the size of the Newton step relative to the unknowns, and the new duty.

    The step of the states is left in `Iterate.step`.
    """
    task, it, z = problem.task, problem.iterate, problem.shot.z
    n = len(it.x)
    # At the present duty.
    for i in range(n):
        it.step[i] = 0.0
        for j in range(n):
            it.step[i] -= it.inverse[i, j] * (z[j] - it.x[j])
    # The duty, from what that step leaves of the output's residual; it may not move far at once.
    duty, change = it.duty[0], 0.0
    if regulate:
        residual = z[n] - problem.converter.point.target
        slope = it.output[n]
        for i in range(n):
            residual += it.output[i] * it.step[i]
            slope -= it.output[i] * it.lean[i]
        wanted = duty - residual / slope if slope != 0.0 else duty
        if not np.isfinite(wanted):
            return np.inf, duty
        lowest = max(task.min_duty, duty * 0.4)
        highest = min(task.max_duty, duty + 0.6 * (1.0 - duty))
        change = min(max(wanted, lowest), highest) - duty
    # What the change of the duty adds to the step of the states.
    size = abs(change) / duty
    for i in range(n):
        it.step[i] -= it.lean[i] * change
        size = max(size, abs(it.step[i]) / it.scale[i])
    return float(size), duty + change


@inner_kernel
def _rescale(it: Iterate, converter: Converter) -> None:
    """Set the size that a step of each state is judged against."""
    point, inductors = converter.point, converter.plan.inductors
    for i in range(len(it.x)):
        voltage = max(min(abs(point.target), point.vin), 1e-3)
        typical = point.current if i < inductors else voltage
        it.scale[i] = max(abs(it.x[i]), typical)


@inner_kernel
def _step_back(it: Iterate) -> None:
    """Move the iterate most of the way back to where the last good period led."""
    n = len(it.x)
    for i in range(n):
        it.x[i] = 0.75 * it.safe[i] + 0.25 * it.x[i]
    it.duty[0] = 0.75 * it.safe[n] + 0.25 * it.duty[0]


@inner_kernel
def _take_step(it: Iterate, duty: float) -> None:
    """Move the iterate by the Newton step."""
    for i in range(len(it.x)):
        it.x[i] += it.step[i]
    it.duty[0] = duty


@inner_kernel
def _settle_down(problem: Problem, periods: int, lost: bool) -> bool:
    """Run some plain periods, which lead to a trajectory that the circuit can have.

    They start where the last good period led or, when all is `lost`, from the ideal cycle.
    """
    it, n = problem.iterate, len(problem.iterate.x)
    if lost and not start_from_cycle(problem):
        return False
    for i in range(n):
        it.x[i] = it.safe[i]
    it.duty[0] = it.safe[n]
    for _ in range(periods):
        if not shoot(problem, Manner(False, 0)):
            return False
        for i in range(n):
            it.x[i] = problem.shot.z[i]
    return True


@kernel
def newton(problem: Problem, aim: Aim) -> int:
    """Iterate until the step is below the tolerance; return a status code.

    Close to the solution the sensitivities are not carried anew as long as the steps shrink well
    without. When steps stop shrinking, some plain periods bring the iterate back to a trajectory
    that the circuit can have. `Problem.trace` and `Shot.z` hold the last period, which with the
    tolerance `FINE` is as good as the solution's; the iterate is one step better.
    """
    it, shot, n = problem.iterate, problem.shot, len(problem.iterate.x)
    best = last = np.inf
    stalled = 0
    plain = 4
    for _ in range(_MOST_ITERATIONS):
        # A period from the iterate; what it leads to is somewhere to come back to.
        track = it.known[0] == 0
        if not shoot(problem, Manner(track, 0)):
            # A step too long may ask for currents that no diode can carry.
            _step_back(it)
            it.known[0] = 0
            continue
        for i in range(n):
            it.safe[i] = shot.z[i]
        it.safe[n] = it.duty[0]
        # Newton's step from there.
        _rescale(it, problem.converter)
        size, duty = np.inf, it.duty[0]
        if not track or _learn(it, shot):
            size, duty = _newton_step(problem, aim.regulate)
        if size < FINE:
            _take_step(it, duty)
            return SOLVED
        if not track and size > min(_CONTRACTION * last, _CLOSE):
            it.known[0] = 0  # this period again, with its own sensitivities
            last = np.inf
            continue
        _take_step(it, duty)
        it.known[0] = 1 if size < _CLOSE else 0
        if size < aim.tolerance:
            return SOLVED
        # Do the steps shrink? Where they do not, the order of the diodes' events changes from one
        # iterate to the next, and a trajectory of the circuit itself leads out of there.
        leaps = size > 1.0 and size > 2.0 * last  # past a change of the order of events
        last = size
        if size < 0.7 * best:
            best = size
            stalled = 0
            continue
        stalled += 1
        if stalled >= 4 or leaps or not np.isfinite(size):
            if aim.regulate and plain > _MOST_PLAIN:
                return NOT_CONVERGED
            lost = not np.isfinite(size)
            if not _settle_down(problem, plain, lost):
                return BAD_CIRCUIT
            it.known[0] = 0
            plain *= 2
            best = last = np.inf
            stalled = 0
    return NOT_CONVERGED
