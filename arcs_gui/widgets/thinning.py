"""Curves without the points that nobody could see, because each point takes time to draw."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TOLERANCE = 1e-4
"""How far a point that is left out in one pass lies beside the line, as a share of the height."""

PASSES = 5


def thinned(x: Array, y: Array) -> tuple[Array, Array]:
    """Return a curve of ascending x without what lies on the lines between what stays.

    Both arrays of shape (n,), the answers of shape (m,), m <= n. The line drawn through what stays
    is nowhere further than `PASSES` times `TOLERANCE` of the curve's height beside the whole one.
    """
    allowed = TOLERANCE * float(np.ptp(y)) if len(y) else 0.0
    kept = np.arange(len(x))
    for _ in range(PASSES):
        pairs = (len(kept) - 1) // 2
        left, middle, right = (kept[start : start + 2 * pairs : 2] for start in (0, 1, 2))
        wide = x[right] - x[left]
        share = (x[middle] - x[left]) / np.where(wide > 0, wide, 1.0)
        away = np.abs(y[left] + (y[right] - y[left]) * share - y[middle])
        stays = np.ones(len(kept), dtype=np.bool_)
        stays[1 : 1 + 2 * pairs : 2] = away > allowed
        if stays.all():
            break
        kept = kept[stays]
    return x[kept], y[kept]
