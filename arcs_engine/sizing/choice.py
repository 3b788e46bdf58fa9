"""What a shortlist shows of everything that was judged: designs that one may want to choose among.

The best design comes first. None is listed that another one of its topology beats in loss, volume
and deviation; those that are nearly equal are one row; the rest is spread over the trade-off, and
those that excel in something carry its name.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.circuits.spec import FloatArray, Spec
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.cost import Reference
from arcs_engine.performance.metrics import Metrics

NEAR: Final = 1.05
"""Designs are alike whose losses, volumes and deviations differ by less than this ratio."""

_ROUNDING: Final = 1e-6
"""Logarithm of the ratio below which two figures are the same."""

DEAREST: Final = 1.5
"""Cost, over that of the best design, of what is still worth showing."""

NEAREST: Final = 3
"""Most designs that are shown where none meets the spec."""


def order(candidate: Candidate) -> tuple[bool, float, float, int]:
    """Return the sort key of a ranking: by cost what meets the spec, then the rest by reward.

    Of the same reward, what fails in fewer ways comes first.

    The verdict comes first: against another topology's textbook design, what meets the spec may
    cost more than the penalty of what fails.
    """
    return (
        not candidate.meets_spec,
        candidate.cost,
        -candidate.reward,
        len(candidate.reasons),
    )


def chosen(spec: Spec, pool: Sequence[Candidate], count: int) -> list[Candidate]:
    """Return what a shortlist shows of a pool, best first; ranks and notes are not set.

    The best of every topology comes before a second one of any, and isolated ones after the others
    where isolation was not asked for.

    Args:
        spec: what was asked.
        pool: judged designs of any topologies, in any order.
        count: most designs to return.
    """
    working = sorted((each for each in pool if each.meets_spec), key=order)
    if not working:
        return _distinct(sorted(pool, key=order))[: min(count, NEAREST)]
    names = list(dict.fromkeys(each.topology for each in working))
    fronts = [_Front.of([each for each in working if each.topology == name]) for name in names]
    fronts.sort(key=lambda front: (_is_late(spec, front.first), order(front.first)))
    shown = [front.first for front in fronts[:count]]
    own = fronts[0].spread(count - len(shown) + 1)
    listed = [own[0], *shown[1:], *own[1:]]
    return sorted(listed, key=lambda each: (_is_late(spec, each), order(each)))


def _is_late(spec: Spec, candidate: Candidate) -> bool:
    """Say whether a design isolates although nobody asked for that."""
    return find_topology(candidate.topology).isolated and not spec.isolated


def _distinct(ordered: Sequence[Candidate]) -> list[Candidate]:
    """Return designs, of those with the same values only the first."""
    first: dict[tuple[str | float, ...], Candidate] = {}
    for each in ordered:
        first.setdefault((each.topology, *each.values.values()), each)
    return list(first.values())


@dataclass(frozen=True)
class _Front:
    """Designs of one topology that none of the others beats, best first.

    Attributes:
        designs: that meet their spec.
        places: logarithms of loss, volume and deviation, shape (n, 3).
        equals: how many designs of the pool are nearly equal to each, itself not among them.
    """

    designs: list[Candidate]
    places: FloatArray
    equals: list[int]

    @classmethod
    def of(cls, working: Sequence[Candidate]) -> "_Front":
        """Sort out what is beaten, and what is nearly equal to a better design."""
        distinct = _distinct(working)
        places = np.array([_place(each) for each in distinct])
        beaten = [_is_beaten(place, places) for place in places]
        kept: list[int] = []
        equals: dict[int, int] = {}
        for row in range(len(distinct)):
            twin = next(
                (k for k in kept if _apart(places[row], places[k]) <= math.log(NEAR) + _ROUNDING),
                None,
            )
            if twin is not None:
                equals[twin] += 1
            elif not beaten[row]:
                kept.append(row)
                equals[row] = 0
        return cls([distinct[k] for k in kept], places[kept], [equals[k] for k in kept])

    @property
    def first(self) -> Candidate:
        """The best design."""
        return self._row(0)

    def spread(self, count: int) -> list[Candidate]:
        """Return the best design, those that excel, then those furthest from all before."""
        worth = [
            k for k, each in enumerate(self.designs) if each.cost <= DEAREST * self.designs[0].cost
        ]
        rows = list(dict.fromkeys([0, *(self._best(key, worth) for key in EXCELS.values())]))
        rows = rows[:count]
        while len(rows) < min(count, len(worth)):
            rest = [k for k in worth if k not in rows]
            rows.append(max(rest, key=lambda k: min(self._distance(k, r) for r in rows)))
        names = {title: self._best(key, rows) for title, key in EXCELS.items()}
        return [
            self._row(k, tuple(title for title, best in names.items() if best == k)) for k in rows
        ]

    def _row(self, row: int, names: tuple[str, ...] = ()) -> Candidate:
        return msgspec.structs.replace(self.designs[row], names=names, equals=self.equals[row])

    def _best(self, key: Callable[[Metrics], float], rows: Sequence[int]) -> int:
        def figure(row: int) -> float:
            metrics = self.designs[row].metrics
            assert metrics is not None, "what meets its spec was solved"
            return key(metrics)

        return min(rows, key=figure)

    def _distance(self, one: int, other: int) -> float:
        return _apart(self.places[one], self.places[other])


def _place(candidate: Candidate) -> list[float]:
    metrics, own = candidate.metrics, Reference.of(candidate)
    assert metrics is not None and own is not None, "what meets its spec was solved"
    deviation = 1.0 if metrics.deviation is None else metrics.deviation
    return [math.log(own.loss[0]), math.log(own.volume[0]), math.log(deviation)]


def _is_beaten(place: FloatArray, places: FloatArray) -> bool:
    """Say whether one of some designs is at least as good in everything and better in something."""
    as_good = (places <= place + _ROUNDING).all(axis=1)
    better = (places < place - _ROUNDING).any(axis=1)
    return bool((as_good & better).any())


def _apart(one: FloatArray, other: FloatArray) -> float:
    """Return the logarithm of the largest ratio between the figures of two designs."""
    return float(np.abs(one - other).max())


def _parts(metrics: Metrics) -> float:
    """Count the capacitors of a design, which are what designs of a topology differ in."""
    return float(sum(_many(text) for text in metrics.banks.values()))


def _many(bank: str) -> int:
    many, times, _ = bank.partition(" x ")
    return int(many) if times else 1


EXCELS: Final[dict[str, Callable[[Metrics], float]]] = {
    "smallest": lambda metrics: metrics.volume or 0.0,
    "most efficient": lambda metrics: metrics.mean_loss or 0.0,
    "best transient": lambda metrics: metrics.deviation or 0.0,
    "lowest ripple": lambda metrics: metrics.ripple,
    "fewest parts": _parts,
}
"""What a design of a shortlist may excel in, and the figure that is least then."""


def told(candidate: Candidate) -> Iterator[str]:
    """Yield what a design is called, for the sentence that stands under it."""
    yield from candidate.names
    if candidate.equals:
        yield f"and {candidate.equals} like it"
