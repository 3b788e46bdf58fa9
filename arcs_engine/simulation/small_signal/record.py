"""From a design to its orbit: solve it, run its period once, and write the intervals down."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Parameters, Topology
from arcs_engine.simulation.small_signal.orbits import (
    CLOCK,
    COMPARATOR,
    DIODE,
    INPUT_CURRENT,
    MOST_INTERVALS,
    OUTPUT,
    SWITCH_CURRENT,
    Orbits,
    blank_orbits,
)
from arcs_engine.simulation.small_signal.probe import (
    Pair,
    Probe,
    extend,
    load_in,
    pair_of,
    probe_of,
)
from arcs_engine.simulation.small_signal.tighten import Sheet, sheet_of, tighten
from arcs_engine.simulation.steady.algebra import apply
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.modes import TICKS
from arcs_engine.simulation.steady.newton import NOT_CONVERGED, SOLVED, Problem, Task, shoot
from arcs_engine.simulation.steady.period import COMPLEMENT_ON, MAIN_ON, Manner
from arcs_engine.simulation.steady.regulation import solve_design
from arcs_engine.simulation.steady.room import (
    Questions,
    Room,
    lend,
    network_for,
    problem_within,
    questions_of,
    task_of,
)
from arcs_engine.simulation.steady.threads import share
from arcs_engine.simulation.steady.trace import Trace

_MOMENT: Final = 1.0
"""Ticks within which a diode's change belongs to what came before it.

