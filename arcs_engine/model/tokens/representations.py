"""The representations, by name."""

from arcs_engine.foundation.errors import InputError, printable
from arcs_engine.model.tokens.euler import Euler
from arcs_engine.model.tokens.flat import Flat
from arcs_engine.model.tokens.representation import Representation
from arcs_engine.model.tokens.slots import Slots

REPRESENTATIONS: dict[str, Representation] = {r.name: r for r in (Slots(), Flat(), Euler())}
"""``slots`` is the default; the others are baselines."""


def representation(name: str) -> Representation:
    """Return the representation of that name; `InputError` when there is none."""
    if name not in REPRESENTATIONS:
        known = ", ".join(REPRESENTATIONS)
        raise InputError(f"There is no representation '{printable(name)}'; choose {known}.")
    return REPRESENTATIONS[name]
