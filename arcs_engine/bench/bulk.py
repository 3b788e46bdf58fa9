"""Checks of a great many designs: energy, balance, convergence."""

from typing import Final

import msgspec
import numpy as np

from arcs_engine.bench.designs import random_designs
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.simulation.steady.newton import NOT_CONVERGED

CHUNK: Final = 2000
"""Designs drawn and solved at a time, which bounds the memory."""


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """Counts over random designs of all topologies, the duty solved.

    Attributes:
        designs: how many.
        solved: how many have a duty.
        not_converged: how many for which the solver says that it found no steady state.
        above_unity: solved ones with an efficiency above 1.
        unbalanced: solved ones whose energy, charge or flux does not balance; the judge refuses
            them.
        worst_residue: largest |Pin - Pout - losses| / Pin of a solved one.
    """

    designs: int
    solved: int
    not_converged: int
    above_unity: int
    unbalanced: int
    worst_residue: float


def bulk(designs: int, seed: int, control: Control) -> Bulk:
    """Solve random designs, equal counts of each topology, in chunks.

    Args:
        designs: at least, in all.
        seed: the same seed draws the same designs.
        control: for progress and cancel.

    Raises:
        Cancelled: the control asked for a stop.
    """
    rng = np.random.default_rng(seed)
    each = -(-designs // len(REGISTRY))
    counts = [min(CHUNK, each - start) for start in range(0, each, CHUNK)]
    parts = []
    for index, count in enumerate(counts):
        for topology in REGISTRY.values():
            control.progress(index / len(counts), "Solving random designs")
            parts.append(_chunk(topology, count, rng))
    return Bulk(
        designs=sum(p.designs for p in parts),
        solved=sum(p.solved for p in parts),
        not_converged=sum(p.not_converged for p in parts),
        above_unity=sum(p.above_unity for p in parts),
        unbalanced=sum(p.unbalanced for p in parts),
        worst_residue=max(p.worst_residue for p in parts),
    )


def _chunk(topology: Topology, count: int, rng: np.random.Generator) -> Bulk:
    drawn = random_designs(topology, count, rng)
    batch = drawn.solved()
    figures = drawn.figures(batch)
    solved = batch.solved
    return Bulk(
        designs=count,
        solved=int(solved.sum()),
        not_converged=int((batch.status == NOT_CONVERGED).sum()),
        above_unity=int((figures.efficiency[solved] > 1).sum()),
        unbalanced=int((~figures.balanced[solved]).sum()),
        worst_residue=float(np.max(figures.residue[solved], initial=0.0)),
    )
