"""The zeta converter: the worked example of an eighth topology (docs/topologies.md)."""

from arcs_engine.circuits.circuit import Capacitor, Circuit, Diode, Inductor, Load, Source, Switch
from arcs_engine.circuits.crossover import Stage
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies import rules
from arcs_engine.circuits.topologies.base import Drawing, Parameters, Placement, Topology, Values
from arcs_engine.circuits.topologies.textbook import Term, Worksheet


class Zeta(Topology):
    """Steps up or down without inverting; the output current is continuous, as a buck's is."""

    name = "zeta"
    title = "zeta"
    summary = "Steps up or down, with a continuous output current."
    inverting = False
    isolated = False
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Switch("Q1", "in", "sw"),
            Diode("Q1_body", "sw", "in"),
            Inductor("L1", "sw", "0"),
            Capacitor("Cc", "link", "sw"),
            Diode("D1", "0", "link"),
            Inductor("L2", "link", "out"),
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
            Placement("Q1", (0, 3), (4, 3), "bottom"),
            Placement("Q1_body", (4, 5), (0, 5), "top"),
            Placement("L1", (4, 3), (4, 0), "right"),
            Placement("Cc", (8, 3), (4, 3), "top"),
            Placement("D1", (8, 0), (8, 3), "right"),
            Placement("L2", (8, 3), (11, 3), "top"),
            Placement("Cout", (11, 3), (11, 0), "right"),
            Placement("Rload", (14, 3), (14, 0), "right"),
        ),
        wires=(
            ((0, 3), (0, 5)),
            ((4, 3), (4, 5)),
            ((11, 3), (14, 3)),
            ((0, 0), (4, 0), (8, 0), (11, 0), (14, 0)),
        ),
        grounds=((0, 0),),
        node_labels=(("in", (0, 5)), ("sw", (4.6, 3)), ("link", (8, 3)), ("out", (14, 3))),
    )

    def check(self, spec: Spec) -> None:
        """Any output can be had."""

    def ideal_duty(self, vin: FloatArray, vout: FloatArray) -> FloatArray:
        """D = Vout / (Vin + Vout) (Texas Instruments, SLYT372: Designing DC/DC converters based
        on ZETA topology, equation 1).
        """
        return rules.step_up_down_duty(vin, vout)

    def ideal_output(self, vin: FloatArray, duty: FloatArray) -> FloatArray:
        """Vout = Vin D / (1 - D)."""
        return rules.step_up_down_output(vin, duty)

    @property
    def loop(self):
        """Of the rules that are known, that of the Cuk is on the safe side."""
        return "cuk"

    def stage(self, parameters: Values, specs: SpecBatch) -> Stage:
        """Add what both inductors and the coupling capacitor make of the loop."""
        return rules.two_inductor_stage(super().stage(parameters, specs), parameters, False)

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts; the coupling capacitor holds Vout."""
        return rules.two_inductor_parts(values, specs, specs.vout)

    def size(self, sheet: Worksheet) -> None:
        """Size as a SEPIC, with the output filter of a buck (SLYT372)."""
        specs = sheet.specs
        voltage = rules.CouplingVoltage("Vout", specs.vout, specs.vout)
        rules.size_two_inductors(sheet, voltage)
        ripple = sheet.step(
            "ripple of L2",
            Term("ΔI", rules.input_ripple(0.8 * sheet.value("L2"), specs.vin_max, specs), "A"),
            "Vin_max · Dhigh / ((1 - tL) · L2 · f)",
            "TI SLYT372",
        )
        rules.filter_current(sheet, ripple)
