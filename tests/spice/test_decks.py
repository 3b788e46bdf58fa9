"""What a deck begins with and what disturbs it, read from its text."""

import re

import pytest

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.simulation.netlist import Converter, Deck, LineStep, LoadStep, SoftStart
from arcs_engine.simulation.steady import steady_state
from tests.spice.conftest import DUTY, FSW, VIN, deck


@pytest.fixture(scope="module")
def solved():
    values = {"vin": VIN, "rload": 2.5, "Q1_rds_on": 1e-2, "Q1.roff": 1e7, "Q1.vdrop": 0.0}
    values |= {"D1.vf": 0.1, "D1.is": 1e-6, "D1.n": 1.05, "D1.rs": 1e-2}
    values |= {"L1": 22e-6, "L1.dcr": 1e-2, "Cout": 47e-6, "Cout_esr": 1e-2}
    return steady_state(REGISTRY["buck"], values, FSW, duty=DUTY)


def initial(converter):
    """Return the inductor current and capacitor voltage that a deck begins with."""
    text = Deck(converter, "test", periods=20).text()
    return [float(value) for value in re.findall(r" IC=(\S+)", text)]


def test_that_a_settled_converter_begins_in_the_state_at_its_start_phase(solved):
    converter = Converter.settled(solved)
    state = solved.state_at(converter.drive.start_phase)
    assert converter.drive.duty == pytest.approx(DUTY)
    assert initial(converter) == pytest.approx([state["L1"], state["Cout"]])
    assert min(initial(converter)) > 1


def test_that_a_converter_at_rest_begins_without_current_or_charge(solved):
    converter = Converter.at_rest(solved)
    assert converter.drive == Converter.settled(solved).drive
    assert initial(converter) == [0.0, 0.0]


def unmeasured(stimulus, *given):
    return deck(*given, stimulus=stimulus, measures=False).splitlines()


def saved(lines):
    (line,) = (line for line in lines if line.startswith(".save "))
    return set(line.split()[1:])


def test_that_a_load_step_stores_the_current_that_it_adds(buck, ideal, steady):
    plain = unmeasured(None, buck, ideal, steady)
    stepped = unmeasured(LoadStep(1e-5, 2e-5, 5.0), buck, ideal, steady)
    assert len(saved(stepped) - saved(plain)) == 1
    (load,) = (line for line in stepped if line.startswith("Rload "))
    assert float(load.split()[-1]) == pytest.approx(5.0), "the lighter load stays"


def test_that_an_input_that_steps_changes_the_line_of_the_source_alone(buck, ideal, steady):
    plain = unmeasured(None, buck, ideal, steady)
    stepped = unmeasured(LineStep(1e-5, 2e-5, 5.0, 1e-6), buck, ideal, steady)
    differing = [(a, b) for a, b in zip(plain, stepped, strict=True) if a != b]
    assert [a.split()[0] for a, _ in differing] == ["Vin"]
    assert "PULSE(" in differing[0][1] or "PWL(" in differing[0][1]


def test_that_a_soft_start_drives_the_gate_in_the_place_of_the_fixed_duty(buck, ideal, steady):
    fixed = "\n".join(unmeasured(None, buck, ideal, steady))
    soft = "\n".join(unmeasured(SoftStart(5), buck, ideal, steady))
    gate = next(line for line in fixed.splitlines() if line.startswith("Vgate "))
    assert gate not in soft
    assert saved(soft.splitlines()) == saved(fixed.splitlines())
