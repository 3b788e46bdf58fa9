"""Whether the objective gives what engineers ask: ``-m arcs_engine.bench.reports.objective``.

Each answer is kept in a file, so that a stopped run goes on and the tables show what is known.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from arcs_engine.bench.objective import Choice, Chosen, Listed, chosen, listed, slider
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.foundation.files import replace_whole
from arcs_engine.learning.model_evaluation import tasks
from arcs_engine.learning.model_evaluation.tasks import Task

_LARGER: Final = 1.5
"""Ratio by which the slider should change the inductance."""

_YIELD: Final = 0.99
_STEP_BACK: Final = 1 - 1e-3
"""What counts as no step back."""


class Answers(msgspec.Struct, kw_only=True):
    """What is known, by the name of the spec.

    Attributes:
        listed: shortlists.
        slider: first-ranked designs by weight.
        chosen: what `auto` puts first.
        refused: why there is no answer, by ``question name``.
        seconds: spent so far.
    """

    listed: dict[str, Listed] = {}
    slider: dict[str, tuple[Choice, ...]] = {}
    chosen: dict[str, Chosen] = {}
    refused: dict[str, str] = {}
    seconds: float = 0.0


QUESTIONS: Final[dict[str, Callable[..., Any]]] = {
    "listed": listed,
    "slider": slider,
    "chosen": chosen,
}


def main(arguments: list[str]) -> int:
    """Ask what is not known yet, and print the tables as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m arcs_engine.bench.reports.objective")
    parser.add_argument("file", type=Path, help="JSON with the answers; goes on with it")
    parser.add_argument("--specs", type=Path, help="a JSON list of specs; default: drawn, track C")
    parser.add_argument("--count", type=int, default=20, help="specs for each topology")
    parser.add_argument("--seconds", type=float, default=np.inf, help="stop after so many")
    parser.add_argument("--listed", action="store_true", help="shortlists, bounds, Monte Carlo")
    parser.add_argument("--slider", action="store_true", help="the first-ranked by weight")
    parser.add_argument("--chosen", action="store_true", help="what auto puts first")
    asked = parser.parse_args(arguments)
    every = tasks.read(asked.specs) if asked.specs else tasks.draw("C", asked.count, 0)
    some = tasks.first_of_each(every, asked.count)
    answers = _known(asked.file)
    for question in QUESTIONS:
        if getattr(asked, question):
            _ask(question, _in_turns(some), answers, asked.file, asked.seconds)
    sys.stdout.write(tables(answers))
    return 0


def _known(file: Path) -> Answers:
    return msgspec.json.decode(file.read_bytes(), type=Answers) if file.exists() else Answers()


def _in_turns(every: Sequence[Task]) -> list[Task]:
    """Return the tasks of each topology in turns, so that a stop leaves some of each."""
    seen: Counter[str] = Counter()
    turns = []
    for task in every:
        turns.append(seen[task.spec.topology])
        seen[task.spec.topology] += 1
    return [every[k] for k in np.argsort(turns, kind="stable")]


def _ask(question: str, some: Sequence[Task], answers: Answers, file: Path, seconds: float) -> None:
    """Answer one question for every spec that it was not answered for."""
    known, end = getattr(answers, question), time.perf_counter() + seconds
    for task in some:
        if task.name in known or f"{question} {task.name}" in answers.refused:
            continue
        if question == "chosen" and find_topology(task.spec.topology).isolated:
            continue
        if time.perf_counter() > end:
            break
        began = time.perf_counter()
        try:
            known[task.name] = QUESTIONS[question](task.spec)
        except ArcsError as problem:
            answers.refused[f"{question} {task.name}"] = str(problem)
        answers.seconds += time.perf_counter() - began
        replace_whole(file, msgspec.json.encode(answers))
        sys.stderr.write(f"{question} {task.name} {time.perf_counter() - began:.1f} s\n")


