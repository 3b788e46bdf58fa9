"""The flyback converter."""

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

LEAKAGE = 0.01
"""Leakage inductance, seen from the primary with the secondary shorted, over the primary's
inductance: a gapped transformer with interleaved windings (Cirrus Logic AN375 measures 1 %)."""

CLAMP_OVER_REFLECTED = 2.0
"""Voltage of the clamp over the reflected output (Fairchild AN-4147: 2 to 2.5)."""

_WINDINGS = parts.Winding("T1p", 0.5), parts.Winding("T1s", 0.5)


class Flyback(Topology):
    """Isolated: the transformer stores energy while the switch is on and gives it to the output.

    The leakage is expressed by the coupling factor: two states, a well-conditioned inductance
    matrix, and the same two windings and coupling in a SPICE deck. `T1_lm` is what is measured at
    the primary with the secondary open.
    """

    name = "flyback"
    title = "flyback"
    summary = "Isolated; steps up or down."
    inverting = False
    isolated = True
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Inductor("T1p", "in", "sw"),
            Switch("Q1", "sw", "0"),
            *rules.CLAMP,
            Inductor("T1s", "0", "sec"),
            Diode("D1", "sec", "out"),
            Capacitor("Cout", "out", "0"),
            Load("Rload", "out", "0"),
        ),
        (Coupling("Kps", "T1p", "T1s"),),
    )
    design_values = (
        rules.magnetizing_inductance(0.1e-6),
        rules.TURNS_RATIO,
        rules.OUTPUT_CAPACITANCE,
        rules.OUTPUT_ESR,
        rules.ON_RESISTANCE,
    )
    rectifier = "D1"
    off_diodes = ("D1",)
    main_inductor = "T1p"
    rectifier_inductors = ("T1s",)
    core_winding = "T1p"
    clamp_parts = frozenset({"Rclamp", "Cclamp", "Dclamp"})
    switch_node = "sw"
    textbook_choices = Choices(ripple_ratio=0.6)
    max_duty = 0.75
    ripple_custom = 0.75
    duty_custom = 0.5  # TI SNVS496F (LM5002), section 8.2.1.2.2
    drawing = Drawing(
        placements=(
            Placement("Vin", (0, 6), (0, 0), "left"),
            Placement("Rclamp", (2, 3), (2, 6), "left"),
            Placement("Cclamp", (4, 3), (4, 6), "left"),
            Placement("Dclamp", (7, 3), (4, 3), "bottom"),
            Placement("T1p", (7, 6), (7, 3), "left"),
            Placement("Q1", (8, 3), (8, 0), "right"),
            Placement("T1s", (10, 3), (10, 6), "right"),
            Placement("D1", (10, 6), (13, 6), "top"),
            Placement("Cout", (13, 6), (13, 0), "right"),
            Placement("Rload", (16, 6), (16, 0), "right"),
        ),
        wires=(
            ((0, 6), (2, 6), (4, 6), (7, 6)),
            ((2, 3), (4, 3)),
            ((7, 3), (8, 3)),
            ((10, 3), (10, 0)),
            ((13, 6), (16, 6)),
            ((0, 0), (8, 0), (10, 0), (13, 0), (16, 0)),
        ),
        grounds=((0, 0),),
        node_labels=(("in", (0, 6)), ("sw", (8, 3)), ("sec", (10, 6)), ("out", (16, 6))),
    )

    def check(self, spec: Spec) -> None:
        """Accept every ratio: the turns ratio follows it."""

    def turns_ratio(self, parameters: Values) -> FloatArray:
        """Return Np/Ns from the inductances of the windings."""
        return np.sqrt(parameters["T1p"] / parameters["T1s"])

    def least_stress(self, spec: Spec) -> dict[str, LeastStress]:
        """The open switch blocks the input and the reflected output, of the least turns ratio.

        The primary carries the input's current in the on-time alone, the secondary the load's.
        """
        reflected = float(np.sqrt(1 - LEAKAGE)) * rules.TURNS_RATIO.low * spec.vout
        return super().least_stress(spec) | {
            "Q1": LeastStress(spec.vin_max + reflected, "vin"),
            "T1p": LeastStress(spec.pout / spec.vin_min / self.max_duty, "iout"),
            "T1s": LeastStress(spec.iout, "iout"),
        }

    def ideal_duty(self, vin: FloatArray, vout: FloatArray) -> FloatArray:
        """D = n Vout / (Vin + n Vout) (Erickson and Maksimovic, 2nd ed., section 6.3.4)."""
        return rules.step_up_down_duty(vin, vout)

    def ideal_output(self, vin: FloatArray, duty: FloatArray) -> FloatArray:
        """N Vout = Vin D / (1 - D)."""
        return rules.step_up_down_output(vin, duty)

    def starting_voltages(
        self, parameters: Values, vin: FloatArray, vout: FloatArray
    ) -> dict[str, FloatArray]:
        """Return the clamp's voltage, between the reflected output and what it is sized for."""
        return {"Cclamp": 1.5 * self.turns_ratio(parameters) * vout}

    def primary_peak(
        self, inductance: FloatArray, ratio: FloatArray, specs: SpecBatch
    ) -> FloatArray:
        """Return the primary's current at turn-off, A, at the lowest input, where it is largest."""
        duty = self.ideal_duty(specs.vin_min, ratio * specs.vout)
        mean = specs.iout / (ratio * (1 - duty))
        ripple = specs.vin_min * duty / (inductance * specs.fsw)
        return parts.peak_current(mean, ripple)

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts; each winding has half the copper of an inductor of that energy."""
        inductance, ratio = values["T1_lm"], values["T1_n"]
        peak = self.primary_peak(inductance, ratio, specs)
        reflected = ratio * (specs.vout + rules.RECTIFIER_DROP)
        duty = self.ideal_duty(specs.vin_min, ratio * specs.vout)
        return (
            parts.flyback_transformer(_WINDINGS, parts.Coil(inductance, peak), ratio)
            | {"Kps": np.full_like(inductance, np.sqrt(1 - LEAKAGE))}
            | rules.clamp(
                parts.Coil(LEAKAGE * inductance, peak),
                CLAMP_OVER_REFLECTED * reflected,
                reflected,
                specs,
            )
            | parts.capacitor("Cout", values["Cout"], values["Cout_esr"])
            | parts.mosfet("Q1", values["Q1_rds_on"])
            | parts.rectifier("D1", specs.vout + specs.vin_max / ratio, specs.iout / (1 - duty))
        )

    def size(self, sheet: Worksheet) -> None:
        """Size for the duty at the lowest input, and for the ripple at the highest over the mean.

        TI SNVS496F (LM5002), section 8.2.1.2.2; Hart, Power Electronics, section 7.3. The capacitor
        alone feeds the load while the switch is on.
        """
        specs, choices = sheet.specs, sheet.choices
        longest = choices.lowest_input_duty
        reflected = sheet.step(
            "largest output reflected to the primary",
            Term(
                "VRO",
                longest / (1 - longest) * choices.efficiency * specs.vin_min,
                "V",
            ),
            "Dmax / (1 - Dmax) · η · Vin_min",
            "Fairchild AN-4137; losses: TI SLVA372D, sec. 2",
        )
        wanted = sheet.step(
            "turns ratio for it",
            Term("n_need", reflected / (specs.vout + choices.rectifier_drop), ""),
            "VRO / (Vout + VF)",
            "TI SNVS496F (LM5002), eq. 6",
        )
        ratio = sheet.choose(
            rules.TURNS_RATIO,
            "last turns ratio up to n_need",
            rules.at_most(wanted, rules.TURNS_RATIO),
            "ratios that can be wound",
        )
        hart = "Hart, sec. 7.3"
        high = sheet.step(
            "duty at the highest input",
            Term("Dhigh", self.ideal_duty(specs.vin_max, ratio * specs.vout), ""),
            "n · Vout / (Vin_max + n · Vout)",
            hart,
        )
        mean = specs.iout * (specs.vin_min + ratio * specs.vout) / (ratio * specs.vin_min)
        goal = sheet.step(
            "magnetizing ripple wanted, of the mean at the lowest input",
            Term("ΔI_goal", sheet.value("r") * mean, "A"),
            "r · Iout · (Vin_min + n · Vout) / (n · Vin_min)",
            hart,
        )
        needed = sheet.step(
            "inductance for that ripple",
            Term("Lm_need", specs.vin_max * high / (goal * specs.fsw), "H"),
            "Vin_max · Dhigh / (ΔI_goal · f)",
            "TI SNVS496F (LM5002), eq. 7",
        )
        inductance = rules.choose_inductance(sheet, needed, self.value("T1_lm"))
        low = sheet.step(
            "duty at the lowest input, with losses",
            Term(
                "Dlow", self.ideal_duty(choices.efficiency * specs.vin_min, ratio * specs.vout), ""
            ),
            "n · Vout / (η · Vin_min + n · Vout)",
            "Hart, sec. 7.3; losses: TI SLVA372D, sec. 2",
        )
        least = (1 - choices.inductance_spread) * inductance
        ripple = sheet.step(
            "largest ripple of the secondary at the lowest input",
            Term("ΔI", ratio * specs.vin_min * low / (least * sheet.slowest_clock), "A"),
            "n · Vin_min · Dlow / ((1 - tL) · Lm · (1 - tf) · f)",
            hart,
        )
        rules.reservoir_current(sheet, ripple, hart)
        duty = sheet.step(
            "duty at the nominal input",
            Term("D", self.ideal_duty(specs.vin, ratio * specs.vout), ""),
            "n · Vout / (Vin + n · Vout)",
            hart,
        )
        rms = sheet.step(
            "rms current of the switch",
            Term("Irms", np.sqrt(duty) * specs.iout / (ratio * (1 - duty)), "A"),
            "√(D) · Iout / (n · (1 - D))",
            "Erickson 2e, app. A",
        )
        rules.choose_switch(sheet, rms)
