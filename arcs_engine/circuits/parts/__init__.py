"""What real parts can do: rules that derive a part's secondary properties from its main value.

Each rule is a counterweight: without it the optimum of a design search sits in a corner. They are
scaling laws through data sheets, good to some tens of percent, and every derived number can be
overridden. All functions take and return arrays of shape (n,), SI units. docs/parts.md has the
sources, and says which of them were read.
"""

from arcs_engine.circuits.parts.capacitors import (
    TECHNOLOGIES,
    bias_share,
    capacitor,
    esr_bound,
    input_capacitance,
    ripple_rating,
    technology,
)
from arcs_engine.circuits.parts.inductors import (
    core_energy,
    core_time_constant,
    inductor,
    peak_current,
    saturation_energy,
    winding_resistance,
)
from arcs_engine.circuits.parts.semiconductors import (
    OFF_RESISTANCE,
    THERMAL_VOLTAGE,
    body_diode,
    gate_charge,
    mosfet,
    output_charge,
    recovered_charge,
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
from arcs_engine.circuits.parts.transformers import flyback_transformer, forward_transformer

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
    "bias_share",
    "body_diode",
    "capacitor",
    "core_energy",
    "core_time_constant",
    "esr_bound",
    "flyback_transformer",
    "forward_transformer",
    "gate_charge",
    "inductor",
    "input_capacitance",
    "mosfet",
    "output_charge",
    "peak_current",
    "rating_above",
    "rating_bought",
    "recovered_charge",
    "rectifier",
    "ripple_rating",
    "saturation_energy",
    "technology",
    "winding_resistance",
]
