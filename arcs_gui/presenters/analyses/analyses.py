"""The shown design away from its nominal point: corners, efficiency, sweeps, tolerances, parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.captions import label
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.foundation.units import format_quantity, parse_quantity
from arcs_engine.performance.bill import Part
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.metrics import NOTHING, per_cent
from arcs_engine.performance.metrics import figure as figure_of
from arcs_gui.ports import Analyst, Background, Task
from arcs_gui.presenters.cells import Cell, Tone
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.messages import MessageView, report

if TYPE_CHECKING:
    from arcs_engine.analysis.results import Grid, MonteCarlo, OperatingPoint, Sweep

Tab = Literal["corners", "load", "map", "sweep", "tolerances", "parts"]
Floats = NDArray[np.float64]

_ESTIMATED = figure_of("efficiency_estimated")
ESTIMATED = _ESTIMATED.title
"""What every efficiency of the analyses is, but one that a sweep may plot."""

CORNER_COLUMNS = (
    "Vin",
    "Load",
    "Duty",
    "Mode",
    "Ripple",
    _ESTIMATED.symbol,
    "Loss",
    "Output and ripple",
)
PART_COLUMNS = ("Part", "Kind", "What", "Value", "Note")

OPERATING = {"vin": "V", "iout": "A", "fsw": "Hz"}
SPAN = 4.0
"""A sweep first runs from a quarter of the present value to four times it."""

FIGURES = {
    "ripple": ("Output ripple", "%", 100.0),
    **{
        name: (figure_of(name).title, "%", 100.0) for name in ("efficiency_estimated", "efficiency")
    },
}
"""What a sweep plots: title, unit and factor."""

SPREADS = {
    "ripple": ("Output ripple", "%", 100.0),
    "deviation": (figure_of("deviation").title, "%", 100.0),
    "efficiency_estimated": (ESTIMATED, "%", 100.0),
    "loss": ("Losses", "W", 1.0),
    "duty": ("Duty", "%", 100.0),
    "inductor_ripple": ("Main inductor's ripple", "A", 1.0),
}
"""What spreads in production: title, unit and factor."""

_RANKED = 8
"""Tolerances whose influence is shown."""


@dataclass(frozen=True)
class Curve:
    """A named line; x and y of shape (n,), gaps as nan."""

    label: str
    x: Floats
    y: Floats


@dataclass(frozen=True)
class Chart:
    """Efficiency in per cent over inputs (V) and loads (per cent), shape (inputs, loads)."""

    vin: Floats
    load: Floats
    efficiency: Floats


@dataclass(frozen=True)
class SweepPlot:
    """A quantity's values and what becomes of each figure along them."""

    quantity: str
    unit: str
    logarithmic: bool
    present: float
    curves: dict[str, Floats]
    remark: str


@dataclass(frozen=True)
class Spread:
    """A figure's histogram in production, and what it depends on.

    Attributes:
        title: of the figure, with its unit.
        edges: shape (bins + 1,).
        counts: shape (bins,).
        remark: mean and the middle nine tenths.
        influences: tolerance and rank correlation, the strongest first.
    """

    title: str
    edges: Floats
    counts: Floats
    remark: str
    influences: tuple[tuple[str, float], ...]


class AnalysesView(Protocol):
    """The tabs of analyses."""

    def set_design(self, caption: str) -> None:
        """Name the design and empty every tab; without a caption there is none."""

    def set_state(self, text: str) -> None:
        """Say what is being worked out, or why it cannot be."""

    def set_corners(self, rows: tuple[tuple[Cell, ...], ...], remark: str) -> None:
        """Fill the table of corners."""

    def set_load(self, curves: tuple[Curve, ...]) -> None:
        """Fill the plot of efficiency against load."""

    def set_map(self, chart: Chart) -> None:
        """Fill the efficiency map."""

    def set_quantities(self, labels: Mapping[str, str]) -> None:
        """Say what can be swept, by name, and what people call it."""

    def set_ends(self, low: str, high: str) -> None:
        """Write the ends of the sweep."""

    def set_sweep(self, plot: SweepPlot) -> None:
        """Fill the plot of the sweep."""

    def set_tolerances(self, remark: str, spreads: dict[str, Spread]) -> None:
        """Fill the histograms and influences."""

    def set_parts(self, rows: tuple[tuple[Cell, ...], ...]) -> None:
        """Fill the table of parts."""


