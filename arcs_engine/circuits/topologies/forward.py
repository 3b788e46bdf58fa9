"""The single-switch forward converter."""

import numpy as np

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import (
    Capacitor,
    Circuit,
    Coupling,
    Diode,
    Inductor,
    Load,
    Source,
    Switch,
)
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
from arcs_engine.circuits.topologies.textbook import Choices, Term, Worksheet
from arcs_engine.foundation.errors import SpecError

LEAKAGE = 0.003
"""Leakage inductance of the secondary, seen from the primary, over the primary's inductance: an
ungapped core has twenty times the inductance of the flyback's gapped one, but no more leakage."""

RESET_LEAKAGE = 0.001
"""The same of the reset winding, which is wound together with the primary."""

CLAMP_OVER_INPUT = 1.5
"""Voltage of the clamp over the highest input: above the reset voltage, which is the input."""

LOWEST_INPUT_DUTY = 0.38
"""Duty at the lowest input that the textbook turns ratio gives: 80 % of `Forward.max_duty`. Winding
resistances and the commutation of the leakage take the rest: with 90 % a quarter of 120
textbook designs reach the duty limit at their lowest input, with 80 % one of them."""

_WINDINGS = (
    parts.Winding("T1p", 0.45),
    parts.Winding("T1s", 0.45),
    parts.Winding("T1r", 0.1),
)
"""Primary, secondary and reset winding, with their shares of the copper."""


