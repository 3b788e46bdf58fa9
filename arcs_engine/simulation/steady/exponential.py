"""From the equations of a mode to its exact transition over any step.

With x' = A x + b between two switchings, x(t + h) = x + (exp(A h) - 1)(x + A^-1 b) exactly, however
stiff the mode is; no quotient is formed, because the exponential of the augmented matrix [A b; 0 0]
holds both (Van Loan, Computing integrals involving the matrix exponential, theorem 1). Each mode
has one chain: the exponential of a tick by its series, then squarings, each twice as long as the
one before.
"""

import math
from typing import Final

import numpy as np

from arcs_engine.simulation.steady.algebra import Step, multiply, solve_in_place, square
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.modes import BUILT, FINEST, Converter, Work, parameter
from arcs_engine.simulation.steady.network import CAPACITOR, INDUCTOR
from arcs_engine.simulation.steady.nodal import fill_branches, sketch_mode

COARSEST: Final = 6
"""Level of the largest step after a fast transient: a period / 64."""

SMOOTHEST: Final = 5
"""Level of the largest step where a mode has no fast state: a period / 32."""

_SMOOTH_SHARE: Final = 0.125
"""Largest share of a mode's fastest time constant that its first step may take."""

_TAYLOR_NORM: Final = 0.1
"""With a norm of at most this, the series' terms beyond the ninth are less than 1e-15 of it."""

_SHORT_NORM: Final = 5e-3
"""The same for those beyond the sixth."""

_SERIES: Final = tuple(1.0 / math.factorial(k) for k in range(10))
"""Factors of the exponential series: to multiply is several times faster than to divide."""

_STRAIGHT: Final = 9
"""Levels between a mode's first step and one which is straight to 1e-8 of the state's scale."""


@kernel
def invert_inductances(converter: Converter) -> bool:
    """Fill `Work.inverse`; return False when the couplings are not positive definite."""
    plan = converter.plan
    inverse, matrix = converter.work.inverse, converter.work.inductance
    for i in range(plan.inductors):
        for j in range(plan.inductors):
            matrix[i, j] = 0.0
            inverse[i, j] = 1.0 if i == j else 0.0
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == INDUCTOR:
            matrix[plan.order[e], plan.order[e]] = parameter(converter, e, 0)
    for c in range(len(plan.couplings)):
        i, j = plan.couplings[c, 0], plan.couplings[c, 1]
        factor = converter.point.parameters[plan.couplings[c, 2]]
        mutual = factor * np.sqrt(matrix[i, i] * matrix[j, j])
        matrix[i, j] = mutual
        matrix[j, i] = mutual
    if not solve_in_place(matrix, inverse):
        return False
    definite = True
    for i in range(plan.inductors):
        definite = definite and inverse[i, i] > 0.0
    return definite


@inner_kernel
def _fill_generator(converter: Converter, mode: int) -> None:
    """Fill `Work.generator` of a mode from its node voltages and its capacitors' currents."""
    plan, work, period = converter.plan, converter.work, converter.point.period
    n = plan.states
    rows, generator = work.voltages[mode], work.generator[mode]
    derivative = work.scratch[0]
    generator[:, :] = 0.0
    # Of a capacitor C v' = i; of an inductor, first L i' = v, less what its resistance takes.
    for e in range(len(plan.kinds)):
        kind = plan.kinds[e]
        a, b = plan.nodes[e, 0], plan.nodes[e, 1]
        if kind == INDUCTOR:
            state = plan.order[e]
            for k in range(n + 1):
                derivative[state, k] = rows[a, k] - rows[b, k]
            derivative[state, state] -= parameter(converter, e, 1)
        elif kind == CAPACITOR:
            state = plan.order[e]
            scale = period / parameter(converter, e, 0)
            for k in range(n):
                generator[state, k] = scale * work.currents[mode, e, k]
            generator[state, n] = scale * work.currents[mode, e, n]
    # Coupled inductors share their voltages by the inverse of the inductance matrix.
    for i in range(plan.inductors):
        for j in range(plan.inductors):
            scale = period * work.inverse[i, j]
            if scale != 0.0:
                for k in range(n):
                    generator[i, k] += scale * derivative[j, k]
                generator[i, n] += scale * derivative[j, n]
    # The mean of the output: q' = v_out, in periods.
    for k in range(n):
        generator[n, k] = rows[plan.output, k]
    generator[n, n] = rows[plan.output, n]


