"""Candidates as tables show them: texts with units, at the same number of digits everywhere."""

from collections.abc import Callable, Sequence

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.circuits.topologies.base import DesignValue, Topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate, entries, figures_confirmed
from arcs_engine.performance.metrics import (
    DIGITS,
    Entry,
    PartFigure,
    Stress,
    figure,
)
from arcs_gui.presenters.cells import (
    CHECK_TEXTS,
    Cell,
    Check,
    DetailRow,
    Section,
    junction_row,
    loss_row,
    stress_row,
    volume_row,
)
from arcs_gui.presenters.schematic.inspector import RATIOS, is_of_bank

FIGURES_CONFIRMED = "figures confirmed"
"""What ngspice has done for a design that fails its spec."""


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
    declared = topology(candidate.topology)
    return tuple(
        DetailRow(
            value.label,
            format_quantity(candidate.values[value.name], value.unit),
            f"{value.title} ({_grid(declared, value)})",
        )
        for value in declared.design_values
    )


def _grid(declared: Topology, value: DesignValue) -> str:
    """Say what a value of a design lies on."""
    if is_of_bank(declared, value):
        return "bank"
    return "ratio of small integers" if value.series == RATIOS else value.series


def _banks(spec: Spec, candidate: Candidate, known: Sequence[Entry]) -> tuple[DetailRow, ...]:
    """Return what to buy for each capacitor; the text needs the room of a note."""
    return tuple(DetailRow(entry.part, "", entry.text) for entry in known)


def _losses(spec: Spec, candidate: Candidate, known: Sequence[Entry]) -> tuple[DetailRow, ...]:
    """Return the losses, largest first, and their sum."""
    watts = {e.part: e.value for e in known if isinstance(e.value, float)}
    total = sum(watts.values())
    ranked = sorted(watts.items(), key=lambda item: -item[1])
    rows = [loss_row(part, value, total) for part, value in ranked if value > 0]
    return (*rows, DetailRow("Total", format_quantity(total, "W", DIGITS)))


def _volumes(spec: Spec, candidate: Candidate, known: Sequence[Entry]) -> tuple[DetailRow, ...]:
    """Return the volumes, largest first, and their sum."""
    total = figure("volume")
    volumes = {e.part: e.value for e in known if isinstance(e.value, float)}
    ranked = sorted(volumes.items(), key=lambda item: -item[1])
    whole = sum(volumes.values())
    rows = [volume_row(part, value, whole) for part, value in ranked]
    return (*rows, DetailRow("Total", total.text(whole), total.note))


def _junctions(spec: Spec, candidate: Candidate, known: Sequence[Entry]) -> tuple[DetailRow, ...]:
    """Return the junction temperatures, the hottest first."""
    found = {e.part: e.value for e in known if isinstance(e.value, float)}
    return tuple(
        junction_row(part, value) for part, value in sorted(found.items(), key=lambda i: -i[1])
    )


def _stress(spec: Spec, candidate: Candidate, known: Sequence[Entry]) -> tuple[DetailRow, ...]:
    """Return what the parts must stand, the one with the least margin first."""
    needs = [(entry.part, entry.value) for entry in known if isinstance(entry.value, Stress)]
    ranked = sorted(needs, key=lambda need: need[1].margin)
    return tuple(
        stress_row(f"{PartFigure.read(name).part} {stress.quantity}", stress)
        for name, stress in ranked
    )


_SPECIAL: dict[str, Callable[[Spec, Candidate, Sequence[Entry]], tuple[DetailRow, ...]]] = {
    "Over the corners": _corners,
    "Capacitors to buy": _banks,
    "Losses": _losses,
    "Volume": _volumes,
    "Junction temperature, worst corner": _junctions,
    "Stress, worst corner": _stress,
}
"""Groups of figures that are more than a row for each entry."""
