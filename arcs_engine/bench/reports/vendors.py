"""Vendors' own designs before the judge: ``python -m arcs_engine.bench.reports.vendors``.

An objective is right where what experienced people built costs little more than its own best
design, and where that one looks like theirs.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.bench.published import Design, vendor_designs
from arcs_engine.bench.restated import Restated, restated
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.cost import Reference
from arcs_engine.performance.metrics import Metrics
from arcs_engine.performance.references import textbook_reference
from arcs_engine.sizing.problem import Problem
from arcs_engine.sizing.proposal import Proposer

_FREE: Final = "Q1_rds_on"
"""Vendors' switches are mostly on the chip of the controller: the best one is taken."""

_WITHOUT_GUARDS: Final = {
    "deviation": None,
    "ripple_current": "none",
    "longest_duty": "none",
    "ripple": 0.2,
}

_NEARLY: Final = 1.05
_HEAD: Final = (
    "design",
    "circuit",
    "vendor's own meets the spec",
    "its cost over the first's",
    "L/v",
    "C/v",
    "n/v",
    "ripple current, vendor's",
    "first's",
    "first-ranked design",
    "efficiency, vendor's",
    "first's",
    "volume/v",
)


@dataclass(frozen=True)
class Comparison:
    """A vendor's design beside the first-ranked one.

    Attributes:
        entry: what was published.
        posed: the same for the judge.
        own: the vendor's values with the best of what is not stated.
        by_own_step: whether they meet the spec with the load step that the source states, and where
            it states none without one.
        unguarded: the same under a spec without guards; equal to `own` where that meets the spec.
        reference: what costs 1.
        first: the first-ranked design of a search.
        seconds: that both searches took.
    """

    entry: Design
    posed: Restated
    own: Candidate
    by_own_step: bool
    unguarded: Candidate
    reference: Reference
    first: Candidate
    seconds: float

    @property
    def excess(self) -> float:
        """Cost of the vendor's values over that of the first, guards or not."""
        return self._cost(self.unguarded) / self._cost(self.first)

    @property
    def near(self) -> bool:
        """Whether the vendor's values cost hardly more, guards or not."""
        return self.excess <= _NEARLY

    @property
    def same_technology(self) -> bool:
        """Whether the vendor's output bank is of ceramic alone, as the first's is."""
        banks = self.first.metrics.banks if self.first.metrics else {}
        theirs = {each.technology for each in self.entry.parts.output_capacitors or ()}
        return theirs <= {None, "ceramic"} and "ceramic" in banks.get("Cout", "")

    def _cost(self, candidate: Candidate) -> float:
        own = Reference.of(candidate)
        if own is None:
            return float("nan")
        return float(self.reference.cost(self.posed.spec.weight, own.loss, own.volume)[0])

    def ratio(self, name: str) -> float | None:
        """Return the first's value over the vendor's; None where that is not stated."""
        stated = self.posed.values.get(name)
        return None if stated is None else self.first.values[name] / stated

    @property
    def inductance(self) -> float | None:
        """Of the main magnetic part, the first's over the vendor's."""
        flyback = self.entry.topology == "flyback"
        return self.ratio("T1_lm" if flyback else "L1")


def compare(entry: Design, *, at_nominal: bool = False) -> Comparison:
    """Judge a vendor's design and search a first-ranked one for the same spec.

    Args:
        entry: what was published.
        at_nominal: see `restated`.

    Raises:
        SpecError: its circuit cannot meet the spec here.
    """
    posed = restated(entry, at_nominal=at_nominal)
    began = time.perf_counter()
    first = Proposer(None).propose(posed.spec, count=1).candidates[0]
    own = unguarded = _best(posed.spec, posed)
    by_own_step = own.meets_spec
    if not own.meets_spec:
        unguarded = _best(msgspec.structs.replace(posed.spec, **_WITHOUT_GUARDS), posed)
        if not posed.own_step:
            stepless = msgspec.structs.replace(posed.spec, deviation=None)
            by_own_step = _best(stepless, posed).meets_spec
    seconds = time.perf_counter() - began
    reference = textbook_reference(find_topology(posed.spec.topology), SpecBatch.of([posed.spec]))
    return Comparison(entry, posed, own, by_own_step, unguarded, reference, first, seconds)


def _best(spec: Spec, posed: Restated) -> Candidate:
    """Return the best design with the vendor's values, of what is not stated."""
    topology = find_topology(spec.topology)
    locks = {
        name: float(np.clip(value, topology.value(name).low, topology.value(name).high))
        for name, value in posed.values.items()
        if name != _FREE
    }
    problem = Problem(spec, topology, None, locks)
    return Proposer(None).search(problem, seed=0, control=Control.silent()).best


