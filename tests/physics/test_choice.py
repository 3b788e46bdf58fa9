"""A shortlist is a choice: nothing in it is beaten, nothing is there twice, and names are true."""

import math
from functools import cache
from itertools import combinations

import msgspec
import pytest
from converters import evaluated, spec_of, textbook_values
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.performance.candidate import Candidate
from arcs_engine.sizing.choice import DEAREST, EXCELS, NEAR, NEAREST, chosen, told
from arcs_engine.sizing.proposal import Proposer

SPEC = msgspec.structs.replace(spec_of(12.0, 5.0, 2.0, 300e3), topology="auto")
BUCK = msgspec.structs.replace(SPEC, topology="buck")


@cache
def figures():
    buck = REGISTRY["buck"]
    return evaluated(SPEC, buck, textbook_values(buck, SPEC)).metrics


def made(
    loss, volume, deviation=0.04, *, topology="buck", cost=None, ripple=0.01, cout=1, number=0
):
    """A design that works, with the figures that a choice looks at."""
    metrics = msgspec.structs.replace(
        figures(), mean_loss=loss, volume=volume, deviation=deviation, ripple=ripple,
        banks={"Cout": f"{cout} x 22 µF 10 V 1206 ceramic"},
    )  # fmt: skip
    return Candidate(
        rank=0, topology=topology, duty=0.4, mode="CCM", metrics=metrics, reward=8.0,
        values={"L1": loss, "Cout": volume, "Cout_esr": float(number), "Q1_rds_on": deviation or 0},
        meets_spec=True,
        cost=(loss + volume) / 2 if cost is None else cost,
    )  # fmt: skip


def failing(cost_reward):
    return msgspec.structs.replace(
        made(1.0, 1.0, number=cost_reward), cost=3.0, reward=float(cost_reward), meets_spec=False
    )


def figures_of(candidate):
    metrics = candidate.metrics
    return metrics.mean_loss, metrics.volume, metrics.deviation or 1.0


def is_beaten_by(one, other):
    mine, its = figures_of(one), figures_of(other)
    return all(x <= y for x, y in zip(its, mine, strict=True)) and its != mine


def is_near(one, other):
    pairs = zip(figures_of(one), figures_of(other), strict=True)
    return all(abs(math.log(x / y)) < math.log(NEAR) for x, y in pairs)


designs = st.builds(
    made,
    st.floats(0.5, 2),
    st.floats(0.5, 2),
    st.one_of(st.none(), st.floats(0.01, 0.1)),
    topology=st.sampled_from(["buck", "sepic", "flyback"]),
    number=st.integers(0, 3),
)


@given(st.lists(designs, min_size=1, max_size=16), st.integers(1, 10))
def test_that_no_listed_design_is_beaten_or_there_twice_and_names_are_true(pool, count):
    listed = chosen(SPEC, pool, count)
    assert 1 <= len(listed) <= count
    for topology in {each.topology for each in listed}:
        mine = [each for each in listed if each.topology == topology]
        others = [each for each in pool if each.topology == topology]
        assert not any(is_beaten_by(one, other) for one in mine for other in others)
        assert not any(is_near(one, other) for one, other in combinations(mine, 2))
        # The first one is the best of all that are not beaten.
        assert mine[0].cost == min(
            each.cost for each in others if not any(is_beaten_by(each, o) for o in others)
        )
        for title, figure in EXCELS.items():
            bearers = [each for each in mine if title in each.names]
            assert all(
                figure(each.metrics) == min(figure(other.metrics) for other in mine)
                for each in bearers
            )
    first = listed[0]
    assert first.topology == "flyback" or all(
        first.cost <= each.cost for each in listed if each.topology != "flyback"
    )


@given(st.lists(designs, min_size=1, max_size=12), st.randoms())
def test_that_the_order_in_which_designs_were_found_does_not_matter(pool, rng):
    distinct = list({each.cost: each for each in pool}.values())
    shuffled = rng.sample(distinct, len(distinct))
    assert chosen(SPEC, distinct, 8) == chosen(SPEC, shuffled, 8)


def test_that_the_best_of_every_topology_comes_before_a_second_one_of_any():
    bucks = [made(1.0, 1.0), made(0.8, 1.3), made(1.3, 0.8)]
    sepic = made(1.4, 1.4, topology="sepic")
    flyback = made(0.9, 0.9, topology="flyback")
    pool = [*bucks, sepic, flyback]
    assert {each.topology for each in chosen(SPEC, pool, 3)} == {"buck", "sepic", "flyback"}
    assert [each.topology for each in chosen(SPEC, pool, 2)] == ["buck", "sepic"]
    assert len(chosen(SPEC, pool, 8)) == 5


