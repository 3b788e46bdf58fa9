"""Preferred values: the E-series of IEC 60063, and turns ratios."""

from functools import cache
from math import gcd
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Series = Literal["E12", "E24", "E96", "RATIO"]

# IEC 60063:2015, tables 1 and 2. E96 is 10^(k/96) rounded to three digits; E12 and E24 are the
# historical two-digit values, which do not follow the rounding rule.
_E24 = (
    1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0,
    3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 8.2, 9.1,
)  # fmt: skip
_MANTISSAS: dict[Series, tuple[float, ...]] = {
    "E12": _E24[::2],
    "E24": _E24,
    "E96": tuple(round(10 ** (k / 96), 2) for k in range(96)),
}

_LARGEST_PRODUCT = 30
"""Turns ratios are p/q in lowest terms with p q up to this: small numbers of turns on both sides.
Neighbours are 4 to 20 % apart between 1/8 and 8, and every whole ratio up to 30 is among them."""


def _ratios() -> NDArray[np.float64]:
    """Return all turns ratios, ascending."""
    turns = range(1, _LARGEST_PRODUCT + 1)
    pairs = [(p, q) for p in turns for q in turns if p * q <= _LARGEST_PRODUCT]
    return np.array(sorted(p / q for p, q in pairs if gcd(p, q) == 1))


def _decades(series: Series, low: float, high: float) -> NDArray[np.float64]:
    """Return the values of an E-series in all decades that touch [low, high], ascending."""
    first, last = int(np.floor(np.log10(low))) - 1, int(np.ceil(np.log10(high))) + 1
    # Through decimal text, so that 4.7e-06 is the float that a user's "4.7u" gives.
    return np.array([float(f"{m}e{d}") for d in range(first, last + 1) for m in _MANTISSAS[series]])


@cache
def values_between(series: Series, low: float, high: float) -> NDArray[np.float64]:
    """Return the values of a series within [low, high], ascending, shape (n,)."""
    grid = _ratios() if series == "RATIO" else _decades(series, low, high)
    inside = grid[(grid >= low * (1 - 1e-9)) & (grid <= high * (1 + 1e-9))]
    inside.setflags(write=False)
    return inside


@cache
def _logs_between(series: Series, low: float, high: float) -> NDArray[np.float64]:
    return np.log(values_between(series, low, high))


def snap(values: ArrayLike, series: Series, low: float, high: float) -> NDArray[np.float64]:
    """Return the nearest values (by ratio) of a series within [low, high].

    Args:
        values: positive numbers, any shape.
        series: which series.
        low: lower bound of the result.
        high: upper bound of the result.
    """
    grid = values_between(series, low, high)
    logs = _logs_between(series, low, high)
    wanted = np.log(np.asarray(values, dtype=np.float64))
    right = np.clip(np.searchsorted(logs, wanted), 1, len(grid) - 1)
    nearer_left = wanted - logs[right - 1] < logs[right] - wanted
    return np.asarray(grid[np.where(nearer_left, right - 1, right)])


def step(value: float, series: Series, low: float, high: float, steps: int) -> float:
    """Return the value `steps` places up (or down, if negative) the series, within [low, high]."""
    grid = values_between(series, low, high)
    here = int(np.argmin(np.abs(np.log(grid) - np.log(value))))
    return float(grid[np.clip(here + steps, 0, len(grid) - 1)])
