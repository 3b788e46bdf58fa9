"""The SEPIC (single-ended primary-inductor converter)."""

from typing import ClassVar

from arcs_engine.circuits.circuit import Capacitor, Circuit, Diode, Inductor, Load, Source, Switch
from arcs_engine.circuits.crossover import Stage
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies import rules
from arcs_engine.circuits.topologies.base import (
    Drawing,
    LeastStress,
    Parameters,
    Placement,
    Topology,
    Values,
)
from arcs_engine.circuits.topologies.textbook import Term, Worksheet


class Sepic(Topology):
    """Not inverting: both inductors, joined by a capacitor, feed the output through the diode."""

    name = "sepic"
    title = "SEPIC"
    summary = "Steps up or down; the output is positive."
    inverting = False
    isolated = False
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Inductor("L1", "in", "sw"),
            Switch("Q1", "sw", "0"),
            rules.BODY_DIODE,
            Capacitor("Cc", "sw", "link"),
            Inductor("L2", "0", "link"),
            Diode("D1", "link", "out"),
            Capacitor("Cout", "out", "0"),
            Load("Rload", "out", "0"),
        )
    )
    design_values = (
        rules.INDUCTANCE,
        rules.SECOND_INDUCTANCE,
        rules.COUPLING_CAPACITANCE,
        rules.OUTPUT_CAPACITANCE,
        rules.OUTPUT_ESR,
        rules.ON_RESISTANCE,
    )
    rectifier = "D1"
    off_diodes = ("D1",)
    main_inductor = "L1"
    rectifier_inductors = ("L1", "L2")
    switch_node = "sw"
    coupling: ClassVar[float] = 0.0
    """Coupling factor of both inductors; 0 for two cores."""
    max_duty = 0.9
    drawing = Drawing(
        placements=(
            Placement("Vin", (0, 3), (0, 0), "left"),
            Placement("L1", (0, 3), (3, 3), "top"),
            Placement("Q1", (3, 3), (3, 0), "left"),
            Placement("Q1_body", (5, 0), (5, 3), "right"),
            Placement("Cc", (5, 3), (8, 3), "top"),
            Placement("L2", (8, 0), (8, 3), "right"),
            Placement("D1", (8, 3), (11, 3), "top"),
            Placement("Cout", (11, 3), (11, 0), "right"),
            Placement("Rload", (14, 3), (14, 0), "right"),
        ),
        wires=(
            ((3, 3), (5, 3)),
            ((11, 3), (14, 3)),
            ((0, 0), (3, 0), (5, 0), (8, 0), (11, 0), (14, 0)),
        ),
        grounds=((0, 0),),
        node_labels=(("in", (0, 3)), ("sw", (3, 3)), ("link", (8, 3)), ("out", (14, 3))),
    )

    def check(self, spec: Spec) -> None:
        """Accept every ratio; what the losses forbid, the solved duty tells."""

    def least_stress(self, spec: Spec) -> dict[str, LeastStress]:
        """The coupling capacitor stands the input, as the input capacitor does."""
        return super().least_stress(spec) | rules.least_of_two_inductors(spec)

    def ideal_duty(self, vin: FloatArray, vout: FloatArray) -> FloatArray:
        """D = Vout / (Vin + Vout)."""
        return rules.step_up_down_duty(vin, vout)

    def ideal_output(self, vin: FloatArray, duty: FloatArray) -> FloatArray:
        """Vout = Vin D / (1 - D)."""
        return rules.step_up_down_output(vin, duty)

    def stage(self, parameters: Values, specs: SpecBatch) -> Stage:
        """Add what both inductors and the coupling capacitor make of the loop."""
        alone = super().stage(parameters, specs)
        return rules.two_inductor_stage(alone, parameters, bool(self.circuit.couplings))

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts; the coupling capacitor holds Vin."""
        return rules.two_inductor_parts(values, specs, specs.vin_max)

    def size(self, sheet: Worksheet) -> None:
        """Size as TI AN-1484 (SNVA168E) and Hart, Power Electronics, section 6.8.

        The output capacitor alone feeds the load while the switch is on, longest at the lowest
        input, and takes both inductors' current when it turns off.
        """
        specs = sheet.specs
        voltage = rules.CouplingVoltage("Vin_min", specs.vin_min, specs.vin_max)
        rules.size_two_inductors(sheet, voltage, self.coupling)
        first, second, low = (sheet.value(s) for s in ("L1", "L2", "Dlow"))
        least = (1 - sheet.choices.inductance_spread) * (1 + self.coupling)
        rise = specs.vin_min * low / sheet.slowest_clock
        first_met, second_met = (
            rules.windings_inductance(self.coupling, name) for name in ("L1", "L2")
        )
        ripple = sheet.step(
            "largest ripple of both inductors at the lowest input",
            Term("ΔI", rise * (1 / (least * first) + 1 / (least * second)), "A"),
            f"Vin_min · Dlow / ((1 - tf) · f) · (1 / ({first_met}) + 1 / ({second_met}))",
            "Hart, sec. 6.8",
        )
        rules.reservoir_current(sheet, ripple, "TI SNVA168E")
