"""Candidates as tables show them: texts with units, at the same number of digits everywhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate, entries, figures_confirmed
from arcs_engine.performance.metrics import DIGITS, NOTHING, Entry, Stress, figure, per_cent

Tone = Literal["plain", "good", "bad", "muted"]
Check = Literal["waiting", "running", "confirmed", "refuted", "failed", "none"]

_GRIDS = {"RATIO": "ratio of small integers"}
"""What the values of a design lie on, where that is no E-series."""

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

FIGURES_CONFIRMED = "figures confirmed"
"""What ngspice has done for a design that fails its spec."""


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


def verdict(candidate: Candidate, met: str = "meets", failed: str = "fails") -> Cell:
    """Return whether a candidate meets its spec, as the judge says, with room for more words."""
    return Cell(f"✓ {met}", "good") if candidate.meets_spec else Cell(f"✗ {failed}", "bad")


def check_cell(candidate: Candidate, check: Check) -> Cell:
    """Return what ngspice says of a candidate; where it fails, a confirmation approves nothing."""
    if fails_in_both(candidate, check):
        return Cell(FIGURES_CONFIRMED)
    return Cell(*CHECK_TEXTS[check])


def fails_in_both(candidate: Candidate, check: Check) -> bool:
    """Say whether ngspice finds the figures of a candidate that fails its spec."""
    agreed = check == "confirmed" or (check == "refuted" and figures_confirmed(candidate))
    return agreed and not candidate.meets_spec


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
        if not candidate.meets_spec and figures_confirmed(candidate):
            rows.append(DetailRow("ngspice", FIGURES_CONFIRMED, tone="muted"))
        elif said.confirmed:
            rows.append(DetailRow("ngspice", "confirms", tone="good"))
        else:
            rows.append(DetailRow("ngspice", "differs", tone="bad"))
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
    shown = [figure(name) for name in ("efficiency_estimated", "mode", "on_time", "off_time")]
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
            value.label,
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
    rows = [loss_row(part, value, total) for part, value in ranked if value > 0]
    return (*rows, DetailRow("Total", format_quantity(total, "W", DIGITS)))


def loss_row(label: str, watts: float, total: float) -> DetailRow:
    """Return a loss, W, beside the sum of all, W."""
    share = watts / total
    text = format_quantity(watts, "W", DIGITS)
    return DetailRow(label, text, f"{per_cent(share)} of all", bar=Bar(share))


def _stress(spec: Spec, candidate: Candidate, known: Sequence[Entry]) -> tuple[DetailRow, ...]:
    """Return what the parts must stand, the one with the least margin first."""
    needs = [(entry.part, entry.value) for entry in known if isinstance(entry.value, Stress)]
    ranked = sorted(needs, key=lambda need: need[1].margin)
    return tuple(
        # Further quantities of a part stand under its name and theirs: "Q1 rms".
        stress_row(f"{name.partition(' ')[0]} {stress.quantity}", stress)
        for name, stress in ranked
    )


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


_SPECIAL: dict[str, Callable[[Spec, Candidate, Sequence[Entry]], tuple[DetailRow, ...]]] = {
    "Over the corners": _corners,
    "Losses": _losses,
    "Stress, worst corner": _stress,
}
"""Groups of figures that are more than a row for each entry."""
