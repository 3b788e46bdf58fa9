"""What the window needs from the rest of the program, and nothing more.

`app` fills these with the engine; tests fill them with scripted stand-ins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from arcs_engine.candidate import Candidate, Confirmation, Shortlist
from arcs_engine.jobs.control import Control
from arcs_engine.spec import Spec
from arcs_engine.waveforms import Waveforms

T = TypeVar("T")
Dialect = Literal["ngspice", "ltspice"]
Lane = Literal["model", "solver", "ngspice", "files"]
"""Work of one lane runs one after the other, in a thread of its own."""


@dataclass(frozen=True)
class Ink:
    """Colours of a schematic, ``#rrggbb``."""

    lines: str
    values: str


class Engine(Protocol):
    """Design, check, verify, draw and export; every method may take long, and runs in a lane."""

    def warm_up(self, control: Control) -> str:
        """Load what the first proposal needs; return one sentence on what was loaded."""

    def propose(self, spec: Spec, control: Control) -> Shortlist:
        """Return the ranked designs for a spec."""

    def waveforms(self, spec: Spec, candidate: Candidate) -> Waveforms:
        """Return the fast solver's waveforms of a candidate; the switch turns on at time zero."""

    def verify(
        self, spec: Spec, candidate: Candidate, control: Control
    ) -> tuple[Confirmation, Waveforms]:
        """Run a candidate in ngspice; the switch turns on at multiples of the period."""

    def schematic(self, spec: Spec, candidate: Candidate, ink: Ink) -> str:
        """Return the candidate's schematic as SVG, transparent."""

    def export_netlist(
        self, spec: Spec, candidate: Candidate, dialect: Dialect, path: Path
    ) -> None:
        """Write the candidate's deck to a file, whole or not at all."""


@dataclass(frozen=True)
class TrainingSettings:
    """What the user chose for a training run; no `epochs` means as many as the config says."""

    config: str
    epochs: int | None
    seed: int


@dataclass(frozen=True)
class RunSummary:
    """A run as the list shows it; `state` is queued, running, done, failed or cancelled."""

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

    def stop(self, name: str) -> None:
        """Ask a run's worker to stop, and see to it that it does."""

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
