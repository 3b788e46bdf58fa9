"""The inverting buck-boost converter."""

from typing import ClassVar

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import Capacitor, Circuit, Diode, Inductor, Load, Source, Switch
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


class BuckBoost(Topology):
    """Inverting: the switch charges the inductor from the input, the diode empties it below 0 V."""

    name = "buck_boost"
    title = "inverting buck-boost"
    summary = "Steps up or down; the output is negative."
    inverting = True
    isolated = False
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Switch("Q1", "in", "sw"),
            Inductor("L1", "sw", "0"),
            Diode("D1", "out", "sw"),
            Capacitor("Cout", "out", "0"),
            Load("Rload", "out", "0"),
        )
    )
    design_values = (
        rules.INDUCTANCE,
        rules.OUTPUT_CAPACITANCE,
        rules.OUTPUT_ESR,
        rules.ON_RESISTANCE,
    )
    rectifier = "D1"
    off_diodes: ClassVar[tuple[str, ...]] = ("D1",)
    main_inductor = "L1"
    switch_node = "sw"
    max_duty = 0.9
    drawing = Drawing(
        placements=(
            Placement("Vin", (0, 3), (0, 0), "left"),
            Placement("Q1", (0, 3), (3, 3), "top"),
            Placement("L1", (3, 3), (3, 0), "right"),
            Placement("D1", (6, 3), (3, 3), "top"),
            Placement("Cout", (6, 3), (6, 0), "right"),
            Placement("Rload", (9, 3), (9, 0), "right"),
        ),
        wires=(((6, 3), (9, 3)), ((0, 0), (3, 0), (6, 0), (9, 0))),
        grounds=((0, 0),),
        node_labels=(("in", (0, 3)), ("sw", (3, 3)), ("out", (9, 3))),
    )

    def check(self, spec: Spec) -> None:
        """Accept every ratio; what the losses forbid, the solved duty tells."""

    def least_stress(self, spec: Spec) -> dict[str, LeastStress]:
        """The open switch blocks both voltages; L1 carries the input's current and the load's."""
        return super().least_stress(spec) | {
            "Q1": LeastStress(spec.vin_max + spec.vout, "vout"),
            "L1": LeastStress(spec.pout / spec.vin_min + spec.iout, "iout"),
        }

    def ideal_duty(self, vin: FloatArray, vout: FloatArray) -> FloatArray:
        """D = Vout / (Vin + Vout) (Erickson and Maksimovic, table 2.1 and section 6.1.2)."""
        return vout / (vin + vout)

    def ideal_output(self, vin: FloatArray, duty: FloatArray) -> FloatArray:
        """Vout = Vin D / (1 - D)."""
        return vin * duty / (1 - duty)

    def inductor_ripple(
        self, inductance: FloatArray, vin: FloatArray, specs: SpecBatch
    ) -> FloatArray:
        """ΔI = Vin D / (L f), A, in CCM."""
        return vin * self.ideal_duty(vin, specs.vout) / (inductance * specs.fsw)

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts; the inductor's mean and so its peak are largest at the lowest input."""
        mean = specs.iout / (1 - self.ideal_duty(specs.vin_min, specs.vout))
        ripple = self.inductor_ripple(values["L1"], specs.vin_min, specs)
        coil = parts.Coil(values["L1"], parts.peak_current(mean, ripple))
        return (
            parts.inductor("L1", coil, specs.fsw)
            | parts.capacitor("Cout", values["Cout"], values["Cout_esr"])
            | parts.mosfet("Q1", values["Q1_rds_on"])
            | parts.rectifier("D1", specs.vin_max + specs.vout, mean)
        )

    def size(self, sheet: Worksheet) -> None:
        """Size for the ripple at the highest input, where it is largest, over the largest mean.

        Hart, Power Electronics, section 6.6; TI SLVA721A.
        """
        specs = sheet.specs
        high = sheet.step(
            "duty at the highest input",
            Term("Dhigh", self.ideal_duty(specs.vin_max, specs.vout), ""),
            "Vout / (Vin_max + Vout)",
            "Hart, sec. 6.6",
        )
        goal = sheet.step(
            "ripple of L1 wanted",
            Term(
                "ΔI_goal",
                sheet.value("r") * specs.iout * (specs.vin_min + specs.vout) / specs.vin_min,
                "A",
            ),
            "r · Iout · (Vin_min + Vout) / Vin_min",
            "Hart, sec. 6.6",
        )
        needed = sheet.step(
            "inductance for that ripple",
            Term("L1_need", specs.vin_max * high / (goal * specs.fsw), "H"),
            "Vin_max · Dhigh / (ΔI_goal · f)",
            "Hart, sec. 6.6",
        )
        inductance = rules.choose_inductance(sheet, needed, rules.INDUCTANCE)
        low = rules.longest_duty(sheet)
        least = (1 - sheet.choices.inductance_spread) * inductance
        ripple = sheet.step(
            "largest ripple of L1 at the lowest input",
            Term("ΔI", specs.vin_min * low / (least * sheet.slowest_clock), "A"),
            "Vin_min · Dlow / ((1 - tL) · L1 · (1 - tf) · f)",
            "Hart, sec. 6.6",
        )
        rules.reservoir_current(sheet, ripple, "Hart, sec. 6.6")
        rules.choose_inductor_switch(sheet, self.synchronous)
