"""The outline of a long curve: no peak is lost, whatever part of it is looked at.

Lowest and highest values are kept for blocks of 2, 4, 8… samples. A part
of the curve is then drawn from as many blocks as there are pixels, give or take, however many
samples it has: the time it takes depends on the width of the picture alone.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_SAMPLES = 4096
"""Up to so many samples, a part is drawn as it is."""

MOST_BLOCKS = 2048


class Part(NamedTuple):
    """What to draw, shape (m,) each; `whole` where it is every sample."""

    x: Array
    y: Array
    whole: bool


class Envelope:
    """Of a curve of ascending x; both arrays of shape (n,), finite."""

    def __init__(self, x: Array, y: Array) -> None:
        self.x, self.y = x, y
        self._levels: dict[int, tuple[Array, Array]] = {}
        low = high = y
        stride = 1
        while len(low) > MOST_BLOCKS:
            low, high = _halved(low, np.minimum), _halved(high, np.maximum)
            stride *= 2
            self._levels[stride] = (low, high)

    def part(self, start: float, stop: float) -> Part:
        """Return what to draw between two places, with a sample more on both sides.

        Either every sample, or for each block its lowest and its highest value, both at the
        block's beginning.
        """
        first = max(0, int(np.searchsorted(self.x, start)) - 1)
        last = min(len(self.x), int(np.searchsorted(self.x, stop, "right")) + 1)
        if last - first <= MOST_SAMPLES or not self._levels:
            return Part(self.x[first:last], self.y[first:last], whole=True)
        fits = [s for s in self._levels if (last - first) / s <= MOST_BLOCKS]
        stride = min(fits, default=max(self._levels))
        blocks = slice(first // stride, -(-last // stride))
        low, high = (bounds[blocks] for bounds in self._levels[stride])
        x = np.repeat(self.x[np.arange(blocks.start, blocks.start + len(low)) * stride], 2)
        return Part(x, np.stack((low, high), axis=1).ravel(), whole=False)


def _halved(values: Array, keep: np.ufunc) -> Array:
    """Return the lower or higher of each two neighbours; the last one of an odd count stays."""
    even = len(values) // 2 * 2
    pairs: Array = keep(values[:even:2], values[1:even:2])
    return pairs if even == len(values) else np.append(pairs, values[-1])
