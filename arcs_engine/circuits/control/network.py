"""The linear network that a compensator is declared as, and its state space.

The same elements become the lines of a deck (`arcs_engine.simulation.netlist.compensator`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from arcs_engine.circuits.circuit import GROUND, OUTPUT, Element
from arcs_engine.circuits.control.linear_system import LinearSystem

REFERENCE: Final = "ref"
"""Node of the reference voltage."""

CONTROL: Final = "vc"
"""Node of the control voltage, which the comparator reads."""

_INPUTS: Final = (OUTPUT, REFERENCE)


@dataclass(frozen=True)
class Resistance(Element):
    """An ideal resistor, `value` in ohm."""

    value: float


@dataclass(frozen=True)
class Capacitance(Element):
    """An ideal capacitor, `value` in farad; its voltage, a state, is counted from `a` to `b`."""

    value: float


@dataclass(frozen=True)
class Controlled(Element):
    """A source that follows the voltage from `plus` to `minus`."""

    plus: str
    minus: str
    value: float


@dataclass(frozen=True)
class Transconductance(Controlled):
    """A current from `a` through the source to `b`; `value` in siemens."""


@dataclass(frozen=True)
class VoltageGain(Controlled):
    """A voltage from `a` to `b`; `value` in V/V."""


@dataclass(frozen=True)
class FixedVoltage(Element):
    """A constant voltage from `a` to `b`, `value` in volt."""

    value: float


ControlElement = Resistance | Capacitance | Transconductance | VoltageGain | FixedVoltage


def state_space(elements: Sequence[ControlElement]) -> LinearSystem:
    """Return the state space of a network from `OUTPUT` and `REFERENCE` to `CONTROL`.

    Modified nodal analysis (Ho, Ruehli and Brennan, IEEE Transactions on Circuits and Systems
    22(6), 1975) with each capacitor as a voltage source of its state's value: the currents through
    them are the derivatives. No loop may consist of capacitors and voltage sources alone.

    Args:
        elements: at least one capacitor, and no constant source without a path that holds its
            capacitors at rest.
    """
    names = dict.fromkeys(n for e in elements for n in _nodes(e) if n not in (GROUND, *_INPUTS))
    nodes = {name: index for index, name in enumerate((*_INPUTS, *names))}
    capacitors = [e for e in elements if isinstance(e, Capacitance)]
    branches = [*capacitors, *(e for e in elements if isinstance(e, VoltageGain | FixedVoltage))]
    size, states = len(nodes) + len(_INPUTS) + len(branches), len(capacitors)
    matrix, sources = np.zeros((size, size)), np.zeros((size, states + len(_INPUTS) + 1))

    def incidence(plus: str, minus: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        row = np.zeros(size)
        for node, sign in ((plus, 1.0), (minus, -1.0)):
            if node != GROUND:
                row[nodes[node]] += sign
        return row

    for element in elements:
        ends = incidence(element.a, element.b)
        if isinstance(element, Resistance):
            matrix += np.outer(ends, ends) / element.value
        elif isinstance(element, Transconductance):
            matrix += np.outer(ends, incidence(element.plus, element.minus)) * element.value
    first = len(nodes)
    for index, node in enumerate(_INPUTS):
        ends = incidence(node, GROUND)
        matrix[first + index] += ends
        matrix[:, first + index] += ends
        sources[first + index, states + index] = 1.0
    first += len(_INPUTS)
    for index, branch in enumerate(branches):
        ends = incidence(branch.a, branch.b)
        matrix[first + index] += ends
        matrix[:, first + index] += ends
        if isinstance(branch, Capacitance):
            sources[first + index, index] = 1.0
        elif isinstance(branch, VoltageGain):
            matrix[first + index] -= incidence(branch.plus, branch.minus) * branch.value
        else:
            sources[first + index, -1] = branch.value
    solved = np.linalg.solve(matrix, sources)
    capacitances = np.array([c.value for c in capacitors])
    slopes = solved[first : first + states] / capacitances[:, None]
    a, b, drift = slopes[:, :states], slopes[:, states:-1], slopes[:, -1]
    return LinearSystem(
        a=a,
        b=b,
        c=solved[nodes[CONTROL], :states],
        rest=-np.linalg.solve(a, drift) if drift.any() else np.zeros(states),
        states=tuple(c.name for c in capacitors),
    )


def _nodes(element: ControlElement) -> tuple[str, ...]:
    controls = (element.plus, element.minus) if isinstance(element, Controlled) else ()
    return (element.a, element.b, *controls)
