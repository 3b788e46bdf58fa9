"""What the elements and signals of a declaration are called in a deck."""

import re

from arcs_engine.circuits.circuit import (
    INPUT,
    OUTPUT,
    Capacitor,
    Circuit,
    Diode,
    Element,
    Inductor,
    Load,
    Source,
    Switch,
)
from arcs_engine.foundation.errors import DesignError
from arcs_engine.simulation.netlist.gate import NODES

RESERVED_NODES = ("step", "step_x", "gate_soft", "gate2_soft")
RESERVED_DEVICES = ("Istep", "Rstep", "Sstep", "Vstep")
"""Names that a stimulus gives (see `arcs_engine.simulation.netlist.stimulus`)."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{0,31}", re.ASCII)


def device(element: Element) -> str:
    """Return the name of an element in the deck: its own, behind SPICE's letter for its kind."""
    match element:
        case Source():
            return "Vin"
        case Load():
            return "Rload"
        case Switch():
            return f"S{element.name}"
        case Diode():
            prefix = "D"
        case Inductor():
            prefix = "L"
        case Capacitor():
            prefix = "C"
        case _:
            prefix = "R"
    return element.name if element.name.startswith(prefix) else prefix + element.name


def inner_node(element: Element) -> str:
    """Return the node between the ideal part of an element and what is in series with it."""
    return f"{element.name}_x"


def series_resistor(element: Inductor | Capacitor) -> str:
    """Return the name of the winding's or the capacitor's series resistance in the deck."""
    return f"R{element.name}_{'dcr' if isinstance(element, Inductor) else 'esr'}"


def signals(circuit: Circuit) -> dict[str, str]:
    """Return ngspice's name for each signal of the declaration.

    The signals are ``v(node)`` for every node but ground, and ``i(element)`` for every element,
    counted from a to b.
    """
    names = {f"v({node})": f"v({node.lower()})" for node in circuit.nodes}
    for element in circuit.elements:
        own = device(element).lower()
        if isinstance(element, Inductor | Source):
            vector = f"i({own})"
        else:
            vector = f"@{own}[{'id' if isinstance(element, Diode) else 'i'}]"
        names[f"i({element.name})"] = vector
    return names


def saved(circuit: Circuit) -> list[str]:
    """Return what a run must save: every signal, and the nodes inside the capacitors."""
    inside = [f"v({inner_node(c).lower()})" for c in circuit.of_type(Capacitor)]
    return [*signals(circuit).values(), *inside]


def check_names(circuit: Circuit) -> None:
    """Raise `DesignError` unless every name can be written into a deck and means one thing there.

    SPICE does not tell upper from lower case.
    """
    nodes = [
        *circuit.nodes,
        *NODES.values(),
        *RESERVED_NODES,
        *(inner_node(e) for e in circuit.elements),
    ]
    names = [e.name for e in circuit.elements] + [k.name for k in circuit.couplings]
    devices = [*RESERVED_DEVICES, *(device(e) for e in circuit.elements)] + [
        series_resistor(e) for e in circuit.elements if isinstance(e, Inductor | Capacitor)
    ]
    for name in (*nodes, *names):
        if not _NAME.fullmatch(name):
            raise DesignError(
                f"{name!r} cannot be a name in a simulation; use letters, digits and underscores."
            )
    for kind in (nodes, names, devices):
        lower = [n.lower() for n in kind]
        doubles = sorted({n for n in lower if lower.count(n) > 1})
        if doubles:
            raise DesignError(f"The name {doubles[0]} stands for two things in the circuit.")
    for kind_of_one in (Source, Load):
        if len(circuit.of_type(kind_of_one)) != 1:
            raise DesignError(f"A circuit needs exactly one {kind_of_one.__name__.lower()}.")
    if INPUT not in circuit.nodes or OUTPUT not in circuit.nodes:
        raise DesignError("A circuit needs the nodes 'in' and 'out'.")
