"""The SPICE deck of a declared circuit (requirements D1 to D4).

A deck is flat, self-contained and runs with plain ``ngspice -b FILE``. ngspice executes shell
commands from ``.control`` blocks and even from comments that begin with ``*#``; so nothing but
checked names, finite numbers and a filtered title is ever written into one.
"""

from arcs_engine.simulation.netlist.compensator import ControlCircuit
from arcs_engine.simulation.netlist.converter import Converter, GateDrive
from arcs_engine.simulation.netlist.deck import STEPS_PER_PERIOD, Deck, Dialect, clean_title
from arcs_engine.simulation.netlist.gate_loop import CONTROL_VOLTAGE, GateLoop
from arcs_engine.simulation.netlist.names import device, inner_node, saved, signals
from arcs_engine.simulation.netlist.stimulus import (
    LONGEST_SOFT_START,
    STEP_CURRENT,
    CurrentStep,
    LineStep,
    LoadStep,
    SoftStart,
    Stimulus,
)

__all__ = [
    "CONTROL_VOLTAGE",
    "LONGEST_SOFT_START",
    "STEPS_PER_PERIOD",
    "STEP_CURRENT",
    "ControlCircuit",
    "Converter",
    "CurrentStep",
    "Deck",
    "Dialect",
    "GateDrive",
    "GateLoop",
    "LineStep",
    "LoadStep",
    "SoftStart",
    "Stimulus",
    "clean_title",
    "device",
    "inner_node",
    "saved",
    "signals",
]
