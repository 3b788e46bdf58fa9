"""The voltage loop, closed by a compensator.

The comparator knows one value of the control voltage per period, so the loop is a sampled one
(Brown and Middlebrook, Sampled-data modeling of switching regulators, PESC 1981; Verghese, Elbuluk
and Kassakian, A general approach to sampled-data modeling for power electronic circuits, IEEE
Transactions on Power Electronics 1(2), 1986). With states x just before the trip of a period and u
added to the control voltage, x[k + 1] = phi x[k] + kick u[k]; closed, u = h x. The loop gain

    L(z) = -h (z - phi)^-1 kick,    z = exp(jwT),

holds every alias, up to half the switching frequency; its Nyquist curve decides stability, and
1 + L = 0 at the multipliers of the closed loop.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.small_signal.compensator import Compensator
from arcs_engine.simulation.small_signal.cycle import (
    Case,
    Cycle,
    cycle_of,
)
from arcs_engine.simulation.small_signal.layout import lay_out
from arcs_engine.simulation.small_signal.modulator import Modulator
from arcs_engine.simulation.small_signal.orbits import Orbits
from arcs_engine.simulation.small_signal.responses import multipliers_of, responses, spread
from arcs_engine.simulation.steady.algebra import ComplexArray, solve_in_place
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.threads import share


@dataclass(frozen=True, eq=False)
class Loops:
    """Closed voltage loops; nan where there are none. s states of power stage and compensator.

    Attributes:
        frequencies: Hz, shape (designs, frequencies).
        gain: L(z), the sampled loop gain, shape (designs, frequencies).
        multipliers: of the closed loop, largest first, shape (designs, s).
        modulator: with the slope of the control voltage that the compensator makes.
        closing_slope: at which the ramp, with the sensed current, meets the control voltage, V/s;
            without a positive one the comparator trips again. Shape (designs,).
        reference: with which the loop holds the orbit, V, shape (designs,).
    """

    frequencies: FloatArray
    gain: ComplexArray
    multipliers: ComplexArray
    modulator: Modulator
    closing_slope: FloatArray
    reference: FloatArray


class Answers(NamedTuple):
    """What the kernel fills, one row per design; s states.

    Attributes:
        gains: shape (designs, frequencies).
        maps: of a period with the loop closed, shape (designs, s, s).
        figures: closing slope and slope of the control voltage, V per period, and the reference,
            shape (designs, 3).
    """

    gains: ComplexArray
    maps: FloatArray
    figures: FloatArray

    def take(self, rows: slice) -> "Answers":
        """Return some of the rows, to be written."""
        return Answers._make(array[rows] for array in self)


class Sample(NamedTuple):
    """Room for the sampled loop at one frequency: shapes (s, s) and (s, 1)."""

    matrix: ComplexArray
    states: ComplexArray


@inner_kernel
def _gain(cycle: Cycle, output: FloatArray, sample: Sample, angle: float) -> complex:
    """Return L(z) at an angle w T; nan at an eigenvalue of the open loop."""
    s, first = len(cycle.kick), len(cycle.kick) - len(output)
    z = np.cos(angle) + 1j * np.sin(angle)
    for i in range(s):
        for j in range(s):
            sample.matrix[i, j] = (z if i == j else 0.0) - cycle.phi[i, j]
        sample.states[i, 0] = cycle.kick[i] * cycle.trip_gain[0]
    if not solve_in_place(sample.matrix, sample.states):
        return complex(np.nan, np.nan)
    total = 0.0j
    for a in range(len(output)):
        total -= output[a] * sample.states[first + a, 0]
    return total


@kernel
def _close_chunk(
    batch: Case, cycle: Cycle, sample: Sample, angles: FloatArray, answers: Answers
) -> None:
    """Fill the answers of a chunk, at angles per period of shape (designs, frequencies)."""
    for row in range(len(angles)):
        case = Case(batch.orbits, batch.modulators, batch.compensators, row)
        closes = lay_out(case, cycle)
        output, s = batch.compensators.output[row], len(cycle.kick)
        answers.figures[row, 0], answers.figures[row, 1] = cycle.slopes[0], cycle.slopes[1]
        answers.figures[row, 2] = cycle.start[0, s]
        if not closes:
            continue
        for i in range(s):
            for j in range(s):
                answers.maps[row, i, j] = cycle.phi[i, j]
            for a in range(len(output)):
                answers.maps[row, i, s - len(output) + a] += (
                    cycle.kick[i] * cycle.trip_gain[0] * output[a]
                )
        for k in range(angles.shape[1]):
            answers.gains[row, k] = _gain(cycle, output, sample, angles[row, k])


def loops(
    orbits: Orbits, modulator: Modulator, compensator: Compensator, frequencies: FloatArray
) -> Loops:
    """Close the voltage loop round orbits; the duty is theirs, and the reference follows.

    Args:
        orbits: of the designs.
        modulator: one for all, or with one row per design.
        compensator: one for all, or with one row per design.
        frequencies: Hz, up to half the switching frequency, shape (frequencies,) or
            (designs, frequencies).
    """
    count, m = len(orbits.period), compensator.output.shape[-1]
    s = orbits.states.shape[2] + m
    asked = spread(frequencies, orbits)
    angles = 2 * np.pi * asked * orbits.period[:, None]
    modulators = modulator.rows(orbits.period)
    compensators = compensator.rows(count)
    answers = Answers(
        np.full(asked.shape, np.nan, dtype=np.complex128),
        np.full((count, s, s), np.nan),
        np.full((count, 3), np.nan),
    )

    def work_through(todo: Iterator[slice]) -> None:
        cycle = cycle_of(s)
        sample = Sample(np.zeros((s, s), np.complex128), np.zeros((s, 1), np.complex128))
        for rows in todo:
            batch = Case(orbits.take(rows), modulators[rows], compensators.take(rows), 0)
            _close_chunk(batch, cycle, sample, angles[rows], answers.take(rows))

    share(count, work_through)
    closing, control, reference = answers.figures.T
    return Loops(
        frequencies=asked,
        gain=answers.gains,
        multipliers=multipliers_of(answers.maps),
        modulator=replace(modulator, control_slope=control / orbits.period),
        closing_slope=closing / orbits.period,
        reference=reference,
    )


def analysed_gain(orbits: Orbits, closed: Loops, compensator: Compensator) -> ComplexArray:
    """Return the loop gain that a frequency response analyser shows.

    It is the product of the responses at one frequency, with the modulator's gain as the ripple of
    the control voltage leaves it; it knows no aliases.

    Args:
        orbits: of the designs.
        closed: their loops, at whose frequencies it is wanted.
        compensator: of the loops.

    Returns:
        Shape (designs, frequencies).
    """
    found = responses(orbits, closed.modulator, closed.frequencies)
    return -found.control * compensator.transfer(closed.frequencies)
