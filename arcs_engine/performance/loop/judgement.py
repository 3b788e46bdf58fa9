"""The judge of loops: many compensators round one design, at all of its corners at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.control import Compensator, PartValues
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.loop.limits import GRADUAL, LIMITS
from arcs_engine.performance.loop.margins import Margins, margins_of
from arcs_engine.performance.loop.plants import Plants
from arcs_engine.simulation.small_signal import compensator as small_signal
from arcs_engine.simulation.small_signal.loops import loops
from arcs_engine.simulation.small_signal.modulator import Modulator
from arcs_engine.simulation.steady.algebra import ComplexArray


@dataclass(frozen=True)
class Fitting:
    """A compensator with the values of its parts.

    Attributes:
        compensator: which circuit.
        values: of its parts, SI units.
    """

    compensator: Compensator
    values: PartValues


@dataclass(frozen=True, eq=False)
class LoopVerdicts:
    """What the judge says of loops; places are the corners, with each end of what spreads.

    Arrays have shape (fittings, places), those over frequency another axis; nan where there is no
    loop.

    Attributes:
        plants: what the loops are closed round.
        fittings: the compensators.
        gain: the analyser's loop gain.
        sampled_gain: L(z), the sampled loop gain.
        multiplier: of the closed loop, the largest in modulus.
        closing_slope: at which the comparator's inputs meet, V/s.
        control_slope: of the control voltage there, V/s.
        reference: with which the loop holds the output, V.
    """

    plants: Plants
    fittings: Sequence[Fitting]
    gain: ComplexArray
    sampled_gain: ComplexArray
    multiplier: ComplexArray
    closing_slope: FloatArray
    control_slope: FloatArray
    reference: FloatArray

    @cached_property
    def analysed(self) -> Margins:
        """Margins of the analyser's loop gain."""
        return margins_of(self.plants.frequencies, self.gain)

    @cached_property
    def sampled(self) -> Margins:
        """Margins of the sampled loop."""
        return margins_of(self.plants.frequencies, self.sampled_gain)

    @property
    def half(self) -> FloatArray:
        """The sampled loop gain at half the switching frequency, which is real."""
        return np.asarray(self.sampled_gain[..., -1].real)

    @cached_property
    def modulus(self) -> FloatArray:
        """Least |1 + L| of the sampled loop."""
        return np.asarray(np.min(np.abs(1 + self.sampled_gain), axis=-1))

    @cached_property
    def crossover(self) -> FloatArray:
        """The higher one of the analyser's and the sampled loop's highest crossover, Hz."""
        return np.fmax(self.analysed.crossover, self.sampled.crossover)

    @property
    def right_half_plane_zero(self) -> FloatArray:
        """Hz, inf for none; shape (places,)."""
        return np.tile(self.plants.corners.right_half_plane_zero, self._ends)

    @property
    def _ends(self) -> int:
        return int(self.gain.shape[1]) // len(self.plants.corners)

    @cached_property
    def slack(self) -> dict[str, FloatArray]:
        """How far each limit is held, over the limit; below zero, or nan, where it is not."""
        return {limit.label: limit.slack(self) for limit in LIMITS}

    @cached_property
    def holds(self) -> NDArray[np.bool_]:
        """Which fittings hold every limit at every place, shape (fittings,)."""
        held = [(each >= 0).all(axis=1) for each in self.slack.values()]
        return np.asarray(np.logical_and.reduce(held))

    @cached_property
    def worst(self) -> NDArray[np.intp]:
        """The place that comes nearest to a limit, or exceeds the first one most, (fittings,)."""
        nearest = np.min(np.stack([_known(self.slack[name]) for name in GRADUAL]), axis=0)
        found = np.argmin(nearest, axis=1)
        for slack in reversed([_known(each) for each in self.slack.values()]):
            exceeded = (slack < 0).any(axis=1)
            found = np.where(exceeded, np.argmin(slack, axis=1), found)
        return np.asarray(found)

    def place(self, place: int) -> str:
        """Say which corner a place is, and at which end of what spreads."""
        corners = self.plants.corners
        end, row = divmod(place, len(corners))
        if self._ends == 1:
            return corners.name(row)
        return f"{corners.name(row)}, {('least', 'largest')[end]} CTR"

    def reasons(self, row: int) -> tuple[str, ...]:
        """Say which limits one fitting does not hold, a sentence each, with its worst place."""
        sentences = []
        for limit in LIMITS:
            slack = _known(self.slack[limit.label][row])
            if (slack < 0).any():
                place = int(np.argmin(slack))
                sentences.append(f"At {self.place(place)}: {limit.reason(self, (row, place))}")
        return tuple(sentences)


def judge_loops(plants: Plants, fittings: Sequence[Fitting]) -> LoopVerdicts:
    """Judge the loops that compensators of one kind close.

    Args:
        plants: of the design.
        fittings: the compensators, at least one, alike in circuit.
    """
    corners, count = plants.corners, len(plants.corners)
    systems = [
        end.system(fitting.values) for fitting in fittings for end in fitting.compensator.extremes()
    ]
    rows = np.tile(np.arange(count), len(systems))
    closed = loops(
        corners.orbits.take(rows),
        _repeated(plants.modulator, rows),
        small_signal.Compensator(
            *(
                np.repeat(np.stack([np.asarray(part) for part in parts]), count, axis=0)
                for parts in zip(*((s.a, s.b, s.c) for s in systems), strict=True)
            )
        ),
        plants.frequencies,
    )
    shape = (len(fittings), -1)
    slope = closed.modulator.control_slope.reshape(len(systems), count)
    transfers = np.stack([system.gain(plants.frequencies) for system in systems])
    gain = -plants.rippled(slope) * transfers[:, None, :]
    return LoopVerdicts(
        plants=plants,
        fittings=fittings,
        gain=gain.reshape(*shape, len(plants.frequencies)),
        sampled_gain=closed.gain.reshape(*shape, len(plants.frequencies)),
        multiplier=closed.multipliers[:, 0].reshape(shape),
        closing_slope=closed.closing_slope.reshape(shape),
        control_slope=slope.reshape(shape),
        reference=closed.reference.reshape(shape),
    )


def _repeated(modulator: Modulator, rows: NDArray[np.intp]) -> Modulator:
    """Return a modulator with a row per corner for the rows of a batch."""
    count = int(rows.max()) + 1
    columns = (modulator.ramp, modulator.sensing, modulator.delay, modulator.control_slope)
    return Modulator(*(np.broadcast_to(column, count)[rows] for column in columns))


def _known(slack: FloatArray) -> FloatArray:
    """Return slacks with those that are not known as far below zero."""
    return np.where(np.isnan(slack), -np.inf, slack)