@inner_kernel
def _fill_levels(work: Work, mode: int) -> None:
    """Fill `Work.rates` and `Work.levels` of a mode.

    The rate is estimated by the diagonal and by the products across it, which do not depend on the
    states' units: an inductor and a capacitor give 1 / sqrt(L C).
    """
    generator = work.generator[mode]
    fastest = 0.0
    for i in range(len(generator) - 1):
        fastest = max(fastest, abs(generator[i, i]))
        for j in range(i):
            fastest = max(fastest, np.sqrt(abs(generator[i, j] * generator[j, i])))
    work.rates[mode] = fastest
    level = SMOOTHEST
    share = fastest * 0.5**SMOOTHEST
    while share > _SMOOTH_SHARE and level < FINEST:
        level += 1
        share *= 0.5
    work.levels[mode, 0] = level
    work.levels[mode, 1] = min(level, COARSEST)
    work.levels[mode, 2] = min(level + _STRAIGHT, FINEST)


@inner_kernel
def _norm(work: Work, mode: int) -> float:
    """Return a bound of what a mode does to the states in a period.

    In units of the states that balance it, the norm is nearer to the fastest rate than to the
    largest sum of a column.
    """
    size = work.generator.shape[1]
    norm = 0.0
    for j in range(size):
        column = 0.0
        for i in range(size):
            column += abs(work.generator[mode, i, j])
        norm = max(norm, column)
    return float(min(norm, size * work.rates[mode]))


@inner_kernel
def _fill_finest_step(work: Work, mode: int) -> None:
    """Fill the finest of `Work.steps` of a mode by scaling and squaring.

    The Taylor series is summed at a level fine enough for its norm (Moler and Van Loan, Nineteen
    dubious ways to compute the exponential of a matrix, method 3), by powers as Paterson and
    Stockmeyer do (the same, section 3), and squared up from there.
    """
    size = work.generator.shape[1]
    one, two, three = work.scratch[0], work.scratch[1], work.scratch[2]
    inner, product, last = work.scratch[3], work.scratch[4], work.scratch[5]
    # Scaling: a step short enough for the series, which may be far less than a tick.
    norm = _norm(work, mode)
    level = FINEST
    scale = 0.5**FINEST
    while norm * scale > _TAYLOR_NORM and level < 80:
        level += 1
        scale *= 0.5
    for i in range(size):
        for j in range(size):
            one[j, i] = work.generator[mode, i, j] * scale
    # The series, A + ... + A^3/3! + A^3 (A/4! + ... + A^3/6! + A^3 (A/7! + ...)): four products
    # of matrices for nine terms.
    multiply(one, one, two)
    multiply(two, one, three)
    for i in range(size):
        for j in range(size):
            inner[i, j] = _SERIES[4] * one[i, j] + _SERIES[5] * two[i, j] + _SERIES[6] * three[i, j]
    if norm * scale > _SHORT_NORM:
        for i in range(size):
            for j in range(size):
                last[i, j] = (
                    _SERIES[7] * one[i, j] + _SERIES[8] * two[i, j] + _SERIES[9] * three[i, j]
                )
        multiply(three, last, product)
        for i in range(size):
            for j in range(size):
                inner[i, j] += product[i, j]
    multiply(three, inner, product)
    # Squaring: the rooms of the two finest levels take turns until the step is as long as the
    # finest one.
    room, other = FINEST, FINEST - 1
    if (level - FINEST) % 2 == 1:
        room, other = other, room
    for i in range(size):
        for j in range(size):
            work.steps[mode, room, i, j] = (
                one[i, j] + _SERIES[2] * two[i, j] + _SERIES[3] * three[i, j] + product[i, j]
            )
    while level > FINEST:
        square(Step(work.steps, mode, room), other)
        room, other = other, room
        level -= 1
    work.reached[mode] = FINEST


@inner_kernel
def reach(work: Work, mode: int, level: int) -> Step:
    """Return the step of a level in a built mode, made with all finer ones unless it is made."""
    while work.reached[mode] > level:
        square(Step(work.steps, mode, work.reached[mode]), work.reached[mode] - 1)
        work.reached[mode] -= 1
    return Step(work.steps, mode, level)


@inner_kernel
def build_steps(work: Work, mode: int) -> None:
    """Make a mode's finest step from its generator; the mode is built then."""
    _fill_levels(work, mode)
    _fill_finest_step(work, mode)
    work.ready[mode] = BUILT


@kernel
def build_mode(converter: Converter, mode: int) -> bool:
    """Build a mode's matrices unless they are ready; return False when the circuit is singular."""
    work = converter.work
    if work.ready[mode] == BUILT:
        return True
    if not sketch_mode(converter, mode):
        return False
    fill_branches(converter, mode)
    _fill_generator(converter, mode)
    build_steps(work, mode)
    return True
