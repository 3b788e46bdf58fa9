"""Losses that the switched linear circuit does not have: edges, drive, control, core, heat.

They are added to the simulated ones for `Metrics.efficiency_estimated`. All arrays have shape (n,).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import INPUT_CAPACITOR, Diode, Inductor, Switch
from arcs_engine.circuits.parts import drivers, volumes
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Parameters
from arcs_engine.performance import thermal
from arcs_engine.performance.core_loss import moulded_core_loss
from arcs_engine.performance.design import Designs
from arcs_engine.performance.metrics import PartFigure
from arcs_engine.performance.operating_point import SOURCE, PointFigures

CONTROLLER: Final = "controller"
"""Part that stands for the controller and its driver."""

_IN_THE_MAIN_SWITCH: Final = frozenset({"switching", "output charge", "recovery", "junction"})
"""Kinds of losses that turn into heat in the main switch, whatever part causes them."""

_HIGH_INPUT: Final = 75.0
"""Input from which controllers are those of off-line supplies, V."""

CHARGING_SHARE: Final = 2 / 3
"""Share of Q V that is lost where a switch charges a junction to V. The junction's capacitance goes
with 1 / sqrt(V), so that it keeps Q V / 3 (Erickson and Maksimovic, 2nd ed., section 4.3.3)."""

_CORE_DENSITY: Final = 375e3
_CORE_FREQUENCY_EXPONENT: Final = 1.35
_CORE_FLUX_EXPONENT: Final = 2.58
"""Steinmetz's equation of a power ferrite: 375 kW/m3 at 100 kHz and 200 mT (TDK N87 data sheet, 100
degrees C); exponents fitted to measurements from 25 to 500 kHz (Princeton MagNet, N87)."""


_HeatBalance = tuple[FloatArray, FloatArray, FloatArray, FloatArray | float]
"""Thermal resistance, K/W, constant and conducted loss at 25 °C, W, and the rise of the latter."""

LossTable = dict[PartFigure, FloatArray]
"""Losses by part and kind, W, shape (n,) each."""


Packages = dict[str, FloatArray]
"""Bare volumes of packages, mm3, by part."""


def voltage_class(peak_voltage: FloatArray) -> FloatArray:
    """Return the rating that is bought for a peak voltage, V; the largest where none is enough."""
    return parts.rating_bought(peak_voltage / parts.VOLTAGE_DERATING, parts.VOLTAGE_CLASSES)


def charges(switch: Switch, parameters: Parameters, peak_voltage: FloatArray) -> Parameters:
    """Return the charges of a MOSFET by parameter name, C: the given ones, else the rules'.

    Args:
        switch: which one.
        parameters: of the design.
        peak_voltage: highest drain-source voltage, V; sets the voltage class.
    """
    die = parts.Die(parameters[switch.on_resistance], voltage_class(peak_voltage))
    derived = {
        switch.gate_charge: die.gate_charge,
        switch.output_charge: die.output_charge,
    }
    if switch.gate == "complement":
        derived[switch.recovered_charge] = die.recovered_charge
    return {name: parameters.get(name, charge) for name, charge in derived.items()}


def efficiency_estimated(point: PointFigures, modelled: LossTable) -> FloatArray:
    """Return Pout / (Pin + modelled losses), shape (n,): the efficiency that people are shown.

    Args:
        point: any operating point of n designs.
        modelled: losses beyond the simulated ones there, W, shape (n,) each.
    """
    return np.asarray(point.pout / (point.pin + sum(modelled.values(), np.zeros_like(point.pin))))


@dataclass(frozen=True)
class LossModel:
    """Models the losses that the simulated circuit does not have, of n designs.

    Attributes:
        designs: with their input capacitor.
        point: any operating point of theirs, one each.
        peaks: voltages at the worst corner, V, by part, which say what parts are bought.
        currents: currents at the worst corner, A, which say what the controller senses.
        packages: that the parts are bought in; empty for the least ones.
        solved_hot: on-resistance that the point was solved with over that of the designs, which is
            at 25 °C.
    """

    designs: Designs
    point: PointFigures
    peaks: Mapping[str, FloatArray]
    currents: Mapping[PartFigure, FloatArray] = field(default_factory=dict)
    packages: Packages = field(default_factory=dict)
    solved_hot: float = 1.0

    def every(self) -> LossTable:
        """Return all modelled losses."""
        resistance = self._parameters[INPUT_CAPACITOR.resistance]
        rippling = resistance * self.point.alternating[SOURCE] ** 2
        return {
            **self.of_switches(),
            **self.by_the_point(),
            PartFigure(INPUT_CAPACITOR.name, "ripple"): rippling,
            **self.heat(),
        }

    def of_switches(self) -> LossTable:
        """Return those of the MOSFETs, whose class their stress decides."""
        result: LossTable = {}
        for switch in self.designs.topology.circuit.of_type(Switch):
            second = switch.gate == "complement"
            kinds = self.second_switch(switch) if second else self.main_switch(switch)
            result |= {PartFigure(switch.name, kind): loss for kind, loss in kinds.items()}
        return result

    def heat(self) -> LossTable:
        """Return what the MOSFETs lose more because they are hotter than their data sheets' 25 °C.

        What rectifiers lose less the operating point alone decides (`by_the_point`).
        """
        rise = thermal.ON_RESISTANCE_RISE
        return {
            PartFigure(switch.name, "heat"): np.asarray(
                thermal.at_temperature(self.point.losses[switch.name], rise, temperature)
                - self.point.losses[switch.name]
            )
            for switch in self.designs.topology.circuit.of_type(Switch)
            if (temperature := self.temperatures.get(switch.name)) is not None
        }

    @cached_property
    def least_packages(self) -> Packages:
        """Bare volumes that dies and currents ask for, mm3, by part: those of what gets hot."""
        topology, parameters = self.designs.topology, self._parameters
        switches = {
            switch.name: volumes.bare_mosfet(
                parameters[switch.on_resistance], voltage_class(self.peaks[switch.name])
            )
            for switch in topology.circuit.of_type(Switch)
        }
        diodes = {
            diode.name: volumes.bare_diode(self._worst_rms(diode.name) / parts.CURRENT_DERATING)
            for diode in topology.conducting_diodes
        }
        return switches | diodes

    @cached_property
    def temperatures(self) -> dict[str, FloatArray]:
        """Junction temperatures of switches and rectifiers, °C, by part; inf: it runs away."""
        ambient = self.designs.specs.ambient
        return {
            part: thermal.junction_temperature(ambient, *balance)
            for part, balance in self._heat_balances.items()
        }

    @property
    def heating(self) -> FloatArray:
        """Largest `thermal.heating` of a switch or rectifier, shape (n,)."""
        ambient = self.designs.specs.ambient
        each = [thermal.heating(ambient, *balance) for balance in self._heat_balances.values()]
        return np.asarray(np.fmax.reduce(each))

    @cached_property
    def _heat_balances(self) -> dict[str, _HeatBalance]:
        found: dict[str, _HeatBalance] = {}
        for switch in self.designs.topology.circuit.of_type(Switch):
            found[switch.name] = (
                thermal.mosfet_thermal_resistance(self._packages[switch.name]),
                self._beside_the_channel(switch),
                self.point.losses[switch.name] / self.solved_hot,
                thermal.ON_RESISTANCE_RISE,
            )
        for diode in self.designs.topology.conducting_diodes:
            found[diode.name] = self._diode_balance(diode)
        return found

    def _diode_balance(self, diode: Diode) -> _HeatBalance:
        current = self.point.currents[PartFigure(diode.name, "rms")]
        loss = self.point.losses[diode.name]
        return (
            thermal.diode_thermal_resistance(self._packages[diode.name]),
            np.zeros(len(self.designs)),
            loss,
            thermal.forward_fall(loss / np.maximum(current, 1e-9)),
        )

    @property
    def _packages(self) -> Packages:
        return self.packages or self.least_packages

    def _worst_rms(self, part: str) -> FloatArray:
        figure = PartFigure(part, "rms")
        return np.asarray(self.currents.get(figure, self.point.currents[figure]))

    def _warm_fall(self, diode: Diode) -> FloatArray:
        """Return what a rectifier loses less, below zero, because it is hotter than 25 °C, W."""
        balance = self._diode_balance(diode)
        hot = thermal.junction_temperature(self.designs.specs.ambient, *balance)
        _, _, loss, fall = balance
        return np.asarray(thermal.at_temperature(loss, fall, hot) - loss)

    def _beside_the_channel(self, switch: Switch) -> FloatArray:
        """Return what turns into heat in a MOSFET but for its on-resistance, W.

        The main one takes the edges, and what the rectifier's charges cost; a second one only its
        body diode's conduction. Sense resistor and driver are parts of their own.
        """
        if switch.gate == "complement":
            return self.point.losses[self.designs.topology.rectifier]
        every = self.of_switches() | self.by_the_point()
        own = [loss for figure, loss in every.items() if figure.kind in _IN_THE_MAIN_SWITCH]
        return np.asarray(sum(own, np.zeros(len(self.designs))))

    def by_the_point(self) -> LossTable:
        """Return those that the operating point alone decides: `peaks` counts for nothing."""
        topology = self.designs.topology
        result: LossTable = {
            PartFigure(CONTROLLER): drivers.controller_loss(self._supply, self._fsw)
        }
        if not topology.synchronous:
            diode = topology.circuit.diode(topology.rectifier)
            kinds = self.rectifier(diode)
            result |= {PartFigure(diode.name, kind): loss for kind, loss in kinds.items()}
        for diode in topology.conducting_diodes:
            result[PartFigure(diode.name, "warm fall")] = self._warm_fall(diode)
        for inductor in topology.magnetics:
            result[PartFigure(inductor.name, "core")] = self.core(inductor)
        for inductor in topology.circuit.of_type(Inductor):
            # Transformers are wound with litz wire.
            if inductor.alternating_resistance in self._parameters:
                result[PartFigure(inductor.name, "winding")] = self.winding(inductor)
        return result

    def main_switch(self, switch: Switch) -> Parameters:
        """Return the losses of a hard-switched MOSFET by kind, W.

        Overlap: 1/2 V I t at each edge (`drivers.edge_time`); output charge: what the channel turns
        into heat at turn-on, Q V / 3 that the capacitance held; gate: Qg Vsupply (Erickson and
        Maksimovic, 2nd ed., section 4.3); sense: of the resistor that the controller reads its
        current from.
        """
        own = charges(switch, self._parameters, self.peaks[switch.name])
        gate, output = own[switch.gate_charge], own[switch.output_charge]
        edges = np.abs(self.point.edges)
        current_on, current_off, voltage_on, voltage_off = edges.T
        turn_on = drivers.edge_time(gate, voltage_on, self._fsw)
        turn_off = drivers.edge_time(gate, voltage_off, self._fsw)
        stored = (1 - CHARGING_SHARE) / CHARGING_SHARE
        overlap = turn_on * voltage_on * current_on + turn_off * voltage_off * current_off
        rms = self.point.currents[PartFigure(switch.name, "rms")]
        return {
            "switching": 0.5 * overlap * self._fsw,
            "output charge": stored * self._charging(switch, output, voltage_on),
            "gate": drivers.drive_loss(gate, self._supply, self._fsw),
            "sense": self._sense_resistance(switch) * rms**2,
        }

    def second_switch(self, switch: Switch) -> Parameters:
        """Return the losses that a synchronous rectifier causes, by kind, W.

        Its body diode conducts before it does, so there is no voltage at its edges. The main switch
        charges its output, and where current still flows at its turn-on also clears the body diode:
        Q V (Erickson and Maksimovic, 2nd ed., section 4.3.2), bounded as `rectifier` says.
        """
        blocked = self.peaks[switch.name]
        own = charges(switch, self._parameters, blocked)
        recovered = own[switch.recovered_charge] * blocked * self._fsw
        recovered = np.minimum(recovered, self._most_recovery(blocked))
        return {
            "gate": drivers.drive_loss(own[switch.gate_charge], self._supply, self._fsw),
            "output charge": self._charging(switch, own[switch.output_charge], blocked),
            "recovery": np.where(self.point.rectifier_valley > 0, recovered, 0.0),
        }

    def rectifier(self, diode: Diode) -> Parameters:
        """Return the losses that a rectifier causes in the main switch, by kind, W.

        Recovery: V I trr, for the switch carries the diode's current at full voltage until the
        diode blocks (Erickson and Maksimovic, 2nd ed., section 4.3.2); none where the current has
        ended before, and never more than the charge that the diode took in (`_most_recovery`).
        Junction: charging its capacitance, which goes with 1 / sqrt(V).
        """
        blocked = self.point.peaks[diode.name]
        current = np.maximum(self.point.rectifier_valley, 0.0)
        charge = 2 * self._parameters[diode.junction_capacitance] * np.sqrt(4.0 * blocked)
        recovered = blocked * current * self._parameters[diode.recovery_time] * self._fsw
        return {
            "recovery": np.minimum(recovered, self._most_recovery(blocked)),
            "junction": CHARGING_SHARE * charge * blocked * self._fsw,
        }

    def core(self, winding: Inductor) -> FloatArray:
        """Return the core loss of an inductor, or of a transformer by its core winding, W.

        Inductors are of moulded powder (`core_loss.moulded_core_loss`). A transformer is of
        ferrite: its flux density swings by L ΔI / (N Ae) with the magnetizing current's ripple, and
        half of that goes into Steinmetz's equation.
        """
        parameters, ripple = self._parameters, self.point.ripples[winding.name]
        if winding.name != self.designs.topology.core_winding:
            return moulded_core_loss(winding, parameters, ripple, self._fsw)
        swing = parameters[winding.inductance] * np.maximum(ripple, 0.0)
        swing = swing / parameters[winding.turns_area]
        density = (
            _CORE_DENSITY
            * (self._fsw / 100e3) ** _CORE_FREQUENCY_EXPONENT
            * (swing / 2 / 0.2) ** _CORE_FLUX_EXPONENT
        )
        return np.asarray(density * parameters[winding.core_volume])

    def winding(self, inductor: Inductor) -> FloatArray:
        """Return what skin and proximity effect add to the simulated loss of an inductor, W.

        The whole ripple counts as its fundamental: of a triangle 98.6 % of the power.
        """
        direct = self._parameters[inductor.resistance]
        excess = np.maximum(self._parameters[inductor.alternating_resistance] - direct, 0.0)
        return np.asarray(excess * self.point.alternating[inductor.name] ** 2)

    @property
    def _parameters(self) -> Parameters:
        return self.designs.parameters

    @property
    def _fsw(self) -> FloatArray:
        return self.designs.specs.fsw

    @cached_property
    def _supply(self) -> FloatArray:
        """What feeds the controller at this point, V."""
        topology, specs = self.designs.topology, self.designs.specs
        return drivers.supply_voltage(self.point.vin, specs.vout, topology.isolated)

    def _sense_resistance(self, switch: Switch) -> FloatArray:
        """Return the current-sense resistor, ohm; one chip with its switches has none."""
        high = self.designs.specs.vin_max > _HIGH_INPUT
        drop = np.where(high, drivers.OFFLINE_SENSE_VOLTAGE, drivers.SENSE_VOLTAGE)
        peak = np.maximum(self._worst_peak(switch), 1e-9)
        return np.where(drivers.is_integrated(self._fsw), 0.0, drivers.sense_resistance(peak, drop))

    def _worst_peak(self, switch: Switch) -> FloatArray:
        """Return the worst peak current of a switch, A; of this point where no other is known."""
        figure = PartFigure(switch.name, "peak")
        return np.asarray(self.currents.get(figure, self.point.currents[figure]))

    def _charging(self, switch: Switch, charge: FloatArray, voltage: FloatArray) -> FloatArray:
        """Return what charging (or discharging) a MOSFET's output to a voltage costs, W.

        The charge is that at half the rated voltage and grows with the square root of the voltage.
        """
        rated = voltage_class(self.peaks[switch.name])
        at_voltage = charge * np.sqrt(voltage / (rated / 2))
        return np.asarray(CHARGING_SHARE * at_voltage * voltage * self._fsw)

    def _most_recovery(self, voltage: FloatArray) -> FloatArray:
        """Return what recovery can cost at most, W: V times the rectifier's mean forward current.

        The charge q stored in a junction obeys dq/dt = i - q / lifetime (Erickson and Maksimovic,
        2nd ed., section 4.2.1). Over a period of the steady state q comes back to where it was, so
        that no more is swept out than the forward current brought in: its mean times the period.
        """
        return np.asarray(voltage * np.maximum(self.point.rectifier_mean, 0.0))
