"""ngspice, the judge: found, run, read and measured."""

from arcs_engine.simulation.ngspice.locate import find_ngspice, install_command, version
from arcs_engine.simulation.ngspice.measure import (
    Balance,
    Measurement,
    Window,
    final_state,
    to_waveforms,
)
from arcs_engine.simulation.ngspice.rawfile import RawData
from arcs_engine.simulation.ngspice.runner import run

__all__ = [
    "Balance",
    "Measurement",
    "RawData",
    "Window",
    "final_state",
    "find_ngspice",
    "install_command",
    "run",
    "to_waveforms",
    "version",
]
