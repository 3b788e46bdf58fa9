"""An eighth topology is one file and its registration: the zeta goes through everything."""

from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from converters import evaluated, spec_of, textbook_values
from stand_in import untrained
from zeta import Zeta

from arcs_engine.analysis import exports
from arcs_engine.bench.agreement import agreement
from arcs_engine.circuits import schematic
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, topology
from arcs_engine.foundation.control import Control
from arcs_engine.learning.datasets.specs import RANGES
from arcs_engine.performance.design import Design
from arcs_engine.simulation import netlist
from arcs_engine.sizing.proposal import Proposer


@pytest.fixture
def zeta(monkeypatch):
    """Register the zeta, with the ranges that its random specs are drawn from."""
    declared = Zeta()
    monkeypatch.setitem(REGISTRY, declared.name, declared)
    monkeypatch.setitem(RANGES, declared.name, RANGES["sepic"])
    return topology("zeta")


@pytest.fixture
def spec():
    return msgspec.structs.replace(spec_of(12.0, 9.0, 1.0, 200e3), topology="zeta")


def test_that_it_is_solved_as_the_book_says(zeta, spec):
    """M = D / (1 - D); the ripple of either inductor is Vin D / (L f), Cc passes Iout D / f."""
    values = textbook_values(zeta, spec) | {"Q1_rds_on": 1e-3}
    found = evaluated(spec, zeta, values, overrides={"L1.dcr": 0.0, "L2.dcr": 0.0})
    assert found.metrics.vout == pytest.approx(9.0, rel=1e-5)
    duty = found.duty
    # Charge balance makes Iin = Iout D / (1 - D), whatever the losses.
    gain = found.metrics.efficiency * duty / (1 - duty)
    assert gain == pytest.approx(9 / 12, rel=0.01)
    for name in ("L1", "L2"):
        expected = 12.0 * duty / (values[name] * 200e3)
        assert found.metrics.inductor_ripples[name] == pytest.approx(expected, rel=0.04)
    charge = values["Cc"] * found.metrics.capacitor_ripples["Cc"] / 1.0
    assert charge == pytest.approx(1.0 * duty / 200e3, rel=0.05)


def test_that_its_textbook_design_meets_its_spec_and_says_why(zeta, spec):
    values = textbook_values(zeta, spec)
    assert evaluated(spec, zeta, values).meets_spec
    lines = zeta.textbook(SpecBatch.of([spec])).explain("Cc")
    assert any("Vout" in line for line in lines)


def test_that_ngspice_agrees(ngspice, zeta):
    found = agreement(zeta, 6, 0, Control.silent())
    assert (found.vout, found.efficiency, found.ripple) == (1.0, 1.0, 1.0)
    assert found.unjudged <= 1


def test_that_deck_and_schematic_name_its_parts(zeta, spec):
    values = textbook_values(zeta, spec)
    design = Design(spec=spec, values=values)
    deck = exports.deck(design)
    picture = ElementTree.fromstring(
        schematic.svg(zeta, {}, ink="#000000", background=None, accent="#000000")
    )
    drawn = {group.get("id") for group in picture.iter() if group.get("id")}
    for element in zeta.circuit.elements:
        assert f"\n{netlist.device(element)} " in deck
        assert element.name in drawn


def test_that_it_is_searched_by_a_model_that_does_not_know_it(zeta, spec):
    found = Proposer(untrained()).propose(spec, count=3, seed=0)
    assert found.candidates
    assert all(c.topology == "zeta" for c in found.candidates)
    assert found.candidates[0].cost <= found.textbook.cost


def test_that_its_waveforms_close_and_its_current_rests_at_light_load(zeta):
    spec = spec_of(12.0, 9.0, 0.02, 200e3)
    values = textbook_values(zeta, spec_of(12.0, 9.0, 1.0, 200e3))
    found = evaluated(spec, zeta, values)
    assert found.mode == "DCM"
    assert np.isfinite(found.metrics.residue)
