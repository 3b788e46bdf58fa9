"""The judge: cost, reasons, reward, and what it lets pass."""

import dataclasses

import msgspec
import numpy as np
import pytest
from converters import (
    design_of,
    evaluated,
    ordinary_spec,
    parameters_of,
    spec_of,
    textbook_values,
    verdicts_of,
)

from arcs_engine.circuits.circuit import Capacitor, Inductor
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import DesignError
from arcs_engine.learning.datasets.specs import draw
from arcs_engine.performance import verdict as judging
from arcs_engine.performance.candidates import evaluate_many
from arcs_engine.performance.corners import CORNERS, assess
from arcs_engine.performance.cost import FAILED_COST, Reference
from arcs_engine.performance.design import Designs
from arcs_engine.performance.verdict import STATUSES
from arcs_engine.performance.worst_parts import slow_inductance
from arcs_engine.simulation.steady.newton import NOT_CONVERGED

BUCK = REGISTRY["buck"]


@pytest.fixture
def spec():
    return spec_of(12.0, 5.0, 2.0, 300e3)


@pytest.fixture
def textbook(spec):
    return textbook_values(BUCK, spec)


# --- cost


def test_that_the_textbook_design_costs_one_and_meets_random_specs(topology):
    specs = draw(topology, 40, np.random.default_rng(11))
    batch = SpecBatch.of(specs)
    verdicts = verdicts_of(topology, topology.textbook(batch).values, batch)
    assert np.mean(verdicts.meets_spec) >= 0.95
    assert verdicts.cost[verdicts.meets_spec] == pytest.approx(1.0)
    assert np.all(verdicts.cost[~verdicts.meets_spec] == FAILED_COST)


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.95])
def test_that_the_cost_weighs_loss_against_volume(spec, textbook, weight):
    spec = msgspec.structs.replace(spec, weight=weight)
    other = textbook | {"Cout": textbook["Cout"] * 2, "Q1_rds_on": textbook["Q1_rds_on"] / 2}
    one, two = evaluate_many([design_of(spec, BUCK, values) for values in (textbook, other)])
    loss = [c.metrics.mean_loss for c in (one, two)]
    volume = [c.metrics.volume for c in (one, two)]
    expected = weight * loss[1] / loss[0] + (1 - weight) * volume[1] / volume[0]
    assert two.meets_spec
    assert two.cost == pytest.approx(expected)
    assert one.cost == pytest.approx(1.0)


def test_that_efficiencies_are_kept_apart(spec, textbook):
    found = evaluated(spec, BUCK, textbook).metrics
    elements = {element.name for element in BUCK.circuit.elements}
    simulated = {n: v for n, v in found.losses.items() if n in elements}
    modelled = {n: v for n, v in found.losses.items() if n not in elements}
    assert found.efficiency == pytest.approx(found.pout / found.pin)
    assert found.pin - found.pout == pytest.approx(sum(simulated.values()), rel=1e-3)
    assert modelled.keys() == {
        "Q1 switching",
        "Q1 output charge",
        "Q1 gate",
        "Q1 sense",
        "Q1 heat",
        "controller",
        "D1 recovery",
        "D1 junction",
        "D1 warm fall",
        "L1 core",
        "L1 winding",
        "Cin ripple",
    }
    assert found.efficiency_estimated == pytest.approx(
        found.pout / (found.pin + sum(modelled.values()))
    )


def test_that_each_part_that_can_lose_is_charged(topology):
    spec = ordinary_spec(topology)
    found = evaluated(spec, topology, textbook_values(topology, spec)).metrics
    for element in topology.circuit.elements:
        if element.name not in ("Vin", "Rload"):
            assert found.losses[element.name] > 0


def test_that_the_stored_energy_is_that_of_the_worst_corner(spec, textbook):
    found = evaluated(spec, BUCK, textbook).metrics
    energy = 0.0
    for element in BUCK.circuit.elements:
        if isinstance(element, Inductor | Capacitor):
            value = textbook[element.name]
            energy += 0.5 * value * found.stress[element.name].value ** 2
    assert found.energy == pytest.approx(energy)
    # Ripple and peak are largest at the highest input, with the least inductance and clock.
    least = slow_inductance() * textbook["L1"]
    at_high = spec.vout * (1 - spec.vout / spec.vin_max) / (least * spec.fsw)
    assert found.stress["L1"].value == pytest.approx(spec.iout + at_high / 2, rel=0.02)


def test_that_the_switch_must_stand_the_highest_input(spec, textbook):
    stress = evaluated(spec, BUCK, textbook).metrics.stress
    assert stress["Q1"].value == pytest.approx(spec.vin_max, rel=0.05)
    assert stress["Q1"].rating == 20.0
    assert stress["Q1"].margin == pytest.approx(0.8 * 20.0 / stress["Q1"].value - 1)


def test_that_a_buck_boosts_switch_must_stand_input_plus_output():
    topology = REGISTRY["buck_boost"]
    spec = spec_of(12.0, 9.0, 0.5, 100e3)
    stress = evaluated(spec, topology, textbook_values(topology, spec)).metrics.stress
    assert stress["Q1"].value == pytest.approx(spec.vin_max + 9.0, rel=0.05)
    assert stress["D1"].value == pytest.approx(spec.vin_max + 9.0, rel=0.05)


