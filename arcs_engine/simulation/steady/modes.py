"""A design and the memory of its modes.

A mode is a combination of switch and diode states, an integer (`network.Plan.switches`). The state
z = [x, q] holds the states x (inductor currents, then capacitor voltages) and q, the running mean
of the output voltage; in normalised time (one period is 1) z' = M [x, 1], linear in the augmented
state [x, q, 1], so that a matrix exponential carries it exactly. q drives nothing: its column is
nought and not stored, nor is the constant's row.
"""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.compiled import inner_kernel
from arcs_engine.simulation.steady.lanes import wide
from arcs_engine.simulation.steady.network import IntArray, Network, Plan

FINEST: Final = 19
"""Level of the smallest step: a period / 2^19, some 0.02 ns."""

TICKS: Final = float(1 << FINEST)
"""Ticks, the unit of time within a period, in one period."""

SKETCHED: Final = 1
BUILT: Final = 2


class Point(NamedTuple):
    """A design and where it works.

    Attributes:
        parameters: of its elements, as `network.Network.pack` orders them, shape (parameters,).
        period: s.
        vin: input voltage, V.
        target: output voltage that is wanted or expected, with its sign, V.
        duty: given, or a first guess.
        current: load current, A; the scale of currents.
        given: states to start from where they are known better than from the ideal cycle, else
            nan, shape (n,).
    """

    parameters: FloatArray
    period: float
    vin: float
    target: float
    duty: float
    current: float
    given: FloatArray


class Work(NamedTuple):
    """Memory of one thread for the modes of a circuit, reused for every design.

    With m unknown nodes, n states, d diodes, e elements and N = n + 1:

    Attributes:
        ready: how far each mode is: 0, `SKETCHED` or `BUILT`, shape (modes,).
        reached: level of the coarsest step that is made of each mode, shape (modes,).
        voltages: node voltages as rows over (x, 1), shape (modes, m + 2, n + 1); row m is the
            input, row m + 1 ground, so that the negative indices of `network.Plan.nodes` fit.
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
        inductance: scratch, the inductance matrix, shape (inductors, inductors).
        inverse: of the inductance matrix, shape (inductors, inductors).
        lines: constant drop and resistance of each conducting diode, shape (d, 2).
        conductance: scratch, the nodal matrix, shape (m, m).
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
    inductance: FloatArray
    inverse: FloatArray
    lines: FloatArray
    conductance: FloatArray
    scratch: FloatArray


class Converter(NamedTuple):
    """A circuit with values: what every kernel that looks into it is given.

    Attributes:
        plan: its structure.
        point: its values and where it works.
        work: what is known of its modes so far.
    """

    plan: Plan
    point: Point
    work: Work


def work_of(network: Network) -> Work:
    """Allocate the memory of a network's modes."""
    plan = network.plan
    modes = 1 << (plan.switches + plan.diodes)
    n, m, d = plan.states, plan.unknowns, plan.diodes
    elements, inductors, size = len(plan.kinds), plan.inductors, plan.states + 1
    return Work(
        ready=np.zeros(modes, dtype=np.int64),
        reached=np.zeros(modes, dtype=np.int64),
        voltages=np.zeros((modes, m + 2, n + 1)),
        drops=np.zeros((modes, elements, n + 1)),
        currents=np.zeros((modes, elements, n + 1)),
        slack=np.zeros((modes, n + 1, wide(d))),
        excess=np.zeros(wide(d)),
        generator=np.zeros((modes, size, size)),
        steps=np.zeros((modes, FINEST + 1, size, wide(size))),
        levels=np.zeros((modes, 3), dtype=np.int64),
        rates=np.zeros(modes),
        inductance=np.zeros((inductors, inductors)),
        inverse=np.zeros((inductors, inductors)),
        lines=np.zeros((d, 2)),
        conductance=np.zeros((m, m)),
        scratch=np.zeros((6, size, wide(size))),
    )


@inner_kernel
def parameter(converter: Converter, element: int, which: int) -> float:
    """Return one of an element's parameters (`network.Plan.columns`)."""
    return float(converter.point.parameters[converter.plan.columns[element, which]])


@inner_kernel
def conducts(plan: Plan, mode: int, diode: int) -> int:
    """Return 1 if a diode conducts in a mode, else 0."""
    return mode >> (plan.switches + diode) & 1
