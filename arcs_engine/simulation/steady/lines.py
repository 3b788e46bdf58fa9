"""A diode's curve as a line, a constant drop and a resistance, fitted to its own conduction."""

from typing import Final

from arcs_engine.circuits.parts import THERMAL_VOLTAGE
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.compiled import kernel
from arcs_engine.simulation.steady.meter import Meter, diode_voltage
from arcs_engine.simulation.steady.modes import Plan, Work
from arcs_engine.simulation.steady.network import DIODE

_SMALLEST_RESISTANCE: Final = 1e-6


@kernel
def first_lines(plan: Plan, work: Work, p: FloatArray, current: float) -> None:
    """Start every diode with the chord of V(I) between a fifth and one and a half of `current`."""
    for e in range(len(plan.kinds)):
        if plan.kinds[e] == DIODE:
            low = diode_voltage(p, plan.columns, e, 0.2 * current)
            high = diode_voltage(p, plan.columns, e, 1.5 * current)
            line = work.lines[plan.order[e]]
            line[1] = max((high - low) / (1.3 * current), _SMALLEST_RESISTANCE)
            line[0] = max(low - line[1] * 0.2 * current, 0.0)


@kernel
def line_error(plan: Plan, work: Work, meter: Meter) -> float:
    """Return the largest error of the diodes' losses by their lines, over what flows in all.

    The conduction that they were fitted to may differ from the one that they led to.
    """
    error, total = 0.0, 0.0
    for d in range(plan.diodes):
        _, charge, square, _, energy = meter.moments[d]
        line = work.lines[d]
        error = max(error, abs(line[0] * charge + line[1] * square - energy))
        total += energy
    return error / total if total > 0.0 else 0.0


@kernel
def refit_lines(plan: Plan, work: Work, p: FloatArray, meter: Meter) -> None:
    """Fit each diode's line to V(I) over its own conduction, by time-weighted least squares.

    The normal equations keep the mean voltage and the mean loss of V(I).
    """
    changed = 0
    for e in range(len(plan.kinds)):
        if plan.kinds[e] != DIODE:
            continue
        d = plan.order[e]
        time, charge, square, flux, energy = meter.moments[d]
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
            junction = p[plan.columns[e, 2]] * THERMAL_VOLTAGE
            line[1] = junction / (mean + p[plan.columns[e, 1]]) + p[plan.columns[e, 3]]
        line[1] = max(line[1], _SMALLEST_RESISTANCE)
        line[0] = flux / time - line[1] * mean
        for mode in range(len(work.ready)):
            work.slack[mode, plan.states, d] += before - line[0]
    for mode in range(len(work.ready)):
        if mode >> plan.switches & changed:
            work.ready[mode] = 0