class Analyses:
    """Works out what is looked at, and nothing else; answers that come too late are dropped."""

    def __init__(
        self, analyst: Analyst, background: Background, view: AnalysesView, messages: MessageView
    ) -> None:
        self._analyst = analyst
        self._background = background
        self._view = view
        self._messages = messages
        self._questions = Generation()
        self._task: Task | None = None
        self._shown: tuple[Spec, Candidate] | None = None
        self._seen = False
        self._tab: Tab = "corners"
        self._known: set[Tab] = set()
        self._quantity = ""
        self._ends: tuple[float, float] | None = None
        self._samples = 1000

    def show(self, spec: Spec, candidate: Candidate) -> None:
        """Hear which design is selected."""
        changed = self._shown is None or self._shown[1].topology != candidate.topology
        self._shown = (spec, candidate)
        self._known.clear()
        if changed:
            self._begin_sweeps(candidate)
        self._write_ends()
        self._view.set_design(_caption(candidate))
        self._work_out()

    def forget(self) -> None:
        """Hear that there is no design any more."""
        self._shown = None
        self._questions.renew()
        self._view.set_design("")

    def set_seen(self, seen: bool) -> None:
        """Hear whether the analyses are looked at."""
        self._seen = seen
        self._work_out()

    def set_tab(self, tab: Tab) -> None:
        """Hear which tab is looked at."""
        self._tab = tab
        self._work_out()

    def choose_quantity(self, name: str) -> None:
        """Sweep another quantity, around its present value."""
        if self._shown is None or not name:
            return
        self._quantity = name
        self._ends = None
        self._write_ends()
        self._again("sweep")

    def choose_ends(self, low: str, high: str) -> None:
        """Sweep between other ends, as the user typed them."""
        if self._shown is None:
            return
        unit = self._unit()
        try:
            ends = parse_quantity(low, unit, "From"), parse_quantity(high, unit, "To")
        except ArcsError as problem:
            self._view.set_state(str(problem))
            return
        if not 0 < ends[0] < ends[1]:
            self._view.set_state("A sweep runs from a positive value up to a larger one.")
            return
        self._ends = ends
        self._again("sweep")

    def choose_samples(self, samples: int) -> None:
        """Draw so many supplies."""
        self._samples = samples
        self._again("tolerances")

    def _again(self, tab: Tab) -> None:
        self._known.discard(tab)
        self._work_out()

    def _begin_sweeps(self, candidate: Candidate) -> None:
        declared = topology(candidate.topology)
        names = (*candidate.values, *OPERATING)
        self._quantity = names[0]
        self._ends = None
        self._view.set_quantities({name: label(declared, name) for name in names})

    def _present(self) -> float:
        assert self._shown is not None
        spec, candidate = self._shown
        if self._quantity in OPERATING:
            return float(getattr(spec, self._quantity))
        return candidate.values[self._quantity]

    def _declared(self) -> Topology:
        assert self._shown is not None
        return topology(self._shown[1].topology)

    def _unit(self) -> str:
        assert self._shown is not None
        if self._quantity in OPERATING:
            return OPERATING[self._quantity]
        return self._declared().value(self._quantity).unit

    def _around(self) -> tuple[float, float]:
        assert self._shown is not None
        if self._quantity == "vin":
            spec = self._shown[0]
            if spec.vin_min < spec.vin_max:
                return spec.vin_min, spec.vin_max
        present = self._present()
        return present / SPAN, present * SPAN

    def _write_ends(self) -> None:
        """Write the ends that were typed, or else those around the value of this design."""
        low, high = (format_quantity(end, self._unit()) for end in self._ends or self._around())
        self._view.set_ends(low, high)

    def _work_out(self) -> None:
        if not self._seen or self._shown is None or self._tab in self._known:
            return
        spec, candidate = self._shown
        if candidate.duty is None:
            self._view.set_state("This design has no operating point; the details say why.")
            return
        if self._task is not None:
            self._task.cancel()
        self._questions.renew()
        self._known.add(self._tab)
        self._view.set_state("Working…")
        work, fill = self._work(spec, candidate)
        current = self._questions.only_current
        tab = self._tab
        self._task = self._background.run(
            "analyse",
            lambda _: work(),
            done=current(lambda found: self._on_answer(fill, found)),
            failed=current(lambda error: self._on_failure(tab, error)),
        )

    def _work(
        self, spec: Spec, candidate: Candidate
    ) -> tuple[Callable[[], Any], Callable[[Any], None]]:
        """Return what the tab asks for, and where its answer goes."""
        analyst = self._analyst
        match self._tab:
            case "corners":
                return lambda: analyst.corners(spec, candidate), self._fill_corners
            case "load":
                return lambda: analyst.load_curve(spec, candidate), self._fill_load
            case "map":
                return lambda: analyst.efficiency_map(spec, candidate), self._fill_map
            case "sweep":
                quantity, ends = self._quantity, self._ends or self._around()
                spacing: Literal["lin", "log"] = "lin" if quantity == "vin" else "log"
                return (
                    lambda: analyst.sweep(spec, candidate, quantity, ends, spacing),
                    self._fill_sweep,
                )
            case "tolerances":
                samples = self._samples
                return (
                    lambda: analyst.monte_carlo(spec, candidate, samples),
                    self._fill_tolerances,
                )
            case "parts":
                return lambda: analyst.parts(spec, candidate), self._fill_parts

    def _on_answer(self, fill: Callable[[Any], None], found: object) -> None:
        self._task = None
        self._view.set_state("")
        fill(found)

    def _on_failure(self, tab: Tab, error: Exception) -> None:
        self._task = None
        self._known.discard(tab)
        self._view.set_state(str(error) if isinstance(error, ArcsError) else "")
        if not isinstance(error, ArcsError):
            report(self._messages, "The analysis", error)

    def _fill_corners(self, found: "Grid") -> None:
        rows = tuple(_corner(point) for point in found.points)
        failing = sum(bool(point.fails) for point in found.points)
        held = "With nominal parts, output and ripple meet the spec at every point."
        remark = f"{failing} of {len(rows)} points fail." if failing else held
        self._view.set_corners(rows, _noted(remark, found.notes))

    def _fill_load(self, found: "Grid") -> None:
        efficiency = found.table("efficiency_estimated") * 100
        load = np.array(found.load) * 100
        self._view.set_load(
            tuple(
                Curve(format_quantity(vin, "V", 3), load, efficiency[k])
                for k, vin in enumerate(found.vin)
            )
        )

    def _fill_map(self, found: "Grid") -> None:
        efficiency = found.table("efficiency_estimated") * 100
        self._view.set_map(Chart(np.array(found.vin), np.array(found.load) * 100, efficiency))

    def _fill_sweep(self, found: "Sweep") -> None:
        fails = [bool(p.fails) for p in found.points] or [
            not c.meets_spec for c in found.candidates
        ]
        remark = f"{len(fails) - sum(fails)} of {len(fails)} values meet the spec."
        self._view.set_sweep(
            SweepPlot(
                quantity=label(self._declared(), found.name),
                unit=found.unit,
                logarithmic=found.name != "vin",
                present=self._present(),
                curves={"": np.array(found.values)}
                | {name: found.column(name) * scale for name, (_, _, scale) in FIGURES.items()},
                remark=_noted(remark, found.notes),
            )
        )

    def _fill_tolerances(self, found: "MonteCarlo") -> None:
        remark = (
            f"{found.passed} of {found.samples} supplies meet the spec at nominal input and full "
            f"load: {found.yield_share:.1%} (95 %: {found.yield_low:.1%} to "
            f"{found.yield_high:.1%})."
        )
        for check, count in found.fails.items():
            remark += f" {count} fail by {check}."
        declared = self._declared()
        spreads = {
            each.figure: _spread(each.figure, found, declared)
            for each in found.histograms
            if each.counts
        }
        self._view.set_tolerances(_noted(remark, found.notes), spreads)

    def _fill_parts(self, found: tuple[Part, ...]) -> None:
        self._view.set_parts(tuple(row for part in found for row in _part(part)))


