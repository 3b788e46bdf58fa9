"""What costs 1 for a spec: loss and volume of its textbook design."""

from dataclasses import replace
from typing import Final

import numpy as np

from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.performance.corners import assess
from arcs_engine.performance.cost import Reference
from arcs_engine.performance.design import Designs

_FALLBACK_LOSS: Final = 0.15
_FALLBACK_VOLUME: Final = 60.0
"""Loss over Pout, and volume over it, mm3/W, that stand in for a textbook design which cannot be
solved."""


def textbook_reference(topology: Topology, specs: SpecBatch) -> Reference:
    """Return loss and volume of the textbook design of each spec."""
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
    known = np.isfinite(found.loss) & np.isfinite(found.board.volume)
    loss = np.where(known, found.loss, _FALLBACK_LOSS * distinct.vout * distinct.iout)
    volume = np.where(known, found.board.volume, _FALLBACK_VOLUME * distinct.vout * distinct.iout)
    inverse = inverse.reshape(-1)
    return Reference(loss[inverse], volume[inverse])
