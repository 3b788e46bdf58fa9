"""The flyback converter."""

import numpy as np

from arcs_engine import parts
from arcs_engine.circuit import (
    Capacitor,
    Circuit,
    Coupling,
    Diode,
    Inductor,
    Load,
    Source,
    Switch,
)
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

LEAKAGE = 0.01
"""Leakage inductance, seen from the primary with the secondary shorted, over the primary's
inductance: a gapped transformer with interleaved windings (Cirrus Logic AN375 measures 1 %)."""

CLAMP_OVER_REFLECTED = 2.0
"""Voltage of the clamp over the reflected output (Fairchild AN-4147: 2 to 2.5)."""

LOWEST_INPUT_DUTY = 0.45
"""Duty at the lowest input that the classic turns ratio gives (Fairchild AN-4137, step 3)."""

_SHARE = 0.5


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
        rules.magnetizing_inductance(1e-6),
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
    switch_node = "sw"
    max_duty = 0.75
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
        time_constant = parts.coupled_time_constant(inductance, peak)
        reflected = ratio * (specs.vout + rules.RECTIFIER_DROP)
        duty = self.ideal_duty(specs.vin_min, ratio * specs.vout)
        return (
            parts.winding("T1p", inductance, time_constant, _SHARE)
            | parts.winding("T1s", inductance / ratio**2, time_constant, _SHARE)
            | {"Kps": np.full_like(inductance, np.sqrt(1 - LEAKAGE))}
            | rules.clamp(
                LEAKAGE * inductance, peak, CLAMP_OVER_REFLECTED * reflected, reflected, specs
            )
            | parts.capacitor("Cout", values["Cout"], values["Cout_esr"])
            | parts.mosfet("Q1", values["Q1_rds_on"])
            | parts.rectifier("D1", specs.vout + specs.vin_max / ratio, specs.iout / (1 - duty))
        )

    def textbook(self, specs: SpecBatch) -> TextbookDesign:
        """Size for D = 0.45 at the lowest input and ΔI = 0.3 of the mean at the highest.

        Fairchild AN-4137, steps 3 to 6; Hart, Power Electronics, section 7.3. The capacitor alone
        feeds the load while the switch is on.
        """
        ideal = LOWEST_INPUT_DUTY / (1 - LOWEST_INPUT_DUTY) * specs.vin_min
        wanted_ratio = ideal / (specs.vout + rules.RECTIFIER_DROP)
        ratio = rules.nearest_ratio(wanted_ratio)
        reflected = ratio * specs.vout
        duty = self.ideal_duty(specs.vin, reflected)
        at_high = self.ideal_duty(specs.vin_max, reflected)
        at_low = self.ideal_duty(specs.vin_min, reflected)
        wanted = (
            specs.vin_max
            * at_high
            * (1 - at_high)
            * ratio
            / (rules.RIPPLE_RATIO * specs.iout * specs.fsw)
        )
        inductance = rules.at_least(wanted, self.value("T1_lm"))
        peak = self.primary_peak(inductance, ratio, specs)
        charge = specs.iout * at_low / specs.fsw
        capacitor, capacitor_steps = rules.output_capacitor(charge, ratio * peak, specs)
        rms = np.sqrt(duty) * specs.iout / (ratio * (1 - duty))
        switch, switch_steps = rules.switch_for(rms, specs)
        return TextbookDesign(
            values={"T1_lm": inductance, "T1_n": ratio} | capacitor | switch,
            steps=(
                TextbookStep(
                    "T1_n", "Vin D / ((1 - D) (Vout + VF))", wanted_ratio, "", "Fairchild AN-4137"
                ),
                TextbookStep("D", "n Vout / (Vin + n Vout)", duty, "", "Erickson 2e, sec. 6.3.4"),
                TextbookStep(
                    "T1_lm", "Vin D (1 - D) n / (0.3 Iout f)", wanted, "H", "Hart, sec. 7.3"
                ),
                TextbookStep("Ipk", "Iout / (n (1 - D)) + ΔI / 2", peak, "A", "Hart, sec. 7.3"),
                *capacitor_steps,
                *switch_steps,
            ),
        )
