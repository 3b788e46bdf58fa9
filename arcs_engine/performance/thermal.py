"""Junction temperatures in closed form.

A part that gets hot loses more, or less, and so gets hotter, or cooler. Its loss is taken to be
linear in its temperature, so that the balance has one solution and needs no iteration (TI's loss
sheets iterate it, two or three times). Where the loss grows faster with the temperature than heat
leaves, there is none: the part runs away. Temperatures are in degrees C, arrays have shape (n,).
"""

from typing import Final

import numpy as np

from arcs_engine.circuits.spec import FloatArray

AMBIENT: Final = 40.0
"""Air round the board, degrees C, where the spec does not say."""

REFERENCE: Final = 25.0
"""Temperature that data sheets state parts at, degrees C."""

JUNCTION_LIMIT: Final = 125.0
"""Highest junction temperature, degrees C: silicon rated 150, less 25 for safety."""

ON_RESISTANCE_RISE: Final = 6e-3
"""Relative rise of Rds(on) per kelvin: 1.6 times at 125 degrees C, in the middle of what silicon
MOSFETs' curves show."""

COPPER_RISE: Final = 3.93e-3
"""Relative rise of the resistance of copper per kelvin (IEC 60028)."""

_FORWARD_FALL: Final = -1.5e-3
"""Fall of a rectifier's forward voltage, V per kelvin; Schottky diodes fall by 1 to 2 mV."""

INCH: Final = 645e-6
"""Copper that thermal resistances are stated at, a square inch, m2."""

# Junction to ambient, K/W, by bare volume of the package, mm3: with the least copper and with a
# square inch of it. International Rectifier AN-994, table 1, largest values: Micro3 (SOT-23), SO-8,
# D-Pak, D2-Pak; 3 x 3 mm as the TSOP-6 of the same table with the PQFN's 60 K/W at an inch.
_SWITCH_VOLUMES: Final = np.array([4.0, 8.0, 31.0, 150.0, 414.0])
_SWITCH_LEAST: Final = np.array([342.6, 154.0, 91.8, 77.3, 47.7])
_SWITCH_INCH: Final = np.array([230.0, 60.0, 50.0, 26.3, 23.3])

# SOD-123, SMA, SMB, SMC; then D-Pak and D2-Pak as above. With the recommended footprint SMA 120 and
# SMB 100 K/W (ST, TPA270 and SMBJ58A data sheets); the rest of the first four are estimates, as are
# those with a square inch.
_DIODE_VOLUMES: Final = np.array([10.0, 25.0, 37.0, 100.0, 150.0, 414.0])
_DIODE_LEAST: Final = np.array([250.0, 120.0, 100.0, 85.0, 77.3, 47.7])
_DIODE_INCH: Final = np.array([120.0, 80.0, 65.0, 45.0, 26.3, 23.3])

_LEAST_COPPER: Final = 30e-6
"""Copper of the least footprint, m2, where AN-994's line through both areas begins."""


def _package_resistance(
    volume: FloatArray,
    copper: FloatArray,
    volumes: FloatArray,
    least: FloatArray,
    inch: FloatArray,
) -> FloatArray:
    """Return junction to ambient, K/W, on a power law in the size and one in the copper."""
    size = np.log(np.asarray(volume))
    log_least = np.interp(size, np.log(volumes), np.log(least))
    log_inch = np.interp(size, np.log(volumes), np.log(inch))
    spread = np.clip(copper, _LEAST_COPPER, 2 * INCH)
    share = np.log(spread / _LEAST_COPPER) / np.log(INCH / _LEAST_COPPER)
    return np.asarray(np.exp(log_least + share * (log_inch - log_least)))


PACKAGES: Final = (31.0, 100.0, 150.0, 414.0)
"""Larger packages that a hot part is bought in, mm3: 5 x 6 mm, SMC, D-Pak, D2-Pak."""