def _noted(remark: str, notes: tuple[str, ...]) -> str:
    """Return what the engine says of the design first, then the remark."""
    return " ".join([*notes, remark])


def _caption(candidate: Candidate) -> str:
    name = "Textbook" if candidate.rank == 0 else f"Design {candidate.rank}"
    return f"{name}, {topology(candidate.topology).title}"


def _corner(point: "OperatingPoint") -> tuple[Cell, ...]:
    def share(value: float | None) -> Cell:
        return Cell(NOTHING if value is None else per_cent(value), number=True)

    loss = NOTHING if point.loss is None else format_quantity(point.loss, "W", 3)
    verdict = Cell(f"✗ {' '.join(point.fails)}", "bad") if point.fails else Cell("✓ meets", "good")
    return (
        Cell(format_quantity(point.vin, "V", 3), number=True),
        Cell(f"{point.load:.0%}".replace("%", " %"), number=True),
        share(point.duty),
        Cell(point.mode or NOTHING),
        share(point.ripple),
        share(point.efficiency_estimated),
        Cell(loss, number=True),
        verdict,
    )


def _spread(name: str, found: "MonteCarlo", declared: Topology) -> Spread:
    title, unit, scale = SPREADS[name]
    (histogram,) = (each for each in found.histograms if each.figure == name)
    mean, low, high = (v * scale for v in (histogram.mean, histogram.low, histogram.high))
    mine = [i for i in found.influences if i.figure == name][:_RANKED]
    return Spread(
        title=f"{title}, {unit}",
        edges=np.array(histogram.edges) * scale,
        counts=np.array(histogram.counts, dtype=np.float64),
        remark=f"Mean {mean:.4g} {unit}; nine in ten lie between {low:.4g} and {high:.4g} {unit}.",
        influences=tuple((label(declared, each.tolerance), each.correlation) for each in mine),
    )


def _part(part: Part) -> list[tuple[Cell, ...]]:
    """Return the lines of one part: its values, then what it must stand."""
    lines = [(Cell("to buy"), Cell(part.buy), Cell("derived", "muted"))] if part.buy else []
    lines += [
        (Cell(p.title), Cell(p.text, number=True), Cell(p.origin, "muted")) for p in part.properties
    ]
    for quantity, stress in part.stress.items():
        tone: Tone = "bad" if stress.rating is None else "plain"
        note = figure_of("stress").text(stress).partition(" of ")[2] or "no standard rating"
        need = format_quantity(stress.value, stress.unit, 3)
        lines.append(
            (Cell(f"{quantity}, worst corner"), Cell(need, number=True), Cell(f"of {note}", tone))
        )
    return [
        (Cell(part.name if not k else ""), Cell(part.kind if not k else "", "muted"), *line)
        for k, line in enumerate(lines)
    ]
