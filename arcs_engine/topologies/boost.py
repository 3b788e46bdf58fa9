"""The boost (step-up) converter."""

import numpy as np

from arcs_engine import parts
from arcs_engine.circuit import Capacitor, Circuit, Diode, Inductor, Load, Source, Switch
from arcs_engine.errors import SpecError
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
)


class Boost(Topology):
    """Step-up: the switch charges the inductor, which then adds its voltage to the input's."""

    name = "boost"
    title = "boost"
    summary = "Steps up: Vout above Vin."
    inverting = False
    isolated = False
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Inductor("L1", "in", "sw"),
            Switch("Q1", "sw", "0"),
            Diode("D1", "sw", "out"),
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
    max_duty = 0.9
    drawing = Drawing(
        placements=(
            Placement("Vin", (0, 3), (0, 0), "left"),
            Placement("L1", (0, 3), (3, 3), "top"),
            Placement("Q1", (3, 3), (3, 0), "right"),
            Placement("D1", (3, 3), (6, 3), "top"),
            Placement("Cout", (6, 3), (6, 0), "right"),
            Placement("Rload", (9, 3), (9, 0), "right"),
        ),
        wires=(((6, 3), (9, 3)), ((0, 0), (3, 0), (6, 0), (9, 0))),
        grounds=((0, 0),),
        node_labels=(("in", (0, 3)), ("sw", (3, 3)), ("out", (9, 3))),
    )

    def check(self, spec: Spec) -> None:
        """Require Vout above the highest input."""
        if spec.vout <= spec.vin_max:
            raise SpecError(
                f"A {self.title} needs Vout above Vin max: {spec.vout:g} V is not above "
                f"{spec.vin_max:g} V.",
                "vout",
            )

    def ideal_duty(self, vin: FloatArray, vout: FloatArray) -> FloatArray:
        """D = 1 - Vin / Vout (Erickson and Maksimovic, 2nd ed., section 2.3)."""
        return 1 - vin / vout

    def ideal_output(self, vin: FloatArray, duty: FloatArray) -> FloatArray:
        """Vout = Vin / (1 - D)."""
        return vin / (1 - duty)

    def inductor_ripple(
        self, inductance: FloatArray, vin: FloatArray, specs: SpecBatch
    ) -> FloatArray:
        """ΔI = Vin D / (L f), A, in CCM (Erickson and Maksimovic, 2nd ed., section 2.3)."""
        return vin * self.ideal_duty(vin, specs.vout) / (inductance * specs.fsw)

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts; the inductor's peak is at the lowest input, where its mean peaks."""
        mean = specs.iout * specs.vout / specs.vin_min
        ripple = self.inductor_ripple(values["L1"], specs.vin_min, specs)
        return (
            parts.inductor("L1", values["L1"], parts.peak_current(mean, ripple))
            | parts.capacitor("Cout", values["Cout"], values["Cout_esr"])
            | parts.mosfet("Q1", values["Q1_rds_on"])
            | parts.rectifier("D1", specs.vout, mean)
        )

    def textbook(self, specs: SpecBatch) -> TextbookDesign:
        """Size for ΔI = 0.3 of the inductor's mean current where that ratio is largest.

        TI SLVA372, sections 2 to 6; the ratio goes with D (1 - D)^2, which peaks at Vin = 2/3 Vout.
        The capacitor alone feeds the load while the switch is on, longest at the lowest input.
        """
        duty = self.ideal_duty(specs.vin, specs.vout)
        at_low = self.ideal_duty(specs.vin_min, specs.vout)
        vin = np.clip(specs.vout * 2 / 3, specs.vin_min, specs.vin_max)
        at_worst = self.ideal_duty(vin, specs.vout)
        wanted = vin * at_worst * (1 - at_worst) / (rules.RIPPLE_RATIO * specs.iout * specs.fsw)
        inductance = rules.at_least(wanted, rules.INDUCTANCE)
        mean = specs.iout / (1 - at_low)
        peak = parts.peak_current(mean, self.inductor_ripple(inductance, specs.vin_min, specs))
        charge = specs.iout * at_low / specs.fsw
        capacitor, capacitor_steps = rules.output_capacitor(charge, peak, specs)
        switch, switch_steps = rules.switch_for(np.sqrt(duty) * specs.iout / (1 - duty), specs)
        return TextbookDesign(
            values={"L1": inductance} | capacitor | switch,
            steps=(
                TextbookStep("D", "1 - Vin / Vout", duty, "", "Erickson 2e, sec. 2.3"),
                TextbookStep("L1", "Vin D (1 - D) / (0.3 Iout f)", wanted, "H", "TI SLVA372"),
                TextbookStep("Ipk", "Iout / (1 - D) + ΔI / 2", peak, "A", "TI SLVA372"),
                *capacitor_steps,
                *switch_steps,
            ),
        )
