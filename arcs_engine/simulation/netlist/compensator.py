"""The lines of a deck that a compensator becomes.

Only resistors, capacitors and linear controlled sources, which both dialects write alike. Nodes and
devices get names of their own, so that a part R1 of the compensator is none of the power stage's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from arcs_engine.circuits.circuit import GROUND, OUTPUT
from arcs_engine.circuits.control.network import (
    REFERENCE,
    Capacitance,
    ControlElement,
    Controlled,
    FixedVoltage,
    Resistance,
    Transconductance,
    VoltageGain,
)
from arcs_engine.simulation.netlist.numbers import Values, number

_SUFFIX: Final = "_ctl"
_SENSED: Final = "sensed" + _SUFFIX
_LETTERS: Final[Mapping[type[ControlElement], str]] = {
    Resistance: "R",
    Capacitance: "C",
    Transconductance: "G",
    VoltageGain: "E",
    FixedVoltage: "V",
}


@dataclass(frozen=True)
class ControlCircuit:
    """A compensator at the output of a converter.

    Attributes:
        elements: of the compensator.
        state: initial voltages of its capacitors, V, by name: those of its state space and what
            they rest at (`LinearSystem.rest`).
        reference: V.
        inverting: whether the output is negative, and the compensator sees its magnitude.
        rise: time over which the reference rises from zero, s: a soft start; 0 for none.
    """

    elements: Sequence[ControlElement]
    state: Mapping[str, float]
    reference: float
    inverting: bool = False
    rise: float = 0.0

    def lines(self) -> Iterator[str]:
        """Yield the lines; `control_node` gives the node of the control voltage.

        Raises:
            DesignError: a value or an initial voltage is missing or cannot be simulated.
        """
        values = Values({REFERENCE: self.reference} | _parameters(self.elements), self.state)
        reference = values.positive(REFERENCE)
        source = f"PWL(0 0 {number(self.rise)} {reference})" if self.rise else f"DC {reference}"
        yield f"Vref{_SUFFIX} {control_node(REFERENCE)} {GROUND} {source}"
        if self.inverting:
            yield f"Esensed{_SUFFIX} {_SENSED} {GROUND} {GROUND} {OUTPUT} {number(1.0)}"
        for element in self.elements:
            yield self._line(element, values)

    def _line(self, element: ControlElement, values: Values) -> str:
        letter = _LETTERS[type(element)]
        name = element.name if element.name.startswith(letter) else letter + element.name
        words = [name + _SUFFIX, self._node(element.a), self._node(element.b)]
        if isinstance(element, Controlled):
            words += [self._node(element.plus), self._node(element.minus)]
        if isinstance(element, FixedVoltage):
            words += ["DC", number(values.series(element.name))]
        else:
            words.append(values.positive(element.name))
        if isinstance(element, Capacitance):
            words.append(f"IC={values.initial(element.name)}")
        return " ".join(words)

    def _node(self, node: str) -> str:
        if node == OUTPUT:
            return _SENSED if self.inverting else OUTPUT
        return control_node(node)


def control_node(node: str) -> str:
    """Return the name in a deck of a node of a compensator, other than the output."""
    return node if node == GROUND else node + _SUFFIX


def _parameters(elements: Sequence[ControlElement]) -> dict[str, float]:
    return {element.name: element.value for element in elements}
