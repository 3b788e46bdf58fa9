"""A loop gain that a frequency response analyser has measured, read from its CSV file.

The file comes from outside: it is bounded in size, and every number is checked.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.errors import FileError
from arcs_engine.foundation.files import read_bounded

LARGEST_FILE: Final = 5_000_000

_COLUMNS: Final = {
    "frequency": re.compile(r"freq", re.IGNORECASE),
    "gain": re.compile(r"gain(?!.*phase)|magn?itude|mag\b|amplitude|\bdB\b", re.IGNORECASE),
    "phase": re.compile(r"phase|deg|°", re.IGNORECASE),
}
"""What the titles of the columns say; without titles the columns stand in this order."""

_PREFIXES: Final = {"hz": 1.0, "khz": 1e3, "mhz": 1e6}

_MOST_GAIN: Final = 300.0
"""dB, either way; more is no gain that anyone measures."""


@dataclass(frozen=True, eq=False)
class MeasuredResponse:
    """A measured loop gain, of shape (n,), by ascending frequency.

    Attributes:
        name: of the file.
        frequency: Hz.
        gain: dB.
        phase: degrees, -180 at the point of instability, as the loop gains of ARCS count.
        turned: whether 180 degrees were taken off: an analyser in the loop shows its inversion
            too, so that the phase at the crossover is the margin.
    """

    name: str
    frequency: FloatArray
    gain: FloatArray
    phase: FloatArray
    turned: bool


def read_response(path: Path) -> MeasuredResponse:
    """Read a measured loop gain.

    Args:
        path: of a CSV file with frequency, gain in dB and phase in degrees.

    Raises:
        FileError: it cannot be read, or holds no such response.
    """
    try:
        text = read_bounded(path, LARGEST_FILE).decode("utf-8-sig", "replace")
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    rows = [(number, _fields(line)) for number, line in enumerate(text.splitlines(), 1)]
    filled = [(number, fields) for number, fields in rows if any(fields)]
    first = next((k for k, (_, fields) in enumerate(filled) if _is_data(fields)), len(filled))
    if len(filled) < first + 2:
        raise FileError(
            f"{path.name} holds no measured response; it needs lines of frequency in Hz, gain in "
            "dB and phase in degrees."
        )
    places, scale = _places(path, filled[first - 1][1] if first else [])
    numbers = [_numbers(path, number, fields, places) for number, fields in filled[first:]]
    table = np.array(numbers)
    table = table[np.argsort(table[:, 0], kind="stable")]
    if (np.diff(table[:, 0]) <= 0).any():
        raise FileError(f"{path.name} names a frequency twice; each may stand there once.")
    phase = np.degrees(np.unwrap(np.radians(table[:, 2])))
    phase, turned = _counted(table[:, 1], phase)
    return MeasuredResponse(path.name, table[:, 0] * scale, table[:, 1], phase, turned)


def _fields(line: str) -> list[str]:
    """Return the fields of a line; with semicolons or tabs between them, commas are decimal."""
    for separator in (";", "\t"):
        if separator in line:
            return [field.strip(' "').replace(",", ".") for field in line.split(separator)]
    return [field.strip(' "') for field in line.split(",")]


def _is_data(fields: list[str]) -> bool:
    known = [field for field in fields if field]
    return len(known) >= 3 and all(_number(field) is not None for field in known)


def _number(field: str) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None


def _places(path: Path, titles: list[str]) -> tuple[tuple[int, ...], float]:
    """Return where frequency, gain and phase stand, and what the frequencies are multiplied by.

    Raises:
        FileError: there are titles, and one of the three is not among them.
    """
    if len(titles) < 3:
        return (0, 1, 2), 1.0
    places: list[int] = []
    for name in ("frequency", "phase", "gain"):
        fits = [k for k, t in enumerate(titles) if _COLUMNS[name].search(t) and k not in places]
        if not fits:
            raise FileError(
                f"{path.name} has no column of the {name}; it needs frequency, gain in dB and "
                "phase in degrees."
            )
        places.append(fits[0])
    frequency, phase, gain = places
    unit = re.search(r"\b[kM]?Hz\b", titles[frequency], re.IGNORECASE)
    return (frequency, gain, phase), _PREFIXES[unit[0].lower()] if unit else 1.0


def _numbers(
    path: Path, number: int, fields: list[str], places: tuple[int, ...]
) -> tuple[float, ...]:
    """Return frequency, gain and phase of a line.

    Raises:
        FileError: something else stands there.
    """
    found = [_number(fields[k]) if k < len(fields) else None for k in places]
    if any(value is None or not math.isfinite(value) for value in found):
        raise FileError(
            f"Line {number} of {path.name} does not hold a frequency, a gain and a phase; each "
            "must be a number."
        )
    frequency, gain, phase = (value for value in found if value is not None)
    if frequency <= 0:
        raise FileError(
            f"Line {number} of {path.name} has a frequency of {frequency:g}; it must be positive."
        )
    if abs(gain) > _MOST_GAIN:
        raise FileError(
            f"Line {number} of {path.name} has a gain of {gain:g} dB; it must lie between "
            f"{-_MOST_GAIN:g} and {_MOST_GAIN:g} dB."
        )
    return frequency, gain, phase


def _counted(gain: FloatArray, phase: FloatArray) -> tuple[FloatArray, bool]:
    """Return the phase as ARCS counts it, and whether it was turned.

    Where the gain comes nearest to one, a loop that works has between 0 and 180 degrees of margin:
    it stands between -180 and 0 degrees, or between 0 and 180 as an analyser shows it.
    """
    there = phase[int(np.argmin(np.abs(gain)))]
    turned = there % 360 < 180
    shifted = phase - 180 if turned else phase
    least = there - 180 if turned else there
    return shifted - 360 * np.floor((least + 180) / 360), bool(turned)
