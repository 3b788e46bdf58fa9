"""The shortlist as a table shows it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from arcs_engine.circuits.spec import AUTO, Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Shortlist, cost_text
from arcs_engine.performance.metrics import NOTHING, Figure, figure, per_cent
from arcs_gui.presenters.cells import Cell
from arcs_gui.presenters.designs.board import Board, Design
from arcs_gui.presenters.designs.comparison import LOSS, VOLUME, loss_of, volume_of
from arcs_gui.presenters.designs.details import check_cell, remarks, verdict

EFFICIENCY: Final = figure("efficiency_estimated").symbol
"""Title of the column of efficiencies."""

COLUMNS: Final[tuple[tuple[str, str], ...]] = (
    ("#", "Rank by cost; 0 is the textbook design, ✎ an edited one, ◆ a pinned one"),
    ("Topology", "Converter circuit"),
    ("Cost", "Loss and size against the textbook design, which costs 1; less is better"),
    (LOSS.title, "Of full and quarter load, as the cost counts it; the bar compares the list"),
    (VOLUME.title, "Of all parts with their keep-outs; the bar compares the list"),
    (EFFICIENCY, "Estimated efficiency, with switching, gate and core losses"),
    ("Deviation", "How far the output goes from its mean when the load steps, of Vout"),
    ("Spec", "Whether every check of the spec passed"),
    ("ngspice", "Whether ngspice confirms the figures; the verdict is in Spec"),
)


@dataclass(frozen=True)
class CandidateRow:
    """One line of the shortlist; `key` stays when its place changes."""

    key: int
    cells: tuple[Cell, ...]
    tip: str


def column(title: str) -> int:
    """Return the number of the column with that title."""
    return next(i for i, (name, _) in enumerate(COLUMNS) if name == title)


def caption(spec: Spec) -> str:
    """Say which spec a shortlist answers, in one line."""
    chosen = None if spec.topology == AUTO else topology(spec.topology)
    sign = 1 if chosen is None else chosen.sign
    parts = (
        "Auto" if chosen is None else chosen.title[0].upper() + chosen.title[1:],
        f"{format_quantity(spec.vin_min, 'V')}…{format_quantity(spec.vin_max, 'V')}"
        f" to {format_quantity(sign * spec.vout, 'V')}",
        format_quantity(spec.iout, "A"),
        format_quantity(spec.fsw, "Hz"),
        f"ripple {spec.ripple * 100:.3g} %",
    )
    return ", ".join(parts)


def summary(shortlist: Shortlist) -> str:
    """Say in one sentence what a proposal brought."""
    count = len(shortlist.candidates)
    good = sum(candidate.meets_spec for candidate in shortlist.candidates)
    seconds = format_quantity(shortlist.timing.total, "s", 2)
    if count == 0:
        return f"No candidate besides the textbook design, in {seconds}."
    if good == 0:
        return f"{count} candidates, none meets the spec, in {seconds}."
    return f"{count} candidates, {good} meet the spec, in {seconds}."


def table(board: Board) -> tuple[CandidateRow, ...]:
    """Return the lines of a board, by place."""
    places = board.places()
    most_loss = _most(loss_of(design.candidate) for design in board.everyone)
    most_volume = _most(volume_of(design.candidate) for design in board.everyone)
    return tuple(
        _row(board, board.designs[key], places[key], most_loss, most_volume)
        for key in sorted(places, key=places.__getitem__)
    )


def _most(numbers: Iterable[float]) -> float:
    return max((number for number in numbers if number == number), default=1.0)  # noqa: PLR0124


def _row(
    board: Board, design: Design, place: int, most_loss: float, most_volume: float
) -> CandidateRow:
    candidate = design.candidate
    metrics = candidate.metrics
    marks = [mark for mark, on in (("✎", design.edited), ("◆", design.key in board.pinned)) if on]
    unknown = Cell(NOTHING, number=True, order=float("inf"))
    loss = volume = efficiency = deviation = unknown
    if metrics is not None:
        if metrics.mean_loss is not None:
            loss = _bar(LOSS, metrics.mean_loss, most_loss)
        if metrics.volume is not None:
            volume = _bar(VOLUME, metrics.volume, most_volume)
        if metrics.deviation is not None:
            deviation = _figure(per_cent(metrics.deviation), metrics.deviation)
        efficiency = _figure(per_cent(metrics.efficiency_estimated), metrics.efficiency_estimated)
    cells = (
        Cell(" ".join([str(place), *marks]), order=place),
        Cell(topology(candidate.topology).name.replace("_", "-")),
        _figure(cost_text(candidate), candidate.cost if candidate.meets_spec else math.inf),
        loss,
        volume,
        efficiency,
        deviation,
        verdict(candidate),
        check_cell(candidate, design.check),
    )
    return CandidateRow(design.key, cells, remarks(candidate))


def _figure(text: str, order: float) -> Cell:
    return Cell(text, number=True, order=order)


def _bar(of: Figure, value: float, most: float) -> Cell:
    return Cell(of.text(value), number=True, order=value, bar=value / most)
