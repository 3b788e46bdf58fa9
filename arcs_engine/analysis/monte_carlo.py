"""Many supplies of one design, each with other parts within their tolerances."""

import time
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.analysis.results import Histogram, Influence, MonteCarlo
from arcs_engine.analysis.subject import Operation, Subject
from arcs_engine.analysis.tolerances import FREQUENCY, Distribution, Tolerance, factors, tolerances
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.foundation.errors import InputError
from arcs_engine.performance.corners import CORNERS
from arcs_engine.performance.ratings import needs
from arcs_engine.performance.verdict import VOUT_TOLERANCE

BINS: Final = 30
MOST: Final = 100_000
_CONFIDENCE: Final = 1.96
"""Standard deviations of a 95 % interval."""


def monte_carlo(
    subject: Subject,
    samples: int = 1000,
    *,
    given: Mapping[str, float] | None = None,
    distribution: Distribution = "uniform",
    corners: bool = False,
    seed: int = 0,
) -> MonteCarlo:
    """Draw supplies and judge each, in one solver batch; the duty is regulated in each.

    Derived parts are those of the nominal design, scaled: a coil that came out 20 % large has the
    winding that it has. Ratings are those that the nominal design asked for; the derating is the
    reserve for tolerances, so a supply fails beyond the whole rating.

    Args:
        subject: the design.
        samples: how many supplies.
        given: half-widths that replace the defaults, as fractions, by part or kind.
        distribution: of every part.
        corners: judge at all six corners instead of nominal input and full load.
        seed: the same seed draws the same supplies.

    Raises:
        DesignError: the design has no operating point, or a tolerance is not known.
        InputError: the number of samples is out of bounds.
    """
    if not 2 <= samples <= MOST:
        raise InputError(f"A Monte Carlo analysis has 2 to {MOST} samples, not {samples}.")
    bought, rng = subject.bought, np.random.default_rng(seed)
    began = time.perf_counter()
    causes = tolerances(subject.topology, bought.parameters, bought.peaks, given or {})
    drawn = {each.name: factors(each, samples, distribution, rng) for each in causes}
    places = CORNERS if corners else (("vin", 1.0),)
    rows = np.repeat(np.arange(samples), len(places))
    operation = _operation(subject, causes, drawn, rows, len(places))
    nominal = np.arange(samples) * len(places) + places.index(("vin", 1.0))
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
        corners=corners,
        seed=seed,
        seconds=time.perf_counter() - began,
        notes=subject.notes,
    )


def _operation(
    subject: Subject,
    causes: tuple[Tolerance, ...],
    drawn: Mapping[str, FloatArray],
    rows: NDArray[np.int64],
    places: int,
) -> Operation:
    """Solve every supply at every place."""
    parameters, specs = subject.rows(len(rows))
    for cause in causes:
        factor = drawn[cause.name][rows]
        parameters |= {name: parameters[name] * factor for name in cause.scaled}
    columns = {field: getattr(specs, field) for field in SpecBatch.__dataclass_fields__}
    specs = SpecBatch(**(columns | {"fsw": specs.fsw * drawn[FREQUENCY][rows]}))
    chosen = CORNERS if places > 1 else (("vin", 1.0),)
    count = len(rows) // places
    vin = np.tile([getattr(subject.spec, name) for name, _ in chosen], count)
    load = np.tile([share for _, share in chosen], count)
    return subject.solve(parameters, specs, vin, load)


def _failures(subject: Subject, operation: Operation) -> dict[str, NDArray[np.bool_]]:
    """Return which points fail how; shape (points,) each."""
    spec, figures, bought = subject.spec, operation.figures, subject.bought
    solved = operation.solved
    error = np.abs(np.abs(figures.vout) / spec.vout - 1)
    failures = {
        "no operating point": ~solved,
        "vout": solved & (error > VOUT_TOLERANCE),
        "ripple": solved & (figures.ripple > spec.ripple),
    }
    if spec.efficiency is not None:
        failures["efficiency"] = solved & (operation.efficiency_estimated < spec.efficiency)
    stresses = figures.peaks | figures.currents
    for need in needs(subject.topology, bought.parameters, bought.peaks, bought.currents):
        stress = stresses.get(need.name)
        if stress is not None and need.unit != "W":
            # Of a part that no rating covers, the rating is nan: none is sold, whatever the draw.
            failures[f"stress {need.name}"] = solved & ~(stress <= float(need.rating[0]))
    return failures


def _figures(operation: Operation) -> dict[str, FloatArray]:
    """Return the figures that are looked at, nan where a supply does not work."""
    figures = operation.figures
    columns = {
        "ripple": figures.ripple,
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
