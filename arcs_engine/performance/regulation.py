"""A design that is shown, away from its nominal point.

Regulation, on- and off-times at every corner of input and load, and the load at which continuous
conduction ends. A search judges thousands of designs and needs none of it, so it is not part of
the verdict; a few solver batches give it for a whole shortlist.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import numpy as np

from arcs_engine.circuits.circuit import INPUT_CAPACITOR, Diode
from arcs_engine.circuits.parts.volumes import without_keep_out
from arcs_engine.circuits.spec import FloatArray, Spec
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.cautions import of_flux, of_recovery, of_reset, of_times
from arcs_engine.performance.cores import flux_density
from arcs_engine.performance.corners import CORNERS, solve_corners
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.losses import LossModel, LossTable, efficiency_estimated
from arcs_engine.performance.metrics import Corner, PartFigure
from arcs_engine.performance.operating_point import PointFigures, mode_at, solve_points

_INPUTS: Final = ("vin_min", "vin", "vin_max")
_FULL_LOAD: Final = 1.0

_ROUNDS: Final = 12
_SLOPES: Final = (-4.0, -0.25)
_NUDGE: Final = 0.1
"""Step in the logarithm of the load away from a point that has no solution."""

_BOUNDARY_ACCURACY: Final = 0.005
"""Relative error of a boundary load at which the search for it ends."""


def with_corners(
    spec: Spec,
    candidates: Sequence[Candidate],
) -> list[Candidate]:
    """Return candidates with what their corners say, and with warnings; the order stays.

    Candidates without an operating point stay as they are. The corners are those of the parts and
    the duty that a candidate was judged with: a given duty is the same at every corner.

    Args:
        spec: what they were judged for.
        candidates: of any topologies.
    """
    completed = list(candidates)
    kinds: dict[tuple[object, ...], list[int]] = {}
    for place, each in enumerate(candidates):
        if each.metrics is not None:
            kind = (each.topology, each.given_duty, *sorted(each.overrides.items()))
            kinds.setdefault(kind, []).append(place)
    for places in kinds.values():
        study = _study(spec, [candidates[place] for place in places])
        for row, place in enumerate(places):
            completed[place] = study.completed(candidates[place], row)
    return completed


@dataclass(frozen=True)
class _Study:
    """The corners of n designs of one topology; rows of `figures` are designs, then corners.

    `estimated` is their efficiency with all losses; `boundaries` are output currents, A, shape
    (n, inputs); nan where there is none.
    """

    spec: Spec
    designs: Designs
    figures: PointFigures
    estimated: FloatArray
    boundaries: FloatArray

    def completed(self, candidate: Candidate, row: int) -> Candidate:
        """Return one of the designs with what its corners say."""
        points = {
            (getattr(self.spec, vin), load): self._corner(row * len(CORNERS) + place)
            for place, (vin, load) in enumerate(CORNERS)
        }
        corners = tuple(corner for corner in points.values() if corner is not None)
        line = [corner for (_, load), corner in points.items() if load == _FULL_LOAD]
        load = [corner for (vin, _), corner in points.items() if vin == self.spec.vin]
        boundaries = zip(_INPUTS, self.boundaries[row].tolist(), strict=True)
        assert candidate.metrics is not None
        metrics = msgspec.structs.replace(
            candidate.metrics,
            corners=corners,
            line_regulation=self._spread(line),
            load_regulation=self._spread(load),
            boundary_loads={vin: amperes for vin, amperes in boundaries if np.isfinite(amperes)},
        )
        warnings = (
            *candidate.warnings,
            *of_times(corners),
            *of_recovery(self.designs.topology, self._recovery_times(row), corners),
            *of_reset(float(self.figures.reset_duty[row * len(CORNERS)]), corners),
            *of_flux(self._flux_densities(row)),
            *dict.fromkeys(() if self.designs.regulated else self._failures(row)),
        )
        return msgspec.structs.replace(candidate, metrics=metrics, warnings=warnings)

    def _recovery_times(self, row: int) -> dict[str, float]:
        """Return the recovery times of one design's diodes by name, s."""
        return {
            diode.name: float(self.designs.parameters[diode.recovery_time][row])
            for diode in self.designs.topology.circuit.of_type(Diode)
        }

    def _flux_densities(self, row: int) -> dict[str, float]:
        """Return the highest flux density of one design's cores at any corner, T, by name."""
        at = slice(row * len(CORNERS), (row + 1) * len(CORNERS))
        own = {name: parameter[row] for name, parameter in self.designs.parameters.items()}
        topology, found = self.designs.topology, {}
        for core in topology.magnetics:
            resets = topology.resets and core.name == topology.core_winding
            # From zero flux the magnetizing current rises to its ripple; the windings carry more.
            current = (self.figures.ripples if resets else self.figures.peaks)[core.name][at]
            found[core.name] = float(np.nanmax(flux_density(core, own, current), initial=0.0))
        return found

    def _failures(self, row: int) -> Iterator[str]:
        """Yield why corners have no operating point at a given duty, which no reason names."""
        for place, (vin, load) in enumerate(CORNERS):
            k = row * len(CORNERS) + place
            if status := int(self.figures.status[k]):
                where = f"At {getattr(self.spec, vin):g} V and {load:.0%} load"
                yield f"{where}: {self.figures.failure(k, status)}"

    def _corner(self, k: int) -> Corner | None:
        """Return one solved point, None where it has no solution."""
        if self.figures.status[k] != 0:
            return None
        duty = float(self.figures.duty[k])
        vin, load = CORNERS[k % len(CORNERS)]
        return Corner(
            vin=getattr(self.spec, vin),
            load=load,
            duty=duty,
            mode=mode_at(self.figures, k),
            on_time=duty / self.spec.fsw,
            off_time=(1 - duty) / self.spec.fsw,
            vout=float(self.figures.vout[k]),
            ripple=float(self.figures.ripple[k]),
            efficiency=float(self.figures.efficiency[k]),
            efficiency_estimated=float(self.estimated[k]),
        )

    def _spread(self, corners: Sequence[Corner | None]) -> float | None:
        """Return the spread of Vout over the target; None where a corner has no solution."""
        outputs = [corner.vout for corner in corners if corner is not None]
        if len(outputs) < len(corners):
            return None
        return (max(outputs) - min(outputs)) / self.spec.vout


