"""Where the loop of one design is judged: its orbits at every corner.

Those are the corners of the verdict, each with the least capacitance of the output and with the
whole: a loop is fastest with the least, and has the least phase to give where the capacitor's zero
and the filter's resonance lie differently.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from arcs_engine.circuits.control import OutputFilter
from arcs_engine.circuits.crossover import Stage, right_half_plane_zero
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import InfeasibleError
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.cores import explain
from arcs_engine.performance.corners import CORNERS
from arcs_engine.performance.design import Designs
from arcs_engine.performance.worst_parts import LEAST_CAPACITANCE
from arcs_engine.simulation.small_signal.orbits import COMPARATOR, SWITCH_CURRENT, Orbits
from arcs_engine.simulation.small_signal.record import periodic_orbits

CAPACITANCES: Final = (LEAST_CAPACITANCE, 1.0)
"""Shares of the output capacitance that a loop is judged at."""

_NAMES: Final = {1.0: "full load", 0.1: "10 % load"}


@dataclass(frozen=True)
class LoopCorners:
    """The corners of one design; arrays of shape (corners,).

    Attributes:
        topology: which circuit.
        orbits: one row per corner.
        vin: input, V.
        load: share of full load.
        capacitance: share of the output capacitance.
        stage: what sets the speed of the loop there; its lowest input is the corner's own.
        output: capacitor of the output.
        turns_ratio: Np/Ns, by which the current in the switch is less than seen from the output.
    """

    topology: Topology
    orbits: Orbits
    vin: FloatArray
    load: FloatArray
    capacitance: FloatArray
    stage: Stage
    output: OutputFilter
    turns_ratio: FloatArray

    def __len__(self) -> int:
        return len(self.vin)

    @property
    def fsw(self) -> float:
        """Switching frequency, Hz."""
        return float(1 / self.orbits.period[0])

    @cached_property
    def right_half_plane_zero(self) -> FloatArray:
        """Of each corner in continuous conduction, Hz; inf for none."""
        return right_half_plane_zero(self.topology.loop, self.stage)

    @cached_property
    def sensed(self) -> "SensedCurrent":
        """What a comparator of the switch's current sees."""
        return sensed_current(self)

    def name(self, row: int) -> str:
        """Say which corner it is."""
        share = self.capacitance[row]
        output = "least Cout" if share < 1 else "nominal Cout"
        return (
            f"{format_quantity(float(self.vin[row]), 'V')}, "
            f"{_NAMES[float(self.load[row])]}, {output}"
        )


@dataclass(frozen=True)
class SensedCurrent:
    """The main switch's current seen from the output, at each corner, shape (corners,).

    Attributes:
        peak: where the switch turns off, A.
        rise: slope there, A/s.
        fall: slope after it, of continuous conduction, A/s.
    """

    peak: FloatArray
    rise: FloatArray
    fall: FloatArray


def loop_corners(designs: Designs) -> LoopCorners:
    """Solve the corners of one design.

    Args:
        designs: one, regulated; with nominal parts, or as bad as they may come.

    Raises:
        InfeasibleError: it has no operating point at some corner.
    """
    # A spec of one input has each corner once.
    inputs = {name: float(getattr(designs.specs, name)[0]) for name, _ in CORNERS}
    every = ((c, inputs[name], load) for c in CAPACITANCES for name, load in CORNERS)
    topology, places = designs.topology, list(dict.fromkeys(every))
    rows = designs.take(np.zeros(len(places), dtype=np.intp))
    share = np.array([c for c, _, _ in places])
    load = np.array([load for _, _, load in places])
    vin = np.array([vin for _, vin, _ in places])
    parameters = rows.parameters | {"Cout": rows.parameters["Cout"] * share}
    operated = replace(rows, parameters=parameters).at(vin, load)
    specs, ratio = rows.specs, topology.turns_ratio(rows.parameters)
    stage = replace(
        topology.stage(operated.parameters, specs), low=vin / ratio, load=specs.iout * load
    )
    corners = LoopCorners(
        topology=topology,
        orbits=periodic_orbits(topology, operated.parameters, specs.fsw, vout=specs.vout),
        vin=vin,
        load=load,
        capacitance=share,
        stage=stage,
        output=OutputFilter(parameters["Cout"], parameters["Cout_esr"]),
        turns_ratio=np.broadcast_to(ratio, vin.shape),
    )
    for row in np.flatnonzero(~corners.orbits.solved).tolist():
        why = explain(int(corners.orbits.status[row]), np.nan)
        raise InfeasibleError(f"At {corners.name(row)} there is no loop to close: {why}")
    return corners


def sensed_current(corners: LoopCorners) -> SensedCurrent:
    """Read the switch's current off the orbits, where the switch turns off.

    Over a period it rises by as much as it falls, so the fall is rise D / (1 - D).
    """
    orbits, ratio = corners.orbits, corners.turns_ratio
    every = np.arange(len(corners))
    edge = np.argmax(orbits.begins == COMPARATOR, axis=1)
    n = orbits.states.shape[2]
    states = np.concatenate([orbits.states[every, edge], np.ones((len(corners), 1))], axis=1)
    rates = np.einsum("kij,kj->ki", orbits.dynamics[every, edge - 1, :, : n + 1], states)
    row = orbits.readings[every, edge - 1, SWITCH_CURRENT]
    rise = ratio * np.sum(row[:, :n] * rates, axis=1) / orbits.period
    peak = ratio * np.sum(row[:, : n + 1] * states, axis=1)
    return SensedCurrent(peak=peak, rise=rise, fall=rise * orbits.duty / (1 - orbits.duty))
