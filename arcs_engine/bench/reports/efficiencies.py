"""Estimated efficiencies beside measured ones: ``-m arcs_engine.bench.reports.efficiencies``."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.analysis.subject import Operation, Subject
from arcs_engine.bench.published import Measurement, Point, efficiencies
from arcs_engine.bench.restated import restated
from arcs_engine.circuits.parts.semiconductors import rectifier
from arcs_engine.circuits.parts.standards import VOLTAGE_DERATING
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.design import Design
from arcs_engine.performance.losses import LossTable, efficiency_estimated
from arcs_engine.performance.metrics import PartFigure
from arcs_engine.sizing.problem import Problem
from arcs_engine.sizing.proposal import Proposer

_MEDIAN: Final = 1.5
_MOST: Final = 4.0
"""Goals of the error, points of efficiency: in the middle, and of nine in ten."""

_LABORATORY: Final = 25.0
"""Ambient of a measurement on a bench, °C."""

_HEAD: Final = (
    "entry", "circuit", "source states", "from the first-ranked design",
    "at: measured, estimated, error", "mean error",
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """A published converter's efficiencies, estimated.

    Attributes:
        entry: what was measured.
        design: its parts as the judge takes them.
        stated: names of the values and overrides that the source states.
        efficiencies: estimated, percent, one for each point of `entry`.
        same_circuit: whether the judge has the circuit that was measured.
    """

    entry: Measurement
    design: Design
    stated: frozenset[str]
    efficiencies: tuple[float, ...]
    same_circuit: bool

    @property
    def errors(self) -> tuple[float, ...]:
        """Estimated less measured, points of efficiency."""
        pairs = zip(self.entry.points, self.efficiencies, strict=True)
        return tuple(estimated - point.efficiency for point, estimated in pairs)


def estimate(entry: Measurement) -> Estimate:
    """Estimate the efficiency of a published converter at every point that was measured.

    What the source does not state is that of the first-ranked design with what it does.

    Raises:
        ArcsError: its circuit cannot meet the spec here, or has no operating point.
    """
    posed = restated(entry)
    spec = msgspec.structs.replace(posed.spec, ambient=_LABORATORY)
    topology = find_topology(posed.spec.topology)
    locks = {
        name: float(np.clip(value, topology.value(name).low, topology.value(name).high))
        for name, value in posed.values.items()
    }
    first = Proposer(None).search(
        Problem(spec, topology, None, locks), seed=0, control=Control.silent()
    )
    overrides = _overrides(entry, topology)
    design = Design(spec, first.best.values | posed.values, overrides=overrides)
    inputs = np.array([point.vin for point in entry.points])
    loads = np.array([point.iout for point in entry.points]) / spec.iout
    operation = Subject(design).operate(inputs, loads)
    modelled = dict(operation.modelled) | _stated_sense(entry, operation)
    efficiency = efficiency_estimated(operation.figures, modelled)
    found = np.where(operation.solved, efficiency, np.nan) * 100
    stated = frozenset({*posed.values, *overrides})
    return Estimate(entry, design, stated, tuple(found.tolist()), posed.same_circuit)


def _overrides(entry: Measurement, topology: Topology) -> dict[str, float]:
    """Return the parameters of parts that a source states."""
    parts = entry.parts
    stated: dict[str, float] = {}
    if parts.winding_resistance is not None:
        stated[f"{topology.main_inductor}.dcr"] = parts.winding_resistance
    if parts.rectifier_voltage is not None and parts.rectifier_current is not None:
        stated |= _diode(topology.rectifier, parts.rectifier_voltage, parts.rectifier_current)
    if parts.forward_voltage is not None and not topology.synchronous:
        stated[f"{topology.rectifier}.vf"] = parts.forward_voltage
    return stated


def _diode(name: str, rated: float, current: float) -> dict[str, float]:
    """Return the parameters of the diode of a class, by rated voltage, V, and current, A."""
    reverse = np.array([rated * VOLTAGE_DERATING])
    made = rectifier(name, reverse, np.array([current]))
    return {parameter: float(value[0]) for parameter, value in made.items()}


def _stated_sense(entry: Measurement, operation: Operation) -> LossTable:
    """Return the loss of the sense resistor that a board has, W: none beside a switch on the chip.

    Empty where the source says nothing of it.
    """
    parts = entry.parts
    resistance = parts.sense_resistance
    if resistance is None and "integrated" in (parts.switch_part or ""):
        resistance = 0.0
    if resistance is None:
        return {}
    (switch,) = (each for each in operation.modelled if each.kind == "sense")
    rms = operation.figures.currents[PartFigure(switch.part, "rms")]
    return {switch: resistance * rms**2}


def table(found: Sequence[Estimate]) -> str:
    """Return the estimates as Markdown, and how far off they are.

    A converter of another circuit than ours is shown, not counted.
    """
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    lines += [_line(_cells(each)) for each in found]
    lines += ["", *_summary([each for each in found if each.same_circuit])]
    return "\n".join(lines) + "\n"


def _cells(each: Estimate) -> tuple[str, ...]:
    topology = each.design.topology
    values = {
        name: f"{topology.value(name).symbol} "
        + format_quantity(value, topology.value(name).unit, 3).strip()
        for name, value in each.design.values.items()
    }
    return (
        f"{each.entry.id} ({each.entry.kind})",
        each.design.spec.topology.replace("_", " ")
        + ("" if each.same_circuit else ", not that which was measured"),
        ", ".join(
            [t for n, t in values.items() if n in each.stated]
            + sorted(
                {
                    name.partition(".")[0] + " resistance"
                    if name.endswith("dcr")
                    else name.partition(".")[0]
                    for name in each.design.overrides
                }
            )
        ),
        ", ".join(text for name, text in values.items() if name not in each.stated),
        "; ".join(_points(each)),
        f"{np.mean(each.errors):+.1f}",
    )


def _points(each: Estimate) -> Iterator[str]:
    for point, estimated, error in zip(
        each.entry.points, each.efficiencies, each.errors, strict=True
    ):
        yield f"{_place(point)}: {point.efficiency:g}, {estimated:.1f}, {error:+.1f}"


def _place(point: Point) -> str:
    return f"{point.vin:g} V {point.iout:g} A"


def _summary(found: Sequence[Estimate]) -> Iterator[str]:
    """Yield the errors over converters, each by the mean of its points, and over all points."""
    every = [(each, error) for each in found for error in each.errors]
    groups = (
        (
            "converters, each by the median of its points",
            [float(np.median(e.errors)) for e in found],
        ),
        (
            "of those measured",
            [float(np.median(e.errors)) for e in found if e.entry.kind != "stated"],
        ),
        ("all points", [error for _, error in every]),
        (
            "of those at full load",
            [
                e
                for each in found
                for p, e in zip(each.entry.points, each.errors, strict=True)
                if p.iout == each.design.spec.iout
            ],
        ),
    )
    yield _line(("errors, points", "count", "median, signed", "median", "90 %", "largest"))
    yield _line(["---"] * 6)
    for name, errors in groups:
        if not errors:
            continue
        size = np.abs(errors)
        yield _line(
            (
                name,
                str(len(errors)),
                f"{np.median(errors):+.2f}",
                f"{np.median(size):.2f}",
                f"{np.percentile(size, 90):.2f}",
                f"{size.max():.2f}",
            )
        )
    yield ""
    yield f"Asked: median {_MEDIAN:g}, 90 % within {_MOST:g}."


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    """Print the table as Markdown; early results go to standard error."""
    parser = argparse.ArgumentParser(prog="python -m arcs_engine.bench.reports.efficiencies")
    parser.add_argument("--only", default="", help="entries whose id has these letters")
    parser.add_argument("--first", type=int, default=None, help="so many entries")
    chosen = parser.parse_args(arguments)
    found = []
    entries = [entry for entry in efficiencies() if chosen.only in entry.id]
    for entry in entries[: chosen.first]:
        try:
            found.append(estimate(entry))
        except ArcsError as problem:
            sys.stderr.write(f"{entry.id}: {problem}\n")
            continue
        sys.stderr.write(_line(_cells(found[-1])) + "\n")
    sys.stdout.write(table(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
