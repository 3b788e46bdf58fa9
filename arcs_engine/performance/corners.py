"""The figures of a batch of designs at every point that their verdict needs.

Nominal parts are solved at nominal input and full load, and at a quarter of it: they give the
figures and the cost. Worst parts are solved at the corners, Vin min, nominal and max, each at 10 %
and 100 % load: they say what must be stood and whether the spec is met. The nominal point
decides first, so that what fails there costs no more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.circuit import INPUT_CAPACITOR, Capacitor, Switch
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance import thermal
from arcs_engine.performance.design import Designs
from arcs_engine.performance.limits import is_smooth, vout_error
from arcs_engine.performance.losses import LossModel, LossTable, Packages, efficiency_estimated
from arcs_engine.performance.metrics import PartFigure
from arcs_engine.performance.operating_point import SOURCE, PointFigures, solve_points
from arcs_engine.performance.ratings import Need, Stresses, needs
from arcs_engine.performance.size import Board
from arcs_engine.performance.transient import deviation
from arcs_engine.performance.worst_parts import (
    HOT_SILICON,
    at_corners,
    at_load_steps,
    slow_capacitance,
    slow_inductance,
)
from arcs_engine.simulation.steady.network import IntArray

CORNERS: Final = tuple((vin, load) for vin in ("vin_min", "vin", "vin_max") for load in (1.0, 0.1))
_FULL_LOAD: Final = np.array([k for k, (_, load) in enumerate(CORNERS) if load == 1.0])
LIGHT: Final = 0.25
"""Load at which the loss counts as much as at full load: supplies idle most of their life. Codes of
conduct for external supplies average 25 to 100 %."""

_SOURCE_RMS: Final = PartFigure(SOURCE, "rms")


@dataclass(frozen=True)
class Corners:
    """Worst parts at `CORNERS`; arrays of shape (n, corners), nan or false where not solved.

    Attributes:
        status: the solver's; -1 where the corner was not solved.
        ripple: of the output, a fraction of the wanted output.
        balanced: `PointFigures.balanced`.
        swing: largest ripple of the main inductor's current at full load over its largest mean
            there, of nominal parts, shape (n,).
        coupling: largest ripple of a coupling capacitor over its mean, of nominal parts, (n,).
        heat: junction temperatures by part, °C.
        packages: bare volumes of the packages that keep cool, mm3, by part, shape (n,).
        heating: largest `thermal.heating` of a part, shape (n,).
    """

    status: IntArray
    ripple: FloatArray
    balanced: NDArray[np.bool_]
    swing: FloatArray
    coupling: FloatArray
    heat: dict[str, FloatArray]
    packages: Packages
    heating: FloatArray


@dataclass(frozen=True)
class Assessment:
    """Everything known of n designs; arrays of shape (n,).

    Attributes:
        designs: with the input capacitor that was bought for them.
        nominal: figures at nominal input and full load.
        light: the same at a quarter of the load.
        corners: what their worst parts do at the corners.
        stresses: the worst that parts see there, and at the nominal point.
        packages: bare volumes of the packages that switches and rectifiers are bought in, mm3.
        modelled: losses beyond the simulated ones, W, at the nominal point.
        modelled_light: the same at a quarter of the load.
        heating: largest `thermal.heating` of a part, at the nominal point and the corners.
    """

    designs: Designs
    nominal: PointFigures
    light: PointFigures
    corners: Corners
    stresses: Stresses
    packages: Packages
    modelled: LossTable
    modelled_light: LossTable
    heating: FloatArray

    @cached_property
    def loss(self) -> FloatArray:
        """Losses at full load and four times those at a quarter, halved, W.

        Over Pout it is the mean of the relative losses at both loads.
        """
        return _mean_loss(
            _total(self.nominal, self.modelled), _total(self.light, self.modelled_light)
        )

    @cached_property
    def board(self) -> Board:
        """The parts that are bought."""
        return Board(self.designs, self.stresses, self.packages)

    @cached_property
    def energy(self) -> FloatArray:
        """Stored energy of inductors and capacitors at their worst corner, J."""
        return _stored_energy(self.designs, self.stresses)

    @cached_property
    def efficiency_estimated(self) -> FloatArray:
        """Of the nominal point, with all losses."""
        return efficiency_estimated(self.nominal, self.modelled)

    @cached_property
    def vout_error(self) -> FloatArray:
        """Of the nominal point, a fraction; nan where unsolved."""
        return vout_error(self.nominal.vout, self.designs.specs.vout)

    @cached_property
    def deviation(self) -> FloatArray:
        """Peak deviation of the output when the load steps, of worst parts, a fraction of Vout."""
        gaps = (self.light.idle > 0) & (self.designs.specs.step_from <= LIGHT)
        return deviation(at_load_steps(self.designs), gaps)

    @cached_property
    def commutation(self) -> FloatArray:
        """Time that the leakage takes to commutate at the nominal point, over the on-time."""
        topology, specs = self.designs.topology, self.designs.specs
        time = topology.commutation_time(self.designs.parameters, specs.vin, specs.iout)
        return np.asarray(time * specs.fsw / self.nominal.duty)

    def needs(self) -> Iterator[Need]:
        """Yield what each part must stand at its worst corner."""
        return needs(self.designs, self.stresses, self.board.banks)


def assess(designs: Designs) -> Assessment:
    """Solve every design at its nominal point and, where that holds, at all corners.

    With a given duty the corners are not solved: an open-loop converter does not regulate there.
    """
    count, specs = len(designs), designs.specs
    nominal, light = _nominal_points(designs)
    holds = (nominal.status == 0) & is_smooth(nominal.ripple, specs.ripple)
    known = _stresses(nominal)
    rows = np.flatnonzero(holds)
    corners = _not_solved(count)
    if designs.regulated and rows.size:
        worst = at_corners(designs.take(rows))
        figures = solve_corners(worst, np.arange(len(CORNERS)))
        known = {name: _with_worst(stress, figures, name, rows) for name, stress in known.items()}
        corners = _read(worst, figures, rows, corners)
    source_rms = known.pop(_SOURCE_RMS)
    peaks = {name: known[PartFigure(name)] for name in nominal.peaks}
    peaks[INPUT_CAPACITOR.name] = specs.vin_max
    currents = {name: known[name] for name in nominal.currents}
    currents[PartFigure(INPUT_CAPACITOR.name, "rms")] = source_rms
    bought = designs.with_input_capacitor(source_rms)
    model = LossModel(bought, nominal, peaks, currents)
    # Where no corner was solved the least packages are bought.
    packages = {
        part: np.maximum(least, corners.packages.get(part, 0.0))
        for part, least in model.least_packages.items()
    }
    return Assessment(
        designs=bought,
        nominal=nominal,
        light=light,
        corners=corners,
        stresses=Stresses(peaks, currents),
        packages=packages,
        modelled=replace(model, packages=packages).every(),
        modelled_light=replace(model, point=light, packages=packages).every(),
        heating=np.fmax(replace(model, packages=packages).heating, corners.heating),
    )


def _nominal_points(designs: Designs) -> tuple[PointFigures, PointFigures]:
    """Solve nominal parts at full and at light load, in one batch."""
    rows = np.arange(len(designs))
    twice = designs.take(np.concatenate([rows, rows]))
    load = np.repeat([1.0, LIGHT], len(designs))
    both = solve_points(twice, twice.specs.vin, load)
    return both.take(rows), both.take(len(designs) + rows)


def _stresses(point: PointFigures) -> dict[PartFigure, FloatArray]:
    """Return everything whose worst corner counts."""
    every = {PartFigure(part): peak for part, peak in point.peaks.items()} | point.currents
    return every | {_SOURCE_RMS: point.alternating[SOURCE]}


def _with_worst(
    stress: FloatArray, figures: PointFigures, name: PartFigure, rows: NDArray[np.intp]
) -> FloatArray:
    """Return a stress with the worst of the corners of some rows.

    Where a corner has no operating point its stress is not known.
    """
    worst = np.fmax.reduce(_stresses(figures)[name].reshape(len(rows), -1), axis=1)
    found = stress.copy()
    found[rows] = np.fmax(found[rows], worst)
    return found


def _not_solved(count: int) -> Corners:
    shape, nothing = (count, len(CORNERS)), np.full(count, np.nan)
    return Corners(
        status=np.full(shape, -1, dtype=np.int64),
        ripple=np.full(shape, np.nan),
        balanced=np.zeros(shape, dtype=bool),
        swing=nothing,
        coupling=nothing,
        heat={},
        packages={},
        heating=nothing,
    )


def _read(worst: Designs, figures: PointFigures, rows: NDArray[np.intp], empty: Corners) -> Corners:
    """Return what the corners of some rows say; the others stay empty.

    Args:
        worst: the designs of those rows, of worst parts.
        figures: of their corners; rows are designs, then corners.
        rows: which of all designs they are.
        empty: of all designs.
    """
    shape = (len(rows), len(CORNERS))

    topology = worst.topology
    main = topology.main_inductor
    packages, losses = _heated(worst, figures)
    ripple = figures.ripples[main].reshape(shape)[:, _FULL_LOAD]
    mean = figures.peaks[main].reshape(shape)[:, _FULL_LOAD] - ripple / 2
    swing = slow_inductance() * np.fmax.reduce(ripple, axis=1) / np.fmax.reduce(mean, axis=1)
    coupling = np.zeros(len(rows))
    for capacitor in topology.coupling_capacitors:
        moves = figures.ripples[capacitor.name].reshape(shape)
        stands = figures.peaks[capacitor.name].reshape(shape) - moves / 2
        share = slow_capacitance() * np.fmax.reduce(moves / stands, axis=1)
        coupling = np.maximum(coupling, share)
    return Corners(
        status=_placed(rows, empty.status, figures.status.reshape(shape)),
        ripple=_placed(rows, empty.ripple, figures.ripple.reshape(shape)),
        balanced=_placed(rows, empty.balanced, figures.balanced.reshape(shape)),
        swing=_placed(rows, empty.swing, swing),
        coupling=_placed(rows, empty.coupling, coupling),
        heat={
            part: _placed(rows, np.full(empty.status.shape, np.nan), hot.reshape(shape))
            for part, hot in losses.temperatures.items()
        },
        packages={
            part: _placed(rows, np.zeros(len(empty.status)), package)
            for part, package in packages.items()
        },
        heating=_placed(rows, empty.heating, np.fmax.reduce(losses.heating.reshape(shape), axis=1)),
    )


AnyArray = TypeVar("AnyArray", FloatArray, IntArray, NDArray[np.bool_])


def _placed(rows: NDArray[np.intp], every: AnyArray, own: AnyArray) -> AnyArray:
    """Return figures of all designs, those of some rows replaced."""
    found = every.copy()
    found[rows] = own
    return found


def _heated(worst: Designs, figures: PointFigures) -> tuple[Packages, LossModel]:
    """Buy the packages that keep cool at the corners, of those that there are.

    The worst parts' on-resistance is that of hot silicon already. At 25 °C it is less, and it is
    that one which says what die is bought.

    Returns:
        Bare volumes of the packages, mm3, shape (n,), by part, and the losses of hot parts in them;
        rows are designs, then corners.
    """
    switches = [switch.on_resistance for switch in worst.topology.circuit.of_type(Switch)]
    cold = {name: worst.parameters[name] / HOT_SILICON for name in switches}
    bought = replace(worst, parameters=worst.parameters | cold)
    count, every = len(worst), np.repeat(np.arange(len(worst)), len(CORNERS))
    known = {
        name: np.fmax.reduce(stress.reshape(count, -1), axis=1)[every]
        for name, stress in _stresses(figures).items()
    }
    peaks = {part: known[PartFigure(part)] for part in figures.peaks}
    model = LossModel(bought.take(every), figures, peaks, known, solved_hot=HOT_SILICON)
    packages = {p: v.reshape(count, -1)[:, 0] for p, v in model.least_packages.items()}
    for larger in thermal.PACKAGES:
        hot = {
            part: (temperature.reshape(count, -1) > thermal.JUNCTION_LIMIT).any(axis=1)
            for part, temperature in model.temperatures.items()
        }
        if not any(each.any() for each in hot.values()):
            break
        for part, needs_more in hot.items():
            enlarged = np.maximum(packages[part], larger)
            packages[part] = np.where(needs_more, enlarged, packages[part])
        each = {part: package[every] for part, package in packages.items()}
        model = replace(model, packages=each)
    return packages, model


def _total(point: PointFigures, modelled: LossTable) -> FloatArray:
    return np.asarray(sum((*point.losses.values(), *modelled.values()), np.zeros_like(point.pin)))


def _mean_loss(full: FloatArray, light: FloatArray) -> FloatArray:
    return (full + light / LIGHT) / 2


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


def _stored_energy(designs: Designs, stresses: Stresses) -> FloatArray:
    """Return the sum of L I^2 / 2 and C V^2 / 2 at each part's own worst corner, J.

    Of the simulated parts: the input capacitor follows from the spec more than from the design.
    """
    topology, parameters, peaks = designs.topology, designs.parameters, stresses.peaks
    energies = [0.5 * parameters[e.inductance] * peaks[e.name] ** 2 for e in topology.magnetics]
    energies += [
        0.5 * parameters[e.capacitance] * peaks[e.name] ** 2
        for e in topology.circuit.of_type(Capacitor)
    ]
    return np.asarray(sum(energies))
