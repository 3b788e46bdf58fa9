"""From a topology's designs to what the kernels solve, and the memory in which they do."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.circuit import Diode
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.simulation.steady.compiled import inner_kernel
from arcs_engine.simulation.steady.meter import Meter, meter_of
from arcs_engine.simulation.steady.modes import Converter, Point, Work, work_of
from arcs_engine.simulation.steady.network import Network, Plan, network_of
from arcs_engine.simulation.steady.newton import Iterate, Problem, Task, iterate_of
from arcs_engine.simulation.steady.sensitivity import Shot, shot_of
from arcs_engine.simulation.steady.trace import Trace, trace_of

MIN_DUTY: Final = 1e-3


class Room(NamedTuple):
    """What one thread needs to solve designs of a network."""

    plan: Plan
    work: Work
    iterate: Iterate
    shot: Shot
    trace: Trace
    meter: Meter


class Questions(NamedTuple):
    """Designs of one network, one row per design.

    Attributes:
        parameters: of the elements, shape (designs, parameters).
        points: (period, vin, target, duty, current, given states), see `modes.Point`, shape
            (designs, 5 + states).
    """

    parameters: FloatArray
    points: FloatArray


_rooms: defaultdict[Network, list[Room]] = defaultdict(list)
"""Rooms that nobody is in: to make one takes as long as to solve several designs."""


def room_of(network: Network) -> Room:
    """Allocate a room for a network."""
    return Room(
        network.plan,
        work_of(network),
        iterate_of(network),
        shot_of(network),
        trace_of(network),
        meter_of(network),
    )


@contextmanager
def lend(network: Network) -> Iterator[Room]:
    """Lend a room to solve in; what is left there from before says nothing."""
    free = _rooms[network]
    try:
        room = free.pop()
    except IndexError:
        room = room_of(network)
    try:
        yield room
    finally:
        free.append(room)


def problem_of(room: Room, task: Task, questions: Questions, row: int) -> Problem:
    """Return one design as a problem in a room."""
    point = questions.points[row]
    parameters, given = questions.parameters[row], point[5:]
    here = Point(parameters, point[0], point[1], point[2], point[3], point[4], given)
    converter = Converter(room.plan, here, room.work)
    return Problem(converter, task, room.iterate, room.shot, room.trace)


problem_within = inner_kernel(problem_of)
"""The same within a kernel."""


@cache
def network_for(topology: Topology) -> Network:
    """Return a topology's network; to look it up by the circuit hashes every element."""
    return network_of(topology.circuit)


@cache
def task_of(topology: Topology, regulate: bool) -> Task:
    """Say what is solved for, in the kernels' terms."""
    plan = network_for(topology).plan
    diodes = [e.name for e in topology.circuit.of_type(Diode)]
    on = sum(1 << s for s in range(plan.switches) if not plan.complement[s])
    off = sum(1 << s for s in range(plan.switches) if plan.complement[s])
    for name in topology.on_diodes:
        on |= 1 << (plan.switches + diodes.index(name))
    for name in topology.off_diodes:
        off |= 1 << (plan.switches + diodes.index(name))
    return Task(
        sign=float(topology.sign),
        min_duty=MIN_DUTY,
        max_duty=topology.max_duty,
        on_mode=on,
        off_mode=off,
        rectifier=diodes.index(topology.rectifier),
        regulate=regulate,
    )


def questions_of(
    topology: Topology,
    parameters: Mapping[str, FloatArray],
    fsw: FloatArray,
    *,
    duty: FloatArray | None,
    vout: FloatArray | None,
) -> Questions:
    """Stack parameters and operating points; see `solver.solve`."""
    network = network_for(topology)
    vin = np.asarray(parameters["vin"], dtype=np.float64)
    ratio = topology.turns_ratio(parameters)
    if vout is None:
        assert duty is not None
        guess = np.asarray(duty, dtype=np.float64)
        expected = topology.ideal_output(vin, guess) / ratio
    else:
        expected = np.asarray(vout, dtype=np.float64)
        guess = topology.ideal_duty(vin, expected * ratio) if duty is None else np.asarray(duty)
    known, unknown = topology.starting_voltages(parameters, vin, expected), np.array(np.nan)
    columns = (
        1 / np.asarray(fsw, dtype=np.float64),
        vin,
        topology.sign * expected,
        guess,
        expected / parameters["rload"],
        *(known.get(name, unknown) for name in network.state_names),
    )
    points = np.empty((np.broadcast(*columns).size, len(columns)))
    for k, column in enumerate(columns):
        points[:, k] = column
    return Questions(network.pack(parameters, len(points)), points)
