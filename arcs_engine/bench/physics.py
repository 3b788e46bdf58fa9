"""``arcs bench physics``: the solver's speed and its agreement with ngspice, in one run."""

import time
from typing import Final

import msgspec
import numpy as np

from arcs_engine.bench.agreement import (
    EFFICIENCY_LIMIT,
    RIPPLE_FLOOR,
    RIPPLE_LIMIT,
    VOUT_LIMIT,
    Agreement,
    agreement,
)
from arcs_engine.bench.designs import RandomDesigns, random_designs
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.learning.datasets.specs import WIDE, Track
from arcs_engine.performance.physics_hash import physics_hash
from arcs_engine.simulation.netlist import Converter, Deck
from arcs_engine.simulation.ngspice import run
from arcs_engine.simulation.steady import SteadyState, solve

BATCH: Final = 2000
LARGE: Final = 8
"""Batches in the large one that shows how time grows."""

SINGLES: Final = 100
_SETTLED: Final = 1e-3
"""A cold start has settled when its slowest transient has fallen to this share."""

LONGEST_START: Final = 3000
"""Periods beyond which a cold start is not worth the wait."""


class Throughput(msgspec.Struct, frozen=True, kw_only=True):
    """Designs per second with metrics, on all cores: at a given duty, and with the duty solved."""

    given_duty: float
    solved_duty: float


