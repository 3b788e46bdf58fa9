"""Waveforms of a converter, whoever computed them, and the measures that are taken of them.

Between its samples a signal is taken to be straight, as the integration methods that made it do;
every measure here is exact for such signals, however unequal the steps are. Functions take time of
shape (n,) and signals of shape (..., n), and return shape (...).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.errors import InputError

BENCH_BANDWIDTH = 20e6
"""Bandwidth in which ripple is measured, Hz: the limiter of a bench oscilloscope."""

_START_SLACK = 1e-3
"""Share of a period by which a window may begin before the first sample: ngspice stores its first
point a fraction of a step after zero."""


@dataclass(frozen=True)
class Waveforms:
    """Signals over a common, not necessarily uniform, time axis.

    Attributes:
        time: seconds, ascending, shape (n,).
        signals: by name, shape (n,) each: ``v(out)`` is a node voltage in volt, ``i(L1)`` an
            element's current in ampere, counted from its node a to its node b.
        period: switching period, s.
        source: ``steady`` for the fast solver, ``ngspice`` for a simulation.
    """

    time: FloatArray
    signals: dict[str, FloatArray]
    period: float
    source: Literal["steady", "ngspice"]

    def last(self, periods: int) -> "Waveforms":
        """Return the last whole periods, with samples interpolated at the start of the window.

        Raises:
            InputError: fewer periods are there, or fewer than one was asked for.
        """
        start = self.time[-1] - periods * self.period
        if periods < 1 or start < self.time[0] - _START_SLACK * self.period:
            raise InputError(
                f"A window of {periods} periods does not fit into waveforms of "
                f"{(self.time[-1] - self.time[0]) / self.period:.3g} periods."
            )
        return self.between(max(start, self.time[0]), self.time[-1])

    def between(self, start: float, stop: float) -> "Waveforms":
        """Return the part from `start` to `stop` (s, inside the time axis), both ends included."""
        inner = (self.time > start) & (self.time < stop)
        time = np.concatenate(([start], self.time[inner], [stop]))
        ends = np.array([start, stop])
        signals = {}
        for name, signal in self.signals.items():
            first, final = np.interp(ends, self.time, signal)
            signals[name] = np.concatenate(([first], signal[inner], [final]))
        return Waveforms(time, signals, self.period, self.source)

    def thinned(self, points: int) -> "Waveforms":
        """Return waveforms for display: of each interval the lowest and the highest sample.

        No peak is lost, but the two stand at the interval's beginning and middle, whenever they
        were; so nothing but a picture may be made of them.

        Args:
            points: about so many remain, at least 2; fewer samples than that stay as they are.
        """
        if len(self.time) <= points:
            return self
        edges = np.linspace(self.time[0], self.time[-1], points // 2, endpoint=False)
        starts = np.unique(np.searchsorted(self.time, edges))
        time = np.repeat(self.time[starts], 2)
        time[1::2] += np.diff(self.time[starts], append=self.time[-1]) / 2
        signals = {}
        for name, signal in self.signals.items():
            bounds = np.minimum.reduceat(signal, starts), np.maximum.reduceat(signal, starts)
            signals[name] = np.stack(bounds, axis=1).ravel()
        return Waveforms(time, signals, self.period, self.source)


def running_mean(
    time: FloatArray, signal: FloatArray, length: float
) -> tuple[FloatArray, FloatArray]:
    """Return the mean over the last `length` seconds, four times in each such length.

    Over a switching period it is what remains of a signal without its ripple.

    Args:
        time: seconds, ascending, shape (n,), at least `length` long.
        signal: shape (n,).
        length: s.

    Returns:
        The instants at which each mean ends, and the means, shape (k,) both; the last instant is
        the last sample's.
    """
    areas = np.diff(time) * (signal[1:] + signal[:-1]) / 2
    integral = np.concatenate(([0.0], np.cumsum(areas)))
    count = int(4 * (time[-1] - time[0] - length) / length) + 1
    ends = time[-1] - np.arange(count)[::-1] * length / 4
    rise = np.interp(ends, time, integral) - np.interp(ends - length, time, integral)
    return ends, rise / length


def mean(time: FloatArray, signal: FloatArray) -> FloatArray:
    """Return the time-weighted mean over the whole axis."""
    return np.asarray(np.trapezoid(signal, time, axis=-1) / (time[-1] - time[0]))


def mean_product(time: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the time-weighted mean of the product of two signals, such as a power.

    The product of two straight lines is integrated exactly (a trapezoid over the product is not).
    """
    a0, a1 = first[..., :-1], first[..., 1:]
    b0, b1 = second[..., :-1], second[..., 1:]
    cells = (2 * (a0 * b0 + a1 * b1) + a0 * b1 + a1 * b0) / 6
    return np.asarray((cells * np.diff(time)).sum(axis=-1) / (time[-1] - time[0]))


def rms(time: FloatArray, signal: FloatArray) -> FloatArray:
    """Return the root of the time-weighted mean square."""
    return np.asarray(np.sqrt(mean_product(time, signal, signal)))


def peak_to_peak(signal: FloatArray) -> FloatArray:
    """Return the difference of the extremes."""
    return np.asarray(signal.max(axis=-1) - signal.min(axis=-1))


def band_limit(time: FloatArray, signal: FloatArray, corner: float = BENCH_BANDWIDTH) -> FloatArray:
    """Return the signal behind a one-pole low-pass of the given corner frequency (Hz).

    With w = 2 pi corner and a straight input u of slope s over a step h, the filter's output is
    exactly y(h) = u(h) - s/w + (y(0) - u(0) + s/w) exp(-w h). The recurrence y[k+1] = a[k] y[k] +
    b[k] is solved for all k at once by doubling: after m rounds each entry maps the output 2^m
    steps back to its own. The filter starts settled to the first sample.
    """
    rate = 2 * np.pi * corner
    step = np.diff(time)
    decay = np.exp(-rate * step)
    # (u1 - u0) / (w h) (1 - exp(-w h)), without 0/0 on steps that are short against 1/w
    reach = np.divide(-np.expm1(-rate * step), rate * step, out=np.ones_like(step), where=step > 0)
    before, after = signal[..., :-1], signal[..., 1:]
    output = np.empty(signal.shape)
    output[..., 0] = signal[..., 0]
    output[..., 1:] = after - before * decay - (after - before) * reach
    # The first entry knows its output, so it carries nothing further back.
    decay = np.concatenate(([0.0], decay))
    stride = 1
    while stride < len(time) and decay.any():
        output[..., stride:] += decay[stride:] * output[..., :-stride]
        decay[stride:] = decay[stride:] * decay[:-stride]
        stride *= 2
    return output
