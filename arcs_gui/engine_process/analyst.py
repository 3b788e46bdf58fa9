"""The analyses behind the window's port; heavy modules are imported in the worker threads."""

from typing import TYPE_CHECKING, Literal

from arcs_engine.circuits.spec import Spec
from arcs_engine.performance.bill import Part
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.design import Design
from arcs_gui.engine_process.loop_analyst import LocalLoopAnalyst

if TYPE_CHECKING:
    from arcs_engine.analysis.results import Grid, MonteCarlo, Sweep
    from arcs_engine.analysis.subject import Subject

SWEPT = 41
"""Values of a sweep."""

SEED = 0


class LocalAnalyst(LocalLoopAnalyst):
    """Everything in this process, by the solver."""

    def corners(self, spec: Spec, candidate: Candidate) -> "Grid":
        """Return three inputs at ten loads."""
        from arcs_engine.analysis.grid import corners  # noqa: PLC0415

        return corners(_subject(spec, candidate))

    def load_curve(self, spec: Spec, candidate: Candidate) -> "Grid":
        """Return three inputs over the load."""
        from arcs_engine.analysis.grid import load_curve  # noqa: PLC0415

        return load_curve(_subject(spec, candidate))

    def efficiency_map(self, spec: Spec, candidate: Candidate) -> "Grid":
        """Return the input range over the load."""
        from arcs_engine.analysis.grid import efficiency_map  # noqa: PLC0415

        return efficiency_map(_subject(spec, candidate), inputs=25, loads=25)

    def sweep(
        self,
        spec: Spec,
        candidate: Candidate,
        quantity: str,
        ends: tuple[float, float],
        spacing: Literal["lin", "log"],
    ) -> "Sweep":
        """Return the design along one quantity."""
        from arcs_engine.analysis.sweep import spaced, sweep  # noqa: PLC0415

        return sweep(_subject(spec, candidate), quantity, spaced(*ends, SWEPT, spacing))

    def monte_carlo(self, spec: Spec, candidate: Candidate, samples: int) -> "MonteCarlo":
        """Return what becomes of the design in production."""
        from arcs_engine.analysis.monte_carlo import Draw, monte_carlo  # noqa: PLC0415

        return monte_carlo(_subject(spec, candidate), Draw(samples, seed=SEED))

    def parts(self, spec: Spec, candidate: Candidate) -> tuple[Part, ...]:
        """Return the parts of the design, with what each must stand."""
        from arcs_engine.performance.parts_list import parts_of  # noqa: PLC0415

        return parts_of(Design.of(spec, candidate))


def _subject(spec: Spec, candidate: Candidate) -> "Subject":
    from arcs_engine.analysis.subject import Subject  # noqa: PLC0415

    return Subject(Design.of(spec, candidate))
