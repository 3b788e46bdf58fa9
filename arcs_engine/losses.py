"""Losses that the switched linear circuit does not have: switching, gate charge, core.

They are added to the simulated ones for `Metrics.efficiency_estimated`. All arrays have shape (n,).
"""

from typing import Final

import numpy as np

from arcs_engine import parts
from arcs_engine.spec import FloatArray

DRIVE_VOLTAGE: Final = 10.0
"""Gate drive, V; the gate charges of `parts.gate_charge` are given at it."""

DRIVE_CURRENT: Final = 1.0
"""Current of the gate driver through the plateau, A."""

SWITCHING_SHARE: Final = 0.3
"""Share of the gate charge that passes while voltage and current overlap (Qsw / Qg: 10 of 37 nC in
the BSC028N06NS data sheet, similar in its family)."""

_PEAK_FLUX_DENSITY: Final = 0.3
"""Flux density of a ferrite core at the saturation current, T."""

_ENERGY_DENSITY: Final = 1400.0
"""Stored energy over the volume of a power inductor at saturation, J/m3: 1.5 mJ in 1.1 cm3
(Coilcraft XAL1010)."""

_CORE_SHARE: Final = 0.5
"""Share of that volume that is core."""


def _voltage_class(peak_voltage: FloatArray) -> FloatArray:
    rated = parts.rating_above(peak_voltage / parts.VOLTAGE_DERATING, parts.VOLTAGE_CLASSES)
    return np.where(np.isnan(rated), parts.VOLTAGE_CLASSES[-1], rated)


def gate_loss(on_resistance: FloatArray, peak_voltage: FloatArray, fsw: FloatArray) -> FloatArray:
    """Return the power that a MOSFET's gate takes, W: Qg Vdrive fsw.

    Args:
        on_resistance: ohm.
        peak_voltage: highest drain-source voltage, V; sets the voltage class.
        fsw: Hz.
    """
    return parts.gate_charge(on_resistance, _voltage_class(peak_voltage)) * DRIVE_VOLTAGE * fsw


def switching_losses(
    on_resistance: FloatArray,
    peak_voltage: FloatArray,
    edges: FloatArray,
    fsw: FloatArray,
) -> dict[str, FloatArray]:
    """Return the modelled losses of a hard-switched MOSFET by kind, W.

    Overlap: 1/2 V I t at each edge with t = Qsw / Ig; output charge: 1/2 Qoss V at turn-on; gate:
    Qg Vdrive (Erickson and Maksimovic, 2nd ed., section 4.3; Infineon application note on MOSFET
    power losses, eq. 12 to 20).

    Args:
        on_resistance: ohm.
        peak_voltage: highest drain-source voltage, V; sets the voltage class.
        edges: current after turn-on, current before turn-off, voltage before turn-on, voltage after
            turn-off, shape (n, 4).
        fsw: Hz.
    """
    rated = _voltage_class(peak_voltage)
    gate = parts.gate_charge(on_resistance, rated)
    overlap_time = SWITCHING_SHARE * gate / DRIVE_CURRENT
    current_on, current_off = np.abs(edges[:, 0]), np.abs(edges[:, 1])
    voltage_on, voltage_off = np.abs(edges[:, 2]), np.abs(edges[:, 3])
    # The output capacitance falls with voltage; its charge grows with about the square root.
    charge = parts.output_charge(on_resistance, rated) * np.sqrt(voltage_on / (rated / 2))
    overlap = 0.5 * overlap_time * (voltage_on * current_on + voltage_off * current_off) * fsw
    return {
        "switching": overlap,
        "output charge": 0.5 * charge * voltage_on * fsw,
        "gate": gate_loss(on_resistance, peak_voltage, fsw),
    }


def core_loss(
    inductance: FloatArray, peak: FloatArray, ripple: FloatArray, fsw: FloatArray
) -> FloatArray:
    """Return an inductor's core loss, W.

    Steinmetz's equation of a power ferrite, 375 kW/m3 at 100 kHz and 200 mT with exponents 1.4 and
    2.5 (TDK N87 data sheet, 100 degrees C), over the core volume that the stored energy asks for.

    Args:
        inductance: H.
        peak: peak current, A.
        ripple: peak-to-peak current, A.
        fsw: Hz.
    """
    saturation = peak / parts.SATURATION_DERATING
    volume = _CORE_SHARE * 0.5 * inductance * saturation**2 / _ENERGY_DENSITY
    amplitude = _PEAK_FLUX_DENSITY * (ripple / 2) / saturation
    return 375e3 * (fsw / 100e3) ** 1.4 * (amplitude / 0.2) ** 2.5 * volume
