import numpy as np
import pytest

from arcs_engine.circuits.parts import inductors, semiconductors, transformers
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.performance import losses
from arcs_engine.performance import physics_hash as physics
from arcs_engine.performance.physics_hash import physics_hash


@pytest.fixture(autouse=True)
def forgotten():
    physics._probe.cache_clear()
    yield
    physics._probe.cache_clear()


def test_that_the_physics_hash_is_the_same_every_time_and_in_any_order_of_topologies():
    names = tuple(REGISTRY)
    first = physics_hash(names)
    physics._probe.cache_clear()
    assert physics_hash(tuple(reversed(names))) == first
    assert len(first) == 16
    int(first, 16)


def test_that_each_topology_has_a_physics_of_its_own():
    hashes = {physics_hash((name,)) for name in REGISTRY}
    assert len(hashes) == len(REGISTRY)


@pytest.mark.parametrize(
    ("room", "name"),
    [
        (inductors, "SATURATION_DERATING"),
        (semiconductors, "VOLTAGE_DERATING"),
        (semiconductors, "THERMAL_VOLTAGE"),
        (transformers, "_PERMEABILITY"),
        (losses, "DRIVE_VOLTAGE"),
    ],
)
def test_that_a_change_of_one_percent_in_a_rule_changes_the_physics_hash(monkeypatch, room, name):
    before = physics_hash()
    physics._probe.cache_clear()
    monkeypatch.setattr(room, name, getattr(room, name) * 1.01)
    assert physics_hash() != before


def change_winding_resistance(monkeypatch, factor):
    rule = inductors.Coil.winding_resistance.fget
    changed = property(lambda coil: rule(coil) * factor)
    monkeypatch.setattr(inductors.Coil, "winding_resistance", changed)


def test_that_a_thousandth_more_winding_resistance_changes_the_physics_hash(monkeypatch):
    before = physics_hash()
    physics._probe.cache_clear()
    change_winding_resistance(monkeypatch, 1.001)
    assert physics_hash() != before


def test_that_the_last_bits_of_a_figure_do_not_change_the_physics_hash(monkeypatch):
    before = physics_hash()
    physics._probe.cache_clear()
    change_winding_resistance(monkeypatch, 1 + 1e-12)
    assert physics_hash() == before


def test_that_probes_cover_good_and_failed_designs_with_figures():
    for name in REGISTRY:
        lines = dict(line.split(" ", 1) for line in physics._probe(name).splitlines()[1:])
        assert "0.00e+00" in lines["status"].split()
        assert len(set(lines["status"].split())) > 1
        assert np.isfinite([float(x) for x in lines["loss"].split()]).mean() > 0.5
