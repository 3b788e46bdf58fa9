"""What a look at a voltage loop answers with: curves and steps, which need no solver to be read."""

from dataclasses import dataclass
from typing import Literal

from arcs_engine.circuits.control.linear_system import ComplexArray
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.judged_loop import JudgedLoop

StepSide = Literal["rises", "falls"]
"""What the load does at a step."""


@dataclass(frozen=True, eq=False)
class LoopGain:
    """A loop gain with its margins; None for what does not exist.

    Attributes:
        gain: shape (frequencies,).
        crossover: the highest one, Hz.
        phase_margin: least one of all crossings, degrees.
        gain_margin: a factor.
        gain_margin_at: where the gain would reach -1 with it, Hz.
    """

    gain: ComplexArray
    crossover: float | None
    phase_margin: float | None
    gain_margin: float | None
    gain_margin_at: float | None


@dataclass(frozen=True, eq=False)
class LoopCurves:
    """A loop over frequency; the corners are those of the `JudgedLoop`, in its order.

    Attributes:
        frequencies: Hz, ascending, the last one half the switching frequency; (frequencies,).
        analysed: the analyser's loop gain at the nominal point.
        sampled: the sampled loop gain there.
        corners: the analyser's loop gain at the corners, shape (corners, frequencies).
        sampled_corners: the sampled loop gain there.
        open_impedance: of the output at the nominal point, the voltage loop open, ohm, shape
            (frequencies,); in peak current mode the current loop is closed.
        closed_impedance: the same with the voltage loop closed: over 1 plus the analyser's gain.
    """

    frequencies: FloatArray
    analysed: LoopGain
    sampled: LoopGain
    corners: ComplexArray
    sampled_corners: ComplexArray
    open_impedance: ComplexArray
    closed_impedance: ComplexArray


@dataclass(frozen=True, eq=False)
class ExaminedLoop:
    """A loop with the judge's word on it and its curves."""

    judged: JudgedLoop
    curves: LoopCurves


@dataclass(frozen=True, eq=False)
class RegulatedStep:
    """What a regulated output does when the load steps; instants count from the step.

    Attributes:
        side: what the load does.
        loads: before and after, shares of the full load.
        regulated: output that is held, V, as a magnitude.
        time: s, shape (k,).
        output: magnitude of the output, V, shape (k,).
        ends: instants at which means over a switching period end, s, shape (m,).
        means: those means, V, shape (m,).
        undershoot: of the mean, V.
        overshoot: of the mean, V.
        settling: until the mean stays within 1 %, s; None where it does not.
        saturated: periods in which the duty was at a limit.
    """

    side: StepSide
    loads: tuple[float, float]
    regulated: float
    time: FloatArray
    output: FloatArray
    ends: FloatArray
    means: FloatArray
    undershoot: float
    overshoot: float
    settling: float | None
    saturated: int


@dataclass(frozen=True, eq=False)
class ProvedStep:
    """What ngspice says of a step.

    Attributes:
        side: what the load does.
        ends: as those of the step, s, shape (m,).
        means: ngspice's, V, shape (m,).
        distance: largest distance of an extreme of the means, V.
        agrees: whether the extremes are the same.
        seconds: that ngspice took.
    """

    side: StepSide
    ends: FloatArray
    means: FloatArray
    distance: float
    agrees: bool
    seconds: float
