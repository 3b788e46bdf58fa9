"""What a converter under its regulator did: samples of its signals, and the figures of a step."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.closed_loop.march import CONTROL, CURRENT, INTEGRAL, OUTPUT, TIME
from arcs_engine.simulation.closed_loop.regulator import Regulator

BAND: Final = 0.01
"""An output has settled when its mean over a period stays this close to the regulated one."""

_MEANS: Final = 16
"""Means over a period that are looked at in each period."""

_EDGE: Final = 1e-9
"""Duties this close to a limit are at it."""


@dataclass(frozen=True)
class StepFigures:
    """What the output did after a step; V and s.

    Attributes:
        deviation: largest distance of the mean over a period from the regulated output.
        undershoot: of the mean over a period, below the regulated output.
        overshoot: the same above it.
        settling: from the step until the mean over a period stays within `BAND` of the regulated
            output; None when it does not.
        lowest: of the output itself.
        highest: of the output itself.
        saturated: periods in which the duty was at one of its limits.
    """

    deviation: float
    undershoot: float
    overshoot: float
    settling: float | None
    lowest: float
    highest: float
    saturated: int


@dataclass(frozen=True, eq=False)
class Answer:
    """A run under a regulator.

    Attributes:
        period: s.
        samples: see `march.Log`, shape (k, SAMPLES).
        duties: on-time over the period, of each whole period, shape (periods,).
        regulator: that regulated.
    """

    period: float
    samples: FloatArray
    duties: FloatArray
    regulator: Regulator

    @property
    def time(self) -> FloatArray:
        """Instants of the samples, s; an edge appears as two samples at the same instant."""
        return np.asarray(self.samples[:, TIME] * self.period)

    @property
    def output(self) -> FloatArray:
        """Magnitude of the output, V."""
        return self.samples[:, OUTPUT]

    @property
    def current(self) -> FloatArray:
        """Current of the main inductor, A."""
        return self.samples[:, CURRENT]

    @property
    def control(self) -> FloatArray:
        """Control voltage, V, against its resting value."""
        return self.samples[:, CONTROL]

    def means(self, ends: FloatArray) -> FloatArray:
        """Return the means of the output over the period before each instant, V.

        Args:
            ends: s, from one period on.
        """
        at, integral = self.samples[:, TIME], self.samples[:, INTEGRAL]
        last = ends / self.period
        return np.asarray(np.interp(last, at, integral) - np.interp(last - 1, at, integral))

    def cycles(self) -> FloatArray:
        """Return mean, lowest and highest output of each whole period, V, shape (periods, 3)."""
        count = len(self.duties)
        found = np.empty((count, 3))
        found[:, 0] = self.means(np.arange(1.0, count + 1.0) * self.period)
        bounds = np.searchsorted(self.samples[:, TIME], np.arange(count + 1))
        for k in range(count):
            inside = self.output[bounds[k] : bounds[k + 1] + 1]
            found[k, 1:] = inside.min(), inside.max()
        return found

    def step_figures(self, begin: float, end: float, regulated: float) -> StepFigures:
        """Return what the output did from a step on.

        Args:
            begin: when the step is, s; at least a period after the start.
            end: until when, s.
            regulated: output that it comes from and goes back to, V.
        """
        count = int((end - begin) / self.period * _MEANS)
        ends = begin + np.arange(1.0, count + 1.0) * self.period / _MEANS
        means = self.means(ends)
        outside = np.flatnonzero(np.abs(means - regulated) > BAND * regulated)
        settled = len(outside) == 0 or outside[-1] < count - 1
        last = ends[outside[-1]] if len(outside) else begin
        first, final = np.searchsorted(self.time, (begin, end))
        inside = self.output[first:final]
        duties = self.duties[int(begin / self.period) : int(end / self.period)]
        limits = self.regulator
        shortest = limits.shortest_duty + float(limits.modulator.delay) / self.period
        at_limit = (duties >= limits.longest_duty - _EDGE) | (duties <= shortest + _EDGE)
        return StepFigures(
            deviation=float(np.max(np.abs(means - regulated))),
            undershoot=max(0.0, regulated - float(means.min())),
            overshoot=max(0.0, float(means.max()) - regulated),
            settling=float(last - begin) if settled else None,
            lowest=float(inside.min()),
            highest=float(inside.max()),
            saturated=int(np.sum(at_limit)),
        )
