"""The search for a compensator: the fastest loop that holds every limit at every corner.

All shapes of compensators are tried at the highest crossover first, and at lower ones where none of
them holds the limits. The gain of each is set so that the loop crosses over there at its tightest
corner and nowhere faster.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from arcs_engine.circuits.control import Compensator, LoopGoal, TextbookCompensator
from arcs_engine.circuits.control import textbook_compensator as calculate
from arcs_engine.circuits.crossover import Control
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.errors import DesignError
from arcs_engine.performance.loop import Fitting, LoopVerdicts, Plants, judge_loops, plants_at
from arcs_engine.sizing.compensation.modulators import modulators
from arcs_engine.sizing.compensation.problem import LoopProblem
from arcs_engine.sizing.compensation.shapes import MARGIN, Shape, shape_of, shapes

LEVELS: Final = (1.0, 0.92, 0.85, 0.77, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.12, 0.07, 0.04)
"""Shares of the highest crossover that are tried."""

COARSE: Final = 80
"""Frequencies that the search judges at; what it chooses is judged at all."""

_BELOW: Final = 0.98
"""Gain that is aimed at where a loop shall cross over: preferred values may add 1 %."""

_CLOSEST: Final = 6
"""Loops that hold the limits coarsely, the best first, that are judged finely."""


@dataclass(frozen=True)
class Proposal:
    """A judged loop with the calculation of its compensator.

    Attributes:
        found: the verdicts that it is one of.
        row: which.
        made: its compensator.
        deviation: at the load step, of Vout.
        level: share of the highest crossover at which it was found.
    """

    found: LoopVerdicts
    row: int
    made: TextbookCompensator
    deviation: float
    level: float

    @property
    def holds(self) -> bool:
        """Whether it holds all limits."""
        return bool(self.found.holds[self.row])

    @property
    def nearness(self) -> float:
        """How near it comes to holding its limits: its least slack."""
        slacks = [np.min(each[self.row]) for each in self.found.slack.values()]
        return float(np.min(np.nan_to_num(slacks, nan=-np.inf)))


@dataclass
class LoopSearch:
    """The search of one design's loop under one control method.

    Attributes:
        problem: the design.
        method: control method.
        refusals: why compensators could not be calculated, each once.
    """

    problem: LoopProblem
    method: Control
    refusals: dict[str, None] = field(default_factory=dict)

    def best(self) -> Proposal | None:
        """Return the loop with the least deviation, or else the one nearest to its limits.

        None where no compensator could be calculated.
        """
        tried = modulators(self.problem.corners, self.method, self.problem.asked)
        plants = [plants_at(self.problem.corners, each, COARSE) for each in tried]
        levels = LEVELS if self.problem.asked.crossover is None else LEVELS[:1]
        best: Proposal | None = None
        for level in levels:
            found = self._proposal(plants, level)
            if best is not None and best.holds and not _improves(found, best):
                break
            if found is not None and (best is None or _improves(found, best)):
                best = found
        return best

    def _proposal(self, plants: Sequence[Plants], level: float) -> Proposal | None:
        """Return the best loop at a share of the highest crossover."""
        proposals = [each for some in plants for each in self._proposals(some, level)]
        holding = sorted((p for p in proposals if p.holds), key=lambda p: p.deviation)
        for each in holding[:_CLOSEST]:
            fine = self.judged(each)
            if fine.holds:
                return fine
        failing = [p for p in proposals if not p.holds] or holding
        return max(failing, key=lambda p: p.nearness) if failing else None

    def judged(self, coarse: Proposal) -> Proposal:
        """Return a loop judged at all frequencies."""
        plants = plants_at(self.problem.corners, coarse.found.plants.declared)
        found = judge_loops(plants, [coarse.found.fittings[coarse.row]])
        deviation = float(self.problem.deviations(found)[0])
        return Proposal(found, 0, coarse.made, deviation, coarse.level)

    def _proposals(self, plants: Plants, level: float) -> Iterator[Proposal]:
        """Yield the loops of all shapes at a share of the highest crossover."""
        targets = level * self.problem.highest_crossovers
        at_targets = np.abs(plants.at(targets))
        if not np.isfinite(at_targets).all():
            return
        for kind in self.problem.kinds_for(self.method):
            tried = self._shapes(plants, kind, targets)
            gains = [1 / np.max(at_targets * shape.gain(targets)) for shape in tried]
            first = self._made(tried, gains)
            if not first:
                continue
            gained = _gains_at(targets, judge_loops(plants, [each for _, _, each in first]))
            tuned = [gain / each for (_, gain, _), each in zip(first, gained, strict=True)]
            second = self._made([shape for shape, _, _ in first], tuned)
            if second:
                yield from self._judged(plants, second, level)

    def _judged(self, plants: Plants, made: Sequence["_Made"], level: float) -> Iterator[Proposal]:
        found = judge_loops(plants, [each for _, _, each in made])
        deviations = self.problem.deviations(found)
        for row, (shape, gain, _) in enumerate(made):
            calculated = calculate([shape.kind], shape.goal(gain), self.problem.divider)
            yield Proposal(found, row, calculated, float(deviations[row]), level)

    def _shapes(self, plants: Plants, kind: Compensator, targets: FloatArray) -> list[Shape]:
        """Return the textbook compensator's shape, where it has one, and the others."""
        responses = plants.at(targets)
        tightest = int(np.argmax(np.abs(responses)))
        goal = LoopGoal(float(targets[tightest]), MARGIN, complex(responses[tightest]))
        others = shapes(self.problem.corners, self.method, [kind], targets)
        return [shape_of(kind, goal), *others] if goal.boost <= kind.most_boost else others

    def _made(self, tried: Sequence[Shape], gains: Sequence[float]) -> list["_Made"]:
        """Return those shapes whose parts can be bought, with their gain."""
        made: list[_Made] = []
        for shape, gain in zip(tried, gains, strict=True):
            try:
                found = calculate([shape.kind], shape.goal(gain), self.problem.divider)
            except DesignError as error:
                self.refusals[str(error)] = None
                continue
            values = found.values | self.problem.asked.parts
            made.append((shape, gain, Fitting(found.compensator, values)))
        return made


def _improves(found: Proposal | None, on: Proposal) -> bool:
    """Say whether a loop is better: it holds the limits and strays less, or comes nearer."""
    if found is None or found.holds != on.holds:
        return found is not None and found.holds
    return found.deviation < on.deviation if on.holds else found.nearness > on.nearness


_Made = tuple[Shape, float, Fitting]


def _gains_at(targets: FloatArray, found: LoopVerdicts) -> FloatArray:
    """Return the largest gain of each loop where it shall cross over, over the one aimed at.

    Args:
        targets: Hz, shape (corners,).
        found: the loops.
    """
    frequencies = found.plants.frequencies
    places = np.arange(found.gain.shape[1])
    wanted = targets[places % len(targets)]
    upper = np.clip(np.searchsorted(frequencies, wanted), 1, len(frequencies) - 1)
    share = np.log(wanted / frequencies[upper - 1])
    share /= np.log(frequencies[upper] / frequencies[upper - 1])

    def largest(gain: FloatArray) -> FloatArray:
        before, after = np.log(gain[:, places, upper - 1]), np.log(gain[:, places, upper])
        return np.asarray(np.exp(np.max(before + share * (after - before), axis=1)))

    analysed, sampled = largest(np.abs(found.gain)), largest(np.abs(found.sampled_gain))
    found_gain = np.fmax(analysed, sampled) / _BELOW
    return np.where(np.isfinite(found_gain), found_gain, 1.0)
