"""Candidates as tables show them: texts with units, at the same number of digits everywhere."""

from dataclasses import dataclass
from typing import Literal

from arcs_engine.candidate import Candidate
from arcs_engine.metrics import Metrics
from arcs_engine.spec import Spec
from arcs_engine.topologies import topology
from arcs_engine.units import format_quantity

DIGITS = 3
NOTHING = "—"

Tone = Literal["plain", "good", "bad", "muted"]
Check = Literal["waiting", "running", "confirmed", "refuted", "failed", "none"]

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


def per_cent(fraction: float) -> str:
    """Write a fraction in per cent; trailing zeros stay, so that columns line up."""
    return f"{fraction * 100:#.{DIGITS}g}".rstrip(".") + " %"


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
    lines = [candidate.note, *candidate.reasons]
    if candidate.ngspice is not None:
        lines += candidate.ngspice.reasons
    return "\n".join(line for line in lines if line)


def details(spec: Spec, candidate: Candidate) -> tuple[Section, ...]:
    """Return everything that is known of a candidate, in sections."""
    sections = [
        Section("Verdict", _verdict(candidate)),
        Section("Values", _values(candidate)),
    ]
    if candidate.metrics is not None:
        metrics = candidate.metrics
        sections[1:1] = [Section("Operating point", _operating_point(spec, candidate, metrics))]
        sections += [
            Section("Losses", _losses(metrics)),
            Section("Stress, worst corner", _stress(metrics)),
        ]
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


def _operating_point(spec: Spec, candidate: Candidate, metrics: Metrics) -> tuple[DetailRow, ...]:
    said = candidate.ngspice
    duty = NOTHING if candidate.duty is None else per_cent(candidate.duty)
    rows = [
        DetailRow(
            "Vout",
            format_quantity(metrics.vout, "V"),
            f"ngspice {format_quantity(said.vout, 'V')}" if said else "",
        ),
        DetailRow(
            "Output ripple",
            per_cent(metrics.ripple),
            f"{format_quantity(metrics.ripple * spec.vout, 'V', DIGITS)} peak to peak"
            + (f"; ngspice {per_cent(said.ripple)}" if said else ""),
        ),
        DetailRow("Duty", duty),
        DetailRow("Conduction", candidate.mode or NOTHING, "at nominal input, full load"),
        DetailRow(
            "Inductor ripple", format_quantity(metrics.inductor_ripple, "A", DIGITS), "peak to peak"
        ),
        DetailRow("Efficiency, estimated", per_cent(metrics.efficiency_estimated), "all losses"),
        DetailRow(
            "Efficiency, simulated",
            per_cent(metrics.efficiency),
            "conduction only" + (f"; ngspice {per_cent(said.efficiency)}" if said else ""),
        ),
        DetailRow(
            "Stored energy", format_quantity(metrics.energy, "J", DIGITS), "a measure of size"
        ),
    ]
    return tuple(rows)


def _values(candidate: Candidate) -> tuple[DetailRow, ...]:
    return tuple(
        DetailRow(
            value.name,
            format_quantity(candidate.values[value.name], value.unit),
            f"{value.title} ({value.series})",
        )
        for value in topology(candidate.topology).design_values
    )


def _losses(metrics: Metrics) -> tuple[DetailRow, ...]:
    total = sum(metrics.losses.values())
    ranked = sorted(metrics.losses.items(), key=lambda item: -item[1])
    rows = [
        DetailRow(part, format_quantity(watts, "W", DIGITS), f"{per_cent(watts / total)} of all")
        for part, watts in ranked
        if watts > 0
    ]
    return (*rows, DetailRow("Total", format_quantity(total, "W", DIGITS)))


def _stress(metrics: Metrics) -> tuple[DetailRow, ...]:
    rows = []
    for part, stress in metrics.stress.items():
        need = format_quantity(stress.value, stress.unit, DIGITS)
        if stress.rating is None:
            rows.append(DetailRow(f"{part} {stress.quantity}", need, "no standard rating", "bad"))
            continue
        rating = format_quantity(stress.rating, stress.unit, DIGITS)
        note = f"rating {rating}, margin {per_cent(stress.margin)}"
        tone: Tone = "bad" if stress.margin < 0 else "plain"
        rows.append(DetailRow(f"{part} {stress.quantity}", need, note, tone))
    return tuple(rows)
