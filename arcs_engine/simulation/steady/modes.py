"""From a combination of switch and diode states (a mode) to its exact transition matrices.

Kernels: compiled by numba, plain Python without it. The state z = [x, q] holds the states x
(inductor currents, then capacitor voltages) and q, the running mean of the output voltage; in
normalised time (one period is 1) z' = M [x, 1], linear in the augmented state [x, q, 1], so that a
matrix exponential carries it exactly. q drives nothing: its column is nought and not stored, nor is
the constant's row.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.algebra import multiply, solve_in_place, square
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.lanes import wide
from arcs_engine.simulation.steady.network import (
    CAPACITOR,
    DIODE,
    INDUCTOR,
    RESISTOR,
    SOURCE,
    SWITCH,
    IntArray,
    Network,
)

FINEST: Final = 19
"""Level of the smallest step: a period / 2^19, some 0.02 ns."""

COARSEST: Final = 6
"""Level of the largest step after a fast transient: a period / 64."""

SMOOTHEST: Final = 5
"""Level of the largest step where a mode has no fast state: a period / 32."""

SKETCHED: Final = 1
BUILT: Final = 2

_SMOOTH_SHARE: Final = 0.125
"""Largest share of a mode's fastest time constant that its first step may take."""

OFF_CONDUCTANCE: Final = 1e-7
"""Conductance of a blocking diode, S (requirement S1: at most 0.1 uS)."""

_TAYLOR_NORM: Final = 0.1
"""With a norm of at most this, the series' terms beyond the ninth are less than 1e-15 of it."""

_SHORT_NORM: Final = 5e-3
"""The same for those beyond the sixth."""

_SERIES: Final = tuple(1.0 / math.factorial(k) for k in range(10))
"""Factors of the exponential series: to multiply is several times faster than to divide."""

_STRAIGHT: Final = 9
"""Levels between a mode's first step and one which is straight to 1e-8 of the state's scale."""


class Plan(NamedTuple):
    """`Network` as the kernels take it."""

    kinds: IntArray
    nodes: IntArray
    order: IntArray
    columns: IntArray
    complement: IntArray
    couplings: IntArray
    unknowns: int
    states: int
    inductors: int
    output: int
    switches: int
    diodes: int


class Work(NamedTuple):
    """Scratch memory of one thread, reused for every design.

    With m unknown nodes, n states, d diodes, e elements and N = n + 1:

    Attributes:
        ready: how far each mode is: 0, `SKETCHED` or `BUILT`, shape (modes,).
        reached: level of the coarsest step that is made of each mode, shape (modes,).
        voltages: node voltages as rows over (x, 1), shape (modes, m + 2, n + 1); row m is the
            input, row m + 1 ground, so that the negative indices of `Network.nodes` fit.
        drops: voltage of each element over (x, 1), shape (modes, e, n + 1).
        currents: current of each element over (x, 1), shape (modes, e, n + 1).
        slack: v_anode - v_cathode - vf of the diodes, (x, 1) down and diodes across, shape
            (modes, n + 1, wide d): a diode conducts rightly while it is >= 0, blocks rightly while
            it is <= 0.
        excess: scratch, `slack` of every diode at one state, shape (wide d,).
        generator: M, shape (modes, N, N): rows x and q over columns x and 1.
        steps: the change of z over a period / 2^level, over (x, 1); shape
            (modes, FINEST + 1, N, wide N), transposed: (x, 1) down, z across, so that the
            processor forms several entries of z at once. Levels from `reached` on are filled. With
            the identity in them, changes of less than 1e-16 of a state would be lost: a blocking
            winding settles in 1e-13 s, an output capacitor in seconds.
        levels: of the first step after an event, of the largest step, and of steps so small that
            they are straight; shape (modes, 3).
        rates: fastest rate of each mode, about, per period; shape (modes,).
        inverse: inverse of the inductance matrix, shape (inductors, inductors).
        lines: constant drop and resistance of each conducting diode, shape (d, 2).
        conductance: nodal matrix, shape (m, m).
        scratch: shape (6, N, wide N).
    """

    ready: IntArray
    reached: IntArray
    voltages: FloatArray
    drops: FloatArray
    currents: FloatArray
    slack: FloatArray
    excess: FloatArray
    generator: FloatArray
    steps: FloatArray
    levels: IntArray
    rates: FloatArray
    inverse: FloatArray
    lines: FloatArray
    conductance: FloatArray
    scratch: FloatArray


