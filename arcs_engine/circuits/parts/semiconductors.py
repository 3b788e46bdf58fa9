"""MOSFETs and diodes: forward voltage, charges and recovery by voltage class."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from arcs_engine.circuits.circuit import Diode, Switch
from arcs_engine.circuits.parts.standards import CURRENT_CLASSES, VOLTAGE_DERATING, rating_bought
from arcs_engine.circuits.spec import FloatArray

THERMAL_VOLTAGE = 1.380649e-23 * 300.15 / 1.602176634e-19
"""kT/q at ngspice's default temperature of 27 degrees C, V."""

OFF_RESISTANCE = 1e7
"""Resistance of an open switch, ohm (leakage of a MOSFET at some tens of volts, microamperes)."""

# Forward voltage at rated current by reverse voltage class: Schottky diodes 1N5820 to 1N5822
# (0.475, 0.5, 0.525 V at 3 A), SS36 (0.70 V), SS38 and SS310 (0.85 V), MBRS3150 (0.90 V); above
# 150 V ultrafast ES3D, ES3G, ES3J (0.95, 1.25, 1.70 V), as their data sheets list them at 25 C.
_DIODE_CLASSES = np.array([20, 30, 40, 60, 100, 150, 200, 400, 600, 1200.0])
_DIODE_FORWARD = np.array([0.475, 0.50, 0.525, 0.70, 0.85, 0.90, 0.95, 1.25, 1.70, 2.2])
_DIODE_EMISSION = 1.05
_DIODE_RESISTIVE_SHARE = 0.3
"""Share of the rated forward voltage across the bulk, read off the 1N5822's curve (0.34 V at 1 A
and 0.525 V at 3 A, of which the junction explains 30 mV)."""

# Reverse recovery time, s: none in a Schottky diode; ES3A to ES3D 20 ns, ES3J 35 ns (Fairchild data
# sheet ES3A-ES3J, IF = 0.5 A, IR = 1 A); UF-type diodes above 600 V 75 ns.
_DIODE_RECOVERY = np.array([0, 0, 0, 0, 0, 0, 20e-9, 35e-9, 35e-9, 75e-9])

# Junction capacitance at 4 V over the rated current, F/A: 1N5822 190 pF, ES3A to ES3J 45 pF (data
# sheets), 3 A each.
_DIODE_CAPACITANCE = np.array([63e-12] * 6 + [15e-12] * 4)


def rectifier(name: str, reverse: FloatArray, current: FloatArray) -> dict[str, FloatArray]:
    """Return the parameters of a rectifier diode.

    Args:
        name: element name.
        reverse: peak reverse voltage in the circuit, V.
        current: current that the part is rated for in the circuit (mean of the forward pulse), A.
    """
    classes = np.minimum(
        np.searchsorted(_DIODE_CLASSES, reverse / VOLTAGE_DERATING), len(_DIODE_CLASSES) - 1
    )
    forward = _DIODE_FORWARD[classes]
    rated = rating_bought(current, CURRENT_CLASSES)
    part = Diode(name, "", "")
    return _junction(part, rated, forward) | {
        part.recovery_time: _DIODE_RECOVERY[classes],
        part.junction_capacitance: _DIODE_CAPACITANCE[classes] * rated,
    }


def _junction(part: Diode, rated: FloatArray, forward: FloatArray) -> dict[str, FloatArray]:
    """Return a diode's parameters for its forward voltage, V, at its rated current, A."""
    junction = (1 - _DIODE_RESISTIVE_SHARE) * forward
    emission = np.full_like(rated, _DIODE_EMISSION)
    return {
        part.drop: np.zeros_like(rated),
        part.saturation_current: rated / np.expm1(junction / (emission * THERMAL_VOLTAGE)),
        part.emission: emission,
        part.resistance: _DIODE_RESISTIVE_SHARE * forward / rated,
    }


def forward_voltage(
    part: Diode, parameters: Mapping[str, FloatArray], current: FloatArray
) -> FloatArray:
    """Return what a diode drops at a current, A, in V, by the law that `Diode` states."""
    junction = np.log1p(current / parameters[part.saturation_current])
    return np.asarray(
        parameters[part.drop]
        + parameters[part.emission] * THERMAL_VOLTAGE * junction
        + parameters[part.resistance] * current
    )


_BODY_FORWARD = 0.85
_BODY_RATING = 0.14
"""Forward voltage of a MOSFET's body diode (typical at 50 A: BSC028N06NS data sheet, 2.8 mOhm), and
the current at which it has it over that at which the channel drops a volt."""


def body_diode(name: str, on_resistance: FloatArray) -> dict[str, FloatArray]:
    """Return the parameters of the body diode of a MOSFET, whose area goes with 1 / Rds(on).

    Its charges are the MOSFET's: those of its `Die`.
    """
    part, rated = Diode(name, "", ""), _BODY_RATING / on_resistance
    return _junction(part, rated, np.full_like(rated, _BODY_FORWARD)) | {
        part.recovery_time: np.zeros_like(rated),
        part.junction_capacitance: np.zeros_like(rated),
    }


def mosfet(name: str, on_resistance: FloatArray) -> dict[str, FloatArray]:
    """Return the parameters of a MOSFET as a switch."""
    part = Switch(name, "", "")
    return {
        part.on_resistance: on_resistance,
        part.off_resistance: np.full_like(on_resistance, OFF_RESISTANCE),
        part.drop: np.zeros_like(on_resistance),
    }


@dataclass(frozen=True)
class Die:
    """The die of a MOSFET, whose charges go with its area, shape (n,) each.

    Attributes:
        on_resistance: Rds(on), ohm.
        voltage_class: rated drain-source voltage, V.
    """

    on_resistance: FloatArray
    voltage_class: FloatArray

    @property
    def gate_charge(self) -> FloatArray:
        """Total gate charge at 10 V drive, C.

        The figure of merit Rds(on) Qg by voltage class follows 104 mOhm nC (V / 60 V)^1.6 over
        data sheets of one technology generation: BSC028N06NS 2.8 mOhm 37 nC, BSC060N10NS3 6 mOhm
        51 nC, BSC190N15NS3 19 mOhm 23 nC, BSC320N20NS3 32 mOhm 22 nC (Infineon OptiMOS 3 and 5).
        Below 45 V it stays at 62 mOhm nC, where channel and package no longer shrink with the
        voltage.
        """
        merit = 104e-12 * np.maximum((self.voltage_class / 60) ** 1.6, 0.6)
        return merit / self.on_resistance

    @property
    def output_charge(self) -> FloatArray:
        """Output charge Qoss at half the rated voltage, C.

        1.16 times the gate charge: 43 nC and 37 nC in the BSC028N06NS data sheet.
        """
        return 1.16 * self.gate_charge

    @property
    def recovered_charge(self) -> FloatArray:
        """Charge that the body diode gives back when it is turned off, C.

        As much as the gate charge: both go with the area of the die, and low-voltage trench parts
        of this generation have about as much of one as of the other.
        """
        return self.gate_charge