A switched-off winding changes its diode's voltage within femtoseconds, so the diode moves with the
switch. The solver sees no time so short: it finds the event within a tick, when the transient that
ties the two together has died out.
"""


class Record(NamedTuple):
    """One design's orbit in the making.

    Attributes:
        pair: the design and its double.
        probe: that the double belongs to.
        trace: of the period.
        orbits: written.
        row: of the design among them.
    """

    pair: Pair
    probe: Probe
    trace: Trace
    orbits: Orbits
    row: int


@inner_kernel
def _beginning(trace: Trace, step: int) -> int:
    """Return what begins the interval that begins with a step."""
    if step == 0:
        return CLOCK
    before, phase = trace.phases[step - 1], trace.phases[step]
    if phase == before:
        return DIODE
    # The complementary switch turns on a dead time after the main one is off, and moves with it.
    return COMPARATOR if before == MAIN_ON or phase == COMPLEMENT_ON else CLOCK


@inner_kernel
def _fill_matrices(record: Record, mode: int, k: int) -> None:
    """Fill the dynamics and readings of interval k."""
    pair, probe, row = record.pair, record.probe, record.row
    plain, loaded, load = pair.plain.work, pair.loaded.work, load_in(pair, mode)
    n = pair.plain.plan.states
    for i in range(n):
        extend(load, plain.generator[mode, i], loaded.generator[mode, i],
               record.orbits.dynamics[row, k, i])  # fmt: skip
    readings = record.orbits.readings[row, k]
    extend(load, plain.generator[mode, n], loaded.generator[mode, n], readings[OUTPUT])
    for reading, element in ((INPUT_CURRENT, probe.source), (SWITCH_CURRENT, probe.switch)):
        extend(load, plain.currents[mode, element], loaded.currents[mode, element],
               readings[reading])  # fmt: skip
    for column in range(n + 3):
        readings[OUTPUT, column] *= record.orbits.sign[row]
        readings[INPUT_CURRENT, column] *= -1.0  # counted out of the source's positive end


@inner_kernel
def _changed_diode(record: Record, step: int) -> int:
    """Return the diode that ended a mode: of those that changed, the one nearest to its event."""
    converter, trace, rates = record.pair.plain, record.trace, record.probe.rows[0]
    plan, work, n = converter.plan, converter.work, converter.plan.states
    before, after, z = trace.modes[step - 1], trace.modes[step], trace.bounds[step]
    apply(work.generator[before], z, rates)
    pick, nearest = 0, np.inf
    for d in range(plan.diodes):
        if (before ^ after) >> (plan.switches + d) & 1 == 1:
            slack, rate = work.slack[before, n, d], 0.0
            for k in range(n):
                slack += work.slack[before, k, d] * z[k]
                rate += work.slack[before, k, d] * rates[k]
            away = abs(slack / rate)
            if away < nearest:
                pick, nearest = d, away
    return pick


@inner_kernel
def _fill_condition(record: Record, step: int, k: int) -> None:
    """Fill what is zero when a diode begins interval k, from the mode before."""
    pair, rows, before = record.pair, record.probe.rows, record.trace.modes[step - 1]
    diode, load = _changed_diode(record, step), load_in(pair, before)
    for i in range(rows.shape[1]):
        rows[0, i] = pair.plain.work.slack[before, i, diode]
        rows[1, i] = pair.loaded.work.slack[before, i, diode]
    extend(load, rows[0], rows[1], record.orbits.conditions[record.row, k])


@inner_kernel
def _write_down(record: Record) -> bool:
    """Fill an orbit from the trace; return False when it has too many intervals."""
    trace, orbits, row = record.trace, record.orbits, record.row
    k, lasted = -1, np.inf
    for step in range(trace.used[0]):
        begins, mode = _beginning(trace, step), trace.modes[step]
        if begins != DIODE or mode != trace.modes[step - 1]:
            # Another mode, or the same one after an edge. A momentary mode gives its place up, with
            # what has begun it.
            if begins != DIODE or lasted > _MOMENT:
                k += 1
                if k == MOST_INTERVALS:
                    return False
                orbits.begins[row, k] = begins
                for i in range(orbits.states.shape[2]):
                    orbits.states[row, k, i] = trace.bounds[step, i]
                if begins == DIODE:
                    _fill_condition(record, step, k)
            _fill_matrices(record, mode, k)
            lasted = 0.0
        lasted += trace.ticks[step]
        orbits.lengths[row, k] += trace.ticks[step] / TICKS
    orbits.used[row] = k + 1
    return True


@inner_kernel
def _solve(problem: Problem, room: Room) -> int:
    """Solve a design and run its period once more, from the solution itself."""
    status = solve_design(problem, room.meter)
    if status == SOLVED and not shoot(problem, Manner(False, 0)):
        return NOT_CONVERGED
    return int(status)


class Desk(NamedTuple):
    """Where one thread writes orbits down."""

    probe: Probe
    sheet: Sheet


@kernel
def _record_chunk(room: Room, desk: Desk, task: Task, questions: Questions, orbits: Orbits) -> None:
    """Solve the rows of a chunk and write their orbits down."""
    for row in range(len(questions.points)):
        problem = problem_within(room, task, questions, row)
        status = _solve(problem, room)
        if status == SOLVED:
            pair = pair_of(problem.converter, desk.probe)
            written = _write_down(Record(pair, desk.probe, room.trace, orbits, row))
            if not written or not tighten(orbits, row, desk.sheet):
                orbits.used[row] = 0
                status = NOT_CONVERGED
        orbits.status[row] = status
        if status == SOLVED:
            orbits.duty[row] = room.iterate.duty[0]


def periodic_orbits(
    topology: Topology,
    parameters: Parameters,
    fsw: FloatArray,
    *,
    duty: FloatArray | None = None,
    vout: FloatArray | None = None,
) -> Orbits:
    """Find the periodic orbits of designs, at a given duty or regulated to an output.

    Args:
        topology: which circuit.
        parameters: every element parameter, with ``vin`` and ``rload``, shape (designs,) each.
        fsw: switching frequency, Hz, shape (designs,).
        duty: given duty (0..1), shape (designs,), when `vout` is None; else an optional first
            guess.
        vout: magnitude of the output to regulate to, V, shape (designs,); None for a given duty.

    Returns:
        One row per design; a design that cannot be solved says so in `Orbits.status`.
    """
    if duty is None and vout is None:
        raise ValueError("periodic_orbits needs a duty or an output voltage")
    network = network_for(topology)
    task = task_of(topology, regulate=vout is not None)
    questions = questions_of(topology, parameters, fsw, duty=duty, vout=vout)
    orbits = blank_orbits(topology, questions.points[:, 0].copy())

    def work_through(todo: Iterator[slice]) -> None:
        desk = Desk(probe_of(topology), sheet_of(network.plan.states))
        with lend(network) as room:
            for rows in todo:
                asked = Questions(questions.parameters[rows], questions.points[rows])
                _record_chunk(room, desk, task, asked, orbits.take(rows))

    share(len(questions.points), work_through)
    return orbits.trimmed()
