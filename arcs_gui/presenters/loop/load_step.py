"""The load step of the shown design with its loop closed, and its proof by ngspice."""

from typing import TYPE_CHECKING, Protocol

from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.performance.candidate import Candidate
from arcs_gui.ports import Background, LoopAnalyst, Task
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.latest import Latest
from arcs_gui.presenters.loop.plots import StepPlot, step_plot
from arcs_gui.presenters.messages import MessageView, report

if TYPE_CHECKING:
    from arcs_engine.analysis.loop_results import ProvedStep, RegulatedStep
    from arcs_engine.performance.judged_loop import JudgedLoop


class LoadStepView(Protocol):
    """The page of the load step."""

    def set_steps(self, plot: StepPlot | None) -> None:
        """Draw the load step; None takes it away."""

    def set_step_state(self, text: str, *, can_prove: bool) -> None:
        """Say what is being worked out, or why it cannot be, and whether a proof may be asked."""


class LoadSteps:
    """Runs the step of one loop, once; a proof runs beside everything else."""

    def __init__(
        self,
        analyst: LoopAnalyst,
        background: Background,
        view: LoadStepView,
        messages: MessageView,
    ) -> None:
        self._analyst = analyst
        self._background = background
        self._view = view
        self._messages = messages
        self._runs: Latest[tuple[RegulatedStep, ...]] = Latest(
            background, "loop", self._on_steps, self._on_failure
        )
        self._proofs = Generation()
        self._proof: Task | None = None
        self._asked: JudgedLoop | None = None
        self._steps: tuple[RegulatedStep, ...] = ()

    def drop(self) -> None:
        """Take the step away: there is no loop, or one of another design."""
        self.outdate()
        self._view.set_steps(None)

    def outdate(self) -> None:
        """Hear that the loop moves: its last step stays in view until it is run anew."""
        self._runs.drop()
        self._proofs.renew()
        if self._proof is not None:
            self._proof.cancel()
            self._proof = None
        self._asked = None
        self._steps = ()
        self._view.set_step_state("", can_prove=False)

    def run(self, spec: Spec, candidate: Candidate, judged: "JudgedLoop") -> None:
        """Run the step of a loop, unless that was asked for already."""
        if judged is self._asked:
            return
        self.outdate()
        self._asked = judged
        self._view.set_step_state("Working…", can_prove=False)
        self._runs.ask(lambda: self._analyst.load_steps(spec, candidate, judged))

    def prove(self, spec: Spec, candidate: Candidate, judged: "JudgedLoop") -> None:
        """Let ngspice simulate the step that is shown."""
        if judged is not self._asked or not self._steps or self._proof is not None:
            return
        self._view.set_step_state("ngspice is running…", can_prove=False)
        current = self._proofs.only_current
        self._proof = self._background.run(
            "transient",
            lambda control: self._analyst.proved_steps(spec, candidate, judged, control),
            done=current(self._on_proof),
            failed=current(self._on_no_proof),
        )

    def _on_steps(self, steps: "tuple[RegulatedStep, ...]") -> None:
        self._steps = steps
        self._view.set_steps(step_plot(steps))
        self._view.set_step_state("", can_prove=True)

    def _on_failure(self, error: Exception) -> None:
        self._view.set_steps(None)
        self._view.set_step_state(_said(error), can_prove=False)
        if not isinstance(error, ArcsError):
            report(self._messages, "The load step", error)

    def _on_proof(self, proved: "tuple[ProvedStep, ...]") -> None:
        self._proof = None
        self._view.set_steps(step_plot(self._steps, proved))
        self._view.set_step_state("", can_prove=True)

    def _on_no_proof(self, error: Exception) -> None:
        self._proof = None
        self._view.set_step_state(_said(error), can_prove=True)
        report(self._messages, "ngspice", error)


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, ArcsError) else "It failed; see the log."
