"""The one judge: designs and their specs in, verdicts out.

The window, the command line, proposals, training data and rewards all call this module; there is no
second opinion about what a figure is. What a design must pass is the table `CHECKS`, worst first;
labels, masks and sentences are read from it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.circuit import Capacitor
from arcs_engine.circuits.parts.capacitor_bank import MOST_IN_PARALLEL
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance import thermal
from arcs_engine.performance.cores import NOT_RESET
from arcs_engine.performance.corners import CORNERS, LIGHT, Assessment, assess
from arcs_engine.performance.cost import FAILED_COST, Reference
from arcs_engine.performance.design import Designs
from arcs_engine.performance.limits import (
    inefficient,
    is_efficient,
    is_on_target,
    is_smooth,
    is_within,
    off_target,
    too_far,
    too_rough,
)
from arcs_engine.performance.metrics import PartFigure
from arcs_engine.performance.references import textbook_reference
from arcs_engine.simulation.steady.network import IntArray
from arcs_engine.simulation.steady.newton import ABOVE_MAX_DUTY, BELOW_MIN_DUTY, GAIN_LIMIT

LONGEST_COMMUTATION: Final = 0.1
"""Share of the on-time that the leakage may take to commutate: beyond it the fast solver's figures
are not proved (requirement P13)."""

_OUT_OF_REACH: Final = (ABOVE_MAX_DUTY, GAIN_LIMIT, BELOW_MIN_DUTY, NOT_RESET)
"""Statuses of operating points that no duty gives; the others are the solver's own failures."""

_VOUT_STEPS: Final = (0.05, 0.10, 0.20)
_EFFICIENCY_STEPS: Final = (0.5, 0.7, 0.8, 0.9)
_RIPPLE_STEPS: Final = (0.02, 0.05)
"""Where the reward changes by a step: by 1 for the output, by 1/2 for the others."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Check:
    """One thing that a design must pass.

    Attributes:
        label: of a design that fails it first.
        fails: says which of n designs fail it, shape (n,).
        reasons: says why one design fails it, a sentence each; asked of designs that do.
    """

    label: str
    fails: Callable[[Assessment], Mask]
    reasons: Callable[[Assessment, int], Iterator[str]]


def _statuses(found: Assessment) -> IntArray:
    """Return the statuses at the corners, then of nominal parts at full and at light load."""
    nominal = np.stack([found.nominal.status, found.light.status], axis=1)
    return np.concatenate([found.corners.status, nominal], axis=1)


def _unsolved(found: Assessment) -> Mask:
    status = _statuses(found)
    failed = (status > 0) & ~np.isin(status, _OUT_OF_REACH)
    unsolved = failed.any(axis=1) & ~_infeasible(found)
    return np.asarray(unsolved | _unbalanced(found).any(axis=1) | is_slow(found))


def _unbalanced(found: Assessment) -> Mask:
    """Say which points have figures that cannot be, shape (n, corners and the nominal point)."""
    corners = (found.corners.status == 0) & ~found.corners.balanced
    nominal = (found.nominal.status == 0) & ~found.nominal.balanced
    return np.concatenate([corners, nominal[:, None]], axis=1)


def is_slow(found: Assessment) -> Mask:
    """Say which designs' leakage takes too long to commutate for their figures to be trusted."""
    return np.asarray(found.commutation > LONGEST_COMMUTATION)


def _why_unsolved(found: Assessment, row: int) -> Iterator[str]:
    if found.nominal.efficiency[row] > 1:
        pout, pin = float(found.nominal.pout[row]), float(found.nominal.pin[row])
        yield (
            f"{_nominal(found, row)}: {format_quantity(pout, 'W')} leave a converter that "
            f"{format_quantity(pin, 'W')} enter."
        )
    if is_slow(found)[row]:
        yield (
            f"The leakage takes {found.commutation[row]:.0%} of the on-time to commutate, more "
            f"than {LONGEST_COMMUTATION:.0%}, so the figures cannot be trusted."
        )
    for point in np.flatnonzero(_unbalanced(found)[row]).tolist():
        yield (
            f"{_where(found, row, point)}: energy, charge or flux do not balance, so the figures "
            "cannot be trusted."
        )


def _infeasible(found: Assessment) -> Mask:
    return np.asarray(np.isin(_statuses(found), _OUT_OF_REACH).any(axis=1))