def _study(spec: Spec, candidates: Sequence[Candidate]) -> _Study:
    """Solve the corners of candidates of one topology, with the same overrides and given duty."""
    designs = Designs.stacked([Design.of(spec, candidate) for candidate in candidates])
    figures = solve_corners(designs, np.arange(len(CORNERS)))
    rows = np.repeat(np.arange(len(designs)), len(_INPUTS))
    inputs = np.tile([getattr(spec, vin) for vin in _INPUTS], len(designs))
    return _Study(
        spec=spec,
        designs=designs,
        figures=figures,
        estimated=efficiency_estimated(figures, _modelled(designs, candidates, figures)),
        boundaries=boundary_loads(designs.take(rows), inputs).reshape(len(designs), len(_INPUTS)),
    )


def _modelled(
    designs: Designs, candidates: Sequence[Candidate], figures: PointFigures
) -> LossTable:
    """Return the losses beyond the simulated ones at each corner, W, by part and kind.

    Their parts are those that the judge bought: it rated them for the stresses of the metrics, and
    chose their packages.
    """
    known = [c.metrics for c in candidates if c.metrics is not None]
    stresses = [metrics.stress for metrics in known]
    worst = {name: np.array([s[name].value for s in stresses]) for name in stresses[0]}
    bought = designs.with_input_capacitor(worst[str(PartFigure(INPUT_CAPACITOR.name, "rms"))])
    voltages = [name for name, stress in stresses[0].items() if stress.quantity == "voltage"]
    rows = np.repeat(np.arange(len(designs)), len(CORNERS))
    peaks = {name: worst[name][rows] for name in voltages}
    currents = {
        PartFigure.read(name): worst[name][rows]
        for name, stress in stresses[0].items()
        if stress.unit == "A"
    }
    model = LossModel(bought.take(rows), figures, peaks, currents)
    packages = {
        part: without_keep_out(np.array([metrics.volumes[part] for metrics in known]))[rows]
        for part in model.least_packages
    }
    return replace(model, packages=packages).every()


def boundary_loads(designs: Designs, vin: FloatArray) -> FloatArray:
    """Return the output current at which continuous conduction ends, A, shape (n,).

    Any solved point tells where the boundary should be (`_distance`), exactly so for a lossless
    converter with a single inductor; a secant in the logarithm of the load takes care of the rest.
    nan where no operating point lies at the boundary.

    Args:
        designs: n of them; the output current of their specs is where the search starts.
        vin: input voltage, V, shape (n,).
    """
    specs = designs.specs
    found = np.full(len(specs), np.nan)
    rows = np.arange(len(specs))  # those that are still searched for
    place = np.zeros(len(rows))  # logarithm of the load over full load
    slope = np.full(len(rows), -1.0)
    last = np.full((2, len(rows)), np.nan)  # the solved point before: its place and distance
    for _ in range(_ROUNDS):
        point = solve_points(designs.take(rows), vin[rows], np.exp(place))
        distance = _distance(point)
        near = np.abs(distance) < _BOUNDARY_ACCURACY
        current = np.abs(point.vout) * (specs.iout / specs.vout)[rows] * np.exp(place + distance)
        found[rows[near]] = current[near]
        solved = ~np.isnan(distance)
        moved = place - last[0]
        rise = np.divide(
            distance - last[1], moved, out=np.full(len(rows), np.nan), where=moved != 0
        )
        slope = np.where(np.isfinite(rise), np.clip(rise, *_SLOPES), slope)
        last = np.where(solved, [place, distance], last)
        place = place + np.where(solved, -distance / slope, _NUDGE)
        rows, place, slope, last = rows[~near], place[~near], slope[~near], last[:, ~near]
        if not len(rows):
            break
    return found


def _distance(point: PointFigures) -> FloatArray:
    """Return ln(boundary load / load) as one point suggests it, shape (n,).

    In continuous conduction the load is in the middle between the rectifier current's valley and
    its peak, and its ripple does not depend on it: Icrit / I = (1 - r) / (1 + r) with r = valley /
    peak. In discontinuous conduction of a regulated converter on-time and rectifier time both grow
    with the peak current, so that I / Icrit = (1 - idle)^2 (Erickson and Maksimovic, 2nd ed.,
    sections 5.1 and 5.3).
    """
    ratio = np.clip(point.valley, -0.999, 0.999)  # below zero with a synchronous rectifier
    busy = np.clip(1 - point.idle, 0.01, 1.0)
    return np.where(point.idle > 0, -2 * np.log(busy), np.log((1 - ratio) / (1 + ratio)))
