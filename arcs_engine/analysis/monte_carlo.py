"""Many supplies of one design, each with other parts within their tolerances."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.analysis.results import Histogram, Influence, MonteCarlo, Tolerance
from arcs_engine.analysis.subject import Operation, Subject
from arcs_engine.analysis.tolerances import FREQUENCY, Distribution, factors, tolerances
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.errors import InputError
from arcs_engine.performance.corners import CORNERS
from arcs_engine.performance.limits import (
    is_efficient,
    is_on_target,
    is_smooth,
    is_within,
    vout_error,
)
from arcs_engine.performance.metrics import PartFigure

BINS: Final = 30
MOST: Final = 100_000
_NOMINAL: Final = ("vin", 1.0)
_CONFIDENCE: Final = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True)
class Draw:
    """Which supplies are drawn.

    Attributes:
        samples: how many.
        given: half-widths that replace the defaults, as fractions, by part or kind.
        distribution: of every part.
        corners: judge at all six corners instead of nominal input and full load.
        seed: the same seed draws the same supplies.
    """

    samples: int = 1000
    given: Mapping[str, float] = field(default_factory=dict)
    distribution: Distribution = "uniform"
    corners: bool = False
    seed: int = 0

    @property
    def places(self) -> tuple[tuple[str, float], ...]:
        """Where each supply is judged: which input of the spec, and which share of the load."""
        return CORNERS if self.corners else (_NOMINAL,)


def monte_carlo(subject: Subject, draw: Draw) -> MonteCarlo:
    """Draw supplies and judge each, in one solver batch; the duty is regulated in each.

    Derived parts are those of the nominal design, scaled: a coil that came out 20 % large has the
    winding that it has. Ratings are those that the nominal design asked for; the derating is the
    reserve for tolerances, so a supply fails beyond the whole rating.

    Args:
        subject: the design.
        draw: which supplies.

    Raises:
        DesignError: the design has no operating point, or a tolerance is not known.
        InputError: the number of samples is out of bounds.
    """
    samples = draw.samples
    if not 2 <= samples <= MOST:
        raise InputError(f"A Monte Carlo analysis has 2 to {MOST} samples, not {samples}.")
    bought, rng = subject.bought, np.random.default_rng(draw.seed)
    began = time.perf_counter()
    causes = tolerances(bought, draw.given)
    drawn = {each.name: factors(each, samples, draw.distribution, rng) for each in causes}
    operation = _operation(subject, draw, causes, drawn)
    nominal = np.arange(samples) * len(draw.places) + draw.places.index(_NOMINAL)
    failing = {
        label: failed.reshape(samples, -1).any(axis=1)
        for label, failed in _failures(subject, operation).items()
    }
    good = ~np.any(list(failing.values()), axis=0)
    low, high = wilson(int(good.sum()), samples)
    figures = {name: column[nominal] for name, column in _figures(operation).items()}
    return MonteCarlo(
        samples=samples,
        passed=int(good.sum()),
        yield_share=float(good.mean()),
        yield_low=low,
        yield_high=high,
        fails={label: int(failed.sum()) for label, failed in failing.items() if failed.any()},
        histograms=tuple(_histogram(name, column) for name, column in figures.items()),
        influences=_influences(drawn, figures),
        tolerances=causes,
        corners=draw.corners,
        seed=draw.seed,
        seconds=time.perf_counter() - began,
        notes=subject.notes,
    )


def _operation(
    subject: Subject,
    draw: Draw,
    causes: tuple[Tolerance, ...],
    drawn: Mapping[str, FloatArray],
) -> Operation:
    """Solve every supply at every place."""
    rows = np.repeat(np.arange(draw.samples), len(draw.places))
    copies = subject.copies(len(rows))
    parameters = dict(copies.parameters)
    for cause in causes:
        factor = drawn[cause.name][rows]
        parameters |= {name: parameters[name] * factor for name in cause.scaled}
    specs = replace(copies.specs, fsw=copies.specs.fsw * drawn[FREQUENCY][rows])
    vin = np.tile([getattr(subject.spec, name) for name, _ in draw.places], draw.samples)
    load = np.tile([share for _, share in draw.places], draw.samples)
    return subject.solve(replace(copies, parameters=parameters, specs=specs), vin, load)


def _failures(subject: Subject, operation: Operation) -> dict[str, NDArray[np.bool_]]:
    """Return which points fail how; shape (points,) each."""
    spec, figures, solved = subject.spec, operation.figures, operation.solved
    failures = {
        "no operating point": ~solved,
        "vout": solved & ~is_on_target(vout_error(figures.vout, spec.vout)),
        "ripple": solved & ~is_smooth(figures.ripple, spec.ripple),
    }
    if spec.deviation is not None:
        failures["deviation"] = solved & ~is_within(operation.deviation, spec.deviation)
    if spec.efficiency is not None:
        efficient = is_efficient(operation.efficiency_estimated, spec.efficiency)
        failures["efficiency"] = solved & ~efficient
    stresses = {PartFigure(part): peak for part, peak in figures.peaks.items()} | figures.currents
    for need in subject.bought.needs():
        stress = stresses.get(need.figure)
        if stress is not None and need.standard.unit != "W":
            # Of a part that no rating covers, the rating is nan: none is sold, whatever the draw.
            failures[f"stress {need.figure}"] = solved & ~(stress <= float(need.rating[0]))
    return failures


def _figures(operation: Operation) -> dict[str, FloatArray]:
    """Return the figures that are looked at, nan where a supply does not work."""
    figures = operation.figures
    columns = {
        "ripple": figures.ripple,
        "deviation": operation.deviation,
        "efficiency_estimated": operation.efficiency_estimated,
        "loss": operation.loss,
        "duty": figures.duty,
        "inductor_ripple": figures.inductor_ripple,
    }
    return {name: np.where(operation.solved, column, np.nan) for name, column in columns.items()}


def _histogram(figure: str, column: FloatArray) -> Histogram:
    known = column[~np.isnan(column)]
    if not known.size:
        nothing = float("nan")
        return Histogram(
            figure=figure, edges=(), counts=(), mean=nothing, low=nothing, high=nothing
        )
    counts, edges = np.histogram(known, bins=BINS)
    low, high = np.percentile(known, [5, 95])
    return Histogram(
        figure=figure,
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        mean=float(known.mean()),
        low=float(low),
        high=float(high),
    )


def _influences(
    drawn: Mapping[str, FloatArray], figures: Mapping[str, FloatArray]
) -> tuple[Influence, ...]:
    """Rank the tolerances by what they do to each figure."""
    found = [
        Influence(tolerance=name, figure=figure, correlation=spearman(factor, column))
        for figure, column in figures.items()
        for name, factor in drawn.items()
    ]
    return tuple(sorted(found, key=lambda each: -abs(each.correlation)))


def spearman(one: FloatArray, other: FloatArray) -> float:
    """Return the rank correlation of two columns; nan in `other` is left out, 0 without spread."""
    known = ~np.isnan(other)
    a, b = one[known], other[known]
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    ranks = [np.argsort(np.argsort(column, kind="stable"), kind="stable") for column in (a, b)]
    matrix = np.asarray(np.corrcoef(ranks))
    return float(matrix[0, 1])


def wilson(passed: int, samples: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, J. Am. Stat. Assoc. 22, 1927, p. 209)."""
    share, z2 = passed / samples, _CONFIDENCE**2 / samples
    middle = (share + z2 / 2) / (1 + z2)
    half = np.sqrt(z2 * (share * (1 - share) + z2 / 4)) / (1 + z2)
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))
