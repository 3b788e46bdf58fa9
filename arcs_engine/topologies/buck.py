"""The buck (step-down) converter."""

import numpy as np

from arcs_engine import parts
from arcs_engine.circuit import Capacitor, Circuit, Diode, Inductor, Load, Source, Switch
from arcs_engine.spec import FloatArray, Spec, SpecBatch
from arcs_engine.topologies import rules
from arcs_engine.topologies.base import (
    Drawing,
    Parameters,
    Placement,
    TextbookDesign,
    TextbookStep,
    Topology,
    Values,
    require_step_down,
)


class Buck(Topology):
    """Step-down: the switch feeds the inductor from the input, the diode carries it on."""

    name = "buck"
    title = "buck"
    summary = "Steps down: Vout below Vin."
    inverting = False
    isolated = False
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Switch("Q1", "in", "sw"),
            Diode("D1", "0", "sw"),
            Inductor("L1", "sw", "out"),
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
    off_diodes = ("D1",)
    main_inductor = "L1"
    switch_node = "sw"
    max_duty = 0.98
    drawing = Drawing(
        placements=(
            Placement("Vin", (0, 3), (0, 0), "left"),
            Placement("Q1", (0, 3), (3, 3), "top"),
            Placement("D1", (3, 0), (3, 3), "right"),
            Placement("L1", (3, 3), (6, 3), "top"),
            Placement("Cout", (6, 3), (6, 0), "right"),
            Placement("Rload", (9, 3), (9, 0), "right"),
        ),
        wires=(((6, 3), (9, 3)), ((0, 0), (3, 0), (6, 0), (9, 0))),
        grounds=((0, 0),),
        node_labels=(("in", (0, 3)), ("sw", (3, 3)), ("out", (9, 3))),
    )

    def check(self, spec: Spec) -> None:
        """Require Vout below the lowest input."""
        require_step_down(self.title, spec)

    def ideal_duty(self, vin: FloatArray, vout: FloatArray) -> FloatArray:
        """D = Vout / Vin (Erickson and Maksimovic, eq. 2.19)."""
        return vout / vin

    def ideal_output(self, vin: FloatArray, duty: FloatArray) -> FloatArray:
        """Vout = D Vin."""
        return vin * duty

    def inductor_ripple(
        self, inductance: FloatArray, vin: FloatArray, specs: SpecBatch
    ) -> FloatArray:
        """ΔI = Vout (1 - D) / (L f), A, in CCM (Erickson and Maksimovic, eq. 2.15)."""
        return specs.vout * (1 - specs.vout / vin) / (inductance * specs.fsw)

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts; the inductor's peak is at the highest input, where ΔI is largest."""
        ripple = self.inductor_ripple(values["L1"], specs.vin_max, specs)
        return (
            parts.inductor("L1", values["L1"], parts.peak_current(specs.iout, ripple))
            | parts.capacitor("Cout", values["Cout"], values["Cout_esr"])
            | parts.mosfet("Q1", values["Q1_rds_on"])
            | parts.rectifier("D1", specs.vin_max, specs.iout)
        )

    def textbook(self, specs: SpecBatch) -> TextbookDesign:
        """Size for ΔI = 0.3 Iout at the highest input (TI SLVA477B, eq. 4 to 12)."""
        duty = specs.vout / specs.vin
        wanted = (
            specs.vout
            * (1 - specs.vout / specs.vin_max)
            / (rules.RIPPLE_RATIO * specs.iout * specs.fsw)
        )
        inductance = rules.at_least(wanted, rules.INDUCTANCE)
        ripple = self.inductor_ripple(inductance, specs.vin_max, specs)
        capacitor, capacitor_steps = rules.output_capacitor(ripple / (8 * specs.fsw), ripple, specs)
        switch, switch_steps = rules.switch_for(np.sqrt(duty) * specs.iout, specs)
        return TextbookDesign(
            values={"L1": inductance} | capacitor | switch,
            steps=(
                TextbookStep("D", "Vout / Vin", duty, "", "Erickson 2e, eq. 2.19"),
                TextbookStep("L1", "Vout (1 - D) / (0.3 Iout f)", wanted, "H", "TI SLVA477B"),
                TextbookStep("ΔI", "Vout (1 - D) / (L f)", ripple, "A", "Erickson 2e, eq. 2.15"),
                *capacitor_steps,
                *switch_steps,
            ),
        )
