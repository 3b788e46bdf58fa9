"""The distributions of specs that models are trained and judged on (requirements K2 and K6)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from arcs_engine.circuits.spec import TRAINED_FSW_RANGE, Spec
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import InputError, JobError, SpecError

RIPPLES = (0.005, 0.01, 0.02)
TOLERANCES = (0.05, 0.1, 0.2)
"""Half-widths of the input range as fractions of the nominal input."""

DEVIATIONS: Final = (0.02, 0.03, 0.05, 0.1, None)
"""What track D allows the output at a load step; None for no limit."""

LOAD_STEPS: Final = (0.25, 0.75)
"""Steps of track D, up to the full load, as shares of it."""

SHORTEST_ON_TIME: Final = 60e-9
"""Of the main switch in track D, s: fast integrated regulators need about as much."""

LOWEST_OUTPUT: Final = 0.8
"""Of track D, V: the reference that most controllers compare the output with."""

BEFORE_LOAD_STEPS: Final[dict[str, Any]] = {
    "deviation": None,
    "ripple_current": "none",
    "longest_duty": "none",
}
"""What tracks A to C mean: they are older than the entries of a spec that these are."""

BEFORE_LOAD_STEPS_WEIGHT: Final = 0.5
"""The slider's default in those days."""


@dataclass(frozen=True)
class SpecRange:
    """From what a topology's specs are drawn.

    Attributes:
        vin: nominal input, V, log-uniform.
        ratio: Vout / Vin, uniform; None where `vout` is drawn.
        vout: Vout, V, uniform; None where `ratio` is drawn.
        iout: output current, A, log-uniform.
        pout: largest output power, W.
        fsw: switching frequency, Hz, log-uniform.
    """

    vin: tuple[float, float]
    ratio: tuple[float, float] | None = None
    vout: tuple[float, float] | None = None
    iout: tuple[float, float] = (0.2, 5.0)
    pout: float = 60.0
    fsw: tuple[float, float] = TRAINED_FSW_RANGE


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


"""Of track C, by family."""

_REAL_FSW = (50e3, 2.2e6)
_REAL_UP_OR_DOWN = SpecRange(vin=(4, 60), ratio=(0.3, 2.5), iout=(0.2, 10), pout=100, fsw=_REAL_FSW)

_REAL_RANGES: Final = {
    "buck": SpecRange(vin=(4, 75), ratio=(0.05, 0.85), iout=(0.2, 20), pout=240, fsw=_REAL_FSW),
    "boost": SpecRange(vin=(3, 48), ratio=(1.2, 4), iout=(0.2, 10), pout=100, fsw=_REAL_FSW),
    "buck_boost": _REAL_UP_OR_DOWN,
    "cuk": _REAL_UP_OR_DOWN,
    "sepic": _REAL_UP_OR_DOWN,
    "flyback": SpecRange(vin=(9, 400), vout=(3.3, 48), iout=(0.2, 10), pout=100, fsw=_REAL_FSW),
    "forward": SpecRange(vin=(24, 400), vout=(3.3, 48), iout=(0.2, 20), pout=240, fsw=_REAL_FSW),
}


@dataclass(frozen=True)
class Track:
    """How specs are drawn.

    Attributes:
        name: a letter.
        ranges: by family.
        rest: draws the entries of a spec that are no quantity of its `SpecRange`.
        takes: whether a spec that the ideal circuit can meet belongs to the track.
    """

    name: str
    ranges: Mapping[str, SpecRange]
    rest: Callable[[np.random.Generator], dict[str, Any]]
    takes: Callable[[Topology, Spec, SpecRange], bool]


def _load_step(rng: np.random.Generator) -> dict[str, Any]:
    """Draw how the load of track D steps, and what the output may do then."""
    step = float(rng.uniform(*LOAD_STEPS))
    allowed = DEVIATIONS[rng.integers(len(DEVIATIONS))]
    return {"load_step": (1 - step, 1.0), "deviation": allowed}


def _is_real_work(topology: Topology, spec: Spec, limits: SpecRange) -> bool:
    """Whether the range has every input, and duties leave the switch time to turn on and off.

    The turns of a transformer adapt the duty; the highest ratio makes the longest on-time.
    """
    turns = next((v.high for v in topology.design_values if v.name == "T1_n"), 1.0)
    inputs = np.array([spec.vin_min, spec.vin_max])
    long, short = topology.ideal_duty(inputs, np.full(2, turns * spec.vout)).tolist()
    inside = limits.vin[0] <= spec.vin_min and spec.vin_max <= limits.vin[1]
    leaves_room = turns > 1 or long <= topology.max_duty
    long_enough = short / spec.fsw >= SHORTEST_ON_TIME
    return inside and leaves_room and long_enough and spec.vout >= LOWEST_OUTPUT


WIDE: Final = Track(
    "C",
    RANGES,
    lambda _: BEFORE_LOAD_STEPS | {"weight": BEFORE_LOAD_STEPS_WEIGHT},
    lambda _topology, _spec, _limits: True,
)
REAL_WORK: Final = Track("D", _REAL_RANGES, _load_step, _is_real_work)


DRAWN: Final = {track.name: track for track in (WIDE, REAL_WORK)}
"""Tracks that are drawn, by their letters."""


def track_named(name: str) -> Track:
    """Return the track of a letter, C or D.

    Raises:
        InputError: there is none.
    """
    if name not in DRAWN:
        raise InputError(f"Specs are drawn on track C or D, not on {name}.")
    return DRAWN[name]


def draw(
    topology: Topology, count: int, rng: np.random.Generator, track: Track = WIDE
) -> list[Spec]:
    """Return specs that the topology's ideal circuit can meet.

    Raises:
        JobError: no ranges are declared for the topology.
    """
    if topology.family not in track.ranges:
        raise JobError(
            f"No spec ranges of track {track.name} are declared for {topology.family}; add them to "
            "learning/datasets/specs.py."
        )
    drawn = _drawn(topology, track, rng)
    return [next(drawn) for _ in range(count)]


def _drawn(topology: Topology, track: Track, rng: np.random.Generator) -> Iterator[Spec]:
    limits = track.ranges[topology.family]
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
            fsw=_log_uniform(limits.fsw, rng),
            ripple=float(rng.choice(RIPPLES)),
        )
        spec = msgspec.structs.replace(spec, **track.rest(rng))
        met = spec.pout <= limits.pout and _can_be_met(topology, spec)
        if met and track.takes(topology, spec, limits):
            yield spec


def _can_be_met(topology: Topology, spec: Spec) -> bool:
    try:
        topology.check(spec)
    except SpecError:
        return False
    return True


def _log_uniform(limits: tuple[float, float], rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))