def _without_point(found: Assessment, row: int) -> Iterator[str]:
    """Say where a design has no operating point; light load adds nothing to full load's."""
    statuses = _statuses(found)[row]
    if found.nominal.status[row] > 0:
        statuses = statuses[: len(CORNERS) + 1]
    for point in np.flatnonzero(statuses > 0).tolist():
        failure = found.nominal.failure(row, int(statuses[point]))
        yield f"{_where(found, row, point)}: {failure}"


def _off_target(found: Assessment) -> Mask:
    return np.asarray(~is_on_target(found.vout_error) & (found.nominal.status == 0))


def _why_off_target(found: Assessment, row: int) -> Iterator[str]:
    wanted = found.designs.topology.sign * float(found.designs.specs.vout[row])
    yield off_target(float(found.nominal.vout[row]), wanted)


def _ripples(found: Assessment) -> FloatArray:
    """Return the ripples at the corners and of nominal parts, shape (n, corners + 1)."""
    nominal = np.where(found.nominal.status == 0, found.nominal.ripple, np.nan)
    return np.concatenate([found.corners.ripple, nominal[:, None]], axis=1)


def _rough(found: Assessment) -> Mask:
    ripples = _ripples(found)
    smooth = is_smooth(ripples, found.designs.specs.ripple[:, None])
    return np.asarray((~smooth & np.isfinite(ripples)).any(axis=1))


def _why_rough(found: Assessment, row: int) -> Iterator[str]:
    ripples = _ripples(found)[row]
    worst = int(np.nanargmax(ripples))
    allowed = float(found.designs.specs.ripple[row])
    yield f"{_where(found, row, worst)}: {too_rough(ripples[worst], allowed)}"


def _deviates(found: Assessment) -> Mask:
    within = is_within(found.deviation, found.designs.specs.deviation)
    return np.asarray(~within & (found.nominal.status == 0))


def _why_deviates(found: Assessment, row: int) -> Iterator[str]:
    yield too_far(float(found.deviation[row]), float(found.designs.specs.deviation[row]))


def _overstressed(found: Assessment) -> Mask:
    return np.asarray(np.logical_or.reduce([need.exceeds for need in found.needs()]))


def _why_overstressed(found: Assessment, row: int) -> Iterator[str]:
    return (f"{need.shortfall(row)}." for need in found.needs() if need.exceeds[row])


def _hot(found: Assessment) -> Mask:
    return ~is_within(_hottest(found), thermal.JUNCTION_LIMIT)


def _hottest(found: Assessment) -> FloatArray:
    """Return the highest junction temperature of each design, °C; nan where it is not known."""
    nothing = np.full((len(found.designs), 1), np.nan)
    every = np.concatenate([nothing, *found.corners.heat.values()], axis=1)
    return np.asarray(np.fmax.reduce(every, axis=1))


def _why_hot(found: Assessment, row: int) -> Iterator[str]:
    for part, hot in found.corners.heat.items():
        if (hot[row] > thermal.JUNCTION_LIMIT).any():
            worst = int(np.nanargmax(hot[row]))
            place = _where(found, row, worst)
            said = thermal.overheating(
                part,
                float(hot[row, worst]),
                thermal.JUNCTION_LIMIT,
                place[0].lower() + place[1:],
            )
            yield f"{said}."


def _unsold(found: Assessment) -> Mask:
    sold = [exists for _, exists in found.board.banks.values()]
    return np.asarray(~np.logical_and.reduce(sold) & (found.nominal.status == 0))


def _why_unsold(found: Assessment, row: int) -> Iterator[str]:
    parameters = found.designs.parameters
    for name, (_, exists) in found.board.banks.items():
        if not exists[row]:
            capacitor = Capacitor(name, "", "")
            yield (
                f"No {MOST_IN_PARALLEL} capacitors or fewer that are sold make {name}: "
                f"{format_quantity(float(parameters[capacitor.capacitance][row]), 'F')} of at most "
                f"{format_quantity(float(parameters[capacitor.resistance][row]), 'Ω')} for "
                f"{format_quantity(float(found.stresses.peaks[name][row]), 'V', 3)} and "
                f"{format_quantity(_rms(found, name, row), 'A', 3)}."
            )


def _rms(found: Assessment, part: str, row: int) -> float:
    return float(found.stresses.currents[PartFigure(part, "rms")][row])


def _swing_limits(found: Assessment) -> FloatArray:
    return found.designs.topology.ripple_limits(found.designs.specs)


def _duty_limits(found: Assessment) -> FloatArray:
    return found.designs.topology.duty_limits(found.designs.specs)


