"""The designs on screen: the shortlist, the selected design, and its exports."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.performance.candidate import Candidate, Shortlist, answered
from arcs_engine.simulation.waveforms import Waveforms
from arcs_gui.ports import Background, Dialect, Engine, Turns
from arcs_gui.presenters.cells import Check, Headline, Section
from arcs_gui.presenters.designs import comparison, details
from arcs_gui.presenters.designs.board import MOST_PINNED, Board, locked_values
from arcs_gui.presenters.designs.comparison import Comparison, Point
from arcs_gui.presenters.designs.gallery import Gallery
from arcs_gui.presenters.designs.headline import TradedView, headline, name_of, traded
from arcs_gui.presenters.designs.live import Answer
from arcs_gui.presenters.designs.shortlist import CandidateRow, caption, summary, table
from arcs_gui.presenters.designs.showing import Showing
from arcs_gui.presenters.designs.tuning import (
    HistoryView,
    InspectorView,
    Pause,
    Tuning,
    TuningListeners,
    TuningViews,
)
from arcs_gui.presenters.designs.verification import Listeners, Reply, Verifications
from arcs_gui.presenters.messages import Fix, MessageView, report, report_file
from arcs_gui.presenters.preparation import Preparation
from arcs_gui.presenters.schematic.drawing import Drawing, SchematicView
from arcs_gui.presenters.spec.form import FormTexts
from arcs_gui.presenters.spec.proposals import ProposalListeners, Proposals, SpecView
from arcs_gui.presenters.waveforms import traces

_log = logging.getLogger(__name__)

_ELSEWHERE = Fix("Export elsewhere…", "export")


class CandidatesView(Protocol):
    """The shortlist."""

    def set_rows(self, found: tuple[CandidateRow, ...], caption: str) -> None:
        """Replace the list; the caption says which spec it answers."""

    def update_rows(self, found: tuple[CandidateRow, ...]) -> None:
        """Replace the lines of the same keys; the order of the list stays the user's."""

    def select(self, key: int) -> None:
        """Mark a line; the view may report it back as picked."""


class DetailsView(Protocol):
    """The details of one design."""

    def set_sections(self, sections: tuple[Section, ...], title: str, remarks: str) -> None:
        """Replace what is shown; the remarks are sentences, a line each."""


class HeadlineView(Protocol):
    """The line over the schematic."""

    def set_headline(self, line: Headline) -> None:
        """Replace what is said of the selected design."""


class ComparisonView(Protocol):
    """The pinned designs beside each other."""

    def set_comparison(self, table: Comparison) -> None:
        """Replace the table."""


class ParetoView(Protocol):
    """Loss against volume."""

    def set_points(self, points: tuple[Point, ...], selected: int | None) -> None:
        """Replace the points; the one of the key `selected` is marked."""


