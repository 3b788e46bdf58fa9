"""Capacitors as they are sold: every part of four technologies by capacitance and rated voltage.

A rule, not a distributor's list: E6 values up to the largest that is sold of a rated voltage, each
in the smallest cases that hold it. What a part may carry and how much of it is left under bias
follows from its technology and its case. docs/parts.md has the sources, and says which were read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.parts.capacitors import TECHNOLOGIES, bias_share
from arcs_engine.circuits.parts.standards import CAPACITOR_DERATING
from arcs_engine.circuits.parts.volumes import outline, with_keep_out
from arcs_engine.circuits.spec import FloatArray

_CERAMIC, _POLYMER, _ELECTROLYTIC = TECHNOLOGIES

_E6: Final = (1.0, 1.5, 2.2, 3.3, 4.7, 6.8)

CERAMIC_CASES: Final = {
    "0805": (2.0, 1.25, 1.25),
    "1206": (3.2, 1.6, 1.6),
    "1210": (3.2, 2.5, 2.5),
    "2220": (5.7, 5.0, 2.5),
}
"""Length, width and height of class II ceramic capacitors, mm; thickest of each case."""

_TO_250_V: Final = (0.1, 0.22, 0.47, 1.5)
_TO_80_V: Final = (1.0, 2.2, 4.7, 15.0)
_TO_500_V: Final = (0.022, 0.1, 0.22, 0.68)

LARGEST_CERAMIC: Final = {
    6.3: (47, 47, 100, 0),
    10: (22, 47, 100, 0),
    16: (10, 22, 100, 100),
    25: (10, 22, 22, 47),
    35: (4.7, 10, 22, 47),
    50: (2.2, 10, 10, 22),
    63: _TO_80_V,
    80: _TO_80_V,
    100: (0.47, 2.2, 4.7, 15),
    160: _TO_250_V,
    200: _TO_250_V,
    250: _TO_250_V,
    450: _TO_500_V,
    500: _TO_500_V,
    630: (0.01, 0.047, 0.1, 0.47),
    1000: (0.0047, 0.022, 0.047, 0.15),
}
"""Largest class II capacitance that is sold in each of `CERAMIC_CASES`, uF, by rated voltage, V.