def _lowest_input_duty(found: Assessment) -> FloatArray:
    """Return the duty of the lossless circuit at the lowest input, shape (n,)."""
    topology, specs = found.designs.topology, found.designs.specs
    return topology.ideal_duty(
        specs.vin_min, topology.turns_ratio(found.designs.parameters) * specs.vout
    )


def _swings(found: Assessment) -> Mask:
    return ~is_within(found.corners.swing, _swing_limits(found))


def _why_swings(found: Assessment, row: int) -> Iterator[str]:
    limit = float(_swing_limits(found)[row])
    yield (
        f"The ripple of the inductor's current is {found.corners.swing[row]:.0%} of its largest "
        f"mean, more than the {limit:.0%} that is customary."
    )


def _long(found: Assessment) -> Mask:
    return ~is_within(_lowest_input_duty(found), _duty_limits(found))


def _why_long(found: Assessment, row: int) -> Iterator[str]:
    duty = float(_lowest_input_duty(found)[row])
    limit = float(_duty_limits(found)[row])
    yield (
        f"The duty at the lowest input is {duty:.0%}, longer than the {limit:.0%} that is "
        "customary."
    )


def _swings_through(found: Assessment) -> Mask:
    return ~is_within(found.corners.coupling, found.designs.topology.coupling_custom)


def _why_swings_through(found: Assessment, row: int) -> Iterator[str]:
    yield (
        f"The ripple of the coupling capacitor is {found.corners.coupling[row]:.0%} of its mean, "
        f"more than {found.designs.topology.coupling_custom:.0%}."
    )


def _inefficient(found: Assessment) -> Mask:
    return ~is_efficient(found.efficiency_estimated, found.designs.specs.efficiency)


def _why_inefficient(found: Assessment, row: int) -> Iterator[str]:
    wished = float(found.designs.specs.efficiency[row])
    yield inefficient(float(found.efficiency_estimated[row]), wished)


CHECKS: Final = (
    Check("unsolved", _unsolved, _why_unsolved),
    Check("infeasible", _infeasible, lambda _found, _row: iter(())),
    Check("vout", _off_target, _why_off_target),
    Check("ripple", _rough, _why_rough),
    Check("deviation", _deviates, _why_deviates),
    Check("stress", _overstressed, _why_overstressed),
    Check("heat", _hot, _why_hot),
    Check("bank", _unsold, _why_unsold),
    Check("ripple current", _swings, _why_swings),
    Check("duty", _long, _why_long),
    Check("coupling", _swings_through, _why_swings_through),
    Check("efficiency", _inefficient, _why_inefficient),
)
"""What a design must pass at all corners, worst first; a wish is the last of them."""

GRADUAL: Final = (
    "ripple", "deviation", "heat", "ripple current", "duty", "coupling", "efficiency"
)  # fmt: skip
"""Checks that hold a figure against a limit: how far it is exceeded tells designs apart."""

_UNKNOWN: Final = 100.0
"""Excess of a design none of whose corners is known: more than any figure that is known has, so
that no design seems nearer to its spec for having lost the corners that it fails."""

_OTHERWISE: Final = 10.0
"""Excess of a check that fails and is not gradual."""

STATUSES: Final = ("good", *(check.label for check in CHECKS))
"""Labels of a verdict: the first thing that fails, or good."""


@dataclass(frozen=True)
class Verdicts:
    """What the judge says of n designs; arrays of shape (n,).

    Attributes:
        status: index into `STATUSES`.
        meets_spec: strict pass at all corners.
        strict_pass: strict pass at the nominal point.
        cost: requirement J4; `FAILED_COST` where the spec is not met.
        cost_if_met: what a design would cost if it met its spec; where its other corners were not
            solved, what it would cost at least. Nan where unsolved.
        reward: the 8-point reward.
        excess: 1 where nothing fails, more the further limits are exceeded; inf where unsolved.
        failures: for each label of `CHECKS` which designs fail so; one may fail in several ways.
        assessment: the figures behind it all.
    """

    status: NDArray[np.int64]
    meets_spec: Mask
    strict_pass: Mask
    cost: FloatArray
    cost_if_met: FloatArray
    reward: FloatArray
    excess: FloatArray
    failures: dict[str, Mask]
    assessment: Assessment

    def reasons(self, row: int) -> tuple[str, ...]:
        """Say what one design fails, worst first, one sentence each; nothing if it passes."""
        found = self.assessment
        sentences = list(_without_point(found, row))
        if found.nominal.status[row] == 0:
            for check in CHECKS:
                if self.failures[check.label][row]:
                    sentences += check.reasons(found, row)
        return tuple(sentences)


