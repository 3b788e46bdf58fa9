"""The spectrum of a trace over whole periods.

The trace, whose samples lie at unequal distances, is first sampled evenly over the last whole
periods of the window. Over whole periods every harmonic falls on a line of its own, so a
rectangular window shows its amplitude without leakage; the Hann window is for what is not
periodic, and is divided by its mean so that amplitudes stay right (Harris, "On the use of windows
for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66, 1978, table I).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.units import format_quantity

Window = Literal["rectangular", "Hann"]

SAMPLES_PER_PERIOD = 4096
MOST_SAMPLES = 1 << 20
SHOWN = 4
"""One in so many of the lines is shown: above, sampling folds what is higher back onto them."""

_SLACK = 1e-3


@dataclass(frozen=True)
class Spectrum:
    """Amplitudes over frequency.

    Attributes:
        frequency: Hz, from zero, shape (n,).
        amplitudes: by signal name, peak values in the signal's unit, at zero the mean; (n,) each.
        periods: switching periods that were looked at.
        samples: evenly spaced, over them.
        window: which.
    """

    frequency: FloatArray
    amplitudes: dict[str, FloatArray]
    periods: int
    samples: int
    window: Window

    @property
    def caption(self) -> str:
        """What must be known to read it."""
        resolution = float(self.frequency[1])
        return (
            f"Amplitude over {self.periods} periods, {self.window} window, {self.samples} samples, "
            f"a line every {format_quantity(resolution, 'Hz')}"
        )


def spectrum(
    time: FloatArray,
    traces: dict[str, FloatArray],
    period: float,
    view: tuple[float, float],
    window: Window = "rectangular",
) -> Spectrum | None:
    """Return the spectrum of traces over the last whole periods in a view.

    Args:
        time: seconds, ascending, shape (n,).
        traces: by name, shape (n,) each.
        period: s.
        view: from when to when, s.
        window: ``rectangular`` or ``Hann``.

    Returns:
        None where no whole period is in view.
    """
    start, stop = max(view[0], float(time[0])), min(view[1], float(time[-1]))
    periods = int((stop - start) / period + _SLACK)
    if periods < 1:
        return None
    per_period = max(64, min(SAMPLES_PER_PERIOD, MOST_SAMPLES // periods))
    samples = periods * per_period
    instants = stop - periods * period + np.arange(samples) * (period / per_period)
    weights = np.ones(samples)
    if window == "Hann":
        weights = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(samples) / samples)
    lines = samples // (2 * SHOWN)
    scale = np.full(lines, 2 / np.sum(weights))
    scale[0] /= 2
    amplitudes = {
        name: np.abs(np.fft.rfft(weights * np.interp(instants, time, values))[:lines]) * scale
        for name, values in traces.items()
    }
    frequency = np.arange(lines) / (periods * period)
    return Spectrum(frequency, amplitudes, periods, samples, window)
