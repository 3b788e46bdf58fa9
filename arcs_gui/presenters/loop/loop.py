"""The loop of the shown design: asked for while its values move, and shown as it is judged."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.circuits.topologies.base import DesignValue
from arcs_engine.foundation.errors import ArcsError, QuantityError
from arcs_engine.performance.candidate import Candidate
from arcs_gui.ports import Background, LoopAnalyst, Turns
from arcs_gui.presenters.cells import Cell
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.latest import Latest
from arcs_gui.presenters.loop.bode import BodePlot, bode_plot
from arcs_gui.presenters.loop.load_step import LoadSteps, LoadStepView
from arcs_gui.presenters.loop.plots import (
    ImpedancePlot,
    NyquistPlot,
    impedance_plot,
    nyquist_plot,
)
from arcs_gui.presenters.loop.verdict import Verdict, corner_rows, refusal, verdict
from arcs_gui.presenters.loop.wishes import Choices, LoopDesign, PartLine, Wishes, choices
from arcs_gui.presenters.messages import MessageView, report
from arcs_gui.presenters.moves import stepped, typed

if TYPE_CHECKING:
    from arcs_engine.analysis.loop_results import ExaminedLoop
    from arcs_engine.analysis.measured_response import MeasuredResponse

Tab = Literal["bode", "nyquist", "impedance", "step", "corners"]


@dataclass(frozen=True, eq=False)
class LoopPlots:
    """Everything that is drawn of a loop over frequency."""

    bode: BodePlot
    nyquist: NyquistPlot
    impedance: ImpedancePlot


class LoopView(LoadStepView, Protocol):
    """The loop's panel."""

    def set_design(self, caption: str, offered: Choices | None) -> None:
        """Name the design, offer its choices and empty every page; None for no design."""

    def set_wishes(self, wishes: Wishes) -> None:
        """Write what is chosen."""

    def set_wrong(self, sentence: str) -> None:
        """Complain about what was chosen or typed; an empty sentence takes it back."""

    def set_state(self, text: str) -> None:
        """Say what is being worked out."""

    def set_parts(self, lines: tuple[PartLine, ...]) -> None:
        """List the compensator's parts; a text that is being typed stays."""

    def set_verdict(self, said: Verdict) -> None:
        """Say what the judge says."""

    def set_plots(self, plots: LoopPlots | None) -> None:
        """Draw the loop; None takes it away."""

    def set_corners(self, rows: tuple[tuple[Cell, ...], ...]) -> None:
        """Fill the table of corners."""

    def set_measured(self, name: str) -> None:
        """Say which measured response lies over the plots; empty for none."""


