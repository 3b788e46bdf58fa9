"""What tables, lists and headlines show: texts with their tone, bars, titled groups of rows."""

from dataclasses import dataclass
from typing import Literal

from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.metrics import DIGITS, NOTHING, Stress, figure, per_cent
from arcs_engine.performance.thermal import JUNCTION_LIMIT

Tone = Literal["plain", "good", "bad", "muted"]
Check = Literal["waiting", "running", "confirmed", "refuted", "failed", "none"]

_AMPLE = 10.0
"""Margin beyond which nobody asks how much it is."""

_NEARLY_ALL = 0.999
"""Share of a rating from which on it may be used whole."""

CHECK_TEXTS: dict[Check, tuple[str, Tone]] = {
    "waiting": ("waiting", "muted"),
    "running": ("running…", "muted"),
    "confirmed": ("✓ confirmed", "good"),
    "refuted": ("✗ differs", "bad"),
    "failed": ("✗ no result", "bad"),
    "none": (NOTHING, "muted"),
}


@dataclass(frozen=True)
class Cell:
    """A text of a table, with its tone; numbers stand to the right.

    `order` is what it is sorted by (None for its text), `bar` the length of a bar behind it, 0..1.
    """

    text: str
    tone: Tone = "plain"
    number: bool = False
    order: float | None = None
    bar: float | None = None


@dataclass(frozen=True)
class Bar:
    """A figure as a share of a whole: a loss of all losses, a need of a rating.

    `length` is that share, 0 up; `mark`, 0..1, is how much of the whole may be used, where that is
    less than all of it.
    """

    length: float
    mark: float | None = None


@dataclass(frozen=True)
class DetailRow:
    """A line of the details: what, how much, and what to know about it; `bar` shows how much."""

    label: str
    value: str
    note: str = ""
    tone: Tone = "plain"
    bar: Bar | None = None


@dataclass(frozen=True)
class Section:
    """A titled group of details."""

    title: str
    rows: tuple[DetailRow, ...]


@dataclass(frozen=True)
class Headline:
    """A title, a few figures with what they are, and badges.

    Attributes:
        title: which design.
        figures: pairs of what and how much, the most important first.
        badges: what holds of it, each with its tone.
        is_behind: whether the figures are of an earlier value: the solver is at work.
    """

    title: str
    figures: tuple[tuple[str, str], ...]
    badges: tuple[Cell, ...]
    is_behind: bool = False


def loss_row(label: str, watts: float, total: float) -> DetailRow:
    """Return a loss, W, beside the sum of all, W."""
    return _share_row(label, format_quantity(watts, "W", DIGITS), watts / total)


def volume_row(label: str, volume: float, total: float) -> DetailRow:
    """Return the volume of a part beside that of all, mm³ both."""
    return _share_row(label, figure("volumes").text(volume), volume / total)


def _share_row(label: str, text: str, share: float) -> DetailRow:
    return DetailRow(label, text, f"{per_cent(share)} of all", bar=Bar(share))


def junction_row(label: str, temperature: float) -> DetailRow:
    """Return a junction temperature at the worst corner, °C, against its limit."""
    tone: Tone = "plain" if temperature <= JUNCTION_LIMIT else "bad"
    declared = figure("temperatures")
    note = f"of at most {declared.text(JUNCTION_LIMIT)}"
    bar = Bar(temperature / JUNCTION_LIMIT)
    return DetailRow(label, declared.text(temperature), note, tone, bar)


def stress_row(label: str, stress: Stress) -> DetailRow:
    """Return what a part must stand, against the next standard rating."""
    need = format_quantity(stress.value, stress.unit, DIGITS)
    if stress.rating is None:
        return DetailRow(label, need, "no standard rating", "bad", Bar(1.0))
    rating = format_quantity(stress.rating, stress.unit, DIGITS)
    margin = per_cent(stress.margin) if stress.margin < _AMPLE else f"over {_AMPLE * 100:.0f} %"
    note = f"{rating} part, margin {margin}"
    usable = stress.value * (1 + stress.margin) / stress.rating
    bar = Bar(stress.value / stress.rating, usable if usable < _NEARLY_ALL else None)
    return DetailRow(label, need, note, "bad" if stress.margin < 0 else "plain", bar)
