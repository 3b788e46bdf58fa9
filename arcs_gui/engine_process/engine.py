"""The engine behind the window's ports, for the engine's process.

Heavy modules are imported where they are used, in the threads that do the work.
"""

import contextlib
import gc
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from arcs_engine.circuits import label_room, nets
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError, ModelError
from arcs_engine.performance.candidate import Candidate, Confirmation, Outcome, Shortlist
from arcs_engine.performance.cost import Reference
from arcs_engine.performance.design import Design
from arcs_engine.simulation.waveforms import Waveforms
from arcs_gui.ports import Dialect, Ink, Reason, Sheet, Solved, TextbookDesign, TransientKind
from arcs_gui.presenters.waveforms.traces import PERIODS

if TYPE_CHECKING:
    from arcs_engine.analysis.transient_figures import Transient
    from arcs_engine.sizing.proposal import Proposer

COUNT = 8
"""How many candidates a shortlist has."""

SEED = 0
"""A fixed seed, so that the same spec gives the same shortlist."""


_DRAWN = Ink(lines="#010203", values="#040506")
"""Colours in which sheets are drawn, to be replaced: a new theme needs no new drawing."""


class LocalEngine:
    """Everything in this process but ngspice, which is one of its own."""

    def __init__(self, model_folder: Path | None = None) -> None:
        self._model_folder = model_folder
        self._loading = threading.Lock()
        self._drawing = threading.Lock()
        self._sheets: dict[str, Sheet] = {}
        self._proposer: Proposer | None = None

    def load_ahead(self) -> None:
        """Begin, in threads, to load what `warm_up` waits for; what fails there is said there.

        Python does not look for garbage meanwhile, and later not at what was loaded: each look at
        all the libraries takes a third of a second.
        """
        gc.disable()
        loads = [
            threading.Thread(target=_in_silence, args=(load,), daemon=True)
            for load in (self._loaded, _load_solver)
        ]
        for load in loads:
            load.start()
        threading.Thread(target=_spare_when_loaded, args=(loads,), daemon=True).start()

    def prepare(self, control: Control) -> str:
        """Compile the solver where that was not done yet; return where to, if that is unusual."""
        from arcs_engine.performance.warm import prepare  # noqa: PLC0415

        return prepare(control)

    def textbook_design(self, spec: Spec) -> TextbookDesign:
        """Return the textbook design of the first topology that a spec allows."""
        from arcs_engine.sizing.proposal import textbook_design  # noqa: PLC0415

        declared, values = textbook_design(spec)
        return TextbookDesign(declared.name, values)

    def warm_up(self, control: Control) -> str:
        """Import torch, load the model and the solver's machine code."""
        from arcs_engine.performance.warm import warm  # noqa: PLC0415

        control.progress(0.0, "Loading the model…")
        model = self._loaded().summary()
        assert model is not None, "a model was loaded"
        warm()
        control.checkpoint()
        text = f"Ready. Model {model.name}, {model.parameters / 1e6:.2g} M parameters."
        if not model.physics_matches:
            return (
                f"{text} It was trained for another objective, so that a search proposes instead."
            )
        return text

    def propose(self, spec: Spec, locks: Mapping[str, float], control: Control) -> Shortlist:
        """Return the ranked designs for a spec; locked values are kept."""
        self.prepare(control)
        return self._loaded().propose(spec, count=COUNT, seed=SEED, locks=locks, control=control)

    def compare(self, spec: Spec, control: Control) -> tuple[Outcome, ...]:
        """Return what each topology could do for a spec, or why it cannot."""
        from arcs_engine.sizing.proposal import Proposer  # noqa: PLC0415
        from arcs_engine.sizing.topology_comparison import compare  # noqa: PLC0415

        self.prepare(control)
        try:
            proposer = self._loaded()
        except ModelError:
            proposer = Proposer(None)  # what has no model proposes nothing, but can be compared
        return compare(spec, proposer, control)

    def solve(self, spec: Spec, textbook: Candidate, candidate: Candidate) -> Solved:
        """Judge a candidate's values anew; the textbook design costs 1."""
        from arcs_engine.performance.candidates import evaluate_many  # noqa: PLC0415
        from arcs_engine.performance.regulation import with_corners  # noqa: PLC0415
        from arcs_engine.sizing.proposal import difference  # noqa: PLC0415

        design = Design.of(spec, candidate)
        judged = evaluate_many([design], reference=Reference.of(textbook))
        (found,) = with_corners(spec, judged)
        note = difference(found, textbook)
        found = msgspec.structs.replace(found, rank=candidate.rank, note=note)
        return Solved(found, None if found.duty is None else self.waveforms(spec, found))

    def reasons(self, spec: Spec, topology_name: str) -> dict[str, Reason]:
        """Return why the textbook design has its values, by name."""
        declared = topology(topology_name)
        design = declared.textbook(SpecBatch.of([spec]))
        found = {}
        for value in declared.design_values:
            deciding = design.steps_to(value.name)[-1]
            ideals = [float(t.value[0]) for t in deciding.terms if t.unit == value.unit]
            found[value.name] = Reason(
                value=float(design.values[value.name][0]),
                ideal=ideals[-1] if ideals else None,
                steps=design.explain(value.name),
            )
        return found

    def waveforms(self, spec: Spec, candidate: Candidate) -> Waveforms:
        """Return the fast solver's waveforms of a candidate."""
        from arcs_engine.performance.operating_point import operating_state  # noqa: PLC0415

        return operating_state(Design.of(spec, candidate)).waveforms(periods=PERIODS)

    def verify(
        self, spec: Spec, candidate: Candidate, control: Control
    ) -> tuple[Confirmation, Waveforms]:
        """Run a candidate in ngspice."""
        from arcs_engine.analysis.verification import verify  # noqa: PLC0415
        from arcs_engine.simulation import netlist  # noqa: PLC0415

        confirmation, found = verify(spec, candidate, control)
        phase = netlist.GateDrive(spec.fsw, candidate.duty or 0.0).start_phase
        return confirmation, replace(found, time=found.time + phase * found.period)

    def transient(
        self, spec: Spec, candidate: Candidate, kind: TransientKind, control: Control
    ) -> "Transient":
        """Simulate a transient with ngspice: 10 % to full load, lowest to highest input."""
        from arcs_engine.analysis import transients  # noqa: PLC0415

        design = Design.of(spec, candidate)
        match kind:
            case "start-up":
                plan = transients.start_up(design)
            case "load-step":
                plan = transients.load_step(design)
            case "line-step":
                plan = transients.line_step(design, spec.vin_min, spec.vin_max)
        return transients.simulate(plan, control)

    def schematic(self, topology_name: str, ink: Ink) -> Sheet:
        """Return a topology's schematic; each is drawn once, then only coloured."""
        from arcs_engine.circuits import schematic  # noqa: PLC0415

        with self._drawing:
            if topology_name not in self._sheets:
                declared = topology(topology_name)
                room = label_room.room(declared)
                svg = schematic.svg(
                    declared,
                    room,
                    ink=_DRAWN.lines,
                    background=None,
                    accent=_DRAWN.values,
                    labelled=False,
                )
                places = schematic.label_places(declared, room)
                self._sheets[topology_name] = Sheet(svg, places, nets.paths(declared))
            drawn = self._sheets[topology_name]
        svg = drawn.svg.replace(_DRAWN.lines, ink.lines).replace(_DRAWN.values, ink.values)
        return replace(drawn, svg=svg)

    def netlist(self, spec: Spec, candidate: Candidate) -> str:
        """Return the candidate's deck for ngspice."""
        return self._deck(spec, candidate, "ngspice")

    def export_netlist(
        self, spec: Spec, candidate: Candidate, dialect: Dialect, path: Path
    ) -> None:
        """Write the candidate's deck to a file, whole or not at all."""
        from arcs_engine.analysis import design_file  # noqa: PLC0415

        design_file.write(path, self._deck(spec, candidate, dialect).encode())

    @staticmethod
    def _deck(spec: Spec, candidate: Candidate, dialect: Dialect) -> str:
        from arcs_engine.analysis import exports  # noqa: PLC0415

        return exports.deck(Design.of(spec, candidate), dialect)

    def _loaded(self) -> "Proposer":
        """Return the proposer, loading the model the first time."""
        from arcs_engine.model import model  # noqa: PLC0415
        from arcs_engine.sizing.proposal import Proposer  # noqa: PLC0415

        with self._loading:
            if self._proposer is None:
                self._proposer = Proposer(model.load(self._model_folder))
            return self._proposer


def _load_solver() -> None:
    from arcs_engine.performance.warm import is_warm, warm  # noqa: PLC0415

    if is_warm():
        warm()


def _spare_when_loaded(loads: Sequence[threading.Thread]) -> None:
    for load in loads:
        load.join()
    gc.freeze()
    gc.enable()


def _in_silence(load: Callable[[], object]) -> None:
    with contextlib.suppress(ArcsError):
        load()
