"""Variants: synchronous rectification with dead time, and inductors on one core."""

import numpy as np
import pytest
from converters import evaluated, row, solve_one, spec_of, textbook_values

from arcs_engine.bench.agreement import agreement
from arcs_engine.circuits.settings import parse_assignments
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS, topology, variant_of
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import DesignError, SpecError
from arcs_engine.performance.corners import assess
from arcs_engine.performance.design import Designs
from arcs_engine.performance.operating_point import mode_at
from arcs_engine.simulation.netlist import Converter, Deck
from arcs_engine.simulation.steady import steady_state
from arcs_engine.simulation.steady.meter import MAX_I, MIN_I

SYNCHRONOUS = [v for v in VARIANTS.values() if v.variant == "synchronous"]
COUPLED = [v for v in VARIANTS.values() if v.variant == "coupled"]


def named(variant):
    return variant.name


every_variant = pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
synchronous = pytest.mark.parametrize("variant", SYNCHRONOUS, ids=named)
coupled = pytest.mark.parametrize("variant", COUPLED, ids=named)


def spec_for(variant, iout=2.0):
    return spec_of(12.0, 24.0 if variant.family == "boost" else 5.0, iout, 200e3)


def parameters_for(variant, spec, **changes):
    values = {name: np.array([v]) for name, v in textbook_values(variant, spec).items()}
    derived = variant.parameters(values, SpecBatch.of([spec]))
    point = {"vin": spec.vin, "rload": spec.vout / spec.iout}
    return row(derived, 0) | point | changes


@every_variant
def test_that_a_variant_adds_to_its_base_and_takes_nothing_away(variant):
    base = REGISTRY[variant.base]
    assert variant.circuit.elements[: len(base.circuit.elements)] == base.circuit.elements
    assert variant.design_values == base.design_values
    assert topology(variant.name) is variant
    assert variant_of(variant.base, variant.variant) == variant.name
    drawn = {placement.element for placement in variant.drawing.placements}
    assert drawn == {element.name for element in variant.circuit.elements}


def test_that_auto_and_training_keep_to_the_seven():
    assert len(REGISTRY) == 7
    assert not set(REGISTRY) & set(VARIANTS)


@pytest.mark.parametrize(
    ("name", "variant", "reason"),
    [
        ("buck", "coupled", "The buck has no variant 'coupled'; it has synchronous."),
        ("forward", "synchronous", "it has none"),
        ("auto", "synchronous", "needs its topology"),
    ],
)
def test_that_a_variant_that_does_not_exist_is_refused(name, variant, reason):
    with pytest.raises(SpecError, match=reason):
        variant_of(name, variant)


@every_variant
def test_that_ngspice_agrees_with_the_solver(ngspice, variant):
    found = agreement(variant, 4, 3, Control.silent())
    assert (found.vout, found.efficiency, found.ripple) == (1.0, 1.0, 1.0)
    assert found.unjudged <= 1  # one that does not settle within ngspice's window


@synchronous
def test_that_a_synchronous_converter_stays_continuous_at_light_load(variant):
    """Without losses the duty of continuous conduction holds at any load: the current reverses."""
    spec = spec_for(variant, iout=0.02)
    quiet = {"Q1_rds_on": 1e-6, "Q2_rds_on": 1e-6, "L1.dcr": 0.0, "Q2.dead_time": 0.0}
    parameters = parameters_for(variant, spec_for(variant)) | quiet
    parameters["rload"] = spec.vout / spec.iout
    found = solve_one(variant, parameters, spec.fsw, vout=spec.vout)
    ideal = variant.ideal_duty(np.array([spec.vin]), np.array([spec.vout]))
    assert found.duty == pytest.approx(ideal, rel=1e-3)
    assert found.sum("L1", MIN_I)[0] < -0.05
    specs = SpecBatch.of([spec])
    figures = assess(
        Designs(variant, {k: np.array([v]) for k, v in parameters.items()}, specs)
    ).nominal
    assert mode_at(figures, 0) == "CCM"


@synchronous
def test_that_the_diode_conducts_in_the_dead_time_alone(variant):
    """The body diode's charge in a period is the inductor's current over both dead times."""
    spec = spec_for(variant)
    dead = 100e-9
    parameters = parameters_for(variant, spec, **{"Q2.dead_time": dead})
    wave = steady_state(variant, parameters, spec.fsw, vout=spec.vout).waveforms(periods=1)
    diode = wave.signals["i(D1)"]
    conducting = diode > 0.01 * diode.max()
    steps = np.diff(wave.time)
    on_time = np.sum(steps[conducting[:-1] & conducting[1:]])
    assert on_time == pytest.approx(2 * dead, rel=0.02)


@synchronous
def test_that_longer_dead_time_costs_efficiency(variant):
    spec = spec_for(variant)
    values = textbook_values(variant, spec)
    losses = [
        sum(evaluated(spec, variant, values, overrides={"Q2.dead_time": t}).metrics.losses.values())
        for t in (20e-9, 200e-9)
    ]
    assert losses[1] > losses[0]


@synchronous
def test_that_the_second_switch_beats_the_diode(variant):
    spec = spec_for(variant)
    values = textbook_values(variant, spec)
    base = evaluated(spec, REGISTRY[variant.base], values)
    better = evaluated(spec, variant, values)
    assert better.metrics.efficiency > base.metrics.efficiency + 0.005


@synchronous
def test_that_a_dead_time_shorter_than_an_edge_is_refused_in_a_deck(variant):
    spec = spec_for(variant)
    parameters = parameters_for(variant, spec, **{"Q2.dead_time": 1e-9})
    state = steady_state(variant, parameters, spec.fsw, vout=spec.vout)
    deck = Deck(Converter.settled(state), "t", periods=5)
    with pytest.raises(DesignError, match="dead time of 1e-09 s"):
        deck.text()


@coupled
def test_that_equal_coupled_windings_ripple_as_one_of_l_times_one_plus_k(variant):
    """Both see Vin in the on-time, with a large coupling capacitor: ΔI = Vin D / (L (1 + k) f)."""
    spec = spec_for(variant)
    parameters = parameters_for(
        variant, spec, Cc=10e-3, Cc_esr=1e-6, L1=47e-6, L2=47e-6, **{"L1.dcr": 0.0, "L2.dcr": 0.0}
    )
    parameters |= {"Q1_rds_on": 1e-6}
    found = solve_one(variant, parameters, spec.fsw, vout=spec.vout)
    expected = spec.vin * found.duty / (47e-6 * (1 + parameters["K1"]) * spec.fsw)
    for winding in ("L1", "L2"):
        ripple = found.sum(winding, MAX_I) - found.sum(winding, MIN_I)
        assert ripple == pytest.approx(expected, rel=0.02)


@coupled
def test_that_the_textbook_halves_the_inductance(variant):
    spec = spec_for(variant)
    alone, together = textbook_values(REGISTRY[variant.base], spec), textbook_values(variant, spec)
    assert together["L1"] == together["L2"]
    assert together["L1"] <= 0.65 * max(alone["L1"], alone["L2"])


def test_that_what_a_variant_adds_can_be_set():
    buck, sepic = VARIANTS["buck_synchronous"], VARIANTS["sepic_coupled"]
    texts = ["Q2_rds_on=5m", "Q2.dead_time=40n"]
    assert parse_assignments(texts, buck, "--set").overrides == {
        "Q2_rds_on": pytest.approx(5e-3),
        "Q2.dead_time": pytest.approx(40e-9),
    }
    assert parse_assignments(["K1=0.98"], sepic, "--set").overrides == {"K1": pytest.approx(0.98)}