class Forward(Topology):
    """Isolated: the transformer passes energy on while the switch is on; a third winding resets it.

    The reset winding has the turns of the primary, so the core needs as long to reset as it was
    driven: the duty stays under 0.5. `T1_lm` is what is measured at the primary.
    """

    name = "forward"
    title = "forward"
    summary = "Isolated, with an output choke; for medium power."
    inverting = False
    isolated = True
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Inductor("T1p", "in", "sw"),
            Switch("Q1", "sw", "0"),
            *rules.CLAMP,
            Inductor("T1r", "0", "reset"),
            Diode("Dreset", "reset", "in"),
            Inductor("T1s", "sec", "0"),
            Diode("D1", "sec", "rect"),
            Diode("D2", "0", "rect"),
            Inductor("L1", "rect", "out"),
            Capacitor("Cout", "out", "0"),
            Load("Rload", "out", "0"),
        ),
        (
            Coupling("Kps", "T1p", "T1s"),
            Coupling("Kpr", "T1p", "T1r"),
            Coupling("Krs", "T1r", "T1s"),
        ),
    )
    design_values = (
        rules.magnetizing_inductance(1e-6),
        rules.TURNS_RATIO,
        rules.INDUCTANCE,
        rules.OUTPUT_CAPACITANCE,
        rules.OUTPUT_ESR,
        rules.ON_RESISTANCE,
    )
    rectifier = "D2"
    on_diodes = ("D1",)
    off_diodes = ("D2",)
    main_inductor = "L1"
    core_winding = "T1r"
    clamp_parts = frozenset({"Rclamp", "Cclamp", "Dclamp"})
    switch_node = "sw"
    textbook_choices = Choices(lowest_input_duty=LOWEST_INPUT_DUTY)
    max_duty = 0.47
    # The best turns ratio is as large as the longest duty allows.
    edges = ("ripple", "infeasible")
    drawing = Drawing(
        placements=(
            Placement("Vin", (0, 6), (0, 0), "left"),
            Placement("Rclamp", (2, 3), (2, 6), "left"),
            Placement("Cclamp", (4, 3), (4, 6), "left"),
            Placement("Dclamp", (7, 3), (4, 3), "bottom"),
            Placement("T1p", (7, 6), (7, 3), "left"),
            Placement("Q1", (8, 3), (8, 0), "right"),
            Placement("T1r", (10, 0), (10, 3), "right"),
            Placement("Dreset", (10, 3), (10, 6), "right"),
            Placement("T1s", (13, 6), (13, 3), "right"),
            Placement("D1", (13, 6), (16, 6), "top"),
            Placement("D2", (16, 0), (16, 6), "right"),
            Placement("L1", (16, 6), (19, 6), "top"),
            Placement("Cout", (19, 6), (19, 0), "right"),
            Placement("Rload", (22, 6), (22, 0), "right"),
        ),
        wires=(
            ((0, 6), (2, 6), (4, 6), (7, 6), (10, 6)),
            ((2, 3), (4, 3)),
            ((7, 3), (8, 3)),
            ((13, 3), (13, 0)),
            ((19, 6), (22, 6)),
            ((0, 0), (8, 0), (10, 0), (13, 0), (16, 0), (19, 0), (22, 0)),
        ),
        grounds=((0, 0),),
        node_labels=(
            ("in", (0, 6)),
            ("sw", (8, 3)),
            ("sec", (13, 6)),
            ("rect", (16, 6)),
            ("out", (22, 6)),
        ),
    )

    def check(self, spec: Spec) -> None:
        """Require that the lowest turns ratio gives Vout within the duty that the reset allows."""
        highest = self.max_duty * spec.vin_min / rules.TURNS_RATIO.low
        if spec.vout >= highest:
            raise SpecError(
                f"A {self.title} reaches at most {highest:.3g} V from Vin min = {spec.vin_min:g} "
                f"V; Vout is {spec.vout:g} V.",
                "vout",
            )

    def turns_ratio(self, parameters: Values) -> FloatArray:
        """Return Np/Ns from the inductances of the windings."""
        return np.sqrt(parameters["T1p"] / parameters["T1s"])

    def least_stress(self, spec: Spec) -> dict[str, LeastStress]:
        """The open switch blocks more than the input while the core resets; L1 carries the load.

        The primary carries the input's current in the on-time alone.
        """
        return super().least_stress(spec) | {
            "Q1": LeastStress(spec.vin_max, "vin"),
            "T1p": LeastStress(spec.pout / spec.vin_min / self.max_duty, "iout"),
            "L1": LeastStress(spec.iout, "iout"),
        }

    def reset_duty(self, parameters: Values) -> FloatArray:
        """D = Np / (Np + Nr): Vin D / Np drives the core, Vin (1 - D) / Nr resets it.

        Erickson and Maksimovic, 2nd ed., section 6.3.2.
        """
        return np.asarray(1 / (1 + np.sqrt(parameters["T1r"] / parameters["T1p"])))

    def ideal_duty(self, vin: FloatArray, vout: FloatArray) -> FloatArray:
        """D = n Vout / Vin (Erickson and Maksimovic, 2nd ed., section 6.3.2)."""
        return vout / vin

    def ideal_output(self, vin: FloatArray, duty: FloatArray) -> FloatArray:
        """N Vout = D Vin."""
        return vin * duty

    def starting_voltages(
        self, parameters: Values, vin: FloatArray, vout: FloatArray
    ) -> dict[str, FloatArray]:
        """Return the clamp's voltage, between the reset voltage and what it is sized for."""
        return {"Cclamp": 1.2 * vin}

    def commutation_time(self, parameters: Values, vin: FloatArray, iout: FloatArray) -> FloatArray:
        """Llk Iout / (n Vin) with Llk = (1 - k²) Lp, the leakage at the primary.

        The freewheeling diode shorts the secondary until the leakage carries the load.
        """
        leakage = (1 - parameters["Kps"] ** 2) * parameters["T1p"]
        return np.asarray(leakage * iout / (self.turns_ratio(parameters) * vin))

    def choke_ripple(
        self, inductance: FloatArray, ratio: FloatArray, specs: SpecBatch
    ) -> FloatArray:
        """ΔI = Vout (1 - D) / (L f), A, at the highest input, where it is largest."""
        duty = np.minimum(ratio * specs.vout / specs.vin_max, self.max_duty)
        return np.asarray(specs.vout * (1 - duty) / (inductance * specs.fsw))

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts; the primary's peak is the choke's, reflected, and the magnetizing one.

        The on-time's volt-seconds are n Vout / f at every input.
        """
        inductance, ratio = values["T1_lm"], values["T1_n"]
        choke = parts.peak_current(specs.iout, self.choke_ripple(values["L1"], ratio, specs))
        volt_seconds = ratio * (specs.vout + rules.RECTIFIER_DROP) / specs.fsw
        magnetizing = volt_seconds / inductance
        rms = np.sqrt(self.max_duty) * specs.iout / ratio
        full = np.full_like(inductance, np.sqrt(1 - LEAKAGE))
        return (
            parts.forward_transformer(_WINDINGS, inductance, ratio, volt_seconds, rms)
            | {"Kps": full, "Krs": full}
            | {"Kpr": np.full_like(inductance, np.sqrt(1 - RESET_LEAKAGE))}
            | rules.clamp(
                parts.Coil(LEAKAGE * inductance, choke / ratio + magnetizing),
                CLAMP_OVER_INPUT * specs.vin_max,
                specs.vin_max,
                specs,
            )
            | parts.inductor("L1", parts.Coil(values["L1"], choke), specs.fsw)
            | parts.capacitor("Cout", values["Cout"], values["Cout_esr"])
            | parts.mosfet("Q1", values["Q1_rds_on"])
            | parts.rectifier("D1", CLAMP_OVER_INPUT * specs.vin_max / ratio, specs.iout)
            | parts.rectifier("D2", specs.vin_max / ratio, specs.iout)
            | parts.rectifier("Dreset", 2 * specs.vin_max, magnetizing)
        )

    def size(self, sheet: Worksheet) -> None:
        """Size for the duty at the lowest input and the ripple at the highest.

        Fairchild AN-4134; Hart, Power Electronics, section 7.4. The output filter is that of a
        buck.
        """
        specs, choices, hart = sheet.specs, sheet.choices, "Hart, sec. 7.4"
        wanted = sheet.step(
            "turns ratio for the duty at the lowest input",
            Term(
                "n_need",
                choices.lowest_input_duty * specs.vin_min / (specs.vout + choices.rectifier_drop),
                "",
            ),
            "Dmax · Vin_min / (Vout + VF)",
            "Fairchild AN-4134; Hart, sec. 7.4",
        )
        ratio = sheet.choose(
            rules.TURNS_RATIO,
            "last turns ratio up to n_need",
            rules.at_most(wanted, rules.TURNS_RATIO),
            "ratios that can be wound",
        )
        magnetizing = sheet.step(
            "magnetizing current wanted",
            Term("Im_goal", choices.magnetizing_ratio * specs.iout / ratio, "A"),
            "m · Iout / n",
            hart,
        )
        needed = sheet.step(
            "magnetizing inductance for it",
            Term("Lm_need", ratio * specs.vout / (magnetizing * specs.fsw), "H"),
            "n · Vout / (Im_goal · f)",
            hart,
        )
        rules.choose_inductance(sheet, needed, self.value("T1_lm"))
        high = sheet.step(
            "duty at the highest input",
            Term("Dhigh", self.ideal_duty(specs.vin_max, ratio * specs.vout), ""),
            "n · Vout / Vin_max",
            hart,
        )
        goal = sheet.step(
            "ripple of L1 wanted",
            Term("ΔI_goal", sheet.value("r") * specs.iout, "A"),
            "r · Iout",
            hart,
        )
        needed = sheet.step(
            "inductance for that ripple",
            Term("L1_need", specs.vout * (1 - high) / (goal * specs.fsw), "H"),
            "Vout · (1 - Dhigh) / (ΔI_goal · f)",
            hart,
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
            hart,
        )
        rules.filter_current(sheet, ripple)
        duty = sheet.step(
            "duty at the nominal input",
            Term("D", self.ideal_duty(specs.vin, ratio * specs.vout), ""),
            "n · Vout / Vin",
            hart,
        )
        rms = sheet.step(
            "rms current of the switch",
            Term("Irms", np.sqrt(duty) * specs.iout / ratio, "A"),
            "√(D) · Iout / n",
            "Erickson 2e, app. A",
        )
        rules.choose_switch(sheet, rms)
