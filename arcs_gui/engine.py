"""The engine behind the window's ports.

Heavy modules are imported where they are used: in the worker threads, after the window is shown.
"""

from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from arcs_engine.candidate import Candidate, Confirmation, Shortlist
from arcs_engine.captions import part_labels
from arcs_engine.jobs.control import Control
from arcs_engine.spec import Spec
from arcs_engine.topologies import topology
from arcs_engine.units import format_quantity
from arcs_engine.waveforms import Waveforms
from arcs_gui.ports import Dialect, Ink
from arcs_gui.presenters.traces import PERIODS

if TYPE_CHECKING:
    from arcs_engine.propose import Proposer

COUNT = 8
"""How many candidates a shortlist has."""

SEED = 0
"""A fixed seed, so that the same spec gives the same shortlist."""


class LocalEngine:
    """Everything in this process but ngspice, which is one of its own."""

    def __init__(self, model_folder: Path | None = None) -> None:
        self._model_folder = model_folder
        self._loading = Lock()
        self._proposer: Proposer | None = None

    def warm_up(self, control: Control) -> str:
        """Import torch, load the model and the solver's machine code."""
        from arcs_engine.warm import warm  # noqa: PLC0415

        control.progress(0.0, "Loading the model…")
        model = self._loaded().summary()
        control.progress(0.3, "Preparing the solver; a first start takes a minute or two…")
        warm()
        control.checkpoint()
        text = f"Ready. Model {model.name}, {model.parameters / 1e6:.2g} M parameters."
        if not model.physics_matches:
            return f"{text} It was trained with other physics; its proposals may be worse."
        return text

    def propose(self, spec: Spec, control: Control) -> Shortlist:
        """Return the ranked designs for a spec."""
        return self._loaded().propose(spec, count=COUNT, seed=SEED, control=control)

    def waveforms(self, spec: Spec, candidate: Candidate) -> Waveforms:
        """Return the fast solver's waveforms of a candidate."""
        from arcs_engine.evaluate import operating_state  # noqa: PLC0415

        circuit = topology(candidate.topology)
        return operating_state(spec, circuit, candidate.values).waveforms(periods=PERIODS)

    def verify(
        self, spec: Spec, candidate: Candidate, control: Control
    ) -> tuple[Confirmation, Waveforms]:
        """Run a candidate in ngspice."""
        from arcs_engine import netlist  # noqa: PLC0415
        from arcs_engine.verification import verify  # noqa: PLC0415

        confirmation, found = verify(spec, candidate, control)
        phase = netlist.start_phase(spec.fsw, candidate.duty or 0.0)
        return confirmation, replace(found, time=found.time + phase * found.period)

    def schematic(self, spec: Spec, candidate: Candidate, ink: Ink) -> str:
        """Return the candidate's schematic as SVG, transparent."""
        from arcs_engine import schematic  # noqa: PLC0415

        circuit = topology(candidate.topology)
        texts = part_labels(circuit, candidate.values)
        texts["Vin"] += f"\n{format_quantity(spec.vin, 'V')}"
        texts["Rload"] += f"\n{format_quantity(spec.vout / spec.iout, 'Ω', 3)}"
        return schematic.svg(circuit, texts, ink=ink.lines, background=None, accent=ink.values)

    def export_netlist(
        self, spec: Spec, candidate: Candidate, dialect: Dialect, path: Path
    ) -> None:
        """Write the candidate's deck to a file, whole or not at all."""
        from arcs_engine import designfile, exports  # noqa: PLC0415

        chosen = msgspec.structs.replace(spec, topology=candidate.topology)
        text = exports.deck(designfile.Design(chosen, candidate.values), dialect)
        designfile.write(path, text.encode())

    def _loaded(self) -> "Proposer":
        """Return the proposer, loading the model the first time."""
        from arcs_engine import model  # noqa: PLC0415
        from arcs_engine.propose import Proposer  # noqa: PLC0415

        with self._loading:
            if self._proposer is None:
                self._proposer = Proposer(model.load(self._model_folder))
            return self._proposer
