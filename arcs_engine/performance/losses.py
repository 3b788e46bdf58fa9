"""Losses that the switched linear circuit does not have: switching, gate, recovery, core.

They are added to the simulated ones for `Metrics.efficiency_estimated`. All arrays have shape (n,).
"""

from typing import Final

import numpy as np

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import Diode, Inductor, Switch
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Parameters

DRIVE_VOLTAGE: Final = 10.0
"""Gate drive, V; the gate charges of `parts.Die.gate_charge` are given at it."""

DRIVE_CURRENT: Final = 1.0
"""Current of the gate driver through the plateau, A."""

SWITCHING_SHARE: Final = 0.3
"""Share of the gate charge that passes while voltage and current overlap (Qsw / Qg: 10 of 37 nC in
the BSC028N06NS data sheet, similar in its family)."""

CHARGING_SHARE: Final = 2 / 3
"""Share of Q V that is lost where a switch charges a junction to V. The junction's capacitance goes
with 1 / sqrt(V), so that it keeps Q V / 3 (Erickson and Maksimovic, 2nd ed., section 4.3.3)."""

CHEAPEST_PEAK: Final = 40 * parts.VOLTAGE_DERATING
"""Peak voltage of a main switch in the class that loses least, V. Charges grow with the class only
above 45 V; the output's at a given voltage falls with it, for it is that at half the rating."""

_CORE_DENSITY: Final = 375e3
_CORE_FREQUENCY_EXPONENT: Final = 1.35
_CORE_FLUX_EXPONENT: Final = 2.58
"""Steinmetz's equation of a power ferrite: 375 kW/m3 at 100 kHz and 200 mT (TDK N87 data sheet, 100
degrees C); exponents fitted to measurements from 25 to 500 kHz (Princeton MagNet, N87)."""


def voltage_class(peak_voltage: FloatArray) -> FloatArray:
    """Return the rating that is bought for a peak voltage, V; the largest where none is enough."""
    return parts.rating_bought(peak_voltage / parts.VOLTAGE_DERATING, parts.VOLTAGE_CLASSES)


def charges(switch: Switch, parameters: Parameters, peak_voltage: FloatArray) -> Parameters:
    """Return the charges of a MOSFET by parameter name, C: the given ones, else the rules'.

    Args:
        switch: which one.
        parameters: of the design.
        peak_voltage: highest drain-source voltage, V; sets the voltage class.
    """
    die = parts.Die(parameters[switch.on_resistance], voltage_class(peak_voltage))
    derived = {
        switch.gate_charge: die.gate_charge,
        switch.output_charge: die.output_charge,
    }
    if switch.gate == "complement":
        derived[switch.recovered_charge] = die.recovered_charge
    return {name: parameters.get(name, charge) for name, charge in derived.items()}


def _charging_loss(
    switch: Switch,
    charge: FloatArray,
    peak_voltage: FloatArray,
    voltage: FloatArray,
    fsw: FloatArray,
) -> FloatArray:
    """Return what charging (or discharging) a MOSFET's output to a voltage costs, W.

    The charge is that at half the rated voltage and grows with the square root of the voltage.
    """
    at_voltage = charge * np.sqrt(voltage / (voltage_class(peak_voltage) / 2))
    return CHARGING_SHARE * at_voltage * voltage * fsw


def main_switch_losses(
    switch: Switch,
    parameters: Parameters,
    peak_voltage: FloatArray,
    edges: FloatArray,
    fsw: FloatArray,
) -> Parameters:
    """Return the modelled losses of a hard-switched MOSFET by kind, W.

    Overlap: 1/2 V I t at each edge with t = Qsw / Ig; output charge: what the channel turns into
    heat at turn-on, Q V / 3 that the capacitance held; gate: Qg Vdrive (Erickson and Maksimovic,
    2nd ed., section 4.3).

    Args:
        switch: which one.
        parameters: of the design.
        peak_voltage: highest drain-source voltage, V; sets the voltage class.
        edges: current after turn-on, current before turn-off, voltage before turn-on, voltage after
            turn-off, shape (n, 4).
        fsw: Hz.
    """
    own = charges(switch, parameters, peak_voltage)
    gate, output = own[switch.gate_charge], own[switch.output_charge]
    overlap_time = SWITCHING_SHARE * gate / DRIVE_CURRENT
    current_on, current_off = np.abs(edges[:, 0]), np.abs(edges[:, 1])
    voltage_on, voltage_off = np.abs(edges[:, 2]), np.abs(edges[:, 3])
    stored = (1 - CHARGING_SHARE) / CHARGING_SHARE
    return {
        "switching": 0.5
        * overlap_time
        * (voltage_on * current_on + voltage_off * current_off)
        * fsw,
        "output charge": stored * _charging_loss(switch, output, peak_voltage, voltage_on, fsw),
        "gate": gate * DRIVE_VOLTAGE * fsw,
    }


