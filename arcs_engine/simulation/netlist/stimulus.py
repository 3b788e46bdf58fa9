"""What disturbs a converter in a deck: a soft start, a step of the load, a step of the input.

Only independent sources, resistors and switches are used, with a corner at every instant where
something changes: a simulator steps onto each corner exactly, and both dialects read the same
lines. (A comparator of a ramp with a sawtooth needs fewer lines, but its crossings have no
corner, and ngspice misses them by up to a step.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from arcs_engine.circuits.circuit import GROUND, Load, Source
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.errors import DesignError
from arcs_engine.simulation.netlist.converter import Converter
from arcs_engine.simulation.netlist.gate import (
    GATES,
    NODES,
    SOURCES,
    THRESHOLD,
    complement_dead_time,
    used_gates,
)
from arcs_engine.simulation.netlist.names import device
from arcs_engine.simulation.netlist.numbers import Values, number

STEP_CURRENT: Final = "@rstep[i]"
"""What a run saves of a load step; the load's current is the sum of this and that of `Rload`."""

LONGEST_SOFT_START: Final = 1000
"""Periods; a simulator searches through all corners of a source at every step."""

_CLOSED: Final = 1e-6
_OPEN: Final = 1e6
"""Resistance of the load's switch over that of the load that it switches."""

_WIDEST_LINE: Final = 8
"""Corners on one line of a deck."""


@dataclass(frozen=True)
class SoftStart:
    """The duty rises linearly from zero to its final value.

    Attributes:
        periods: how many it takes; 1 for full pulses at once.
    """

    periods: int


@dataclass(frozen=True)
class LoadStep:
    """Another load for a while; the load is a resistor.

    Attributes:
        begin: time of the step, s.
        end: time of the step back, s.
        rload: resistance in between, ohm; ``rload`` of the parameters is that before and after.
    """

    begin: float
    end: float
    rload: float


@dataclass(frozen=True)
class LineStep:
    """Another input voltage for a while.

    Attributes:
        begin: when it starts to change, s.
        end: when it starts to change back, s.
        vin: voltage in between, V; ``vin`` of the parameters is that before and after.
        edge: how long each change takes, s.
    """

    begin: float
    end: float
    vin: float
    edge: float


@dataclass(frozen=True)
class CurrentStep:
    """Another constant current for a while, drawn from the output beside the load's resistor.

    Attributes:
        begin: time of the step, s.
        end: time of the step back, s.
        before: A, before and after; of the sign of the output, as `during`.
        during: A.
        edge: how long each change takes, s.
    """

    begin: float
    end: float
    before: float
    during: float
    edge: float


Stimulus = SoftStart | LoadStep | LineStep | CurrentStep


def source_line(source: Source, values: Values, step: LineStep) -> str:
    """Return the input source with a voltage that steps."""
    before, during = float(values.positive("vin")), _positive(step.vin, "vin during the step")
    corners = [
        (0.0, before),
        (step.begin, before),
        (step.begin + step.edge, during),
        (step.end, during),
        (step.end + step.edge, before),
    ]
    return f"{device(source)} {source.a} {source.b} {_corners(corners)}"


def load_lines(converter: Converter, step: LoadStep) -> Iterator[str]:
    """Yield a resistor that is switched in parallel with the lighter of the two loads.

    `Rload` itself has to be the lighter one: see `with_lighter_load`.

    Args:
        converter: its ``rload`` is the load before and after the step; what drives the switch has
            the edges of its gate.
        step: what happens.
    """
    (load,) = converter.circuit.of_type(Load)
    before = float(converter.values.positive("rload"))
    during, edge = _positive(step.rload, "rload during the step"), converter.drive.edge
    if before == during:
        raise DesignError("A load step needs two different loads.")
    resistance = before * during / abs(before - during)
    first, then = (0.0, 1.0) if during < before else (1.0, 0.0)
    # The switch acts halfway up the edge: exactly at `begin` and `end`.
    corners = [
        (0.0, first),
        (step.begin - edge / 2, first),
        (step.begin + edge / 2, then),
        (step.end - edge / 2, then),
        (step.end + edge / 2, first),
    ]
    yield f"Rstep {load.a} step_x {number(resistance)}"
    yield f"Sstep step_x {load.b} step {GROUND} SW_step"
    yield (
        f".model SW_step SW(RON={number(_CLOSED * resistance)} ROFF={number(_OPEN * resistance)} "
        f"VT={number(THRESHOLD)} VH=0)"
    )
    yield f"Vstep step {GROUND} {_corners(corners)}"


