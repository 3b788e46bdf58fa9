"""What a spec limits: each comparison of a figure with it, and what to say where it fails, once.

The judge, its corners, the analyses, ngspice's confirmation and audits all ask here. Figures may be
numbers or arrays; what is not known (nan) is within no limit.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.units import format_quantity

Figure = FloatArray | float
Answer = NDArray[np.bool_]

VOUT_TOLERANCE: Final = 0.01
"""Share of the wanted output by which it may be off (requirement J1)."""


def vout_error(vout: Figure, wanted: Figure) -> FloatArray:
    """Return | |Vout| - wanted | / wanted.

    Args:
        vout: mean output, V, with its sign.
        wanted: magnitude of the output that the spec asks for, V.
    """
    return np.asarray(np.abs(np.abs(vout) - wanted) / wanted)


def is_on_target(error: Figure) -> Answer:
    """Say whether an error of the output, a fraction, lies within the tolerance."""
    return np.asarray(np.asarray(error) <= VOUT_TOLERANCE)


def is_smooth(ripple: Figure, allowed: Figure) -> Answer:
    """Say whether an output ripple is allowed; both are fractions of the wanted output."""
    return np.asarray(np.asarray(ripple) <= allowed)


def is_efficient(estimated: Figure, wished: Figure) -> Answer:
    """Say whether an estimated efficiency is at least the wished one, where one is wished.

    Args:
        estimated: a fraction.
        wished: a fraction; nan for no wish.
    """
    return np.asarray(~(np.asarray(estimated) < wished))


def is_within(figure: Figure, limit: Figure) -> Answer:
    """Say whether a figure keeps a limit; nan is no limit."""
    return np.asarray(~(np.asarray(figure) > limit))


def off_target(vout: float, wanted: float) -> str:
    """Say that an output is not the wanted one, both in V with their sign."""
    return (
        f"The output is {format_quantity(vout, 'V')}, more than {VOUT_TOLERANCE * 100:g} % from "
        f"{format_quantity(wanted, 'V')}."
    )


def too_rough(ripple: float, allowed: float) -> str:
    """Say that a ripple is not allowed, without a capital: a place may stand before it."""
    return f"the output ripple is {ripple:.2%}, above the allowed {allowed:.2%}."


def too_far(deviation: float, allowed: float) -> str:
    """Say that the output deviates too much when the load steps; both are fractions of Vout."""
    return (
        f"The output deviates by {deviation:.1%} when the load steps, more than the allowed "
        f"{allowed:.1%}."
    )


def inefficient(estimated: float, wished: float) -> str:
    """Say that a design does not have the wished efficiency."""
    return f"The estimated efficiency is {estimated:.1%}, below the wished {wished:.1%}."
