"""The buck (step-down) converter."""

from typing import ClassVar

import numpy as np

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
    require_step_down,
)
from arcs_engine.circuits.topologies.textbook import Term, Worksheet


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
    off_diodes: ClassVar[tuple[str, ...]] = ("D1",)
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

    def least_stress(self, spec: Spec) -> dict[str, LeastStress]:
        """The open switch blocks the input while the rectifier conducts; L1 carries the load."""
        return super().least_stress(spec) | {
            "Q1": LeastStress(spec.vin_max, "vin"),
            "L1": LeastStress(spec.iout, "iout"),
        }

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
        coil = parts.Coil(values["L1"], parts.peak_current(specs.iout, ripple))
        return (
            parts.inductor("L1", coil, specs.fsw)
            | parts.capacitor("Cout", values["Cout"], values["Cout_esr"])
            | parts.mosfet("Q1", values["Q1_rds_on"])
            | parts.rectifier("D1", specs.vin_max, specs.iout)
        )

    def size(self, sheet: Worksheet) -> None:
        """Size for the ripple at the highest input, where it is largest.

        TI SLVA477B, sections 2 and 3.
        """
        specs, choices = sheet.specs, sheet.choices
        high = sheet.step(
            "duty at the highest input",
            Term("Dhigh", specs.vout / specs.vin_max, ""),
            "Vout / Vin_max",
            "Erickson 2e, sec. 2.2",
        )
        goal = sheet.step(
            "ripple of L1 wanted",
            Term("ΔI_goal", sheet.value("r") * specs.iout, "A"),
            "r · Iout",
            "TI SLVA477B, sec. 3",
        )
        needed = sheet.step(
            "inductance for that ripple",
            Term("L1_need", specs.vout * (1 - high) / (goal * specs.fsw), "H"),
            "Vout · (1 - Dhigh) / (ΔI_goal · f)",
            "TI SLVA477B, sec. 3",
        )
        inductance = rules.choose_inductance(sheet, needed, rules.INDUCTANCE)
        least = (1 - choices.inductance_spread) * inductance
        ripple = sheet.step(
            "largest ripple of L1, with the rectifier's drop",
            Term(
                "ΔI",
                (specs.vout + choices.rectifier_drop) * (1 - high) / (least * sheet.slowest_clock),
                "A",
            ),
            "(Vout + VF) · (1 - Dhigh) / ((1 - tL) · L1 · (1 - tf) · f)",
            "Erickson 2e, sec. 2.2",
        )
        rules.filter_current(sheet, ripple)
        duty = sheet.step(
            "duty at the nominal input",
            Term("D", specs.vout / specs.vin, ""),
            "Vout / Vin",
            "Erickson 2e, sec. 2.2",
        )
        rms = sheet.step(
            "rms current of the switch",
            Term("Irms", np.sqrt(duty) * specs.iout, "A"),
            "√(D) · Iout",
            "Erickson 2e, app. A",
        )
        rules.choose_switch(sheet, rms, self.synchronous)