def current_line(converter: Converter, step: CurrentStep) -> str:
    """Return the source that draws a current which steps."""
    (load,) = converter.circuit.of_type(Load)
    corners = [
        (0.0, step.before),
        (step.begin, step.before),
        (step.begin + step.edge, step.during),
        (step.end, step.during),
        (step.end + step.edge, step.before),
    ]
    return f"Istep {load.a} {load.b} {_corners(corners)}"


def with_lighter_load(values: Values, step: LoadStep) -> Values:
    """Return the values with the load that is always there: the lighter one of the two."""
    lighter = max(float(values.positive("rload")), step.rload)
    return Values({**values.parameters, "rload": lighter}, values.state)


def soft_start_lines(converter: Converter, start: SoftStart) -> Iterator[str]:
    """Yield gate sources whose pulses grow; after the soft start they are those of every deck.

    In period k of N (from 0) the on-time is (k + 1/2) / N of the final one, each pulse an edge
    shorter than its on-time, as in `gate.gate_lines`. A pulse that would be shorter than two edges
    is left out.
    """
    if not 1 <= start.periods <= LONGEST_SOFT_START:
        raise DesignError(
            f"A soft start of {start.periods} periods cannot be simulated; ask for 1 to "
            f"{LONGEST_SOFT_START}."
        )
    duty, edge, period = converter.drive.duty, converter.drive.edge, converter.drive.period
    growing = (np.arange(start.periods) + 0.5) / start.periods * duty * period
    on_times = np.append(growing, duty * period)
    for gate in used_gates(converter.circuit):
        dead = complement_dead_time(converter) if gate == "complement" else 0.0
        outside, inside = (0.0, 1.0) if dead else GATES[gate]
        delays = on_times + dead if dead else np.zeros_like(on_times)
        widths = period - on_times - 2 * dead if dead else on_times
        begins = np.arange(start.periods + 1) * period + delays
        final = (float(begins[-1]), edge, edge, float(widths[-1]) - edge, period)
        timing = " ".join(number(t) for t in final)
        corners = _pulses(begins[:-1], widths[:-1], inside - outside, edge)
        source, soft = SOURCES[gate], f"{NODES[gate]}_soft"
        yield f"{source} {NODES[gate]} {soft} PULSE({outside:g} {inside:g} {timing})"
        yield f"{source}_soft {soft} {GROUND} {_corners(corners)}"


def _pulses(
    begins: FloatArray, widths: FloatArray, height: float, edge: float
) -> list[tuple[float, float]]:
    """Return the corners of pulses from zero to a height, each with its two edges."""
    corners = [(0.0, 0.0)]
    for begin, width in zip(begins.tolist(), widths.tolist(), strict=True):
        if width >= 2 * edge:
            up, down = begin + edge, begin + width
            corners += [(begin, 0.0), (up, height), (down, height), (down + edge, 0.0)]
    return corners[1:] if corners[1:2] == [(0.0, 0.0)] else corners


def _corners(corners: list[tuple[float, float]]) -> str:
    """Return a piecewise linear value, on continued lines where it is long."""
    texts = [f"{number(time)} {number(value)}" for time, value in corners]
    rows = [" ".join(texts[k : k + _WIDEST_LINE]) for k in range(0, len(texts), _WIDEST_LINE)]
    return "PWL(" + "\n+ ".join(rows) + ")"


def _positive(value: float, what: str) -> float:
    if not 0 < value < float("inf"):
        raise DesignError(f"{what} is {value:g}; a simulation needs a number above zero.")
    return value