class PhysicsBench(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of ``arcs bench physics``.

    Attributes:
        seed: of all draws.
        physics_hash: of the engine.
        designs_per_second: by topology, and ``all``: total designs over total time for equal
            counts of each.
        batch_growth: time a design in a batch `LARGE` times as large, over that in one of `BATCH`:
            1 where time is linear in the batch. Of the first topology, with the duty solved.
        single_ms: 95th percentile of one design, duty and metrics, ms.
        ngspice_cold_s: wall-clock time of one ngspice run of the first topology's first random
            design that settles from rest, until it has settled.
        ratio_batch: designs that the solver does while ngspice does that one.
        ratio_single: that run over `single_ms`.
        agreement: by topology.
    """

    seed: int
    physics_hash: str
    designs_per_second: dict[str, Throughput]
    batch_growth: float
    single_ms: float
    ngspice_cold_s: float
    ratio_batch: float
    ratio_single: float
    agreement: dict[str, Agreement]


def bench_physics(
    *, designs: int, seed: int, control: Control, track: Track = WIDE
) -> PhysicsBench:
    """Measure speed and agreement.

    Args:
        designs: how many random designs of each topology are compared with ngspice.
        seed: the same seed draws the same designs.
        control: for progress and cancel.
        track: of the specs of those designs; the speed is always that on track C.

    Raises:
        SpiceNotFoundError: there is no ngspice.
        Cancelled: the control asked for a stop.
    """
    drawn = {
        name: random_designs(topology, BATCH, np.random.default_rng(seed))
        for name, topology in REGISTRY.items()
    }
    control.progress(0.0, "Timing the solver")
    seconds = {name: _batch_seconds(d) for name, d in drawn.items()}
    given = sum(times[0] for times in seconds.values()) / len(drawn)
    solved = sum(times[1] for times in seconds.values()) / len(drawn)
    seconds["all"] = (given, solved)
    throughput = {
        name: Throughput(given_duty=BATCH / given, solved_duty=BATCH / solved)
        for name, (given, solved) in seconds.items()
    }
    single = float(np.quantile([s for d in drawn.values() for s in _single_seconds(d)], 0.95))
    control.progress(0.0, "Timing ngspice from rest")
    cold = _cold_start_seconds(next(iter(drawn.values())), control)
    return PhysicsBench(
        seed=seed,
        physics_hash=physics_hash(),
        designs_per_second=throughput,
        batch_growth=_batch_growth(next(iter(drawn.values()))),
        single_ms=single * 1e3,
        ngspice_cold_s=cold,
        ratio_batch=cold * throughput["all"].solved_duty,
        ratio_single=cold / single,
        agreement={
            name: agreement(topology, designs, seed, control, track)
            for name, topology in REGISTRY.items()
        },
    )


def _batch_growth(drawn: RandomDesigns) -> float:
    """Return the time a design in a large batch over that in a batch of `BATCH`."""
    (_, small), (_, large) = (_batch_seconds(drawn, n * BATCH) for n in (1, LARGE))
    return large / (LARGE * small)


def _batch_seconds(drawn: RandomDesigns, count: int = BATCH) -> tuple[float, float]:
    """Return the time of feasible designs in one batch, s: at a given duty, with the duty solved.

    Where fewer than `count` were drawn, they come again.
    """
    feasible = np.flatnonzero(drawn.solved().solved)
    chosen = drawn.take(np.resize(feasible, count))
    began = time.perf_counter()
    batch = chosen.solved()
    middle = time.perf_counter()
    solve(chosen.topology, chosen.parameters, chosen.batch.fsw, duty=batch.duty)
    return time.perf_counter() - middle, middle - began


def _single_seconds(drawn: RandomDesigns) -> list[float]:
    """Return the time of one design at a time, s."""
    times = []
    for place in np.flatnonzero(drawn.solved().solved)[:SINGLES].tolist():
        one = drawn.take(np.array([place]))
        began = time.perf_counter()
        one.solved()
        times.append(time.perf_counter() - began)
    return times


def _cold_start_seconds(drawn: RandomDesigns, control: Control) -> float:
    """Return the time of an ngspice run from rest to the steady state, s."""
    for place in np.flatnonzero(drawn.solved().solved).tolist():
        state = drawn.design(place).state()
        periods = settling_periods(state)
        if periods <= LONGEST_START:
            return run_from_rest(state, periods, control)
    return float("nan")


def settling_periods(state: SteadyState) -> int:
    """Return after how many periods the slowest transient has all but gone."""
    slowest = float(np.max(np.abs(np.linalg.eigvals(state.jacobian))))
    if slowest >= 1:
        return LONGEST_START + 1
    return int(np.ceil(np.log(_SETTLED) / np.log(max(slowest, 1e-6))))


def run_from_rest(state: SteadyState, periods: int, control: Control) -> float:
    """Return the wall-clock time of an ngspice run from rest over so many periods, s."""
    title = f"{state.topology.title} from rest"
    text = Deck(Converter.at_rest(state), title, periods, measures=False).text()
    began = time.perf_counter()
    run(text, timeout=300, control=control)
    return time.perf_counter() - began


def markdown(bench: PhysicsBench) -> str:
    """Return the figures as Markdown tables."""
    lines = [
        f"Seed {bench.seed}, physics {bench.physics_hash}.",
        "",
        "| topology | designs | DCM | not judged | Vout | efficiency | ripple "
        "| Vout p99 | efficiency p99 | ripple p99 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, a in bench.agreement.items():
        lines.append(
            f"| {name} | {a.designs} | {a.dcm:.0%} | {a.unjudged} | {a.vout:.1%} | "
            f"{a.efficiency:.1%} | {a.ripple:.1%} | {a.vout_p99:.3%} | "
            f"{a.efficiency_p99 * 100:.3f} points | {a.ripple_p99:.2%} |"
        )
    lines += [
        "",
        f"Shares within {VOUT_LIMIT:.1%} (Vout), {EFFICIENCY_LIMIT * 100:g} points (efficiency) "
        f"and {RIPPLE_LIMIT:.0%} or {RIPPLE_FLOOR:.2%} of Vout (ripple).",
        "",
        "| topology | designs/s, duty given | designs/s, duty solved |",
        "|---|---|---|",
    ]
    for name, speed in bench.designs_per_second.items():
        lines.append(f"| {name} | {speed.given_duty:,.0f} | {speed.solved_duty:,.0f} |")
    lines += [
        "",
        f"A design in a batch of {LARGE * BATCH:,} takes {bench.batch_growth:.2f} times as long as "
        f"in one of {BATCH:,}.",
        "",
        f"One design at a time: {bench.single_ms:.2f} ms (95th percentile). One ngspice run from "
        f"rest: {bench.ngspice_cold_s:.2f} s, the time of {bench.ratio_batch:,.0f} designs in a "
        f"batch or {bench.ratio_single:,.0f} one by one.",
        "",
    ]
    for name, a in bench.agreement.items():
        worst = ", ".join(f"{q} {v:.3%} (design {i})" for q, (v, i) in a.worst.items())
        lines.append(f"Worst {name}: {worst}.")
        lines += [f"Not judged, {name}: {problem}" for problem in a.problems]
    return "\n".join([*lines, ""])
