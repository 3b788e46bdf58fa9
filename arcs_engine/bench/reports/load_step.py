"""The closed form of the load step beside exact loops: ``-m arcs_engine.bench.reports.load_step``.

Random power stages with the best compensator of a small search, all in peak current mode; the load
is a constant current that steps both ways, at three inputs.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.analysis.regulation import operating_point
from arcs_engine.bench.trial_loops import TrialLoop, best_loops, corners_of
from arcs_engine.circuits.crossover import within_limits
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.learning.datasets.specs import REAL_WORK, draw
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.transient import deviation
from arcs_engine.simulation.closed_loop import ClosedLoop, Condition, OperatingPoint, Stretch
from arcs_engine.simulation.steady import solve

SEED: Final = 20271
COUNT: Final = 100
TARGETS: Final = (0.03, 0.05, 0.08, 0.1)
"""Deviations allowed, of Vout, for which the closed form says met or not."""

_CERAMIC, _POLYMER, _ELECTROLYTIC = (0.05e-6, 0.4e-6), (1e-6, 6e-6), (10e-6, 50e-6)
_KINDS: Final = (_CERAMIC, _POLYMER, _ELECTROLYTIC)
"""Time constants of output capacitors, s."""
_KIND_SHARES: Final = (0.6, 0.25, 0.15)
_DEVIATIONS: Final = (0.007, 0.15)
_INDUCTANCES: Final = (0.7, 1.6)
"""Over those of the textbook."""
_LEAD: Final = 3
_HELD: Final = 1e6
_TRIED: Final = 6
"""Accepted compensators of which the one with the least deviation is taken."""


@dataclass(frozen=True)
class Comparison:
    """One stage.

    Attributes:
        closed_form: deviation, of Vout.
        exact: the same of the exact loop, worst of inputs and directions.
        share: of the highest crossover that the compensator reaches.
        within: whether the closed form claims to hold.
        from_gaps: whether the lighter load conducts discontinuously.
    """

    closed_form: float
    exact: float
    share: float
    within: bool
    from_gaps: bool


def stages(topology: Topology, count: int) -> Iterator[Design]:
    """Yield random stages: a textbook design with another inductance and output capacitor."""
    rng = np.random.default_rng(SEED)
    found = 0
    while found < count:
        (spec,) = draw(topology, 1, rng, REAL_WORK)
        spec = msgspec.structs.replace(spec, load_step=(0.5, 1.0))
        values = topology.textbook(SpecBatch.of([spec])).values
        plain = {name: float(value[0]) for name, value in values.items()}
        spread = rng.uniform(*_INDUCTANCES)
        plain |= {name: spread * plain[name] for name in ("L1", "L2", "T1_lm") if name in plain}
        wanted = float(np.exp(rng.uniform(*np.log(_DEVIATIONS))))
        constant = float(np.exp(rng.uniform(*np.log(_KINDS[rng.choice(3, p=_KIND_SHARES)]))))
        now = _closed_form(Design(spec, plain), False)
        plain["Cout"] *= min(max(now / wanted, 0.05), 20.0)
        plain["Cout_esr"] = constant / plain["Cout"]
        design = Design(spec, plain)
        if evaluate(design).metrics is not None:
            found += 1
            yield design


def compared(design: Design) -> Comparison | None:
    """Compare a stage; None where no compensator was found or a corner has no steady state."""
    corners = corners_of(design)
    found = [] if corners is None else list(best_loops(corners))[:_TRIED]
    if corners is None or not found:
        return None
    exact = min(worst_deviation(design, each) for each in found)
    gaps = _idles(design)
    return Comparison(
        closed_form=_closed_form(design, gaps),
        exact=exact / design.spec.vout,
        share=found[0].share,
        within=_within(design),
        from_gaps=gaps,
    )


def worst_deviation(design: Design, trial: TrialLoop) -> float:
    """Return the largest deviation of an exact loop over inputs and directions, V."""
    spec, worst = design.spec, 0.0
    for vin in (spec.vin_min, spec.vin, spec.vin_max):
        for shares in (spec.load_step, spec.load_step[::-1]):
            worst = max(worst, _stepped(design, trial, vin, shares))
    return worst


def _stepped(design: Design, trial: TrialLoop, vin: float, shares: tuple[float, float]) -> float:
    point = operating_point(design, vin, shares[0])
    loop = ClosedLoop(point, trial.regulator)
    spec = design.spec
    before, after = (
        Condition(vin, _HELD * spec.vout / spec.iout, share * spec.iout) for share in shares
    )
    follows = round(min(max(4 * spec.fsw / trial.crossover, 50), 2500))
    answer = loop.run(loop.orbit(before), [Stretch(before, _LEAD), Stretch(after, follows)])
    begin, end = _LEAD / spec.fsw, (_LEAD + follows) / spec.fsw
    return answer.step_figures(begin, end, spec.vout).deviation


def _closed_form(design: Design, from_gaps: bool) -> float:
    return float(deviation(Designs.stacked([design]), np.array([from_gaps]))[0])


def _idles(design: Design) -> bool:
    """Return whether the stage rests within a period before the step, at any input."""
    spec = design.spec
    for vin in (spec.vin_min, spec.vin, spec.vin_max):
        point: OperatingPoint = operating_point(design, vin, min(spec.load_step))
        columns = {name: np.array([value]) for name, value in point.parameters.items()}
        found = solve(design.topology, columns, np.array([spec.fsw]), vout=np.array([spec.vout]))
        if found.idle[0] > 0:
            return True
    return False


def _within(design: Design) -> bool:
    designs = Designs.stacked([design])
    stage = design.topology.stage(designs.parameters, designs.specs)
    held = within_limits(
        design.topology.loop,
        "current",
        stage,
        designs.parameters["Cout"],
        designs.parameters["Cout_esr"],
    )
    return bool(np.ravel(held)[0])


def table(names: list[str], count: int) -> Iterator[str]:
    """Yield the comparison, in Markdown, line by line."""
    head = (
        "topology",
        "stages",
        "with a compensator",
        "within limits",
        "exact / closed form p1, p50, p95, max",
        "within 20 %",
        "low by over 10 %",
        "wrong met of met",
        "median share of the cap",
    )
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join(['---'] * len(head))} |"
    for name in names:
        found = []
        for design in stages(REGISTRY[name], count):
            try:
                each = compared(design)
            except ArcsError as error:
                sys.stderr.write(f"{name} {error}\n")
                continue
            if each is not None:
                found.append(each)
                sys.stderr.write(f"{name} {each} {design.spec} {design.values}\n")
        yield f"| {name} | {count} | {len(found)} | {' | '.join(_row(found))} |"


def _row(found: list[Comparison]) -> Iterator[str]:
    held = [each for each in found if each.within]
    ratio = np.array([each.exact / each.closed_form for each in held])
    yield str(len(held))
    if not held:
        return
    places = [*np.percentile(ratio, [1, 50, 95]), ratio.max()]
    yield ", ".join(f"{place:.2f}" for place in places)
    yield f"{np.mean(np.abs(ratio - 1) <= 0.2):.0%}"
    yield str(int(np.sum(ratio > 1.1)))
    met = [(t, each) for t in TARGETS for each in held if each.closed_form <= t]
    yield f"{sum(each.exact > 1.1 * t for t, each in met)} of {len(met)}"
    yield f"{np.median([each.share for each in held]):.2f}"


def main() -> int:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(REGISTRY))
    parser.add_argument("--count", type=int, default=COUNT)
    asked = parser.parse_args()
    for line in table(asked.names, asked.count):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
