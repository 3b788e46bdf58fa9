"""The cost against a reference, and what another weight makes of it."""

import msgspec
import numpy as np
import pytest
from converters import evaluated, spec_of, textbook_values

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.performance.cost import FAILED_COST, Reference, recosted

BUCK = REGISTRY["buck"]
SPEC = spec_of(12.0, 5.0, 2.0, 300e3)
TEXTBOOK = textbook_values(BUCK, SPEC)


@pytest.fixture(scope="module")
def judged():
    """The textbook buck, and one with more output capacitors and a better switch."""
    other = TEXTBOOK | {"Cout": TEXTBOOK["Cout"] * 2, "Q1_rds_on": TEXTBOOK["Q1_rds_on"] / 2}
    return evaluated(SPEC, BUCK, TEXTBOOK), evaluated(SPEC, BUCK, other)


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.95])
def test_that_another_weight_costs_what_the_judge_would_say(judged, weight):
    textbook, other = judged
    asked = msgspec.structs.replace(SPEC, weight=weight)
    anew = evaluated(asked, BUCK, other.values)
    assert recosted(other, Reference.of(textbook), weight).cost == pytest.approx(anew.cost)


def test_that_a_design_costs_one_against_itself_whatever_the_weight(judged):
    for candidate in judged:
        assert recosted(candidate, Reference.of(candidate), 0.2).cost == pytest.approx(1.0)


def test_that_a_design_that_fails_stays_at_the_cost_of_failures(judged):
    failing = evaluated(SPEC, BUCK, TEXTBOOK | {"Cout_esr": 0.5})
    assert not failing.meets_spec
    assert recosted(failing, Reference.of(judged[0]), 0.2).cost == FAILED_COST


def test_that_a_design_without_an_operating_point_is_no_reference_and_keeps_its_cost(judged):
    dropped = evaluated(spec_of(12.0, 11.9, 2.0, 300e3), BUCK, TEXTBOOK | {"Q1_rds_on": 1.0})
    assert dropped.metrics is None
    assert Reference.of(dropped) is None
    assert recosted(dropped, Reference.of(judged[0]), 0.2) == dropped


def test_that_rows_of_a_reference_stay_those_of_their_specs():
    reference = Reference(np.array([1.0, 2.0]), np.array([3.0, 5.0]))
    taken = reference.take(np.array([1, 0, 1]))
    assert taken.loss.tolist() == [2.0, 1.0, 2.0]
    assert taken.volume.tolist() == [5.0, 3.0, 5.0]
