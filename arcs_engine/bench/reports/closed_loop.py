"""Exact closed loops beside ngspice: ``python -m arcs_engine.bench.reports.closed_loop``.

Textbook power stages of random specs, each with its textbook compensator, through a step of the
load, a step of the input and a start.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from arcs_engine.analysis.closed_loop import Disturbance, Proof, plan, prove
from arcs_engine.analysis.regulation import Regulation, textbook_regulation
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import ArcsError, DesignError, SpiceError
from arcs_engine.learning.datasets.specs import REAL_WORK, draw
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.design import Design

SEED: Final = 20270
COUNT: Final = 20

_HEAD: Final = (
    "topology",
    "disturbance",
    "no compensator",
    "no orbit",
    "ngspice fails",
    "run",
    "agree",
    "p95 distance / allowed",
    "median ngspice s",
)


@dataclass(frozen=True)
class Trial:
    """What became of one design under one disturbance.

    Attributes:
        outcome: ``agrees``, ``differs``, ``no compensator``, ``no orbit`` or ``ngspice fails``.
        proof: where both runs are there.
        reason: why not, else.
    """

    outcome: str
    proof: Proof | None = None
    reason: str = ""


def stages(topology: Topology, count: int) -> Iterator[Design]:
    """Yield textbook designs of random specs that have an operating point."""
    rng = np.random.default_rng(SEED)
    found = 0
    while found < count:
        (spec,) = draw(topology, 1, rng, REAL_WORK)
        values = topology.textbook(SpecBatch.of([spec])).values
        design = Design(spec, {name: float(value[0]) for name, value in values.items()})
        if evaluate(design).metrics is not None:
            found += 1
            yield design


def disturbances(spec: Spec) -> tuple[Disturbance, ...]:
    """Return what a design is put through."""
    before, after = spec.load_step
    return (
        Disturbance("load-step", before, after),
        Disturbance("line-step", spec.vin_min, spec.vin_max),
        Disturbance("start-up"),
    )


def tried(design: Design, disturbance: Disturbance) -> Trial:
    """Put a design through a disturbance, exactly and in ngspice."""
    try:
        regulation: Regulation = textbook_regulation(design)
    except DesignError as error:
        return Trial("no compensator", reason=str(error))
    try:
        proof = prove(plan(design, regulation, disturbance))
    except SpiceError as error:
        return Trial("ngspice fails", reason=str(error))
    except ArcsError as error:
        return Trial("no orbit", reason=str(error))
    return Trial("agrees" if proof.agrees else "differs", proof)


def agreement(names: list[str], count: int) -> Iterator[str]:
    """Yield the table of the agreement, in Markdown, line by line."""
    yield f"| {' | '.join(_HEAD)} |"
    yield f"| {' | '.join(['---'] * len(_HEAD))} |"
    for name in names:
        designs = list(stages(REGISTRY[name], count))
        for place in range(3):
            trials = [tried(design, disturbances(design.spec)[place]) for design in designs]
            kind = disturbances(designs[0].spec)[place].kind
            yield f"| {name} | {kind} | {' | '.join(_row(trials))} |"
            for design, trial in zip(designs, trials, strict=True):
                if trial.outcome != "agrees":
                    note = trial.reason or _distance(trial.proof)
                    sys.stderr.write(f"{name} {kind} {trial.outcome} {note} {design.spec}\n")


def _row(trials: list[Trial]) -> Iterator[str]:
    count = {word: sum(t.outcome == word for t in trials) for word in (*_HEAD, "agrees", "differs")}
    for word in ("no compensator", "no orbit", "ngspice fails"):
        yield str(count[word])
    proofs = [t.proof for t in trials if t.proof is not None]
    yield str(len(proofs))
    yield f"{count['agrees'] / max(len(proofs), 1):.0%}"
    yield f"{np.percentile([p.distance / p.allowed for p in proofs], 95):.2f}" if proofs else ""
    yield f"{np.median([p.seconds for p in proofs]):.1f}" if proofs else ""


def _distance(proof: Proof | None) -> str:
    return "" if proof is None else f"{proof.distance:.3g} V of {proof.allowed:.3g} V allowed"


def main() -> int:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(REGISTRY))
    parser.add_argument("--count", type=int, default=COUNT)
    asked = parser.parse_args()
    for line in agreement(asked.names, asked.count):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
