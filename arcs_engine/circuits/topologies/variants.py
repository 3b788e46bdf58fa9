"""Variants: a registered topology with another rectifier, or with its inductors on one core.

A variant is declared by what it adds to its base. It has the base's design values, so whatever
knows the base by name (tokens, the model) knows the variant by `Topology.family`.
"""

from dataclasses import replace

import numpy as np

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import Circuit, Coupling, Diode, Switch
from arcs_engine.circuits.parts import drivers
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import rules
from arcs_engine.circuits.topologies.base import Drawing, Parameters, Placement, Values
from arcs_engine.circuits.topologies.boost import Boost
from arcs_engine.circuits.topologies.buck import Buck
from arcs_engine.circuits.topologies.buck_boost import BuckBoost
from arcs_engine.circuits.topologies.cuk import Cuk
from arcs_engine.circuits.topologies.sepic import Sepic
from arcs_engine.circuits.topologies.textbook import Term, Worksheet

COUPLING = 0.94
"""Coupling factor of two windings on one core (Coilcraft MSD1278T data sheet, document 704: at
least 0.94)."""


def antiparallel(circuit: Circuit, diode: str, switch: str) -> Circuit:
    """Return a circuit with a complementary switch across a diode, which becomes its body diode.

    The main switch gets a body diode too: at light load the current may flow backwards when the
    complementary one opens.
    """
    across = circuit.element(diode)
    (main,) = circuit.of_type(Switch)
    added = (
        Switch(switch, across.b, across.a, "complement"),
        Diode(f"{main.name}_body", main.b, main.a),
    )
    return replace(circuit, elements=circuit.elements + added)


def with_second_switch(derived: Parameters, values: Values, specs: SpecBatch) -> Parameters:
    """Return a base's parts with the switch that takes the diode's place.

    Both switches are the same part, whose on-resistance is a design value; the diodes across them
    are their own.
    """
    second = Switch("Q2", "", "", "complement")
    return (
        derived
        | parts.mosfet(second.name, values["Q1_rds_on"])
        | {second.dead_time: drivers.dead_time(specs.fsw)}
        | parts.body_diode("D1", values["Q1_rds_on"])
        | parts.body_diode("Q1_body", values["Q1_rds_on"])
    )


class SynchronousBuck(Buck):
    """A buck with a low-side switch."""

    name = "buck_synchronous"
    title = "synchronous buck"
    summary = "Steps down, with a second switch in place of the diode."
    base = Buck.name
    variant = "synchronous"
    off_diodes = ()
    circuit = antiparallel(Buck.circuit, "D1", "Q2")
    drawing = Drawing(
        placements=(
            Placement("Vin", (0, 3), (0, 0), "left"),
            Placement("Q1", (0, 3), (4, 3), "bottom"),
            Placement("Q1_body", (4, 5), (0, 5), "top"),
            Placement("Q2", (4, 3), (4, 0), "left"),
            Placement("D1", (6.5, 0), (6.5, 3), "right"),
            Placement("L1", (6.5, 3), (10, 3), "top"),
            Placement("Cout", (10, 3), (10, 0), "right"),
            Placement("Rload", (13, 3), (13, 0), "right"),
        ),
        wires=(
            ((0, 3), (0, 5)),
            ((4, 3), (4, 5)),
            ((4, 3), (6.5, 3)),
            ((10, 3), (13, 3)),
            ((0, 0), (4, 0), (6.5, 0), (10, 0), (13, 0)),
        ),
        grounds=((0, 0),),
        node_labels=(("in", (0, 5)), ("sw", (6.5, 3)), ("out", (13, 3))),
    )

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts of the base, and the second switch."""
        return with_second_switch(super().parameters(values, specs), values, specs)


class SynchronousBoost(Boost):
    """A boost with a high-side switch."""

    name = "boost_synchronous"
    title = "synchronous boost"
    summary = "Steps up, with a second switch in place of the diode."
    base = Boost.name
    variant = "synchronous"
    off_diodes = ()
    circuit = antiparallel(Boost.circuit, "D1", "Q2")
    drawing = Drawing(
        placements=(
            Placement("Vin", (0, 3), (0, 0), "left"),
            Placement("L1", (0, 3), (3, 3), "top"),
            Placement("Q1", (3, 3), (3, 0), "left"),
            Placement("Q1_body", (5, 0), (5, 3), "right"),
            Placement("Q2", (9, 3), (5, 3), "bottom"),
            Placement("D1", (5, 5), (9, 5), "top"),
            Placement("Cout", (9, 3), (9, 0), "right"),
            Placement("Rload", (12, 3), (12, 0), "right"),
        ),
        wires=(
            ((3, 3), (5, 3), (5, 5)),
            ((9, 3), (9, 5)),
            ((9, 3), (12, 3)),
            ((0, 0), (3, 0), (5, 0), (9, 0), (12, 0)),
        ),
        grounds=((0, 0),),
        node_labels=(("in", (0, 3)), ("sw", (3, 3)), ("out", (12, 3))),
    )

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts of the base, and the second switch."""
        return with_second_switch(super().parameters(values, specs), values, specs)


