"""The topologies compared, and the shortlist: two views of one search."""

import msgspec
import pytest
from converters import spec_of
from stand_in import untrained

from arcs_engine.circuits.spec import AUTO
from arcs_engine.circuits.topologies import REGISTRY, topology
from arcs_engine.sizing import refusals, topology_comparison
from arcs_engine.sizing.proposal import Proposer
from arcs_engine.sizing.topology_comparison import compare

HIGH = spec_of(12.0, 53.0, 1.0, 25e3)
"""A boost near the limit of its gain: few designs do it, and its textbook design does not."""


@pytest.fixture(scope="module")
def proposer():
    return Proposer(untrained())


@pytest.fixture
def only(monkeypatch):
    """Return what leaves a few topologies to compare: a search of all takes long."""

    def leave(*names):
        for module in (topology_comparison, refusals):
            monkeypatch.setattr(module, "REGISTRY", {name: REGISTRY[name] for name in names})

    return leave


def outcomes_of(proposer, spec):
    return {outcome.topology: outcome for outcome in compare(spec, proposer)}


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("boost", HIGH),
        ("buck_boost", spec_of(12.0, 9.0, 0.5, 100e3)),  # its polarity is not the form's
        ("buck_synchronous", spec_of(12.0, 5.0, 2.0, 300e3, efficiency=0.95)),
        ("buck", spec_of(12.0, 5.0, 2.0, 300e3, efficiency=0.99)),  # nothing meets that
    ],
)
def test_that_a_named_topology_is_compared_by_the_design_its_shortlist_begins_with(
    proposer, only, name, spec
):
    only(topology(name).family)
    named = msgspec.structs.replace(spec, topology=name)
    outcome = outcomes_of(proposer, named)[name]
    first = proposer.propose(named, count=1).candidates[0]
    assert outcome.refusal == ""
    assert outcome.candidate.values == first.values
    assert outcome.candidate.meets_spec == first.meets_spec
    assert outcome.candidate.reasons == first.reasons
    assert outcome.candidate.metrics.efficiency_estimated == first.metrics.efficiency_estimated


def test_that_without_a_model_the_search_starts_from_the_textbook_design(only):
    only("boost")
    spec = msgspec.structs.replace(HIGH, topology="boost")
    (outcome,) = compare(spec, Proposer(None))
    assert outcome.candidate.meets_spec
    found = Proposer(None).propose(spec, count=1)
    assert found.model is None
    assert found.candidates[0].values == outcome.candidate.values


def test_that_auto_proposes_the_best_of_what_is_compared(proposer, only):
    only("buck", "sepic")
    spec = msgspec.structs.replace(spec_of(12.0, 5.0, 1.0, 200e3), topology=AUTO)
    able = [each.candidate for each in compare(spec, proposer) if each.candidate is not None]
    best = min(able, key=lambda candidate: candidate.cost)
    first = proposer.propose(spec, count=1).candidates[0]
    assert (first.topology, first.values, first.cost) == (best.topology, best.values, best.cost)


def test_that_the_others_are_asked_for_the_output_of_the_named_one(proposer, only):
    only("buck_boost", "sepic")
    spec = spec_of(12.0, 9.0, 0.5, 100e3)
    named = msgspec.structs.replace(spec, topology="buck_boost", isolated=True)
    outcomes = outcomes_of(proposer, named)
    assert {name for name, each in outcomes.items() if each.candidate is not None} == {"buck_boost"}
    assert "negative was asked for" in outcomes["sepic"].refusal


def test_that_one_verdict_holds_however_a_topology_is_weighed(proposer, only):
    """A SEPIC beside a buck costs more than the buck's textbook design; it meets the spec.

    Weighed against its own textbook design or against the buck's, its compromise is another, and
    its cost, measured against the buck's in both cases, is no less for the one that was not sought.
    """
    only("buck", "sepic")
    spec = spec_of(12.0, 5.0, 1.0, 200e3)
    named, free = (msgspec.structs.replace(spec, topology=name) for name in ("sepic", AUTO))
    ours, theirs = (outcomes_of(proposer, each)["sepic"].candidate for each in (named, free))
    assert ours.meets_spec
    assert theirs.meets_spec
    assert ours.cost >= theirs.cost > 1
