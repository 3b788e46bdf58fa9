"""Settings typed as ``NAME=VALUE``: design values, locks and parameters of single parts.

A part's parameter is named by the part (``D1.vf``) or by its kind, which means every part of that
kind (``diode.vf``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from arcs_engine.circuits.circuit import (
    INPUT_CAPACITOR,
    Capacitor,
    Diode,
    Element,
    Inductor,
    Resistor,
    Switch,
)
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import DesignError, printable
from arcs_engine.foundation.units import parse_quantity

_PARAMETERS: dict[type[Element], tuple[str, dict[str, str]]] = {
    # kind of element: (its name, parameter: unit)
    Inductor: ("inductor", {"dcr": "Ω"}),
    Switch: ("switch", {"roff": "Ω", "vdrop": "V", "qg": "C", "qoss": "C"}),
    Diode: ("diode", {"vf": "V", "is": "A", "n": "", "rs": "Ω", "trr": "s", "cj": "F"}),
}

_ZERO_ALLOWED = {"dcr", "vf", "vdrop", "rs", "qg", "qoss", "qrr", "trr", "cj"}
"""Parameters that may be zero; a design value, a saturation current or a roff may not."""


@dataclass(frozen=True)
class Assignments:
    """What was set, by name, SI units: design values, and parameters of parts."""

    values: dict[str, float] = field(default_factory=dict)
    overrides: dict[str, float] = field(default_factory=dict)


def parse_assignments(texts: Iterable[str], topology: Topology, option: str) -> Assignments:
    """Read settings such as ``L1=22u``, ``D1.rs=10m`` or ``diode.vf=0.4``.

    Args:
        texts: one ``NAME=VALUE`` each; a later one of the same name counts.
        topology: whose names they are.
        option: what the user typed them after, for the message.

    Raises:
        DesignError: for a name that the topology does not have, or a value that cannot be.
        QuantityError: for a value that cannot be read.
    """
    found = Assignments()
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise DesignError(
                f"{option}: '{printable(text)}' is not NAME=VALUE; an example is L1=22u."
            )
        assign(found, name.strip(), value, topology, option)
    return found


def assign(
    found: Assignments, name: str, value: str | float, topology: Topology, where: str
) -> None:
    """Add one setting to `found`; errors as `parse_assignments`.

    Args:
        found: receives the value.
        name: of a design value, or of a part's parameter.
        value: SI, or a text such as ``22u``.
        topology: whose name it is.
        where: option or file entry, for the message.
    """
    units = {design_value.name: design_value.unit for design_value in topology.design_values}
    if name in units:
        found.values[name] = read_value(value, units[name], f"{where} {name}")
        return
    known = parameters(topology)
    if name not in known:
        raise DesignError(
            f"{where}: the {topology.title} has no '{printable(name)}'; "
            f"choose one of {', '.join([*units, *known])}."
        )
    unit, targets = known[name]
    zero_allowed = name.partition(".")[2] in _ZERO_ALLOWED
    number = read_value(value, unit, f"{where} {name}", zero_allowed=zero_allowed)
    found.overrides.update(dict.fromkeys(targets, number))


def value_names(topology: Topology) -> list[str]:
    """Return the names of a topology's design values, in declared order."""
    return [value.name for value in topology.design_values]


def parameters(topology: Topology) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the part parameters that may be set: by name, the unit and the parameters meant."""
    known: dict[str, tuple[str, tuple[str, ...]]] = {}
    for kind, (title, units) in _PARAMETERS.items():
        parts = topology.circuit.of_type(kind)
        for suffix, unit in units.items() if parts else ():
            targets = tuple(f"{part.name}.{suffix}" for part in parts)
            known[f"{title}.{suffix}"] = (unit, targets)
            known.update({target: (unit, (target,)) for target in targets})
    for switch in topology.circuit.of_type(Switch):
        if switch.gate == "complement":  # its on-resistance is derived, no design value
            own = {
                switch.on_resistance: "Ω",
                switch.dead_time: "s",
                switch.recovered_charge: "C",
            }
            known.update({name: (unit, (name,)) for name, unit in own.items()})
    for core in topology.magnetics:  # square and cubic metres take no prefix
        known.update({name: ("", (name,)) for name in (core.turns_area, core.core_volume)})
    for inductor in topology.circuit.of_type(Inductor):
        if inductor not in topology.windings or not topology.core_winding:
            name = inductor.alternating_resistance
            known[name] = ("Ω", (name,))
    known.update({k.name: ("", (k.name,)) for k in topology.circuit.couplings})
    for capacitor in (*topology.circuit.of_type(Capacitor), INPUT_CAPACITOR):
        own = {capacitor.capacitance: "F", capacitor.resistance: "Ω"}
        known.update({name: (unit, (name,)) for name, unit in own.items()})
    known.update({r.name: ("Ω", (r.name,)) for r in topology.circuit.of_type(Resistor)})
    return {name: entry for name, entry in known.items() if name not in value_names(topology)}


def read_value(value: str | float, unit: str, where: str, *, zero_allowed: bool = False) -> float:
    """Return a positive number from a text such as ``22u``, or check one that is a number."""
    number = parse_quantity(value if isinstance(value, str) else repr(value), unit, where)
    if number == 0 and not zero_allowed:
        raise DesignError(f"{where} must be above zero.")
    return number
