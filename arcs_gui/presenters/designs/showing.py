"""The waveforms of the selected design."""

from typing import Protocol

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.performance.candidate import Candidate
from arcs_gui.ports import Background, Engine, Turns
from arcs_gui.presenters.cells import Check
from arcs_gui.presenters.designs.details import fails_in_both
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.messages import MessageView, report
from arcs_gui.presenters.waveforms import traces
from arcs_gui.presenters.waveforms.traces import TraceSet

_SOURCES: dict[Check, str] = {
    "waiting": "Solver now; ngspice is waiting for its turn.",
    "running": "Solver now; ngspice is running.",
    "confirmed": "ngspice (line) confirms the solver (pale band).",
    "refuted": "ngspice (line) differs from the spec or from the solver (pale band).",
    "failed": "Solver only; ngspice gave no result, see the log.",
    "none": "Solver only; not checked by ngspice.",
}
_FAILS_IN_BOTH = "ngspice (line) agrees with the solver (pale band): the design fails its spec."


class Curves(Protocol):
    """Shows the curves of one design."""

    def set_design(self, spec: Spec, candidate: Candidate) -> None:
        """Look at another design, or at other values of it."""

    def refit(self) -> None:
        """Show all of the values in view, whatever part of them was looked at."""

    def start_over(self) -> None:
        """Show all of the next run, however long: it is of another spec."""

    def set_traces(self, declared: Topology, sets: tuple[TraceSet, ...]) -> None:
        """Replace the curves; the last set is drawn as lines, those before it behind them."""

    def set_source(self, text: str) -> None:
        """Say where the curves come from."""


class Showing:
    """Keeps the curves of the designs, and shows those of the selected one."""

    def __init__(
        self,
        engine: Engine,
        background: Background,
        waveforms: Curves,
        messages: MessageView,
        turns: Turns,
    ) -> None:
        self._engine = engine
        self._background = background
        self._turns = turns
        self._waveforms = waveforms
        self._messages = messages
        self._designs = Generation()
        self._shown: tuple[Spec, Candidate] | None = None
        self._sets: dict[tuple[int, str], TraceSet] = {}

    def forget(self) -> None:
        """Drop the curves of a shortlist that has been replaced."""
        self._designs.renew()
        self._shown = None
        self._sets.clear()
        self._waveforms.start_over()

    def show(self, spec: Spec, candidate: Candidate, check: Check) -> None:
        """Look at another design; what is known of it is shown at once."""
        self._designs.renew()
        self._shown = (spec, candidate)
        self._waveforms.set_design(spec, candidate)
        self._waveforms.refit()
        self.set_check(candidate, check)
        self._update()
        if candidate.duty is None:
            self._waveforms.set_source("This design was not solved; the details say why.")
            return
        if (candidate.rank, "steady") not in self._sets:
            self._solve(spec, candidate)

    def set_check(self, candidate: Candidate, check: Check) -> None:
        """Say where the curves on screen come from, which are a candidate's."""
        source = _FAILS_IN_BOTH if fails_in_both(candidate, check) else _SOURCES[check]
        self._waveforms.set_source(source)

    def add(self, rank: int, found: TraceSet) -> None:
        """Take in the curves of a candidate, and show them if it is the one looked at."""
        self._sets[rank, found.source] = found
        if self._shown is not None and self._shown[1].rank == rank:
            self._update()

    def replace(self, candidate: Candidate, found: TraceSet | None) -> None:
        """Take in the curves of a design whose values changed; its earlier ones are dropped."""
        self._designs.renew()
        if self._shown is not None and self._shown[1].rank == candidate.rank:
            self._shown = (self._shown[0], candidate)
            self._waveforms.set_design(*self._shown)
        self._sets.pop((candidate.rank, "ngspice"), None)
        self._sets.pop((candidate.rank, "steady"), None)
        if found is not None:
            self._sets[candidate.rank, found.source] = found
        self._update()

    def _solve(self, spec: Spec, candidate: Candidate) -> None:
        circuit = topology(candidate.topology)
        current = self._designs.only_current
        self._background.run(
            "solver",
            lambda _: traces.trace_set(circuit, self._engine.waveforms(spec, candidate)),
            done=current(lambda found: self.add(candidate.rank, found)),
            failed=current(lambda error: report(self._messages, "The waveforms", error)),
        )

    def _update(self) -> None:
        self._turns.put("curves", self._draw)

    def _draw(self) -> None:
        if self._shown is None:
            return
        candidate = self._shown[1]
        known = [self._sets.get((candidate.rank, source)) for source in ("steady", "ngspice")]
        sets = tuple(found for found in known if found is not None)
        self._waveforms.set_traces(topology(candidate.topology), sets)