class Point(NamedTuple):
    """A design and where it works.

    Attributes:
        p: its parameters, shape (parameters,).
        period: s.
        vin: input voltage, V.
        target: output voltage that is wanted or expected, with its sign, V.
        current: load current, A; the scale of currents.
    """

    p: FloatArray
    period: float
    vin: float
    target: float
    current: float


def plan_of(network: Network) -> Plan:
    """Return the kernels' view of a network."""
    return Plan(
        network.kinds,
        network.nodes,
        network.index,
        network.columns,
        network.complement,
        network.couplings,
        network.unknowns,
        network.states,
        network.inductors,
        network.output,
        network.switches,
        network.diodes,
    )


def work_of(network: Network) -> Work:
    """Allocate scratch memory for a network."""
    modes = 1 << (network.switches + network.diodes)
    n, m, d = network.states, network.unknowns, network.diodes
    size = n + 1
    return Work(
        ready=np.zeros(modes, dtype=np.int64),
        reached=np.zeros(modes, dtype=np.int64),
        voltages=np.zeros((modes, m + 2, n + 1)),
        drops=np.zeros((modes, len(network.elements), n + 1)),
        currents=np.zeros((modes, len(network.elements), n + 1)),
        slack=np.zeros((modes, n + 1, wide(d))),
        excess=np.zeros(wide(d)),
        generator=np.zeros((modes, size, size)),
        steps=np.zeros((modes, FINEST + 1, size, wide(size))),
        levels=np.zeros((modes, 3), dtype=np.int64),
        rates=np.zeros(modes),
        inverse=np.zeros((network.inductors, network.inductors)),
        lines=np.zeros((d, 2)),
        conductance=np.zeros((m, m)),
        scratch=np.zeros((6, size, wide(size))),
    )


@kernel
def invert_inductances(plan: Plan, work: Work, p: FloatArray) -> bool:
    """Fill `Work.inverse`; return False when the couplings are not positive definite."""
    count = plan.inductors
    inverse, matrix = work.inverse, work.scratch[0]
    for i in range(count):
        for j in range(count):
            matrix[i, j] = 0.0
            inverse[i, j] = 1.0 if i == j else 0.0
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == INDUCTOR:
            matrix[plan.order[e], plan.order[e]] = p[plan.columns[e, 0]]
    for c in range(len(plan.couplings)):
        i, j = plan.couplings[c, 0], plan.couplings[c, 1]
        mutual = p[plan.couplings[c, 2]] * np.sqrt(matrix[i, i] * matrix[j, j])
        matrix[i, j] = mutual
        matrix[j, i] = mutual
    if not solve_in_place(matrix, inverse, count, count):
        return False
    definite = True
    for i in range(count):
        definite = definite and inverse[i, i] > 0.0
    return definite


@kernel
def _branch(plan: Plan, work: Work, p: FloatArray, mode: int, e: int) -> tuple[float, float, int]:
    """Return (conductance, series drop, state of a series voltage or -1) of a resistive element."""
    kind = plan.kinds[e]
    if kind == RESISTOR:
        return 1.0 / p[plan.columns[e, 0]], 0.0, -1
    if kind == CAPACITOR:
        return 1.0 / p[plan.columns[e, 1]], 0.0, plan.order[e]
    if kind == SWITCH:
        if mode >> plan.order[e] & 1:
            return 1.0 / p[plan.columns[e, 0]], p[plan.columns[e, 2]], -1
        return 1.0 / p[plan.columns[e, 1]], 0.0, -1
    if mode >> (plan.switches + plan.order[e]) & 1:
        return 1.0 / work.lines[plan.order[e], 1], work.lines[plan.order[e], 0], -1
    return OFF_CONDUCTANCE, 0.0, -1


