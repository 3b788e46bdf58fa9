"""What a converter's waveforms say of it, whoever computed them.

The solver's own figures are integrals over its exact steps (`operating_point`); these are the same
figures read from a sampled window, as from an oscilloscope, and so ngspice's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from arcs_engine.circuits.circuit import (
    Capacitor,
    Circuit,
    Diode,
    Element,
    Inductor,
    Load,
    Resistor,
    Source,
    Switch,
)
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.performance.conduction import Mode, conduction_mode
from arcs_engine.simulation.waveforms import Waveforms, mean_product, peak_to_peak

_RESTING: Final = 0.005
"""Share of its peak below which the current that the rectifier takes over counts as stopped."""


_NO_CURRENT: Final = 1e-12
"""Peak, A, of a current that never flows."""


@dataclass(frozen=True)
class Readings:
    """Figures of whole periods, under their names in `metrics.Metrics`; SI units.

    `losses` are the simulated ones, each from its own part's voltage and current.
    """

    mode: Mode
    inductor_ripples: dict[str, float]
    input_ripple: float
    capacitor_ripples: dict[str, float]
    pin: float
    pout: float
    losses: dict[str, float]

    @property
    def efficiency(self) -> float:
        """Pout / Pin."""
        return self.pout / self.pin

    @property
    def residue(self) -> float:
        """|Pin - Pout - losses| / Pin."""
        return abs(self.pin - self.pout - sum(self.losses.values())) / self.pin


def read(topology: Topology, window: Waveforms, parameters: Mapping[str, float]) -> Readings:
    """Read the figures off whole periods.

    Args:
        topology: whose signals they are, named as `Waveforms` says.
        window: whole periods in steady state.
        parameters: element parameters by name.
    """
    circuit = topology.circuit
    (source,), (load,) = circuit.of_type(Source), circuit.of_type(Load)
    currents = magnetic_currents(topology, window, parameters)
    return Readings(
        mode=_mode(topology, window, parameters),
        inductor_ripples={name: float(peak_to_peak(i)) for name, i in currents.items()},
        input_ripple=float(peak_to_peak(window.signals[f"i({source.name})"])),
        capacitor_ripples={
            capacitor.name: float(peak_to_peak(_voltage(window, capacitor)))
            for capacitor in circuit.inner_capacitors
        },
        pin=-_power(window, source),
        pout=_power(window, load),
        losses=_losses(circuit, window, parameters),
    )


def magnetic_currents(
    topology: Topology, window: Waveforms, parameters: Mapping[str, float]
) -> dict[str, FloatArray]:
    """Return the current that magnetizes each core, A, by the name of its inductor.

    Of a transformer it is the sum of the windings' ampere turns over the core winding's turns.
    """
    arrays = {name: np.array(value) for name, value in parameters.items()}
    turns = topology.turns(arrays)
    currents = {}
    for inductor in topology.magnetics:
        ratios = turns if inductor.name == topology.core_winding else {inductor.name: np.array(1.0)}
        flux = (ratio * window.signals[f"i({name})"] for name, ratio in ratios.items())
        currents[inductor.name] = np.asarray(sum(flux))
    return currents


def _mode(topology: Topology, window: Waveforms, parameters: Mapping[str, float]) -> Mode:
    """Tell the mode by the current that goes to the rectifier when the switch opens.

    With a switch in the rectifier's place the current never rests: it flows backwards.
    """
    if topology.synchronous:
        return "CCM"
    stored = magnetic_currents(topology, window, parameters)
    names = topology.rectifier_inductors or (topology.main_inductor,)
    if topology.main_inductor == topology.core_winding:
        names = (topology.main_inductor,)
    current = np.asarray(sum(stored[name] for name in names))
    current = current / max(float(np.max(np.abs(current))), _NO_CURRENT)
    resting = (np.abs(current) < _RESTING).astype(float)
    idle = float(mean_product(window.time, resting, np.ones_like(resting)))
    return conduction_mode(idle, float(np.min(current)))


def _losses(
    circuit: Circuit, window: Waveforms, parameters: Mapping[str, float]
) -> dict[str, float]:
    """Return what each part turns into heat, W."""
    losses = {}
    for element in circuit.elements:
        match element:
            case Inductor() | Capacitor():
                current = window.signals[f"i({element.name})"]
                square = float(mean_product(window.time, current, current))
                losses[element.name] = parameters[element.resistance] * square
            case Switch() | Diode() | Resistor():
                losses[element.name] = _power(window, element)
    return losses


def _power(window: Waveforms, element: Element) -> float:
    """Return the mean power into an element, W."""
    current = window.signals[f"i({element.name})"]
    return float(mean_product(window.time, _voltage(window, element), current))


def _voltage(window: Waveforms, element: Element) -> FloatArray:
    """Return the voltage from node a to node b; ground has no waveform."""
    zero = np.zeros_like(window.time)
    a, b = (window.signals.get(f"v({node})", zero) for node in (element.a, element.b))
    return a - b
