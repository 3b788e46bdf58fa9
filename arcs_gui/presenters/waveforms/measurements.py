"""What an oscilloscope measures of a trace, on samples at unequal distances.

Between its samples a trace is a straight line, so mean and rms are exact integrals (see
`arcs_engine.simulation.waveforms`), never averages of samples. Frequency and duty
come from the crossings of the middle between both extremes, with a hysteresis, as IEEE Std 181 has
them for pulses.
"""

import math
from dataclasses import dataclass, fields

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation import waveforms

HYSTERESIS = 0.1
"""Distance from the middle that a trace must pass to count as high or low, as a share of pp."""

_FLAT = 1e-9
"""A trace that moves less than this share of its level has no edges."""


@dataclass(frozen=True)
class Measurement:
    """Of one trace in one window; nan where there is no such figure.

    Attributes:
        mean: time-weighted.
        rms: time-weighted.
        pp: highest less lowest.
        low: lowest.
        high: highest.
        frequency: of the rising edges, Hz; needs two of them.
        duty: share of the time above the middle, over the whole cycles between rising edges.
    """

    mean: float
    rms: float
    pp: float
    low: float
    high: float
    frequency: float
    duty: float


TITLES = ("Mean", "RMS", "P-P", "Min", "Max", "Freq", "Duty")
"""Of the fields of a measurement, in their order."""

_NOTHING = Measurement(*(math.nan for _ in fields(Measurement)))


def measure(time: FloatArray, values: FloatArray, start: float, stop: float) -> Measurement:
    """Measure a trace from `start` to `stop` (s), the values there interpolated.

    Args:
        time: seconds, ascending; an edge may be two samples at one instant; shape (n,).
        values: shape (n,).
        start: where the window begins; what lies outside of the samples is not measured.
        stop: where it ends.
    """
    start, stop = max(start, float(time[0])), min(stop, float(time[-1]))
    if not start < stop:
        return _NOTHING
    t, y = between(time, values, start, stop)
    low, high = float(y.min()), float(y.max())
    frequency, duty = _cycles(t, y, low, high)
    return Measurement(
        mean=float(waveforms.mean(t, y)),
        rms=float(waveforms.rms(t, y)),
        pp=high - low,
        low=low,
        high=high,
        frequency=frequency,
        duty=duty,
    )


def between(
    time: FloatArray, values: FloatArray, start: float, stop: float
) -> tuple[FloatArray, FloatArray]:
    """Return the samples between two instants inside the time axis, with both ends."""
    first, last = np.searchsorted(time, start, "right"), np.searchsorted(time, stop, "left")
    ends = np.interp((start, stop), time, values)
    t = np.concatenate(([start], time[first:last], [stop]))
    return t, np.concatenate((ends[:1], values[first:last], ends[1:]))


def _cycles(t: FloatArray, y: FloatArray, low: float, high: float) -> tuple[float, float]:
    """Return frequency (Hz) and duty."""
    if high - low <= _FLAT * max(abs(high), abs(low)):
        return math.nan, math.nan
    middle, margin = (low + high) / 2, HYSTERESIS * (high - low)
    rising = _crossings(t, y, middle, margin)
    if len(rising) < 2:
        return math.nan, math.nan
    falling = _crossings(t, -y, -middle, margin)
    first, last = rising[0], rising[-1]
    falling = falling[(falling > first) & (falling < last)]
    above = float(np.sum(falling) - np.sum(rising[:-1]))
    return (len(rising) - 1) / (last - first), above / (last - first)


def _crossings(t: FloatArray, y: FloatArray, middle: float, margin: float) -> FloatArray:
    """Return when the trace passes the middle upwards, on its way from low to high."""
    state = (y > middle + margin).astype(np.int8) - (y < middle - margin)
    decided = np.flatnonzero(state)
    turns = np.flatnonzero((state[decided[:-1]] < 0) & (state[decided[1:]] > 0))
    reached = decided[turns + 1]  # the first sample that is high
    upward = np.flatnonzero((y[:-1] <= middle) & (y[1:] > middle))
    before = upward[np.searchsorted(upward, reached, "left") - 1]
    rise = y[before + 1] - y[before]
    return np.asarray(t[before] + (middle - y[before]) / rise * (t[before + 1] - t[before]))
