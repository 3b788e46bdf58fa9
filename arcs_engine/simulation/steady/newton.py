"""The periodic steady state, and the duty that gives an output, by Newton's method.

Unknowns are the states x at the instant the main switch turns on and, when the output is asked
for, the duty D. Convergence is judged by the Newton step itself, the projected residual: the change
over one period says nothing when the circuit's own time constants are thousands of periods.
"""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.algebra import solve_in_place
from arcs_engine.simulation.steady.compiled import kernel
from arcs_engine.simulation.steady.modes import Plan, Point, Work, build_mode
from arcs_engine.simulation.steady.network import IntArray, Network
from arcs_engine.simulation.steady.period import run_period
from arcs_engine.simulation.steady.sensitivity import TICKS, Shot, begin, flush, leap
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
        given: states to start from where they are known better than from the ideal cycle, else
            nan, shape (n,).
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
    given: FloatArray


def iterate_of(network: Network) -> Iterate:
    """Allocate an iterate for a network."""
    n = network.states
    return Iterate(
        np.zeros(n),
        np.zeros(1),
        np.zeros(1, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.zeros((n, n)),
        np.zeros((n, n)),
        np.zeros(n),
        np.zeros(n + 1),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n + 1),
        np.full(n, np.nan),
    )


@kernel
def start_from_cycle(
    plan: Plan, work: Work, point: Point, task: Task, it: Iterate, shot: Shot
) -> bool:
    """Set x to the steady state of ideal continuous conduction at the present duty.

    The cycle is the on-mode and then the off-mode, whatever the diodes say. A winding that a mode
    leaves without a path loses its current at once, which an average of both modes could not say.
    """
    n = plan.states
    if not build_mode(plan, work, point, task.on_mode):
        return False
    if not build_mode(plan, work, point, task.off_mode):
        return False
    duty = it.duty[0]
    begin(shot, n)
    flush(work, shot, task.on_mode, duty * TICKS)
    flush(work, shot, task.off_mode, (1.0 - duty) * TICKS)
    shot.z[:] = 0.0
    leap(work, shot, task.on_mode, duty * TICKS)
    leap(work, shot, task.off_mode, (1.0 - duty) * TICKS)
    solved = _learn(plan, it, shot)
    slack = work.slack[task.off_mode, n, task.rectifier]
    for i in range(n):
        it.x[i] = 0.0
        for j in range(n):
            it.x[i] -= it.inverse[i, j] * shot.z[j]
        if not solved or not np.isfinite(it.x[i]):
            it.x[i] = 0.0
        slack += work.slack[task.off_mode, i, task.rectifier] * it.x[i]
    # A synchronous rectifier carries the current both ways; only a diode can stop it.
    conducts = task.off_mode >> (plan.switches + task.rectifier) & 1
    if (
        conducts and slack < 0.0
    ):  # conduction is discontinuous: the rectifier has stopped before turn-on
        it.x[: plan.inductors] = 0.0
    for i in range(n):
        if not np.isnan(it.given[i]):
            it.x[i] = it.given[i]
        it.safe[i] = it.x[i]
    it.safe[n] = duty
    it.mode[0] = task.off_mode
    it.known[0] = 0
    return True


@kernel
def shoot(
    plan: Plan,
    work: Work,
    point: Point,
    it: Iterate,
    shot: Shot,
    trace: Trace,
    track: bool,
    finer: int,
) -> bool:
    """Run one period from the iterate; return False when it could not be run."""
    for i in range(plan.states):
        shot.z[i] = it.x[i]
    mode = run_period(plan, work, point, it.duty[0], it.mode[0], finer, track, shot, trace)
    it.runs[0] += 1
    if mode < 0:
        return False
    it.mode[0] = mode
    return True


@kernel
def _learn(plan: Plan, it: Iterate, shot: Shot) -> bool:
    """Keep the sensitivities of a tracked period; return False when they cannot be inverted."""
    n = plan.states
    for i in range(n):
        for j in range(n):
            same = 1.0 if i == j else 0.0
            it.matrix[i, j] = shot.phi[i, j] - same
            it.inverse[i, j] = same
    if not solve_in_place(it.matrix, it.inverse, n, n):
        return False
    for i in range(n):
        it.lean[i] = 0.0
        for j in range(n):
            it.lean[i] += it.inverse[i, j] * shot.phi[j, n]
        it.output[i] = shot.phi[n, i]
    it.output[n] = shot.phi[n, n]
    return True


