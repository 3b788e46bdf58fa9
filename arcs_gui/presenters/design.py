"""From the spec form to the shortlist on screen, and to the design that is looked at."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from arcs_engine.candidate import Candidate, Confirmation, Shortlist
from arcs_engine.errors import SpecError
from arcs_engine.spec import AUTO, Spec
from arcs_engine.topologies import topology
from arcs_engine.units import format_quantity
from arcs_engine.waveforms import Waveforms
from arcs_gui.ports import Background, Dialect, Engine, Task
from arcs_gui.presenters import rows, spec_form, traces
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.messages import MessageView, report
from arcs_gui.presenters.rows import CandidateRow, Check, Section
from arcs_gui.presenters.showing import Showing
from arcs_gui.presenters.spec_form import FormTexts
from arcs_gui.presenters.verification import Listeners, Verifications

_log = logging.getLogger(__name__)


class SpecView(Protocol):
    """The spec panel."""

    def set_errors(self, messages: dict[str, str]) -> None:
        """Show a message under each field named; the texts stay."""

    def set_hints(self, messages: dict[str, str]) -> None:
        """Show what was understood under each field named."""

    def set_busy(self, busy: bool) -> None:
        """Say whether a proposal is under way."""

    def set_progress(self, fraction: float, text: str) -> None:
        """Show how far the proposal is."""


class CandidatesView(Protocol):
    """The shortlist."""

    def set_rows(self, found: tuple[CandidateRow, ...], caption: str) -> None:
        """Replace the list; the caption says which spec it answers."""

    def set_row(self, row: CandidateRow) -> None:
        """Replace the line of the same rank."""

    def select(self, rank: int) -> None:
        """Mark a line; the view may report it back as picked."""


class DetailsView(Protocol):
    """The details of one design."""

    def set_sections(self, sections: tuple[Section, ...], title: str, remarks: str) -> None:
        """Replace what is shown; the remarks are sentences, a line each."""


class ExportView(Protocol):
    """The export actions."""

    def set_export_enabled(self, enabled: bool) -> None:
        """Say whether there is a design to export."""


@dataclass(frozen=True)
class DesignViews:
    """The views that the presenter fills."""

    spec: SpecView
    candidates: CandidatesView
    details: DetailsView
    export: ExportView
    messages: MessageView


class DesignPresenter:
    """Keeps the shortlist and which of its designs is looked at."""

    def __init__(
        self, engine: Engine, background: Background, views: DesignViews, showing: Showing
    ) -> None:
        self._engine = engine
        self._background = background
        self._views = views
        self._showing = showing
        self._proposals = Generation()
        self._task: Task | None = None
        self._spec: Spec | None = None
        self._candidates: dict[int, Candidate] = {}
        self._checks: dict[int, Check] = {}
        self._selected: int | None = None
        self._verifications = Verifications(
            engine,
            background,
            Listeners(self._on_check, self._on_verified, self._on_no_ngspice),
        )

    def warm_up(self) -> None:
        """Load the model in the background, so that the first proposal does not wait for it."""
        self._background.run(
            "model",
            self._engine.warm_up,
            done=self._views.messages.set_status,
            failed=self._on_warm_up_failure,
            progress=lambda _, text: self._views.messages.set_status(text),
        )

    def form_changed(self, texts: FormTexts) -> None:
        """Take back old complaints and say what is understood so far."""
        self._views.spec.set_errors({})
        self._views.spec.set_hints(spec_form.hints(texts))

    def propose(self, texts: FormTexts) -> None:
        """Ask for a shortlist; what was asked before is dropped."""
        try:
            spec = spec_form.read(texts)
        except spec_form.FormError as error:
            self._views.spec.set_errors(error.messages)
            self._views.messages.set_status("The spec needs a correction.")
            return
        self._stop_proposal()
        self._verifications.stop()
        self._views.spec.set_errors({})
        self._views.messages.clear_error()
        self._views.spec.set_busy(True)
        self._views.spec.set_progress(0.0, "Proposing…")
        self._views.messages.set_status("Proposing…")
        current = self._proposals.only_current
        self._task = self._background.run(
            "model",
            lambda control: self._engine.propose(spec, control),
            done=current(self._on_shortlist),
            failed=current(self._on_proposal_failure),
            progress=current(self._views.spec.set_progress),
        )

    def cancel(self) -> None:
        """Drop the proposal under way; the shortlist on screen stays."""
        if self._task is None:
            return
        self._stop_proposal()
        self._views.spec.set_busy(False)
        self._views.messages.set_status("Cancelled.")
        self._verify_what_is_left()

    def pick(self, rank: int) -> None:
        """Look at a design of the shortlist."""
        if rank == self._selected or rank not in self._candidates or self._spec is None:
            return
        self._selected = rank
        self._views.candidates.select(rank)
        self._verifications.prefer(rank)
        self._show_details()
        self._showing.show(self._spec, self._candidates[rank], self._checks.get(rank, "none"))
        self._views.export.set_export_enabled(self._candidates[rank].duty is not None)

    def export(self, path: Path, dialect: Dialect) -> None:
        """Write the netlist of the design that is looked at."""
        if self._spec is None or self._selected is None:
            return
        spec, candidate = self._spec, self._candidates[self._selected]

        def done(_: None) -> None:
            self._views.messages.clear_error()
            self._views.messages.set_status(f"Netlist written to {path}.")

        self._background.run(
            "files",
            lambda _: self._engine.export_netlist(spec, candidate, dialect, path),
            done=done,
            failed=lambda error: report(self._views.messages, "Exporting the netlist", error),
        )

    def suggested_name(self) -> str:
        """Return a file name for an export, without its ending."""
        if self._selected is None:
            return "design"
        candidate = self._candidates[self._selected]
        return f"{candidate.topology}-{candidate.rank}"

    def _stop_proposal(self) -> None:
        self._proposals.renew()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _verify_what_is_left(self) -> None:
        waiting = [rank for rank, check in self._checks.items() if check in ("waiting", "running")]
        if self._spec is not None and waiting:
            waiting.sort(key=lambda rank: rank != self._selected)
            left = tuple(self._candidates[rank] for rank in waiting)
            self._verifications.start(self._spec, left)

    def _on_warm_up_failure(self, error: Exception) -> None:
        report(self._views.messages, "Loading the model", error)
        self._views.messages.set_status("Ready, without a model.")

    def _on_shortlist(self, shortlist: Shortlist) -> None:
        self._task = None
        self._views.spec.set_busy(False)
        self._spec = shortlist.spec
        everyone = (shortlist.textbook, *shortlist.candidates)
        self._candidates = {candidate.rank: candidate for candidate in everyone}
        self._checks = dict.fromkeys(self._candidates, "none")
        self._selected = None
        self._showing.forget()
        self._views.candidates.set_rows(
            tuple(rows.candidate_row(c, "none") for c in everyone), caption(shortlist.spec)
        )
        self._views.messages.set_status(summary(shortlist))
        _log.info("%s: %s", caption(shortlist.spec), summary(shortlist))
        best = shortlist.candidates[0] if shortlist.candidates else shortlist.textbook
        self.pick(best.rank)
        self._verifications.start(shortlist.spec, (best, *(c for c in everyone if c is not best)))

    def _on_proposal_failure(self, error: Exception) -> None:
        self._task = None
        self._views.spec.set_busy(False)
        if isinstance(error, SpecError) and error.field is not None:
            self._views.spec.set_errors({error.field: str(error)})
            self._views.messages.set_status("The spec needs a correction.")
        else:
            report(self._views.messages, "The proposal", error)
            self._views.messages.set_status("No proposal.")
        self._verify_what_is_left()

    def _on_check(self, rank: int, check: Check) -> None:
        self._checks[rank] = check
        self._views.candidates.set_row(rows.candidate_row(self._candidates[rank], check))
        if rank == self._selected:
            self._showing.set_check(check)

    def _on_verified(self, rank: int, said: Confirmation, waveforms: Waveforms) -> None:
        candidate = msgspec.structs.replace(self._candidates[rank], ngspice=said)
        self._candidates[rank] = candidate
        self._views.candidates.set_row(rows.candidate_row(candidate, self._checks[rank]))
        self._showing.add(rank, traces.trace_set(topology(candidate.topology), waveforms))
        if rank == self._selected:
            self._show_details()

    def _on_no_ngspice(self, error: Exception) -> None:
        report(self._views.messages, "ngspice", error)

    def _show_details(self) -> None:
        if self._spec is None or self._selected is None:
            return
        candidate = self._candidates[self._selected]
        title = f"{topology(candidate.topology).title}, {_ranked(candidate.rank)}"
        sections = rows.details(self._spec, candidate)
        self._views.details.set_sections(sections, title, rows.remarks(candidate))


def caption(spec: Spec) -> str:
    """Say which spec a shortlist answers, in one line."""
    sign = 1 if spec.topology == AUTO else topology(spec.topology).sign
    parts = (
        f"{format_quantity(spec.vin_min, 'V')}…{format_quantity(spec.vin_max, 'V')}"
        f" to {format_quantity(sign * spec.vout, 'V')}",
        format_quantity(spec.iout, "A"),
        format_quantity(spec.fsw, "Hz"),
        f"ripple {spec.ripple * 100:g} %",
    )
    return ", ".join(parts)


def summary(shortlist: Shortlist) -> str:
    """Say in one sentence what a proposal brought."""
    count = len(shortlist.candidates)
    good = sum(candidate.meets_spec for candidate in shortlist.candidates)
    seconds = format_quantity(shortlist.timing.total, "s", 2)
    if count == 0:
        return f"No candidate besides the textbook design, in {seconds}."
    return f"{count} candidates, {good} meet the spec, in {seconds}."


def _ranked(rank: int) -> str:
    return "textbook design" if rank == 0 else f"candidate {rank}"
