"""What the analyses answer with, apart from how it is found: nothing here needs the solver."""

from typing import Final

import msgspec
import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.conduction import Mode

FIGURES: Final = {
    "ripple": "output ripple, a fraction of Vout",
    "deviation": "deviation at load steps, a fraction of Vout",
    "efficiency_estimated": "efficiency with all losses",
    "loss": "all losses, W",
    "duty": "on-time over period",
    "inductor_ripple": "main inductor's ripple, A",
}


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """What spreads together: one cause, and the parameters that it scales.

    Attributes:
        name: of the part or quantity, such as ``L1``, ``Cout``, ``Cout_esr``, ``fsw``.
        kind: of `tolerances.DEFAULTS`.
        half_width: largest deviation, as a fraction.
        scaled: parameters that are multiplied by the factor; none for the frequency.
    """

    name: str
    kind: str
    half_width: float
    scaled: tuple[str, ...]


class OperatingPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What a design does at one input and load; figures are None where it has no operating point.

    Attributes:
        vin: input voltage, V.
        load: share of the full-load current.
        vout: mean output voltage, V, with its sign.
        duty: on-time over period.
        mode: conduction mode.
        ripple: output ripple, a fraction of the wanted Vout.
        efficiency: simulated.
        efficiency_estimated: with the modelled losses.
        loss: all losses, W.
        fails: what is not met there, one sentence each.
    """

    vin: float
    load: float
    vout: float | None
    duty: float | None
    mode: Mode | None
    ripple: float | None
    efficiency: float | None
    efficiency_estimated: float | None
    loss: float | None
    fails: tuple[str, ...]


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """Operating points over inputs and loads.

    Attributes:
        vin: inputs, V, ascending.
        load: shares of the full-load current, ascending.
        points: by input, then by load.
        meets_spec: whether the design meets its spec and its output and ripple hold at every point.
        seconds: that it took.
        notes: what to know of the design and its duty, one sentence each.
    """

    vin: tuple[float, ...]
    load: tuple[float, ...]
    points: tuple[OperatingPoint, ...]
    meets_spec: bool
    seconds: float
    notes: tuple[str, ...] = ()

    def at(self, input_index: int, load_index: int) -> OperatingPoint:
        """Return one point."""
        return self.points[input_index * len(self.load) + load_index]

    def table(self, figure: str) -> FloatArray:
        """Return one figure of the points, shape (inputs, loads); nan where it is not known."""
        values = [getattr(point, figure) for point in self.points]
        numbers = [np.nan if value is None else value for value in values]
        return np.array(numbers).reshape(len(self.vin), len(self.load))


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """A design along one quantity.

    Attributes:
        name: of the quantity.
        unit: SI.
        values: ascending.
        candidates: the design judged anew at each value of a design value or parameter: other
            values buy other parts.
        points: the design at each operating point, its parts as they are; one of the two is empty.
        seconds: that it took.
        notes: what to know of the design and its duty, one sentence each.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    candidates: tuple[Candidate, ...]
    points: tuple[OperatingPoint, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    def column(self, figure: str) -> FloatArray:
        """Return one figure of `Metrics` or `OperatingPoint` along the sweep; nan where unknown."""
        holders: tuple[object, ...] = self.points or tuple(c.metrics for c in self.candidates)
        found = [None if holder is None else getattr(holder, figure) for holder in holders]
        return np.array([np.nan if value is None else value for value in found], dtype=np.float64)


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """How a figure spreads over the supplies that work.

    Attributes:
        figure: one of `FIGURES`.
        edges: of the bins, ascending, one more than counts.
        counts: supplies in each bin.
        mean: of all.
        low: 5th percentile.
        high: 95th percentile.
    """

    figure: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    mean: float
    low: float
    high: float


class Influence(msgspec.Struct, frozen=True, kw_only=True):
    """How much a part's tolerance moves a figure.

    Attributes:
        tolerance: its name.
        figure: one of `FIGURES`.
        correlation: Spearman's rank correlation of the part's factor with the figure, -1..1.
    """

    tolerance: str
    figure: str
    correlation: float


class MonteCarlo(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a design in production.

    Attributes:
        samples: supplies.
        passed: how many meet the spec.
        yield_share: `passed` over `samples`.
        yield_low: lower end of its 95 % interval (Wilson).
        yield_high: upper end.
        fails: how many fail in which way; a supply may fail in several.
        histograms: of each figure at nominal input and full load.
        influences: of each tolerance on each figure, the largest first.
        tolerances: that were drawn from.
        corners: whether every supply was judged at all corners, or at nominal input and full load.
        seed: of the draws.
        seconds: that it took.
        notes: what to know of the design and its duty, one sentence each.
    """

    samples: int
    passed: int
    yield_share: float
    yield_low: float
    yield_high: float
    fails: dict[str, int]
    histograms: tuple[Histogram, ...]
    influences: tuple[Influence, ...]
    tolerances: tuple[Tolerance, ...]
    corners: bool
    seed: int
    seconds: float
    notes: tuple[str, ...] = ()
