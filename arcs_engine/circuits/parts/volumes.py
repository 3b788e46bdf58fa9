"""Volumes of parts on a board, mm3: what size means.

Every rule gives the bare part, as its data sheet's outline does, and every function the part with
the `KEEP_OUT` round it, in which no other part stands. Capacitors have their outlines in
`capacitor_range`. All arrays have shape (n,); docs/parts.md has the parts that the rules were held
against, and says which constants are estimates.
"""

from typing import Final

import numpy as np

from arcs_engine.circuits.parts.standards import CURRENT_CLASSES, rating_bought
from arcs_engine.circuits.spec import FloatArray

KEEP_OUT: Final = 0.5
"""Distance in plan that a part keeps, mm: its land, which reaches a quarter of a millimetre beyond
the body, and the courtyard of 0.25 mm round that (Eurocircuits, component clearances; nominal
density of IPC-7351)."""

MOULDED_SHARE: Final = 0.8
"""Share of the saturation current of a moulded inductor that may be used. Its inductance falls
softly, by 20 to 30 % at the rating, so that more may be used than of ferrite."""

# Fits to the data sheets of Coilcraft XAL4020 to XAL1010 and Wuerth 744373965101 (moulded), and
# Coilcraft MSS4020 to MSS1278 (ferrite drum): volume at 100 uJ, mm3, and exponent.
MOULDED: Final = (114.0, 0.85)
FERRITE: Final = (422.0, 0.61)
_FIT_ENERGY: Final = 100e-6
_SMALLEST_INDUCTOR: Final = 16.0
"""About 2.5 x 2 x 1.2 mm, mm3, but pads of 3 x 3 x 1.8."""

COUPLED_SHARE: Final = 0.9
"""Volume of two windings on one core over that of two single inductors; an estimate."""

# Wuerth 750315839 (EP13, 17.75 x 13.46 x 12.7 mm, 40 uH 3.2 A) and 749119433 (EFD20, 29.1 x 23.1 x
# 11.4 mm, 42 uH 8 A): with bobbin and isolation, over the energy at saturation.
_GAPPED_VOLUME: Final = 3000.0
_GAPPED_ENERGY: Final = 205e-6
_GAPPED_EXPONENT: Final = 0.5
# Of the core alone: EP13 470 mm3; the outline grows less than the core, for bobbin and creepage
# distances do not grow with it.
_WOUND_VOLUME: Final = 2700.0
_WOUND_CORE: Final = 470e-9
_WOUND_EXPONENT: Final = 0.65
_SMALLEST_TRANSFORMER: Final = 300.0

_POWER_PACKAGE: Final = 30.0
"""5 x 6 x 1 mm, mm3: the package that the die of `_full_die` fills."""

_LEAST_PACKAGE, _LARGEST_PACKAGE = 8.0, 180.0
_HIGH_VOLTAGE: Final = 250.0
"""Above this class a MOSFET's pins must stand apart: DPAK, D2PAK or TO-220."""
_HIGH_VOLTAGE_DIE: Final = 0.2
_HIGH_VOLTAGE_PACKAGE: Final = 450.0
_LEAST_HIGH, _LARGEST_HIGH = 150.0, 900.0

_DIODE_PER_AMPERE: Final = 12.0
_LEAST_DIODE, _LARGEST_DIODE = 10.0, 900.0
"""SOD-323 to TO-220; SMA 25, SMB 37, SMC 100, DPAK 150 mm3 lie on the line between them."""

_INTEGRATED_CIRCUIT: Final = (3.5, 5.5, 0.9)
"""Outline of a controller with drivers, mm: VQFN with 20 to 24 pins (LM5145, LM5148)."""

_CHIP: Final = (1.0, 0.5, 0.5)
_CHIP_COUNT: Final = 10
"""Resistors and capacitors round a controller, 0402: divider (2), compensation (3), soft start,
frequency, supply, bootstrap, current limit; data sheets' schematics have 8 to 14."""

_OPTOCOUPLER: Final = (4.4, 7.0, 2.1)
_SHUNT_REFERENCE: Final = (2.9, 2.4, 1.1)
"""SO-4 with its leads, and a TL431 in an SOT-23, mm."""

CLAMP_VOLUME: Final = 80.0
"""Resistor (2512), capacitor (1206) and diode (SMA) of an RCD clamp, keep-out included, mm3."""


def outline(length: float, width: float, height: float) -> float:
    """Return the volume of a part of that outline (mm) with its keep-out, mm3."""
    return (length + 2 * KEEP_OUT) * (width + 2 * KEEP_OUT) * height


def controller_volume(*, isolated: bool) -> float:
    """Return the volume of what controls a converter, with its small parts, mm3.

    Args:
        isolated: whether its output is, so that an optocoupler and a reference stand beside it.
    """
    volume = outline(*_INTEGRATED_CIRCUIT) + _CHIP_COUNT * outline(*_CHIP)
    if isolated:
        volume += outline(*_OPTOCOUPLER) + outline(*_SHUNT_REFERENCE)
    return volume


