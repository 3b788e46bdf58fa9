"""What a change of the input voltage and a current into the output do in a mode.

The solver's rows are over (x, 1). Those over v and i are found by building the mode once more,
without input voltage and with a heavier load: a load draws its current out of the output, so the
change that it makes tells what a current there would do. All of this is linear; nothing is
approximated.
"""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.circuit import Source, Switch
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.exponential import build_mode, invert_inductances
from arcs_engine.simulation.steady.modes import Converter, Point, Work, work_of
from arcs_engine.simulation.steady.room import network_for

_HEAVIER: Final = 1e-3
"""Share of the load's resistance that is left in the heavier load."""


class Probe(NamedTuple):
    """The memory of the modes with a heavier load; one per thread.

    Attributes:
        work: of the modes.
        parameters: of the elements with the heavier load, shape (parameters,).
        load: column of the load's resistance.
        source: position of the input source among the elements.
        switch: position of the main switch.
        rows: scratch, shape (2, n + 1).
    """

    work: Work
    parameters: FloatArray
    load: int
    source: int
    switch: int
    rows: FloatArray


class Pair(NamedTuple):
    """A design, and the same without input voltage and with a heavier load.

    Attributes:
        plain: the design.
        loaded: the other.
        extra: conductance by which the load is heavier, S.
    """

    plain: Converter
    loaded: Converter
    extra: float


class Load(NamedTuple):
    """What the rows of one mode are told apart by.

    Attributes:
        output: output voltage over (x, 1) with the heavier load, shape (n + 1,).
        extra: conductance by which it is heavier, S.
        vin: input voltage that the other lacks, V.
    """

    output: FloatArray
    extra: float
    vin: float


def probe_of(topology: Topology) -> Probe:
    """Allocate a probe for a topology."""
    network, circuit = network_for(topology), topology.circuit
    (source,) = circuit.of_type(Source)
    main = next(switch for switch in circuit.of_type(Switch) if switch.gate == "main")
    return Probe(
        work=work_of(network),
        parameters=np.zeros(len(network.parameter_names)),
        load=network.parameter_names.index("rload"),
        source=network.position(source.name),
        switch=network.position(main.name),
        rows=np.zeros((2, network.plan.states + 1)),
    )


@inner_kernel
def pair_of(converter: Converter, probe: Probe) -> Pair:
    """Return a solved design and its double with the heavier load, whose modes are not built."""
    point, work = converter.point, probe.work
    for k in range(len(point.parameters)):
        probe.parameters[k] = point.parameters[k]
    resistance = point.parameters[probe.load]
    probe.parameters[probe.load] = _HEAVIER * resistance
    work.ready[:] = 0
    for d in range(len(work.lines)):
        work.lines[d, 0] = converter.work.lines[d, 0]
        work.lines[d, 1] = converter.work.lines[d, 1]
    there = Point(
        probe.parameters, point.period, 0.0, point.target, point.duty, point.current, point.given
    )
    loaded = Converter(converter.plan, there, work)
    invert_inductances(loaded)
    return Pair(converter, loaded, (1.0 / _HEAVIER - 1.0) / resistance)


@inner_kernel
def load_in(pair: Pair, mode: int) -> Load:
    """Return the heavier load in a mode, which is built both ways."""
    build_mode(pair.plain, mode)
    build_mode(pair.loaded, mode)
    states = pair.plain.plan.states
    return Load(pair.loaded.work.generator[mode, states], pair.extra, pair.plain.point.vin)


@kernel
def extend(load: Load, plain: FloatArray, loaded: FloatArray, row: FloatArray) -> None:
    """Fill a quantity's row over (x, 1, v, i).

    With an extra conductance g at the output the current into it is i = -g vout', so the quantity
    is q' = q - q_i g vout' in every column, and the column where vout' is largest tells q_i.

    Args:
        load: the heavier one.
        plain: the row over (x, 1), shape (n + 1,).
        loaded: the same without input voltage and with the heavier load, shape (n + 1,).
        row: filled, shape (n + 3,).
    """
    n = len(plain) - 1
    largest = 0
    for k in range(n):
        row[k] = plain[k]
        if abs(load.output[k]) > abs(load.output[largest]):
            largest = k
    by_load = (plain[largest] - loaded[largest]) / (load.extra * load.output[largest])
    without_line = loaded[n] + by_load * load.extra * load.output[n]
    row[n] = plain[n]
    row[n + 1] = (plain[n] - without_line) / load.vin
    row[n + 2] = by_load
