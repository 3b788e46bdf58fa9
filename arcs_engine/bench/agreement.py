"""How well the fast solver and ngspice agree on random designs (requirement S4)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.analysis.verification import FIXED_POINT_TOLERANCE, simulate
from arcs_engine.bench.designs import RandomDesign, random_designs
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.learning.datasets.specs import WIDE, Track
from arcs_engine.performance.metrics import FIGURES
from arcs_engine.performance.tolerance import Tolerance

_TOLERANCES: Final = {each.name: each.tolerance or Tolerance() for each in FIGURES}
VOUT_LIMIT: Final = _TOLERANCES["vout"].relative
EFFICIENCY_LIMIT: Final = _TOLERANCES["efficiency"].absolute
RIPPLE_LIMIT: Final = _TOLERANCES["ripple"].relative
RIPPLE_FLOOR: Final = _TOLERANCES["ripple"].absolute
"""Ripple may differ by this share of Vout where that is more than `RIPPLE_LIMIT` of itself."""

_OVERSAMPLE: Final = 4
"""Designs drawn for each that is compared: of random forwards only four in ten can be driven."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One design, solver against ngspice.

    Attributes:
        design: where it stands in the draw.
        vout: relative difference of the mean output voltage.
        efficiency: difference, a fraction.
        ripple: relative difference of the output ripple.
        ripple_of_vout: the same difference as a share of Vout.
        dcm: whether conduction is discontinuous.
        problem: why ngspice could not judge the design; empty when it could.
    """

    design: int
    vout: float = float("nan")
    efficiency: float = float("nan")
    ripple: float = float("nan")
    ripple_of_vout: float = float("nan")
    dcm: bool = False
    problem: str = ""

    @property
    def ripple_agrees(self) -> bool:
        """Whether the ripples agree by either measure."""
        return self.ripple <= RIPPLE_LIMIT or self.ripple_of_vout <= RIPPLE_FLOOR


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement over the designs of one topology.

    Attributes:
        designs: how many were compared or found impossible to judge.
        dcm: share of them in discontinuous conduction.
        unjudged: how many ngspice could not judge.
        vout: share of the judged within `VOUT_LIMIT`.
        efficiency: share within `EFFICIENCY_LIMIT`.
        ripple: share within `RIPPLE_LIMIT` or `RIPPLE_FLOOR`.
        vout_p99: 99th percentile of the relative difference.
        efficiency_p99: 99th percentile of the difference, a fraction.
        ripple_p99: 99th percentile of the relative difference.
        worst: of each quantity, the difference and the design's place in the draw.
        problems: what ngspice said of the unjudged.
    """

    designs: int
    dcm: float
    unjudged: int
    vout: float
    efficiency: float
    ripple: float
    vout_p99: float
    efficiency_p99: float
    ripple_p99: float
    worst: dict[str, tuple[float, int]]
    problems: tuple[str, ...]


def agreement(
    topology: Topology, count: int, seed: int, control: Control, track: Track = WIDE
) -> Agreement:
    """Compare `count` feasible random designs of a topology on specs of a track.

    Raises:
        SpiceNotFoundError: there is no ngspice.
        Cancelled: the control asked for a stop.
    """
    drawn = random_designs(topology, _OVERSAMPLE * count, np.random.default_rng(seed), track)
    batch = drawn.solved()
    figures = drawn.figures(batch)
    cases = [
        _Case(
            drawn.design(place),
            vout=float(figures.vout[place]),
            ripple=float(figures.ripple[place]),
            efficiency=float(figures.efficiency[place]),
            dcm=bool(figures.idle[place] > 0),
        )
        for place in np.flatnonzero(batch.solved)[:count].tolist()
    ]
    quiet = Control(lambda _fraction, _text: None, control.stop)
    differences = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done, difference in enumerate(
            pool.map(lambda case: case.compared(quiet), cases), start=1
        ):
            differences.append(difference)
            control.progress(done / len(cases), f"{topology.title} against ngspice")
    return _summary(differences)


@dataclass(frozen=True)
class _Case:
    """A design with what the solver says of it.

    Attributes:
        design: which.
        vout: mean output voltage, V.
        ripple: of the output, over the spec's output voltage.
        efficiency: a fraction.
        dcm: whether conduction is discontinuous.
    """

    design: RandomDesign
    vout: float
    ripple: float
    efficiency: float
    dcm: bool

    def compared(self, control: Control) -> Difference:
        """Return how far ngspice lies from the solver."""
        design, spec = self.design, self.design.spec
        try:
            title = f"random {design.topology.name} {design.place}"
            run = simulate(design.state(), title=title, control=control)
        except ArcsError as error:
            return self._unjudged(str(error))
        measured = run.measurement
        if not measured.balance.steady or run.distance >= FIXED_POINT_TOLERANCE:
            balance = measured.balance
            return self._unjudged(
                f"not settled: charge {balance.worst_charge:.2%}, flux {balance.worst_flux:.2%}, "
                f"{run.distance:.2%} from its fixed point"
            )
        its_ripple = measured.ripple / spec.vout
        return Difference(
            design=design.place,
            vout=abs(measured.vout - self.vout) / spec.vout,
            efficiency=abs(measured.efficiency - self.efficiency),
            ripple=abs(its_ripple - self.ripple) / self.ripple,
            ripple_of_vout=abs(its_ripple - self.ripple),
            dcm=self.dcm,
        )

    def _unjudged(self, problem: str) -> Difference:
        return Difference(design=self.design.place, dcm=self.dcm, problem=problem)


def _summary(differences: list[Difference]) -> Agreement:
    judged = [d for d in differences if not d.problem]
    problems = tuple(f"design {d.design}: {d.problem}" for d in differences if d.problem)
    columns = {
        name: np.array([getattr(d, name) for d in judged])
        for name in ("vout", "efficiency", "ripple")
    }
    return Agreement(
        designs=len(differences),
        dcm=float(np.mean([d.dcm for d in differences])),
        unjudged=len(problems),
        vout=float(np.mean(columns["vout"] <= VOUT_LIMIT)),
        efficiency=float(np.mean(columns["efficiency"] <= EFFICIENCY_LIMIT)),
        ripple=float(np.mean([d.ripple_agrees for d in judged])),
        vout_p99=float(np.quantile(columns["vout"], 0.99)),
        efficiency_p99=float(np.quantile(columns["efficiency"], 0.99)),
        ripple_p99=float(np.quantile(columns["ripple"], 0.99)),
        worst={
            name: (float(column.max()), judged[int(column.argmax())].design)
            for name, column in columns.items()
        },
        problems=problems,
    )