def test_that_what_isolates_comes_last_unless_isolation_is_asked_for():
    pool = [made(1.0, 1.0), made(0.5, 0.5, topology="flyback"), made(1.4, 1.4, topology="sepic")]
    assert [each.topology for each in chosen(SPEC, pool, 3)] == ["buck", "sepic", "flyback"]
    isolated = msgspec.structs.replace(SPEC, isolated=True)
    assert chosen(isolated, pool, 3)[0].topology == "flyback"


def test_that_near_equals_are_one_row_that_says_how_many():
    best = made(1.0, 1.0)
    like = [made(1.0 + k / 100, 1.0 - k / 200, number=k) for k in (1, 2, 3)]
    other = made(0.8, 1.3)
    listed = chosen(SPEC, [*like, other, best, best], 8)
    assert [each.equals for each in listed if each.values == best.values] == [3]
    assert len(listed) == 2
    assert "and 3 like it" in list(told(listed[0]))


def test_that_names_say_what_each_design_is_chosen_for():
    best = made(1.0, 1.0, 0.04, ripple=0.008, cout=3)
    small = made(1.3, 0.8, 0.04, ripple=0.008, cout=3)
    efficient = made(0.75, 1.4, 0.04, ripple=0.008, cout=3)
    quick = made(1.2, 1.1, 0.02, ripple=0.008, cout=3)
    smooth = made(1.15, 1.15, 0.03, ripple=0.001, cout=3)
    plain = made(1.1, 1.2, 0.035, ripple=0.008, cout=1)
    listed = chosen(BUCK, [plain, smooth, quick, efficient, small, best], 8)
    names = {each.values["L1"]: each.names for each in listed}
    assert names == {
        1.0: (), 1.3: ("smallest",), 0.75: ("most efficient",), 1.2: ("best transient",),
        1.15: ("lowest ripple",), 1.1: ("fewest parts",),
    }  # fmt: skip


def test_that_what_costs_far_more_than_the_best_is_no_choice():
    best, dear = made(1.0, 1.0), made(0.2, 9.0, cost=DEAREST * 1.01)
    assert chosen(BUCK, [dear, best], 8) == chosen(BUCK, [best], 8)


def test_that_at_most_three_designs_are_listed_where_nothing_meets_the_spec():
    pool = [failing(reward) for reward in (4, 8, 6, 7, 5)]
    assert [each.reward for each in chosen(BUCK, [*pool, *pool], 8)] == [8.0, 7.0, 6.0]
    assert len(chosen(BUCK, pool, 8)) == NEAREST
    assert len(chosen(BUCK, pool, 2)) == 2


def test_that_of_two_that_fail_alike_the_one_that_fails_in_fewer_ways_comes_first():
    one = msgspec.structs.replace(failing(1), reward=8.0, reasons=("deviates", "warms"))
    other = msgspec.structs.replace(failing(2), reward=8.0, reasons=("warms",))
    assert chosen(BUCK, [one, other], 8) == [other, one]


def test_that_a_design_that_was_found_twice_keeps_its_place_among_equals():
    one, other = failing(1), msgspec.structs.replace(failing(2), reward=1.0)
    assert chosen(BUCK, [one, other, one], 8) == [one, other]


def test_that_a_shortlist_of_real_designs_keeps_all_of_this_and_a_seed_repeats_it():
    one, other = (Proposer(None).propose(BUCK, seed=4) for _ in range(2))
    assert one.candidates == other.candidates
    assert len(one.candidates) >= 3
    assert all(each.meets_spec for each in one.candidates)
    assert [each.rank for each in one.candidates] == list(range(1, len(one.candidates) + 1))
    costs = [each.cost for each in one.candidates]
    assert costs == sorted(costs)
    for each, another in combinations(one.candidates, 2):
        assert not is_near(each, another)
        assert not is_beaten_by(each, another) and not is_beaten_by(another, each)
    for title, figure in EXCELS.items():
        bearers = [each for each in one.candidates if title in each.names]
        least = min(figure(each.metrics) for each in one.candidates)
        assert bearers and all(figure(each.metrics) == pytest.approx(least) for each in bearers)
