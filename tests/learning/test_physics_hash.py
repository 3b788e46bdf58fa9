from functools import cache

import numpy as np
import pytest

from arcs_engine.circuits import crossover, load_step
from arcs_engine.circuits.parts import drivers, inductors, semiconductors, transformers, volumes
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.performance import core_loss, losses, thermal, worst_parts
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


RULES = (
    ("buck", inductors, "SATURATION_DERATING"),
    ("buck", inductors, "_TIME_PER_AREA"),
    ("buck", inductors, "_LEAST_PERIODS"),
    ("sepic", semiconductors, "VOLTAGE_DERATING"),
    ("boost", semiconductors, "THERMAL_VOLTAGE"),
    ("forward", transformers, "_PERMEABILITY"),
    ("buck", drivers, "FASTEST_EDGE"),
    ("forward", drivers, "FASTEST_SLEW"),
    ("buck", drivers, "GATE_VOLTAGE"),
    ("buck", drivers, "CONTROLLER_CURRENT"),
    ("buck", drivers, "SENSE_VOLTAGE"),
    ("buck", core_loss, "MOULDED_FACTOR"),
    ("flyback", losses, "_CORE_DENSITY"),
    ("buck", volumes, "KEEP_OUT"),
    ("buck", inductors, "MOULDED_SHARE"),
    ("flyback", volumes, "_GAPPED_VOLUME"),
    ("forward", volumes, "_WOUND_VOLUME"),
    ("flyback", volumes, "CLAMP_VOLUME"),
    ("buck", volumes, "_CHIP_COUNT"),
    ("boost", volumes, "_DIODE_PER_AMPERE"),
    ("buck", worst_parts, "LEAST_INDUCTANCE"),
    ("boost", worst_parts, "MOST_INDUCTANCE"),
    ("buck", worst_parts, "LEAST_CAPACITANCE"),
    ("buck", worst_parts, "SLOWEST_CLOCK"),
    ("boost", worst_parts, "SLOWEST_CLOCK"),
    ("flyback", worst_parts, "SLOWEST_CLOCK"),
    ("boost", worst_parts, "MOST_ESR"),
    ("buck", worst_parts, "HOT_COPPER"),
    ("buck", worst_parts, "HOT_SILICON"),
    ("buck", thermal, "ON_RESISTANCE_RISE"),
    ("buck", thermal, "_FORWARD_FALL"),
    ("buck", thermal, "JUNCTION_LIMIT"),
    ("buck", load_step, "PEAK"),
    ("buck", crossover, "CURRENT_SHARE"),
    ("boost", crossover, "ZERO_SHARE"),
)
"""A rule of each kind, with a topology whose figures follow from it."""


@cache
def known_hash(name):
    """Return the hash of one topology as the rules are."""
    return physics_hash((name,))


@pytest.mark.parametrize(("topology", "room", "rule"), RULES)
def test_that_a_change_of_one_percent_in_a_rule_changes_the_physics_hash(
    monkeypatch, topology, room, rule
):
    before = known_hash(topology)
    physics._probe.cache_clear()
    monkeypatch.setattr(room, rule, getattr(room, rule) * 1.01)
    assert physics_hash((topology,)) != before


def change_winding_resistance(monkeypatch, factor):
    rule = inductors.Coil.winding_resistance
    changed = lambda coil, fsw: rule(coil, fsw) * factor  # noqa: E731
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


@pytest.mark.parametrize("topology", REGISTRY)
def test_that_the_packages_that_hot_parts_are_bought_in_are_among_what_is_hashed(
    monkeypatch, topology
):
    before = known_hash(topology)
    physics._probe.cache_clear()
    larger = tuple(1.01 * package for package in thermal.PACKAGES)
    monkeypatch.setattr(thermal, "PACKAGES", larger)
    assert physics_hash((topology,)) != before
