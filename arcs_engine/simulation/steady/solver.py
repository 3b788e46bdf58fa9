"""Batches of designs, and single steady states with their waveforms."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.circuit import GROUND, Capacitor, Diode
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Parameters, Topology
from arcs_engine.foundation.errors import InfeasibleError, SolverError
from arcs_engine.simulation.steady import meter as columns
from arcs_engine.simulation.steady.compiled import kernel
from arcs_engine.simulation.steady.meter import Meter, meter_of
from arcs_engine.simulation.steady.modes import Plan, Point, Work, plan_of, work_of
from arcs_engine.simulation.steady.network import IntArray, Network, network_of
from arcs_engine.simulation.steady.newton import (
    ABOVE_MAX_DUTY,
    BAD_CIRCUIT,
    BELOW_MIN_DUTY,
    GAIN_LIMIT,
    NOT_CONVERGED,
    SOLVED,
    Iterate,
    Task,
    iterate_of,
    shoot,
)
from arcs_engine.simulation.steady.regulation import solve_design
from arcs_engine.simulation.steady.sensitivity import TICKS, Shot, shot_of
from arcs_engine.simulation.steady.trace import Trace, trace_of
from arcs_engine.simulation.waveforms import Waveforms

MIN_DUTY: Final = 1e-3

STATUS: Final[dict[int, str]] = {
    SOLVED: "solved",
    NOT_CONVERGED: "The steady state was not found: the solver did not converge.",
    ABOVE_MAX_DUTY: "No duty up to the largest allowed one reaches the output voltage.",
    GAIN_LIMIT: "The losses limit the gain: the output peaks below the wanted voltage.",
    BELOW_MIN_DUTY: "Even the shortest on-time gives more than the wanted output voltage.",
    BAD_CIRCUIT: "The circuit cannot be solved: a part has an impossible value.",
}

_CHUNK: Final = 256
"""Designs that a thread takes at a time."""

_PROCESSORS: Final = os.cpu_count() or 1

_WORTH_A_THREAD: Final = 4
"""Designs for which a further thread is woken."""

_WAVEFORM_FINER: Final = 3
"""How often the usual steps are halved for waveforms."""


class _Room(NamedTuple):
    """What one thread needs to solve designs of a network."""

    plan: Plan
    work: Work
    it: Iterate
    shot: Shot
    trace: Trace
    meter: Meter


_rooms: defaultdict[Network, list[_Room]] = defaultdict(list)
"""Rooms that nobody is in: to make one takes as long as to solve several designs."""


@contextmanager
def _room(network: Network) -> Iterator[_Room]:
    """Lend a room to solve in; what is left there from before says nothing."""
    free = _rooms[network]
    try:
        room = free.pop()
    except IndexError:
        room = _Room(
            plan_of(network),
            work_of(network),
            iterate_of(network),
            shot_of(network),
            trace_of(network),
            meter_of(network),
        )
    try:
        yield room
    finally:
        free.append(room)


@cache
def _helpers() -> ThreadPoolExecutor:
    """Return the threads that help with batches; to start one takes as long as several designs."""
    return ThreadPoolExecutor(max(1, _PROCESSORS - 1), "steady")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helpers.cache_clear)  # a fork has no other threads


@dataclass(frozen=True)
class SteadyBatch:
    """Solved designs; every array has one row a design.

    Attributes:
        network: names the elements and states of the arrays below.
        status: code, see `STATUS`; figures of unsolved designs are nan.
        duty: shape (n,).
        vout: mean output voltage with its sign, V, shape (n,).
        output_ripple: peak-to-peak output voltage in 20 MHz bandwidth, V, shape (n,).
        idle: share of the period in which the rectifier has stopped before the switch turns on.
        states: at turn-on, shape (n, states).
        sums: per element, see the columns in `period`, shape (n, elements, 8).
        edges: current and voltage of the first switch at its edges, shape (n, 4): current after
            turn-on, current before turn-off, voltage before turn-on, voltage after turn-off.
    """

    network: Network
    status: IntArray
    duty: FloatArray
    vout: FloatArray
    output_ripple: FloatArray
    idle: FloatArray
    states: FloatArray
    sums: FloatArray
    edges: FloatArray

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Which designs have a steady state, shape (n,)."""
        return np.asarray(self.status == SOLVED)

    def sum(self, element: str, column: int) -> FloatArray:
        """Return one metered column of one element, shape (n,)."""
        return np.asarray(self.sums[:, self.network.position(element), column])


