"""What real parts can do: rules that derive a part's secondary properties from its main value.

Each rule is a counterweight: without it the optimum of a design search sits in a corner. They are
scaling laws through data sheets, good to some tens of percent, and every derived number can be
overridden. All quantities are arrays of shape (n,), SI units. docs/parts.md has the
sources, and says which of them were read.
"""

from arcs_engine.circuits.parts.capacitors import (
    TECHNOLOGIES,
    Capacitors,
    bias_share,
    capacitor,
    esr_bound,
    input_capacitance,
)
from arcs_engine.circuits.parts.inductors import Coil, inductor, peak_current
from arcs_engine.circuits.parts.semiconductors import (
    OFF_RESISTANCE,
    THERMAL_VOLTAGE,
    Die,
    body_diode,
    forward_voltage,
    mosfet,
    rectifier,
)
from arcs_engine.circuits.parts.standards import (
    CAPACITOR_CLASSES,
    CAPACITOR_DERATING,
    CURRENT_CLASSES,
    CURRENT_DERATING,
    RESISTOR_CLASSES,
    RESISTOR_DERATING,
    SATURATION_DERATING,
    VOLTAGE_CLASSES,
    VOLTAGE_DERATING,
    rating_above,
    rating_bought,
)
from arcs_engine.circuits.parts.transformers import (
    Winding,
    flyback_transformer,
    forward_transformer,
)

__all__ = [
    "CAPACITOR_CLASSES",
    "CAPACITOR_DERATING",
    "CURRENT_CLASSES",
    "CURRENT_DERATING",
    "OFF_RESISTANCE",
    "RESISTOR_CLASSES",
    "RESISTOR_DERATING",
    "SATURATION_DERATING",
    "TECHNOLOGIES",
    "THERMAL_VOLTAGE",
    "VOLTAGE_CLASSES",
    "VOLTAGE_DERATING",
    "Capacitors",
    "Coil",
    "Die",
    "Winding",
    "bias_share",
    "body_diode",
    "capacitor",
    "esr_bound",
    "flyback_transformer",
    "forward_transformer",
    "forward_voltage",
    "inductor",
    "input_capacitance",
    "mosfet",
    "peak_current",
    "rating_above",
    "rating_bought",
    "rectifier",
]
