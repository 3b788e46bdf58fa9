"""The lines of a deck that each kind of element becomes."""

import numpy as np

from arcs_engine.circuits.circuit import (
    Capacitor,
    Diode,
    Element,
    Inductor,
    Load,
    Resistor,
    Source,
    Switch,
)
from arcs_engine.foundation.errors import DesignError
from arcs_engine.simulation.netlist.converter import Converter
from arcs_engine.simulation.netlist.gate import NODES, THRESHOLD
from arcs_engine.simulation.netlist.names import device, inner_node, series_resistor
from arcs_engine.simulation.netlist.numbers import Values, number


def element_lines(element: Element, values: Values) -> list[str]:
    """Return the lines of one element, with what is in series with it.

    Raises:
        DesignError: a parameter is missing or cannot be simulated.
    """
    match element:
        case Source() | Load() | Resistor():
            return [_two_terminals(element, values)]
        case Inductor():
            return _inductor(element, values)
        case Capacitor():
            return _capacitor(element, values)
        case Switch():
            return _switch(element, values)
        case Diode():
            return _diode(element, values)
    raise DesignError(f"{element.name}: a deck cannot hold a {type(element).__name__}.")


def coupling_lines(converter: Converter) -> list[str]:
    """Return the lines that couple the windings of each transformer.

    Raises:
        DesignError: the coupling factors contradict each other; ngspice only warns of an
            inductance matrix that is not positive definite, and goes on to energy from nowhere.
    """
    circuit, values = converter.circuit, converter.values
    windings = {e.name: index for index, e in enumerate(circuit.of_type(Inductor))}
    matrix = np.eye(len(windings))
    lines = []
    for coupling in circuit.couplings:
        first, second = windings[coupling.first], windings[coupling.second]
        factor = values.positive(coupling.name)
        matrix[first, second] = matrix[second, first] = float(factor)
        prefix = "" if coupling.name.startswith("K") else "K"
        ends = (device(circuit.element(n)) for n in (coupling.first, coupling.second))
        lines.append(f"{prefix}{coupling.name} {' '.join(ends)} {factor}")
    if windings and np.linalg.eigvalsh(matrix)[0] <= 0:
        raise DesignError(
            "The coupling factors of the windings cannot all be true: each must be below 1, and "
            "all pairs on a core must be coupled."
        )
    return lines


def _two_terminals(element: Source | Load | Resistor, values: Values) -> str:
    match element:
        case Source():
            value = f"DC {values.positive('vin')}"
        case Load():
            value = values.positive("rload")
        case Resistor():
            value = values.positive(element.name)
    return f"{device(element)} {element.a} {element.b} {value}"


def _inductor(element: Inductor, values: Values) -> list[str]:
    resistance = values.series(element.resistance)
    end = inner_node(element) if resistance else element.b
    inductance, current = values.positive(element.inductance), values.initial(element.name)
    lines = [f"{device(element)} {element.a} {end} {inductance} IC={current}"]
    if resistance:
        lines.append(f"{series_resistor(element)} {end} {element.b} {number(resistance)}")
    return lines


def _capacitor(element: Capacitor, values: Values) -> list[str]:
    inner = inner_node(element)
    capacitance, voltage = values.positive(element.capacitance), values.initial(element.name)
    return [
        f"{series_resistor(element)} {element.a} {inner} {values.positive(element.resistance)}",
        f"{device(element)} {inner} {element.b} {capacitance} IC={voltage}",
    ]


def _switch(element: Switch, values: Values) -> list[str]:
    end, drop = _constant_drop(element, values.series(element.drop))
    model = f"SW_{element.name}"
    return [
        f"{device(element)} {element.a} {end} {NODES[element.gate]} 0 {model}",
        *drop,
        f".model {model} SW(RON={values.positive(element.on_resistance)} "
        f"ROFF={values.positive(element.off_resistance)} VT={number(THRESHOLD)} VH=0)",
    ]


def _diode(element: Diode, values: Values) -> list[str]:
    end, drop = _constant_drop(element, values.series(element.drop))
    model = f"D_{element.name}"
    return [
        f"{device(element)} {element.a} {end} {model}",
        *drop,
        f".model {model} D(IS={values.positive(element.saturation_current)} "
        f"N={values.positive(element.emission)} "
        f"RS={number(values.series(element.resistance))})",
    ]


def _constant_drop(element: Switch | Diode, drop: float) -> tuple[str, list[str]]:
    """Return the node where the element proper ends, and the source in series with it, if any."""
    if not drop:
        return element.b, []
    end = inner_node(element)
    return end, [f"V{element.name}_drop {end} {element.b} DC {number(drop)}"]
