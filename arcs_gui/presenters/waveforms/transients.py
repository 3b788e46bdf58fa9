"""Which run the waveform panes show: the steady state, or a transient that ngspice simulates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate
from arcs_gui.ports import Background, Engine, Task, TransientKind
from arcs_gui.presenters.messages import MessageView, report
from arcs_gui.presenters.waveforms import traces
from arcs_gui.presenters.waveforms.traces import TraceSet
from arcs_gui.presenters.waveforms.viewer import Viewer

if TYPE_CHECKING:
    from arcs_engine.analysis.transient_figures import StageResult, TransientReport

STEADY = "steady"

RUNS: tuple[tuple[str, str, str], ...] = (
    (STEADY, "Steady state", "Alt+1"),
    ("start-up", "Start-up", "Alt+2"),
    ("load-step", "Load step", "Alt+3"),
    ("line-step", "Line step", "Alt+4"),
)
"""Key, title and shortcut of every run that can be shown."""

_TITLES = {key: title for key, title, _ in RUNS}
_KINDS: dict[str, TransientKind] = {
    "start-up": "start-up",
    "load-step": "load-step",
    "line-step": "line-step",
}


class RunView(Protocol):
    """Says which run is shown and how one that is simulated goes on."""

    def set_run(self, run: str) -> None:
        """Mark the run that is shown."""

    def set_progress(self, fraction: float | None, text: str) -> None:
        """Show how far a simulation is; None when there is none."""

    def leave_spectrum(self) -> None:
        """Show the course over time, should the spectrum be shown."""


@dataclass(frozen=True)
class _Run:
    """A simulated transient: its curves and what is said of it."""

    found: TraceSet
    text: str


class Transients:
    """Stands between the curves of the steady state and the viewer.

    A transient belongs to the very values that it was simulated for: when another design is looked
    at, or a value moves, it is dropped and the steady state is shown again.
    """

    def __init__(
        self,
        engine: Engine,
        background: Background,
        viewer: Viewer,
        view: RunView,
        messages: MessageView,
    ) -> None:
        self._engine = engine
        self._background = background
        self._viewer = viewer
        self._view = view
        self._messages = messages
        self._design: tuple[Spec, Candidate] | None = None
        self._steady: tuple[Topology, tuple[TraceSet, ...]] | None = None
        self._source = ""
        self._shown: str = STEADY
        self._task: Task | None = None

    def set_design(self, spec: Spec, candidate: Candidate) -> None:
        """Look at another design, or at other values of it."""
        if self._design == (spec, candidate):
            return
        self._design = (spec, candidate)
        self._stop()
        self._show_steady()

    def refit(self) -> None:
        """Show all of the values in view: another design is selected."""
        self._viewer.refit()

    def start_over(self) -> None:
        """Show all of the next run, however long: it is of another spec."""
        self._viewer.start_over()

    def set_traces(self, declared: Topology, sets: tuple[TraceSet, ...]) -> None:
        """Take in the curves of the steady state."""
        self._steady = (declared, sets)
        if self._shown == STEADY:
            self._viewer.set_traces(declared, sets)

    def set_source(self, text: str) -> None:
        """Take in what is said of the steady state."""
        self._source = text
        if self._shown == STEADY:
            self._viewer.set_source(text)

    def choose(self, run: str) -> None:
        """Show the steady state, or simulate a transient and show it when it is there."""
        self._stop()
        if run not in _KINDS or self._design is None or self._design[1].duty is None:
            self._show_steady()
            return
        spec, candidate = self._design
        kind, declared = _KINDS[run], topology(candidate.topology)
        self._view.set_run(run)
        self._view.set_progress(0.0, f"{_TITLES[run]}: ngspice is starting…")

        def done(found: _Run) -> None:
            self._end()
            self._shown = run
            self._view.leave_spectrum()  # a transient has a beginning and a step, not harmonics
            self._viewer.set_traces(declared, (found.found,), whole=True)
            self._viewer.set_source(found.text)
            self._viewer.place_cursors()

        def failed(error: Exception) -> None:
            self._end()
            report(self._messages, _TITLES[run], error)
            self._show_steady()

        self._task = self._background.run(
            "transient",
            lambda control: _run(declared, self._engine, spec, candidate, kind, control),
            done=done,
            failed=failed,
            progress=self._view.set_progress,
        )

    def cancel(self) -> None:
        """End the simulation; what was shown before stays."""
        if self._task is not None:
            self._stop()
            self._view.set_run(self._shown)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._end()

    def _end(self) -> None:
        self._task = None
        self._view.set_progress(None, "")

    def _show_steady(self) -> None:
        was, self._shown = self._shown, STEADY
        self._view.set_run(STEADY)
        if was == STEADY or self._steady is None:
            return
        self._viewer.set_traces(*self._steady)
        self._viewer.set_source(self._source)
        self._viewer.place_cursors()


def _run(
    declared: Topology,
    engine: Engine,
    spec: Spec,
    candidate: Candidate,
    kind: TransientKind,
    control: Control,
) -> _Run:
    simulated = engine.transient(spec, candidate, kind, control)
    return _Run(traces.whole_run(declared, simulated.waveforms), describe(simulated.report))


def describe(found: "TransientReport") -> str:
    """Say what a transient is and how it ended, in a line."""
    sentences = [f"{_TITLES[found.kind]}, {found.note}; ngspice, {found.periods} periods."]
    sentences += [_stage(stage) for stage in found.stages]
    return " ".join((*sentences, *_warnings(found.warnings)))


def _stage(stage: "StageResult") -> str:
    title, time = stage.name[0].upper() + stage.name[1:], stage.settle_time
    parts = ["not settled" if time is None else f"settled in {format_quantity(time, 's', 3)}"]
    for name, volts in (("overshoot", stage.overshoot), ("undershoot", stage.undershoot)):
        if volts > 0:
            parts.append(f"{name} {format_quantity(volts, 'V', 3)}")
    return f"{title}: {', '.join(parts)}."


def _warnings(warnings: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"⚠ {warning}" for warning in warnings)
