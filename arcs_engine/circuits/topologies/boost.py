"""The boost (step-up) converter."""

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
)
from arcs_engine.circuits.topologies.textbook import Term, Worksheet
from arcs_engine.foundation.errors import SpecError


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
    off_diodes: ClassVar[tuple[str, ...]] = ("D1",)
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

    def least_stress(self, spec: Spec) -> dict[str, LeastStress]:
        """The open switch blocks the output; L1 carries the input's current, and no less power."""
        return super().least_stress(spec) | {
            "Q1": LeastStress(spec.vout, "vout"),
            "L1": LeastStress(spec.pout / spec.vin_min, "iout"),
        }

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
        coil = parts.Coil(values["L1"], parts.peak_current(mean, ripple))
        return (
            parts.inductor("L1", coil, specs.fsw)
            | parts.capacitor("Cout", values["Cout"], values["Cout_esr"])
            | parts.mosfet("Q1", values["Q1_rds_on"])
            | parts.rectifier("D1", specs.vout, mean)
        )

    def size(self, sheet: Worksheet) -> None:
        """Size for the ripple where it is largest, at half the output, over the largest mean.

        TI SLVA372D, sections 2, 3 and 7.
        """
        specs, choices = sheet.specs, sheet.choices
        vin = sheet.step(
            "input where the ripple is largest",
            Term("Vworst", np.clip(specs.vout / 2, specs.vin_min, specs.vin_max), "V"),
            "min(max(Vout / 2, Vin_min), Vin_max)",
            "maximum of D (1 - D)",
        )
        worst = sheet.step(
            "duty there",
            Term("Dworst", self.ideal_duty(vin, specs.vout), ""),
            "1 - Vworst / Vout",
            "Erickson 2e, sec. 2.3",
        )
        goal = sheet.step(
            "ripple of L1 wanted",
            Term("ΔI_goal", sheet.value("r") * specs.iout * specs.vout / specs.vin_min, "A"),
            "r · Iout · Vout / Vin_min",
            "TI SLVA372D, sec. 3",
        )
        needed = sheet.step(
            "inductance for that ripple",
            Term("L1_need", vin * worst / (goal * specs.fsw), "H"),
            "Vworst · Dworst / (ΔI_goal · f)",
            "TI SLVA372D, sec. 3",
        )
        inductance = rules.choose_inductance(sheet, needed, rules.INDUCTANCE)
        low = sheet.step(
            "duty at the lowest input, with losses",
            Term("Dlow", self.ideal_duty(choices.efficiency * specs.vin_min, specs.vout), ""),
            "1 - η · Vin_min / Vout",
            "TI SLVA372D, sec. 2",
        )
        least = (1 - choices.inductance_spread) * inductance
        ripple = sheet.step(
            "largest ripple of L1 at the lowest input",
            Term("ΔI", specs.vin_min * low / (least * sheet.slowest_clock), "A"),
            "Vin_min · Dlow / ((1 - tL) · L1 · (1 - tf) · f)",
            "TI SLVA372D, sec. 2",
        )
        rules.reservoir_current(sheet, ripple, "TI SLVA372D, sec. 7")
        duty = sheet.step(
            "duty at the nominal input",
            Term("D", self.ideal_duty(specs.vin, specs.vout), ""),
            "1 - Vin / Vout",
            "Erickson 2e, sec. 2.3",
        )
        rms = sheet.step(
            "rms current of the switch",
            Term("Irms", np.sqrt(duty) * specs.iout / (1 - duty), "A"),
            "√(D) · Iout / (1 - D)",
            "Erickson 2e, app. A",
        )
        rules.choose_switch(sheet, rms, self.synchronous)
