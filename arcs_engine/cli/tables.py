"""Answers for people: plain text tables, readable without colour."""

from collections.abc import Iterable, Sequence
from typing import Final

from arcs_engine.circuits.captions import deviation_text, value_texts
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology
from arcs_engine.circuits.topologies.rules import OUTPUT_CAPACITANCE
from arcs_engine.foundation.plain import plain
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.bill import Part
from arcs_engine.performance.candidate import (
    Candidate,
    Shortlist,
    cost_text,
    entries,
    figures_confirmed,
)
from arcs_engine.performance.metrics import FIGURES, NOTHING, Corner, figure, per_cent

_SHOWN = tuple(
    figure(name)
    for name in (
        "duty",
        "mode",
        "ripple",
        "deviation",
        "efficiency_estimated",
        "mean_loss",
        "volume",
    )
)
"""What a shortlist's table says of each design; ``arcs simulate`` says everything."""

_OUTPUT: Final = OUTPUT_CAPACITANCE.part
_BANK: Final = f"bank of {_OUTPUT}"
"""Head of the column that says which capacitors are bought for the output."""


def shortlist(found: Shortlist) -> str:
    """Return the table of a shortlist, the textbook design first."""
    candidates = [found.textbook, *found.candidates]
    names = list(dict.fromkeys(name for c in candidates for name in c.values))
    head = ["rank", "topology", *names, *(each.symbol for each in _SHOWN), _BANK]
    head += ["cost", "state"]
    rows = [_row(candidate, names) for candidate in candidates]
    timing = f"{found.timing.total:.2f} s in all"
    model = NOTHING if found.model is None else found.model.name
    care = [f"{_name(c)}: {text}" for c in candidates for text in (*c.warnings, *_doubts(c))]
    lines = [aligned([head, *rows]), "", *care, f"Model {model}, seed {found.seed}, {timing}."]
    return "\n".join(lines)


def first_reasons(found: Shortlist) -> list[str]:
    """Return why the designs of a shortlist fail, a line for each first reason."""
    named: dict[str, list[str]] = {}
    for candidate in (found.textbook, *found.candidates):
        for reason in candidate.reasons[:1]:
            named.setdefault(reason, []).append(_name(candidate))
    return [f"{', '.join(names)}: {reason}" for reason, names in named.items()]


def textbook_design(spec: Spec, name: str) -> str:
    """Return the calculation of a topology's textbook design for a spec, one line per step."""
    steps = topology(name).textbook(SpecBatch.of([spec])).steps
    return "\n".join(["", "The textbook design, step by step:", *(s.text(0) for s in steps)])


def operating_point(spec: Spec, candidate: Candidate) -> str:
    """Return the figures of one design, a line each."""
    parts = ", ".join(value_texts(topology(candidate.topology), candidate.values))
    asked = (
        f"{format_quantity(spec.vin, 'V')} to {format_quantity(spec.vout, 'V')}, "
        f"{format_quantity(spec.iout, 'A')}, ripple {per_cent(spec.ripple)}, "
        f"{deviation_text(spec)}"
    )
    lines = [f"{candidate.topology}, {parts}", f"Asked: {asked}", ""]
    lines.append(aligned([[e.label, e.text, e.figure.note] for e in entries(candidate)]))
    if candidate.metrics is not None and candidate.metrics.corners:
        lines += ["", _corners(candidate.metrics.corners)]
    remarks = [*candidate.reasons, *candidate.warnings, *_doubts(candidate)]
    if candidate.ngspice is not None and candidate.ngspice.confirmed:
        remarks.append("ngspice confirms the solver.")
    return "\n".join([*lines, *([""] if remarks else []), *remarks])


def parts(listed: Sequence[Part]) -> str:
    """Return the table of a design's parts: every value, where it comes from, every stress."""
    head = ["part", "kind", "value", "", "origin", "--set"]
    rows: list[list[str]] = []
    for part in listed:
        if part.buy:
            rows.append([part.name, part.kind, part.buy, "to buy", "derived", ""])
        rows += [[part.name, part.kind, p.text, p.title, p.origin, p.name] for p in part.properties]
        rows += [
            [part.name, part.kind, figure("stress").text(stress), quantity, "worst corner", ""]
            for quantity, stress in part.stress.items()
        ]
    return "\n" + aligned([head, *rows])


def _corners(corners: Sequence[Corner]) -> str:
    """Return a table of corners; its columns are the figures that a corner has."""
    columns = [each for each in FIGURES if each.name in Corner.__struct_fields__]
    head = ["Vin", "load", *(each.symbol for each in columns)]
    rows = [
        [
            format_quantity(corner.vin, "V"),
            f"{corner.load:.0%}",
            *(each.text(getattr(corner, each.name)) for each in columns),
        ]
        for corner in corners
    ]
    return aligned([head, *rows])


def _row(candidate: Candidate, names: Iterable[str]) -> list[str]:
    declared = topology(candidate.topology)
    shown = [
        format_quantity(candidate.values[name], declared.value(name).unit)
        if name in candidate.values
        else NOTHING
        for name in names
    ]
    known = {entry.figure: entry.text for entry in entries(candidate)}
    return [
        _name(candidate),
        candidate.topology,
        *shown,
        *(known.get(each, NOTHING) for each in _SHOWN),
        _bank(candidate),
        cost_text(candidate),
        _state(candidate),
    ]


def _bank(candidate: Candidate) -> str:
    banks = {} if candidate.metrics is None else candidate.metrics.banks
    return banks.get(_OUTPUT, NOTHING)


def _state(candidate: Candidate) -> str:
    state = "meets the spec" if candidate.meets_spec else "fails the spec"
    if candidate.ngspice is None:
        return state
    # Of a design that fails, ngspice confirms the figures and approves of nothing.
    if not candidate.meets_spec and figures_confirmed(candidate):
        return f"{state}, figures confirmed by ngspice"
    return (
        f"{state}, {'confirmed by ngspice' if candidate.ngspice.confirmed else 'ngspice disagrees'}"
    )


def _doubts(candidate: Candidate) -> tuple[str, ...]:
    """Return what ngspice has against a candidate, a sentence each."""
    return () if candidate.ngspice is None else candidate.ngspice.reasons


def _name(candidate: Candidate) -> str:
    return "textbook" if candidate.rank == 0 else str(candidate.rank)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text: cells by rows, a line each, columns of even width."""
    rows = [[plain(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
