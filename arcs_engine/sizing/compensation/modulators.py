"""Which modulators are tried: the ramp, the sense gain and the slope compensation."""

from typing import Final

import numpy as np

from arcs_engine.circuits.control import (
    ControlSpec,
    Modulator,
    PeakCurrentMode,
    Slopes,
    VoltageMode,
    peak_current_mode,
    voltage_mode,
)
from arcs_engine.circuits.crossover import Control
from arcs_engine.performance.loop import LoopCorners

LONG_DUTY: Final = 0.5
"""Beyond it the current loop rings with the usual slope compensation, and as much compensation as
the current falls by is tried too, under which it does not."""


def modulators(corners: LoopCorners, method: Control, asked: ControlSpec) -> tuple[Modulator, ...]:
    """Return the modulators to try, the usual one first.

    Args:
        corners: of the design.
        method: control method.
        asked: what the user gave.
    """
    if method == "voltage":
        nominal = float(np.median(corners.vin))
        usual = voltage_mode(nominal, asked.feed_forward)
        return (VoltageMode(asked.ramp or usual.ramp, usual.feed_forward),)
    sensed = corners.sensed
    steepest = int(np.argmax(sensed.fall))
    slopes = Slopes(*(np.array([each[steepest]]) for each in (sensed.rise, sensed.fall)))
    current = peak_current_mode(slopes, float(np.max(sensed.peak)))
    sense = asked.sense or current.sense
    usual_slope = current.compensation * sense / current.sense
    if asked.slope is not None:
        return (PeakCurrentMode(sense, asked.slope),)
    tried = [PeakCurrentMode(sense, usual_slope)]
    if np.max(corners.orbits.duty) > LONG_DUTY:
        tried.append(PeakCurrentMode(sense, sense * slopes.fall.item()))
    return tuple(tried)
