"""Training runs: start, watch, stop, resume."""

from typing import Protocol

from arcs_engine.learning.jobs.runs import RESUMABLE
from arcs_gui.ports import Background, LossPoint, Runs, RunSummary, TrainingSettings
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.messages import MessageView, report

ACTIVE = ("queued", "running")


class RunsView(Protocol):
    """The panel of runs."""

    def set_configs(self, names: tuple[str, ...]) -> None:
        """Offer these training configs."""

    def set_runs(self, runs: tuple[RunSummary, ...]) -> None:
        """Replace the list of runs."""

    def select(self, name: str) -> None:
        """Mark a run; the view may report it back as picked."""

    def set_curve(self, name: str, points: tuple[LossPoint, ...]) -> None:
        """Show the loss curve of a run."""

    def set_can_stop(self, can_stop: bool) -> None:
        """Say whether the marked run can be stopped."""

    def set_can_resume(self, can_resume: bool) -> None:
        """Say whether the marked run can be resumed."""

    def set_starting(self, starting: bool) -> None:
        """Say whether a run is being started."""

    def set_watching(self, watching: bool) -> None:
        """Say whether the panel should ask for news now and then."""


class RunsPresenter:
    """Keeps the list of runs and which of them is selected."""

    def __init__(
        self, runs: Runs, background: Background, view: RunsView, messages: MessageView
    ) -> None:
        self._runs = runs
        self._background = background
        self._view = view
        self._messages = messages
        self._selected: str | None = None
        self._summaries: dict[str, RunSummary] = {}
        self._asking = False
        self._curves = Generation()
        self._own: dict[str, RunSummary] = {}

    @property
    def at_work(self) -> tuple[RunSummary, ...]:
        """The runs that end with the window, because it started their workers."""
        return tuple(self._own.values())

    def load(self) -> None:
        """Fill the panel."""
        self._background.run(
            "files",
            lambda _: self._runs.configs(),
            done=self._view.set_configs,
            failed=lambda error: report(self._messages, "Listing the training configs", error),
        )
        self.refresh()

    def start(self, settings: TrainingSettings) -> None:
        """Start a training run."""
        self._view.set_starting(True)
        self._messages.clear_error()
        self._background.run(
            "files",
            lambda _: self._runs.start_training(settings),
            done=self._on_started,
            failed=self._on_start_failure,
        )

    def stop(self) -> None:
        """Stop the selected run."""
        name = self._selected
        if name is None:
            return
        self._view.set_can_stop(False)
        self._messages.set_status(f"Stopping {name}…")
        self._background.run(
            "files",
            lambda _: self._runs.stop(name),
            done=lambda _: self.refresh(),
            failed=lambda error: report(self._messages, f"Stopping {name}", error),
        )

    def resume(self) -> None:
        """Go on with the selected run, from its last checkpoint."""
        name = self._selected
        if name is None:
            return
        self._view.set_can_resume(False)
        self._messages.clear_error()
        self._messages.set_status(f"Resuming {name}…")
        self._background.run(
            "files",
            lambda _: self._runs.resume(name),
            done=lambda _: self._on_begun(name, f"{name} continues from its last checkpoint."),
            failed=lambda error: self._on_resume_failure(name, error),
        )

    def pick(self, name: str) -> None:
        """Look at a run."""
        if name == self._selected:
            return
        self._selected = name
        self._curves.renew()
        self._show_actions()
        self._ask_for_curve()

    def refresh(self) -> None:
        """Ask for news, unless an answer is still awaited."""
        if self._asking:
            return
        self._asking = True
        self._background.run(
            "files",
            lambda _: self._runs.summaries(),
            done=self._on_summaries,
            failed=self._on_summaries_failure,
        )

    def _show_actions(self) -> None:
        summary = self._summaries.get(self._selected or "")
        state = "" if summary is None else summary.state
        self._view.set_can_stop(state in ACTIVE)
        self._view.set_can_resume(state in RESUMABLE)

    def _on_started(self, name: str) -> None:
        self._view.set_starting(False)
        self._on_begun(name, f"Training run {name} started.")

    def _on_begun(self, name: str, text: str) -> None:
        """Look at a run whose worker was started here."""
        known = self._summaries.get(name)
        kind = "train" if known is None else known.kind
        self._own[name] = RunSummary(name, kind, "queued", 0.0, text)
        self._selected = name
        self._curves.renew()
        self._messages.set_status(text)
        self._view.set_watching(True)
        self.refresh()

    def _on_resume_failure(self, name: str, error: Exception) -> None:
        self._show_actions()
        report(self._messages, f"Resuming {name}", error)

    def _on_start_failure(self, error: Exception) -> None:
        self._view.set_starting(False)
        report(self._messages, "Starting the training", error)

    def _on_summaries(self, summaries: tuple[RunSummary, ...]) -> None:
        self._asking = False
        self._announce_ends(summaries)
        self._summaries = {summary.name: summary for summary in summaries}
        self._own = {s.name: s for s in summaries if s.name in self._own and s.state in ACTIVE}
        if self._selected not in self._summaries:
            self._selected = summaries[0].name if summaries else None
        self._view.set_runs(summaries)
        if self._selected is not None:
            self._view.select(self._selected)
            self._ask_for_curve()
        self._show_actions()
        self._view.set_watching(any(s.state in ACTIVE for s in summaries))

    def _announce_ends(self, summaries: tuple[RunSummary, ...]) -> None:
        for summary in summaries:
            before = self._summaries.get(summary.name)
            if before is not None and before.state in ACTIVE and summary.state not in ACTIVE:
                self._messages.set_status(f"{summary.name}: {summary.text}")
                if summary.state in ("failed", "damaged"):
                    self._messages.show_error(f"{summary.name} {summary.state}: {summary.text}")

    def _on_summaries_failure(self, error: Exception) -> None:
        self._asking = False
        self._view.set_watching(False)
        report(self._messages, "Reading the runs", error)

    def _ask_for_curve(self) -> None:
        name = self._selected
        if name is None:
            return
        current = self._curves.only_current
        self._background.run(
            "files",
            lambda _: self._runs.losses(name),
            done=current(lambda points: self._view.set_curve(name, points)),
            failed=current(lambda error: report(self._messages, f"Reading {name}", error)),
        )
