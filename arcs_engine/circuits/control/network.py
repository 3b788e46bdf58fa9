"""The linear network that a compensator is declared as, and its state space.

The same elements become the lines of a deck (`arcs_engine.simulation.netlist.compensator`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from arcs_engine.circuits.circuit import GROUND, OUTPUT, Element
from arcs_engine.circuits.control.linear_system import LinearSystem
from arcs_engine.circuits.spec import FloatArray

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
        elements: at least one capacitor; where constant sources are among them, no capacitor
            integrates without end.
    """
    capacitors = [e for e in elements if isinstance(e, Capacitance)]
    equations = _Equations(elements, len(capacitors))
    held = [equations.hold(node, GROUND) for node in _INPUTS]
    currents = [equations.hold(c.a, c.b) for c in capacitors]
    for element in elements:
        equations.add(element)
    known = [*currents, *held]
    for column, row in enumerate(known):
        equations.sources[row, column] = 1.0
    solved = np.asarray(np.linalg.solve(equations.matrix, equations.sources), np.float64)
    slopes = solved[currents] / np.array([[c.value] for c in capacitors])
    states = len(capacitors)
    a, b, drift = slopes[:, :states], slopes[:, states:-1], slopes[:, -1]
    return LinearSystem(
        a=a,
        b=b,
        c=solved[equations.nodes[CONTROL], :states],
        rest=-np.linalg.solve(a, drift) if drift.any() else np.zeros(states),
        states=tuple(c.name for c in capacitors),
    )


class _Equations:
    """Kirchhoff's current law at each node, and a row for each voltage that is held.

    Attributes:
        nodes: their row, and column, by name; ground has none.
        matrix: over voltages of nodes and currents of what holds a voltage, shape (n, n).
        sources: over states, inputs and the constant 1, shape (n, states + 3).
    """

    def __init__(self, elements: Sequence[ControlElement], states: int) -> None:
        names = dict.fromkeys((*_INPUTS, *(node for e in elements for node in _nodes(e))))
        names.pop(GROUND, None)
        self.nodes = {name: index for index, name in enumerate(names)}
        held = sum(isinstance(e, VoltageGain | FixedVoltage) for e in elements)
        size = len(self.nodes) + len(_INPUTS) + states + held
        self.matrix: FloatArray = np.zeros((size, size))
        self.sources: FloatArray = np.zeros((size, states + len(_INPUTS) + 1))
        self._next = len(self.nodes)

    def add(self, element: ControlElement) -> None:
        """Write an element that is no capacitor into the equations."""
        match element:
            case Resistance():
                ends = self._between(element.a, element.b)
                self.matrix += np.outer(ends, ends) / element.value
            case Transconductance():
                ends = self._between(element.a, element.b)
                sensed = self._between(element.plus, element.minus)
                self.matrix += np.outer(ends, sensed) * element.value
            case VoltageGain():
                sensed = self._between(element.plus, element.minus)
                self.matrix[self.hold(element.a, element.b)] -= sensed * element.value
            case FixedVoltage():
                self.sources[self.hold(element.a, element.b), -1] = element.value

    def hold(self, plus: str, minus: str) -> int:
        """Hold the voltage between two nodes, and return the row of its equation and current."""
        row = self._next
        self._next += 1
        ends = self._between(plus, minus)
        self.matrix[row] += ends
        self.matrix[:, row] += ends
        return row

    def _between(self, plus: str, minus: str) -> FloatArray:
        """Return the voltage from one node to another, as a row."""
        row = np.zeros(len(self.matrix))
        for node, sign in ((plus, 1.0), (minus, -1.0)):
            if node != GROUND:
                row[self.nodes[node]] += sign
        return row


def _nodes(element: ControlElement) -> tuple[str, ...]:
    controls = (element.plus, element.minus) if isinstance(element, Controlled) else ()
    return (element.a, element.b, *controls)
