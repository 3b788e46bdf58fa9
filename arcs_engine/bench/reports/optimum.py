"""The reference optima and what they look like: ``python -m arcs_engine.bench.reports.optimum``.

Each optimum is found once and kept in a file, so that a stopped search goes on; ``arcs evaluate
--reference`` reads the same file.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final

import numpy as np

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.parts.capacitor_range import PARTS
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.foundation.control import Control
from arcs_engine.learning.model_evaluation import tasks
from arcs_engine.learning.model_evaluation.references import Reference, References
from arcs_engine.performance.corners import assess
from arcs_engine.performance.design import Designs
from arcs_engine.sizing.search.optimum import SNAPSHOTS, Patience

_HEAD: Final = (
    "topology",
    "specs",
    "mean cost",
    "values on a bound",
    "ripple of the rectifier's current over its mean",
    "Cout",
    "ESR over the least sold",
    "Rds(on) over the textbook design's",
    "technology of Cout",
    "least margin",
)


def main(arguments: list[str]) -> int:
    """Find the optima that a file lacks, and print the tables as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m arcs_engine.bench.reports.optimum")
    parser.add_argument("file", type=Path, help="JSON lines, one optimum each; goes on with it")
    parser.add_argument("--specs", type=Path, help="a JSON list of specs; default: drawn, track C")
    parser.add_argument("--count", type=int, default=5, help="specs for each topology")
    parser.add_argument("--evaluations", type=int, default=Patience.evaluations)
    parser.add_argument("--starts", type=int, default=Patience.starts)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    if chosen.specs is None:
        every = tasks.draw("C", chosen.count, chosen.seed)
    else:
        every = tasks.read(chosen.specs)
    found = References(chosen.file).find(
        _in_turns(tasks.first_of_each(every, chosen.count)),
        Patience(chosen.evaluations, chosen.starts, chosen.seed),
        Control(_say, Control.silent().stop),
    )
    sys.stdout.write(table(found))
    return 0


def _say(fraction: float, text: str) -> None:
    sys.stderr.write(f"\r{fraction:4.0%} {text:60}")
    sys.stderr.flush()


def _in_turns(every: Sequence[tasks.Task]) -> list[tasks.Task]:
    """Return the tasks of each topology in turns, so that a stop leaves some of each."""
    names = dict.fromkeys(task.spec.topology for task in every)
    groups = [[t for t in every if t.spec.topology == name] for name in names]
    return [task for turn in zip_longest(*groups) for task in turn if task is not None]


def table(found: Sequence[Reference]) -> str:
    """Return what the optima look like, and how soon the genetic algorithm comes near them.

    A ripple of 2 is the boundary of continuous conduction, or beyond it.
    """
    names = dict.fromkeys(each.spec.topology for each in found)
    groups = {name: [each for each in found if each.spec.topology == name] for name in names}
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    on_bound = total = 0
    for name, group in groups.items():
        cells, bounds, values = _looks(name, group)
        on_bound, total = on_bound + bounds, total + values
        lines.append(_line(cells))
    lines += ["", f"{on_bound} of {total} values lie on a bound: {on_bound / total:.1%}.", ""]
    steps = [step for step in SNAPSHOTS if all(step in each.optimum.genetic for each in found)]
    lines += [_line(["genetic algorithm after", *map(str, steps), "optimum"])]
    lines += [_line(["---"] * (len(steps) + 2))]
    costs = [float(np.mean([each.optimum.genetic[step] for each in found])) for step in steps]
    optimum = float(np.mean([each.optimum.cost for each in found]))
    lines += [_line(["mean cost", *(f"{cost:.4f}" for cost in costs), f"{optimum:.4f}"]), ""]
    return "\n".join(lines)


def _looks(name: str, group: Sequence[Reference]) -> tuple[list[str], int, int]:
    """Return a line of the table, how many values lie on a bound, and how many there are."""
    topology = find_topology(name)
    lattice = Lattice(topology)
    specs = SpecBatch.of([each.spec for each in group])
    values = {n: np.array([each.optimum.values[n] for each in group]) for n in lattice.names}
    places = lattice.nearest(values)
    bounds = int(((places == 0) | (places == lattice.sizes - 1)).sum())
    found = assess(Designs.of(topology, values, specs))
    hand = topology.textbook(specs).values
    valley = np.clip(found.nominal.valley, 0.0, 1.0)  # of the rectifier's current, over its peak
    bank, _ = found.board.banks["Cout"]
    kinds = Counter(PARTS[int(part)].technology for part in bank.part)
    needs = list(found.needs())
    rows = range(len(group))
    least = min((need.stress(row).margin, str(need.figure)) for need in needs for row in rows)
    cells = [
        name,
        str(len(group)),
        f"{np.mean([each.optimum.cost for each in group]):.3f}",
        str(bounds),
        _range(2 * (1 - valley) / (1 + valley)),
        f"{values['Cout'].min() * 1e6:.3g} to {values['Cout'].max() * 1e6:.3g} µF",
        _range(bank.count),
        _range(values["Q1_rds_on"] / hand["Q1_rds_on"]),
        ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()),
        f"{least[1]} {least[0]:.1%}",
    ]
    return cells, bounds, places.size


def _range(values: FloatArray) -> str:
    low, middle, high = np.percentile(values, [10, 50, 90])
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
