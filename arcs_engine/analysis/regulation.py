"""The regulator of a design: its modulator, and its compensator with parts.

`textbook_regulation` is the one place that chooses it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from arcs_engine.circuits.control import (
    METHODS,
    Compensator,
    Divider,
    LoopGoal,
    Modulator,
    PartValues,
    PeakCurrentMode,
    VoltageMode,
    compensators,
    textbook_compensator,
)
from arcs_engine.circuits.control.methods import SENSED_PEAK
from arcs_engine.circuits.crossover import (
    CURRENT_SHARE,
    RESONANCE_SHARES,
    SLOPE_SHARE,
    Control,
    highest_crossover,
)
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.foundation.errors import DesignError
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.operating_point import nominal_parameters
from arcs_engine.simulation.closed_loop import OperatingPoint, Regulator
from arcs_engine.simulation.small_signal.compensator import Compensator as CompensatorArrays
from arcs_engine.simulation.small_signal.modulator import Modulator as ModulatorArrays
from arcs_engine.simulation.small_signal.orbits import COMPARATOR, SWITCH_CURRENT, Orbits
from arcs_engine.simulation.small_signal.record import periodic_orbits
from arcs_engine.simulation.small_signal.responses import responses

PHASE_MARGIN: Final = 60.0
"""That a textbook compensator is asked for, degrees."""

ISOLATED_REFERENCE, REFERENCE = 2.5, 0.8
"""Reference of a TL431 and of a usual controller, V; the output's half where that is less."""


@dataclass(frozen=True)
class Regulation:
    """What regulates a design.

    Attributes:
        modulator: voltage mode or peak current mode.
        compensator: which circuit.
        values: of its parts by name, SI units.
        crossover: that was aimed at, Hz.
    """

    modulator: Modulator
    compensator: Compensator
    values: PartValues
    crossover: float

    def regulator(self, point: OperatingPoint, further_delay: float = 0.0) -> Regulator:
        """Return it in the solver's terms.

        Args:
            point: of the power stage.
            further_delay: s, beside the modulator's own.
        """
        system = self.compensator.system(self.values)
        return Regulator(
            modulator_at(self.modulator, point, further_delay),
            CompensatorArrays(system.a, system.b, system.c),
            longest_duty=point.topology.max_duty,
        )


def modulator_at(
    declared: Modulator, point: OperatingPoint, further_delay: float = 0.0
) -> ModulatorArrays:
    """Return a modulator as it meets the current of the main switch at an operating point.

    Args:
        declared: whose sense gain counts the inductor's current as the output sees it.
        point: of the power stage.
        further_delay: s, beside its own.
    """
    delay = declared.delay + further_delay
    if isinstance(declared, VoltageMode):
        height = declared.height(np.array(point.parameters["vin"]))
        return ModulatorArrays.voltage_mode(height, point.fsw, delay)
    ratio = turns_ratio(point)
    return ModulatorArrays.peak_current(declared.sense * ratio, declared.compensation, delay)


def turns_ratio(point: OperatingPoint) -> float:
    """Return the turns ratio Np/Ns of a power stage; 1 without a transformer."""
    columns = {name: np.array([value]) for name, value in point.parameters.items()}
    return float(np.ravel(point.topology.turns_ratio(columns))[0])


def operating_point(design: Design, vin: float | None = None, load: float = 1.0) -> OperatingPoint:
    """Return a design's operating point.

    Args:
        design: with nominal parts.
        vin: input voltage, V; None for the nominal one.
        load: share of the full load.
    """
    spec, nominal = design.spec, nominal_parameters(design)
    point = {"vin": spec.vin if vin is None else vin, "rload": nominal["rload"] / load}
    return OperatingPoint(design.topology, nominal | point, spec.fsw, spec.vout)


def careful_crossover(design: Design) -> float:
    """Return min(fs / 10, fRHPZ / 4), of an isolated output 10 kHz at most, Hz."""
    specs = SpecBatch.of([design.spec])
    stage = design.topology.stage(Designs.stacked([design]).parameters, specs)
    highest = float(np.ravel(highest_crossover(design.topology.loop, stage))[0])
    resonance = float(np.ravel(stage.resonance)[0])
    share = RESONANCE_SHARES.get(design.topology.loop, 1.0)
    return min(highest, design.spec.fsw / CURRENT_SHARE, resonance / share)


def textbook_regulation(
    design: Design, crossover: float | None = None, method: Control | None = None
) -> Regulation:
    """Choose a regulator by the formulas of textbooks, with the exact gain of the power stage.

    The gain is that at the lowest input and full load, where a right-half-plane zero is lowest; in
    voltage mode that at the highest input, where it is largest.

    Args:
        design: with nominal parts.
        crossover: Hz; None for the careful one.
        method: of control; None for the topology's default.

    Raises:
        DesignError: no compensator does it, or the topology does not take the method.
        SolverError: the power stage has no steady state there.
    """
    methods = METHODS[design.topology.family]
    chosen = method or methods.default
    if chosen not in methods.suitable:
        raise DesignError(
            f"A {design.topology.title} is not regulated in {chosen} mode; choose "
            f"{' or '.join(methods.suitable)}."
        )
    spec, fc = design.spec, careful_crossover(design) if crossover is None else crossover
    if not 0 < fc < spec.fsw / 2:
        raise DesignError(
            f"A crossover of {fc:g} Hz cannot be reached; it must lie between zero and half the "
            f"switching frequency of {spec.fsw:g} Hz."
        )
    point = operating_point(design, spec.vin_max if chosen == "voltage" else spec.vin_min)
    orbits = orbits_at(point)
    modulator = textbook_modulator(point, orbits, chosen)
    found = responses(orbits, modulator_at(modulator, point), np.array([fc]))
    goal = LoopGoal(fc, PHASE_MARGIN, complex(found.control[0, 0]))
    reference = ISOLATED_REFERENCE if design.topology.isolated else REFERENCE
    divider = Divider(spec.vout, min(reference, spec.vout / 2))
    made = textbook_compensator(compensators(design.topology), goal, divider)
    return Regulation(modulator, made.compensator, made.values, fc)


def orbits_at(point: OperatingPoint) -> Orbits:
    """Return the periodic orbit of a power stage, regulated to its output."""
    columns = {name: np.array([value]) for name, value in point.parameters.items()}
    return periodic_orbits(
        point.topology, columns, np.array([point.fsw]), vout=np.array([point.vout])
    )


def textbook_modulator(point: OperatingPoint, orbits: Orbits, method: Control) -> Modulator:
    """Return the default modulator; in peak current mode sized by the orbit's own current."""
    if method == "voltage":
        return VoltageMode()
    peak, rise = _sensed(orbits)
    duty = orbits.duty[0].item()
    sensing = SENSED_PEAK / peak
    # In a period the current falls by what it rises.
    fall = sensing * rise * duty / (1 - duty)
    return PeakCurrentMode(sensing / turns_ratio(point), SLOPE_SHARE * fall)


def _sensed(orbits: Orbits) -> tuple[float, float]:
    """Return the current of the main switch as it turns off, A, and its slope then, A/s."""
    count = int(orbits.used[0])
    off = int(np.flatnonzero(orbits.begins[0, :count] == COMPARATOR)[0])
    states = np.append(orbits.states[0, off], 1.0)
    n = len(states)
    row = orbits.readings[0, off - 1, SWITCH_CURRENT, :n]
    rates = orbits.dynamics[0, off - 1, :, :n] @ states
    return float(row @ states), float(row[:-1] @ rates / orbits.period[0])
