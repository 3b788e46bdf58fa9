"""How much room a design takes on its board: the volume of every part, mm3, with its keep-out."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import INPUT_CAPACITOR, Capacitor, Diode, Inductor, Switch
from arcs_engine.circuits.parts import volumes
from arcs_engine.circuits.parts.capacitor_bank import UNPOLARIZED, Bank, BankNeed, smallest_bank
from arcs_engine.circuits.parts.capacitor_range import NAMES, PARTS
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.design import Designs
from arcs_engine.performance.losses import CONTROLLER, Packages
from arcs_engine.performance.metrics import PartFigure
from arcs_engine.performance.ratings import Stresses

_NEARLY: Final = 0.98
"""Share of a capacitance that is as good as the whole: a bank is chosen at one voltage and bought
at another, its ripple more."""

CLAMP: Final = "clamp"
"""Part that stands for the resistor, capacitor and diode of a clamp."""


@dataclass(frozen=True)
class Board:
    """The parts of n designs as they are bought for their worst corner.

    Attributes:
        designs: with their input capacitor.
        stresses: of their parts.
        packages: bare volumes that switches and rectifiers are bought in, mm3, by part.
    """

    designs: Designs
    stresses: Stresses
    packages: Packages

    @cached_property
    def volumes(self) -> dict[str, FloatArray]:
        """Volume of each part with its keep-out, mm3, shape (n,) each, by name."""
        found: dict[str, FloatArray] = {}
        for element in (INPUT_CAPACITOR, *self.designs.topology.circuit.elements):
            volume = self._volume_of(element)
            if volume is not None:
                found[element.name] = volume
        control = volumes.controller_volume(isolated=self.designs.topology.isolated)
        found[CONTROLLER] = np.full(len(self.designs), control)
        if self._clamped:
            found[CLAMP] = np.full(len(self.designs), volumes.CLAMP_VOLUME)
        return found

    @cached_property
    def volume(self) -> FloatArray:
        """Of all parts, mm3, shape (n,)."""
        return np.asarray(sum(self.volumes.values(), np.zeros(len(self.designs))))

    @cached_property
    def banks(self) -> dict[str, tuple[Bank, NDArray[np.bool_]]]:
        """The capacitors that are bought, by name, and for which designs such are sold."""
        circuit = self.designs.topology.circuit
        bought = [INPUT_CAPACITOR, *circuit.of_type(Capacitor)]
        return {each.name: self._bank(each) for each in bought if each.name not in self._clamped}

    @cached_property
    def _known(self) -> dict[str, tuple[Bank, NDArray[np.bool_]]]:
        """Banks that were chosen already."""
        return {}

    def technology(self, capacitor: Capacitor) -> str:
        """Name what the first design's capacitor is made in."""
        if capacitor.name in self.banks:
            bank, _ = self.banks[capacitor.name]
            return PARTS[int(bank.part[0])].technology
        return "ceramic"  # of a clamp

    def to_buy(self, part: str) -> str:
        """Write what to buy for a part of the first design, where a rule says so; else nothing."""
        return self.banks[part][0].text(0) if part in self.banks else ""

    @cached_property
    def _clamped(self) -> frozenset[str]:
        """Names of the small parts of a clamp, which are not rated one by one."""
        return self.designs.topology.clamp_parts

    def _bank(self, capacitor: Capacitor) -> tuple[Bank, NDArray[np.bool_]]:
        if capacitor.name not in self._known:
            self._known[capacitor.name] = self._smallest_bank(capacitor)
        return self._known[capacitor.name]

    def _smallest_bank(self, capacitor: Capacitor) -> tuple[Bank, NDArray[np.bool_]]:
        parameters, specs = self.designs.parameters, self.designs.specs
        inner = capacitor in self.designs.topology.circuit.inner_capacitors
        output = not inner and capacitor.name != INPUT_CAPACITOR.name
        peak = self.stresses.peaks[capacitor.name]
        need = BankNeed(
            voltage=specs.vout if output else peak,
            capacitance=parameters[capacitor.capacitance] * _NEARLY,
            current=self.stresses.currents[PartFigure(capacitor.name, "rms")],
            frequency=specs.fsw,
            esr=parameters[capacitor.resistance] / _NEARLY if output else np.array(np.inf),
        )
        bank, exists = smallest_bank(need, UNPOLARIZED if inner else NAMES)
        beyond = bank.usable < peak
        if not (output and beyond.any()):
            return bank, exists
        # Bias is that of the mean, but where the ripple reaches beyond a class, buy the next one.
        return smallest_bank(replace(need, voltage=np.where(beyond, peak, specs.vout)))

    def _volume_of(self, element: object) -> FloatArray | None:
        """Return the volume of one part; None for what is no part of its own."""
        match element:
            case Capacitor() if element.name not in self._clamped:
                return self._bank(element)[0].volume
            case Inductor():
                return self._of_inductor(element)
            case Switch() | Diode() if element.name in self.packages:
                return volumes.with_keep_out(self.packages[element.name])
        return None

    def _of_inductor(self, inductor: Inductor) -> FloatArray | None:
        """Return the volume of an inductor, or of a transformer by its core winding."""
        topology, parameters = self.designs.topology, self.designs.parameters
        if topology.core_winding:
            if inductor.name == topology.core_winding:
                return self._of_transformer(inductor)
            if inductor in topology.windings:
                return None
        peak = self.stresses.peaks[inductor.name]
        coil = parts.Coil(parameters[inductor.inductance], peak)
        volume = volumes.with_keep_out(coil.volume(self.designs.specs.fsw))
        return volume * (volumes.COUPLED_SHARE if inductor in topology.windings else 1.0)

    def _of_transformer(self, winding: Inductor) -> FloatArray:
        parameters = self.designs.parameters
        if self.designs.topology.resets:
            return volumes.forward_transformer_volume(parameters[winding.core_volume])
        coil = parts.Coil(parameters[winding.inductance], self.stresses.peaks[winding.name])
        return volumes.flyback_transformer_volume(coil.saturation_energy)
