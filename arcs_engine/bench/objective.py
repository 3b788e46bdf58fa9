"""What the objective does to first-ranked designs and shortlists, spec by spec."""

from collections.abc import Sequence
from itertools import combinations, permutations
from typing import Final

import msgspec
import numpy as np

from arcs_engine.analysis.monte_carlo import Draw, monte_carlo
from arcs_engine.analysis.subject import Subject
from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.spec import AUTO, Spec
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.design import Design
from arcs_engine.sizing.proposal import Proposer

WEIGHTS: Final = (0.2, 0.4, 0.6, 0.8, 0.9)
"""Where the slider is tried, from least volume to least loss."""

LISTED: Final = 8
DRAWS: Final = 1000
_ALIKE: Final = 1.05
"""Ratio up to which two figures are near equal."""

_SAME: Final = 1 + 1e-6


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A first-ranked design at one weight.

    Attributes:
        weight: of the loss.
        meets_spec: whether it meets its spec.
        inductance: of its main magnetic part, H.
        loss: the mean that is counted, W.
        volume: mm3.
    """

    weight: float
    meets_spec: bool
    inductance: float
    loss: float
    volume: float


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A shortlist of one spec, and its first design.

    Attributes:
        meets_spec: whether the first meets the spec.
        reasons: what it fails.
        values: of the first.
        on_bounds: names of the values of the first that lie at an end of their range.
        passed: share of the draws that pass at every corner; None where the first fails.
        fails: draws that fail, by what.
        count: designs listed that meet the spec.
        alike: pairs within 5 % of each other in loss, volume and deviation.
        dominated: designs that another one beats or equals in all three.
        distinct: designs left when of two that are alike the later one goes.
        seconds: that the shortlist took.
    """

    meets_spec: bool
    reasons: tuple[str, ...]
    values: dict[str, float]
    on_bounds: tuple[str, ...]
    passed: float | None
    fails: dict[str, int]
    count: int
    alike: int
    dominated: int
    distinct: int
    seconds: float


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What `auto` puts first.

    Attributes:
        topology: of the first design.
        isolated: whether that is isolated.
        meets_spec: whether it meets the spec.
        others: topologies of the other designs that meet the spec.
        seconds: that it took.
    """

    topology: str
    isolated: bool
    meets_spec: bool
    others: tuple[str, ...]
    seconds: float


def slider(spec: Spec, weights: Sequence[float] = WEIGHTS) -> tuple[Choice, ...]:
    """Return the first-ranked design at each weight."""
    found = []
    for weight in weights:
        asked = msgspec.structs.replace(spec, weight=weight)
        first = Proposer(None).propose(asked, count=1).candidates[0]
        metrics = first.metrics
        found.append(
            Choice(
                weight=weight,
                meets_spec=first.meets_spec,
                inductance=first.values["T1_lm" if spec.topology == "flyback" else "L1"],
                loss=(metrics and metrics.mean_loss) or np.nan,
                volume=(metrics and metrics.volume) or np.nan,
            )
        )
    return tuple(found)


def listed(spec: Spec) -> Listed:
    """Return the shortlist of a spec, and how often its first design survives real parts."""
    shortlist = Proposer(None).propose(spec, count=LISTED)
    first, working = shortlist.candidates[0], figures(shortlist.candidates)
    passed, fails = None, {}
    if first.meets_spec:
        drawn = monte_carlo(
            Subject(Design.of(spec, first)), Draw(samples=DRAWS, corners=True, seed=1)
        )
        passed, fails = drawn.yield_share, drawn.fails
    return Listed(
        meets_spec=first.meets_spec,
        reasons=first.reasons,
        values=first.values,
        on_bounds=on_bounds(first),
        passed=passed,
        fails=fails,
        count=len(working),
        alike=sum(alike(a, b) for a, b in combinations(working, 2)),
        dominated=len({b for a, b in permutations(working, 2) if dominates(a, b)}),
        distinct=distinct(working),
        seconds=shortlist.timing.total,
    )


def chosen(spec: Spec) -> Chosen:
    """Return what `auto` puts first for the job of a spec, isolation not asked for."""
    inverting = find_topology(spec.topology).inverting
    asked = msgspec.structs.replace(
        spec, topology=AUTO, polarity="negative" if inverting else "positive", isolated=False
    )
    shortlist = Proposer(None).propose(asked, count=LISTED)
    first, *others = shortlist.candidates
    return Chosen(
        topology=first.topology,
        isolated=find_topology(first.topology).isolated,
        meets_spec=first.meets_spec,
        others=tuple(dict.fromkeys(c.topology for c in others if c.meets_spec)),
        seconds=shortlist.timing.total,
    )


Figures = tuple[float, ...]
"""Loss, volume and deviation of a design; less of each is better."""


def figures(candidates: Sequence[Candidate]) -> list[Figures]:
    """Return the figures of those that meet their spec."""
    return [
        (c.metrics.mean_loss or 0.0, c.metrics.volume or 0.0, c.metrics.deviation or 0.0)
        for c in candidates
        if c.meets_spec and c.metrics
    ]


def alike(one: Figures, other: Figures) -> bool:
    """Say whether two designs are near equal in every figure."""
    return all(max(a, b) <= _ALIKE * min(a, b) for a, b in zip(one, other, strict=True))


def dominates(one: Figures, other: Figures) -> bool:
    """Say whether a design is as good as another in every figure and better in one."""
    pairs = list(zip(one, other, strict=True))
    return all(a <= b * _SAME for a, b in pairs) and any(a * _SAME < b for a, b in pairs)


def distinct(every: Sequence[Figures]) -> int:
    """Return how many are left when of two that are alike the later one goes."""
    kept: list[Figures] = []
    for each in every:
        if not any(alike(each, other) for other in kept):
            kept.append(each)
    return len(kept)


def on_bounds(candidate: Candidate) -> tuple[str, ...]:
    """Return the names of the values that lie at an end of their range."""
    lattice = Lattice(find_topology(candidate.topology))
    columns = {name: np.array([candidate.values[name]]) for name in lattice.names}
    places = lattice.nearest(columns)[0]
    ends = (places == 0) | (places == lattice.sizes - 1)
    return tuple(name for name, end in zip(lattice.names, ends, strict=True) if end)