def mosfet_thermal_resistance(package: FloatArray, copper: FloatArray | float = INCH) -> FloatArray:
    """Return a MOSFET's thermal resistance from junction to ambient, K/W.

    Args:
        package: bare volume, mm3: at least what its die asks for, `volumes.bare_mosfet`.
        copper: that the part may heat, m2, of all layers: up to two square inches help.
    """
    table = _SWITCH_VOLUMES, _SWITCH_LEAST, _SWITCH_INCH
    return _package_resistance(package, np.asarray(copper), *table)


def diode_thermal_resistance(package: FloatArray, copper: FloatArray | float = INCH) -> FloatArray:
    """Return a rectifier's thermal resistance from junction to ambient, K/W.

    Args:
        package: bare volume, mm3: at least what its current asks for, `volumes.bare_diode`.
        copper: that the part may heat, m2, of all layers.
    """
    table = _DIODE_VOLUMES, _DIODE_LEAST, _DIODE_INCH
    return _package_resistance(package, np.asarray(copper), *table)


def forward_fall(forward: FloatArray) -> FloatArray:
    """Return the relative change per kelvin of a forward voltage, V at 25 degrees C."""
    return _FORWARD_FALL / np.maximum(forward, 0.2)


def junction_temperature(
    ambient: FloatArray | float,
    resistance: FloatArray,
    constant: FloatArray,
    conducted: FloatArray,
    rise: FloatArray | float,
) -> FloatArray:
    """Return junction temperatures, degrees C; inf where the part runs away.

    Tj = Ta + R (Pc + P25 (1 + a (Tj - 25))), solved for Tj: with P = R P25 a the feedback,
    Tj = (Ta + R (Pc + P25) - 25 P) / (1 - P), and none from P = 1 on.

    Args:
        ambient: degrees C.
        resistance: thermal, junction to ambient, K/W.
        constant: loss that does not depend on the temperature, W.
        conducted: loss at 25 degrees C that does, W: I^2 Rds(on), or I Vf.
        rise: its relative change per kelvin: `ON_RESISTANCE_RISE`, `forward_fall`.
    """
    feedback = resistance * conducted * rise
    runs_away = feedback >= 1
    left = np.where(runs_away, 1.0, 1 - feedback)
    hot = (ambient + resistance * (constant + conducted) - REFERENCE * feedback) / left
    return np.where(runs_away, np.inf, hot)


def heating(
    ambient: FloatArray | float,
    resistance: FloatArray,
    constant: FloatArray,
    conducted: FloatArray,
    rise: FloatArray | float,
) -> FloatArray:
    """Return what a part heats itself by at the limit over what it may, 1 where it just keeps it.

    R (Pc + P25 (1 + a (Tlimit - 25))) / (Tlimit - Ta), above 1 exactly where `junction_temperature`
    is above the limit. Unlike that it stays a number where the part runs away, and tells a search
    which of two such parts is the better one.
    """
    hot = constant + conducted * (1 + rise * (JUNCTION_LIMIT - REFERENCE))
    return np.asarray(resistance * hot / (JUNCTION_LIMIT - ambient))


def at_temperature(
    value: FloatArray, rise: FloatArray | float, temperature: FloatArray | float
) -> FloatArray:
    """Return a resistance, voltage or loss stated at 25 degrees C at another temperature.

    At most at 250 degrees C, where no part works any more, so that it stays a number for parts that
    run away; at least a fifth, for what falls.
    """
    factor = 1 + rise * (np.minimum(temperature, 250.0) - REFERENCE)
    return np.asarray(value * np.maximum(factor, 0.2))


def overheating(part: str, temperature: float, limit: float, where: str) -> str:
    """Say which part gets too hot where, without a full stop.

    Args:
        part: its name.
        temperature: of its junction, degrees C; inf where it runs away.
        limit: degrees C.
        where: the operating point, for people, as ``at 9 V and full load``.
    """
    if np.isinf(temperature):
        return (
            f"{part} runs away {where}: its loss grows faster with its temperature than the heat "
            "leaves; more copper or a lower on-resistance would help"
        )
    return (
        f"{part} reaches {temperature:.0f} °C {where}, {temperature - limit:.0f} °C above the "
        f"limit of {limit:.0f} °C; more copper or less loss in it would help"
    )
