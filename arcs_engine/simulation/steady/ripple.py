"""The extremes of the output voltage behind a low pass, as an oscilloscope shows its ripple."""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.meter import (
    OUTPUT_HIGH,
    OUTPUT_LOW,
    Figure,
    Instant,
    Meter,
    value_at,
)
from arcs_engine.simulation.steady.modes import TICKS, Converter
from arcs_engine.simulation.steady.trace import Trace
from arcs_engine.simulation.waveforms import BENCH_BANDWIDTH

_FOLLOWED: Final = 0.1
"""Time constant of the filter over a step, below which the output follows a smooth input."""


class Ramp(NamedTuple):
    """An input of the filter that moves linearly from one value to another."""

    before: float
    after: float


class LowPass(NamedTuple):
    """A one-pole filter over a step.

    Attributes:
        ratio: its time constant over the step.
        decay: exp(-1 / ratio).
    """

    ratio: float
    decay: float


@inner_kernel
def _filter(ramp: Ramp, low_pass: LowPass, filtered: float) -> float:
    """Return what the filter's output moves to from `filtered`, exactly."""
    lag = (ramp.after - ramp.before) * low_pass.ratio
    return ramp.after - lag + (filtered - ramp.before + lag) * low_pass.decay


@inner_kernel
def _turn(ramp: Ramp, low_pass: LowPass, filtered: float) -> float:
    """Return the extreme that the filter's output has within such a step, or else its start.

    The output turns where it meets the input: while the input moves the one way, the output first
    makes up for an earlier jump the other way.
    """
    lag = (ramp.after - ramp.before) * low_pass.ratio
    if lag == 0.0:
        return filtered
    ahead = (filtered - ramp.before) / lag
    if ahead <= 0.0:
        return filtered
    share = low_pass.ratio * np.log1p(ahead)
    return ramp.before + share * (ramp.after - ramp.before) if share < 1.0 else filtered


@inner_kernel
def _vertex(before: float, amid: float, after: float) -> float:
    """Return the extreme of the parabola through three values half a step apart.

    Where it lies outside of the step, the value in the middle is returned.
    """
    bend = after - 2.0 * amid + before
    slope = after - before
    if abs(slope) >= 2.0 * abs(bend):
        return amid
    return amid - slope * slope / (8.0 * bend)


@kernel
def meter_output(converter: Converter, trace: Trace, meter: Meter) -> None:
    """Fill the extremes of the band-limited output voltage from a traced period.

    The output counts as straight over each half of a step.
    """
    voltages, node = converter.work.voltages, converter.plan.output
    bounds, middles, ticks, modes = trace.bounds, trace.middles, trace.ticks, trace.modes
    rate = 2.0 * np.pi * BENCH_BANDWIDTH * converter.point.period / TICKS
    # The filter has long forgotten its start: it begins where it ended, lagging the end of the
    # period by slope times time constant.
    last = trace.used[0] - 1
    while last > 0 and ticks[last] < 1.0:
        last -= 1
    output = Figure(voltages, modes[last], node)
    end = value_at(output, Instant(bounds, last + 1))
    middle = value_at(output, Instant(middles, last))
    filtered = end - (end - middle) / (ticks[last] * rate / 2)
    low, high = np.inf, -np.inf
    half, decay, after, mode = -1.0, 0.0, 0.0, -1
    for step in range(trace.used[0]):
        half_now = ticks[step] / 2
        if half_now == 0.0:
            continue
        # Many steps in a row are as long as the one before.
        if half_now != half:
            half = half_now
            decay = np.exp(-half * rate)
        low_pass = LowPass(1.0 / (half * rate), decay)
        before, jumped = after, modes[step] != mode
        if jumped:  # the voltage across the ESR jumps with the current
            mode = modes[step]
            before = value_at(Figure(voltages, mode, node), Instant(bounds, step))
        amid = value_at(Figure(voltages, mode, node), Instant(middles, step))
        after = value_at(Figure(voltages, mode, node), Instant(bounds, step + 1))
        # Through both halves of the step, with the turns on the way.
        at_half = _filter(Ramp(before, amid), low_pass, filtered)
        first = _turn(Ramp(before, amid), low_pass, filtered)
        end = _filter(Ramp(amid, after), low_pass, at_half)
        second = _turn(Ramp(amid, after), low_pass, at_half)
        low, high = min(low, first, second, end), max(high, first, second, end)
        # A long step may bend: its vertex lies above both halves' straight lines.
        if low_pass.ratio < _FOLLOWED and not jumped:
            extreme = _vertex(before, amid, after)
            low, high = min(low, extreme), max(high, extreme)
        filtered = end
    meter.figures[OUTPUT_LOW] = low
    meter.figures[OUTPUT_HIGH] = high
