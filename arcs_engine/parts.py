"""What real parts can do: rules that derive a part's secondary properties from its main value.

Each rule is a counterweight: without it the optimum of a design search sits in a corner. They are
scaling laws fitted to data sheets, good to some tens of percent, and every derived number can be
overridden. All functions take and return arrays of shape (n,), SI units.
"""

import numpy as np

from arcs_engine.circuit import Capacitor, Diode, Inductor, Switch
from arcs_engine.spec import FloatArray

THERMAL_VOLTAGE = 1.380649e-23 * 300.15 / 1.602176634e-19
"""kT/q at ngspice's default temperature of 27 degrees C, V."""

OFF_RESISTANCE = 1e7
"""Resistance of an open switch, ohm (leakage of a MOSFET at some tens of volts, microamperes)."""

VOLTAGE_CLASSES = np.array(
    [20, 30, 40, 60, 80, 100, 150, 200, 250, 300, 400, 500, 600, 650, 800, 900, 1000, 1200.0]
)
"""Standard ratings of power MOSFETs and rectifiers, V."""

CAPACITOR_CLASSES = np.array([4, 6.3, 10, 16, 25, 35, 50, 63, 80, 100, 160, 200, 250, 400, 450.0])
"""Standard rated voltages of capacitors, V (IEC 60384-1, R5 and R10 series as sold)."""

CURRENT_CLASSES = np.array([0.5, 1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200.0])
"""Standard ratings of rectifiers and of power inductors' saturation current, A."""

VOLTAGE_DERATING = 0.8
"""Share of a semiconductor's rated voltage that may be used (IPC-9592B, table A)."""

CAPACITOR_DERATING = 0.8
"""Share of a capacitor's rated voltage that may be used (IPC-9592B, table A)."""

SATURATION_DERATING = 0.7
"""Share of an inductor's saturation current that may be used."""


def rating_above(need: FloatArray, classes: FloatArray) -> FloatArray:
    """Return the smallest standard rating that is at least `need`; nan where there is none."""
    index = np.searchsorted(classes, need * (1 - 1e-12))
    padded = np.append(classes, np.nan)
    return np.asarray(padded[index])


def peak_current(average: FloatArray, ripple: FloatArray) -> FloatArray:
    """Return an inductor's peak current, A, from its mean and its CCM peak-to-peak ripple.

    Beyond the boundary (ripple above twice the mean) conduction is discontinuous and the peak is
    sqrt(2 mean ripple), which meets the CCM line at the boundary (Erickson and Maksimovic,
    Fundamentals of Power Electronics, 2nd ed., chapter 5, from the charge of one triangle).
    """
    continuous = ripple <= 2 * average
    return np.where(continuous, average + ripple / 2, np.sqrt(2 * average * ripple))


def core_time_constant(energy: FloatArray) -> FloatArray:
    """Return L/R of a winding that fills the core which stores `energy` (J) at saturation, s.

    It is set by the size of the core alone and grows with a power of the energy it stores, 2/3
    for cores of one shape (McLyman, Transformer and Inductor Design Handbook, chapter 8: area
    product). Anchored at shielded moulded power inductors of one maker, 1 uH 8.7 A 13 mOhm to
    10 uH 17.5 A 13 mOhm with 15 uH parts between (Coilcraft XAL series), which follow the power
    0.6 within a quarter.
    """
    return 0.85e-3 * (energy / 1.53e-3) ** 0.6


def saturation_energy(inductance: FloatArray, peak: FloatArray) -> FloatArray:
    """Return the energy at its saturation current of an inductor that carries up to `peak`, J."""
    return 0.5 * inductance * (peak / SATURATION_DERATING) ** 2


def winding_resistance(inductance: FloatArray, peak: FloatArray) -> FloatArray:
    """Return a power inductor's winding resistance, ohm; see `core_time_constant`."""
    return inductance / core_time_constant(saturation_energy(inductance, peak))


def inductor(name: str, inductance: FloatArray, peak: FloatArray) -> dict[str, FloatArray]:
    """Return the parameters of an inductor that carries up to `peak` ampere."""
    part = Inductor(name, "", "")
    return {
        part.inductance: inductance,
        part.resistance: winding_resistance(inductance, peak),
    }


