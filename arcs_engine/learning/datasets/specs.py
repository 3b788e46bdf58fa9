"""The distribution of specs that models are trained and judged on (requirement K2)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from arcs_engine.circuits.spec import TRAINED_FSW_RANGE, Spec
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import JobError, SpecError

RIPPLES = (0.005, 0.01, 0.02)
TOLERANCES = (0.05, 0.1, 0.2)
"""Half-widths of the input range as fractions of the nominal input."""


@dataclass(frozen=True)
class SpecRange:
    """From what a topology's specs are drawn.

    Attributes:
        vin: nominal input, V, log-uniform.
        ratio: Vout / Vin, uniform; None where `vout` is drawn.
        vout: Vout, V, uniform; None where `ratio` is drawn.
        iout: output current, A, log-uniform.
        pout: largest output power, W.
    """

    vin: tuple[float, float]
    ratio: tuple[float, float] | None = None
    vout: tuple[float, float] | None = None
    iout: tuple[float, float] = (0.2, 5.0)
    pout: float = 60.0


_UP_OR_DOWN = SpecRange(vin=(5, 36), ratio=(0.3, 2.5))

RANGES: dict[str, SpecRange] = {
    "buck": SpecRange(vin=(6, 60), ratio=(0.1, 0.85)),
    "boost": SpecRange(vin=(3, 24), ratio=(1.2, 4), iout=(0.1, 2)),
    "buck_boost": _UP_OR_DOWN,
    "cuk": _UP_OR_DOWN,
    "sepic": _UP_OR_DOWN,
    "flyback": SpecRange(vin=(9, 60), vout=(3.3, 24), pout=30),
    "forward": SpecRange(vin=(24, 72), vout=(3.3, 24)),
}


def draw(topology: Topology, count: int, rng: np.random.Generator) -> list[Spec]:
    """Return specs that the topology's ideal circuit can meet.

    Raises:
        JobError: no ranges are declared for the topology.
    """
    if topology.family not in RANGES:
        raise JobError(f"No spec ranges are declared for {topology.family}; add them to RANGES.")
    drawn = _drawn(topology, RANGES[topology.family], rng)
    return [next(drawn) for _ in range(count)]


def _drawn(topology: Topology, limits: SpecRange, rng: np.random.Generator) -> Iterator[Spec]:
    while True:
        vin = _log_uniform(limits.vin, rng)
        vout = vin * rng.uniform(*limits.ratio) if limits.ratio else rng.uniform(*limits.vout or ())
        iout = _log_uniform(limits.iout, rng)
        tolerance = float(rng.choice(TOLERANCES))
        spec = Spec(
            topology=topology.name,
            vin=vin,
            vin_min=vin * (1 - tolerance),
            vin_max=vin * (1 + tolerance),
            vout=vout,
            iout=iout,
            fsw=_log_uniform(TRAINED_FSW_RANGE, rng),
            ripple=float(rng.choice(RIPPLES)),
        )
        if spec.pout <= limits.pout and _can_be_met(topology, spec):
            yield spec


def _can_be_met(topology: Topology, spec: Spec) -> bool:
    try:
        topology.check(spec)
    except SpecError:
        return False
    return True


def _log_uniform(limits: tuple[float, float], rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))