# --- reasons


def reasons_of(spec, values, **options):
    judged = evaluated(spec, BUCK, values, **options)
    assert not judged.meets_spec
    assert judged.cost == FAILED_COST
    return judged.reasons


def test_that_too_much_ripple_is_refused_with_value_and_limit(spec, textbook):
    asked = msgspec.structs.replace(spec, deviation=None)
    (reason,) = reasons_of(asked, textbook | {"Cout_esr": 0.5})
    assert "12 V and full load" in reason
    assert "above the allowed 1.00%" in reason


def test_that_too_much_ripple_at_a_corner_alone_is_refused_with_the_corner(spec, textbook):
    asked = msgspec.structs.replace(spec, ripple=0.05, vin_max=24.0)
    ripple = evaluated(asked, BUCK, textbook).metrics.ripple
    (reason,) = reasons_of(msgspec.structs.replace(asked, ripple=ripple * 1.05), textbook)
    assert reason.startswith("At 24 V, 100% load and with the worst parts: the output ripple is ")


def test_that_a_wrong_output_is_refused_with_its_value(spec, textbook):
    reasons = reasons_of(spec, textbook, duty=0.3)
    assert any("more than 1 % from 5 V" in r for r in reasons)


def test_that_a_stress_beyond_every_rating_names_part_limit_and_value():
    spec = spec_of(900.0, 400.0, 0.2, 100e3, vin_max=990.0)
    found = evaluated(spec, BUCK, textbook_values(BUCK, spec))
    text = next(r for r in found.reasons if r.startswith("Q1"))
    assert "1200 V" in text
    assert "960 V" in text
    assert "%" in text
    assert not found.meets_spec


