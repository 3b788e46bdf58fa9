"""A design whose parts are bought, and what it does at any operating point."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from arcs_engine.analysis.results import OperatingPoint
from arcs_engine.circuits.spec import FloatArray, Spec
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import DesignError
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.corners import Assessment, assess
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.limits import (
    is_on_target,
    is_smooth,
    off_target,
    too_rough,
    vout_error,
)
from arcs_engine.performance.losses import LossModel, LossTable, efficiency_estimated
from arcs_engine.performance.metrics import per_cent
from arcs_engine.performance.operating_point import PointFigures, mode_at, solve_points
from arcs_engine.performance.transient import deviation
from arcs_engine.performance.verdict import LONGEST_COMMUTATION


@dataclass(frozen=True)
class Subject:
    """A design, its parts derived once: another input or a part's tolerance buys no other parts.

    Attributes:
        design: what is analysed. Its given duty is not kept: the output is regulated everywhere.
    """

    design: Design

    @property
    def spec(self) -> Spec:
        """What it must do."""
        return self.design.spec

    @property
    def topology(self) -> Topology:
        """Its circuit."""
        return self.design.topology

    @cached_property
    def regulated(self) -> Design:
        """The design without its given duty."""
        return replace(self.design, duty=None)

    @cached_property
    def bought(self) -> Assessment:
        """The design at its corners: parameters of its parts, and the stress that rates them.

        Raises:
            DesignError: it has no operating point at nominal input and full load.
        """
        found = assess(Designs.stacked([self.regulated]))
        status = int(found.nominal.status[0])
        if status != 0:
            raise DesignError(
                f"The {self.topology.title} has no operating point at {self.spec.vin:g} V and full "
                f"load: {found.nominal.failure(0, status)}"
            )
        return found

    @cached_property
    def judged(self) -> Candidate:
        """The regulated design with the judge's verdict."""
        return evaluate(self.regulated)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know of every answer on this design, one sentence each."""
        sentences = []
        if self.design.duty is not None:
            sentences.append(
                f"The given duty of {per_cent(self.design.duty)} is not kept here: analyses "
                "regulate the output at every point."
            )
        if not self.judged.meets_spec:
            sentences.append(f"The design fails its spec: {self.judged.reasons[0]}")
        return tuple(sentences)

    def copies(self, count: int) -> Designs:
        """Return the design with its bought parts, repeated."""
        return self.bought.designs.take(np.zeros(count, dtype=np.intp))

    def operate(self, vin: FloatArray, load: FloatArray) -> "Operation":
        """Solve the design at operating points, in one batch.

        Args:
            vin: input voltage, V, shape (n,).
            load: share of the full-load current, shape (n,).
        """
        return self.solve(self.copies(len(vin)), vin, load)

    def solve(self, varied: Designs, vin: FloatArray, load: FloatArray) -> "Operation":
        """Solve variations of the design; the duty is regulated at each.

        Args:
            varied: n copies of it, of which parts or specs may differ.
            vin: input voltage, V, shape (n,).
            load: share of the full-load current, shape (n,).
        """
        figures, specs = solve_points(varied, vin, load), varied.specs
        rows = np.zeros(len(varied), dtype=np.intp)
        stresses = self.bought.stresses.take(rows)
        packages = {part: package[rows] for part, package in self.bought.packages.items()}
        model = LossModel(varied, figures, stresses.peaks, stresses.currents, packages=packages)
        commutation = self.topology.commutation_time(varied.parameters, vin, specs.iout * load)
        slow = commutation * specs.fsw > LONGEST_COMMUTATION * figures.duty
        gaps = np.zeros(len(varied), dtype=bool)
        steps = deviation(varied, gaps)
        return Operation(self.design, vin, load, figures, model.every(), np.asarray(slow), steps)


@dataclass(frozen=True)
class Operation:
    """Solved operating points of a subject; arrays of shape (n,).

    Attributes:
        design: the subject's.
        vin: V.
        load: share of the full-load current.
        figures: nan where there is no operating point.
        modelled: losses beyond the simulated ones, W.
        slow: whether the leakage takes too much of the on-time to be trusted.
        deviation: of the output when the load steps, over the whole input range, a fraction of it.
    """

    design: Design
    vin: FloatArray
    load: FloatArray
    figures: PointFigures
    modelled: LossTable
    slow: NDArray[np.bool_]
    deviation: FloatArray

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Where there is an operating point that can be trusted."""
        return np.asarray((self.figures.status == 0) & self.figures.balanced & ~self.slow)

    @property
    def loss(self) -> FloatArray:
        """All losses, W."""
        every = [*self.figures.losses.values(), *self.modelled.values()]
        return np.asarray(sum(every, np.zeros(len(self.vin))))

    @property
    def efficiency_estimated(self) -> FloatArray:
        """With all losses."""
        return efficiency_estimated(self.figures, self.modelled)

    def fails(self, row: int) -> tuple[str, ...]:
        """Return what is not met at one point, one sentence each."""
        status = int(self.figures.status[row])
        if status != 0:
            return (self.figures.failure(row, status),)
        sentences = []
        if not self.solved[row]:
            sentences.append("Energy, charge or flux do not balance, or the commutation is slow.")
        spec, vout = self.design.spec, float(self.figures.vout[row])
        if not is_on_target(vout_error(vout, spec.vout)):
            sentences.append(off_target(vout, self.design.topology.sign * spec.vout))
        ripple = float(self.figures.ripple[row])
        if not is_smooth(ripple, spec.ripple):
            sentences.append(f"Here {too_rough(ripple, spec.ripple)}")
        return tuple(sentences)

    def points(self) -> tuple[OperatingPoint, ...]:
        """Return every point for people and files."""
        loss, estimated = self.loss, self.efficiency_estimated
        return tuple(self._point(row, loss, estimated) for row in range(len(self.vin)))

    def _point(self, row: int, loss: FloatArray, estimated: FloatArray) -> OperatingPoint:
        known = bool(self.solved[row])
        figures = self.figures
        return OperatingPoint(
            vin=float(self.vin[row]),
            load=float(self.load[row]),
            vout=float(figures.vout[row]) if known else None,
            duty=float(figures.duty[row]) if known else None,
            mode=mode_at(figures, row) if known else None,
            ripple=float(figures.ripple[row]) if known else None,
            efficiency=float(figures.efficiency[row]) if known else None,
            efficiency_estimated=float(estimated[row]) if known else None,
            loss=float(loss[row]) if known else None,
            fails=self.fails(row),
        )
