"""The selected design in one line over the schematic, and what of it the slider trades."""

from typing import Protocol

from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate, cost_text
from arcs_engine.performance.metrics import figure, per_cent
from arcs_gui.presenters.cells import Cell, Check, Headline
from arcs_gui.presenters.designs.board import Board, Design
from arcs_gui.presenters.designs.details import FIGURES_CONFIRMED, check_cell, verdict

_SAID: dict[Check, str] = {
    "none": "solver only",
    "waiting": "ngspice waits",
    "running": "ngspice runs…",
    "confirmed": "✓ ngspice",
    "refuted": "✗ ngspice differs",
    "failed": "✗ no ngspice result",
}


class TradedView(Protocol):
    """What stands beside the slider."""

    def set_traded(self, volume: str, loss: str) -> None:
        """Say what the slider trades, of the selected design; empty where that is not known."""


def name_of(design: Design, place: int) -> str:
    """Return what people call a design."""
    title = topology(design.candidate.topology).title
    return f"{title}, textbook design" if place == 0 else f"{title}, candidate {place}"


def headline(board: Board, design: Design, *, is_behind: bool) -> Headline:
    """Return the line for a design."""
    candidate = design.candidate
    metrics = candidate.metrics
    badges = [verdict(candidate, "meets spec", "fails spec")]
    if design.edited:
        badges.append(Cell("✎ edited"))
    if candidate.duty is not None:
        badges.append(_said(design))
    figures: tuple[tuple[str, str], ...] = ()
    if metrics is not None and candidate.duty is not None:
        figures = (
            ("Vout", format_quantity(metrics.vout, "V")),
            (figure("efficiency_estimated").symbol, per_cent(metrics.efficiency_estimated)),
            ("Volume", figure("volume").text(metrics.volume)),
            ("Ripple", per_cent(metrics.ripple)),
            ("Cost", cost_text(candidate)),
            ("Duty", f"{candidate.duty:.3f} {candidate.mode}"),
        )
    title = name_of(design, board.places()[design.key])
    return Headline(title, figures, tuple(badges), is_behind)


def traded(candidate: Candidate) -> tuple[str, str]:
    """Say what the slider trades, of one design: its volume, and the loss that the cost counts."""
    metrics = candidate.metrics
    if metrics is None or metrics.mean_loss is None:
        return "", ""
    loss = per_cent(metrics.mean_loss / metrics.pout)
    return figure("volume").text(metrics.volume), f"loss {loss}"


def _said(design: Design) -> Cell:
    """Return what ngspice says, in a few words."""
    said = check_cell(design.candidate, design.check)
    if said.text == FIGURES_CONFIRMED:
        return Cell(f"ngspice: {FIGURES_CONFIRMED}", said.tone)
    return Cell(_SAID[design.check], said.tone)
