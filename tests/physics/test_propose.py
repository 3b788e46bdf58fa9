"""From a spec to a shortlist, with a model that knows nothing."""

from threading import Event

import msgspec
import numpy as np
import pytest
from converters import spec_of
from stand_in import untrained

from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, DesignError, SpecError
from arcs_engine.performance.physics_hash import physics_hash
from arcs_engine.sizing import proposal
from arcs_engine.sizing.proposal import ENDS, Proposer, common_textbook, difference
from arcs_engine.sizing.refusals import fitting


@pytest.fixture(scope="module")
def proposer():
    return Proposer(untrained())


@pytest.fixture
def spec():
    return msgspec.structs.replace(spec_of(12.0, 5.0, 2.0, 300e3), topology="buck")


@pytest.fixture(scope="module")
def found(proposer):
    spec = msgspec.structs.replace(spec_of(12.0, 5.0, 2.0, 300e3), topology="buck")
    return proposer.propose(spec, count=8, seed=3)


def without_timing(shortlist):
    return msgspec.structs.replace(shortlist, timing=None)


def test_that_a_seed_repeats_the_shortlist(proposer, spec, found):
    again = proposer.propose(spec, count=8, seed=3)
    assert without_timing(again) == without_timing(found)


@pytest.mark.parametrize("meets", [False, True])
def test_that_a_search_starts_from_the_textbook_design_only_where_no_sample_meets_the_spec(
    proposer, spec, monkeypatch, meets
):
    textbook = REGISTRY["buck"].textbook(SpecBatch.of([spec])).values
    tiny = {v.name: np.full(1, v.low) for v in REGISTRY["buck"].design_values}
    searched = []
    monkeypatch.setattr(proposer, "_sample", lambda *asked: (textbook if meets else tiny, "model"))
    monkeypatch.setattr(
        proposal, "better_near", lambda *given, **asked: searched.append(given) or []
    )
    proposer.propose(spec, count=3, seed=3)
    searches = [
        (start.origin, problem.spec.weight) for problem, starts in searched for start in starts
    ]
    sampled = (
        [("model", spec.weight)] if meets else [("textbook", spec.weight), ("model", spec.weight)]
    )
    # From the best design the search goes on for others' weights, where it meets the spec.
    best = "model" if meets else "textbook"
    assert searches == [*sampled, *((best, weight) for weight in ENDS)]


def test_that_ranks_ascend_by_cost_from_one(found):
    assert [c.rank for c in found.candidates] == list(range(1, len(found.candidates) + 1))
    keys = [(c.cost, -c.reward) for c in found.candidates]
    assert keys == sorted(keys)


def test_that_no_two_candidates_are_alike(found):
    values = [tuple(c.values.values()) for c in found.candidates]
    assert len(set(values)) == len(values) > 3


def test_that_the_textbook_design_is_rank_zero_at_cost_one(found):
    assert found.textbook.rank == 0
    assert found.textbook.cost == pytest.approx(1.0)
    assert found.textbook.origin == "textbook"
    assert all(c.note for c in found.candidates)


def test_that_a_model_of_another_physics_says_so_and_proposes_nothing(found):
    assert found.model.physics_hash == "none"
    assert not found.model.physics_matches
    assert {c.origin for c in found.candidates} == {"search"}


def test_that_a_model_of_this_physics_is_asked(spec, monkeypatch):
    model = untrained(topologies=("buck",), physics=physics_hash(("buck",)))
    textbook = REGISTRY["buck"].textbook(SpecBatch.of([spec])).values
    monkeypatch.setattr(type(model), "sample", lambda *asked: textbook)
    monkeypatch.setattr(proposal, "better_near", lambda *given, **asked: [])
    shortlist = Proposer(model).propose(spec, count=4)
    assert shortlist.model.physics_matches
    assert [c.origin for c in shortlist.candidates] == ["model"]


@pytest.mark.parametrize("lock", [22e-6, 2.35e-5])
def test_that_locks_are_kept_exactly(proposer, spec, lock):
    shortlist = proposer.propose(spec, count=4, locks={"L1": lock})
    assert {c.values["L1"] for c in shortlist.candidates} == {lock}


@pytest.mark.parametrize("locks", [{"L7": 1e-6}, {"L1": 1.0}])
def test_that_an_impossible_lock_is_refused(proposer, spec, locks):
    with pytest.raises(DesignError):
        proposer.propose(spec, locks=locks)


@pytest.mark.parametrize("polarity", ["positive", "negative", "any"])
def test_that_auto_honours_the_polarity(proposer, polarity):
    spec = spec_of(12.0, 5.0, 2.0, 300e3, polarity=polarity)
    wanted = {"positive": {False}, "negative": {True}, "any": {False, True}}[polarity]
    assert {t.inverting for t in fitting(spec)} == wanted
    shortlist = proposer.propose(spec, count=4)
    for candidate in (shortlist.textbook, *shortlist.candidates):
        assert REGISTRY[candidate.topology].inverting in wanted


def test_that_auto_leaves_out_what_cannot_meet_the_spec():
    spec = spec_of(12.0, 20.0, 1.0, 300e3, polarity="any")
    assert "buck" not in {t.name for t in fitting(spec)}
    assert "buck_boost" in {t.name for t in fitting(spec)}


def test_that_a_topology_that_cannot_meet_the_spec_says_why(proposer):
    spec = msgspec.structs.replace(spec_of(12.0, 20.0, 1.0, 300e3), topology="buck")
    with pytest.raises(SpecError, match="Vout below Vin min"):
        proposer.propose(spec)


def test_that_auto_compares_with_one_common_textbook_design():
    spec = spec_of(12.0, 5.0, 2.0, 300e3, polarity="any")
    both = [REGISTRY["buck"], REGISTRY["buck_boost"]]
    reference, textbook = common_textbook(spec, both)
    assert textbook.topology == "buck"  # less loss and less volume
    assert common_textbook(spec, both[::-1])[0] == reference


def test_that_a_request_to_stop_is_honoured(proposer, spec):
    control = Control.silent()
    control.stop.set()
    with pytest.raises(Cancelled):
        proposer.propose(spec, control=control)


def test_that_a_request_to_stop_is_honoured_half_way(proposer, spec):
    stop, said = Event(), []

    def report(_fraction, text):
        said.append(text)
        if text.startswith("Improving"):
            stop.set()

    with pytest.raises(Cancelled):
        proposer.propose(spec, control=Control(report, stop))
    assert said[-1].startswith("Improving")


def test_that_a_topology_without_a_model_is_searched_from_its_textbook_design(spec):
    untaught = Proposer(untrained(topologies=("buck_boost",)))
    shortlist = untaught.propose(spec, count=4, locks={"L1": 2.35e-5})
    assert 1 < len(shortlist.candidates) <= 4
    assert {c.origin for c in shortlist.candidates} == {"search"}
    assert {c.values["L1"] for c in shortlist.candidates} == {2.35e-5}
    assert shortlist.candidates[0].meets_spec
    again = untaught.propose(spec, count=4, locks={"L1": 2.35e-5})
    assert without_timing(again) == without_timing(shortlist)


def test_that_a_note_says_what_is_different(found):
    best = found.candidates[0]
    note = difference(best, found.textbook)
    changed = [n for n, v in best.values.items() if v != found.textbook.values[n]]
    assert any(name in note for name in changed)
    mine, its = best.metrics.mean_loss, found.textbook.metrics.mean_loss
    assert f"loss {mine / its - 1:+.0%}" in note
    assert np.isfinite(best.cost)