def table(found: Sequence[Comparison]) -> str:
    """Return the comparisons as Markdown, and what share keeps each goal.

    A design of another circuit than ours is shown, not counted.
    """
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    lines += [_line(_cells(each)) for each in found]
    lines += ["", *_shares([each for each in found if each.posed.same_circuit])]
    return "\n".join(lines) + "\n"


def _cells(each: Comparison) -> list[str]:
    own, first = each.unguarded.metrics, each.first.metrics
    return [
        each.entry.id,
        each.posed.spec.topology.replace("_", " "),
        "yes" if each.own.meets_spec else f"no: {each.own.reasons[0]}",
        f"{each.excess:.3f}",
        _number(each.inductance),
        _number(each.ratio("Cout")),
        _number(each.ratio("T1_n")),
        _number(own.ripple_current if own else None),
        _number(first.ripple_current if first else None),
        _values(each.first) + ("" if each.first.meets_spec else " (fails)"),
        f"{own.efficiency_estimated:.1%}" if own else "",
        f"{first.efficiency_estimated:.1%}" if first else "",
        _over(first, own),
    ]


def _values(candidate: Candidate) -> str:
    topology, metrics = find_topology(candidate.topology), candidate.metrics
    words = []
    for name, value in candidate.values.items():
        declared = topology.value(name)
        if name in ("Cout_esr", "Cc") or (name == "Cout" and metrics):
            continue
        words.append(f"{declared.symbol} {format_quantity(value, declared.unit, 3).strip()}")
    banks = metrics.banks if metrics else {}
    return ", ".join([*words, *(f"{name} {bank}" for name, bank in banks.items())])


def _shares(found: Sequence[Comparison]) -> Iterator[str]:
    """Yield what share of the designs keeps each goal of the objective."""

    def within(factor: float, of: Callable[[Comparison], float | None]) -> tuple[int, int]:
        known = [ratio for each in found if (ratio := of(each)) is not None]
        return sum(1 / factor <= ratio <= factor for ratio in known), len(known)

    swings = [
        each.first.metrics.ripple_current
        for each in found
        if each.first.metrics and each.first.metrics.ripple_current is not None
    ]
    rows = (
        (
            "vendor's own meets the spec by its own load step and costs at most 5 % more",
            0.8,
            (sum(each.near and each.by_own_step for each in found), len(found)),
        ),
        (
            "the same by the default step, where the source states none",
            None,
            (sum(each.near and each.own.meets_spec for each in found), len(found)),
        ),
        (
            "vendor's own costs at most 5 % more, guards apart",
            None,
            (sum(each.near for each in found), len(found)),
        ),
        ("L within a factor of 2", 0.9, within(2, lambda each: each.inductance)),
        ("effective C within a factor of 2", None, within(2, lambda each: each.ratio("Cout"))),
        (
            "the same where both banks are ceramic",
            0.75,
            within(2, lambda each: each.ratio("Cout") if each.same_technology else None),
        ),
        ("turns within a factor of 1.5", 0.8, within(1.5, lambda each: each.ratio("T1_n"))),
        (
            "ripple current 0.2 to 0.75",
            1.0,
            (sum(0.2 <= swing <= 0.75 for swing in swings), len(swings)),
        ),
    )
    yield _line(("goal", "kept", "asked"))
    yield _line(["---"] * 3)
    for name, asked, (kept, of) in rows:
        share = f"{kept} of {of}, {kept / of:.0%}" if of else "none known"
        yield _line((name, share, "" if asked is None else f"{asked:.0%}"))
    yield ""
    yield f"{sum(each.seconds for each in found):.0f} s."


def _over(first: Metrics | None, own: Metrics | None) -> str:
    """Write the volume of the first design over the vendor's."""
    if first is None or own is None or first.volume is None or own.volume is None:
        return ""
    return f"{first.volume / own.volume:.2f}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def main(arguments: list[str]) -> int:
    """Print the table as Markdown; early results go to standard error."""
    parser = argparse.ArgumentParser(prog="python -m arcs_engine.bench.reports.vendors")
    parser.add_argument("--only", default="", help="designs whose id has these letters")
    parser.add_argument("--first", type=int, default=None, help="so many designs")
    parser.add_argument("--nominal", action="store_true", help="input +-10 %% where one is nominal")
    chosen = parser.parse_args(arguments)
    found = []
    entries = [entry for entry in vendor_designs() if chosen.only in entry.id]
    for entry in entries[: chosen.first]:
        try:
            found.append(compare(entry, at_nominal=chosen.nominal))
        except ArcsError as problem:
            sys.stderr.write(f"{entry.id}: {problem}\n")
            continue
        sys.stderr.write(_line(_cells(found[-1])) + "\n")
    sys.stdout.write(table(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
