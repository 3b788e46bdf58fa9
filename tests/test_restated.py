"""Published converters as specs and values that the judge takes."""

import pytest

from arcs_engine.bench import objective, published
from arcs_engine.bench.published import Capacitor
from arcs_engine.bench.reports.efficiencies import estimate
from arcs_engine.bench.reports.vendors import compare
from arcs_engine.bench.restated import bank, restated
from arcs_engine.circuits.topologies import topology

DESIGNED = {entry.id: entry for entry in published.vendor_designs()}
MEASURED = {entry.id: entry for entry in published.efficiencies()}


@pytest.mark.parametrize("entry", [*DESIGNED.values(), *MEASURED.values()], ids=lambda e: e.id)
def test_that_every_published_converter_can_be_asked_of_the_judge(entry):
    found = restated(entry)
    spec, circuit = found.spec, topology(found.spec.topology)
    assert spec.vin_min <= spec.vin <= spec.vin_max
    assert circuit.family == entry.topology
    assert set(found.values) <= {value.name for value in circuit.design_values}


def test_that_a_criterion_is_asked_and_a_measurement_is_not():
    asked = restated(DESIGNED["tps54292-3v3"]).spec
    assert asked.load_step == pytest.approx((1 / 3, 1))
    assert asked.deviation == pytest.approx(0.2 / 3.3)
    measured = restated(DESIGNED["tps5430-5v"])
    assert (measured.spec.load_step, measured.spec.deviation) == ((0.5, 1.0), 0.05)
    assert "default load step" in measured.assumed


def test_that_a_circuit_that_is_missing_is_named():
    assert restated(DESIGNED["lmr33620-5v"]).same_circuit
    found = restated(DESIGNED["blazek-lt8710-15v"])
    assert not found.same_circuit
    assert found.spec.topology == "sepic_coupled"


def test_that_ceramics_lose_by_bias_and_polymers_keep_their_resistance():
    said = []
    capacitance, _ = bank([Capacitor(capacitance=22e-6, count=4)], 5.0, 400e3, said)
    assert 40e-6 < capacitance < 75e-6
    assert said
    polymer = Capacitor(capacitance=220e-6, technology="polymer", esr=0.04)
    assert bank([polymer], 5.0, 500e3, []) == pytest.approx((220e-6, 0.04))


def test_that_a_vendors_design_and_an_efficiency_get_their_figures():
    found = compare(DESIGNED["lmr33630-3v3"])
    assert found.own.meets_spec
    assert 0.9 < found.excess < 1.1
    assert found.inductance == pytest.approx(found.first.values["L1"] / 6.8e-6)
    errors = estimate(MEASURED["tps5431evm-173"]).errors
    assert max(abs(error) for error in errors) < 2.5


def test_that_alike_and_dominated_are_told_apart():
    good, near, worse = (1.0, 100.0, 0.04), (1.04, 100.0, 0.04), (1.2, 120.0, 0.04)
    assert objective.alike(good, near)
    assert objective.dominates(good, worse)
    assert not objective.dominates(good, good)
    assert not objective.alike(good, worse)
    assert objective.distinct([good, near, worse]) == 2
