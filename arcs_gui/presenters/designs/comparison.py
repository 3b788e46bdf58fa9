"""Designs beside each other: a table of the pinned ones, and loss against volume."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate, cost_text, entries
from arcs_engine.performance.metrics import NOTHING, figure
from arcs_gui.presenters.cells import Cell
from arcs_gui.presenters.designs.board import Board, Design
from arcs_gui.presenters.designs.details import check_cell, verdict

_FIGURES = (
    ("Output voltage", "vout"),
    ("Ripple", "ripple"),
    *((figure(name).title, name) for name in ("efficiency_estimated", "efficiency")),
    ("Inductor ripple", "inductor_ripple"),
    *((figure(name).title, name) for name in ("ripple_current", "deviation")),
)

LOSS = figure("mean_loss")
VOLUME = figure("volume")
"""What the cost weighs against each other, and what the trade-off plots."""

SEEN_AS_ONE = 0.06
"""Points that are less than this share of the picture apart have one label."""


@dataclass(frozen=True)
class Comparison:
    """A table: a column for each design, a row for each figure."""

    designs: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Point:
    """A design in the plane of counted loss (W) and volume (mm³).

    Attributes:
        key: which design.
        label: its place; 0 is the textbook design.
        meets: whether it meets the spec.
        best: whether no other one that meets the spec is better in both.
    """

    key: int
    label: str
    loss: float
    volume: float
    meets: bool
    best: bool
    tip: str


@dataclass(frozen=True)
class Label:
    """What is written beside the points of one place."""

    text: str
    loss: float
    volume: float


def comparison(board: Board) -> Comparison:
    """Return the pinned designs beside each other."""
    places = board.places()
    designs = [board.designs[key] for key in board.pinned]
    names = tuple(_name(design, places[design.key]) for design in designs)
    rows: list[tuple[str, tuple[Cell, ...]]] = [
        ("Spec", tuple(verdict(design.candidate) for design in designs)),
        ("ngspice", tuple(check_cell(design.candidate, design.check) for design in designs)),
        ("Cost", _numbers(designs, _cost, cost_text)),
        (LOSS.title, _numbers(designs, loss_of, lambda c: LOSS.text(loss_of(c)))),
        (VOLUME.title, _numbers(designs, volume_of, lambda c: VOLUME.text(volume_of(c)))),
    ]
    for label, name in _FIGURES:
        rows.append((label, tuple(Cell(_text(d.candidate, name), number=True) for d in designs)))
    declared = [topology(d.candidate.topology) for d in designs]
    labels = {value.name: value.label for each in declared for value in each.design_values}
    for name, label in labels.items():
        rows.append((label, tuple(_value(d.candidate, name) for d in designs)))
    return Comparison(names, tuple(rows))


def pareto(board: Board) -> tuple[Point, ...]:
    """Return every solved design as a point."""
    places = board.places()
    solved = [d for d in board.everyone if d.candidate.metrics is not None]
    passing = [d.candidate for d in solved if d.candidate.meets_spec]
    points = []
    for design in solved:
        candidate = design.candidate
        loss, volume = loss_of(candidate), volume_of(candidate)
        beaten = any(
            loss_of(other) <= loss
            and volume_of(other) <= volume
            and (loss_of(other), volume_of(other)) != (loss, volume)
            for other in passing
        )
        tip = (
            f"{_name(design, places[design.key])}: mean loss {LOSS.text(loss)}, "
            f"volume {VOLUME.text(volume)}"
        )
        points.append(
            Point(
                key=design.key,
                label=str(places[design.key]),
                loss=loss,
                volume=volume,
                meets=candidate.meets_spec,
                best=candidate.meets_spec and not beaten,
                tip=tip,
            )
        )
    return tuple(points)


def point_labels(points: tuple[Point, ...]) -> tuple[Label, ...]:
    """Return one label for the points that would be seen as one: ``2, 3, 5`` rather than a blot."""
    near = [SEEN_AS_ONE * _span(all_of) for all_of in zip(*map(_at, points), strict=True)]
    places: list[list[Point]] = []
    for point in sorted(points, key=lambda p: int(p.label)):
        for place in places:
            ways = zip(_at(point), _at(place[0]), near, strict=True)
            if all(abs(here - there) <= most for here, there, most in ways):
                place.append(point)
                break
        else:
            places.append([point])
    return tuple(
        Label(", ".join(point.label for point in place), place[0].loss, place[0].volume)
        for place in places
    )


def _at(point: Point) -> tuple[float, float]:
    return point.loss, point.volume


def _span(numbers: tuple[float, ...]) -> float:
    return max(numbers) - min(numbers)


def _name(design: Design, place: int) -> str:
    title = topology(design.candidate.topology).title
    mark = " ✎" if design.edited else ""
    return f"{'Textbook' if place == 0 else place} ({title}){mark}"


def _cost(candidate: Candidate) -> float:
    return candidate.cost if candidate.meets_spec else float("nan")


def loss_of(candidate: Candidate) -> float:
    """Return the loss that the cost counts, W; nan where it is not known."""
    metrics = candidate.metrics
    return math.nan if metrics is None or metrics.mean_loss is None else metrics.mean_loss


def volume_of(candidate: Candidate) -> float:
    """Return the volume, mm³; nan where it is not known."""
    metrics = candidate.metrics
    return math.nan if metrics is None or metrics.volume is None else metrics.volume


def _numbers(
    designs: list[Design], read: Callable[[Candidate], float], write: Callable[[Candidate], str]
) -> tuple[Cell, ...]:
    """Return numbers, each after the first with its difference from the first, where both are."""
    cells = []
    for place, design in enumerate(designs):
        text = write(design.candidate)
        change = read(design.candidate) / read(designs[0].candidate) - 1
        if place > 0 and math.isfinite(change):
            text = f"{text} ({change:+.0%})"
        cells.append(Cell(text, number=True))
    return tuple(cells)


def _text(candidate: Candidate, name: str) -> str:
    if candidate.metrics is None:
        return NOTHING
    return next((e.text for e in entries(candidate) if e.figure.name == name), NOTHING)


def _value(candidate: Candidate, name: str) -> Cell:
    if name not in candidate.values:
        return Cell(NOTHING, "muted", number=True)
    unit = topology(candidate.topology).value(name).unit
    return Cell(format_quantity(candidate.values[name], unit), number=True)