@kernel
def _newton_step(
    plan: Plan, it: Iterate, shot: Shot, task: Task, target: float, regulate: bool
) -> tuple[float, float]:
    """Return the size of the Newton step relative to the unknowns, and the new duty.

    The step of the states is left in `Iterate.step`.
    """
    n = plan.states
    for i in range(n):
        it.step[i] = 0.0
        for j in range(n):
            it.step[i] -= it.inverse[i, j] * (shot.z[j] - it.x[j])
    duty, change = it.duty[0], 0.0
    if regulate:
        residual = shot.z[n] - target
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
    size = abs(change) / duty
    for i in range(n):
        it.step[i] -= it.lean[i] * change
        size = max(size, abs(it.step[i]) / it.scale[i])
    return float(size), duty + change


@kernel
def _rescale(plan: Plan, it: Iterate, point: Point) -> None:
    """Set the size that a step of each state is judged against."""
    for i in range(plan.states):
        voltage = max(min(abs(point.target), point.vin), 1e-3)
        typical = point.current if i < plan.inductors else voltage
        it.scale[i] = max(abs(it.x[i]), typical)


@kernel
def _step_back(plan: Plan, it: Iterate) -> None:
    """Move the iterate most of the way back to where the last good period led."""
    for i in range(plan.states):
        it.x[i] = 0.75 * it.safe[i] + 0.25 * it.x[i]
    it.duty[0] = 0.75 * it.safe[plan.states] + 0.25 * it.duty[0]


@kernel
def _take_step(plan: Plan, it: Iterate, duty: float) -> None:
    """Move the iterate by the Newton step."""
    for i in range(plan.states):
        it.x[i] += it.step[i]
    it.duty[0] = duty


@kernel
def _settle_down(
    plan: Plan,
    work: Work,
    point: Point,
    task: Task,
    periods: int,
    lost: bool,
    it: Iterate,
    shot: Shot,
    trace: Trace,
) -> bool:
    """Run some plain periods, which lead to a trajectory that the circuit can have.

    They start where the last good period led or, when all is `lost`, from the ideal cycle.
    """
    if lost and not start_from_cycle(plan, work, point, task, it, shot):
        return False
    for i in range(plan.states):
        it.x[i] = it.safe[i]
    it.duty[0] = it.safe[plan.states]
    for _ in range(periods):
        if not shoot(plan, work, point, it, shot, trace, False, 0):
            return False
        for i in range(plan.states):
            it.x[i] = shot.z[i]
    return True


@kernel
def newton(
    plan: Plan,
    work: Work,
    point: Point,
    task: Task,
    tolerance: float,
    regulate: bool,
    it: Iterate,
    shot: Shot,
    trace: Trace,
) -> int:
    """Iterate until the step is below `tolerance`; return a status code.

    Close to the solution the sensitivities are not carried anew as long as the steps shrink well
    without. When steps stop shrinking, some plain periods bring the iterate back to a trajectory
    that the circuit can have. `trace` and `shot.z` hold the last period, which with the tolerance
    `FINE` is as good as the solution's; the iterate is one step better.
    """
    best = last = np.inf
    stalled = 0
    plain = 4
    for _ in range(_MOST_ITERATIONS):
        track = it.known[0] == 0
        if not shoot(plan, work, point, it, shot, trace, track, 0):
            # A step too long may ask for currents that no diode can carry.
            _step_back(plan, it)
            it.known[0] = 0
            continue
        for i in range(plan.states):
            it.safe[i] = shot.z[i]
        it.safe[plan.states] = it.duty[0]
        _rescale(plan, it, point)
        size, duty = np.inf, it.duty[0]
        if not track or _learn(plan, it, shot):
            size, duty = _newton_step(plan, it, shot, task, point.target, regulate)
        if size < FINE:
            _take_step(plan, it, duty)
            return SOLVED
        if not track and size > min(_CONTRACTION * last, _CLOSE):
            it.known[0] = 0  # this period again, with its own sensitivities
            last = np.inf
            continue
        _take_step(plan, it, duty)
        it.known[0] = 1 if size < _CLOSE else 0
        if size < tolerance:
            return SOLVED
        leaps = size > 1.0 and size > 2.0 * last  # past a change of the order of events
        last = size
        if size < 0.7 * best:
            best = size
            stalled = 0
            continue
        stalled += 1
        if stalled >= 4 or leaps or not np.isfinite(size):
            if regulate and plain > _MOST_PLAIN:
                return NOT_CONVERGED
            lost = not np.isfinite(size)
            if not _settle_down(plan, work, point, task, plain, lost, it, shot, trace):
                return BAD_CIRCUIT
            it.known[0] = 0
            plain *= 2
            best = last = np.inf
            stalled = 0
    return NOT_CONVERGED
