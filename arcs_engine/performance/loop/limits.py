"""What a loop must hold at every corner: one ordered table.

Each limit has a slack, how far it is held over the limit, and a sentence for people.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from arcs_engine.circuits.crossover import FASTEST_SHARE, ZERO_SHARE
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.units import format_quantity

if TYPE_CHECKING:  # the judge reads this table
    from arcs_engine.performance.loop.judgement import LoopVerdicts
    from arcs_engine.performance.loop.margins import Margins

LEAST_PHASE_MARGIN: Final = 50.0
"""Degrees, at every crossing of unity gain: a load step then rings once, hardly."""

MOST_HALF: Final = 0.3
"""Of -L(fs/2). The sampled loop is real there, and only a negative one comes near -1."""

LEAST_MODULUS: Final = 0.65
"""Of |1 + L|: by no more than 1 / 0.65 does the loop make worse what disturbs the output, at any
frequency."""

_SUBHARMONIC: Final = 0.02
"""Largest angle from the negative axis, over pi, of a multiplier that alternates."""

Place = tuple[int, int]
"""A fitting and one of its places."""


@dataclass(frozen=True)
class LoopLimit:
    """One thing that a loop must hold.

    Attributes:
        label: its name.
        slack: how far it is held, over the limit; below zero or nan where it is not. Shape
            (fittings, places).
        reason: says why a fitting does not hold it at a place.
    """

    label: str
    slack: "Callable[[LoopVerdicts], FloatArray]"
    reason: "Callable[[LoopVerdicts, Place], str]"


def _closing(found: "LoopVerdicts") -> FloatArray:
    """Return the share of the comparator's own slope that the control voltage's ripple leaves."""
    return np.asarray(found.closing_slope / np.abs(found.closing_slope + found.control_slope))


def _why_closing(found: "LoopVerdicts", at: Place) -> str:
    ramp = found.closing_slope[at] + found.control_slope[at]
    return (
        f"the control voltage rises by {format_quantity(found.control_slope[at], 'V/s')} where "
        f"the ramp rises by {format_quantity(ramp, 'V/s')}, so the comparator trips more than "
        "once."
    )


def _stable(found: "LoopVerdicts") -> FloatArray:
    """Return nan where there are no multipliers though the comparator trips once."""
    return np.where(found.closing_slope > 0, 1 - np.abs(found.multiplier), np.inf)


def _why_unstable(found: "LoopVerdicts", at: Place) -> str:
    multiplier = found.multiplier[at]
    if np.isnan(multiplier):
        return "the compensator has no periodic state, so the loop cannot be closed."
    size = f"the largest multiplier of the closed loop is {abs(multiplier):.3g}"
    if abs(np.angle(-multiplier)) <= _SUBHARMONIC * np.pi:
        return f"{size} at half the switching frequency, where the duty alternates."
    frequency = abs(np.angle(multiplier)) / (2 * np.pi) * found.plants.corners.fsw
    return f"{size}, so an oscillation at {format_quantity(frequency, 'Hz', 3)} grows."


def _crosses(found: "LoopVerdicts") -> FloatArray:
    crossovers = np.stack([found.analysed.crossover, found.sampled.crossover])
    missing = np.isnan(crossovers).any(axis=0) & np.isfinite(found.multiplier)
    return np.where(missing, -1.0, 1.0)


def _where_known(slack: FloatArray) -> FloatArray:
    """Return a slack that is without end where a limit above has failed and left no figure."""
    return np.where(np.isnan(slack), np.inf, slack)


def _why_no_crossing(found: "LoopVerdicts", at: Place) -> str:
    return (
        "the gain is never one below half the switching frequency, where it is "
        f"{abs(found.half[at]):.2g}."
    )


def _why_phase(margins: "Margins", view: str, at: Place) -> str:
    return (
        f"the phase margin of the {view} is {margins.phase_margin[at]:.0f}°, less than "
        f"{LEAST_PHASE_MARGIN:g}°."
    )


def _why_half(found: "LoopVerdicts", at: Place) -> str:
    return f"L(fs/2) is {found.half[at]:.2f}, below {-MOST_HALF:g}."


def _why_modulus(found: "LoopVerdicts", at: Place) -> str:
    return f"|1 + L| falls to {found.modulus[at]:.2f}, below {LEAST_MODULUS:g}."


def _too_fast(found: "LoopVerdicts") -> FloatArray:
    return _where_known(1 - found.crossover * FASTEST_SHARE / found.plants.corners.fsw)


def _why_too_fast(found: "LoopVerdicts", at: Place) -> str:
    limit = found.plants.corners.fsw / FASTEST_SHARE
    return (
        f"the crossover of {format_quantity(found.crossover[at], 'Hz', 3)} lies above "
        f"{format_quantity(limit, 'Hz', 3)}, a seventh of the switching frequency."
    )


def _above_zero(found: "LoopVerdicts") -> FloatArray:
    return _where_known(1 - found.crossover * ZERO_SHARE / found.right_half_plane_zero)


def _why_above_zero(found: "LoopVerdicts", at: Place) -> str:
    zero = found.right_half_plane_zero[at[1]]
    return (
        f"the crossover of {format_quantity(found.crossover[at], 'Hz', 3)} lies above a quarter "
        f"of the right-half-plane zero at {format_quantity(zero, 'Hz', 3)}."
    )


LIMITS: Final = (
    LoopLimit("comparator", _closing, _why_closing),
    LoopLimit("multipliers", _stable, _why_unstable),
    LoopLimit("crossing", _crosses, _why_no_crossing),
    LoopLimit(
        "phase margin",
        lambda found: _where_known(found.analysed.phase_margin / LEAST_PHASE_MARGIN - 1),
        lambda found, at: _why_phase(found.analysed, "analyser's loop gain", at),
    ),
    LoopLimit(
        "sampled phase margin",
        lambda found: _where_known(found.sampled.phase_margin / LEAST_PHASE_MARGIN - 1),
        lambda found, at: _why_phase(found.sampled, "sampled loop", at),
    ),
    LoopLimit("half frequency", lambda found: _where_known(1 + found.half / MOST_HALF), _why_half),
    LoopLimit(
        "modulus", lambda found: _where_known(found.modulus / LEAST_MODULUS - 1), _why_modulus
    ),
    LoopLimit("fastest crossover", _too_fast, _why_too_fast),
    LoopLimit("right-half-plane zero", _above_zero, _why_above_zero),
)
"""What a loop must hold at all corners, worst first."""

GRADUAL: Final = ("phase margin", "sampled phase margin", "half frequency", "modulus")
"""Limits that tell how near a loop is to trouble; the worst corner is where one is nearest."""