def tables(answers: Answers) -> str:
    """Return the tables of what is known."""
    lines = [
        *_of_lists(answers.listed),
        "",
        *_of_slider(answers.slider),
        "",
        *_of_auto(answers.chosen),
        "",
        f"{len(answers.refused)} refused; {answers.seconds:.0f} s.",
    ]
    return "\n".join(lines) + "\n"


def _group(name: str) -> str:
    return name.split("-", 1)[0]


def _groups(known: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the answers of each topology, and of all."""
    groups: dict[str, list[Any]] = {}
    for name, answer in known.items():
        groups.setdefault(_group(name), []).append(answer)
    return groups | ({"all": list(known.values())} if known else {})


def _of_lists(known: dict[str, Listed]) -> Iterator[str]:
    yield _line(
        ("first-ranked", "specs", "meet them", "values on a bound", "which", "yield at least 99 %",
         "least yield", "designs that meet", "distinct, median", "pairs alike", "dominated",
         "median seconds")
    )  # fmt: skip
    yield _line(["---"] * 12)
    for name, group in _groups(known).items():
        met = [each for each in group if each.meets_spec]
        bounds = Counter(value for each in met for value in each.on_bounds)
        values = sum(len(each.values) for each in met)
        yields = [each.passed for each in met if each.passed is not None]
        yield _line(
            (
                name,
                str(len(group)),
                str(len(met)),
                f"{sum(bounds.values())} of {values}",
                ", ".join(f"{value} {count}" for value, count in bounds.items()),
                f"{sum(share >= _YIELD for share in yields)} of {len(yields)}",
                f"{min(yields):.1%}" if yields else "",
                f"{np.median([each.count for each in met]):g}" if met else "",
                f"{np.median([each.distinct for each in met]):g}" if met else "",
                str(sum(each.alike for each in met)),
                str(sum(each.dominated for each in met)),
                f"{np.median([each.seconds for each in group]):.2f}",
            )
        )


def _of_slider(known: dict[str, tuple[Choice, ...]]) -> Iterator[str]:
    yield _line(
        ("slider", "specs", "met at every weight", "L changes by 1.5", "L never falls",
         "both", "L largest over smallest, median", "loss never rises", "volume never falls")
    )  # fmt: skip
    yield _line(["---"] * 9)
    for name, group in _groups(known).items():
        met = [each for each in group if all(choice.meets_spec for choice in each)]
        ratios = [each[-1].inductance / each[0].inductance for each in met]
        large = [ratio >= _LARGER for ratio in ratios]
        rises = [_monotone([choice.inductance for choice in each]) for each in met]
        falls = [_monotone([1 / choice.loss for choice in each]) for each in met]
        grows = [_monotone([choice.volume for choice in each]) for each in met]
        both = [a and b for a, b in zip(large, rises, strict=True)]
        yield _line(
            (
                name,
                str(len(group)),
                str(len(met)),
                *(str(sum(kept)) for kept in (large, rises, both)),
                f"{np.median(ratios):.2f}" if ratios else "",
                *(str(sum(kept)) for kept in (falls, grows)),
            )
        )


def _monotone(values: Sequence[float]) -> bool:
    return all(b >= a * _STEP_BACK for a, b in pairwise(values))


def _of_auto(known: dict[str, Chosen]) -> Iterator[str]:
    yield _line(("auto", "specs", "meet them", "isolated first", "what is first", "median seconds"))
    yield _line(["---"] * 6)
    for name, group in _groups(known).items():
        met = [each for each in group if each.meets_spec]
        firsts = Counter(each.topology.replace("_", " ") for each in met)
        yield _line(
            (
                name,
                str(len(group)),
                str(len(met)),
                str(sum(each.isolated for each in met)),
                ", ".join(f"{title} {count}" for title, count in firsts.most_common()),
                f"{np.median([each.seconds for each in group]):.1f}",
            )
        )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