@kernel
def _solve_chunk(
    plan: Plan,
    work: Work,
    task: Task,
    it: Iterate,
    shot: Shot,
    trace: Trace,
    meter: Meter,
    parameters: FloatArray,
    points: FloatArray,
    status: IntArray,
    scalars: FloatArray,
    states: FloatArray,
    sums: FloatArray,
    edges: FloatArray,
) -> None:
    """Solve the rows of a chunk.

    `points` holds (period, vin, target, duty, current, given states).
    """
    for row in range(len(points)):
        point = Point(
            parameters[row], points[row, 0], points[row, 1], points[row, 2], points[row, 4]
        )
        for i in range(plan.states):
            it.given[i] = points[row, 5 + i]
        status[row] = solve_design(plan, work, point, task, points[row, 3], it, shot, trace, meter)
        if status[row] != SOLVED:
            continue
        scalars[row, 0] = it.duty[0]
        scalars[row, 1] = shot.z[plan.states]
        scalars[row, 2] = meter.figures[columns.OUTPUT_HIGH] - meter.figures[columns.OUTPUT_LOW]
        scalars[row, 3] = meter.figures[columns.IDLE]
        for i in range(plan.states):
            states[row, i] = it.x[i]
        for e in range(len(plan.kinds)):
            for column in range(columns.SUMS):
                sums[row, e, column] = meter.sums[e, column]
        for i in range(len(edges[row])):
            edges[row, i] = meter.figures[columns.CURRENT_ON + i]


@cache
def _task(topology: Topology, regulate: bool) -> Task:
    """Say what is solved for, in the kernels' terms."""
    network = network_of(topology.circuit)
    diodes = [e.name for e in topology.circuit.of_type(Diode)]
    on = sum(1 << s for s in range(network.switches) if not network.complement[s])
    off = sum(1 << s for s in range(network.switches) if network.complement[s])
    for name in topology.on_diodes:
        on |= 1 << (network.switches + diodes.index(name))
    for name in topology.off_diodes:
        off |= 1 << (network.switches + diodes.index(name))
    return Task(
        sign=float(topology.sign),
        min_duty=MIN_DUTY,
        max_duty=topology.max_duty,
        on_mode=on,
        off_mode=off,
        rectifier=diodes.index(topology.rectifier),
        regulate=regulate,
    )


def _points(
    topology: Topology,
    network: Network,
    parameters: Mapping[str, FloatArray],
    fsw: FloatArray,
    duty: FloatArray | None,
    vout: FloatArray | None,
) -> FloatArray:
    """Stack the operating points, shape (n, 5 + states)."""
    vin = np.asarray(parameters["vin"], dtype=np.float64)
    ratio = topology.turns_ratio(parameters)
    if vout is None:
        assert duty is not None
        guess = np.asarray(duty, dtype=np.float64)
        expected = topology.ideal_output(vin, guess) / ratio
    else:
        expected = np.asarray(vout, dtype=np.float64)
        guess = topology.ideal_duty(vin, expected * ratio) if duty is None else np.asarray(duty)
    known = topology.starting_voltages(parameters, vin, expected)
    columns = (
        1 / np.asarray(fsw, dtype=np.float64),
        vin,
        topology.sign * expected,
        guess,
        expected / parameters["rload"],
        *(known.get(name, np.array(np.nan)) for name in network.state_names),
    )
    points = np.empty((np.broadcast(*columns).size, len(columns)))
    for k, column in enumerate(columns):
        points[:, k] = column
    return points


