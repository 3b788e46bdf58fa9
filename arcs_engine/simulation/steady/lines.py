"""A diode's curve as a line, a constant drop and a resistance, fitted to its own conduction.

Between two switchings the circuit has to be linear, a diode is not. So each has the line that is
nearest to its curve V(I) over the currents that it carries, and since these depend on the lines,
they are fitted again after a solution until the losses agree.
"""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.parts import THERMAL_VOLTAGE
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.modes import Converter, Work, parameter
from arcs_engine.simulation.steady.network import DIODE

_SMALLEST_RESISTANCE: Final = 1e-6

_FAR_ABOVE: Final = 1e9
"""Ratio r beyond which ln(1 + r) is ln r to 1e-9 of a thermal voltage."""


class Curve(NamedTuple):
    """V(I) of a diode (see `circuit.Diode`): drop, V; saturation current, A; emission; Ohm."""

    drop: float
    saturation_current: float
    emission: float
    resistance: float


@inner_kernel
def curve_of(converter: Converter, e: int) -> Curve:
    """Return the curve of the diode that is element `e`."""
    return Curve(
        parameter(converter, e, 0),
        parameter(converter, e, 1),
        parameter(converter, e, 2),
        parameter(converter, e, 3),
    )


@inner_kernel
def voltage_at(curve: Curve, current: float) -> float:
    """Return V(I), V."""
    ratio = current / curve.saturation_current
    # Far above the saturation current the plain logarithm is as exact and twice as fast.
    logarithm = np.log(ratio) if ratio > _FAR_ABOVE else np.log1p(ratio)
    junction = curve.emission * THERMAL_VOLTAGE * logarithm
    return float(curve.drop + junction + curve.resistance * current)


@kernel
def first_lines(converter: Converter) -> None:
    """Start each diode with the chord of V(I) between 0.2 and 1.5 times the load current."""
    plan, current = converter.plan, converter.point.current
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == DIODE:
            curve = curve_of(converter, e)
            low = voltage_at(curve, 0.2 * current)
            high = voltage_at(curve, 1.5 * current)
            line = converter.work.lines[plan.order[e]]
            line[1] = max((high - low) / (1.3 * current), _SMALLEST_RESISTANCE)
            line[0] = max(low - line[1] * 0.2 * current, 0.0)


@kernel
def line_error(work: Work, moments: FloatArray) -> float:
    """Return the largest error of the diodes' losses by their lines, over what flows in all.

    The conduction that they were fitted to may differ from the one that they led to, whose
    `meter.Meter.moments` are given.
    """
    error, total = 0.0, 0.0
    for d in range(len(work.lines)):
        _, charge, square, _, energy = moments[d]
        line = work.lines[d]
        error = max(error, abs(line[0] * charge + line[1] * square - energy))
        total += energy
    return error / total if total > 0.0 else 0.0


@kernel
def refit_lines(converter: Converter, moments: FloatArray) -> None:
    """Fit each diode's line to V(I) over its own conduction, by time-weighted least squares.

    The normal equations, in which the brackets are means over the conduction,

        [1] drop + [i] resistance = [v(i)],    [i] drop + [i^2] resistance = [i v(i)],

    keep the mean voltage and the mean loss of V(I). Their sums are `meter.Meter.moments`.
    """
    plan, work = converter.plan, converter.work
    changed = 0
    for e in range(len(plan.kinds)):
        if plan.kinds[e] != DIODE:
            continue
        d = plan.order[e]
        time, charge, square, flux, energy = moments[d]
        # A diode that never conducts keeps its line.
        if time < 1e-9 or charge <= 0.0:
            continue
        changed |= 1 << d
        mean = charge / time
        determinant = time * square - charge * charge
        line = work.lines[d]
        before = line[0]
        if determinant > 1e-6 * charge * charge:
            line[1] = (time * energy - charge * flux) / determinant
        else:  # as good as constant: the tangent
            curve = curve_of(converter, e)
            junction = curve.emission * THERMAL_VOLTAGE
            line[1] = junction / (mean + curve.saturation_current) + curve.resistance
        line[1] = max(line[1], _SMALLEST_RESISTANCE)
        line[0] = flux / time - line[1] * mean
        # The drop is also the threshold of the diode, in every mode.
        for mode in range(len(work.ready)):
            work.slack[mode, plan.states, d] += before - line[0]
    # What was made of modes in which no changed diode conducts holds as it is.
    for mode in range(len(work.ready)):
        if mode >> plan.switches & changed:
            work.ready[mode] = 0
