"""Loops behind the window's port; heavy modules are imported in the worker threads."""

from pathlib import Path
from typing import TYPE_CHECKING

from arcs_engine.circuits.control import ControlSpec
from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.control import Control
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.design import Design
from arcs_engine.performance.judged_loop import JudgedLoop

if TYPE_CHECKING:
    from arcs_engine.analysis.loop_results import ExaminedLoop, ProvedStep, RegulatedStep
    from arcs_engine.analysis.measured_response import MeasuredResponse


class LocalLoopAnalyst:
    """Everything in this process but ngspice, which is one of its own."""

    def loop(self, spec: Spec, candidate: Candidate, asked: ControlSpec) -> "ExaminedLoop":
        """Return a design's loop with its curves; what is not asked for is proposed."""
        from arcs_engine.analysis.loop_curves import loop_curves  # noqa: PLC0415
        from arcs_engine.analysis.loop_results import ExaminedLoop  # noqa: PLC0415
        from arcs_engine.performance.design import Designs  # noqa: PLC0415
        from arcs_engine.sizing.compensation import find_loop  # noqa: PLC0415

        found = find_loop(Designs.stacked([Design.of(spec, candidate)]), asked)
        return ExaminedLoop(found.judged, loop_curves(found.verdicts, spec.vin))

    def load_steps(
        self, spec: Spec, candidate: Candidate, judged: JudgedLoop
    ) -> "tuple[RegulatedStep, ...]":
        """Return the exact load step of the spec, both ways."""
        from arcs_engine.analysis.regulated_step import load_steps  # noqa: PLC0415

        return load_steps(Design.of(spec, candidate), judged)

    def proved_steps(
        self, spec: Spec, candidate: Candidate, judged: JudgedLoop, control: Control
    ) -> "tuple[ProvedStep, ...]":
        """Return what ngspice makes of the same steps."""
        from arcs_engine.analysis.regulated_step import proved_steps  # noqa: PLC0415

        return proved_steps(Design.of(spec, candidate), judged, control)

    def measured_response(self, path: Path) -> "MeasuredResponse":
        """Read a loop gain that an analyser has measured."""
        from arcs_engine.analysis.measured_response import read_response  # noqa: PLC0415

        return read_response(path)
