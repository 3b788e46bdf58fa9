"""A good ideal type II compensator for a power stage in peak current mode, by a small search.

Shapes are tried at the highest crossover first: the zero a third to a fourteenth of it, the pole at
shares of the switching frequency, at the ESR's zero or at the right-half-plane zero, and the gain
such that the fastest corner crosses over where it may. What is accepted has 50 degrees of phase
margin at every crossing, |1 + L| of 0.65, -L(fs/2) of 0.3 and stable multipliers at every corner.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.analysis.regulation import modulator_at, operating_point, textbook_modulator
from arcs_engine.circuits.crossover import (
    FASTEST_SHARE,
    OPTOCOUPLER_LIMIT,
    ZERO_SHARE,
    right_half_plane_zero,
)
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.performance.design import Design, Designs
from arcs_engine.simulation.closed_loop import Regulator
from arcs_engine.simulation.small_signal.compensator import Compensator
from arcs_engine.simulation.small_signal.loops import Loops, loops
from arcs_engine.simulation.small_signal.modulator import Modulator
from arcs_engine.simulation.small_signal.orbits import Orbits
from arcs_engine.simulation.small_signal.record import periodic_orbits
from arcs_engine.simulation.small_signal.responses import responses
from arcs_engine.simulation.steady.network import IntArray

SHARES: Final = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
"""Of the highest crossover that are tried."""

LEAST_MARGIN, LEAST_DISTANCE, MOST_AT_HALF = 50.0, 0.65, 0.3

_ZEROS: Final = (3.0, 5.0, 8.0, 14.0)
_FREQUENCIES: Final = 80
_PASSES: Final = 3


@dataclass(frozen=True, eq=False)
class Corners:
    """A power stage at its corners: three inputs at the full and a quarter of the load.

    Attributes:
        design: whose.
        orbits: shape (6,).
        modulator: of all corners.
        highest: crossover that each may have, Hz, shape (6,).
        esr_zero: of the output capacitor, Hz.
        right_zero: the lowest right-half-plane zero, Hz; inf for none.
    """

    design: Design
    orbits: Orbits
    modulator: Modulator
    highest: FloatArray
    esr_zero: float
    right_zero: float


@dataclass(frozen=True, eq=False)
class TrialLoop:
    """What was found.

    Attributes:
        regulator: in the solver's terms.
        share: of the highest crossover that it reaches.
        crossover: lowest one of all corners that was aimed at, Hz.
    """

    regulator: Regulator
    share: float
    crossover: float


def corners_of(design: Design) -> Corners | None:
    """Solve a design at its corners; None where one has no steady state."""
    spec, topology = design.spec, design.topology
    inputs = np.repeat([spec.vin_min, spec.vin, spec.vin_max], 2)
    shares = np.tile([1.0, 0.25], 3)
    point = operating_point(design, spec.vin_min)
    columns = {name: np.full(6, value) for name, value in point.parameters.items()}
    columns |= {"vin": inputs, "rload": point.parameters["rload"] / shares}
    orbits = periodic_orbits(topology, columns, np.full(6, spec.fsw), vout=np.full(6, spec.vout))
    if not orbits.solved.all():
        return None
    stage = topology.stage(Designs.stacked([design]).parameters, SpecBatch.of([spec]))
    ratio = spec.vin_min / float(np.ravel(stage.low)[0])
    zeros = right_half_plane_zero(topology.loop, replace(stage, low=inputs / ratio))
    highest = np.minimum(spec.fsw / FASTEST_SHARE, np.broadcast_to(zeros, 6) / ZERO_SHARE)
    if topology.isolated:
        highest = np.minimum(highest, OPTOCOUPLER_LIMIT)
    capacitor = point.parameters["Cout"] * point.parameters["Cout_esr"]
    modulator = modulator_at(textbook_modulator(point, orbits.take(slice(0, 1)), "current"), point)
    return Corners(
        design, orbits, modulator, highest, float(1 / (2 * np.pi * capacitor)), float(zeros.min())
    )


def best_loops(corners: Corners) -> Iterator[TrialLoop]:
    """Yield the accepted shapes at the largest share of the highest crossover that has any."""
    for share in SHARES:
        highest = share * corners.highest
        found = list(_accepted(corners, highest))
        if found:
            for compensator in found:
                regulator = Regulator(
                    corners.modulator, compensator, longest_duty=corners.design.topology.max_duty
                )
                yield TrialLoop(regulator, share, float(highest.min()))
            return


def _accepted(corners: Corners, highest: FloatArray) -> Iterator[Compensator]:
    shapes = _shapes(corners, float(highest.min()))
    count, each = len(shapes), len(highest)
    rows: IntArray = np.tile(np.arange(each), count)
    orbits, tops = corners.orbits.take(rows), highest[rows]
    plant = responses(corners.orbits, corners.modulator, highest[:, None]).control[:, 0]
    owner = np.repeat(np.arange(count), each)
    unit = _type_two(np.ones(count), shapes)
    first = np.abs(plant[rows] * _taken(unit, owner).transfer(tops[:, None])[:, 0])
    gains = 1 / first.reshape(count, each).max(axis=1)
    for _ in range(_PASSES):
        made = _taken(_type_two(gains, shapes), owner)
        there = np.abs(loops(orbits, corners.modulator, made, tops[:, None]).gain[:, 0])
        gains = gains / there.reshape(count, each).max(axis=1)
    fsw = 1 / corners.orbits.period[0]
    frequencies = np.append(np.geomspace(fsw / 3000, 0.4999 * fsw, _FREQUENCIES), fsw / 2)
    final = _type_two(gains, shapes)
    closed = loops(orbits, corners.modulator, _taken(final, owner), frequencies)
    good = acceptable(closed).reshape(count, each).all(axis=1)
    for k in np.flatnonzero(good & np.isfinite(gains)):
        yield Compensator(final.dynamics[k], final.inputs[k], final.output[k])


def _shapes(corners: Corners, fc: float) -> FloatArray:
    """Return zeros and poles to try, Hz, shape (shapes, 2)."""
    fsw, zero = corners.design.spec.fsw, min(corners.esr_zero, corners.right_zero)
    poles = {
        min(max(1.2 * fc, pole), 2 * fsw)
        for pole in (fsw / 3, fsw / 2, fsw, zero, zero / 2, corners.right_zero)
    }
    return np.array([(fc / ratio, pole) for ratio in _ZEROS for pole in sorted(poles)])


def _type_two(gains: FloatArray, shapes: FloatArray) -> Compensator:
    """Return ideal integrators with a zero and a pole, one per shape."""
    count = len(gains)
    zero, pole = 2 * np.pi * shapes.T
    dynamics, inputs = np.zeros((count, 2, 2)), np.zeros((count, 2, 2))
    dynamics[:, 1, 0], dynamics[:, 1, 1] = pole, -pole
    inputs[:, 0, 0], inputs[:, 1, 0] = -gains, -gains * pole / zero
    inputs[:, :, 1] = -inputs[:, :, 0]
    return Compensator(dynamics, inputs, np.tile([0.0, 1.0], (count, 1)))


def _taken(each: Compensator, rows: NDArray[np.intp]) -> Compensator:
    return Compensator(each.dynamics[rows], each.inputs[rows], each.output[rows])


def acceptable(closed: Loops) -> NDArray[np.bool_]:
    """Return which loops keep the limits; the last frequency is half the switching frequency."""
    with np.errstate(invalid="ignore"):
        stable = np.abs(closed.multipliers[:, 0]) < 1
        outruns = closed.closing_slope > 0
        size = np.abs(closed.gain[:, :-1])
        crosses = (size[:, :-1] > 1) != (size[:, 1:] > 1)
        phase = np.degrees(np.abs(np.angle(-closed.gain[:, :-1])))
        close = crosses & (np.minimum(phase[:, :-1], phase[:, 1:]) < LEAST_MARGIN)
        distant = np.min(np.abs(1 + closed.gain), axis=1) >= LEAST_DISTANCE
        half = closed.gain[:, -1].real >= -MOST_AT_HALF
    return np.asarray(stable & outruns & distant & half & ~close.any(axis=1))
