"""The SEPIC (single-ended primary-inductor converter)."""

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
)


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

    def ideal_duty(self, vin: FloatArray, vout: FloatArray) -> FloatArray:
        """D = Vout / (Vin + Vout)."""
        return rules.step_up_down_duty(vin, vout)

    def ideal_output(self, vin: FloatArray, duty: FloatArray) -> FloatArray:
        """Vout = Vin D / (1 - D)."""
        return rules.step_up_down_output(vin, duty)

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts; the coupling capacitor holds Vin."""
        return rules.two_inductor_parts(values, specs, specs.vin_max)

    def textbook(self, specs: SpecBatch) -> TextbookDesign:
        """Size as TI AN-1484 and Hart, Power Electronics, section 6.8.

        The output capacitor alone feeds the load while the switch is on, longest at the lowest
        input, and takes both inductors' current when it turns off.
        """
        values, steps = rules.two_inductor_textbook(specs, specs.vin_min)
        at_low = self.ideal_duty(specs.vin_min, specs.vout)
        ripple = sum(rules.input_ripple(values[n], specs.vin_min, specs) for n in ("L1", "L2"))
        peak = parts.peak_current(specs.iout / (1 - at_low), np.asarray(ripple))
        charge = specs.iout * at_low / specs.fsw
        capacitor, capacitor_steps = rules.output_capacitor(charge, peak, specs)
        duty = self.ideal_duty(specs.vin, specs.vout)
        switch, switch_steps = rules.switch_for(np.sqrt(duty) * specs.iout / (1 - duty), specs)
        return TextbookDesign(
            values=values | capacitor | switch,
            steps=(
                *steps,
                TextbookStep("Ipk", "Iout / (1 - D) + ΔI / 2", peak, "A", "TI AN-1484"),
                *capacitor_steps,
                *switch_steps,
            ),
        )
