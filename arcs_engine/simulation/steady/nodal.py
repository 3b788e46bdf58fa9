"""The equations of a mode by nodal analysis, every one of them linear in (x, 1).

The conductances G of a mode and what its sources drive into each node give G v = s [x, 1], with
inductors as current sources, a capacitor with its ESR as a Norton branch whose voltage is a state,
a conducting switch or diode as a voltage drop behind a resistance, and the input as a known node.
One elimination yields all node voltages as rows over (x, 1). Element voltages and currents, the
slack of the diodes and the state equations are sums of these rows.
"""

from typing import Final

from arcs_engine.simulation.steady.algebra import solve_in_place
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.modes import SKETCHED, Converter, conducts, parameter
from arcs_engine.simulation.steady.network import (
    CAPACITOR,
    DIODE,
    INDUCTOR,
    INPUT_NODE,
    RESISTOR,
    SOURCE,
    SWITCH,
)

OFF_CONDUCTANCE: Final = 1e-7
"""Conductance of a blocking diode, S (requirement S1: at most 0.1 uS)."""


@inner_kernel
def _branch(converter: Converter, mode: int, e: int) -> tuple[float, float, int]:
    """Return (conductance, series drop, state of a series voltage or -1) of a resistive element."""
    plan, lines = converter.plan, converter.work.lines
    kind, order = plan.kinds[e], plan.order[e]
    if kind == RESISTOR:
        return 1.0 / parameter(converter, e, 0), 0.0, -1
    if kind == CAPACITOR:
        return 1.0 / parameter(converter, e, 1), 0.0, order
    if kind == SWITCH:
        if mode >> order & 1:
            return 1.0 / parameter(converter, e, 0), parameter(converter, e, 2), -1
        return 1.0 / parameter(converter, e, 1), 0.0, -1
    if conducts(plan, mode, order):
        return 1.0 / lines[order, 1], lines[order, 0], -1
    return OFF_CONDUCTANCE, 0.0, -1


@inner_kernel
def _fill_voltages(converter: Converter, mode: int) -> bool:
    """Fill `Work.voltages` of a mode by nodal analysis; return False when it is singular."""
    plan, vin = converter.plan, converter.point.vin
    m, n = plan.unknowns, plan.states
    g, rows = converter.work.conductance, converter.work.voltages[mode]
    g[:, :] = 0.0
    rows[:, :] = 0.0
    for e in range(len(plan.kinds)):
        kind = plan.kinds[e]
        a, b = plan.nodes[e, 0], plan.nodes[e, 1]
        # An inductor takes its current out of node a and into node b, whatever their voltages are.
        if kind == INDUCTOR:
            if a >= 0:
                rows[a, plan.order[e]] -= 1.0
            if b >= 0:
                rows[b, plan.order[e]] += 1.0
        # Any other branch adds its conductance to the matrix; what it would drive between nodes of
        # equal voltage, by its drop or its capacitor's state, goes to the right-hand side.
        elif kind in (RESISTOR, CAPACITOR, SWITCH, DIODE):
            conductance, drop, state = _branch(converter, mode, e)
            for near, far, sign in ((a, b, 1.0), (b, a, -1.0)):
                if near < 0:
                    continue
                g[near, near] += conductance
                if far >= 0:
                    g[near, far] -= conductance
                elif far == INPUT_NODE:
                    rows[near, n] += conductance * vin
                rows[near, n] += sign * conductance * drop
                if state >= 0:
                    rows[near, state] += sign * conductance
    if not solve_in_place(g, rows):
        return False
    rows[m, n] = vin
    return True


@inner_kernel
def fill_branches(converter: Converter, mode: int) -> None:
    """Fill `Work.drops` and `Work.currents` of a mode from its node voltages.

    Differences are taken between rows, before any state enters: the small voltage across a closed
    switch is then not lost between two large ones.
    """
    plan, work = converter.plan, converter.work
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
            conductance, drop, state = _branch(converter, mode, e)
            for k in range(n + 1):
                currents[e, k] = drops[e, k]
            currents[e, n] -= drop
            if state >= 0:
                currents[e, state] -= 1.0
            for k in range(n + 1):
                currents[e, k] *= conductance
        # No equation yields the source's current: it is what the other branches take there.
        a, b = plan.nodes[e, 0], plan.nodes[e, 1]
        sign = (1.0 if b == INPUT_NODE else 0.0) - (1.0 if a == INPUT_NODE else 0.0)
        if sign != 0.0 and e != source:
            for k in range(n + 1):
                currents[source, k] += sign * currents[e, k]


@inner_kernel
def _fill_slack(converter: Converter, mode: int) -> None:
    """Fill `Work.slack` of a mode from its node voltages."""
    plan, work = converter.plan, converter.work
    n, rows = plan.states, work.voltages[mode]
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == DIODE:
            d = plan.order[e]
            for k in range(n + 1):
                work.slack[mode, k, d] = rows[plan.nodes[e, 0], k] - rows[plan.nodes[e, 1], k]
            work.slack[mode, n, d] -= work.lines[d, 0]


@kernel
def sketch_mode(converter: Converter, mode: int) -> bool:
    """Find a mode's voltages, by which its diodes are judged; return False when it is singular.

    Many modes are judged on the way to the one that fits, but only that one is built.
    """
    ready = converter.work.ready
    if ready[mode] >= SKETCHED:
        return True
    if not _fill_voltages(converter, mode):
        return False
    _fill_slack(converter, mode)
    ready[mode] = SKETCHED
    return True
