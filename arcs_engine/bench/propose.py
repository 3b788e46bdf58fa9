"""``arcs bench propose``: from a spec to ranked designs, beside one ngspice run from rest."""

import time
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from arcs_engine.bench.physics import LONGEST_START, run_from_rest, settling_periods
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.learning.model_evaluation.methods import Sampling
from arcs_engine.learning.model_evaluation.tasks import Task, draw
from arcs_engine.model.model import load
from arcs_engine.model.request import Draw
from arcs_engine.performance.design import Design
from arcs_engine.performance.operating_point import operating_state
from arcs_engine.sizing.proposal import Proposer
from arcs_engine.sizing.search.ledger import Ledger
from arcs_engine.sizing.search.local import LocalSearch
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.trials import Trials

SAMPLES: Final = 32
_EACH: Final = 10
"""Specs of each topology."""


class ProposeBench(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of ``arcs bench propose``; times in ms on warm files, models and kernels.

    In the names of fields, which stay for those who read them, *polish* is the local search.

    Attributes:
        seed: of specs and samples.
        specs: how many.
        p50_ms: 32 designs sampled, solved at their corners and ranked; median.
        p95_ms: the same, 95th percentile.
        polished_p50_ms: with a local search from the best of them.
        polished_p95_ms: the same, 95th percentile.
        shortlist_p50_ms: what ``arcs design`` and the window do: 48 samples, local search, corners
            and boundary loads, eight distinct designs.
        shortlist_p95_ms: the same, 95th percentile.
        polish_ms: median by topology of the local search from the textbook design to its end.
        ngspice_cold_s: median of one ngspice run from rest to the steady state of each spec's
            textbook design, where that settles soon enough to be waited for.
        ngspice_runs: how many those were.
        ratio: that time over `polished_p50_ms`.
    """

    seed: int
    specs: int
    p50_ms: float
    p95_ms: float
    polished_p50_ms: float
    polished_p95_ms: float
    shortlist_p50_ms: float
    shortlist_p95_ms: float
    polish_ms: dict[str, float]
    ngspice_cold_s: float
    ngspice_runs: int
    ratio: float


def bench_propose(*, seed: int, control: Control) -> ProposeBench:
    """Measure proposals of the shipped model on fresh specs of the topologies that it knows.

    Raises:
        ModelError: there is no shipped model.
        SpiceNotFoundError: there is no ngspice.
    """
    model = load()
    tasks = [t for t in draw("C", _EACH, seed) if t.spec.topology in model.card.topologies]
    plain = Sampling(model, SAMPLES, Draw(seed=seed))
    improved = Sampling(model, SAMPLES, Draw(seed=seed), improved=True)
    proposer = Proposer(model)
    times: dict[str, list[float]] = {"plain": [], "improved": [], "shortlist": []}
    searches: dict[str, list[float]] = {}
    for number, task in enumerate(tasks):
        control.progress(number / len(tasks), f"Proposing for {task.name}")
        if number % _EACH == 0:  # the first of a topology loads its kernels
            proposer.propose(task.spec, seed=seed)
        times["plain"].append(_only(plain.answer([task], control)[0].seconds))
        times["improved"].append(_only(improved.answer([task], control)[0].seconds))
        began = time.perf_counter()
        proposer.propose(task.spec, seed=seed)
        times["shortlist"].append(time.perf_counter() - began)
        searches.setdefault(task.spec.topology, []).append(_search_seconds(task))
    cold = _cold_starts(tasks, control)
    figures = {name: np.percentile(np.array(t) * 1e3, [50, 95]) for name, t in times.items()}
    slowest = float(np.median(cold)) if cold else float("nan")
    return ProposeBench(
        seed=seed,
        specs=len(tasks),
        p50_ms=float(figures["plain"][0]),
        p95_ms=float(figures["plain"][1]),
        polished_p50_ms=float(figures["improved"][0]),
        polished_p95_ms=float(figures["improved"][1]),
        shortlist_p50_ms=float(figures["shortlist"][0]),
        shortlist_p95_ms=float(figures["shortlist"][1]),
        polish_ms={name: float(np.median(t)) * 1e3 for name, t in searches.items()},
        ngspice_cold_s=slowest,
        ngspice_runs=len(cold),
        ratio=slowest * 1e3 / float(figures["improved"][0]),
    )


def _search_seconds(task: Task) -> float:
    """Return the time of the local search from one spec's textbook design, s."""
    problems = Problems.of(task.topology, [task.spec])
    began = time.perf_counter()
    LocalSearch(Ledger(problems)).run(Trials.of_one(problems.textbook()))
    return time.perf_counter() - began


def _only(seconds: float | None) -> float:
    assert seconds is not None, "a model answers specs one by one"
    return seconds


def _cold_starts(tasks: Sequence[Task], control: Control) -> list[float]:
    """Return the times of ngspice runs from rest, s, of one textbook design for each topology."""
    seconds = []
    for task in tasks[::_EACH]:
        control.progress(1.0, f"Timing ngspice from rest: {task.name}")
        values = task.topology.textbook(SpecBatch.of([task.spec])).values
        try:
            state = operating_state(Design(task.spec, {n: float(v[0]) for n, v in values.items()}))
        except ArcsError:
            continue  # this textbook design has no operating point
        periods = settling_periods(state)
        if periods <= LONGEST_START:
            seconds.append(run_from_rest(state, periods, control))
    return seconds


def markdown(found: ProposeBench) -> str:
    """Return the figures as a Markdown table."""
    rows = [
        (f"{SAMPLES} designs sampled, solved, ranked", found.p50_ms, found.p95_ms),
        ("and a local search from the best", found.polished_p50_ms, found.polished_p95_ms),
        ("a whole shortlist", found.shortlist_p50_ms, found.shortlist_p95_ms),
    ]
    lines = [f"Seed {found.seed}, {found.specs} specs.", "", "| | p50 | p95 |", "|---|---|---|"]
    lines += [f"| {name} | {p50:.0f} ms | {p95:.0f} ms |" for name, p50, p95 in rows]
    searches = ", ".join(f"{name} {each:.0f} ms" for name, each in found.polish_ms.items())
    lines += [
        "",
        f"One local search from a textbook design to its end, median: {searches}.",
        "",
        f"One ngspice run from rest takes {found.ngspice_cold_s:.2f} s (median of "
        f"{found.ngspice_runs} textbook designs), {found.ratio:.0f} times as long as "
        f"{SAMPLES} designs sampled, solved and ranked, with a local search from the best.",
        "",
    ]
    return "\n".join(lines)
