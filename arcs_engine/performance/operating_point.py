"""The figures of a batch of designs, each at one operating point."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.circuit import Capacitor, Diode, Inductor, Load, Resistor, Source, Switch
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.performance.conduction import Mode, conduction_mode
from arcs_engine.performance.cores import (
    carried_state,
    explain,
    magnetizing_ripple,
    refuse_saturated,
    refused,
)
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.metrics import PartFigure
from arcs_engine.simulation.steady import SteadyBatch, SteadyState, solve
from arcs_engine.simulation.steady.meter import (
    MAX_I,
    MAX_V,
    MEAN_I,
    MEAN_II,
    MEAN_V,
    MEAN_VI,
    MIN_I,
    MIN_V,
)
from arcs_engine.simulation.steady.network import IntArray
from arcs_engine.simulation.steady.newton import BAD_CIRCUIT

RESIDUE_TOLERANCE: Final = 0.005
"""Energy that may be missing, over Pin (requirement P3)."""

BALANCE_TOLERANCE: Final = 0.002
"""Mean capacitor current over Iout, mean inductor voltage over Vin (requirement P2)."""

_NO_CURRENT: Final = 1e-12
"""Peak, A, of a rectifier that never conducts."""

SOURCE: Final = "Vin"
"""Name of the input source in every circuit."""


@dataclass(frozen=True)
class PointFigures:
    """Figures at one operating point, shape (n,) each; nan where unsolved.

    `losses` are the simulated ones by part, W; `peaks` the largest |V| or |I| that counts as the
    stress of each part; `currents` further currents that it must stand, ``rms`` and ``peak``;
    `alternating` the rms currents of source and inductors without their mean; `ripples` the
    peak-to-peak current of the source and of each inductor (of a transformer's core winding: the
    magnetizing current) and the peak-to-peak voltage of each capacitor; `status` the solver's or
    `cores.NOT_RESET`; `reset_duty` the duty that a core's reset allows, which is known where the
    rest is not; `vin` the input, V.
    """

    vin: FloatArray
    status: IntArray
    reset_duty: FloatArray
    duty: FloatArray
    idle: FloatArray
    vout: FloatArray
    ripple: FloatArray
    inductor_ripple: FloatArray
    rectifier_valley: FloatArray
    rectifier_peak: FloatArray
    rectifier_mean: FloatArray
    pin: FloatArray
    pout: FloatArray
    losses: dict[str, FloatArray]
    peaks: dict[str, FloatArray]
    currents: dict[PartFigure, FloatArray]
    alternating: dict[str, FloatArray]
    ripples: dict[str, FloatArray]
    edges: FloatArray
    charge_balance: FloatArray
    flux_balance: FloatArray

    def take(self, rows: NDArray[np.intp]) -> "PointFigures":
        """Return some of the points."""
        columns: dict[str, Any] = {}
        for each in fields(self):
            held = getattr(self, each.name)
            by_part = isinstance(held, dict)
            columns[each.name] = {k: v[rows] for k, v in held.items()} if by_part else held[rows]
        return PointFigures(**columns)

    @property
    def valley(self) -> FloatArray:
        """The rectifier's current just before the main switch turns on over its peak."""
        return self.rectifier_valley / np.maximum(self.rectifier_peak, _NO_CURRENT)

    def failure(self, row: int, status: int) -> str:
        """Say why a design has no operating point, here or, by its status there, elsewhere."""
        return explain(status, float(self.reset_duty[row]))

    @cached_property
    def residue(self) -> FloatArray:
        """|Pin - Pout - losses| / Pin, shape (n,)."""
        total = sum(self.losses.values(), np.zeros_like(self.pin))
        return np.abs(self.pin - self.pout - total) / self.pin

    @cached_property
    def efficiency(self) -> FloatArray:
        """Pout / Pin, shape (n,)."""
        return self.pout / self.pin

    @cached_property
    def balanced(self) -> NDArray[np.bool_]:
        """Whether energy, charge and flux balance and no part makes power; False where unsolved."""
        least = np.minimum.reduce(list(self.losses.values()))
        makes_power = (least < -RESIDUE_TOLERANCE * self.pin) | ~(self.efficiency <= 1)
        return np.asarray(
            (self.residue <= RESIDUE_TOLERANCE)
            & (self.charge_balance <= BALANCE_TOLERANCE)
            & (self.flux_balance <= BALANCE_TOLERANCE)
            & ~makes_power
        )


