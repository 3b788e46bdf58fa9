"""The topologies compared for the spec of the form."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import cost_text
from arcs_engine.performance.metrics import NOTHING, figure, per_cent
from arcs_gui.ports import Background, Engine, Task
from arcs_gui.presenters.cells import Cell
from arcs_gui.presenters.designs.details import verdict
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.messages import MessageView, report

if TYPE_CHECKING:
    from arcs_engine.performance.candidate import Outcome

GALLERY_COLUMNS = (
    ("Topology", "Converter circuit"),
    ("Cost", "Loss and size against one common textbook design; less is better"),
    (figure("efficiency_estimated").symbol, "Estimated efficiency, with all losses"),
    ("Volume", "Of all parts with their keep-outs"),
    ("Parts", "Parts of the power stage, windings counted one by one"),
    ("Margin", "The part with the least margin to its next standard rating"),
    ("Verdict", "Whether the best design meets the spec; select it to see why not"),
)


@dataclass(frozen=True)
class GalleryRow:
    """One topology; `able` where its ideal circuit can meet the spec.

    One that is not able has two cells: its name, and why. `name` is that of the topology to choose,
    which the form knows by its base where it is a variant.
    """

    name: str
    cells: tuple[Cell, ...]
    tip: str
    able: bool


class GalleryView(Protocol):
    """The gallery of topologies."""

    def set_outcomes(self, rows: tuple[GalleryRow, ...], caption: str) -> None:
        """Replace what is shown."""

    def set_comparing(self, text: str) -> None:
        """Say what is being compared; empty when nothing is."""


class Gallery:
    """Compares when the gallery is looked at, and not otherwise."""

    def __init__(
        self, engine: Engine, background: Background, view: GalleryView, messages: MessageView
    ) -> None:
        self._engine = engine
        self._background = background
        self._view = view
        self._messages = messages
        self._questions = Generation()
        self._task: Task | None = None
        self._seen = False
        self._wanted: Spec | None = None
        self._compared: Spec | None = None

    def set_spec(self, spec: Spec) -> None:
        """Hear what the form holds now."""
        self._wanted = spec
        self._compare()

    def set_seen(self, seen: bool) -> None:
        """Hear whether the gallery is looked at."""
        self._seen = seen
        self._compare()

    def _compare(self) -> None:
        spec = self._wanted
        if not self._seen or spec is None or spec == self._compared:
            return
        self._compared = spec
        if self._task is not None:
            self._task.cancel()
        self._questions.renew()
        self._view.set_comparing("Comparing…")
        current = self._questions.only_current
        self._task = self._background.run(
            "compare",
            lambda control: self._engine.compare(spec, control),
            done=current(lambda outcomes: self._on_outcomes(spec, outcomes)),
            failed=current(self._on_failure),
            progress=current(lambda _, text: self._view.set_comparing(f"{text}…")),
        )

    def _on_outcomes(self, spec: Spec, outcomes: "tuple[Outcome, ...]") -> None:
        self._task = None
        self._view.set_comparing("")
        self._view.set_outcomes(gallery_rows(outcomes), _caption(spec))

    def _on_failure(self, error: Exception) -> None:
        self._task = None
        self._compared = None
        self._view.set_comparing("")
        report(self._messages, "Comparing the topologies", error)


def gallery_rows(outcomes: "tuple[Outcome, ...]") -> tuple[GalleryRow, ...]:
    """Return a line for each topology: those that meet the spec by cost, then the others."""
    ranked = sorted(outcomes, key=_order)
    return tuple(_row(outcome) for outcome in ranked)


def _order(outcome: "Outcome") -> tuple[int, float]:
    candidate = outcome.candidate
    if candidate is None:
        return (2, 0.0)
    return (int(not candidate.meets_spec), candidate.cost)


def _row(outcome: "Outcome") -> GalleryRow:
    declared = topology(outcome.topology)
    title = Cell(declared.title[0].upper() + declared.title[1:])
    parts = Cell(str(len(declared.circuit.elements) - 2), number=True)  # without source and load
    candidate = outcome.candidate
    nothing = Cell(NOTHING, "muted", number=True)
    if candidate is None:
        cells = (title, Cell(f"✗ {outcome.refusal}", "bad"))
        return GalleryRow(declared.family, cells, outcome.refusal, able=False)
    metrics = candidate.metrics
    cost = Cell(cost_text(candidate), number=True)
    efficiency = volume = nothing
    tightest = Cell(NOTHING, "muted")
    if metrics is not None:
        efficiency = Cell(per_cent(metrics.efficiency_estimated), number=True)
        volume = Cell(figure("volume").text(metrics.volume), number=True)
        if metrics.stress:
            part = min(metrics.stress, key=lambda name: metrics.stress[name].margin)
            margin = metrics.stress[part].margin
            tightest = Cell(f"{part} {per_cent(margin)}", "plain" if margin >= 0 else "bad")
    tip = "\n".join(candidate.reasons) or candidate.note
    known = (title, cost, efficiency, volume, parts, tightest, verdict(candidate))
    return GalleryRow(declared.family, known, tip, able=True)


def _caption(spec: Spec) -> str:
    return (
        f"{format_quantity(spec.vin_min, 'V')}…{format_quantity(spec.vin_max, 'V')} to "
        f"{format_quantity(spec.vout, 'V')}, {format_quantity(spec.iout, 'A')}, "
        f"{format_quantity(spec.fsw, 'Hz')}. For each topology, the best design found."
    )