Of public bills of materials: GRM21BR60J476 in 0805, LMK316BJ476 and CL31A106KBHNNNE in 1206,
EMK325ABJ107 and UMK325BJ106 in 1210."""

_FILM_CLASSES: Final = (63, 100, 250, 400, 630, 1000)
_POLYMER_CLASSES: Final = (4, 6.3, 10, 16, 20, 25, 35, 50, 63)
_WET_CLASSES: Final = (
    6.3, 10, 16, 25, 35, 50, 63, 80, 100, 160, 200, 250, 350, 400, 420, 450, 500,
)  # fmt: skip

_CLASS_TWO_DERATING: Final = 0.67
"""Rated at least 1.5 times the working voltage, for what bias takes of the capacitance."""

_HIGH_WET_VOLTAGE, _HIGH_WET_DERATING = 200.0, 0.9
"""From this rating on a wet electrolytic is used nearer to it: 400 and 450 V parts at 375 V."""

_SMALLEST_SHARE: Final = 1 / 250
"""Smallest capacitance over the largest of a rated voltage; less is not bought for power."""


@dataclass(frozen=True)
class SoldTechnology:
    """How the single parts of one technology behave.

    Attributes:
        name: for people.
        resistance: ESR of one part from 300 kHz on, ohm, of its capacitance, F, and its rated
            voltage, V.
        lossy: whether its dielectric loses: below 300 kHz the ESR grows with 1 / sqrt(f), and a
            direct voltage takes of its capacitance.
        heat: power that a part of `heated` mm3 may turn into heat, W; that of another part grows
            with the square root of its volume.
        heated: bare volume, mm3.
    """

    name: str
    resistance: Callable[[FloatArray, FloatArray], FloatArray]
    lossy: bool
    heat: float
    heated: float


RANGE: Final = (
    SoldTechnology("ceramic", lambda c, v: _CERAMIC.resistance(c), True, _CERAMIC.heat, 20.0),
    # Metallized polypropylene: 8 mOhm at 1 uF, set by the metal; 5 A through 1 uF 630 V.
    SoldTechnology("film", lambda c, v: 8e-3 * np.sqrt(1e-6 / c), False, 0.2, 2800.0),
    SoldTechnology("polymer", lambda c, v: _POLYMER.resistance(c), False, _POLYMER.heat, 880.0),
    # Four times the resistance above 100 V, by the electrolyte.
    SoldTechnology(
        "electrolytic",
        lambda c, v: _ELECTROLYTIC.resistance(c) * np.where(v > 100, 4.0, 1.0),
        False,
        _ELECTROLYTIC.heat,
        1571.0,
    ),
)
"""The heat is of a 1210, of 330 uF 16 V polymer, and of a can of 10 x 20 mm (`TECHNOLOGIES`)."""

NAMES: Final = tuple(each.name for each in RANGE)


@dataclass(frozen=True)
class CapacitorPart:
    """One part that is sold.

    Attributes:
        technology: of `NAMES`.
        capacitance: nominal, F.
        rated: voltage, V.
        usable: largest working voltage, V.
        case: for people: ``1210``, or the bare volume where the technology has no cases.
        bare: volume of the outline, mm3.
        volume: with the keep-out, mm3.
    """

    technology: str
    capacitance: float
    rated: float
    usable: float
    case: str
    bare: float
    volume: float


def _values(largest: float) -> tuple[float, ...]:
    """Return the E6 values up to the largest that is sold, F, both ends included."""
    decades = range(-10, -1)
    return tuple(
        value
        for decade in decades
        for mantissa in _E6
        if largest * _SMALLEST_SHARE <= (value := float(f"{mantissa}e{decade}")) <= largest * 1.001
    )


def _ceramics() -> Iterator[CapacitorPart]:
    """Yield every value in the three smallest cases that hold it; larger ones lose less of it."""
    for rated, row in LARGEST_CERAMIC.items():
        for value in _values(max(row) * 1e-6):
            holds = [
                case
                for case, largest in zip(CERAMIC_CASES, row, strict=True)
                if value <= largest * 1.001e-6
            ]
            for case in holds[:3]:
                length, width, height = CERAMIC_CASES[case]
                yield CapacitorPart(
                    "ceramic",
                    value,
                    rated,
                    rated * _CLASS_TWO_DERATING,
                    case,
                    length * width * height,
                    outline(length, width, height),
                )


def _boxes(
    technology: str,
    classes: tuple[float, ...],
    derating: Callable[[float], float],
    volume: Callable[[float, float], float],
    largest: float,
    biggest: float,
) -> Iterator[CapacitorPart]:
    """Yield the parts of a technology whose size follows from capacitance and rated voltage.

    Args:
        technology: of `NAMES`.
        classes: rated voltages, V.
        derating: share of a rated voltage that may be used.
        volume: bare, mm3, of capacitance, F, and rated voltage, V.
        largest: capacitance that is sold, F.
        biggest: part that is sold, mm3.
    """
    for rated in classes:
        for value in _values(largest):
            bare = volume(value, rated)
            if bare <= biggest:
                yield CapacitorPart(
                    technology,
                    value,
                    rated,
                    rated * derating(rated),
                    f"{bare:.0f} mm3",
                    bare,
                    float(with_keep_out(np.array(bare))),
                )


def _derated(rated: float) -> float:
    return CAPACITOR_DERATING


def _wet_derated(rated: float) -> float:
    return _HIGH_WET_DERATING if rated >= _HIGH_WET_VOLTAGE else CAPACITOR_DERATING


def _parts() -> Iterator[CapacitorPart]:
    """Yield everything that is sold.

    Film: 38 kJ/m3 at the rated voltage, at least 7.2 x 2.5 x 6.5 mm. Polymer: 6 uF V/mm3, at least
    7.3 x 4.3 x 2 mm. Wet electrolytic: 9 uF V/mm3 of the box round the can, above 100 V 4 uF V/mm3,
    at least 5 x 11 mm.
    """
    yield from _ceramics()
    yield from _boxes(
        "film",
        _FILM_CLASSES,
        _derated,
        lambda c, v: max(0.5 * c * v**2 / 38e-6, 117.0),
        10e-6,
        10e3,
    )
    yield from _boxes(
        "polymer",
        _POLYMER_CLASSES,
        _derated,
        lambda c, v: max(c * 1e6 * v / 6.0, 63.0),
        560e-6,
        1500.0,
    )
    yield from _boxes(
        "electrolytic",
        _WET_CLASSES,
        _wet_derated,
        lambda c, v: max(c * 1e6 * v / (9.0 if v <= 100 else 4.0), 275.0),
        2200e-6,
        12e3,
    )


PARTS: Final = tuple(_parts())
"""Every part that is sold, by technology, rated voltage and capacitance."""

KIND: Final = np.array([NAMES.index(part.technology) for part in PARTS])
CAPACITANCE: Final = np.array([part.capacitance for part in PARTS])
RATED: Final = np.array([part.rated for part in PARTS])
USABLE: Final = np.array([part.usable for part in PARTS])
BARE: Final = np.array([part.bare for part in PARTS])
VOLUME: Final = np.array([part.volume for part in PARTS])
"""Columns of `PARTS`: place in `RANGE`, F, V, V, mm3, mm3 with keep-out."""

_OF: Final = tuple(RANGE[kind] for kind in KIND)
LOSSY: Final = np.array([each.lossy for each in _OF])
RESISTANCE: Final = np.array(
    [float(each.resistance(c, v)) for each, c, v in zip(_OF, CAPACITANCE, RATED, strict=True)]
)
HEAT: Final = np.array([each.heat for each in _OF]) * np.sqrt(
    BARE / np.array([each.heated for each in _OF])
)
"""Columns of `PARTS`: see `SoldTechnology`; ohm and W."""


def resistance(part: NDArray[np.intp], frequency: FloatArray) -> FloatArray:
    """Return the ESR of parts, by their place in `PARTS`, at a frequency, Hz, in ohm."""
    grown = np.sqrt(np.maximum(300e3 / frequency, 1.0))
    return np.asarray(RESISTANCE[part] * np.where(LOSSY[part], grown, 1.0))


def ripple_current(part: NDArray[np.intp], frequency: FloatArray) -> FloatArray:
    """Return the rms current that parts may carry, A: what heats them as much as they may be."""
    return np.asarray(np.sqrt(HEAT[part] / resistance(part, frequency)))


def effective(part: NDArray[np.intp], voltage: FloatArray) -> FloatArray:
    """Return what parts, by their place in `PARTS`, have left at a working voltage, V, in F."""
    value = CAPACITANCE[part]
    kept = ceramic_under_bias(value, RATED[part], BARE[part], voltage)
    return np.where(LOSSY[part], kept, value)


def ceramic_under_bias(
    capacitance: FloatArray, rated: FloatArray, volume: FloatArray, voltage: FloatArray
) -> FloatArray:
    """Return what a class II ceramic has left at a direct voltage, F.

    At most its `bias_share`, and at most so much that C V^2 / 2 stays within what the ceramic of
    the case stores: 40 kJ/m3 of those rated 16 V and less, growing with the 0.6th power of the
    rated voltage to 80 kJ/m3, for thin layers lose more. Held against what was read of four parts:
    10 uF 25 V 0805 (2 uF at 12 V, 1 uF at 20 V), 10 uF 16 V 0805 (7.5, 5.5 and 2.7 uF at 3.3, 6
    and 12 V), 10 uF 50 V 1206 (7.5 uF at 13 V) and 22 uF 35 V 1210 (4.4 uF at 25 V), each within a
    factor of 1.6.

    Args:
        capacitance: nominal, F.
        rated: voltage, V.
        volume: bare, mm3.
        voltage: working voltage, V.
    """
    density = np.minimum(40e-6 * np.maximum(rated / 16, 1.0) ** 0.6, 80e-6)  # J/mm3
    stored = 2 * density * volume / np.maximum(voltage, 1e-3) ** 2
    return np.asarray(np.minimum(capacitance * bias_share(voltage, rated), stored))


_USABLE_VOLTAGES: Final = np.unique(USABLE)


@cache
def _shelves(technologies: tuple[str, ...]) -> NDArray[np.intp]:
    """Return the parts to choose from by place in `_USABLE_VOLTAGES`, -1 where there are no more.

    Of each technology those of the lowest rating that covers the voltage; the last row is empty.
    """
    rows = []
    for voltage in _USABLE_VOLTAGES:
        row: list[int] = []
        for name in technologies:
            covers = [
                k
                for k, part in enumerate(PARTS)
                if part.technology == name and part.usable >= voltage * (1 - 1e-9)
            ]
            lowest = min((PARTS[k].rated for k in covers), default=0.0)
            row += [k for k in covers if PARTS[k].rated == lowest]
        rows.append(row)
    shelves = np.full((len(rows) + 1, max(map(len, rows))), -1, dtype=np.intp)
    for k, row in enumerate(rows):
        shelves[k, : len(row)] = row
    shelves.setflags(write=False)
    return shelves


def shelf(voltage: FloatArray, technologies: tuple[str, ...] = NAMES) -> NDArray[np.intp]:
    """Return which parts can be had for working voltages.

    Args:
        voltage: V, shape (n,).
        technologies: of `NAMES`, those that the position allows.

    Returns:
        Places in `PARTS`, -1 where there are no more, shape (n, m).
    """
    return _shelves(technologies)[np.searchsorted(_USABLE_VOLTAGES, voltage * (1 - 1e-9))]


def sold(voltage: float, technologies: tuple[str, ...] = NAMES) -> NDArray[np.intp]:
    """Return which parts can be had for one working voltage, V: what a bank is made of.

    Returns:
        Places in `PARTS`, the smallest part first, of equal ones that of least capacitance.
    """
    places = shelf(np.array([voltage]), technologies)[0]
    places = places[places >= 0]
    return np.asarray(places[np.lexsort((CAPACITANCE[places], VOLUME[places]))])
