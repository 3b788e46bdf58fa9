"""Parts as bad as they may come: what the corners are solved with.

Tolerances and temperature as data sheets state them, by kind of part; `analysis.tolerances` draws
from the same widths.
"""

from dataclasses import replace
from typing import Final

from arcs_engine.circuits.circuit import Capacitor, Inductor, Switch
from arcs_engine.circuits.topologies.textbook import Choices
from arcs_engine.performance.design import Designs

LEAST_INDUCTANCE: Final = 0.8
MOST_INDUCTANCE: Final = 1.2
"""Power inductors keep 20 % (letter M; Coilcraft MSS1278, document 322-1). Less makes ripple, peaks
and losses; more lowers the right-half-plane zero and stores what a released load sets free."""

LEAST_CAPACITANCE: Final = 0.8
"""Ceramic, polymer and wet electrolytic capacitors keep 20 % (letter M of IEC 60062)."""

SLOWEST_CLOCK: Final = 1 - Choices.clock_spread
"""Of an oscillator over its nominal frequency. At the
corners it stands as as much less inductance and capacitance: the waveforms over their period are
the same, and switching losses stay those of the nominal clock, which are more."""

MOST_ESR: Final = 1.5
"""At its largest over the typical one."""

HOT_COPPER: Final = 1.3
"""Copper at 100 °C over that at 25 °C, IEC 60028."""

HOT_SILICON: Final = 1.4
"""Rds(on) at 90 °C over that at 25 °C, in the middle of what silicon MOSFETs' curves show."""


def slow_inductance() -> float:
    """Return the inductance that the corners are solved with, over nominal."""
    return LEAST_INDUCTANCE * SLOWEST_CLOCK


def slow_capacitance() -> float:
    """Return the capacitance that the corners are solved with, over nominal."""
    return LEAST_CAPACITANCE * SLOWEST_CLOCK


def at_corners(designs: Designs) -> Designs:
    """Return designs of worst parts: least inductance, capacitance and clock, most resistance.

    Clamps stay: they are not what a spec is met with.
    """
    topology, parameters = designs.topology, dict(designs.parameters)
    for element in topology.circuit.elements:
        if element.name in topology.clamp_parts:
            continue
        match element:
            case Inductor():
                parameters[element.inductance] = parameters[element.inductance] * slow_inductance()
                parameters[element.resistance] = parameters[element.resistance] * HOT_COPPER
            case Capacitor():
                least = parameters[element.capacitance] * slow_capacitance()
                parameters[element.capacitance] = least
                parameters[element.resistance] = parameters[element.resistance] * MOST_ESR
            case Switch():
                hot = parameters[element.on_resistance] * HOT_SILICON
                parameters[element.on_resistance] = hot
    return replace(designs, parameters=parameters)


def at_load_steps(designs: Designs) -> Designs:
    """Return designs of the parts that deviate most when the load steps.

    The most inductance and the slowest clock make the loop slowest; the least capacitance has the
    least to give.
    """
    topology, parameters = designs.topology, dict(designs.parameters)
    for inductor in topology.circuit.of_type(Inductor):
        parameters[inductor.inductance] = parameters[inductor.inductance] * MOST_INDUCTANCE
    parameters["Cout"] = parameters["Cout"] * LEAST_CAPACITANCE
    parameters["Cout_esr"] = parameters["Cout_esr"] * MOST_ESR
    specs = replace(designs.specs, fsw=designs.specs.fsw * SLOWEST_CLOCK)
    return replace(designs, parameters=parameters, specs=specs)
