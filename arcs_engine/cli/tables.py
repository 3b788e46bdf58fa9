"""The human form of answers: plain text tables, readable without colour."""

from collections.abc import Iterable

from arcs_engine.candidate import Candidate, Shortlist
from arcs_engine.captions import value_texts
from arcs_engine.spec import Spec
from arcs_engine.topologies import topology
from arcs_engine.units import format_quantity

_MISSING = "—"


def shortlist(found: Shortlist) -> str:
    """Return the table of a shortlist, the textbook design first."""
    candidates = [found.textbook, *found.candidates]
    names = list(dict.fromkeys(name for c in candidates for name in c.values))
    head = ["rank", "topology", *names, "duty", "mode", "ripple", "efficiency", "cost", "state"]
    rows = [_row(candidate, names) for candidate in candidates]
    timing = f"{found.timing.total:.2f} s in all"
    model = _MISSING if found.model is None else found.model.name
    return "\n".join([_aligned([head, *rows]), "", f"Model {model}, seed {found.seed}, {timing}."])


def operating_point(spec: Spec, candidate: Candidate) -> str:
    """Return the figures of one design, a line each."""
    metrics = candidate.metrics
    parts = ", ".join(value_texts(topology(candidate.topology), candidate.values))
    lines = [
        f"{candidate.topology}, {parts}",
        f"Duty {_percent(candidate.duty)}, mode {candidate.mode or _MISSING}",
    ]
    if metrics is not None:
        lines += [
            f"Vout {format_quantity(metrics.vout, 'V')} "
            f"({metrics.vout_error:.2%} from the magnitude of {format_quantity(spec.vout, 'V')})",
            f"Output ripple {_percent(metrics.ripple)} (asked: {_percent(spec.ripple)})",
            f"Inductor ripple {format_quantity(metrics.inductor_ripple, 'A')}",
            f"Efficiency {_percent(metrics.efficiency)} simulated, "
            f"{_percent(metrics.efficiency_estimated)} with modelled losses",
        ]
    return "\n".join([*lines, *candidate.reasons])


def _row(candidate: Candidate, names: Iterable[str]) -> list[str]:
    declared = topology(candidate.topology)
    shown = [
        format_quantity(candidate.values[name], declared.value(name).unit)
        if name in candidate.values
        else _MISSING
        for name in names
    ]
    metrics = candidate.metrics
    return [
        "textbook" if candidate.rank == 0 else str(candidate.rank),
        candidate.topology,
        *shown,
        _percent(candidate.duty),
        candidate.mode or _MISSING,
        _percent(metrics.ripple if metrics else None),
        _percent(metrics.efficiency_estimated if metrics else None),
        f"{candidate.cost:.3f}",
        _state(candidate),
    ]


def _state(candidate: Candidate) -> str:
    state = "meets the spec" if candidate.meets_spec else "fails the spec"
    if candidate.ngspice is None:
        return state
    confirmed = "confirmed by ngspice" if candidate.ngspice.confirmed else "ngspice disagrees"
    return f"{state}, {confirmed}"


def _percent(fraction: float | None) -> str:
    return _MISSING if fraction is None else f"{fraction * 100:.4g} %"


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