def judge(designs: Designs, reference: Reference | None = None) -> Verdicts:
    """Judge designs of one topology.

    Args:
        designs: n of them.
        reference: what costs 1 for each; None for the textbook design of each spec.
    """
    specs = designs.specs
    against = reference or textbook_reference(designs.topology, specs)
    found = assess(designs)
    failures = {check.label: check.fails(found) for check in CHECKS}
    status = np.zeros(len(designs), dtype=np.int64)
    for label in reversed(STATUSES[1:]):
        status[failures[label]] = STATUSES.index(label)
    meets = status == 0
    cost = against.cost(specs.weight, found.loss, found.board.volume)
    return Verdicts(
        status=status,
        meets_spec=meets,
        strict_pass=_nominal_pass(found, failures["stress"]),
        cost=np.where(meets, cost, FAILED_COST),
        cost_if_met=cost,
        reward=_reward(found),
        excess=_excess(found, failures),
        failures=failures,
        assessment=found,
    )


def _nominal_pass(found: Assessment, overstressed: Mask) -> Mask:
    """Say which designs pass at nominal input and full load, whatever the other corners say."""
    nominal = found.nominal
    return np.asarray(
        (nominal.status == 0)
        & is_on_target(found.vout_error)
        & is_smooth(nominal.ripple, found.designs.specs.ripple)
        & nominal.balanced
        & ~is_slow(found)
        & ~overstressed
    )


def _reward(found: Assessment) -> FloatArray:
    """Return the 8-point reward (requirement J6); unbalanced counts as not simulated."""
    nominal = found.nominal
    simulated = (nominal.status == 0) & nominal.balanced
    return reward_of(simulated, found.vout_error, nominal.efficiency, nominal.ripple)


def reward_of(
    simulated: Mask, vout_error: FloatArray, efficiency: FloatArray, ripple: FloatArray
) -> FloatArray:
    """Return the 8-point reward of n designs at the nominal point (requirement J6), shape (n,).

    Args:
        simulated: whether the other figures mean anything.
        vout_error: fraction.
        efficiency: of the circuit, a fraction.
        ripple: fraction of Vout.
    """
    # Both ends of a step as they are counted: an error of exactly 5 % has missed it.
    points = 4.0 - np.searchsorted(_VOUT_STEPS, vout_error, side="right")
    points += np.searchsorted(_EFFICIENCY_STEPS, efficiency, side="left") / 2
    points += 1.0 - np.searchsorted(_RIPPLE_STEPS, ripple, side="right") / 2
    return 1.0 + np.where(simulated, points, 0.0)


def _excess(found: Assessment, failures: dict[str, Mask]) -> FloatArray:
    """Return 1 plus what the figures of `GRADUAL` exceed their limits by, over these.

    Their sum: where two limits are exceeded, less of either is nearer to the spec. What fails
    otherwise, and corners that are not known, count for more than any of these.
    """
    specs = found.designs.specs
    ratios = (
        np.fmax.reduce(_ripples(found), axis=1) / specs.ripple,
        found.deviation / specs.deviation,
        found.heating,
        found.corners.swing / _swing_limits(found),
        _lowest_input_duty(found) / _duty_limits(found),
        found.corners.coupling / found.designs.topology.coupling_custom,
        (1 / found.efficiency_estimated - 1) / (1 / specs.efficiency - 1),
    )
    beyond = [np.fmax(np.nan_to_num(ratio, nan=0.0) - 1, 0.0) for ratio in ratios]
    others = [fails for label, fails in failures.items() if label not in GRADUAL]
    unknown = (found.corners.status != 0).mean(axis=1) if found.designs.regulated else 0.0
    lost = _OTHERWISE * np.sum(others, axis=0) + _UNKNOWN * unknown
    return np.where(found.nominal.status == 0, 1 + sum(beyond) + lost, np.inf)


def _nominal(found: Assessment, row: int) -> str:
    return f"At {found.designs.specs.vin[row]:g} V and full load"


def _where(found: Assessment, row: int, point: int) -> str:
    """Name a corner for the user; after the corners come nominal parts at full and light load."""
    specs = found.designs.specs
    if point == len(CORNERS):
        return _nominal(found, row)
    if point > len(CORNERS):
        return f"At {specs.vin[row]:g} V and {LIGHT:.0%} load"
    vin, load = CORNERS[point]
    return f"At {getattr(specs, vin)[row]:g} V, {load:.0%} load and with the worst parts"
