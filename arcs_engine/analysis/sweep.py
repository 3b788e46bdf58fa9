"""One quantity moved over a range: a design value, a part's parameter, or the operating point."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from arcs_engine.analysis.results import OperatingPoint, Sweep
from arcs_engine.analysis.subject import Subject
from arcs_engine.circuits.settings import parameters as settable
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.errors import DesignError, InputError, printable
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.candidates import evaluate_many

MOST: Final = 500

OPERATING: Final[Mapping[str, str]] = {"vin": "V", "iout": "A", "fsw": "Hz"}
"""Quantities of the operating point that can be swept; the parts stay."""


def spaced(
    low: float, high: float, count: int, spacing: Literal["lin", "log"] = "log"
) -> FloatArray:
    """Return values from `low` to `high`.

    Raises:
        InputError: there is no such row of values.
    """
    if not 0 < low < high:
        raise InputError(f"A sweep runs from a positive value up; {low:g} to {high:g} does not.")
    if not 2 <= count <= MOST:
        raise InputError(f"A sweep has 2 to {MOST} values, not {count}.")
    return np.geomspace(low, high, count) if spacing == "log" else np.linspace(low, high, count)


def unit_of(subject: Subject, name: str) -> str:
    """Return the unit of a quantity that can be swept.

    Raises:
        DesignError: the design has no such quantity.
    """
    units = {value.name: value.unit for value in subject.topology.design_values}
    known = settable(subject.topology)
    if name in OPERATING:
        return OPERATING[name]
    if name in units:
        return units[name]
    if name in known:
        return known[name][0]
    raise DesignError(
        f"The {subject.topology.title} has no '{printable(name)}' to sweep; choose one of "
        f"{', '.join([*OPERATING, *units, *known])}."
    )


def sweep(subject: Subject, name: str, values: FloatArray) -> Sweep:
    """Move one quantity, in one solver batch.

    Args:
        subject: the design.
        name: of a design value, a part's parameter, ``vin``, ``iout`` or ``fsw``.
        values: SI, shape (n,).

    Raises:
        DesignError: the design has no such quantity.
    """
    unit = unit_of(subject, name)
    subject.copies(1)  # the design itself is solved before the clock runs
    began = time.perf_counter()
    candidates: tuple[Candidate, ...] = ()
    points: tuple[OperatingPoint, ...] = ()
    if name in OPERATING:
        points = _operated(subject, name, values)
    else:
        candidates = _judged(subject, name, values)
    return Sweep(
        name=name,
        unit=unit,
        values=tuple(values.tolist()),
        candidates=candidates,
        points=points,
        seconds=time.perf_counter() - began,
        notes=subject.notes,
    )


def _operated(subject: Subject, name: str, values: FloatArray) -> tuple[OperatingPoint, ...]:
    spec, count = subject.spec, len(values)
    copies = subject.copies(count)
    vin, load = np.full(count, spec.vin), np.ones(count)
    match name:
        case "vin":
            vin = values
        case "iout":
            load = values / spec.iout
        case _:
            copies = replace(copies, specs=replace(copies.specs, fsw=values))
    return subject.solve(copies, vin, load).points()


def _judged(subject: Subject, name: str, values: FloatArray) -> tuple[Candidate, ...]:
    design = subject.regulated
    if name in design.values:
        moved = [replace(design, values=design.values | {name: v}) for v in values.tolist()]
    else:
        swept = settable(subject.topology)[name][1]
        moved = [
            replace(design, overrides=design.overrides | dict.fromkeys(swept, v))
            for v in values.tolist()
        ]
    return tuple(evaluate_many(moved))
