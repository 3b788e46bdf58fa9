"""The development specs of track D: ``python -m arcs_engine.bench.reports.development_specs FILE``.

They were drawn once, and stand in ``tests/data/specs_track_d.json``; ``arcs evaluate --specs`` and
the reference optima read them. Nothing is tuned to them.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

import msgspec

from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.files import replace_whole
from arcs_engine.learning.model_evaluation import tasks

COUNT: Final = 20
"""Specs of each topology."""

SEED: Final = 20261201
"""Far from the small ones that evaluations are usually given."""


def content() -> bytes:
    """Return the file: a JSON list with a spec on each line, numbers in three digits."""
    entries = [{"id": each.name} | msgspec.to_builtins(each.spec) for each in _drawn()]
    lines = [msgspec.json.encode(entry) for entry in entries]
    return b"[\n" + b",\n".join(lines) + b"\n]\n"


def _drawn() -> list[tasks.Task]:
    return [tasks.Task(each.name, _rounded(each.spec)) for each in tasks.draw("D", COUNT, SEED)]


def _rounded(spec: Spec) -> Spec:
    """Return a spec as an engineer would write it, and alike on every machine."""
    plain = {n: _digits(v) for n, v in msgspec.structs.asdict(spec).items() if isinstance(v, float)}
    low, high = spec.load_step
    return msgspec.structs.replace(spec, **plain, load_step=(_digits(low), _digits(high)))


def _digits(value: float) -> float:
    return float(f"{value:.3g}")


def main(arguments: list[str]) -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m arcs_engine.bench.reports.development_specs")
    parser.add_argument("file", type=Path)
    replace_whole(parser.parse_args(arguments).file, content())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
