"""A design whose parts are bought, and what it does at any operating point."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from arcs_engine.analysis.results import OperatingPoint
from arcs_engine.circuits.parameters import derive
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.circuits.topologies.base import Parameters, Topology
from arcs_engine.foundation.errors import DesignError
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.corners import (
    Assessment,
    assess,
    efficiency_estimated,
    modelled_losses,
)
from arcs_engine.performance.design import Design
from arcs_engine.performance.metrics import per_cent
from arcs_engine.performance.operating_point import PointFigures, mode_at, solve_point
from arcs_engine.performance.verdict import LONGEST_COMMUTATION, VOUT_TOLERANCE, evaluate


@dataclass(frozen=True)
class Subject:
    """A design, its parts derived once: another input or a part's tolerance buys no other parts.

    Attributes:
        spec: what it must do.
        topology: its circuit.
        values: design values by name, SI.
        overrides: part parameters that replace the derived ones.
        given_duty: the design's own, which is not kept: the output is regulated at every point.
    """

    spec: Spec
    topology: Topology
    values: Mapping[str, float]
    overrides: Mapping[str, float]
    given_duty: float | None = None

    @classmethod
    def of(cls, design: Design) -> "Subject":
        """Return a design as a subject."""
        topology = find_topology(design.spec.topology)
        return cls(design.spec, topology, design.values, design.overrides, design.duty)

    @cached_property
    def bought(self) -> Assessment:
        """The design at its corners: parameters of its parts, and the stress that rates them.

        Raises:
            DesignError: it has no operating point at nominal input and full load.
        """
        batch = SpecBatch.of([self.spec])
        arrays = {name: np.array([value]) for name, value in self.values.items()}
        found = assess(self.topology, derive(self.topology, arrays, batch, self.overrides), batch)
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
        return evaluate(self.spec, self.topology, self.values, overrides=self.overrides)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know of every answer on this design, one sentence each."""
        sentences = []
        if self.given_duty is not None:
            sentences.append(
                f"The given duty of {per_cent(self.given_duty)} is not kept here: analyses "
                "regulate the output at every point."
            )
        if not self.judged.meets_spec:
            sentences.append(f"The design fails its spec: {self.judged.reasons[0]}")
        return tuple(sentences)

    def rows(self, count: int) -> tuple[Parameters, SpecBatch]:
        """Return the parts' parameters and the spec, repeated, shape (count,) each."""
        parameters = {
            name: np.broadcast_to(value, (count,)) for name, value in self.bought.parameters.items()
        }
        return parameters, SpecBatch.of([self.spec] * count)

    def operate(self, vin: FloatArray, load: FloatArray) -> "Operation":
        """Solve the design at operating points, in one batch.

        Args:
            vin: input voltage, V, shape (n,).
            load: share of the full-load current, shape (n,).
        """
        parameters, specs = self.rows(len(vin))
        return self.solve(parameters, specs, vin, load)

    def solve(
        self, parameters: Parameters, specs: SpecBatch, vin: FloatArray, load: FloatArray
    ) -> "Operation":
        """Solve variations of the design; the duty is regulated at each.

        Args:
            parameters: of the parts, shape (n,) each.
            specs: length n.
            vin: input voltage, V, shape (n,).
            load: share of the full-load current, shape (n,).
        """
        figures = solve_point(self.topology, parameters, specs, vin=vin, load=load)
        peaks = {
            name: np.broadcast_to(peak, (len(specs),)) for name, peak in self.bought.peaks.items()
        }
        modelled = modelled_losses(self.topology, parameters, specs, figures, peaks)
        commutation = self.topology.commutation_time(parameters, vin, specs.iout * load)
        slow = commutation * specs.fsw > LONGEST_COMMUTATION * figures.duty
        return Operation(self.spec, vin, load, figures, modelled, np.asarray(slow))


@dataclass(frozen=True)
class Operation:
    """Solved operating points of a subject; arrays of shape (n,).

    Attributes:
        spec: what is wanted.
        vin: V.
        load: share of the full-load current.
        figures: nan where there is no operating point.
        modelled: losses beyond the simulated ones, W.
        slow: whether the leakage takes too much of the on-time to be trusted.
    """

    spec: Spec
    vin: FloatArray
    load: FloatArray
    figures: PointFigures
    modelled: dict[str, FloatArray]
    slow: NDArray[np.bool_]

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
        error = abs(abs(float(self.figures.vout[row])) / self.spec.vout - 1)
        if error > VOUT_TOLERANCE:
            sentences.append(f"The output is {error:.1%} from its target.")
        ripple = float(self.figures.ripple[row])
        if ripple > self.spec.ripple:
            sentences.append(
                f"The output ripple is {ripple:.2%}, above the allowed {self.spec.ripple:.2%}."
            )
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
