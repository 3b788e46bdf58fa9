"""From the start to the first design: preparing the solver, with the textbook design meanwhile."""

import contextlib
import logging
from collections.abc import Callable
from typing import Protocol

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_gui.ports import Background, Engine, TextbookDesign
from arcs_gui.presenters.cells import Cell, Headline
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.messages import MessageView, report
from arcs_gui.presenters.schematic.drawing import Drawing
from arcs_gui.presenters.spec import form
from arcs_gui.presenters.spec.form import FormTexts

_log = logging.getLogger(__name__)


class ProgressView(Protocol):
    """Where the user looks for a proposal."""

    def set_progress(self, fraction: float, text: str) -> None:
        """Show how far the work is."""


class HeadlineView(Protocol):
    """The line over the schematic."""

    def set_headline(self, line: Headline) -> None:
        """Replace what is said of the selected design."""


class Preparation:
    """Loads and compiles what the first proposal needs.

    A machine that has never run ARCS compiles the solver for minutes. The textbook design of the
    spec needs no solver, so the window shows its values meanwhile, marked as not solved yet.
    """

    def __init__(
        self,
        engine: Engine,
        background: Background,
        progress: ProgressView,
        headline: HeadlineView,
        drawing: Drawing,
        messages: MessageView,
    ) -> None:
        self._engine = engine
        self._background = background
        self._progress = progress
        self._headline = headline
        self._drawing = drawing
        self._messages = messages
        self._previews = Generation()
        self._spec: Spec | None = None
        self._compiling = False
        self._over = False

    def begin(self, texts: FormTexts, ended: Callable[[], None]) -> None:
        """Start with what the form holds; `ended` is told when everything is there."""
        with contextlib.suppress(form.FormError):
            self._spec = form.read(texts)
        self._background.run(
            "prepare",
            self._engine.prepare,
            done=lambda note: self._load(note, ended),
            failed=lambda error: self._on_failure("Preparing the solver", "the solver", error),
            progress=self._on_compiling,
        )

    def set_spec(self, spec: Spec) -> None:
        """Hear which spec the form holds."""
        self._spec = spec
        if self._compiling:
            self._preview()

    def leave(self) -> None:
        """Hear that designs have arrived: from now on they are what is shown."""
        self._over = True
        self._previews.renew()

    def _on_compiling(self, fraction: float, text: str) -> None:
        if not self._compiling:
            self._compiling = True
            self._preview()
        self._messages.set_status(text)
        self._progress.set_progress(fraction, text)

    def _load(self, note: str, ended: Callable[[], None]) -> None:
        if note:
            _log.warning("%s", note)

        def done(text: str) -> None:
            self._messages.set_status(f"{text} {note}".rstrip())
            ended()

        if self._compiling:
            self._compiling = False
            self._progress.set_progress(0.0, "")
        self._background.run(
            "prepare",
            self._engine.warm_up,
            done=done,
            failed=lambda error: self._on_failure("Loading the model", "a model", error),
            progress=lambda _, text: self._messages.set_status(text),
        )

    def _on_failure(self, what: str, missing: str, error: Exception) -> None:
        report(self._messages, what, error)
        self._messages.set_status(f"Ready, without {missing}.")

    def _preview(self) -> None:
        if self._over or self._spec is None:
            return
        spec = self._spec
        self._previews.renew()
        current = self._previews.only_current
        self._background.run(
            "tune",
            lambda _: self._engine.textbook_design(spec),
            done=current(lambda design: self._show(spec, design)),
            failed=current(lambda error: _log.info("No textbook design meanwhile: %s", error)),
        )

    def _show(self, spec: Spec, design: TextbookDesign) -> None:
        title = f"{topology(design.topology).title}, textbook design"
        badge = Cell("not solved yet", "muted")
        self._headline.set_headline(Headline(title, (), (badge,)))
        self._drawing.show(spec, design)