def test_that_the_verdict_on_a_batch_and_on_one_candidate_are_the_same(topology):
    """Good designs, and one of each way to fail, stress among them."""
    specs = draw(topology, 12, np.random.default_rng(2))
    vin, vout = (400.0, 990.0) if topology.name == "boost" else (900.0, 400.0)
    high = spec_of(vin, vout, 0.05, 100e3)
    batch = SpecBatch.of([*specs, high])
    values = topology.textbook(batch).values
    for spoilt, factor in (("Cout_esr", 1e-3), ("L1", 1e-2), ("Cout", 1e-2)):
        if spoilt in values:
            values[spoilt][len(specs) // 3 :: 4] *= factor
    verdicts = verdicts_of(topology, values, batch)
    for row, spec in enumerate([*specs, high]):
        one = evaluated(spec, topology, {n: float(v[row]) for n, v in values.items()})
        assert one.meets_spec == verdicts.meets_spec[row]
        assert one.cost == pytest.approx(verdicts.cost[row])
    assert 0 < np.count_nonzero(verdicts.meets_spec) < len(batch)
    assert verdicts.failures["stress"][-1]
    assert not verdicts.strict_pass[-1]


def test_that_a_missed_wish_for_efficiency_is_a_reason(spec, textbook):
    wish = msgspec.structs.replace(spec, efficiency=0.99)
    (reason,) = reasons_of(wish, textbook)
    assert "below the wished 99.0%" in reason


def test_that_an_inverted_output_is_compared_by_magnitude_and_shown_with_its_sign():
    topology = REGISTRY["buck_boost"]
    spec = spec_of(12.0, 9.0, 0.5, 100e3)
    judged = evaluated(spec, topology, textbook_values(topology, spec))
    assert judged.meets_spec
    assert judged.metrics.vout == pytest.approx(-9.0)
    assert judged.metrics.vout_error < 1e-6


@pytest.mark.parametrize("value", [0.0, -1e-6, float("nan"), float("inf")])
def test_that_impossible_values_are_refused(spec, textbook, value):
    with pytest.raises(DesignError, match="L1 must be positive"):
        evaluated(spec, BUCK, textbook | {"L1": value})


def test_that_an_override_replaces_what_was_derived(spec, textbook):
    plain = evaluated(spec, BUCK, textbook).metrics
    other = evaluated(spec, BUCK, textbook, overrides={"L1.dcr": 0.2}).metrics
    assert other.losses["L1"] == pytest.approx(spec.iout**2 * 0.2, rel=0.05)
    assert other.losses["L1"] > plain.losses["L1"]


def test_that_an_unknown_override_is_refused(spec, textbook):
    with pytest.raises(DesignError, match=r"L9\.dcr"):
        evaluated(spec, BUCK, textbook, overrides={"L9.dcr": 0.1})


# --- what passes, on made-up figures


@pytest.fixture
def figures(spec, textbook, monkeypatch):
    """Judge the textbook buck with some of its nominal figures replaced."""
    arrays = {n: np.array([v]) for n, v in textbook.items()}
    specs = SpecBatch.of([spec])
    parameters = {n: np.array([p]) for n, p in parameters_of(BUCK, spec, textbook).items()}
    found = assess(Designs(BUCK, parameters, specs))

    def judged(light=None, **changes):
        changes = {n: c if isinstance(c, dict) else np.array([c]) for n, c in changes.items()}
        made_up = dataclasses.replace(found, nominal=dataclasses.replace(found.nominal, **changes))
        if light is not None:
            less = dataclasses.replace(found.light, status=np.array([light]))
            made_up = dataclasses.replace(made_up, light=less)
        monkeypatch.setattr(judging, "assess", lambda *_args, **_options: made_up)
        reference = Reference(np.ones(1), np.ones(1))
        return verdicts_of(BUCK, arrays, specs, reference=reference)

    return judged


def lossless_figures(efficiency):
    """Figures of 10 W whose energy closes at an efficiency, all loss in one part."""
    pin = 10.0 / efficiency
    return {"pout": 10.0, "pin": pin, "losses": {"Q1": np.array([pin - 10.0])}}


def test_that_more_power_out_than_in_is_not_clamped_and_fails(figures):
    found = figures(pout=10.5, pin=10.0)
    assert found.assessment.nominal.efficiency[0] == pytest.approx(1.05)
    assert not found.meets_spec[0]
    assert not found.strict_pass[0]
    assert STATUSES[found.status[0]] == "unsolved"


def test_that_more_power_out_than_in_is_told_with_both_powers(figures):
    reasons = figures(pout=10.5, pin=10.0).reasons(0)
    told = "At 12 V and full load: 10.5 W leave a converter that 10 W enter."
    assert reasons.count(told) == 1


def test_that_figures_that_do_not_balance_are_told_with_their_corner(figures):
    (reason,) = figures(charge_balance=0.01).reasons(0)
    assert reason.startswith("At 12 V and full load: energy, charge or flux do not balance")


def test_that_a_light_load_without_operating_point_is_told_unless_full_load_has_none(figures):
    (reason,) = figures(light=NOT_CONVERGED).reasons(0)
    assert reason.startswith("At 12 V and 25% load: ")
    (reason,) = figures(light=NOT_CONVERGED, status=NOT_CONVERGED).reasons(0)
    assert reason.startswith("At 12 V and full load: ")


def test_that_more_power_out_than_in_fails_even_where_a_negative_loss_explains_it(figures):
    found = figures(pout=10.5, pin=10.0, losses={"Q1": np.array([-0.5])})
    assert found.assessment.nominal.residue[0] == pytest.approx(0.0)
    assert not found.meets_spec[0]


@pytest.mark.parametrize("balance", ["charge_balance", "flux_balance"])
def test_that_a_point_whose_charge_or_flux_does_not_balance_fails(figures, balance):
    found = figures(**{balance: 0.01})
    assert not found.meets_spec[0]


@pytest.mark.parametrize("residue", [0.004, 0.006])
def test_that_energy_must_close_within_half_a_percent(figures, residue):
    found = figures(pin=10.0, pout=9.0, losses={"Q1": np.array([1.0 - 10 * residue])})
    assert found.meets_spec[0] == (residue < 0.005)


@pytest.mark.parametrize(
    ("error", "points"), [(0.0, 3), (0.049, 3), (0.051, 2), (0.099, 2), (0.11, 1), (0.21, 0)]
)
@pytest.mark.parametrize("sign", [1, -1])
def test_that_the_reward_for_the_output_follows_the_table(figures, error, points, sign):
    found = figures(vout=5.0 * (1 + sign * error), ripple=0.001, **lossless_figures(0.95))
    assert found.reward[0] == 1 + 1 + points + 2 + 1


@pytest.mark.parametrize(
    ("efficiency", "points"),
    [
        (0.91, 2),
        (0.89, 1.5),
        (0.81, 1.5),
        (0.79, 1),
        (0.71, 1),
        (0.69, 0.5),
        (0.51, 0.5),
        (0.49, 0),
    ],
)
def test_that_the_reward_for_the_efficiency_follows_the_table(figures, efficiency, points):
    found = figures(vout=5.0, ripple=0.001, **lossless_figures(efficiency))
    assert found.reward[0] == 1 + 1 + 3 + points + 1


@pytest.mark.parametrize(("ripple", "points"), [(0.019, 1), (0.021, 0.5), (0.049, 0.5), (0.051, 0)])
def test_that_the_reward_for_the_ripple_follows_the_table(figures, ripple, points):
    found = figures(vout=5.0, ripple=ripple, **lossless_figures(0.95))
    assert found.reward[0] == 1 + 1 + 3 + 2 + points


def test_that_what_does_not_balance_or_is_not_solved_earns_its_structure_only(figures):
    unbalanced = lossless_figures(0.95) | {"losses": {"Q1": np.array([0.0])}}
    assert figures(vout=5.0, ripple=0.001, **unbalanced).reward[0] == 1
    assert figures(status=1, **lossless_figures(0.95)).reward[0] == 1


def test_that_the_best_reward_is_eight_points(spec, textbook):
    assert evaluated(spec, BUCK, textbook).reward == 8.0


def test_that_the_corners_are_the_ends_of_input_and_load():
    assert set(CORNERS) == {(v, s) for v in ("vin_min", "vin", "vin_max") for s in (0.1, 1.0)}
