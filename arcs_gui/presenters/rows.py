"""Candidates as tables show them: texts with units, at the same number of digits everywhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from arcs_engine.candidate import Candidate, entries
from arcs_engine.metrics import DIGITS, NOTHING, Entry, Stress, figure, per_cent
from arcs_engine.spec import Spec
from arcs_engine.topologies import topology
from arcs_engine.units import format_quantity

Tone = Literal["plain", "good", "bad", "muted"]
Check = Literal["waiting", "running", "confirmed", "refuted", "failed", "none"]

_GRIDS = {"RATIO": "ratio of small integers"}
"""What the values of a design lie on, where that is no E-series."""

_AMPLE = 10.0
"""Margin beyond which nobody asks how much it is."""

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
class DetailRow:
    """A line of the details: what, how much, and what to know about it."""

    label: str
    value: str
    note: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class Section:
    """A titled group of details."""

    title: str
    rows: tuple[DetailRow, ...]


def remarks(candidate: Candidate) -> str:
    """Return what there is to say of a candidate in words, a sentence a line."""
    lines = [candidate.note, *candidate.reasons, *candidate.warnings]
    if candidate.ngspice is not None:
        lines += candidate.ngspice.reasons
    return "\n".join(line for line in lines if line)


def details(spec: Spec, candidate: Candidate) -> tuple[Section, ...]:
    """Return everything that is known of a candidate, in sections."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries(candidate) if candidate.metrics is not None else ():
        groups.setdefault(entry.figure.group, []).append(entry)
    sections = [Section("Verdict", _verdict(candidate))]
    for title, known in groups.items():
        make = _SPECIAL.get(title, _plain)
        sections.append(Section(title, make(spec, candidate, known)))
    sections.insert(2, Section("Values", _values(candidate)))
    return tuple(section for section in sections if section.rows)


def _verdict(candidate: Candidate) -> tuple[DetailRow, ...]:
    rows = [
        DetailRow("Spec", "met", tone="good")
        if candidate.meets_spec
        else DetailRow("Spec", "not met", tone="bad")
    ]
    if candidate.ngspice is not None:
        said = candidate.ngspice
        rows.append(
            DetailRow("ngspice", "confirms", tone="good")
            if said.confirmed
            else DetailRow("ngspice", "differs", tone="bad")
        )
    return tuple(rows)


def _plain(spec: Spec, candidate: Candidate, known: Sequence[Entry]) -> tuple[DetailRow, ...]:
    """Return a row for each entry, with ngspice's figure of that name beside it."""
    return tuple(
        DetailRow(entry.label, entry.text, _note(spec, candidate, entry)) for entry in known
    )


def _note(spec: Spec, candidate: Candidate, entry: Entry) -> str:
    declared = entry.figure
    notes = [declared.note]
    if declared.name == "ripple" and isinstance(entry.value, float):
        notes.append(format_quantity(entry.value * spec.vout, "V", DIGITS))
    theirs = getattr(candidate.ngspice, declared.name, None)
    if theirs is not None:
        notes.append(f"ngspice {declared.text(theirs)}")
    return "; ".join(note for note in notes if note)


def _corners(spec: Spec, candidate: Candidate, known: Sequence[Entry]) -> tuple[DetailRow, ...]:
    """Return what holds over the corners, then each corner with its duty."""
    corners = candidate.metrics.corners if candidate.metrics is not None else ()
    shown = [figure(name) for name in ("mode", "on_time", "off_time", "efficiency")]
    rows = [
        DetailRow(
            f"{format_quantity(corner.vin, 'V', DIGITS)}, {corner.load:.0%} load",
            figure("duty").text(corner.duty),
            "; ".join(
                f"{each.symbol} {entry.text}" for each in shown for entry in each.entries(corner)
            ),
        )
        for corner in corners
    ]
    return (*_plain(spec, candidate, known), *rows)


def _values(candidate: Candidate) -> tuple[DetailRow, ...]:
    return tuple(
        DetailRow(
            value.name,
            format_quantity(candidate.values[value.name], value.unit),
            f"{value.title} ({_GRIDS.get(value.series, value.series)})",
        )
        for value in topology(candidate.topology).design_values
    )


def _losses(spec: Spec, candidate: Candidate, known: Sequence[Entry]) -> tuple[DetailRow, ...]:
    """Return the losses, largest first, and their sum."""
    watts = {e.part: e.value for e in known if isinstance(e.value, float)}
    total = sum(watts.values())
    ranked = sorted(watts.items(), key=lambda item: -item[1])
    rows = [
        DetailRow(part, format_quantity(value, "W", DIGITS), f"{per_cent(value / total)} of all")
        for part, value in ranked
        if value > 0
    ]
    return (*rows, DetailRow("Total", format_quantity(total, "W", DIGITS)))


def _stress(spec: Spec, candidate: Candidate, known: Sequence[Entry]) -> tuple[DetailRow, ...]:
    return tuple(
        stress_row(f"{entry.part} {entry.value.quantity}", entry.value)
        for entry in known
        if isinstance(entry.value, Stress)
    )


def stress_row(label: str, stress: Stress) -> DetailRow:
    """Return what a part must stand, against the next standard rating."""
    need = format_quantity(stress.value, stress.unit, DIGITS)
    if stress.rating is None:
        return DetailRow(label, need, "no standard rating", "bad")
    rating = format_quantity(stress.rating, stress.unit, DIGITS)
    margin = per_cent(stress.margin) if stress.margin < _AMPLE else f"over {_AMPLE * 100:.0f} %"
    note = f"rating {rating}, margin {margin}"
    return DetailRow(label, need, note, "bad" if stress.margin < 0 else "plain")


_SPECIAL: dict[str, Callable[[Spec, Candidate, Sequence[Entry]], tuple[DetailRow, ...]]] = {
    "Over the corners": _corners,
    "Losses": _losses,
    "Stress, worst corner": _stress,
}
"""Groups of figures that are more than a row for each entry."""
