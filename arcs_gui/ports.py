"""What the window needs from the rest of the program, and nothing more.

`app` fills these with the engine; tests fill them with scripted stand-ins.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from arcs_engine.circuits.control import ControlSpec
from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.control import Control
from arcs_engine.performance.candidate import Candidate, Confirmation, Outcome, Shortlist
from arcs_engine.simulation.waveforms import Waveforms

if TYPE_CHECKING:
    from arcs_engine.analysis.loop_results import ExaminedLoop, ProvedStep, RegulatedStep
    from arcs_engine.analysis.measured_response import MeasuredResponse
    from arcs_engine.analysis.results import Grid, MonteCarlo, Sweep
    from arcs_engine.analysis.transient_figures import Transient
    from arcs_engine.circuits.labels import LabelPlace
    from arcs_engine.performance.bill import Part
    from arcs_engine.performance.judged_loop import JudgedLoop

T = TypeVar("T")
TransientKind = Literal["start-up", "load-step", "line-step"]
Dialect = Literal["ngspice", "ltspice"]
Lane = Literal[
    "prepare",
    "model",
    "solver",
    "tune",
    "compare",
    "analyse",
    "loop",
    "measure",
    "ngspice",
    "transient",
    "files",
]
"""Work of one lane runs one after the other, in a thread of its own."""


@dataclass(frozen=True)
class Ink:
    """Colours of a schematic, ``#rrggbb``."""

    lines: str
    values: str


@dataclass(frozen=True)
class Sheet:
    """A topology's schematic, with room for the labels of its parts, which a view writes itself.

    Attributes:
        svg: transparent; each part is a group with its name as id.
        labels: where each part's label stands, by part.
        nets: polylines of each net but ground, by node, in points of the document.
    """

    svg: str
    labels: "Mapping[str, LabelPlace]"
    nets: Mapping[str, tuple[tuple[tuple[float, float], ...], ...]]


@dataclass(frozen=True)
class Solved:
    """A design with other values, judged; without waveforms where it has no operating point."""

    candidate: Candidate
    waveforms: Waveforms | None


@dataclass(frozen=True)
class TextbookDesign:
    """The values of a textbook design, SI, which nobody has solved or judged."""

    topology: str
    values: dict[str, float]


@dataclass(frozen=True)
class Reason:
    """Why the textbook design has a value.

    Attributes:
        value: of the textbook design, snapped, SI.
        ideal: what the formula gave before it was snapped; None where there is no such figure.
        steps: the calculation with numbers, one line per step, the deciding one last.
    """

    value: float
    ideal: float | None
    steps: tuple[str, ...]


class Engine(Protocol):
    """Design, check, verify, draw and export; every method may take long, and runs in a lane."""

    def prepare(self, control: Control) -> str:
        """Compile the solver where that was not done yet; progress comes only then.

        Returns one sentence on where it is kept, if that is not the usual place, or nothing.
        """

    def textbook_design(self, spec: Spec) -> TextbookDesign:
        """Return the textbook design of a spec; with ``auto``, of the first topology that fits."""

    def warm_up(self, control: Control) -> str:
        """Load what the first proposal needs; return one sentence on what was loaded."""

    def propose(self, spec: Spec, locks: Mapping[str, float], control: Control) -> Shortlist:
        """Return the ranked designs for a spec; locked values, SI, by name, are kept."""

    def compare(self, spec: Spec, control: Control) -> tuple[Outcome, ...]:
        """Return what each topology could do for a spec, or why it cannot."""

    def solve(self, spec: Spec, textbook: Candidate, candidate: Candidate) -> Solved:
        """Judge a candidate's values anew, as the user's; the textbook design costs 1."""

    def reasons(self, spec: Spec, topology: str) -> Mapping[str, Reason]:
        """Return why the textbook design has its values, by name."""

    def waveforms(self, spec: Spec, candidate: Candidate) -> Waveforms:
        """Return the fast solver's waveforms of a candidate; the switch turns on at time zero."""

    def verify(
        self, spec: Spec, candidate: Candidate, control: Control
    ) -> tuple[Confirmation, Waveforms]:
        """Run a candidate in ngspice; the switch turns on at multiples of the period."""

    def transient(
        self, spec: Spec, candidate: Candidate, kind: TransientKind, control: Control
    ) -> "Transient":
        """Simulate a transient at fixed duty with ngspice, from the first instant to the last."""

    def schematic(self, topology: str, ink: Ink) -> Sheet:
        """Return a topology's schematic."""

    def netlist(self, spec: Spec, candidate: Candidate) -> str:
        """Return the candidate's deck for ngspice."""

    def export_netlist(
        self, spec: Spec, candidate: Candidate, dialect: Dialect, path: Path
    ) -> None:
        """Write the candidate's deck to a file, whole or not at all."""


