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

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.cores import NOT_RESET
from arcs_engine.performance.corners import CORNERS, NOMINAL, Assessment, assess
from arcs_engine.performance.cost import FAILED_COST, Reference
from arcs_engine.performance.design import Designs
from arcs_engine.performance.limits import (
    inefficient,
    is_efficient,
    is_on_target,
    is_smooth,
    off_target,
    too_rough,
)
from arcs_engine.performance.references import textbook_reference
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


def _unsolved(found: Assessment) -> Mask:
    failed = (found.corner_status > 0) & ~np.isin(found.corner_status, _OUT_OF_REACH)
    unsolved = failed.any(axis=1) & ~_infeasible(found)
    return np.asarray(unsolved | _unbalanced(found).any(axis=1) | is_slow(found))


def _unbalanced(found: Assessment) -> Mask:
    """Say which corners have figures that cannot be, shape (n, corners)."""
    return np.asarray((found.corner_status == 0) & ~found.corner_balanced)


def is_slow(found: Assessment) -> Mask:
    """Say which designs' leakage takes too long to commutate for their figures to be trusted."""
    return np.asarray(found.commutation > LONGEST_COMMUTATION)


def _why_unsolved(found: Assessment, row: int) -> Iterator[str]:
    if found.nominal.efficiency[row] > 1:
        pout, pin = float(found.nominal.pout[row]), float(found.nominal.pin[row])
        yield (
            f"{_where(found, row, NOMINAL)}: {format_quantity(pout, 'W')} leave a converter that "
            f"{format_quantity(pin, 'W')} enter."
        )
    if is_slow(found)[row]:
        yield (
            f"The leakage takes {found.commutation[row]:.0%} of the on-time to commutate, more "
            f"than {LONGEST_COMMUTATION:.0%}, so the figures cannot be trusted."
        )
    for corner in np.flatnonzero(_unbalanced(found)[row]).tolist():
        yield (
            f"{_where(found, row, corner)}: energy, charge or flux do not balance, so the figures "
            "cannot be trusted."
        )


def _infeasible(found: Assessment) -> Mask:
    return np.asarray(np.isin(found.corner_status, _OUT_OF_REACH).any(axis=1))


def _without_point(found: Assessment, row: int) -> Iterator[str]:
    """Say which corners of a design have no operating point."""
    for corner in np.flatnonzero(found.corner_status[row] > 0).tolist():
        failure = found.nominal.failure(row, int(found.corner_status[row, corner]))
        yield f"{_where(found, row, corner)}: {failure}"


def _off_target(found: Assessment) -> Mask:
    return np.asarray(~is_on_target(found.vout_error) & (found.nominal.status == 0))


def _why_off_target(found: Assessment, row: int) -> Iterator[str]:
    wanted = found.designs.topology.sign * float(found.designs.specs.vout[row])
    yield off_target(float(found.nominal.vout[row]), wanted)


def _rough(found: Assessment) -> Mask:
    smooth = is_smooth(found.corner_ripple, found.designs.specs.ripple[:, None])
    return np.asarray((~smooth & (found.corner_status == 0)).any(axis=1))


def _why_rough(found: Assessment, row: int) -> Iterator[str]:
    worst = int(np.nanargmax(found.corner_ripple[row]))
    allowed = float(found.designs.specs.ripple[row])
    yield f"{_where(found, row, worst)}: {too_rough(found.corner_ripple[row, worst], allowed)}"


def _overstressed(found: Assessment) -> Mask:
    return np.asarray(np.logical_or.reduce([need.exceeds for need in found.needs()]))


def _why_overstressed(found: Assessment, row: int) -> Iterator[str]:
    return (f"{need.shortfall(row)}." for need in found.needs() if need.exceeds[row])


def _unsold(found: Assessment) -> Mask:
    designs = found.designs
    if not designs.regulated:
        return np.zeros(len(designs), dtype=bool)
    below = designs.parameters["Cout_esr"] < found.esr_bound * (1 - 1e-9)
    return np.asarray(below & (found.nominal.status == 0))


def _why_unsold(found: Assessment, row: int) -> Iterator[str]:
    capacitance = format_quantity(float(found.designs.parameters["Cout"][row]), "F")
    bound = format_quantity(float(found.esr_bound[row]), "Ω")
    yield f"No capacitor of {capacitance} has an ESR below {bound}."


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
    Check("stress", _overstressed, _why_overstressed),
    Check("esr", _unsold, _why_unsold),
    Check("efficiency", _inefficient, _why_inefficient),
)
"""What a design must pass at all corners, worst first; a wish is the last of them."""

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
        least_cost: what those designs cost at least that were cut off at their bound; nan for all
            others.
        cost_if_met: what a design would cost if it met its spec; where its other corners were not
            solved, what it would cost at least. Nan where unsolved.
        reward: the 8-point reward.
        failures: for each label of `CHECKS` which designs fail so; one may fail in several ways.
        assessment: the figures behind it all.
    """

    status: NDArray[np.int64]
    meets_spec: Mask
    strict_pass: Mask
    cost: FloatArray
    least_cost: FloatArray
    cost_if_met: FloatArray
    reward: FloatArray
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


def judge(
    designs: Designs, reference: Reference | None = None, bound: FloatArray | None = None
) -> Verdicts:
    """Judge designs of one topology.

    Args:
        designs: n of them.
        reference: what costs 1 for each; None for the textbook design of each spec.
        bound: costs from which on designs are of no interest, shape (n,). One that is sure to cost
            that much by its nominal point is cut off before its other corners are solved, and does
            not count as meeting the spec. Not with overrides. None to cut off nothing.
    """
    specs = designs.specs
    against = reference or textbook_reference(designs.topology, specs)
    least_cost = np.full(len(designs), np.nan)

    def at_bound(loss: FloatArray, energy: FloatArray) -> Mask:
        assert bound is not None, "asked only where there is one"
        least_cost[:] = against.cost(specs.weight, loss, energy)
        return np.asarray(least_cost >= bound)

    found = assess(designs, None if bound is None else at_bound)
    least_cost[~found.cut_off] = np.nan
    failures = {check.label: check.fails(found) for check in CHECKS}
    status = np.zeros(len(designs), dtype=np.int64)
    for label in reversed(STATUSES[1:]):
        status[failures[label]] = STATUSES.index(label)
    meets = (status == 0) & ~found.cut_off
    cost = against.cost(specs.weight, found.loss, found.energy)
    return Verdicts(
        status=status,
        meets_spec=meets,
        strict_pass=_nominal_pass(found, failures["stress"]),
        cost=np.where(meets, cost, FAILED_COST),
        least_cost=least_cost,
        cost_if_met=cost,
        reward=_reward(found),
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
    # Both ends of a step as they are counted: an error of exactly 5 % has missed it.
    points = 4.0 - np.searchsorted(_VOUT_STEPS, found.vout_error, side="right")
    points += np.searchsorted(_EFFICIENCY_STEPS, nominal.efficiency, side="left") / 2
    points += 1.0 - np.searchsorted(_RIPPLE_STEPS, nominal.ripple, side="right") / 2
    return 1.0 + np.where(simulated, points, 0.0)


def _where(found: Assessment, row: int, corner: int) -> str:
    """Name a corner for the user."""
    specs = found.designs.specs
    if corner == NOMINAL:
        return f"At {specs.vin[row]:g} V and full load"
    vin, load = CORNERS[corner]
    return f"At {getattr(specs, vin)[row]:g} V and {load:.0%} load"