def second_switch_losses(
    switch: Switch,
    parameters: Parameters,
    peak_voltage: FloatArray,
    valley: FloatArray,
    mean: FloatArray,
    fsw: FloatArray,
) -> Parameters:
    """Return the modelled losses that a synchronous rectifier causes, by kind, W.

    Its body diode conducts before it does, so there is no voltage at its edges. The main switch
    charges its output, and where current still flows at its turn-on also clears the body diode:
    Q V (Erickson and Maksimovic, 2nd ed., section 4.3.2), bounded as `rectifier_losses` says.

    Args:
        switch: which one.
        parameters: of the design.
        peak_voltage: highest drain-source voltage, V; also what it blocks.
        valley: its forward current just before the main switch turns on, A.
        mean: of its forward current and its body diode's, A.
        fsw: Hz.
    """
    own = charges(switch, parameters, peak_voltage)
    recovered = own[switch.recovered_charge] * peak_voltage * fsw
    recovered = np.minimum(recovered, _most_recovery(peak_voltage, mean))
    return {
        "gate": own[switch.gate_charge] * DRIVE_VOLTAGE * fsw,
        "output charge": _charging_loss(
            switch, own[switch.output_charge], peak_voltage, peak_voltage, fsw
        ),
        "recovery": np.where(valley > 0, recovered, 0.0),
    }


def _most_recovery(voltage: FloatArray, mean: FloatArray) -> FloatArray:
    """Return what recovery can cost at most, W: V times the rectifier's mean forward current.

    The charge q stored in a junction obeys dq/dt = i - q / lifetime (Erickson and Maksimovic, 2nd
    ed., section 4.2.1). Over a period of the steady state q comes back to where it was, so that no
    more is swept out than the forward current brought in: its mean times the period.
    """
    return np.asarray(voltage * np.maximum(mean, 0.0))


def rectifier_losses(
    diode: Diode,
    parameters: Parameters,
    peak_voltage: FloatArray,
    valley: FloatArray,
    mean: FloatArray,
    fsw: FloatArray,
) -> Parameters:
    """Return the modelled losses that a rectifier causes in the main switch, by kind, W.

    Recovery: V I trr, for the switch carries the diode's current at full voltage until the diode
    blocks (Erickson and Maksimovic, 2nd ed., section 4.3.2); none where the current has ended
    before, and never more than the charge that the diode took in (`_most_recovery`). Junction:
    charging its capacitance, which goes with 1 / sqrt(V).

    Args:
        diode: which one.
        parameters: of the design.
        peak_voltage: what it blocks, V.
        valley: its current just before the main switch turns on, A.
        mean: of its forward current, A.
        fsw: Hz.
    """
    current = np.maximum(valley, 0.0)
    charge = 2 * parameters[diode.junction_capacitance] * np.sqrt(4.0 * peak_voltage)
    recovered = peak_voltage * current * parameters[diode.recovery_time] * fsw
    return {
        "recovery": np.minimum(recovered, _most_recovery(peak_voltage, mean)),
        "junction": CHARGING_SHARE * charge * peak_voltage * fsw,
    }


def core_loss(
    winding: Inductor, parameters: Parameters, ripple: FloatArray, fsw: FloatArray
) -> FloatArray:
    """Return the core loss of an inductor or a transformer, W.

    Its flux density swings by L ΔI / (N Ae); half of that goes into Steinmetz's equation.

    Args:
        winding: the inductor, or the winding that stands for the core.
        parameters: of the design.
        ripple: peak-to-peak (magnetizing) current, A.
        fsw: Hz.
    """
    swing = parameters[winding.inductance] * np.maximum(ripple, 0.0)
    swing = swing / parameters[winding.turns_area]
    density = (
        _CORE_DENSITY
        * (fsw / 100e3) ** _CORE_FREQUENCY_EXPONENT
        * (swing / 2 / 0.2) ** _CORE_FLUX_EXPONENT
    )
    return density * parameters[winding.core_volume]


def winding_loss(winding: Inductor, parameters: Parameters, alternating: FloatArray) -> FloatArray:
    """Return what skin and proximity effect add to the simulated loss of an inductor, W.

    The whole ripple counts as its fundamental: of a triangle 98.6 % of the power.

    Args:
        winding: which inductor.
        parameters: of the design.
        alternating: rms value of its current without the mean, A.
    """
    direct = parameters[winding.resistance]
    excess = np.maximum(parameters[winding.alternating_resistance] - direct, 0.0)
    return excess * alternating**2
