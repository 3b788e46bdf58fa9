"""By how much the output deviates when the load steps, in closed form.

The peak of the one-period moving average from its regulated value, the worse one of attack and
release, with a constant-current load and a step without slew, under a loop as fast as
`crossover.crossover` says. Against an exact closed loop, itself held against ngspice, the worst of
140 fresh cases of buck, boost, inverting and flyback stages was 6 % above it, and 98 % were within
20 %. An oscilloscope shows half the ripple more. Cuk and SEPIC take the safe side, see
`crossover`. All arrays have shape (n,).

Not covered: an optocoupler whose transfer ratio strays, a second filter stage, a current limit
under 1.2 times the steady peak, and what `crossover.within_limits` names.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.crossover import WITHOUT_ZERO, Control, Stage, crossover
from arcs_engine.circuits.spec import FloatArray

PEAK: Final = 0.90
"""Peak of the deviation over dI / (2 pi fc C). It belongs to the capacitive part alone."""

_TOGETHER: Final = 4.0
"""Power with which small and large signal add up; the larger one alone is up to a third too low
where the two meet."""

FROM_GAPS: Final = {
    ("buck", "voltage"): 1.25,
    ("forward", "voltage"): 1.25,
    ("boost", "current"): 1.15,
}
"""Deviation of an attack that starts in discontinuous conduction over that from continuous."""


def deviation(
    family: str,
    control: Control,
    stage: Stage,
    step: FloatArray,
    capacitance: FloatArray,
    esr: FloatArray,
    from_gaps: NDArray[np.bool_] | bool = False,
) -> FloatArray:
    """Return the peak deviation of the output when the load steps, V.

    (small^4 + large^4)^(1/4). Small signal: dI sqrt((0.90 / (2 pi fc C))^2 + ESR^2). Large signal,
    of buck and forward: dI^2 / (2 m C), the charge that is missing while the inductor's current
    follows at its slope m; the others' loops are so slow that it always follows.

    Args:
        family: of topologies, as ``buck``.
        control: of its loop.
        stage: seen from the output, at the inductance to judge: 20 % more is the worst.
        step: of the load, A.
        capacitance: of the output, F: effective, under bias and at its lower tolerance.
        esr: of the output capacitor, ohm.
        from_gaps: which stages conduct discontinuously before the step.
    """
    both = deviation_at(crossover(family, control, stage), family, stage, step, capacitance, esr)
    return both * np.where(from_gaps, FROM_GAPS.get((family, control), 1.0), 1.0)


def deviation_at(
    frequency: FloatArray,
    family: str,
    stage: Stage,
    step: FloatArray,
    capacitance: FloatArray,
    esr: FloatArray,
) -> FloatArray:
    """Return the peak deviation in continuous conduction under a loop whose crossover is known, V.

    Args:
        frequency: crossover of the loop at its slowest corner, Hz.
        family: of topologies.
        stage: seen from the output, at the inductance to judge.
        step: of the load, A.
        capacitance: of the output, F.
        esr: of the output capacitor, ohm.
    """
    small, large = _per_capacitance(frequency, family, stage, step)
    small = np.hypot(small / capacitance, step * esr)
    large = large / capacitance
    return np.asarray((small**_TOGETHER + large**_TOGETHER) ** (1 / _TOGETHER))


def needed_capacitance(
    family: str,
    control: Control,
    stage: Stage,
    step: FloatArray,
    allowed: FloatArray,
    esr: FloatArray,
) -> FloatArray:
    """Return the output capacitance whose `deviation` is the allowed one, F.

    The inverse is exact, a quadratic equation in 1 / C^2. It is inf where the ESR alone deviates by
    more, which no capacitance mends.

    Args:
        family: of topologies.
        control: of its loop.
        stage: seen from the output.
        step: of the load, A.
        allowed: deviation, V, inf for no limit; where the step starts in discontinuous
            conduction, less.
        esr: of the output capacitor, ohm.
    """
    small, large = _per_capacitance(crossover(family, control, stage), family, stage, step)
    small, large, resistive = small / allowed, large / allowed, step * esr / allowed
    square = small**4 + large**4
    linear = (small * resistive) ** 2
    reachable = resistive < 1
    rest = np.where(reachable, 1 - resistive**4, 1.0)
    # Over 1 / C^2, the larger one of both roots, written so that it loses no digits.
    root = linear + np.sqrt(linear**2 + square * rest)
    return np.where(reachable, np.sqrt(root / rest), np.inf)


def _per_capacitance(
    frequency: FloatArray, family: str, stage: Stage, step: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the small and the large signal's deviation times the capacitance, V F."""
    small = PEAK * step / (2 * np.pi * frequency)
    large = step**2 / (2 * _slope(stage)) if family in WITHOUT_ZERO else np.zeros_like(small)
    return small, large


def _slope(stage: Stage) -> FloatArray:
    """Return the slower one of the slopes at which the inductor's current rises and falls, A/s.

    It rises with the lowest input at the longest duty, less the output; a hundredth of the output
    is left at least, where the input hardly suffices.
    """
    rises = np.maximum(stage.low * stage.longest_duty - stage.vout, 0.01 * stage.vout)
    return np.minimum(rises, stage.vout) / stage.inductance
