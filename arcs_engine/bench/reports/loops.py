"""How many power stages get a loop: ``python -m arcs_engine.bench.reports.loops SPECS``.

Textbook designs of development specs, such as ``tests/data/specs_track_d.json``.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import msgspec

from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.loop import JudgedLoop
from arcs_engine.sizing.compensation import propose_loop


class _Entry(Spec, frozen=True, kw_only=True):
    """A spec with its name."""

    id: str


@dataclass(frozen=True)
class _Proposed:
    """A spec's loop, and the seconds that it took."""

    spec: Spec
    loop: JudgedLoop
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Print the table as Markdown, and why stages have no loop."""
    parser = argparse.ArgumentParser(prog="python -m arcs_engine.bench.reports.loops")
    parser.add_argument("specs", type=Path)
    parser.add_argument("--count", type=int, default=10, help="of each topology")
    asked = parser.parse_args(arguments)
    entries = msgspec.json.decode(asked.specs.read_bytes(), type=list[_Entry])
    for line in table(entries, asked.count):
        sys.stdout.write(f"{line}\n")
    return 0


def table(entries: Sequence[_Entry], count: int) -> Iterator[str]:
    """Yield the lines of the table, then a line for each stage without a loop."""
    yield "| topology | hold all limits | within the allowed deviation | median s | most s |"
    yield "|---|---|---|---|---|"
    failures = []
    for name in dict.fromkeys(entry.topology for entry in entries):
        chosen = [entry for entry in entries if entry.topology == name][:count]
        proposed = [_proposed(entry) for entry in chosen]
        yield _row(name, proposed)
        failures += [
            f"- {entry.id}: {' '.join(each.loop.reasons)}"
            for entry, each in zip(chosen, proposed, strict=True)
            if not each.loop.holds
        ]
    yield ""
    yield from failures


def _proposed(entry: _Entry) -> _Proposed:
    values = topology(entry.topology).textbook(SpecBatch.of([entry])).values
    design = Design(entry, {name: float(value[0]) for name, value in values.items()})
    begin = time.perf_counter()
    loop = propose_loop(Designs.stacked([design]))
    return _Proposed(entry, loop, time.perf_counter() - begin)


def _row(name: str, proposed: Iterable[_Proposed]) -> str:
    each = list(proposed)
    holding = sum(p.loop.holds for p in each)
    steady = sum(p.loop.holds and _keeps(p) for p in each)
    times = [p.seconds for p in each]
    cells = (name, f"{holding} of {len(each)}", f"{steady} of {len(each)}",
             f"{median(times):.1f}", f"{max(times):.1f}")  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _keeps(proposed: _Proposed) -> bool:
    deviation, allowed = proposed.loop.deviation, proposed.spec.deviation
    return deviation is not None and (allowed is None or deviation <= allowed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
