"""One part of a design: its values and where they come from, its stress and its losses."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from arcs_engine.circuits import eseries
from arcs_engine.circuits.circuit import (
    Capacitor,
    Diode,
    Element,
    Inductor,
    Load,
    Resistor,
    Source,
    Switch,
)
from arcs_engine.circuits.topologies.base import DesignValue, Topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.metrics import PartFigure
from arcs_gui.ports import Reason
from arcs_gui.presenters.cells import DetailRow, junction_row, loss_row, stress_row, volume_row

RATIOS = "RATIO"
"""The series of turns ratios, which is no E-series."""

_KINDS: dict[type[Element], str] = {
    Source: "input",
    Load: "load",
    Resistor: "resistor",
    Inductor: "inductor",
    Capacitor: "capacitor",
    Diode: "diode",
    Switch: "switch",
}
_SAME = 1e-9


@dataclass(frozen=True)
class ValueFacts:
    """One value of a part.

    Attributes:
        name: such as ``Cout_esr``, for the program.
        label: such as ``ESR of Cout``, for people.
        heading: what it is, with the part where the label is not enough.
        text: as it is now, with its unit.
        place: how it stands to its series: ``E12`` or ``between E12 values; nearest 22 µH``; of a
            capacitor, what the bank that is bought must do.
        textbook: what the textbook design has, and the ideal value before it was snapped.
        why: the calculation with numbers, a line per step.
        locked: whether a further proposal keeps it.
    """

    name: str
    label: str
    heading: str
    text: str
    place: str
    textbook: str
    why: tuple[str, ...]
    locked: bool


@dataclass(frozen=True)
class PartFacts:
    """What there is to say of a part.

    Attributes:
        name: in the schematic.
        title: for people.
        buy: what is sold that does it; empty where no rule names a part.
        values: empty for a part that follows from the others.
        figures: its volume, temperature, stress and losses.
    """

    name: str
    title: str
    buy: str
    values: tuple[ValueFacts, ...]
    figures: tuple[DetailRow, ...]


def part_facts(
    declared: Topology,
    candidate: Candidate,
    wanted: Mapping[str, float],
    part: str,
    locks: Collection[str],
    reasons: Mapping[str, Reason],
) -> PartFacts:
    """Return the facts of a part.

    Args:
        declared: the candidate's topology.
        candidate: as it was solved last.
        wanted: values as the user has set them, SI, by name; the solver may be a step behind.
        part: name of an element.
        locks: names of locked values.
        reasons: of the textbook design, by name; empty while they are not known yet.
    """
    values = tuple(
        _value(
            value,
            wanted[value.name],
            _need(value) if is_of_bank(declared, value) else _place(value, wanted[value.name]),
            value.name in locks,
            reasons.get(value.name),
        )
        for value in declared.design_values
        if value.part == part
    )
    kind = _KINDS[type(declared.circuit.element(part))]
    buy = "" if candidate.metrics is None else candidate.metrics.banks.get(part, "")
    return PartFacts(part, f"{part}, {kind}", buy, values, _figures(candidate, part))


def is_of_bank(declared: Topology, value: DesignValue) -> bool:
    """Say whether a value is what a bank of capacitors must reach, and so of no series."""
    element = declared.circuit.element(value.part)
    return isinstance(element, Capacitor) and value.part not in declared.clamp_parts


def values_of(declared: Topology, part: str) -> tuple[str, ...]:
    """Return the names of a part's values, the one that is stepped first in front."""
    return tuple(value.name for value in declared.design_values if value.part == part)


def _value(
    value: DesignValue, number: float, place: str, locked: bool, reason: Reason | None
) -> ValueFacts:
    return ValueFacts(
        name=value.name,
        label=value.label,
        heading=f"{value.title} ({value.label})" if value.label == value.name else value.title,
        text=format_quantity(number, value.unit),
        place=place,
        textbook="" if reason is None else _textbook(value, reason),
        why=() if reason is None else reason.steps,
        locked=locked,
    )


def _need(value: DesignValue) -> str:
    """Say what the bank must do that is bought for a capacitor."""
    if value.unit == "F":
        return "The bank keeps at least this at its voltage"
    return "The bank has at most this"


def _place(value: DesignValue, number: float) -> str:
    nearest = float(eseries.snap(number, value.series, value.low, value.high))
    on_series = abs(nearest / number - 1) < _SAME
    if value.series == RATIOS:
        text = "ratio of small integers" if on_series else "not a ratio of small integers"
    else:
        text = f"{value.series} value" if on_series else f"between {value.series} values"
    return text if on_series else f"{text}; nearest {format_quantity(nearest, value.unit)}"


def _textbook(value: DesignValue, reason: Reason) -> str:
    snapped = f"Textbook design {format_quantity(reason.value, value.unit)}"
    if reason.ideal is None:
        return snapped
    ideal = format_quantity(reason.ideal, value.unit)
    return f"{snapped}, from the ideal {ideal} ({reason.value / reason.ideal - 1:+.0%})"


def _figures(candidate: Candidate, part: str) -> tuple[DetailRow, ...]:
    metrics = candidate.metrics
    if metrics is None:
        return ()
    rows = []
    if part in metrics.volumes:
        total = sum(metrics.volumes.values())
        rows.append(volume_row("Volume", metrics.volumes[part], total))
    if part in metrics.temperatures:
        rows.append(junction_row("Junction", metrics.temperatures[part]))
    for name, stress in metrics.stress.items():
        if PartFigure.read(name).part == part:
            rows.append(stress_row(stress.quantity.capitalize(), stress))
    total = sum(metrics.losses.values())
    for name, watts in metrics.losses.items():
        named = PartFigure.read(name)
        if named.part == part:
            label = f"Loss, {named.kind}" if named.kind else "Loss"
            rows.append(loss_row(label, watts, total))
    return tuple(rows)
