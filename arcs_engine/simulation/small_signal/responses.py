"""The responses of the power stage, of batches of designs at many frequencies."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.small_signal.cycle import (
    Case,
    Compensators,
    Cycle,
    cycle_of,
)
from arcs_engine.simulation.small_signal.layout import lay_out
from arcs_engine.simulation.small_signal.modulator import Modulator
from arcs_engine.simulation.small_signal.orbits import INPUT_CURRENT, OUTPUT, Orbits
from arcs_engine.simulation.small_signal.transfer import (
    CONTROL,
    INPUTS,
    LINE,
    LOAD,
    READINGS,
    Wave,
    respond,
    wave_of,
)
from arcs_engine.simulation.steady.algebra import ComplexArray
from arcs_engine.simulation.steady.compiled import kernel
from arcs_engine.simulation.steady.threads import share


@dataclass(frozen=True, eq=False)
class Responses:
    """Small-signal responses with the voltage loop open; nan where there are none.

    The output voltage counts as positive, of inverting topologies too.

    Attributes:
        frequencies: Hz, shape (designs, frequencies), as all of the following.
        control: output voltage over control voltage.
        line: output voltage over input voltage.
        output_impedance: output voltage over a current into the output, ohm.
        input_impedance: input voltage over the current that it drives, ohm.
        multipliers: of the open power stage, the eigenvalues of the map of a period; shape
            (designs, states).
        closing_slope: at which the ramp, with the sensed current, meets the control voltage, V/s;
            without a positive one there is no modulator. Shape (designs,).
    """

    frequencies: FloatArray
    control: ComplexArray
    line: ComplexArray
    output_impedance: ComplexArray
    input_impedance: ComplexArray
    multipliers: ComplexArray
    closing_slope: FloatArray


class Answers(NamedTuple):
    """What the kernel fills, one row per design; n states.

    Attributes:
        transfers: output voltage and input current over the three inputs, shape
            (designs, frequencies, 2, 3).
        maps: of a period, shape (designs, n, n).
        slopes: at which the ramp meets the control voltage, V per period, shape (designs,).
    """

    transfers: ComplexArray
    maps: FloatArray
    slopes: FloatArray

    def take(self, rows: slice) -> "Answers":
        """Return some of the rows, to be written."""
        return Answers._make(array[rows] for array in self)


@kernel
def _respond_chunk(
    batch: Case, cycle: Cycle, wave: Wave, angles: FloatArray, answers: Answers
) -> None:
    """Fill the answers of a chunk, at angles per period of shape (designs, frequencies)."""
    for row in range(len(angles)):
        case = Case(batch.orbits, batch.modulators, batch.compensators, row)
        closes = lay_out(case, cycle)
        answers.slopes[row] = cycle.slopes[0]
        if not closes:
            continue
        for i in range(len(cycle.phi)):
            for j in range(len(cycle.phi)):
                answers.maps[row, i, j] = cycle.phi[i, j]
        for k in range(angles.shape[1]):
            found = answers.transfers[row, k]
            if not respond(case, cycle, wave, angles[row, k], found):
                found[:, :] = np.nan


def multipliers_of(maps: FloatArray) -> ComplexArray:
    """Return the eigenvalues of maps, shape (designs, n, n), largest first; nan of unknown ones."""
    known = np.asarray(np.isfinite(maps).all(axis=(1, 2)))
    values = np.full(maps.shape[:2], np.nan, dtype=np.complex128)
    values[known] = np.linalg.eigvals(maps[known])
    order = np.argsort(-np.abs(values), axis=1)
    return np.take_along_axis(values, order, axis=1)


def spread(frequencies: FloatArray, orbits: Orbits) -> FloatArray:
    """Return frequencies with one row per design, of shape (frequencies,) or that already."""
    return np.broadcast_to(frequencies, (len(orbits.period), frequencies.shape[-1])).copy()


def responses(orbits: Orbits, modulator: Modulator, frequencies: FloatArray) -> Responses:
    """Find the exact small-signal responses of power stages and their modulators.

    Args:
        orbits: of the designs.
        modulator: one for all, or with one row per design.
        frequencies: Hz, above 0, shape (frequencies,) or (designs, frequencies).
    """
    count, n = len(orbits.period), orbits.states.shape[2]
    asked = spread(frequencies, orbits)
    angles = 2 * np.pi * asked * orbits.period[:, None]
    modulators = modulator.rows(orbits.period)
    answers = Answers(
        np.full((*asked.shape, READINGS, INPUTS), np.nan, dtype=np.complex128),
        np.full((count, n, n), np.nan),
        np.full(count, np.nan),
    )
    none = Compensators(np.zeros((count, 0, 0)), np.zeros((count, 0, 2)), np.zeros((count, 0)))

    def work_through(todo: Iterator[slice]) -> None:
        cycle, wave = cycle_of(n), wave_of(n)
        for rows in todo:
            batch = Case(orbits.take(rows), modulators[rows], none.take(rows), 0)
            _respond_chunk(batch, cycle, wave, angles[rows], answers.take(rows))

    share(count, work_through)
    with np.errstate(invalid="ignore"):  # nan where there is none
        input_impedance = 1 / answers.transfers[:, :, INPUT_CURRENT, LINE]
    output = answers.transfers[:, :, OUTPUT]
    return Responses(
        frequencies=asked,
        control=output[:, :, CONTROL],
        line=output[:, :, LINE],
        output_impedance=orbits.sign[:, None] * output[:, :, LOAD],
        input_impedance=input_impedance,
        multipliers=multipliers_of(answers.maps),
        closing_slope=answers.slopes / orbits.period,
    )