class LoopPresenter:
    """Judges the loop that is looked at, and nothing else; answers that come too late are dropped.

    What the user chose and typed is kept for each design until another shortlist comes. While the
    values of the power stage move, the parts of the compensator stay.
    """

    def __init__(
        self,
        analyst: LoopAnalyst,
        background: Background,
        view: LoopView,
        messages: MessageView,
        turns: Turns,
    ) -> None:
        self._analyst = analyst
        self._background = background
        self._view = view
        self._messages = messages
        self._turns = turns
        self._loops: Latest[ExaminedLoop] = Latest(
            background, "loop", self._on_answer, self._on_failure
        )
        self._steps = LoadSteps(analyst, background, view, messages)
        self._files = Generation()
        self._designs: dict[int, LoopDesign] = {}
        self._shown: tuple[Spec, Candidate] | None = None
        self._answer: ExaminedLoop | None = None
        self._due = False
        self._seen = False
        self._tab: Tab = "bode"

    def show(self, spec: Spec, candidate: Candidate) -> None:
        """Hear which design is selected, and how its values move."""
        another = self._shown is None or self._shown[1].rank != candidate.rank
        self._shown = (spec, candidate)
        if another:
            self._turn_to(candidate)
        self._due = True
        self._ask()

    def forget(self) -> None:
        """Hear that the designs are gone."""
        self._drop()
        self._designs.clear()
        self._shown = None
        self._view.set_design("", None)

    def set_seen(self, seen: bool) -> None:
        """Hear whether the loop is looked at."""
        self._seen = seen
        self._ask()

    def set_tab(self, tab: Tab) -> None:
        """Hear which page is looked at."""
        self._tab = tab
        self._run_steps()

    def choose(self, wishes: Wishes) -> None:
        """Propose a loop for other choices."""
        design = self._design()
        if design is None or wishes == design.wishes:
            return
        try:
            design.wish(wishes)
        except QuantityError as error:
            self._view.set_wrong(str(error))
            return
        self._propose(design)

    def propose(self) -> None:
        """Propose the parts anew, but for those that are locked."""
        design = self._design()
        if design is not None:
            design.proposing = True
            self._propose(design)

    def step(self, name: str, steps: int) -> None:
        """Move a part along its series."""
        self._move(name, lambda part, value: stepped(part, value, steps))

    def type_value(self, name: str, text: str) -> None:
        """Take a part as typed; it need not be of its series."""
        self._move(name, lambda part, _: typed(part, text))

    def toggle_lock(self, name: str) -> None:
        """Let a further proposal keep a part, or no more."""
        design = self._design()
        if design is not None and name in design.parts:
            design.locks ^= {name}
            self._view.set_parts(design.lines())

    def prove(self) -> None:
        """Let ngspice simulate the load step."""
        if self._shown is not None and self._answer is not None and not self._due:
            self._steps.prove(*self._shown, self._answer.judged)

    def overlay(self, path: Path) -> None:
        """Lay a measured response over the plots of this design."""
        design = self._design()
        if design is None:
            return

        def done(found: "MeasuredResponse") -> None:
            design.measured = found
            self._show_measured()

        current = self._files.only_current
        self._background.run(
            "files",
            lambda _: self._analyst.measured_response(path),
            done=current(done),
            failed=current(lambda error: report(self._messages, "The measured response", error)),
        )

    def take_overlay_away(self) -> None:
        """Show no measured response of this design any more."""
        design = self._design()
        if design is not None:
            design.measured = None
            self._show_measured()

    def _design(self) -> LoopDesign | None:
        if self._shown is None:
            return None
        return self._designs.setdefault(self._shown[1].rank, LoopDesign())

    def _turn_to(self, candidate: Candidate) -> None:
        self._drop()
        declared = topology(candidate.topology)
        name = "Textbook" if candidate.rank == 0 else f"Design {candidate.rank}"
        self._view.set_design(f"{name}, {declared.title}", choices(declared))
        design = self._design()
        assert design is not None
        self._view.set_wishes(design.wishes)
        self._view.set_parts(design.lines())
        self._view.set_measured("" if design.measured is None else design.measured.name)

    def _drop(self) -> None:
        """Hear nothing more of what was asked so far."""
        self._loops.drop()
        self._steps.drop()
        self._files.renew()
        self._answer = None

    def _propose(self, design: LoopDesign) -> None:
        self._view.set_wrong("")
        self._loops.drop()
        self._due = True
        self._ask()

    def _move(self, name: str, move: Callable[[DesignValue, float], float]) -> None:
        design = self._design()
        part = None if design is None else design.part(name)
        if design is None or part is None:
            return
        try:
            value = move(part, design.parts[name])
        except QuantityError as error:
            self._view.set_wrong(str(error))
            return
        self._view.set_wrong("")
        if value == design.parts[name]:
            return
        if design.proposing:
            self._loops.drop()
        design.parts[name] = value
        design.proposing = False
        self._view.set_parts(design.lines())
        self._due = True
        self._ask()

    def _ask(self) -> None:
        design = self._design()
        if not self._seen or not self._due or self._shown is None or design is None:
            return
        spec, candidate = self._shown
        self._steps.outdate()
        self._due = False
        if candidate.duty is None:
            self._refuse("This design has no operating point; the details say why.")
            return
        if candidate.given_duty is not None:
            self._refuse("This design has a given duty, so nothing regulates its output.")
            return
        self._view.set_state("Proposing…" if design.proposing else "Judging…")
        asked = design.asked()
        self._loops.ask(lambda: self._analyst.loop(spec, candidate, asked))

    def _on_answer(self, found: "ExaminedLoop") -> None:
        design = self._design()
        assert design is not None
        design.judged = found.judged
        if design.proposing:
            design.parts = dict(found.judged.parts)
            design.proposing = False
        self._answer = found
        self._turns.put("loop", self._draw)

    def _draw(self) -> None:
        """Show the loop that was judged last."""
        design, found = self._design(), self._answer
        if design is None or found is None:
            return
        if not self._loops.is_behind:
            self._view.set_state("")
        self._view.set_parts(design.lines())
        self._view.set_verdict(verdict(found.judged))
        self._view.set_corners(corner_rows(found.judged))
        self._view.set_plots(
            LoopPlots(
                bode_plot(found.curves, design.measured),
                nyquist_plot(found),
                impedance_plot(found.curves),
            )
        )
        self._run_steps()

    def _run_steps(self) -> None:
        if self._tab == "step" and self._shown is not None and self._answer is not None:
            self._steps.run(*self._shown, self._answer.judged)

    def _on_failure(self, error: Exception) -> None:
        if isinstance(error, ArcsError):
            self._refuse(str(error))
        else:
            self._refuse("The loop could not be judged; see the log.")
            report(self._messages, "The loop", error)

    def _refuse(self, sentence: str) -> None:
        """Say why there is no loop; nothing is shown of an earlier one."""
        self._loops.drop()
        self._steps.drop()
        self._answer = None
        self._view.set_state("")
        self._view.set_verdict(refusal(sentence))
        self._view.set_corners(())
        self._view.set_plots(None)

    def _show_measured(self) -> None:
        design = self._design()
        assert design is not None
        self._view.set_measured("" if design.measured is None else design.measured.name)
        self._turns.put("loop", self._draw)
