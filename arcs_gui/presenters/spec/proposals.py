"""From the spec form to a shortlist."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.errors import SpecError
from arcs_engine.performance.candidate import Shortlist
from arcs_gui.ports import Background, Engine, Task
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.messages import MessageView, report
from arcs_gui.presenters.spec import form
from arcs_gui.presenters.spec.form import FormTexts


class SpecView(Protocol):
    """The spec panel."""

    def set_errors(self, messages: dict[str, str]) -> None:
        """Show a message under each field named; the texts stay."""

    def focus_on_error(self) -> None:
        """Bring the first field with a message to the user."""

    def set_hints(self, messages: dict[str, str]) -> None:
        """Show what was understood under each field named."""

    def set_busy(self, busy: bool) -> None:
        """Say whether a proposal is under way."""

    def set_progress(self, fraction: float, text: str) -> None:
        """Show how far the proposal is."""


@dataclass(frozen=True)
class ProposalListeners:
    """Who hears of proposals.

    Attributes:
        begun: one is under way.
        arrived: the shortlist.
        ended: one was cancelled, or failed; what was there before stays.
        read: a spec that the form holds, whenever the user pauses.
    """

    begun: Callable[[], None]
    arrived: Callable[[Shortlist], None]
    ended: Callable[[], None]
    read: Callable[[Spec], None]


class Proposals:
    """One proposal at a time; an older one is dropped."""

    def __init__(
        self,
        engine: Engine,
        background: Background,
        view: SpecView,
        messages: MessageView,
        listeners: ProposalListeners,
    ) -> None:
        self._engine = engine
        self._background = background
        self._view = view
        self._messages = messages
        self._listeners = listeners
        self._proposals = Generation()
        self._task: Task | None = None
        self._last: Spec | None = None

    def form_changed(self, texts: FormTexts) -> None:
        """Take back old complaints and say what is understood so far."""
        self._view.set_errors({})
        self._view.set_hints(form.hints(texts))

    def form_settled(self, texts: FormTexts, *, propose: bool) -> None:
        """Hear that the user has paused: say what is wrong, or propose if that is wished."""
        try:
            spec = form.read(texts)
        except form.FormError as error:
            self._view.set_errors(error.messages)
            return
        self._listeners.read(spec)
        if propose and spec != self._last:
            self.ask(spec, {})

    def propose(self, texts: FormTexts) -> None:
        """Ask for a shortlist; what was asked before is dropped."""
        try:
            spec = form.read(texts)
        except form.FormError as error:
            self._view.set_errors(error.messages)
            self._view.focus_on_error()
            self._messages.set_status("The spec needs a correction.")
            return
        self._listeners.read(spec)
        self.ask(spec, {})

    def ask(self, spec: Spec, locks: Mapping[str, float]) -> None:
        """Ask for a shortlist that keeps the locked values."""
        self._stop()
        self._last = spec
        self._listeners.begun()
        self._view.set_errors({})
        self._messages.clear_error()
        self._view.set_busy(True)
        self._view.set_progress(0.0, "Proposing…")
        self._messages.set_status("Proposing…")
        current = self._proposals.only_current
        self._task = self._background.run(
            "model",
            lambda control: self._engine.propose(spec, locks, control),
            done=current(self._on_shortlist),
            failed=current(self._on_failure),
            progress=current(self._view.set_progress),
        )

    def cancel(self) -> None:
        """Drop the proposal under way; the shortlist on screen stays."""
        if self._task is None:
            return
        self._stop()
        self._view.set_busy(False)
        self._messages.set_status("Cancelled.")
        self._listeners.ended()

    def _stop(self) -> None:
        self._proposals.renew()
        self._last = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _on_shortlist(self, shortlist: Shortlist) -> None:
        self._task = None
        self._view.set_busy(False)
        self._listeners.arrived(shortlist)

    def _on_failure(self, error: Exception) -> None:
        self._task = None
        self._view.set_busy(False)
        if isinstance(error, SpecError) and error.field is not None:
            self._view.set_errors(form.message_of(error))
            self._messages.set_status("The spec needs a correction.")
        else:
            report(self._messages, "The proposal", error)
            self._messages.set_status("No proposal.")
        self._listeners.ended()
