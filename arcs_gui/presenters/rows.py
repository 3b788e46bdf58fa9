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

_CHECK_TEXTS: dict[Check, tuple[str, Tone]] = {
    "waiting": ("waiting", "muted"),
    "running": ("running…", "muted"),
    "confirmed": ("✓ confirmed", "good"),
    "refuted": ("✗ differs", "bad"),
    "failed": ("✗ no result", "bad"),
    "none": (NOTHING, "muted"),
}


@dataclass(frozen=True)
class Cell:
    """A text of a table, with its tone; numbers stand to the right."""

    text: str
    tone: Tone = "plain"
    number: bool = False


@dataclass(frozen=True)
class CandidateRow:
    """One line of the shortlist."""

    rank: int
    cells: tuple[Cell, ...]
    tip: str


COLUMNS: tuple[tuple[str, str], ...] = (
    ("#", "Rank; 0 is the textbook design"),
    ("Topology", "Converter circuit"),
    ("Vout", "Mean output voltage, solved"),
    ("Ripple", "Peak-to-peak output ripple, 20 MHz bandwidth, of Vout"),
    ("Efficiency", "Estimated, with switching, gate and core losses"),
    ("Cost", "Loss and size against the textbook design; 1 is the textbook, less is better"),
    ("Spec", "Whether every check of the spec passed"),
    ("ngspice", "Whether ngspice confirms the figures"),
)


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


def candidate_row(candidate: Candidate, check: Check) -> CandidateRow:
    """Return a candidate's line."""
    metrics = candidate.metrics
    texts = (
        (NOTHING, NOTHING, NOTHING)
        if metrics is None
        else (
            format_quantity(metrics.vout, "V"),
            per_cent(metrics.ripple),
            per_cent(metrics.efficiency_estimated),
        )
    )
    passed = Cell("✓ meets", "good") if candidate.meets_spec else Cell("✗ fails", "bad")
    check_text, check_tone = _CHECK_TEXTS[check]
    cells = (
        Cell(str(candidate.rank)),
        Cell(topology(candidate.topology).name.replace("_", "-")),
        *(Cell(text, number=True) for text in texts),
        Cell(f"{candidate.cost:.3f}", number=True),
        passed,
        Cell(check_text, check_tone),
    )
    return CandidateRow(candidate.rank, cells, remarks(candidate))


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
    rows = []
    for entry in known:
        stress = entry.value
        if not isinstance(stress, Stress):
            continue
        need = format_quantity(stress.value, stress.unit, DIGITS)
        label = f"{entry.part} {stress.quantity}"
        if stress.rating is None:
            rows.append(DetailRow(label, need, "no standard rating", "bad"))
            continue
        rating = format_quantity(stress.rating, stress.unit, DIGITS)
        note = f"rating {rating}, margin {per_cent(stress.margin)}"
        rows.append(DetailRow(label, need, note, "bad" if stress.margin < 0 else "plain"))
    return tuple(rows)


_SPECIAL: dict[str, Callable[[Spec, Candidate, Sequence[Entry]], tuple[DetailRow, ...]]] = {
    "Over the corners": _corners,
    "Losses": _losses,
    "Stress, worst corner": _stress,
}
"""Groups of figures that are more than a row for each entry."""
