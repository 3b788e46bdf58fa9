"""Rows of the table: what the attempts of a method are worth, with their uncertainty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.learning.model_evaluation.methods import STEPS, Attempt
from arcs_engine.performance.corners import Assessment
from arcs_engine.performance.cost import FAILED_COST
from arcs_engine.performance.design import Designs
from arcs_engine.performance.verdict import judge

LIMITS: Final = (1.02, 1.05, 1.10)
"""Cost over the reference optimum's within which a design has quality (requirement J7)."""

RESAMPLES: Final = 2000
_LEGACY_VOUT, _LEGACY_RIPPLE = 0.5, 0.5


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Mean cost, 3 for every failure, with its 95 % interval over specs, and the median."""

    mean: float
    median: float
    low: float
    high: float


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the spec to the answer; None where tasks were answered together."""

    p50: float | None
    p95: float | None


class Diversity(msgspec.Struct, frozen=True, kw_only=True):
    """How unlike each other a method's designs are that meet their spec.

    Attributes:
        spread: mean standard deviation of the logarithm of a value among the designs of one spec,
            in decades.
        unique: distinct designs over all that met their spec (the published score).
    """

    spread: float
    unique: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What attempts are worth; shares of all attempts, each with a funnel stage or a mean.

    Attributes:
        attempts: how many.
        evaluations: mean number of designs that were judged for a spec.
        structurally_valid: decodes to a circuit of the topology with values of its series.
        solved: has an operating point at nominal input and full load, and is balanced.
        strict_pass: meets the spec there.
        strict_pass_corners: meets it at all corners.
        quality_pass: meets it at a cost within so many times the reference optimum's; None where
            that is not known.
        cost: requirement J4.
        win_rate: costs less than the textbook design (which costs 1).
        vout_error_mean: of what is solved, a fraction.
        efficiency_estimated_mean: of what is solved.
        legacy_valid: by the published predecessor's judge.
        reward8: the 8-point reward.
    """

    attempts: int
    evaluations: float
    structurally_valid: float
    solved: float
    strict_pass: float
    strict_pass_corners: float
    quality_pass: dict[str, float] | None
    cost: Cost
    win_rate: float
    vout_error_mean: float | None
    efficiency_estimated_mean: float | None
    legacy_valid: float
    reward8: float


class Row(Figures, frozen=True, kw_only=True):
    """A method's line of the table.

    Attributes:
        method: its name.
        confirmed: share that ngspice confirms of those that were asked of it; None where none was.
        ngspice_vout_error: mean |Vout error| in ngspice, a fraction.
        latency_ms: from the spec to the answer.
        diversity: of all that was judged and met the spec; None where nothing did.
        per_topology: the same figures by topology.
    """

    method: str
    confirmed: float | None = None
    ngspice_vout_error: float | None = None
    latency_ms: Latency
    diversity: Diversity | None
    per_topology: dict[str, Figures]


@dataclass(frozen=True)
class Grading:
    """What attempts are graded by.

    Attributes:
        optima: cost of the reference optimum by task; tasks without one have no quality figure.
        seed: of the bootstrap.
    """

    optima: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0

    def row(self, method: str, attempts: Sequence[Attempt]) -> Row:
        """Judge what a method ended with.

        Args:
            method: its name in the table.
            attempts: one per task.
        """
        names = list(dict.fromkeys(each.task.spec.topology for each in attempts))
        groups = {n: [a for a in attempts if a.task.spec.topology == n] for n in names}
        columns = {name: self._columns(group) for name, group in groups.items()}
        keys = next(iter(columns.values()))
        together = {key: np.concatenate([c[key] for c in columns.values()]) for key in keys}
        seconds = [a.seconds for a in attempts if a.seconds is not None]
        fields = msgspec.structs.asdict(self._figures(together))
        return Row(
            method=method,
            latency_ms=_latency(seconds),
            diversity=_diversity(groups),
            per_topology={name: self._figures(column) for name, column in columns.items()},
            **fields,
        )

    def _columns(self, attempts: Sequence[Attempt]) -> dict[str, FloatArray]:
        """Return a column for each figure, a row per task; all of one topology."""
        topology = attempts[0].task.topology
        designs = [a.values for a in attempts]
        values = {n: np.array([design[n] for design in designs]) for n in designs[0]}
        specs = SpecBatch.of([a.task.spec for a in attempts])
        verdicts = judge(Designs.of(topology, values, specs))
        found = verdicts.assessment
        nominal = found.nominal
        solved = (nominal.status == 0) & nominal.balanced
        cost = np.array([a.cost for a in attempts])
        optimum = np.array([self.optima.get(a.task.name, np.nan) for a in attempts])
        return {
            "evaluations": np.array([float(a.evaluations) for a in attempts]),
            "structurally_valid": np.ones(len(attempts)),
            "solved": solved,
            "strict_pass": verdicts.strict_pass,
            "strict_pass_corners": verdicts.meets_spec,
            "cost": cost,
            # Where no design is known that meets the spec, its optimum is a failure's 3 too.
            "over_optimum": np.where(
                np.isnan(optimum) | (cost < FAILED_COST), cost / optimum, np.inf
            ),
            "vout_error": np.where(solved, found.vout_error, np.nan),
            "efficiency_estimated": np.where(solved, found.efficiency_estimated, np.nan),
            "legacy": legacy_valid(found),
            "reward8": verdicts.reward,
        }

    def _figures(self, columns: Mapping[str, FloatArray]) -> Figures:
        cost = columns["cost"]
        low, high = interval(cost, self.seed)
        return Figures(
            attempts=len(cost),
            evaluations=float(columns["evaluations"].mean()),
            structurally_valid=float(columns["structurally_valid"].mean()),
            solved=float(columns["solved"].mean()),
            strict_pass=float(columns["strict_pass"].mean()),
            strict_pass_corners=float(columns["strict_pass_corners"].mean()),
            quality_pass=_quality(columns["over_optimum"]),
            cost=Cost(mean=float(cost.mean()), median=float(np.median(cost)), low=low, high=high),
            win_rate=float(np.mean(cost < 1)),
            vout_error_mean=_mean(columns["vout_error"]),
            efficiency_estimated_mean=_mean(columns["efficiency_estimated"]),
            legacy_valid=float(columns["legacy"].mean()),
            reward8=float(columns["reward8"].mean()),
        )


def legacy_valid(found: Assessment) -> NDArray[np.bool_]:
    """Judge as the published predecessor did: 0 < efficiency <= 1, Vout and ripple within half."""
    return np.asarray(
        (found.nominal.efficiency > 0)
        & (found.nominal.efficiency <= 1)
        & (found.vout_error <= _LEGACY_VOUT)
        & (found.nominal.ripple <= _LEGACY_RIPPLE)
    )


def _quality(over_optimum: FloatArray) -> dict[str, float] | None:
    """Return the shares within `LIMITS`; None unless every optimum is known."""
    if np.isnan(over_optimum).any():
        return None
    return {f"{limit:.2f}": float(np.mean(over_optimum <= limit * (1 + 1e-9))) for limit in LIMITS}


def interval(samples: FloatArray, seed: int) -> tuple[float, float]:
    """Return the 95 % interval of a mean by the bootstrap over specs.

    The percentile interval of Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(samples), size=(RESAMPLES, len(samples)))
    low, high = np.percentile(samples[drawn].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def _mean(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None


def _latency(seconds: Sequence[float]) -> Latency:
    if not seconds:
        return Latency(p50=None, p95=None)
    p50, p95 = np.percentile(np.array(seconds) * 1e3, [50, 95])
    return Latency(p50=float(p50), p95=float(p95))


def _diversity(groups: Mapping[str, Sequence[Attempt]]) -> Diversity | None:
    spreads: list[float] = []
    distinct = total = 0
    for name, attempts in groups.items():
        lattice = Lattice(find_topology(name))
        for each in attempts:
            if len(each.met) > 1:
                logs = np.log10(np.stack(list(lattice.values(each.met).values()), axis=1))
                spreads.append(float(logs.std(axis=0).mean()))
            distinct += len(np.unique(each.met, axis=0))
            total += len(each.met)
    if not spreads:
        return None
    return Diversity(spread=float(np.mean(spreads)), unique=distinct / total)


def curve(attempts: Sequence[Attempt]) -> dict[int, float]:
    """Return the mean cost after each of `STEPS` evaluations of each spec."""
    return {step: float(np.mean([each.trace.after(step) for each in attempts])) for step in STEPS}
