"""A circuit declaration as integer arrays, which the kernels read.

Nodal analysis in the form that keeps matrices small: inductors are current sources, a capacitor
with its ESR is a Norton branch whose voltage is the state, the input is a known node. What remains
unknown are the other nodes' voltages, which are linear in (states, 1) for each combination of
switch and diode states.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.circuit import (
    GROUND,
    OUTPUT,
    Capacitor,
    Circuit,
    Diode,
    Element,
    Inductor,
    Load,
    Resistor,
    Source,
    Switch,
)
from arcs_engine.circuits.spec import FloatArray

IntArray = NDArray[np.int64]

SOURCE: Final = 0
RESISTOR: Final = 1
INDUCTOR: Final = 2
CAPACITOR: Final = 3
SWITCH: Final = 4
DIODE: Final = 5

GROUND_NODE: Final = -1
INPUT_NODE: Final = -2

_WIDTH = 4
"""Most parameters that an element takes."""


class Plan(NamedTuple):
    """A circuit's structure, which the kernels read and never write.

    Attributes:
        kinds: kind code of each element, shape (elements,).
        nodes: node indices a and b, shape (elements, 2); `GROUND_NODE` and `INPUT_NODE` are known.
        order: of each element among the states (inductors, then capacitors), or among switches, or
            among diodes; -1 for others. Shape (elements,).
        columns: columns of the parameter matrix that each element reads, shape (elements, 4), in
            the order of `_parameters_of`.
        complement: for each switch, 1 if it conducts while the main switch is off.
        couplings: (first state, second state, parameter column), shape (couplings, 3).
        unknowns: number of unknown nodes.
        states: number of states; the inductors' currents come first.
        inductors: number of inductors.
        output: index of the output node.
        switches: number of switches. A mode is an integer: bit s says that switch s conducts,
            bit ``switches`` + d that diode d does.
        diodes: number of diodes.
    """

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


@dataclass(frozen=True, eq=False)
class Network:
    """A circuit's structure with its names, equal to itself alone.

    Attributes:
        elements: the declared elements, in order; the arrays of `plan` follow it.
        plan: the structure, as the kernels take it.
        node_names: names of the unknown nodes, in index order.
        parameter_names: name of each parameter column.
        state_names: element name of each state.
    """

    elements: tuple[Element, ...]
    plan: Plan
    node_names: tuple[str, ...]
    parameter_names: tuple[str, ...]
    state_names: tuple[str, ...]

    def position(self, element: str) -> int:
        """Return the place of an element in the declared order."""
        return [e.name for e in self.elements].index(element)

    def pack(self, parameters: Mapping[str, FloatArray], count: int) -> FloatArray:
        """Stack parameters into a matrix of shape (count, parameters)."""
        packed = np.empty((count, len(self.parameter_names)))
        for column, name in enumerate(self.parameter_names):
            packed[:, column] = parameters[name]
        return packed


def _parameters_of(element: Element) -> tuple[int, tuple[str, ...]]:
    """Return the kind code and the parameter names of an element, in the kernels' order."""
    match element:
        case Source():
            return SOURCE, ("vin",)
        case Load():
            return RESISTOR, ("rload",)
        case Resistor():
            return RESISTOR, (element.name,)
        case Inductor():
            return INDUCTOR, (element.inductance, element.resistance)
        case Capacitor():
            return CAPACITOR, (element.capacitance, element.resistance)
        case Switch():
            dead = (element.dead_time,) if element.gate == "complement" else ()
            return SWITCH, (element.on_resistance, element.off_resistance, element.drop, *dead)
        case Diode():
            return DIODE, (
                element.drop,
                element.saturation_current,
                element.emission,
                element.resistance,
            )
        case _:
            raise TypeError(f"the solver has no model for {element!r}")


@cache
def network_of(circuit: Circuit) -> Network:
    """Translate a declaration. The input source must stand between a node and ground."""
    (source,) = circuit.of_type(Source)
    if source.b != GROUND:
        raise ValueError("the input source must have its negative end at ground")
    known = {GROUND: GROUND_NODE, source.a: INPUT_NODE}
    free = [n for n in circuit.nodes if n not in known]
    node_index = known | {n: i for i, n in enumerate(free)}

    inductors = circuit.of_type(Inductor)
    stores = (*inductors, *circuit.of_type(Capacitor))
    switches, diodes = circuit.of_type(Switch), circuit.of_type(Diode)
    order = {e.name: i for group in (stores, switches, diodes) for i, e in enumerate(group)}

    names: dict[str, int] = {}
    kinds, nodes, columns = [], [], []
    for element in circuit.elements:
        kind, parameters = _parameters_of(element)
        kinds.append(kind)
        nodes.append((node_index[element.a], node_index[element.b]))
        row = [names.setdefault(p, len(names)) for p in parameters]
        columns.append(row + [0] * (_WIDTH - len(row)))
    couplings = [
        (order[c.first], order[c.second], names.setdefault(c.name, len(names)))
        for c in circuit.couplings
    ]
    plan = Plan(
        kinds=_integers(kinds),
        nodes=_integers(nodes),
        order=_integers([order.get(e.name, -1) for e in circuit.elements]),
        columns=_integers(columns),
        complement=_integers([s.gate == "complement" for s in switches]),
        couplings=_integers(couplings).reshape(-1, 3),
        unknowns=len(free),
        states=len(stores),
        inductors=len(inductors),
        output=node_index[OUTPUT],
        switches=len(switches),
        diodes=len(diodes),
    )
    state_names = tuple(e.name for e in stores)
    return Network(circuit.elements, plan, tuple(free), tuple(names), state_names)


def _integers(values: Sequence[object]) -> IntArray:
    return np.array(values, dtype=np.int64)