def solve(
    topology: Topology,
    parameters: Parameters,
    fsw: FloatArray,
    *,
    duty: FloatArray | None = None,
    vout: FloatArray | None = None,
) -> SteadyBatch:
    """Solve many designs of one topology.

    Args:
        topology: which circuit.
        parameters: every element parameter, with ``vin`` and ``rload``, shape (n,) each.
        fsw: switching frequency, Hz, shape (n,).
        duty: given duty (0..1), shape (n,), when `vout` is None; else an optional first guess.
        vout: magnitude of the output to regulate to, V, shape (n,); None for a given duty.

    Returns:
        One row a design; a design that cannot be solved says so in `SteadyBatch.status`.
    """
    if duty is None and vout is None:
        raise ValueError("solve needs a duty or an output voltage")
    network = network_of(topology.circuit)
    task = _task(topology, regulate=vout is not None)
    points = _points(topology, network, parameters, fsw, duty, vout)
    count, elements = len(points), len(network.elements)
    packed = network.pack(parameters, count)
    status = np.full(count, NOT_CONVERGED, dtype=np.int64)
    scalars = np.full((count, 4), np.nan)
    states = np.full((count, network.states), np.nan)
    sums = np.full((count, elements, columns.SUMS), np.nan)
    edges = np.full((count, 4), np.nan)

    threads = max(1, min(_PROCESSORS, count // _WORTH_A_THREAD))
    size = min(_CHUNK, -(-count // threads))
    todo = iter([slice(start, start + size) for start in range(0, count, size)])

    def work_through() -> None:
        with _room(network) as (plan, work, it, shot, trace, meter):
            for rows in todo:
                _solve_chunk(
                    plan, work, task, it, shot, trace, meter, packed[rows], points[rows],
                    status[rows], scalars[rows], states[rows], sums[rows], edges[rows],
                )  # fmt: skip

    others = [_helpers().submit(work_through) for _ in range(threads - 1)]
    work_through()
    for other in others:
        if not other.cancel():  # a helper that is busy elsewhere is not waited for
            other.result()
    return SteadyBatch(
        network, status, scalars[:, 0], scalars[:, 1], scalars[:, 2], scalars[:, 3], states, sums,
        edges,
    )  # fmt: skip


def _record(network: Network, work: Work, trace: Trace) -> FloatArray:
    """Return (time / period, node voltages, element currents) at both ends of every step.

    What is left of a diode's current where it turns off would be a voltage over its off-resistance,
    but is gone within a tick: such a step is drawn with its end's values throughout.
    """
    count = int(trace.used[0])
    modes = trace.modes[:count]
    ends = np.cumsum(trace.ticks[:count]) / TICKS
    times = np.stack([np.concatenate(([0.0], ends[:-1])), ends], axis=1)
    n, m = network.states, network.unknowns
    rows = np.concatenate((work.voltages[:, :m], work.currents), axis=1)[modes]
    sides = np.stack([trace.bounds[:count], trace.bounds[1 : count + 1]], axis=1)
    y = np.concatenate((sides[:, :, :n], np.ones((count, 2, 1))), axis=2)
    values = np.einsum("sfk,sek->sef", rows, y)
    momentary = np.concatenate(([False], modes[1:] != modes[:-1])) & (trace.ticks[:count] <= 1.0)
    values[momentary, 0] = values[momentary, 1]
    return np.concatenate((times[:, :, None], values), axis=2).reshape(2 * count, -1)


@dataclass(frozen=True)
class SteadyState:
    """One design in periodic steady state.

    Attributes:
        topology: its circuit.
        parameters: every element parameter with ``vin`` and ``rload``, SI.
        fsw: switching frequency, Hz.
        duty: on-time of the main switch / period.
        state: inductor currents (A) and capacitor voltages (V) by element name, at the instant the
            main switch turns on.
        jacobian: of the map of the states over one period, order as in `state`, shape (n, n).
    """

    topology: Topology
    parameters: dict[str, float]
    fsw: float
    duty: float
    state: dict[str, float]
    jacobian: FloatArray
    _recorded: FloatArray

    @property
    def period(self) -> float:
        """Switching period, s."""
        return 1 / self.fsw

    @property
    def state_names(self) -> tuple[str, ...]:
        """Element names of the states, in the order of `jacobian`."""
        return tuple(self.state)

    def state_at(self, phase: float) -> dict[str, float]:
        """Return the states at a phase of the period (0..1 from turn-on), by element name."""
        wave = self.waveforms(periods=1)
        instant = phase * self.period

        def at(name: str) -> float:
            return float(np.interp(instant, wave.time, wave.signals[name]))

        states = {}
        for name in self.state:
            element = self.topology.circuit.element(name)
            current = at(f"i({name})")
            if isinstance(element, Capacitor):
                voltages = [0.0 if n == GROUND else at(f"v({n})") for n in (element.a, element.b)]
                drop = self.parameters[element.resistance] * current
                states[name] = voltages[0] - voltages[1] - drop
            else:
                states[name] = current
        return states

    @cached_property
    def _network(self) -> Network:
        return network_of(self.topology.circuit)

    def waveforms(self, periods: int = 2) -> Waveforms:
        """Return node voltages and element currents over whole periods from turn-on.

        A switching edge appears as two samples at the same instant.
        """
        network, one = self._network, self._recorded
        starts = np.repeat(np.arange(periods), len(one))
        time = (np.tile(one[:, 0], periods) + starts) * self.period
        names = [f"v({n})" for n in network.node_names]
        names += [f"i({e.name})" for e in network.elements]
        signals = {name: np.tile(one[:, 1 + k], periods) for k, name in enumerate(names)}
        source = self.topology.circuit.input_node
        signals[f"v({source})"] = np.full(len(time), self.parameters["vin"])
        return Waveforms(time, signals, self.period, "steady")


def steady_state(
    topology: Topology,
    parameters: Mapping[str, float],
    fsw: float,
    *,
    duty: float | None = None,
    vout: float | None = None,
) -> SteadyState:
    """Solve one design; see `solve`.

    Raises:
        InfeasibleError: no duty gives the output; the message names the limit.
        SolverError: the solver did not converge.
    """
    network = network_of(topology.circuit)
    task = _task(topology, regulate=vout is not None)
    arrays = {name: np.array([value]) for name, value in parameters.items()}
    points = _points(
        topology,
        network,
        arrays,
        np.array([fsw]),
        None if duty is None else np.array([duty]),
        None if vout is None else np.array([vout]),
    )
    given = points[0]
    point = Point(network.pack(arrays, 1)[0], given[0], given[1], given[2], given[4])
    with _room(network) as (plan, work, it, shot, trace, meter):
        it.given[:] = given[5:]
        status = solve_design(plan, work, point, task, given[3], it, shot, trace, meter)
        if status in (ABOVE_MAX_DUTY, GAIN_LIMIT, BELOW_MIN_DUTY):
            raise InfeasibleError(STATUS[status])
        if status != SOLVED:
            raise SolverError(STATUS[status])
        shoot(plan, work, point, it, shot, trace, True, _WAVEFORM_FINER)
        return SteadyState(
            topology=topology,
            parameters=dict(parameters),
            fsw=fsw,
            duty=float(it.duty[0]),
            state=dict(zip(network.state_names, it.x.tolist(), strict=True)),
            jacobian=shot.phi[: network.states, : network.states].copy(),
            _recorded=_record(network, work, trace),
        )
