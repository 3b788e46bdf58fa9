"""ngspice, the judge: found, run, read and measured."""

from arcs_engine.simulation.ngspice.locate import find_ngspice, install_command, version
from arcs_engine.simulation.ngspice.measure import (
    Balance,
    Measurement,
    balance,
    final_state,
    measure,
    to_waveforms,
)
from arcs_engine.simulation.ngspice.rawfile import RawData
from arcs_engine.simulation.ngspice.runner import run

__all__ = [
    "Balance",
    "Measurement",
    "RawData",
    "balance",
    "final_state",
    "find_ngspice",
    "install_command",
    "measure",
    "run",
    "to_waveforms",
    "version",
]
