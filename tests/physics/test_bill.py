"""Every derived part is shown with its ratings, and can be set."""

import csv
import io

import numpy as np
import pytest
from converters import design_of, evaluated, ordinary_spec, textbook_values

from arcs_engine.circuits.circuit import Capacitor, Diode, Inductor, Load, Resistor, Source, Switch
from arcs_engine.circuits.parts.capacitor_bank import describe
from arcs_engine.circuits.parts.capacitor_range import PARTS, ceramic_under_bias
from arcs_engine.circuits.settings import parameters as settable
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.performance.bill import as_csv
from arcs_engine.performance.parts_list import parts_of
from arcs_engine.performance.worst_parts import slow_inductance

SHOWN_ONLY = ".unbiased"


def listed(topology, overrides=None):
    spec = ordinary_spec(topology)
    values = textbook_values(topology, spec)
    return parts_of(design_of(spec, topology, values, overrides=overrides))


def test_that_every_part_is_listed_with_what_it_must_stand(topology):
    found = {part.name: part for part in listed(topology)}
    for element in topology.circuit.elements:
        if isinstance(element, Source | Load):
            assert element.name not in found
            continue
        quantities = set(found[element.name].stress)
        match element:
            case Switch() | Diode():
                assert quantities == {"voltage", "peak current", "rms current"}
            case Inductor():
                assert quantities == {"peak current", "rms current"}
            case Capacitor():
                assert quantities == {"voltage", "rms current"}
            case Resistor():
                assert quantities == {"power"}
    assert {"voltage", "rms current"} == set(found["Cin"].stress)
    assert all(coupling.name in found for coupling in topology.circuit.couplings)


def test_that_every_number_that_is_shown_can_be_set(topology):
    names = {value.name for value in topology.design_values} | set(settable(topology))
    windings = {winding.name for winding in topology.windings}  # by the design value and the ratio
    for part in listed(topology):
        for number in part.properties:
            shown_only = number.name.endswith(SHOWN_ONLY) or number.name in windings
            assert shown_only or number.name in names, number.name


def test_that_every_number_that_can_be_set_is_shown_as_set(topology):
    shown = {n.name: n.value for part in listed(topology) for n in part.properties}
    # A forward drop is shown as the constant part that it leaves to the junction.
    names = [n for n in settable(topology) if n in shown and not n.endswith(".vf")]
    assert len(names) > 8
    wanted = {name: shown[name] * 0.99 for name in names}  # less: no coupling is above one
    again = {n.name: n for part in listed(topology, wanted) for n in part.properties}
    for name in names:
        assert again[name].value == pytest.approx(wanted[name])
        assert again[name].origin == "given"


@pytest.mark.parametrize(
    ("name", "loss", "factor"),
    [
        ("Q1.qg", "Q1 gate", 2.0),
        ("Q1.qoss", "Q1 output charge", 2.0),
        ("D1.cj", "D1 junction", 2.0),
        # Of moulded powder, whose volume goes with the square of turns times area.
        ("L1.turns_area", "L1 core", 2.0 ** (2 - 1.988)),
        ("Cin_esr", "Cin ripple", 2.0),
    ],
)
def test_that_a_set_parameter_changes_its_loss(name, loss, factor):
    topology = REGISTRY["buck"]
    spec = ordinary_spec(topology)
    values = textbook_values(topology, spec)
    shown = {n.name: n.value for part in listed(topology) for n in part.properties}
    before = evaluated(spec, topology, values).metrics.losses[loss]
    after = evaluated(spec, topology, values, overrides={name: 2 * shown[name]}).metrics.losses[
        loss
    ]
    assert after == pytest.approx(factor * before, rel=1e-6)


def test_that_parts_are_listed_also_where_the_design_has_no_operating_point():
    found = {part.name: part for part in listed(REGISTRY["flyback"], {"Kps": 1.01})}
    assert found["Cout"].buy
    assert found["Cin"].buy


def test_that_a_ceramic_is_bought_larger_than_it_acts():
    """Of the bank that is named, under the highest input."""
    (cin,) = (part for part in listed(REGISTRY["buck"]) if part.name == "Cin")
    values = {n.name: n.value for n in cin.properties}
    assert cin.kind == "ceramic capacitor"
    count, part = bank_of(cin.buy)
    assert values["Cin.unbiased"] == pytest.approx(count * part.capacitance)
    left = ceramic_under_bias(
        *(
            np.array(x)
            for x in (part.capacitance, part.rated, part.bare, cin.stress["voltage"].value)
        )
    )
    assert values["Cin"] == pytest.approx(count * left)
    assert values["Cin"] < 0.95 * values["Cin.unbiased"]


def bank_of(text):
    """Return number and part of what is to be bought."""
    many, _, single = text.rpartition(" x ")
    (part,) = (each for each in PARTS if describe(each) == single)
    return int(many or 1), part


def test_that_the_technology_follows_the_resistance_that_was_chosen():
    topology = REGISTRY["buck"]
    spec = ordinary_spec(topology)
    values = textbook_values(topology, spec) | {"Cout": 470e-6, "Cout_esr": 0.1}
    kinds = {part.name: part.kind for part in parts_of(design_of(spec, topology, values))}
    assert kinds["Cout"] == "electrolytic capacitor"


def test_that_the_ripple_current_of_a_capacitor_is_that_of_the_triangle():
    topology = REGISTRY["buck"]
    spec = ordinary_spec(topology)
    found = evaluated(spec, topology, textbook_values(topology, spec)).metrics
    worst = max(found.stress["Cout rms"].value, 0)
    # Largest at the highest input, where the inductor's ripple is, with the least of worst parts.
    high = spec.vout * (1 - spec.vout / spec.vin_max) / spec.fsw
    ripple = high / (slow_inductance() * textbook_values(topology, spec)["L1"])
    assert worst == pytest.approx(ripple / np.sqrt(12), rel=0.03)


def test_that_the_bill_of_materials_has_a_line_a_part(topology):
    parts = listed(topology)
    rows = list(csv.DictReader(io.StringIO(as_csv(parts))))
    assert [row["part"] for row in rows] == [part.name for part in parts]
    assert all(row["kind"] and row["values"] for row in rows)
