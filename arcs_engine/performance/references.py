"""What costs 1 for a spec: loss and energy of its textbook design."""

from dataclasses import replace
from typing import Final

import numpy as np

from arcs_engine.circuits.circuit import Capacitor, Inductor
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.performance.corners import assess
from arcs_engine.performance.cost import Reference
from arcs_engine.performance.design import Designs

_FALLBACK_LOSS: Final = 0.15
"""Loss over Pout that stands in for a textbook design which cannot be solved."""


def textbook_reference(topology: Topology, specs: SpecBatch) -> Reference:
    """Return loss and energy of the textbook design of each spec."""
    # Batches of designs repeat few specs: solve each once.
    nothing = np.zeros(len(specs))
    alike = replace(specs, efficiency=nothing, weight=nothing)
    columns = [getattr(alike, name) for name in SpecBatch.fields()]
    table = np.nan_to_num(np.stack(columns, axis=1), nan=-2.0)  # nan is like no other nan
    _, first, inverse = np.unique(table, axis=0, return_index=True, return_inverse=True)
    distinct = specs.take(first)
    # There is no textbook design for what the topology cannot do.
    with np.errstate(invalid="ignore", divide="ignore"):
        parameters = topology.parameters(topology.textbook(distinct).values, distinct)
    textbook = Designs(topology, parameters, distinct)
    found = assess(textbook)
    loss = np.where(
        np.isfinite(found.loss), found.loss, _FALLBACK_LOSS * distinct.vout * distinct.iout
    )
    energy = np.where(np.isfinite(found.energy), found.energy, _energy_at_full_load(textbook))
    inverse = inverse.reshape(-1)
    return Reference(loss[inverse], energy[inverse])


def _energy_at_full_load(designs: Designs) -> FloatArray:
    """Estimate the stored energy of designs that have no operating point."""
    circuit, parameters, specs = designs.topology.circuit, designs.parameters, designs.specs
    inductors = [parameters[e.inductance] for e in circuit.of_type(Inductor)]
    capacitors = [parameters[e.capacitance] for e in circuit.of_type(Capacitor)]
    energy = sum(0.5 * value * (1.15 * specs.iout) ** 2 for value in inductors)
    return np.asarray(energy + sum(0.5 * value * specs.vout**2 for value in capacitors))