def winding(
    name: str, inductance: FloatArray, time_constant: FloatArray, share: float
) -> dict[str, FloatArray]:
    """Return the parameters of a transformer's winding.

    Args:
        name: element name.
        inductance: of this winding, H.
        time_constant: L/R of a winding that fills the core alone, s.
        share: of the copper that this winding has. Equal shares for windings that carry equal
            ampere-turns make the least loss (Erickson and Maksimovic, 2nd ed., section 14.3.1).
    """
    part = Inductor(name, "", "")
    return {part.inductance: inductance, part.resistance: inductance / (time_constant * share)}


# One core as the anchor of both kinds of transformer, by its data sheet: TDK EFD 25/13/9 of N87,
# 58 mm2 core, 40 mm2 window of which 30 % is copper, 50 mm a turn, 160 nH a turn with a gap and
# 1.9 uH without.
GAPPED_GAIN = 3.5
"""L/R on a gapped ferrite core over that of a moulded power inductor which stores as much: the
anchor has 2.2 ms and stores 0.93 mJ at 0.3 T."""

UNGAPPED_GAIN = 45.0
"""The same without a gap, for the energy that stands for the transformer's area product: the anchor
has 26 ms and passes 46 W at 100 kHz."""

TRANSFORMER_SWING = 0.2
"""Flux density that a forward's core swings over in a period, T: core loss limits it above 50 kHz,
not saturation (Erickson and Maksimovic, 2nd ed., section 15.2)."""

_SATURATION_DENSITY = 0.3
"""Flux density of a ferrite core at the saturation current, T."""


def coupled_time_constant(inductance: FloatArray, peak: FloatArray) -> FloatArray:
    """Return L/R of a winding that fills the core of a flyback transformer, s.

    Args:
        inductance: of the primary, H.
        peak: primary current at turn-off, A.
    """
    return GAPPED_GAIN * core_time_constant(saturation_energy(inductance, peak))


def transformer_time_constant(
    volt_seconds: FloatArray, current: FloatArray, share: float
) -> FloatArray:
    """Return L/R of a winding that fills the core of a forward transformer, s.

    The core follows from the area product that voltage and current ask for, as an inductor's does
    from its energy: V t I / (swing share) against L Ipk Irms / B (McLyman, Transformer and Inductor
    Design Handbook, chapters 7 and 8).

    Args:
        volt_seconds: of the primary in the on-time, V s.
        current: rms current of the primary, A.
        share: of the copper that the primary has.
    """
    stored = volt_seconds * current * (_SATURATION_DENSITY / TRANSFORMER_SWING) / share
    return UNGAPPED_GAIN * core_time_constant(0.5 * stored / SATURATION_DERATING)


# Forward voltage at rated current by reverse voltage class: Schottky diodes 1N5820 to 1N5822
# (0.475, 0.5, 0.525 V at 3 A), SS36 (0.70 V), SS38 and SS310 (0.85 V), MBRS3150 (0.90 V); above
# 150 V ultrafast ES3D, ES3G, ES3J (0.95, 1.25, 1.70 V), as their data sheets list them at 25 C.
_DIODE_CLASSES = np.array([20, 30, 40, 60, 100, 150, 200, 400, 600, 1200.0])
_DIODE_FORWARD = np.array([0.475, 0.50, 0.525, 0.70, 0.85, 0.90, 0.95, 1.25, 1.70, 2.2])
_DIODE_EMISSION = 1.05
_DIODE_RESISTIVE_SHARE = 0.3
"""Share of the rated forward voltage across the bulk, read off the 1N5822's curve (0.34 V at 1 A
and 0.525 V at 3 A, of which the junction explains 30 mV)."""


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
    rated = np.nan_to_num(rating_above(current, CURRENT_CLASSES), nan=CURRENT_CLASSES[-1])
    junction = (1 - _DIODE_RESISTIVE_SHARE) * forward
    part = Diode(name, "", "")
    emission = np.full_like(forward, _DIODE_EMISSION)
    return {
        part.drop: np.zeros_like(forward),
        part.saturation_current: rated / np.expm1(junction / (emission * THERMAL_VOLTAGE)),
        part.emission: emission,
        part.resistance: _DIODE_RESISTIVE_SHARE * forward / rated,
    }


