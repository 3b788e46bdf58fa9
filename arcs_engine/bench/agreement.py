"""How well the fast solver and ngspice agree on random designs (requirement S4)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec
import numpy as np

from arcs_engine.analysis.verification import FIXED_POINT_TOLERANCE, simulate
from arcs_engine.bench.designs import RandomDesigns, random_designs, row
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.performance.design import Designs
from arcs_engine.performance.metrics import FIGURES, Tolerance
from arcs_engine.performance.operating_point import figures_of
from arcs_engine.simulation.steady import solve, steady_state

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


def agreement(topology: Topology, count: int, seed: int, control: Control) -> Agreement:
    """Compare `count` feasible random designs of a topology.

    Raises:
        SpiceNotFoundError: there is no ngspice.
        Cancelled: the control asked for a stop.
    """
    drawn = random_designs(topology, _OVERSAMPLE * count, np.random.default_rng(seed))
    batch = solve(topology, drawn.parameters, drawn.batch.fsw, vout=drawn.batch.vout)
    figures = figures_of(Designs(topology, drawn.parameters, drawn.batch), batch)
    feasible = np.flatnonzero(batch.solved)[:count].tolist()

    def compared(index: int) -> Difference:
        quiet = Control(lambda _fraction, _text: None, control.stop)
        return _compare(
            drawn,
            index,
            vout=float(figures.vout[index]),
            ripple=float(figures.ripple[index]),
            efficiency=float(figures.efficiency[index]),
            dcm=bool(figures.idle[index] > 0),
            control=quiet,
        )

    differences = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done, difference in enumerate(pool.map(compared, feasible), start=1):
            differences.append(difference)
            control.progress(done / len(feasible), f"{topology.title} against ngspice")
    return _summary(differences)


def _compare(
    drawn: RandomDesigns,
    index: int,
    *,
    vout: float,
    ripple: float,
    efficiency: float,
    dcm: bool,
    control: Control,
) -> Difference:
    spec = drawn.specs[index]
    try:
        state = steady_state(drawn.topology, row(drawn.parameters, index), spec.fsw, vout=spec.vout)
        run = simulate(state, title=f"random {drawn.topology.name} {index}", control=control)
    except ArcsError as error:
        return Difference(design=index, dcm=dcm, problem=str(error))
    measured = run.measurement
    if not measured.balance.steady or run.distance >= FIXED_POINT_TOLERANCE:
        balance = measured.balance
        problem = (
            f"not settled: charge {balance.worst_charge:.2%}, flux {balance.worst_flux:.2%}, "
            f"{run.distance:.2%} from its fixed point"
        )
        return Difference(design=index, dcm=dcm, problem=problem)
    its_ripple = measured.ripple / spec.vout
    return Difference(
        design=index,
        vout=abs(measured.vout - vout) / spec.vout,
        efficiency=abs(measured.efficiency - efficiency),
        ripple=abs(its_ripple - ripple) / ripple,
        ripple_of_vout=abs(its_ripple - ripple),
        dcm=dcm,
    )


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
