"""From a spec to a shortlist, with a model that knows nothing."""

from itertools import combinations
from threading import Event

import msgspec
import numpy as np
import pytest
from converters import evaluated, spec_of
from stand_in import untrained

from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, DesignError, SpecError
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.physics_hash import physics_hash
from arcs_engine.sizing import proposal
from arcs_engine.sizing.proposal import APART, EFFECT, Proposer, common_textbook, difference, ranked
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
        proposal, "better_near", lambda _, starts, **asked: searched.append(starts) or []
    )
    proposer.propose(spec, count=3, seed=3)
    expected = ["model"] if meets else ["textbook", "model"]
    assert [start.origin for starts in searched for start in starts] == expected


def test_that_ranks_ascend_by_cost_from_one(found):
    assert [c.rank for c in found.candidates] == list(range(1, len(found.candidates) + 1))
    keys = [(c.cost, -c.reward) for c in found.candidates]
    assert keys == sorted(keys)


def test_that_no_two_candidates_are_alike(found):
    values = [tuple(c.values.values()) for c in found.candidates]
    assert len(set(values)) == len(values) == 8


def test_that_no_two_candidates_are_near_twins(found):
    """A step or so in a value whose effect nobody would see is no choice."""
    for one, other in combinations(found.candidates, 2):
        ratios = [max(x / other.values[n], other.values[n] / x) for n, x in one.values.items()]
        loss = sum(one.metrics.losses.values()) / sum(other.metrics.losses.values())
        energy = one.metrics.energy / other.metrics.energy
        same = all(1 / EFFECT < ratio < EFFECT for ratio in (loss, energy))
        assert max(ratios) >= APART or not same


def made(rank, inductance, loss, *, meets=True):
    """A design that differs from others of its kind in one value and in its loss."""
    figures = evaluated(SPEC, REGISTRY["buck"], TEXTBOOK).metrics
    figures = msgspec.structs.replace(figures, losses={"Q1": loss})
    return Candidate(
        rank=rank,
        topology="buck",
        values=TEXTBOOK | {"L1": inductance},
        duty=0.4,
        mode="CCM",
        metrics=figures,
        cost=loss if meets else 3.0,
        reward=8.0,
        meets_spec=meets,
        origin="model",
    )


SPEC = msgspec.structs.replace(spec_of(12.0, 5.0, 2.0, 300e3), topology="buck")
TEXTBOOK = {"L1": 22e-6, "Cout": 10e-6, "Cout_esr": 5e-3, "Q1_rds_on": 20e-3}


def test_that_a_shortlist_is_shorter_rather_than_filled_with_near_twins():
    best, twin = made(1, 10e-6, 0.5), made(2, 12e-6, 0.502)
    far = made(3, 22e-6, 0.6)
    other_values, other_loss = made(4, 15e-6, 0.503), made(5, 11e-6, 0.55)
    failing = made(6, 47e-6, 0.4, meets=False)
    pool = [failing, far, other_loss, other_values, twin, best]
    chosen = ranked(pool, best, 8)
    assert [c.values["L1"] for c in chosen] == [10e-6, 15e-6, 11e-6, 22e-6, 47e-6]
    assert [c.rank for c in chosen] == [1, 2, 3, 4, 5]
    # With room for two only, they are those that differ in both.
    assert [c.values["L1"] for c in ranked(pool, best, 2)] == [10e-6, 22e-6]


def test_that_the_textbook_design_is_rank_zero_at_cost_one(found):
    assert found.textbook.rank == 0
    assert found.textbook.cost == pytest.approx(1.0)
    assert found.textbook.origin == "textbook"
    assert all(c.note for c in found.candidates)


def test_that_the_model_says_whether_its_physics_is_this_one(found):
    assert found.model.physics_hash == "none"
    assert not found.model.physics_matches
    assert physics_hash() != "none"


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
    assert textbook.topology == "buck"  # less loss and less energy
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
    assert len(shortlist.candidates) == 4
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
    mine = sum(best.metrics.losses.values())
    its = sum(found.textbook.metrics.losses.values())
    assert f"loss {mine / its - 1:+.0%}" in note
    assert np.isfinite(best.cost)