class SynchronousBuckBoost(BuckBoost):
    """An inverting buck-boost with a second switch."""

    name = "buck_boost_synchronous"
    title = "synchronous buck-boost"
    summary = "Inverts, steps up or down, with a second switch in place of the diode."
    base = BuckBoost.name
    variant = "synchronous"
    off_diodes = ()
    circuit = antiparallel(BuckBoost.circuit, "D1", "Q2")
    drawing = Drawing(
        placements=(
            Placement("Vin", (0, 3), (0, 0), "left"),
            Placement("Q1", (0, 3), (4, 3), "bottom"),
            Placement("Q1_body", (4, 5), (0, 5), "top"),
            Placement("L1", (4, 3), (4, 0), "right"),
            Placement("Q2", (6, 3), (10, 3), "bottom"),
            Placement("D1", (10, 5), (6, 5), "top"),
            Placement("Cout", (10, 3), (10, 0), "right"),
            Placement("Rload", (13, 3), (13, 0), "right"),
        ),
        wires=(
            ((0, 3), (0, 5)),
            ((4, 3), (4, 5)),
            ((4, 3), (6, 3), (6, 5)),
            ((10, 3), (10, 5)),
            ((10, 3), (13, 3)),
            ((0, 0), (4, 0), (10, 0), (13, 0)),
        ),
        grounds=((0, 0),),
        node_labels=(("in", (0, 5)), ("sw", (5, 3)), ("out", (13, 3))),
    )

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts of the base, and the second switch."""
        return with_second_switch(super().parameters(values, specs), values, specs)


def with_coupling(derived: Parameters, specs: SpecBatch) -> Parameters:
    """Return a base's parts with the coupling factor."""
    return derived | {"K1": np.full(len(specs), COUPLING)}


def choose_equal_windings(sheet: Worksheet) -> None:
    """Choose equal windings on one core for the larger of the inductances that were chosen.

    Both windings see the same voltage, so that each current rises by v / (L (1 + k)): half the
    inductance does for the same ripple (Texas Instruments, Benefits of a coupled-inductor SEPIC
    converter, 2012; Coilcraft MSD1278T data sheet).
    """
    wanted = sheet.step(
        "inductance of each of two windings on one core",
        Term("winding", np.maximum(sheet.value("L1"), sheet.value("L2")) / (1 + COUPLING), "H"),
        f"max(L1, L2) / (1 + {COUPLING})",
        "TI, coupled-inductor SEPIC",
    )
    winding = rules.at_least(wanted, rules.INDUCTANCE)
    for value in (rules.INDUCTANCE, rules.SECOND_INDUCTANCE):
        sheet.choose(value, "next E12 value from winding", winding, "E12 series")


def on_one_core(circuit: Circuit) -> Circuit:
    """Return a circuit with L1 and L2 coupled; their first ends have the dots."""
    return replace(circuit, couplings=(*circuit.couplings, Coupling("K1", "L1", "L2")))


class CoupledCuk(Cuk):
    """A Cuk converter with both inductors on one core."""

    name = "cuk_coupled"
    title = "coupled Cuk"
    summary = "Inverts, steps up or down, with both inductors on one core."
    base = Cuk.name
    variant = "coupled"
    circuit = on_one_core(Cuk.circuit)

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts of the base, and the coupling factor."""
        return with_coupling(super().parameters(values, specs), specs)

    def size(self, sheet: Worksheet) -> None:
        """Size the base, then windings of half its inductance."""
        super().size(sheet)
        choose_equal_windings(sheet)


class CoupledSepic(Sepic):
    """A SEPIC with both inductors on one core."""

    name = "sepic_coupled"
    title = "coupled SEPIC"
    summary = "Steps up or down, with both inductors on one core."
    base = Sepic.name
    variant = "coupled"
    circuit = on_one_core(Sepic.circuit)

    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive the parts of the base, and the coupling factor."""
        return with_coupling(super().parameters(values, specs), specs)

    def size(self, sheet: Worksheet) -> None:
        """Size the base, then windings of half its inductance."""
        super().size(sheet)
        choose_equal_windings(sheet)