_BODY_FORWARD = 0.85
_BODY_RATING = 0.14
"""Forward voltage of a MOSFET's body diode (typical at 50 A: BSC028N06NS data sheet, 2.8 mOhm), and
the current at which it has it over that at which the channel drops a volt."""


def body_diode(name: str, on_resistance: FloatArray) -> dict[str, FloatArray]:
    """Return the parameters of the body diode of a MOSFET, whose area goes with 1 / Rds(on)."""
    part = Diode(name, "", "")
    rated = _BODY_RATING / on_resistance
    junction = (1 - _DIODE_RESISTIVE_SHARE) * _BODY_FORWARD
    emission = np.full_like(rated, _DIODE_EMISSION)
    return {
        part.drop: np.zeros_like(rated),
        part.saturation_current: rated / np.expm1(junction / (emission * THERMAL_VOLTAGE)),
        part.emission: emission,
        part.resistance: _DIODE_RESISTIVE_SHARE * _BODY_FORWARD / rated,
    }


def mosfet(name: str, on_resistance: FloatArray) -> dict[str, FloatArray]:
    """Return the parameters of a MOSFET as a switch."""
    part = Switch(name, "", "")
    return {
        part.on_resistance: on_resistance,
        part.off_resistance: np.full_like(on_resistance, OFF_RESISTANCE),
        part.drop: np.zeros_like(on_resistance),
    }


def capacitor(name: str, capacitance: FloatArray, esr: FloatArray) -> dict[str, FloatArray]:
    """Return the parameters of a capacitor."""
    part = Capacitor(name, "", "")
    return {part.capacitance: capacitance, part.resistance: esr}


def gate_charge(on_resistance: FloatArray, voltage_class: FloatArray) -> FloatArray:
    """Return a MOSFET's total gate charge at 10 V drive, C.

    The figure of merit Rds(on) Qg by voltage class follows 104 mOhm nC (V / 60 V)^1.6 over data
    sheets of one technology generation: BSC028N06NS 2.8 mOhm 37 nC, BSC060N10NS3 6 mOhm 51 nC,
    BSC190N15NS3 19 mOhm 23 nC, BSC320N20NS3 32 mOhm 22 nC (Infineon OptiMOS 3 and 5). Below 45 V
    it stays at 62 mOhm nC, where channel and package no longer shrink with the voltage.
    """
    return 104e-12 * np.maximum((voltage_class / 60) ** 1.6, 0.6) / on_resistance


def output_charge(on_resistance: FloatArray, voltage_class: FloatArray) -> FloatArray:
    """Return a MOSFET's output charge Qoss at half its rated voltage, C.

    About 1.2 times the gate charge over the same data sheets as `gate_charge`.
    """
    return 1.2 * gate_charge(on_resistance, voltage_class)


def esr_bound(capacitance: FloatArray, voltage: FloatArray) -> FloatArray:
    """Return the lowest equivalent series resistance that can be bought, ohm.

    The best of three technologies, each where it exists at that capacitance and working voltage:
    - multilayer ceramic (class II, up to some parts in parallel): 2.2 mOhm at 22 uF, falling with
      the square root of the capacitance (Murata SimSurfing curves of GRM32 parts near 300 kHz);
    - polymer: ESR C = 3.3 us and at least 4 mOhm (Panasonic OS-CON SVPF and SP-Cap data sheets);
    - aluminium electrolytic: ESR C = 25 us and at least 8 mOhm (Panasonic FR series, 100 kHz).
    """
    ceramic_limit = 220e-6 * np.minimum(1.0, 12.0 / voltage)
    polymer_limit = np.where(voltage <= 50, 2.7e-3 * np.minimum(1.0, 12.0 / voltage), 0.0)
    ceramic = np.where(capacitance <= ceramic_limit, 2.2e-3 * np.sqrt(22e-6 / capacitance), np.inf)
    polymer = np.where(capacitance <= polymer_limit, np.maximum(3.3e-6 / capacitance, 4e-3), np.inf)
    electrolytic = np.maximum(25e-6 / capacitance, 8e-3)
    return np.minimum(np.minimum(ceramic, polymer), electrolytic)
