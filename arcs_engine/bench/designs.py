"""Random designs over the declared ranges, for checks that must not know any spec by name."""

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies.base import DesignValue, Parameters, Topology
from arcs_engine.learning.datasets.specs import REAL_WORK, WIDE, Track, draw
from arcs_engine.performance.design import Designs
from arcs_engine.performance.operating_point import PointFigures, figures_of
from arcs_engine.simulation.steady import SteadyBatch, SteadyState, solve, steady_state

_INDUCTORS: Final = (0.47e-6, 10e-3)
_RANGES: Final = {
    "L1": _INDUCTORS,
    "L2": _INDUCTORS,
    "T1_lm": (1e-6, 10e-3),
    "T1_n": (0.25, 16.0),
    "Cc": (0.1e-6, 470e-6),
    "Cout": (0.47e-6, 4.7e-3),
    "Cout_esr": (1e-3, 1.0),
    "Q1_rds_on": (1e-3, 1.0),
}
"""SI, by design value."""
_FACTOR: Final = 3.0
"""By which values of track D may lie off the textbook design's."""

_LEAST_OF_A_FORWARD: Final = 10e-6
"""Magnetizing inductance of a forward, H, which stores nothing for the output."""


@dataclass(frozen=True)
class RandomDesign:
    """One design of a draw.

    Attributes:
        topology: its circuit.
        spec: its spec.
        parameters: with the operating point.
        place: in the draw, from 0.
    """

    topology: Topology
    spec: Spec
    parameters: dict[str, float]
    place: int

    def state(self) -> SteadyState:
        """Solve the duty that gives its output.

        Raises:
            InfeasibleError: no duty does.
            SolverError: the solver did not converge.
        """
        return steady_state(self.topology, self.parameters, self.spec.fsw, vout=self.spec.vout)


@dataclass(frozen=True)
class RandomDesigns:
    """Designs of one topology, each with a spec of its own; arrays of shape (n,).

    Attributes:
        topology: their circuit.
        specs: their specs, whose output current is the load that they are solved at.
        batch: the same as arrays.
        parameters: with the operating point.
    """

    topology: Topology
    specs: list[Spec]
    batch: SpecBatch
    parameters: Parameters

    def design(self, place: int) -> RandomDesign:
        """Return the design in a place of the draw."""
        return RandomDesign(self.topology, self.specs[place], row(self.parameters, place), place)

    def take(self, places: NDArray[np.intp]) -> "RandomDesigns":
        """Return the designs in some places of the draw; they may repeat."""
        parameters = {name: np.asarray(p)[places] for name, p in self.parameters.items()}
        specs = [self.specs[place] for place in places.tolist()]
        return RandomDesigns(self.topology, specs, self.batch.take(places), parameters)

    def solved(self) -> SteadyBatch:
        """Solve the duties that give the outputs."""
        return solve(self.topology, self.parameters, self.batch.fsw, vout=self.batch.vout)

    def figures(self, solved: SteadyBatch) -> PointFigures:
        """Read the figures of the designs off what `solved` returned."""
        return figures_of(Designs(self.topology, self.parameters, self.batch), solved)


def random_designs(
    topology: Topology, count: int, rng: np.random.Generator, track: Track = WIDE
) -> RandomDesigns:
    """Draw specs of a track with values of chance, loads 10 to 100 %.

    Values of track D lie round the textbook design, log-uniform, as people try them; those of the
    others over wide ranges. The parts are those of full load; only the load resistor knows the
    lighter load.
    """
    full = draw(topology, count, rng, track)
    batch = SpecBatch.of(full)
    if track is REAL_WORK:
        values = _round_textbook(topology, batch, rng)
    else:
        values = _anywhere(topology, count, rng)
    load = rng.uniform(0.1, 1.0, count)
    parameters = topology.parameters(values, batch) | {
        "vin": batch.vin,
        "rload": batch.vout / (batch.iout * load),
    }
    specs = [
        msgspec.structs.replace(spec, iout=spec.iout * float(share))
        for spec, share in zip(full, load, strict=True)
    ]
    return RandomDesigns(topology, specs, SpecBatch.of(specs), parameters)


def _round_textbook(
    topology: Topology, batch: SpecBatch, rng: np.random.Generator
) -> dict[str, FloatArray]:
    textbook = topology.textbook(batch).values
    spread = {name: np.exp(rng.uniform(-1, 1, len(batch)) * np.log(_FACTOR)) for name in textbook}
    return {
        value.name: np.clip(textbook[value.name] * spread[value.name], value.low, value.high)
        for value in topology.design_values
    }


def _anywhere(topology: Topology, count: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    values = {}
    for value in topology.design_values:
        low, high = range_of(topology, value)
        values[value.name] = np.exp(rng.uniform(np.log(low), np.log(high), count))
    return values


def range_of(topology: Topology, value: DesignValue) -> tuple[float, float]:
    """Return the range that a design value is drawn from: what specs of track C may take.

    The declared ranges reach to 2 MHz and 400 V. Drawn over all of them, half of the designs would
    be circuits that come and go within a period.
    """
    low, high = _RANGES.get(value.name, (value.low, value.high))
    if value.name == "T1_lm" and topology.resets:
        low = _LEAST_OF_A_FORWARD
    return max(low, value.low), min(high, value.high)


def row(parameters: Parameters, index: int) -> dict[str, float]:
    """Return the parameters of one design."""
    return {name: float(np.ravel(p)[index]) for name, p in parameters.items()}
