"""One quantity moved over a range: a design value, a part's parameter, or the operating point."""

import time
from collections.abc import Mapping
from typing import Final, Literal

import numpy as np

from arcs_engine.analysis.results import OperatingPoint, Sweep
from arcs_engine.analysis.subject import Subject
from arcs_engine.circuits.settings import parameters as settable
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.foundation.errors import DesignError, InputError, printable
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.verdict import evaluate_many

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
    subject.rows(1)  # the design itself is solved before the clock runs
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
    parameters, specs = subject.rows(count)
    vin, load = np.full(count, spec.vin), np.ones(count)
    match name:
        case "vin":
            vin = values
        case "iout":
            load = values / spec.iout
        case _:
            columns = {field: getattr(specs, field) for field in SpecBatch.__dataclass_fields__}
            specs = SpecBatch(**(columns | {"fsw": values}))
    return subject.solve(parameters, specs, vin, load).points()


def _judged(subject: Subject, name: str, values: FloatArray) -> tuple[Candidate, ...]:
    topology = subject.topology
    columns = {n: np.full(len(values), v) for n, v in subject.values.items()}
    overrides: dict[str, float | FloatArray] = dict(subject.overrides)
    if name in columns:
        columns[name] = values
    else:
        overrides |= dict.fromkeys(settable(topology)[name][1], values)
    return tuple(evaluate_many(subject.spec, topology, columns, origin="user", overrides=overrides))