class LoopAnalyst(Protocol):
    """Closes the loop of a design; every method runs in a lane."""

    def loop(self, spec: Spec, candidate: Candidate, asked: ControlSpec) -> "ExaminedLoop":
        """Return a design's loop with its curves; what is not asked for is proposed."""

    def load_steps(
        self, spec: Spec, candidate: Candidate, judged: "JudgedLoop"
    ) -> "tuple[RegulatedStep, ...]":
        """Return the exact load step of the spec, both ways."""

    def proved_steps(
        self, spec: Spec, candidate: Candidate, judged: "JudgedLoop", control: Control
    ) -> "tuple[ProvedStep, ...]":
        """Return what ngspice makes of the same steps."""

    def measured_response(self, path: Path) -> "MeasuredResponse":
        """Read a loop gain that an analyser has measured."""


class Analyst(LoopAnalyst, Protocol):
    """Looks at a design away from its nominal point; every method runs in a lane."""

    def corners(self, spec: Spec, candidate: Candidate) -> "Grid":
        """Return three inputs at ten loads."""

    def load_curve(self, spec: Spec, candidate: Candidate) -> "Grid":
        """Return three inputs over the load."""

    def efficiency_map(self, spec: Spec, candidate: Candidate) -> "Grid":
        """Return the input range over the load."""

    def sweep(
        self,
        spec: Spec,
        candidate: Candidate,
        quantity: str,
        ends: tuple[float, float],
        spacing: Literal["lin", "log"],
    ) -> "Sweep":
        """Return the design along a design value, ``vin``, ``iout`` or ``fsw``."""

    def monte_carlo(self, spec: Spec, candidate: Candidate, samples: int) -> "MonteCarlo":
        """Return what becomes of the design in production."""

    def parts(self, spec: Spec, candidate: Candidate) -> "tuple[Part, ...]":
        """Return the parts of the design, with what each must stand."""


@dataclass(frozen=True)
class TrainingSettings:
    """What the user chose for a training run; no `epochs` means as many as the config says."""

    config: str
    epochs: int | None
    seed: int


@dataclass(frozen=True)
class RunSummary:
    """A run as the list shows it.

    `state` is queued, running, done, failed, cancelled, or damaged where its folder cannot be read.
    """

    name: str
    kind: str
    state: str
    fraction: float
    text: str


@dataclass(frozen=True)
class LossPoint:
    """One point of a training curve."""

    step: int
    loss: float


class Runs(Protocol):
    """Runs and their worker processes; every method may block, and runs in the files lane."""

    def configs(self) -> tuple[str, ...]:
        """Return the names of the training configs that can be started."""

    def start_training(self, settings: TrainingSettings) -> str:
        """Start a training worker; return the run's name."""

    def resume(self, name: str) -> None:
        """Start a worker at a run that was stopped or failed, from its last checkpoint."""

    def stop(self, name: str) -> None:
        """Ask a run's worker to stop, whoever started it."""

    def summaries(self) -> tuple[RunSummary, ...]:
        """Return all runs, newest first; a worker that died in silence shows as failed."""

    def losses(self, name: str) -> tuple[LossPoint, ...]:
        """Return a run's training loss so far."""

    def close(self) -> None:
        """Stop every worker that was started here."""


class Task(Protocol):
    """Work that was handed to a lane."""

    def cancel(self) -> None:
        """Ask the work to stop; none of its answers arrives after this."""


class Turns(Protocol):
    """Spreads work of the window's own thread over turns of its event loop.

    Filling and painting everything that a design changes takes longer than the window may stand
    still; one view per turn does not.
    """

    def put(self, name: str, work: Callable[[], None]) -> None:
        """Do this at a turn of its own, after what waits already.

        Work of the same name that still waits is replaced and keeps its place, so work must read
        the state that it shows when it is done.
        """


class Background(Protocol):
    """Runs work in lanes; the answers arrive in the thread of the window."""

    def run(
        self,
        lane: Lane,
        work: Callable[[Control], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[float, str], None] | None = None,
    ) -> Task:
        """Queue work in a lane; exactly one of `done` and `failed` is called, unless cancelled."""