def figures_of(designs: Designs, batch: SteadyBatch) -> PointFigures:
    """Read a solved batch; each loss comes from its own part's current and voltage.

    Args:
        designs: with the operating points that were solved (`Designs.at`).
        batch: the solution.
    """
    topology, parameters, specs = designs.topology, designs.parameters, designs.specs
    columns = np.ascontiguousarray(batch.sums.T)  # shape (columns, elements, n)
    current = np.maximum(-columns[MIN_I], columns[MAX_I])
    voltage = np.maximum(-columns[MIN_V], columns[MAX_V])
    rms = np.sqrt(columns[MEAN_II])
    alternating = np.sqrt(np.maximum(columns[MEAN_II] - columns[MEAN_I] ** 2, 0.0))
    swing = columns[MAX_I] - columns[MIN_I]
    by_part: dict[str, FloatArray] = {}
    peaks: dict[str, FloatArray] = {}
    currents: dict[PartFigure, FloatArray] = {}
    ripples: dict[str, FloatArray] = {}
    moving: dict[str, FloatArray] = {}
    charge = np.zeros(len(specs))
    flux = np.zeros(len(specs))
    pin = pout = np.zeros(len(specs))
    vin, iout = parameters["vin"], specs.vout / parameters["rload"]
    for row, element in enumerate(topology.circuit.elements):
        name = element.name
        match element:
            case Source():
                pin = -columns[MEAN_VI, row]
                moving[name] = alternating[row]
                ripples[name] = swing[row]
            case Load():
                pout = columns[MEAN_VI, row]
            case Inductor():
                resistance = parameters[element.resistance]
                by_part[name] = resistance * columns[MEAN_II, row]
                currents[PartFigure(name, "rms")] = rms[row]
                moving[name] = alternating[row]
                mean_voltage = columns[MEAN_V, row] - resistance * columns[MEAN_I, row]
                flux = np.maximum(flux, np.abs(mean_voltage) / vin)
                peaks[name] = current[row]
                ripples[name] = swing[row]
                if name == topology.core_winding:
                    ripples[name] = magnetizing_ripple(topology, parameters, batch)
            case Capacitor():
                by_part[name] = parameters[element.resistance] * columns[MEAN_II, row]
                currents[PartFigure(name, "rms")] = rms[row]
                charge = np.maximum(charge, np.abs(columns[MEAN_I, row]) / iout)
                peaks[name] = voltage[row]
                ripples[name] = columns[MAX_V, row] - columns[MIN_V, row]
            case Switch() | Diode():
                by_part[name] = columns[MEAN_VI, row]
                peaks[name] = voltage[row]
                currents[PartFigure(name, "peak")] = current[row]
                currents[PartFigure(name, "rms")] = rms[row]
            case Resistor():
                by_part[name] = columns[MEAN_VI, row]
                currents[PartFigure(name, "rms")] = rms[row]
    return PointFigures(
        vin=vin,
        status=batch.status,
        reset_duty=np.broadcast_to(topology.reset_duty(parameters), len(specs)),
        duty=batch.duty,
        idle=batch.idle,
        vout=batch.vout,
        ripple=batch.output_ripple / specs.vout,
        inductor_ripple=ripples[topology.main_inductor],
        rectifier_valley=_rectifier_valley(topology, batch),
        rectifier_peak=columns[MAX_I, batch.network.position(topology.rectifier)],
        rectifier_mean=_rectifier_mean(topology, batch),
        pin=pin,
        pout=pout,
        losses=by_part,
        peaks=peaks,
        currents=currents,
        alternating=moving,
        ripples=ripples,
        edges=batch.edges,
        charge_balance=charge,
        flux_balance=flux,
    )


def mode_at(figures: PointFigures, row: int) -> Mode:
    """Name the conduction mode of one solved point."""
    return conduction_mode(float(figures.idle[row]), float(figures.valley[row]))


def _rectifier_valley(topology: Topology, batch: SteadyBatch) -> FloatArray:
    """Return the rectifier's current just before the main switch turns on, A."""
    names = topology.rectifier_inductors or (topology.main_inductor,)
    columns = [batch.network.state_names.index(name) for name in names]
    return np.asarray(batch.states[:, columns].sum(axis=1))


def _rectifier_mean(topology: Topology, batch: SteadyBatch) -> FloatArray:
    """Return the mean forward current of the rectifier and of the switch across it, A."""
    mean = batch.sum(topology.rectifier, MEAN_I)
    for switch in topology.circuit.of_type(Switch):
        if switch.gate == "complement":  # declared from the diode's cathode to its anode
            mean = mean - batch.sum(switch.name, MEAN_I)
    return mean


def _refuse_nonsense(batch: SteadyBatch) -> SteadyBatch:
    """Refuse points whose figures overflowed or lost their digits: parts of a picohenry or so."""
    sums = batch.sums.reshape(len(batch.duty), -1)
    known = np.isfinite(sums).all(axis=1) & np.isfinite(batch.vout)
    known &= (batch.sums[:, :, MEAN_II] >= 0).all(axis=1)
    return refused(batch, batch.solved & ~known, BAD_CIRCUIT)


def solve_points(designs: Designs, vin: FloatArray, load: FloatArray) -> PointFigures:
    """Solve designs at one operating point each.

    Args:
        designs: n of them; regulated to the specs' output, or at their given duty.
        vin: input voltage, V, shape (n,).
        load: share of the full-load current, shape (n,).
    """
    operated = designs.at(vin, load)
    topology, parameters, specs = operated.topology, operated.parameters, operated.specs
    wanted = specs.vout if designs.regulated else None
    batch = solve(topology, parameters, specs.fsw, duty=designs.duty, vout=wanted)
    batch = refuse_saturated(topology, parameters, _refuse_nonsense(batch))
    return figures_of(operated, batch)


def nominal_parameters(design: Design) -> dict[str, float]:
    """Return a design's element parameters at nominal input and full load, SI, by name."""
    designs = Designs.stacked([design])
    operated = designs.at(designs.specs.vin, np.ones(1))
    return {name: float(np.ravel(p)[0]) for name, p in operated.parameters.items()}


def operating_state(design: Design) -> SteadyState:
    """Return the steady state at nominal input and full load, with its waveforms.

    The duty is the design's own, or solved for the output where it has none.

    Raises:
        InfeasibleError: no duty gives the output, or no core carries it.
        SolverError: the solver did not converge.
    """
    spec, duty = design.spec, design.duty
    return carried_state(
        design.topology,
        nominal_parameters(design),
        spec.fsw,
        duty=duty,
        vout=spec.vout if duty is None else None,
    )
