"""What regulates a converter in a closed-loop run, and what the run is exposed to."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.small_signal.compensator import Compensator
from arcs_engine.simulation.small_signal.modulator import Modulator
from arcs_engine.simulation.steady.modes import TICKS

LONGEST_DUTY: Final = 0.95
SHORTEST_DUTY: Final = 0.01
"""Of a controller, unless it is given."""


@dataclass(frozen=True, eq=False)
class Regulator:
    """A modulator with its compensator, and the limits of the on-time.

    Attributes:
        modulator: of one design.
        compensator: of one design.
        shortest_duty: on-time over the period before the comparator is asked: its blanking, which
            a pulse lasts at least.
        longest_duty: on-time over the period after which the switch turns off in any case.
    """

    modulator: Modulator
    compensator: Compensator
    shortest_duty: float = SHORTEST_DUTY
    longest_duty: float = LONGEST_DUTY


@dataclass(frozen=True)
class Condition:
    """What a converter is exposed to.

    Attributes:
        vin: input voltage, V.
        rload: load resistance, ohm; inf for none.
        drawn: constant current that the load draws beside it, A, as a magnitude.
        rising: how fast the reference rises, V/s.
    """

    vin: float
    rload: float
    drawn: float = 0.0
    rising: float = 0.0


@dataclass(frozen=True)
class Stretch:
    """A condition that lasts.

    Attributes:
        condition: which.
        periods: how long, in periods; a fraction puts the next condition inside a period.
    """

    condition: Condition
    periods: float


class Control(NamedTuple):
    """A regulator in the kernels' terms; m states of its compensator.

    Attributes:
        dynamics: per period, shape (m, m).
        inputs: of the output and the reference, per period, shape (m, 2).
        output: shape (m,).
        ramp: V per period.
        sensing: ohm.
        delay: ticks, from the comparator's trip to the edge.
        shortest: ticks of the on-time before the comparator is asked.
        longest: ticks of the on-time.
        dead: ticks between the switches.
    """

    dynamics: FloatArray
    inputs: FloatArray
    output: FloatArray
    ramp: float
    sensing: float
    delay: float
    shortest: float
    longest: float
    dead: float


def control_of(regulator: Regulator, period: float, dead_time: float) -> Control:
    """Return a regulator in the kernels' terms.

    Args:
        regulator: of one design.
        period: s.
        dead_time: s, at each edge.
    """
    ramp, sensing, delay, _ = regulator.modulator.rows(np.array([period]))[0].tolist()
    compensator = regulator.compensator
    return Control(
        dynamics=np.ascontiguousarray(period * compensator.dynamics),
        inputs=np.ascontiguousarray(period * compensator.inputs),
        output=np.ascontiguousarray(compensator.output, dtype=np.float64),
        ramp=ramp,
        sensing=sensing,
        delay=delay * TICKS,
        shortest=regulator.shortest_duty * TICKS,
        longest=regulator.longest_duty * TICKS,
        dead=dead_time / period * TICKS,
    )
