"""Inputs times loads: the corners, the efficiency map, efficiency against load."""

import time
from typing import Final

import numpy as np

from arcs_engine.analysis.results import Grid
from arcs_engine.analysis.subject import Subject
from arcs_engine.circuits.spec import FloatArray

CORNER_LOADS: Final = tuple(np.linspace(0.1, 1.0, 10).round(2).tolist())
"""Shares of the full load at which the corners are looked at."""

_FINEST: Final = 60
"""Most inputs or loads of a map."""


def corners(subject: Subject) -> Grid:
    """Return the design at the lowest, nominal and highest input and 10 to 100 % of the load."""
    spec = subject.spec
    inputs = np.unique([spec.vin_min, spec.vin, spec.vin_max])
    return grid(subject, inputs, np.array(CORNER_LOADS))


def efficiency_map(subject: Subject, inputs: int = 15, loads: int = 15) -> Grid:
    """Return the design over its whole input range and 5 to 100 % of its load.

    Args:
        subject: the design.
        inputs: how many, evenly spaced; one where the input is a single voltage.
        loads: how many, evenly spaced.
    """
    spec = subject.spec
    span = np.unique(np.linspace(spec.vin_min, spec.vin_max, min(inputs, _FINEST)))
    return grid(subject, span, np.linspace(0.05, 1.0, min(loads, _FINEST)))


def load_curve(subject: Subject, loads: int = 40) -> Grid:
    """Return the design at its three inputs over 2 to 100 % of its load."""
    spec = subject.spec
    inputs = np.unique([spec.vin_min, spec.vin, spec.vin_max])
    return grid(subject, inputs, np.linspace(0.02, 1.0, min(loads, _FINEST)))


def grid(subject: Subject, vin: FloatArray, load: FloatArray) -> Grid:
    """Solve every input at every load, in one batch.

    Args:
        subject: the design.
        vin: V, shape (inputs,).
        load: shares of the full-load current, shape (loads,).
    """
    subject.copies(1)  # the design itself is solved and judged before the clock runs
    design_meets = subject.judged.meets_spec
    began = time.perf_counter()
    operation = subject.operate(np.repeat(vin, len(load)), np.tile(load, len(vin)))
    points = operation.points()
    return Grid(
        vin=tuple(vin.tolist()),
        load=tuple(load.tolist()),
        points=points,
        meets_spec=design_meets and not any(point.fails for point in points),
        seconds=time.perf_counter() - began,
        notes=subject.notes,
    )