class DesignActionsView(Protocol):
    """What can be done with the selected design."""

    def set_export_enabled(self, enabled: bool) -> None:
        """Say whether there is a design to export."""

    def set_rest_enabled(self, enabled: bool) -> None:
        """Say whether some of its values are locked, so that the rest can be proposed."""

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard."""


@dataclass(frozen=True)
class DesignViews:
    """The views that the presenter fills."""

    spec: SpecView
    candidates: CandidatesView
    details: DetailsView
    headline: HeadlineView
    traded: TradedView
    inspector: InspectorView
    schematic: SchematicView
    comparison: ComparisonView
    pareto: ParetoView
    history: HistoryView
    actions: DesignActionsView
    messages: MessageView


class Examination(Protocol):
    """Looks closer at the selected design."""

    def show(self, spec: Spec, candidate: Candidate) -> None:
        """Hear which design is selected, and how its values move."""

    def forget(self) -> None:
        """Hear that the designs are gone."""


class DesignPresenter:
    """Keeps the board and tells every view what is on it."""

    def __init__(
        self,
        engine: Engine,
        background: Background,
        views: DesignViews,
        showing: Showing,
        drawing: Drawing,
        gallery: Gallery,
        pause: Pause,
        examinations: Sequence[Examination],
        turns: Turns,
    ) -> None:
        self._engine = engine
        self._examinations = examinations
        self._background = background
        self._turns = turns
        self._views = views
        self._showing = showing
        self._drawing = drawing
        self._gallery = gallery
        self._board: Board | None = None
        self._changed: set[int] = set()
        self._verifications = Verifications(
            engine,
            background,
            Listeners(self._on_check, self._on_verified, self._on_no_ngspice),
        )
        self.preparation = Preparation(
            engine, background, views.spec, views.headline, drawing, views.messages
        )
        self.proposals = Proposals(
            engine,
            background,
            views.spec,
            views.messages,
            ProposalListeners(
                self._verifications.stop,
                self._on_shortlist,
                self._verify_what_is_left,
                self._on_spec,
            ),
        )
        self.tuning = Tuning(
            engine,
            background,
            TuningViews(views.inspector, views.schematic, views.history, views.messages),
            TuningListeners(
                edited=self._on_edited,
                solved=self._on_solved,
                settled=self._on_settled,
                stalled=lambda _: self._show_headline(),
                look_at=self.pick,
            ),
            pause,
            turns,
        )

    def form_settled(self, texts: FormTexts, *, wished: bool) -> None:
        """Hear that the form has not changed for a while; edits are never dropped unasked."""
        board = self._board
        edited = board is not None and any(design.edited for design in board.everyone)
        self.proposals.form_settled(texts, propose=wished and not edited)
        if wished and edited:
            self._views.messages.set_status(
                "The list holds edited designs; press Propose to replace it."
            )

    def pick(self, key: int) -> None:
        """Look at a design of the board."""
        board = self._board
        if board is None or key == board.selected or key not in board.designs:
            return
        board.selected = key
        design = board.designs[key]
        self._views.candidates.select(key)
        self._verifications.prefer(key)
        self.tuning.look_at_current()
        self._drawing.show(board.spec, design.candidate, board.locks)
        self._showing.show(board.spec, design.candidate, design.check)
        for examination in self._examinations:
            examination.show(board.spec, design.candidate)
        self._show_current()
        self._show_points()
        self._views.actions.set_export_enabled(design.candidate.duty is not None)

    def pick_next(self, step: int) -> None:
        """Look at the design a few places on."""
        board = self._board
        if board is None or board.selected is None:
            return
        places = board.places()
        keys = sorted(places, key=places.__getitem__)
        here = keys.index(board.selected) + step
        if 0 <= here < len(keys):
            self.pick(keys[here])

    def reweigh(self, weight: float) -> None:
        """Rank anew for another weight of the slider, without proposing."""
        if self._board is None or self._board.spec.weight == weight:
            return
        self._board.reweigh(weight)
        self._show_everything()

    def toggle_pin(self, key: int | None = None) -> None:
        """Pin a design for the comparison, or take its pin away; without a key, the current one."""
        board = self._board
        if board is None:
            return
        chosen = board.selected if key is None else key
        if chosen is None or chosen not in board.designs:
            return
        if not board.toggle_pin(chosen):
            self._views.messages.set_status(
                f"Comparison shows at most {MOST_PINNED} designs; unpin one first."
            )
        self._show_list(chosen)
        self._show_comparison()

    def toggle_lock(self, name: str) -> None:
        """Let a further proposal keep a value of the current design, or no more."""
        self.tuning.toggle_lock(name)
        if self._board is not None and self._board.current is not None:
            candidate = self._board.current.candidate
            self._drawing.show(self._board.spec, candidate, self._board.locks)
            self._views.actions.set_rest_enabled(bool(locked_values(self._board)))

    def propose_the_rest(self) -> None:
        """Ask for designs of the current topology that keep the locked values."""
        board = self._board
        if board is None or board.current is None:
            return
        name = board.current.candidate.topology
        locks = dict(locked_values(board))
        if locks:
            self.proposals.ask(msgspec.structs.replace(board.spec, topology=name), locks)

    def export(self, path: Path, dialect: Dialect) -> None:
        """Write the netlist of the selected design."""
        if self._board is None or self._board.current is None:
            return
        spec, candidate = self._board.spec, self._board.current.candidate

        def done(_: None) -> None:
            report_file(self._views.messages, "Netlist", path)

        self._background.run(
            "files",
            lambda _: self._engine.export_netlist(spec, candidate, dialect, path),
            done=done,
            failed=lambda error: report(
                self._views.messages, "Exporting the netlist", error, _ELSEWHERE
            ),
        )

    def copy_netlist(self) -> None:
        """Put the netlist of the selected design on the clipboard."""
        if self._board is None or self._board.current is None:
            return
        spec, candidate = self._board.spec, self._board.current.candidate

        def done(text: str) -> None:
            self._views.actions.copy_text(text)
            self._views.messages.set_status("Netlist copied.")

        self._background.run(
            "files",
            lambda _: self._engine.netlist(spec, candidate),
            done=done,
            failed=lambda error: report(self._views.messages, "Copying the netlist", error),
        )

    def suggested_name(self) -> str:
        """Return a file name for an export, without its ending."""
        if self._board is None or self._board.current is None:
            return "design"
        design = self._board.current
        return f"{design.candidate.topology}-{self._board.places()[design.key]}"

    def _verify_what_is_left(self) -> None:
        board = self._board
        if board is None:
            return
        waiting = [d for d in board.everyone if d.check in ("waiting", "running")]
        waiting.sort(key=lambda d: d.key != board.selected)
        if waiting:
            self._verifications.start(board.spec, tuple(d.candidate for d in waiting))

    def _on_spec(self, spec: Spec) -> None:
        self._gallery.set_spec(spec)
        self.preparation.set_spec(spec)

    def _on_shortlist(self, shortlist: Shortlist) -> None:
        self.preparation.leave()
        board = Board.of(shortlist)
        if self._board is not None:
            board.locks = self._board.locks
        self._board = board
        self._verifications.stop()  # of a design that was edited while the proposal was under way
        self.tuning.set_board(board)
        self._showing.forget()
        for examination in self._examinations:
            examination.forget()
        self._views.candidates.set_rows(table(board), caption(shortlist.spec))
        self._show_comparison()
        self._views.messages.set_status(summary(shortlist))
        _log.info("%s: %s", caption(shortlist.spec), summary(shortlist))
        best = shortlist.candidates[0] if shortlist.candidates else shortlist.textbook
        self.pick(best.rank)
        # Shown first: the threads that simulate would hold up the window.
        self._turns.put("verify", self._verify_everyone)

    def _verify_everyone(self) -> None:
        board = self._board
        if board is not None:
            designs = sorted(board.everyone, key=lambda design: design.key != board.selected)
            self._verifications.start(board.spec, tuple(design.candidate for design in designs))

    def _on_edited(self, key: int) -> None:
        """Hear that the figures of a design are of earlier values from now on."""
        assert self._board is not None
        self._verifications.forget(key)
        self._board.designs[key].check = "none"
        self._turns.put("headline", self._show_headline)

    def _on_solved(self, key: int, answer: Answer) -> None:
        board = self._board
        assert board is not None
        candidate = answer.solved.candidate
        self._showing.replace(candidate, answer.traces)
        for examination in self._examinations:
            examination.show(board.spec, candidate)
        self._showing.set_check(candidate, "none")
        self._show_list(key)  # the bars of the others can wait for a pause
        self._show_current()
        self._show_points()
        self._show_comparison()
        self._drawing.show(board.spec, candidate, board.locks)
        self._views.actions.set_export_enabled(candidate.duty is not None)

    def _on_settled(self, key: int) -> None:
        assert self._board is not None
        self._show_list(*self._board.designs)
        design = self._board.designs[key]
        said = design.candidate.ngspice
        if said is None:
            self._verifications.add(self._board.spec, design.candidate)
        else:
            self._on_check(key, "confirmed" if said.confirmed else "refuted")

    def _on_check(self, key: int, check: Check) -> None:
        assert self._board is not None
        self._board.designs[key].check = check
        self._show_list(key)
        if key == self._board.selected:
            self._showing.set_check(self._board.designs[key].candidate, check)
            self._show_headline()

    def _on_verified(self, key: int, said: Reply, found: Waveforms | None) -> None:
        assert self._board is not None
        design = self._board.designs[key]
        design.candidate = answered(design.candidate, said)
        if not design.edited:
            design.proposed = design.candidate
        self._show_list(key)
        if found is not None:
            self._showing.add(key, traces.trace_set(topology(design.candidate.topology), found))
        self._show_comparison()
        if key == self._board.selected:
            self._showing.set_check(design.candidate, design.check)
            self._show_current()

    def _on_no_ngspice(self, error: Exception) -> None:
        report(self._views.messages, "ngspice", error)

    def _show_everything(self) -> None:
        if self._board is not None:
            self._views.candidates.set_rows(table(self._board), caption(self._board.spec))
            if self._board.selected is not None:
                self._views.candidates.select(self._board.selected)
            self._show_comparison()
            self._show_current()
            self._show_points()

    def _show_list(self, *keys: int) -> None:
        self._changed.update(keys)
        self._turns.put("list", self._fill_list)

    def _show_comparison(self) -> None:
        self._turns.put("comparison", self._fill_comparison)

    def _show_points(self) -> None:
        self._turns.put("points", self._fill_points)

    def _show_current(self) -> None:
        if self._board is not None:
            self._views.actions.set_rest_enabled(bool(locked_values(self._board)))
        self._show_headline()
        self._turns.put("details", self._fill_details)

    def _fill_list(self) -> None:
        if self._board is not None:
            changed, self._changed = self._changed, set()
            found = tuple(row for row in table(self._board) if row.key in changed)
            self._views.candidates.update_rows(found)

    def _fill_comparison(self) -> None:
        if self._board is not None:
            self._views.comparison.set_comparison(comparison.comparison(self._board))

    def _fill_points(self) -> None:
        if self._board is not None:
            points = comparison.pareto(self._board)
            self._views.pareto.set_points(points, self._board.selected)

    def _fill_details(self) -> None:
        board = self._board
        if board is None or board.current is None:
            return
        design = board.current
        title = name_of(design, board.places()[design.key])
        sections = details.details(board.spec, design.candidate)
        self._views.details.set_sections(sections, title, details.remarks(design.candidate))

    def _show_headline(self) -> None:
        if self._board is not None and self._board.current is not None:
            line = headline(self._board, self._board.current, is_behind=self.tuning.is_behind)
            self._views.headline.set_headline(line)
            self._views.traded.set_traded(*traded(self._board.current.candidate))