@kernel
def _node_voltages(plan: Plan, work: Work, p: FloatArray, mode: int, vin: float) -> bool:
    """Fill `Work.voltages` of a mode by nodal analysis."""
    m, n = plan.unknowns, plan.states
    g, rows = work.conductance, work.voltages[mode]
    g[:, :] = 0.0
    rows[:, :] = 0.0
    for e in range(len(plan.kinds)):
        kind = plan.kinds[e]
        a, b = plan.nodes[e, 0], plan.nodes[e, 1]
        if kind == INDUCTOR:
            if a >= 0:
                rows[a, plan.order[e]] -= 1.0
            if b >= 0:
                rows[b, plan.order[e]] += 1.0
        elif kind in (RESISTOR, CAPACITOR, SWITCH, DIODE):
            conductance, drop, state = _branch(plan, work, p, mode, e)
            for near, far, sign in ((a, b, 1.0), (b, a, -1.0)):
                if near < 0:
                    continue
                g[near, near] += conductance
                if far >= 0:
                    g[near, far] -= conductance
                elif far == -2:
                    rows[near, n] += conductance * vin
                rows[near, n] += sign * conductance * drop
                if state >= 0:
                    rows[near, state] += sign * conductance
    if not solve_in_place(g, rows, m, n + 1):
        return False
    rows[m, n] = vin
    return True


@kernel
def _fill_branches(plan: Plan, work: Work, p: FloatArray, mode: int) -> None:
    """Fill `Work.drops` and `Work.currents` of a mode from its node voltages.

    Differences are taken between rows, before any state enters: the small voltage across a closed
    switch is then not lost between two large ones.
    """
    n = plan.states
    rows, drops, currents = work.voltages[mode], work.drops[mode], work.currents[mode]
    source = 0
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == SOURCE:
            source = e
        for k in range(n + 1):
            drops[e, k] = rows[plan.nodes[e, 0], k] - rows[plan.nodes[e, 1], k]
            currents[e, k] = 0.0
    for e in range(len(plan.kinds)):
        kind = plan.kinds[e]
        if kind == INDUCTOR:
            currents[e, plan.order[e]] = 1.0
        elif kind != SOURCE:
            conductance, drop, state = _branch(plan, work, p, mode, e)
            for k in range(n + 1):
                currents[e, k] = drops[e, k]
            currents[e, n] -= drop
            if state >= 0:
                currents[e, state] -= 1.0
            for k in range(n + 1):
                currents[e, k] *= conductance
        sign = (1.0 if plan.nodes[e, 1] == -2 else 0.0) - (1.0 if plan.nodes[e, 0] == -2 else 0.0)
        if sign != 0.0 and e != source:
            for k in range(n + 1):
                currents[source, k] += sign * currents[e, k]


@kernel
def _fill_slack(plan: Plan, work: Work, mode: int) -> None:
    """Fill `Work.slack` of a mode from its node voltages."""
    n, rows = plan.states, work.voltages[mode]
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == DIODE:
            d = plan.order[e]
            for k in range(n + 1):
                work.slack[mode, k, d] = rows[plan.nodes[e, 0], k] - rows[plan.nodes[e, 1], k]
            work.slack[mode, n, d] -= work.lines[d, 0]


@kernel
def _fill_generator(plan: Plan, work: Work, p: FloatArray, mode: int, period: float) -> None:
    """Fill `Work.generator` of a mode from its node voltages and its capacitors' currents."""
    n = plan.states
    rows, generator = work.voltages[mode], work.generator[mode]
    derivative = work.scratch[0]
    generator[:, :] = 0.0
    for e in range(len(plan.kinds)):
        kind = plan.kinds[e]
        a, b = plan.nodes[e, 0], plan.nodes[e, 1]
        if kind == INDUCTOR:
            state = plan.order[e]
            for k in range(n + 1):
                derivative[state, k] = rows[a, k] - rows[b, k]
            derivative[state, state] -= p[plan.columns[e, 1]]
        elif kind == CAPACITOR:
            state = plan.order[e]
            scale = period / p[plan.columns[e, 0]]
            for k in range(n):
                generator[state, k] = scale * work.currents[mode, e, k]
            generator[state, n] = scale * work.currents[mode, e, n]
    for i in range(plan.inductors):
        for j in range(plan.inductors):
            scale = period * work.inverse[i, j]
            if scale != 0.0:
                for k in range(n):
                    generator[i, k] += scale * derivative[j, k]
                generator[i, n] += scale * derivative[j, n]
    for k in range(n):
        generator[n, k] = rows[plan.output, k]
    generator[n, n] = rows[plan.output, n]


