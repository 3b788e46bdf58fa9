"""The loop of a design, proposed or as the user gave it, with the judge's word on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.circuits.control import METHODS, Compensator, ControlSpec
from arcs_engine.circuits.crossover import FASTEST_SHARE, ZERO_SHARE, Control
from arcs_engine.foundation.errors import DesignError
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.design import Designs
from arcs_engine.performance.limits import is_within, too_far
from arcs_engine.performance.loop import Fitting, JudgedLoop, LoopVerdicts, judge_loops, plants_at
from arcs_engine.performance.loop.answer import corners_of, modulator_of
from arcs_engine.sizing.compensation.modulators import modulators
from arcs_engine.sizing.compensation.problem import LoopProblem
from arcs_engine.sizing.compensation.search import LoopSearch, Proposal

_OPEN: Final = ControlSpec()


@dataclass(frozen=True, eq=False)
class FoundLoop:
    """A loop with what the judge has looked at.

    Attributes:
        judged: what is said of it.
        verdicts: its curves at every corner, those of one fitting.
    """

    judged: JudgedLoop
    verdicts: LoopVerdicts


def propose_loop(designs: Designs, asked: ControlSpec = _OPEN) -> JudgedLoop:
    """Propose the loop of a design; see `find_loop`."""
    return find_loop(designs, asked).judged


def find_loop(designs: Designs, asked: ControlSpec = _OPEN) -> FoundLoop:
    """Find the loop of a design: the one that strays least at the spec's load step.

    Where no loop holds the limits, the answer is the one that comes nearest, and its reasons say
    what stands in the way.

    Args:
        designs: one, regulated.
        asked: what the user gave.

    Raises:
        DesignError: something that was asked for cannot be, or no compensator can be calculated.
        InfeasibleError: some corner has no operating point.
    """
    topology = designs.topology
    asked.check(topology)
    problem = LoopProblem(designs, asked)
    _check_crossover(asked.crossover, float(designs.specs.fsw[0]))
    _check_parts(problem.kinds, asked.parts)
    if given := _given(problem.kinds, asked.parts):
        return _judge(problem, given)
    best = _best(problem)
    return FoundLoop(_answer(problem, best), best.found)


def _best(problem: LoopProblem) -> Proposal:
    """Return the best loop of the control methods, the usual one first.

    Another method is tried where no loop of the first one holds the limits, or where the output
    strays by more than the spec allows; behind an optocoupler no method mends that.
    """
    found: list[Proposal] = []
    refusals: dict[str, None] = {}
    for method in problem.asked.methods(problem.designs.topology):
        search = LoopSearch(problem, method)
        best = search.best()
        refusals |= search.refusals
        if best is not None:
            found.append(best if best.holds else search.judged(best))
            steady = is_within(best.deviation, problem.designs.specs.deviation).all()
            if best.holds and (steady or problem.designs.topology.isolated):
                return best
    if not found:
        raise DesignError(next(iter(refusals), "No loop of this design crosses over."))
    return max(found, key=lambda each: (each.holds, -each.deviation if each.holds else 0.0))


def judge_given(designs: Designs, given: Fitting, asked: ControlSpec) -> JudgedLoop:
    """Judge a compensator all of whose parts are given.

    Args:
        designs: one, regulated.
        given: the compensator.
        asked: the modulator; its first suitable method counts.

    Raises:
        DesignError: something that was asked for cannot be.
        InfeasibleError: some corner has no operating point.
    """
    asked.check(designs.topology)
    return _judge(LoopProblem(designs, asked), given).judged


def _judge(problem: LoopProblem, given: Fitting) -> FoundLoop:
    """Judge a compensator round a design, under the first suitable method."""
    method = problem.asked.methods(problem.designs.topology)[0]
    modulator = modulators(problem.corners, method, problem.asked)[0]
    found = judge_loops(plants_at(problem.corners, modulator), [given])
    return FoundLoop(_judged(problem, found, ("All parts of the compensator are given.",)), found)


def _answer(problem: LoopProblem, found: Proposal) -> JudgedLoop:
    """Return a proposal with its calculation."""
    highest = float(problem.highest_crossovers.min())
    zeros = found.made.compensator.corners(found.found.fittings[found.row].values).zeros
    lines = (
        f"highest crossover that is tried: {format_quantity(highest, 'Hz')} at the slowest corner, "
        f"fs / {problem.corners.fsw / highest:.3g}; the loop takes {found.level:.0%} of it",
        f"zeros at {', '.join(format_quantity(zero, 'Hz', 3) for zero in zeros)}; in what follows "
        "fc is the centre of zeros and poles, and plant the inverse of the gain there",
        *found.made.explain(),
    )
    judged = _judged(problem, found.found, lines)
    if judged.holds:
        return judged
    return msgspec.structs.replace(judged, reasons=(*judged.reasons, *_obstacles(problem)))


def _obstacles(problem: LoopProblem) -> Iterator[str]:
    """Yield what of the power stage stands in the way of a loop, a sentence each."""
    corners = problem.corners
    zero, resonance = (
        float(np.min(each)) for each in (corners.right_half_plane_zero, corners.stage.resonance)
    )
    if np.isfinite(resonance):
        yield (
            "The coupling capacitor resonates with both inductors at "
            f"{format_quantity(resonance, 'Hz', 3)}; a resistor and a capacitor across it, or both "
            "windings on one core, damp that."
        )
    if np.isfinite(zero):
        yield (
            f"The right-half-plane zero at {format_quantity(zero, 'Hz', 3)} allows a crossover of "
            f"{format_quantity(zero / ZERO_SHARE, 'Hz', 3)} at most; less inductance moves it up."
        )


def _judged(problem: LoopProblem, found: LoopVerdicts, why: tuple[str, ...]) -> JudgedLoop:
    fitting, method = found.fittings[0], found.plants.declared.control
    deviation = float(problem.deviations(found)[0])
    return JudgedLoop(
        modulator=modulator_of(found),
        compensator=fitting.compensator.name,
        parts=dict(fitting.values),
        reference=problem.divider.reference,
        corners=corners_of(found, 0),
        worst=int(found.worst[0]),
        holds=bool(found.holds[0]),
        reasons=found.reasons(0),
        deviation=deviation if np.isfinite(deviation) else None,
        warnings=_warnings(problem, method, deviation),
        why=why,
    )


def _warnings(problem: LoopProblem, method: Control, deviation: float) -> tuple[str, ...]:
    """Say what holds the limits but needs care."""
    topology, allowed = problem.designs.topology, float(problem.designs.specs.deviation[0])
    sentences = []
    if not is_within(deviation, allowed):
        sentences.append(f"With the crossover at its slowest corner: {too_far(deviation, allowed)}")
    if method == METHODS[topology.loop].default and (caution := METHODS[topology.loop].caution):
        sentences.append(caution)
    return tuple(sentences)


def _check_crossover(crossover: float | None, fsw: float) -> None:
    """Raise `DesignError` for a crossover beyond what one value per period can tell."""
    if crossover is not None and crossover >= fsw / 2:
        raise DesignError(
            f"The crossover of {format_quantity(crossover, 'Hz')} lies above half the switching "
            f"frequency, {format_quantity(fsw / 2, 'Hz')}; choose "
            f"{format_quantity(fsw / FASTEST_SHARE, 'Hz', 3)} or less."
        )


def _check_parts(kinds: tuple[Compensator, ...], parts: Mapping[str, float]) -> None:
    """Raise `DesignError` for a part that no compensator to choose from has."""
    known = list(dict.fromkeys(part.name for kind in kinds for part in kind.parts))
    for name in parts:
        if name not in known:
            raise DesignError(f"There is no part '{name}'; there are {', '.join(known)}.")


def _given(kinds: tuple[Compensator, ...], parts: Mapping[str, float]) -> Fitting | None:
    """Return the compensator all of whose parts are given, None where there is none."""
    for kind in kinds:
        names = {part.name for part in kind.parts}
        if parts and names - kind.optional <= set(parts) <= names:
            return Fitting(kind, parts)
    return None