def with_keep_out(volume: FloatArray) -> FloatArray:
    """Return the volume with keep-out of a square part half as high as it is wide, mm3."""
    height = (np.asarray(volume) / 4) ** (1 / 3)
    return np.asarray((2 * height + 2 * KEEP_OUT) ** 2 * height)


def without_keep_out(volume: FloatArray) -> FloatArray:
    """Return the bare volume of a part with its keep-out, mm3: the inverse of `with_keep_out`.

    With k the keep-out, the height h solves h (h + k)^2 = volume / 4; by Cardano's formula.
    """
    third = KEEP_OUT / 3
    half = third**3 + np.asarray(volume) / 8
    root = np.cbrt(half + np.sqrt(half**2 - third**6))
    height = root + third**2 / root - 2 * third
    return np.asarray(4 * height**3)


def bare_inductor(
    inductance: FloatArray, peak: FloatArray, usable: float, fit: tuple[float, float]
) -> FloatArray:
    """Return an inductor's volume, mm3, by its energy L Isat^2 / 2 with Isat = peak / usable."""
    energy = 0.5 * inductance * (peak / usable) ** 2
    volume, exponent = fit
    return np.maximum(volume * (energy / _FIT_ENERGY) ** exponent, _SMALLEST_INDUCTOR)


def ferrite_inductor_volume(
    inductance: FloatArray, peak: FloatArray, usable: float = 0.7
) -> FloatArray:
    """Return the volume of a shielded ferrite drum inductor, mm3.

    422 mm3 (E / 100 uJ)^0.61, within a factor of 1.25 of the data sheets.

    Args:
        inductance: H.
        peak: worst current, A.
        usable: share of the saturation current that may be used (`SATURATION_DERATING`).
    """
    return with_keep_out(bare_inductor(inductance, peak, usable, FERRITE))


def coupled_inductor_volume(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the volume of two windings on one core from that of two single inductors, mm3."""
    return COUPLED_SHARE * (first + second)


def flyback_transformer_volume(energy: FloatArray) -> FloatArray:
    """Return the volume of a gapped transformer with bobbin and isolation, mm3.

    Args:
        energy: that its core stores at saturation, J (`parts.core_energy`).
    """
    volume = _GAPPED_VOLUME * (energy / _GAPPED_ENERGY) ** _GAPPED_EXPONENT
    return with_keep_out(np.maximum(volume, _SMALLEST_TRANSFORMER))


def forward_transformer_volume(core_volume: FloatArray) -> FloatArray:
    """Return the volume of a transformer without a gap, with bobbin and isolation, mm3.

    Args:
        core_volume: of the core alone, m3 (parameter ``core_volume``).
    """
    volume = _WOUND_VOLUME * (core_volume / _WOUND_CORE) ** _WOUND_EXPONENT
    return with_keep_out(np.maximum(volume, _SMALLEST_TRANSFORMER))


def bare_mosfet(on_resistance: FloatArray, voltage_class: FloatArray) -> FloatArray:
    """Return the volume of a MOSFET's package, mm3.

    The die that fills a 5 x 6 mm package has 1 mOhm (V / 30 V)^1.6, the power of `gate_charge`; the
    package goes with the die between 3 x 3 mm and a DPAK, above 250 V between a DPAK and a TO-220.

    Args:
        on_resistance: ohm.
        voltage_class: rated voltage, V.
    """
    full_die = 1e-3 * np.maximum((voltage_class / 30) ** 1.6, 1.0)
    low = np.clip(_POWER_PACKAGE * full_die / on_resistance, _LEAST_PACKAGE, _LARGEST_PACKAGE)
    high = np.clip(
        _HIGH_VOLTAGE_PACKAGE * _HIGH_VOLTAGE_DIE / on_resistance, _LEAST_HIGH, _LARGEST_HIGH
    )
    return np.where(voltage_class > _HIGH_VOLTAGE, high, low)


def mosfet_volume(on_resistance: FloatArray, voltage_class: FloatArray) -> FloatArray:
    """Return the volume of a MOSFET with its keep-out, mm3; see `bare_mosfet`."""
    return with_keep_out(bare_mosfet(on_resistance, voltage_class))


def bare_diode(current: FloatArray) -> FloatArray:
    """Return the volume of the package of a rectifier for a current, A, by its class, mm3."""
    rated = rating_bought(current, CURRENT_CLASSES)
    return np.clip(_DIODE_PER_AMPERE * rated, _LEAST_DIODE, _LARGEST_DIODE)


def diode_volume(current: FloatArray) -> FloatArray:
    """Return the volume of a rectifier with its keep-out, mm3; see `bare_diode`."""
    return with_keep_out(bare_diode(current))
