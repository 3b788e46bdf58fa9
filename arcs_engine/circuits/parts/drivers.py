"""What it takes to drive and to control a converter: edges, dead time, gate, controller, sense.

Up to 1 MHz parts are discrete. Above, controller, driver and switches are one chip, whose loops
are short: its edges and its dead time shrink with the period. All arrays have shape (n,). Where no
data sheet is named, the figure is an estimate by what controllers of that kind state.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray

PLATEAU_CURRENT: Final = 1.0
"""Current of the gate driver through the plateau, A."""

PLATEAU_SHARE: Final = 0.3
"""Share of the gate charge that passes while voltage and current overlap (Qsw / Qg: 10 of 37 nC in
the BSC028N06NS data sheet)."""

FASTEST_EDGE: Final = 7e-9
FASTEST_SLEW: Final = 10e9
"""Shortest edge of a discrete switch, s, and steepest one, V/s: loop and gate inductance, and what
drivers and neighbours stand."""

DEAD_TIME: Final = 30e-9
"""Of a discrete half-bridge, s: in the middle of what drivers offer, some 10 to 60 ns."""

_INTEGRATED_FROM: Final = 1e6
_INTEGRATED_TO: Final = 2.2e6
_INTEGRATION: Final = 1.75
"""Integrated ones at 2 MHz have edges of 2 to 3 ns and dead times of 5 to 10 ns."""

GATE_VOLTAGE: Final = 10.0
"""Drive that the gate charges are given at, V."""

_LOWEST_SUPPLY, _HIGHEST_LINEAR, _AUXILIARY = 5.0, 75.0, 12.0
_FED_BACK: Final = (5.0, 15.0)

CONTROLLER_CURRENT: Final = 2e-3
"""Own current of a discrete controller, A (UCC28C42 2.3 mA, LM5145 about 2 mA)."""
INTEGRATED_CURRENT: Final = 0.5e-3
"""The same of a chip with its switches, A, at the switching frequency but without its gates."""

SENSE_VOLTAGE: Final = 0.1
OFFLINE_SENSE_VOLTAGE: Final = 1.0
"""Drop of a current-sense resistor at the current limit, V: low-voltage peak current controllers
(LM5022), and those of the UC384x kind (UCC28C42)."""
CURRENT_LIMIT: Final = 1.3
"""Current limit over the worst peak: room for the controller's tolerance and for a load step."""

SNUBBER_RATIO: Final = 3.0
"""Capacitor of an RC snubber over the one it damps; three to four times damps well."""


def _shrunk(fsw: FloatArray) -> FloatArray:
    """Return edges and dead time at a frequency over those of discrete parts."""
    limited = np.clip(fsw, _INTEGRATED_FROM, _INTEGRATED_TO)
    return (limited / _INTEGRATED_FROM) ** -_INTEGRATION


def edge_time(charge: FloatArray, voltage: FloatArray, fsw: FloatArray) -> FloatArray:
    """Return how long voltage and current overlap at an edge, s.

    What the driver takes for the plateau, 0.3 Qg / 1 A, but no less than the shortest edge and no
    steeper than the steepest.

    Args:
        charge: total gate charge, C.
        voltage: that the edge passes, V.
        fsw: Hz.
    """
    drive = PLATEAU_SHARE * charge / PLATEAU_CURRENT
    slew = np.abs(voltage) / FASTEST_SLEW
    return np.maximum(np.maximum(drive, FASTEST_EDGE * _shrunk(fsw)), slew)


def dead_time(fsw: FloatArray) -> FloatArray:
    """Return the time at each edge in which neither switch of a half-bridge conducts, s."""
    return DEAD_TIME * _shrunk(fsw)


def supply_voltage(vin: FloatArray, vout: FloatArray, isolated: bool) -> FloatArray:
    """Return the voltage that feeds controller and driver, V.

    The output where it may be fed back (5 to 15 V, not isolated), else the input through a linear
    regulator up to 75 V, else an auxiliary winding of 12 V. At least 5 V: a charge pump below.

    Args:
        vin: V.
        vout: V, magnitude.
        isolated: whether the output is.
    """
    linear = np.where(vin <= _HIGHEST_LINEAR, vin, _AUXILIARY)
    low, high = _FED_BACK
    fed_back = (vout >= low) & (vout <= high) & (vout < linear) & (not isolated)
    return np.maximum(np.where(fed_back, vout, linear), _LOWEST_SUPPLY)


def drive_loss(charge: FloatArray, supply: FloatArray, fsw: FloatArray) -> FloatArray:
    """Return what charging a gate takes from the supply, regulator included, W: Qg Vsupply f.

    The gate is driven to 10 V, or to the supply where that is less; its charge goes with that.

    Args:
        charge: gate charge at 10 V, C.
        supply: `supply_voltage`, V.
        fsw: Hz.
    """
    return charge * np.minimum(supply / GATE_VOLTAGE, 1.0) * supply * fsw


def is_integrated(fsw: FloatArray) -> NDArray[np.bool_]:
    """Say which frequencies take one chip with its switches, which senses without a resistor."""
    return np.asarray(fsw > _INTEGRATED_FROM)


def controller_loss(supply: FloatArray, fsw: FloatArray) -> FloatArray:
    """Return what the controller itself takes, gates apart, W."""
    return np.where(is_integrated(fsw), INTEGRATED_CURRENT, CONTROLLER_CURRENT) * supply


def sense_resistance(peak: FloatArray, drop: FloatArray | float = SENSE_VOLTAGE) -> FloatArray:
    """Return the current-sense resistor, ohm, whose drop, V, is reached at the current limit.

    Args:
        peak: worst peak current, A.
        drop: `SENSE_VOLTAGE` or `OFFLINE_SENSE_VOLTAGE`.
    """
    return drop / (CURRENT_LIMIT * peak)


def snubber_loss(capacitance: FloatArray, voltage: FloatArray, fsw: FloatArray) -> FloatArray:
    """Return the loss of an RC snubber, C V^2 f, W.

    Args:
        capacitance: that rings, F: of the rectifier's junction or the switch's output.
        voltage: that it swings by, V.
        fsw: Hz.
    """
    return SNUBBER_RATIO * capacitance * voltage**2 * fsw
