"""The entries of a spec that take a word or a pair, as engineers write them.

The command line, the window's form and hand-written files read them alike.
"""

from collections.abc import Callable
from typing import Any, Final

from arcs_engine.circuits.spec import Custom
from arcs_engine.foundation.errors import QuantityError, printable
from arcs_engine.foundation.units import (
    parse_fraction,
    parse_share,
    parse_step,
    parse_temperature,
)

NONE: Final = "none"
"""What is written where there is no limit."""

CUSTOM: Final = "custom"
"""What is written where the topology's custom is the limit."""

_SIGNS: Final = ("±", "+/-", "+-")
"""A deviation goes both ways, and is often written so."""


def read_load_step(text: str, iout: float, name: str) -> tuple[float, float]:
    """Read shares of the full load, which may also be written as currents.

    Args:
        text: as for `parse_step`.
        iout: full-load current, A; nan where it is not known.
        name: of the entry, for the message.

    Raises:
        QuantityError: it cannot be read.
    """
    return parse_step(text, iout, "A", name)


def read_deviation(text: str, vout: float, name: str) -> float | None:
    """Read how far the output may deviate, a fraction of `vout`; None for no limit.

    Args:
        text: ``5 %``, ``±5 %``, ``100 mV`` or ``none``.
        vout: V; nan where it is not known.
        name: of the entry, for the message.

    Raises:
        QuantityError: it cannot be read.
    """
    if _word(text, ("5 %", NONE), name):
        return None
    share = text.strip()
    sign = next((each for each in _SIGNS if share.startswith(each)), "")
    return parse_share(share.removeprefix(sign), vout, "V", name)


def read_guard(text: str, name: str) -> float | Custom:
    """Read a limit that the topology's custom sets unless the user does.

    Args:
        text: ``50 %``, ``0.5``, ``none`` or ``custom``.
        name: of the entry, for the message.

    Raises:
        QuantityError: it cannot be read.
    """
    match _word(text, ("50 %", NONE, CUSTOM), name):
        case "none":
            return NONE
        case "custom":
            return CUSTOM
    return parse_fraction(text, name)


ENTRIES: Final[dict[str, Callable[[str, float, float, str], Any]]] = {
    # text, vout, iout, name -> value of the spec's field
    "load_step": lambda text, _, iout, name: read_load_step(text, iout, name),
    "deviation": lambda text, vout, _, name: read_deviation(text, vout, name),
    "ambient": lambda text, _vout, _iout, name: parse_temperature(text, name),
    "ripple_current": lambda text, _vout, _iout, name: read_guard(text, name),
    "longest_duty": lambda text, _vout, _iout, name: read_guard(text, name),
}
"""How each is read, by field of `Spec`; the load step and the deviation are parts of the output."""


def _word(text: str, right: tuple[str, ...], name: str) -> str:
    """Return which of what would be right a text says in letters; empty where it may be a number.

    Args:
        text: as typed.
        right: an example of a number, and words.
        name: of the entry, for the message.
    """
    clean = text.strip().lower()
    if clean.isalpha() and clean not in right:
        *others, last = right
        raise QuantityError(
            f"{name}: '{printable(text)}' is not known; write {', '.join(others)} or {last}."
        )
    return clean if clean.isalpha() else ""
