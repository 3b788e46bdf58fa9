"""The figures of a batch of designs at every point that their score needs.

`verdict` turns them into verdicts. A design's points are its operating corners: Vin min, nominal
and max, each at 10 % and 100 % load; the nominal point decides first, so that what fails there
costs no more.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import INPUT_CAPACITOR, Capacitor, Switch
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.design import Designs
from arcs_engine.performance.limits import is_smooth, vout_error
from arcs_engine.performance.losses import (
    CHEAPEST_PEAK,
    LossModel,
    LossTable,
    efficiency_estimated,
)
from arcs_engine.performance.metrics import PartFigure
from arcs_engine.performance.operating_point import SOURCE, PointFigures, solve_points
from arcs_engine.performance.ratings import Need, Stresses, needs
from arcs_engine.simulation.steady.network import IntArray

CORNERS: Final = tuple((vin, load) for vin in ("vin_min", "vin", "vin_max") for load in (1.0, 0.1))
NOMINAL: Final = CORNERS.index(("vin", 1.0))
_OTHERS: Final = np.array([k for k in range(len(CORNERS)) if k != NOMINAL])
_SOURCE_RMS: Final = PartFigure(SOURCE, "rms")


@dataclass(frozen=True)
class Assessment:
    """Everything known of n designs; arrays of shape (n,).

    Attributes:
        designs: with the input capacitor that was bought for them.
        nominal: figures at nominal input and full load.
        cut_off: which designs were cut off at their bound although the nominal point holds.
        corner_status: the solver's status at each of `CORNERS`, shape (n, corners); -1 where the
            nominal point already failed or the design was cut off, and the corner was not solved.
        corner_ripple: shape (n, corners).
        corner_balanced: `PointFigures.balanced` at each corner, shape (n, corners).
        peaks: worst |V| (switches, diodes, capacitors) or |I| (inductors) by part over the corners.
        currents: worst of `PointFigures.currents` over the corners.
        modelled: losses beyond the simulated ones, W, at the nominal point.
        energy: stored energy of inductors and capacitors at their worst corner, J.
        esr_bound: lowest ESR that can be bought for ``Cout``, ohm.
    """

    designs: Designs
    nominal: PointFigures
    cut_off: NDArray[np.bool_]
    corner_status: IntArray
    corner_ripple: FloatArray
    corner_balanced: NDArray[np.bool_]
    peaks: dict[str, FloatArray]
    currents: dict[PartFigure, FloatArray]
    modelled: LossTable
    energy: FloatArray
    esr_bound: FloatArray

    @property
    def loss(self) -> FloatArray:
        """Simulated and modelled losses at the nominal point, W."""
        simulated = sum(self.nominal.losses.values(), np.zeros_like(self.energy))
        return sum(self.modelled.values(), simulated)

    @cached_property
    def efficiency_estimated(self) -> FloatArray:
        """Of the nominal point, with all losses."""
        return efficiency_estimated(self.nominal, self.modelled)

    @cached_property
    def vout_error(self) -> FloatArray:
        """Of the nominal point, a fraction; nan where unsolved."""
        return vout_error(self.nominal.vout, self.designs.specs.vout)

    @cached_property
    def commutation(self) -> FloatArray:
        """Time that the leakage takes to commutate at the nominal point, over the on-time."""
        topology, specs = self.designs.topology, self.designs.specs
        time = topology.commutation_time(self.designs.parameters, specs.vin, specs.iout)
        return np.asarray(time * specs.fsw / self.nominal.duty)

    def needs(self) -> Iterator[Need]:
        """Yield what each part must stand at its worst corner."""
        return needs(self.designs, Stresses(self.peaks, self.currents))


AtBound = Callable[[FloatArray, FloatArray], NDArray[np.bool_]]
"""Says which designs are not worth more corners, from the least loss, W, and the least stored
energy, J, that they can have by their nominal point, shape (n,) each."""


def assess(designs: Designs, at_bound: AtBound | None = None) -> Assessment:
    """Solve every design at its nominal point and, where that holds, at all corners.

    With a given duty only the nominal point is solved: an open-loop converter does not regulate at
    the corners.

    Args:
        designs: n of them.
        at_bound: which of those that hold at their nominal point to cut off; None for none.
    """
    count, specs = len(designs), designs.specs
    nominal = solve_points(designs, specs.vin, np.ones(count))
    status = np.full((count, len(CORNERS)), -1, dtype=np.int64)
    ripple = np.full((count, len(CORNERS)), np.nan)
    balanced = np.zeros((count, len(CORNERS)), dtype=bool)
    status[:, NOMINAL] = nominal.status
    ripple[:, NOMINAL] = nominal.ripple
    balanced[:, NOMINAL] = nominal.balanced
    names, worst = _stresses(nominal)
    holds = (nominal.status == 0) & is_smooth(nominal.ripple, specs.ripple)
    cut_off = np.zeros(count, dtype=bool)
    certain = LossModel(designs, nominal, nominal.peaks).by_the_point()
    if at_bound is not None:
        cut_off = holds & at_bound(*_least(designs, nominal, certain))
    rows = np.flatnonzero(holds & ~cut_off)
    if designs.regulated and rows.size:
        figures = solve_corners(designs.take(rows), _OTHERS)
        at, shape = (rows[:, None], _OTHERS), (len(rows), len(_OTHERS))
        status[at] = figures.status.reshape(shape)
        ripple[at] = figures.ripple.reshape(shape)
        balanced[at] = figures.balanced.reshape(shape)
        corners = _stresses(figures)[1].reshape(-1, *shape)
        # Where a corner has no operating point its stress is not known.
        worst[:, rows] = np.fmax(worst[:, rows], np.fmax.reduce(corners, axis=-1))
    stresses = dict(zip(names, worst, strict=True))
    source_rms = stresses[_SOURCE_RMS]
    peaks = {name: stresses[PartFigure(name)] for name in nominal.peaks}
    peaks[INPUT_CAPACITOR.name] = specs.vin_max
    currents = {name: stresses[name] for name in nominal.currents}
    currents[PartFigure(INPUT_CAPACITOR.name, "rms")] = source_rms
    bought = designs.with_input_capacitor(source_rms)
    return Assessment(
        designs=bought,
        nominal=nominal,
        cut_off=cut_off,
        corner_status=status,
        corner_ripple=ripple,
        corner_balanced=balanced,
        peaks=peaks,
        currents=currents,
        modelled=LossModel(bought, nominal, peaks).every(certain),
        energy=_stored_energy(bought, peaks),
        esr_bound=parts.esr_bound(bought.parameters["Cout"], specs.vout),
    )


def _least(
    designs: Designs, nominal: PointFigures, certain: LossTable
) -> tuple[FloatArray, FloatArray]:
    """Return the least loss (W) and energy (J) that designs with derived parts can have.

    Their stresses can only grow at other corners. That of a main switch then buys a class that
    loses no less than the cheapest one. Left out is what a part may lose less of when it has to
    stand more: the input capacitor, and the output charge of a synchronous rectifier.
    """
    peaks = dict(nominal.peaks)
    uncertain = set()
    for switch in designs.topology.circuit.of_type(Switch):
        if switch.gate == "complement":
            uncertain.add(PartFigure(switch.name, "output charge"))
        else:
            peaks[switch.name] = np.maximum(peaks[switch.name], CHEAPEST_PEAK)
    switching = LossModel(designs, nominal, peaks).of_switches()
    least = [loss for name, loss in switching.items() if name not in uncertain]
    loss = sum((*nominal.losses.values(), *least, *certain.values()), np.zeros(len(designs)))
    return loss, _stored_energy(designs, nominal.peaks)


def solve_corners(designs: Designs, corners: NDArray[np.intp]) -> PointFigures:
    """Solve designs at some corners, in one batch; rows are designs, then corners.

    Args:
        designs: n of them.
        corners: which of `CORNERS`.
    """
    rows = np.repeat(np.arange(len(designs)), len(corners))
    chosen = np.tile(corners, len(designs))
    inputs = np.array([getattr(designs.specs, vin) for vin, _ in CORNERS])
    loads = np.array([load for _, load in CORNERS])
    return solve_points(designs.take(rows), inputs[chosen, rows], loads[chosen])


def _stresses(point: PointFigures) -> tuple[list[PartFigure], FloatArray]:
    """Return everything whose worst corner counts: names, and an array of shape (names, n)."""
    every = {PartFigure(part): peak for part, peak in point.peaks.items()} | point.currents
    every[_SOURCE_RMS] = point.alternating[SOURCE]
    return list(every), np.array(list(every.values()))


def _stored_energy(designs: Designs, peaks: Mapping[str, FloatArray]) -> FloatArray:
    """Return the sum of L I^2 / 2 and C V^2 / 2 at each part's own worst corner, J.

    Of the simulated parts: the input capacitor follows from the spec more than from the design, and
    would be most of a buck's or forward's energy without telling two designs apart.

    Args:
        designs: n of them.
        peaks: worst |V| or, of inductors, |I|, by part.
    """
    topology, parameters = designs.topology, designs.parameters
    energies = [0.5 * parameters[e.inductance] * peaks[e.name] ** 2 for e in topology.magnetics]
    energies += [
        0.5 * parameters[e.capacitance] * peaks[e.name] ** 2
        for e in topology.circuit.of_type(Capacitor)
    ]
    return np.asarray(sum(energies))
