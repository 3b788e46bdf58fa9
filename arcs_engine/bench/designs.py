"""Random designs over the declared ranges, for checks that must not know any spec by name."""

from dataclasses import dataclass

import msgspec
import numpy as np

from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies.base import Parameters, Topology
from arcs_engine.learning.datasets.specs import draw


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


def random_designs(topology: Topology, count: int, rng: np.random.Generator) -> RandomDesigns:
    """Draw specs of track C, values log-uniform over the declared ranges, loads 10 to 100 %.

    The parts are those of full load; only the load resistor knows the lighter load.
    """
    full = draw(topology, count, rng)
    batch = SpecBatch.of(full)
    values = {
        v.name: np.exp(rng.uniform(np.log(v.low), np.log(v.high), count))
        for v in topology.design_values
    }
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


def row(parameters: Parameters, index: int) -> dict[str, float]:
    """Return the parameters of one design."""
    return {name: float(np.ravel(p)[index]) for name, p in parameters.items()}
