"""Ranges of the fields of configs, which may come from a file or a command line."""

from collections.abc import Mapping
from typing import Final

from arcs_engine.foundation.errors import InputError

LARGEST_SEED: Final = 2**63 - 1
"""What generators of random numbers take, with room to count up from."""

LONGEST_NAME: Final = 100

LONGEST_PATH: Final = 4096


def check(owner: object, ranges: Mapping[str, tuple[float, float]], what: str) -> None:
    """Refuse an object with a number outside its range.

    Args:
        owner: has the fields.
        ranges: lowest and highest value of each field, both allowed.
        what: the object, for the user.

    Raises:
        InputError: the message names the field, its value and its range.
    """
    for name, (low, high) in ranges.items():
        number = getattr(owner, name)
        if not low <= number <= high:  # nothing compares with nan
            raise InputError(
                f"{what}: {name} is {_text(number)}; it must lie between {_text(low)} and "
                f"{_text(high)}."
            )


def check_name(text: str, what: str) -> None:
    """Refuse a name that cannot be shown or is none, with `InputError`."""
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise InputError(
            f"{what}: {text[:LONGEST_NAME]!r} is no name; a name has 1 to {LONGEST_NAME} visible "
            "characters."
        )


def check_path(text: str, what: str) -> None:
    """Refuse what cannot be the path of a file or folder, with `InputError`."""
    if not 0 < len(text) <= LONGEST_PATH or "\0" in text:
        raise InputError(f"{what}: {text[:LONGEST_NAME]!r} is no path of a folder.")


def _text(number: float) -> str:
    if isinstance(number, int) and abs(number) > LARGEST_SEED:
        return "beyond all bounds"  # Python turns no more than 4300 digits into text
    return f"{number:.6g}"
