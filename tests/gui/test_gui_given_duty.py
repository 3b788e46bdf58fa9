"""The window speaks of one operating point, also where parts and duty of a design were given."""

import msgspec
import pytest

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.design import Design
from arcs_gui.engine_process.analyst import LocalAnalyst
from arcs_gui.engine_process.engine import LocalEngine
from arcs_gui.presenters.cells import stress_row
from arcs_gui.presenters.schematic.inspector import part_facts

BOOST = topology("boost")
SPEC = Spec(topology="boost", vin=12, vin_min=12, vin_max=12, vout=24, iout=1, fsw=200e3)
VALUES = {"L1": 47e-6, "Cout": 47e-6, "Cout_esr": 5e-3, "Q1_rds_on": 50e-3}


@pytest.fixture(scope="module")
def given():
    """A boost whose duty gives 43 V in place of 24 V, with a coil of its own."""
    return evaluate(Design(SPEC, VALUES, 0.75, {"L1.dcr": 0.08}))


@pytest.fixture(scope="module")
def regulated():
    return evaluate(Design(SPEC, VALUES))


def test_that_the_list_of_parts_is_rated_for_the_point_on_screen(given):
    listed = {part.name: part for part in LocalAnalyst().parts(SPEC, given)}
    for name, stress in given.metrics.stress.items():
        assert listed[name.partition(" ")[0]].stress[stress.quantity] == stress
    coil = {p.name: p for p in listed["L1"].properties}
    assert (coil["L1.dcr"].value, coil["L1.dcr"].origin) == (0.08, "given")


def test_that_the_inspector_says_of_a_part_what_the_list_says(given):
    facts = part_facts(BOOST, given, VALUES, "Q1", (), {})
    (listed,) = (part for part in LocalAnalyst().parts(SPEC, given) if part.name == "Q1")
    for quantity, stress in listed.stress.items():
        assert stress_row(quantity.capitalize(), stress) in facts.figures


def test_that_a_moved_value_keeps_the_parts_and_the_duty_that_were_given(given, regulated):
    engine = LocalEngine()
    moved = msgspec.structs.replace(given, values=VALUES | {"L1": 33e-6})
    solved = engine.solve(SPEC, regulated, moved)
    assert solved.candidate.given_duty == solved.candidate.duty == 0.75
    assert solved.candidate.overrides == {"L1.dcr": 0.08}
    mean = solved.waveforms.signals["v(out)"].mean()
    assert mean == pytest.approx(solved.candidate.metrics.vout, rel=0.01)


def test_that_waveforms_and_netlist_are_of_the_point_on_screen(given, regulated):
    engine = LocalEngine()
    mean = engine.waveforms(SPEC, given).signals["v(out)"].mean()
    assert mean == pytest.approx(given.metrics.vout, rel=0.01)
    assert mean > 1.5 * regulated.metrics.vout
    assert engine.netlist(SPEC, given) != engine.netlist(SPEC, regulated)


def test_that_the_analyses_say_that_they_regulate(given, regulated):
    assert "given duty of 75.0 %" in LocalAnalyst().corners(SPEC, given).notes[0]
    assert LocalAnalyst().corners(SPEC, regulated).notes == ()
