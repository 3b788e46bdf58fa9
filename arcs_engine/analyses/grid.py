"""Inputs times loads: the corners, the efficiency map, efficiency against load."""

import time
from typing import Final

import msgspec
import numpy as np

from arcs_engine.analyses.subject import OperatingPoint, Subject
from arcs_engine.spec import FloatArray

CORNER_LOADS: Final = tuple(np.linspace(0.1, 1.0, 10).round(2).tolist())
"""Shares of the full load at which the corners are looked at."""

_FINEST: Final = 60
"""Most inputs or loads of a map."""


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """Operating points over inputs and loads.

    Attributes:
        vin: inputs, V, ascending.
        load: shares of the full-load current, ascending.
        points: by input, then by load.
        meets_spec: whether every point meets the spec.
        seconds: that it took.
    """

    vin: tuple[float, ...]
    load: tuple[float, ...]
    points: tuple[OperatingPoint, ...]
    meets_spec: bool
    seconds: float

    def at(self, input_index: int, load_index: int) -> OperatingPoint:
        """Return one point."""
        return self.points[input_index * len(self.load) + load_index]

    def table(self, figure: str) -> FloatArray:
        """Return one figure of the points, shape (inputs, loads); nan where it is not known."""
        values = [getattr(point, figure) for point in self.points]
        numbers = [np.nan if value is None else value for value in values]
        return np.array(numbers).reshape(len(self.vin), len(self.load))


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
    subject.rows(1)  # the design itself is solved before the clock runs
    began = time.perf_counter()
    operation = subject.operate(np.repeat(vin, len(load)), np.tile(load, len(vin)))
    points = operation.points()
    return Grid(
        vin=tuple(vin.tolist()),
        load=tuple(load.tolist()),
        points=points,
        meets_spec=not any(point.fails for point in points),
        seconds=time.perf_counter() - began,
    )
