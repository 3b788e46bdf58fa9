"""What regulates a converter: modulators and compensators, declared once.

A compensator is a linear circuit between named nodes. Its state space, its transfer function, its
lines in a deck and its list of parts are all read from this one declaration.
"""

from arcs_engine.circuits.control.averaged import (
    OutputFilter,
    Plant,
    current_plant,
    voltage_plant,
)
from arcs_engine.circuits.control.compensator import Compensator, Corners, PartValues
from arcs_engine.circuits.control.goal import Divider, LoopGoal, k_factor
from arcs_engine.circuits.control.linear_system import LinearSystem
from arcs_engine.circuits.control.methods import (
    COMPENSATORS,
    METHODS,
    Methods,
    compensators,
    peak_current_mode,
    voltage_mode,
)
from arcs_engine.circuits.control.modulators import (
    Modulator,
    PeakCurrentMode,
    Slopes,
    VoltageMode,
    inductor_slopes,
)
from arcs_engine.circuits.control.op_amp import OpAmp, OpAmpTypeThree, OpAmpTypeTwo
from arcs_engine.circuits.control.optocoupler import Optocoupler, Tl431
from arcs_engine.circuits.control.ota import Ota, OtaTypeThree, OtaTypeTwo
from arcs_engine.circuits.control.supplied_led import SuppliedTl431
from arcs_engine.circuits.control.textbook import TextbookCompensator, textbook_compensator
from arcs_engine.circuits.control.wishes import ControlSpec

__all__ = [
    "COMPENSATORS",
    "METHODS",
    "Compensator",
    "ControlSpec",
    "Corners",
    "Divider",
    "LinearSystem",
    "LoopGoal",
    "Methods",
    "Modulator",
    "OpAmp",
    "OpAmpTypeThree",
    "OpAmpTypeTwo",
    "Optocoupler",
    "Ota",
    "OtaTypeThree",
    "OtaTypeTwo",
    "OutputFilter",
    "PartValues",
    "PeakCurrentMode",
    "Plant",
    "Slopes",
    "SuppliedTl431",
    "TextbookCompensator",
    "Tl431",
    "VoltageMode",
    "compensators",
    "current_plant",
    "inductor_slopes",
    "k_factor",
    "peak_current_mode",
    "textbook_compensator",
    "voltage_mode",
    "voltage_plant",
]
