"""The physics hash: which physics a figure, a data set or a model was made with.

It is taken from figures, not from the program's text: probe designs are judged, and their figures,
rounded to three digits, are hashed. Rewriting the solver changes nothing as long as it finds the
same figures, an installation without sources has a hash too, and whatever shifts a figure by a
thousandth changes the hash; of a smaller shift some of the many roundings give notice. Another
processor's last bits (1e-9) do not.
"""

from functools import cache
from hashlib import sha256
from itertools import product

import numpy as np

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import SpecError
from arcs_engine.performance.design import Designs
from arcs_engine.performance.verdict import judge

_STEPS = ((0, 0), (-3, 2), (4, -5))
"""Probe designs: so many E-series places from the textbook design, in every other value."""


def physics_hash(names: tuple[str, ...] = tuple(REGISTRY)) -> str:
    """Return sixteen hexadecimal digits that stand for the figures of these topologies' designs."""
    probes = "\n".join(_probe(name) for name in sorted(names))
    return sha256(probes.encode()).hexdigest()[:16]


@cache
def _probe(name: str) -> str:
    """Return the rounded figures of one topology's probe designs, as text."""
    topology = REGISTRY[name]
    specs = _specs(topology)
    owner = np.repeat(np.arange(len(specs)), len(_STEPS))
    batch = SpecBatch.of(specs).take(owner)
    lattice = Lattice(topology)
    places = lattice.nearest(topology.textbook(batch).values)
    steps = np.tile(np.array(_STEPS), (len(specs), places.shape[1]))[:, : places.shape[1]]
    values = lattice.values(np.clip(places + steps, 0, lattice.sizes - 1))
    verdicts = judge(Designs.of(topology, values, batch))
    found = verdicts.assessment
    figures: dict[str, FloatArray] = {
        "status": verdicts.status.astype(np.float64),
        "cost": verdicts.cost,
        "ripple": found.nominal.ripple,
        "efficiency": found.nominal.efficiency,
        "estimated": found.efficiency_estimated,
        "duty": found.nominal.duty,
        "reward": verdicts.reward,
        "loss": found.loss,
        "volume": found.board.volume,
        "deviation": found.deviation,
        "worst ripple": np.fmax.reduce(found.corners.ripple, axis=1),
        "ripple current": found.corners.swing,
        "coupling": found.corners.coupling,
        "excess": verdicts.excess,
        "heating": found.heating,
        **{f"package {part}": volume for part, volume in found.packages.items()},
        **{f"modelled {kind}": watts for kind, watts in found.modelled.items()},
        **{f"heat {part}": np.fmax.reduce(hot, axis=1) for part, hot in found.corners.heat.items()},
        **{f"peak {part}": peak for part, peak in found.stresses.peaks.items()},
    }
    return "\n".join([name, *(_rounded(key, column) for key, column in figures.items())])


def _rounded(name: str, column: FloatArray) -> str:
    return " ".join([name, *(f"{figure:.2e}" for figure in column)])


def _specs(topology: Topology) -> list[Spec]:
    """Return the probe specs that the topology can meet: low and high input, output and load.

    The air of the high load is so hot that some parts get too hot for their least package.
    """
    specs = [
        Spec(
            vin=vin,
            vin_min=0.85 * vin,
            vin_max=1.2 * vin,
            vout=vout,
            iout=iout,
            fsw=fsw,
            ripple=0.013,
            ambient=ambient,
        )
        for (vin, vout), (iout, fsw, ambient) in product(
            ((7.0, 3.1), (13.0, 4.9), (13.0, 23.0), (31.0, 11.0), (47.0, 17.0)),
            ((0.37, 310e3, 40.0), (2.3, 83e3, 95.0)),
        )
    ]
    return [spec for spec in specs if _can_meet(topology, spec)]


def _can_meet(topology: Topology, spec: Spec) -> bool:
    try:
        topology.check(spec)
    except SpecError:
        return False
    return True