@kernel
def _fill_levels(plan: Plan, work: Work, mode: int) -> None:
    """Fill `Work.rates` and `Work.levels` of a mode.

    The rate is estimated by the diagonal and by the products across it, which do not depend on the
    states' units: an inductor and a capacitor give 1 / sqrt(L C).
    """
    n = plan.states
    generator = work.generator[mode]
    fastest = 0.0
    for i in range(n):
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


@kernel
def _fill_finest_step(plan: Plan, work: Work, mode: int) -> None:
    """Fill the finest of `Work.steps` of a mode by scaling and squaring.

    The Taylor series is summed at a level fine enough for its norm (Moler and Van Loan, Nineteen
    dubious ways to compute the exponential of a matrix, method 3), by powers as Paterson and
    Stockmeyer do (the same, section 3), and squared up from there.
    """
    n = plan.states
    size = n + 1
    one, two, three = work.scratch[0], work.scratch[1], work.scratch[2]
    inner, product, last = work.scratch[3], work.scratch[4], work.scratch[5]
    norm = 0.0
    for j in range(size):
        column = 0.0
        for i in range(size):
            column += abs(work.generator[mode, i, j])
        norm = max(norm, column)
    # In units of the states that balance it, the norm is nearer to the fastest rate.
    norm = min(norm, size * work.rates[mode])
    level = FINEST
    scale = 0.5**FINEST
    while norm * scale > _TAYLOR_NORM and level < 80:
        level += 1
        scale *= 0.5
    for i in range(size):
        for j in range(size):
            one[j, i] = work.generator[mode, i, j] * scale
    multiply(one, one, two, n)
    multiply(two, one, three, n)
    for i in range(size):
        for j in range(size):
            inner[i, j] = _SERIES[4] * one[i, j] + _SERIES[5] * two[i, j] + _SERIES[6] * three[i, j]
    if norm * scale > _SHORT_NORM:
        for i in range(size):
            for j in range(size):
                last[i, j] = (
                    _SERIES[7] * one[i, j] + _SERIES[8] * two[i, j] + _SERIES[9] * three[i, j]
                )
        multiply(three, last, product, n)
        for i in range(size):
            for j in range(size):
                inner[i, j] += product[i, j]
    multiply(three, inner, product, n)
    # The rooms of the two finest levels take turns until the step is as long as the finest one.
    room, other = FINEST, FINEST - 1
    if (level - FINEST) % 2 == 1:
        room, other = other, room
    for i in range(size):
        for j in range(size):
            work.steps[mode, room, i, j] = (
                one[i, j] + _SERIES[2] * two[i, j] + _SERIES[3] * three[i, j] + product[i, j]
            )
    while level > FINEST:
        square(work.steps, mode, room, other, n)
        room, other = other, room
        level -= 1
    work.reached[mode] = FINEST


@inner_kernel
def reach(steps: FloatArray, reached: IntArray, mode: int, level: int, n: int) -> None:
    """Make the steps of a built mode up to those of a level, unless they are made."""
    while reached[mode] > level:
        square(steps, mode, reached[mode], reached[mode] - 1, n)
        reached[mode] -= 1


@kernel
def sketch_mode(plan: Plan, work: Work, point: Point, mode: int) -> bool:
    """Find a mode's voltages, by which its diodes are judged; return False when it is singular."""
    if work.ready[mode] >= SKETCHED:
        return True
    if not _node_voltages(plan, work, point.p, mode, point.vin):
        return False
    _fill_slack(plan, work, mode)
    work.ready[mode] = SKETCHED
    return True


@kernel
def build_mode(plan: Plan, work: Work, point: Point, mode: int) -> bool:
    """Build a mode's matrices unless they are ready; return False when the circuit is singular."""
    if work.ready[mode] == BUILT:
        return True
    if not sketch_mode(plan, work, point, mode):
        return False
    _fill_branches(plan, work, point.p, mode)
    _fill_generator(plan, work, point.p, mode, point.period)
    _fill_levels(plan, work, mode)
    _fill_finest_step(plan, work, mode)
    work.ready[mode] = BUILT
    return True
