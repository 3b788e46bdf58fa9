"""What a design is made of, part by part: chosen values, derived ones, and what each must stand."""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from arcs_engine.circuits.circuit import (
    INPUT_CAPACITOR,
    Capacitor,
    Coupling,
    Diode,
    Element,
    Inductor,
    Resistor,
    Switch,
)
from arcs_engine.circuits.topologies.base import Parameters
from arcs_engine.performance import losses
from arcs_engine.performance.bill import Origin, Part, Property
from arcs_engine.performance.corners import Assessment, assess
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.metrics import Stress

_PLAIN: Final[Mapping[type[Element], str]] = {Switch: "MOSFET", Resistor: "resistor"}
"""Kinds that need no more than the type of an element."""


def parts_of(design: Design) -> tuple[Part, ...]:
    """Return the parts of a design at its own operating point, those to buy first, then couplings.

    They are what the judge bought for it: a given duty and overrides count.
    """
    topology = design.topology
    found = assess(Designs.stacked([design]))
    stress: dict[str, dict[str, Stress]] = {}
    for need in found.needs():
        stress.setdefault(need.figure.part, {})[need.standard.quantity] = need.stress(0)
    shown = {name: float(np.ravel(value)[0]) for name, value in _shown(found).items()}
    elements = [INPUT_CAPACITOR, *topology.circuit.elements]
    listed: list[tuple[Element | Coupling, str]] = [
        (element, _kind(element, found)) for element in elements
    ]
    listed += [(coupling, "coupling") for coupling in topology.circuit.couplings]
    return tuple(
        Part(
            name=element.name,
            kind=kind,
            properties=tuple(_properties(element, shown, design)),
            stress=stress.get(element.name, {}),
            buy=found.board.to_buy(element.name),
        )
        for element, kind in listed
        if kind
    )


def _shown(found: Assessment) -> Parameters:
    """Return every parameter, those that follow from the stress among them."""
    topology, shown = found.designs.topology, dict(found.designs.parameters)
    for switch in topology.circuit.of_type(Switch):
        shown |= losses.charges(switch, found.designs.parameters, found.stresses.peaks[switch.name])
    for name, (bank, _) in found.board.banks.items():
        shown[_nominal(Capacitor(name, "", ""))] = bank.nominal
    return shown


def _nominal(capacitor: Capacitor) -> str:
    """Return the name of what a capacitor has without voltage, to have its value with it."""
    return f"{capacitor.name}.unbiased"


def _kind(element: Element, found: Assessment) -> str:
    """Say what kind of part an element is; nothing for source and load."""
    match element:
        case Diode():
            return _diode_kind(element, found)
        case Capacitor():
            return f"{found.board.technology(element)} capacitor"
        case Inductor():
            return "winding" if element in found.designs.topology.windings else "inductor"
    return _PLAIN.get(type(element), "")


def _diode_kind(diode: Diode, found: Assessment) -> str:
    if diode.name in found.designs.topology.body_diodes:
        return "body diode"
    recovers = found.designs.parameters[diode.recovery_time][0] > 0
    return "ultrafast diode" if recovers else "Schottky diode"


def _entries(element: Element | Coupling) -> Iterable[tuple[str, str, str]]:
    """Yield name, title and unit of what an element may have."""
    match element:
        case Switch():
            yield element.on_resistance, "on-resistance", "Ω"
            yield element.gate_charge, "gate charge at 10 V", "C"
            yield element.output_charge, "output charge at half its rated voltage", "C"
            yield element.recovered_charge, "recovered charge of the body diode", "C"
            yield element.drop, "constant drop", "V"
            yield element.off_resistance, "off-resistance", "Ω"
            yield element.dead_time, "dead time", "s"
        case Diode():
            yield element.drop, "constant drop", "V"
            yield element.saturation_current, "saturation current", "A"
            yield element.emission, "emission coefficient", ""
            yield element.resistance, "series resistance", "Ω"
            yield element.recovery_time, "reverse recovery time", "s"
            yield element.junction_capacitance, "junction capacitance at 4 V", "F"
        case Capacitor():
            yield element.capacitance, "capacitance at its voltage", "F"
            yield _nominal(element), "capacitance to buy, without voltage", "F"
            yield element.resistance, "series resistance", "Ω"
        case Inductor():
            yield element.inductance, "inductance", "H"
            yield element.resistance, "winding resistance", "Ω"
            yield element.alternating_resistance, "winding resistance to the ripple", "Ω"
            yield element.turns_area, "turns times core area", "m²"
            yield element.core_volume, "core volume", "m³"
        case Resistor():
            yield element.name, "resistance", "Ω"
        case Coupling():
            yield element.name, "coupling factor", ""


def _properties(
    element: Element | Coupling, shown: Mapping[str, float], design: Design
) -> Iterable[Property]:
    for name, title, unit in _entries(element):
        if name not in shown:
            continue
        origin: Origin = "derived"
        if name in design.overrides or name.replace(element.name, "diode") in design.overrides:
            origin = "given"
        elif name in design.values:
            origin = "chosen"
        yield Property(name=name, title=title, value=shown[name], unit=unit, origin=origin)
