"""The local search only gets better, and leaves locked values alone."""

import msgspec
import numpy as np
import pytest
from converters import design_of, evaluated, spec_of, textbook_values

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.eseries import values_between
from arcs_engine.circuits.parts.capacitor_bank import BankNeed, smallest_bank
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, DesignError
from arcs_engine.performance.candidates import evaluate_many
from arcs_engine.sizing.local_search import better_near
from arcs_engine.sizing.problem import Problem
from arcs_engine.sizing.proposal import order
from arcs_engine.sizing.search.local import LEAPS, MENDING, MISSES
from arcs_engine.sizing.search.valley import MORE, TRADES

BUCK = REGISTRY["buck"]


@pytest.fixture
def spec():
    return spec_of(12.0, 5.0, 2.0, 300e3)


@pytest.fixture
def problem(spec):
    return Problem(spec, BUCK)


def is_bought(values, spec):
    """Say whether output capacitors are the smallest banks that reach their own figures."""
    vout, fsw = np.full(len(values["Cout"]), spec.vout), np.full(len(values["Cout"]), spec.fsw)
    need = BankNeed(vout, values["Cout"], np.zeros(len(vout)), fsw, values["Cout_esr"])
    bank, exists = smallest_bank(need)
    same = np.isclose(bank.effective(vout), values["Cout"], rtol=1e-9)
    return exists & same & np.isclose(bank.resistance(fsw), values["Cout_esr"], rtol=1e-9)


@pytest.fixture
def starts(spec):
    lattice = Lattice(BUCK)
    places = lattice.anywhere((6,), np.random.default_rng(1))
    textbook = {n: np.array([v]) for n, v in textbook_values(BUCK, spec).items()}
    values = lattice.values(places)
    table = {n: np.concatenate((v, textbook[n])) for n, v in values.items()}
    return evaluate_many(
        [design_of(spec, BUCK, {n: v[row] for n, v in table.items()}) for row in range(7)]
    )


def test_that_it_finds_a_better_design_than_the_textbook(problem, starts):
    found = better_near(problem, starts[-1:])
    assert starts[-1].cost == pytest.approx(1.0)
    assert min(c.cost for c in found) < 0.99


def test_that_what_meets_the_spec_ranks_before_what_earns_more_but_fails(starts):
    meets = msgspec.structs.replace(starts[-1], cost=1.7, reward=6.5)
    fails = msgspec.structs.replace(starts[-1], cost=3.0, reward=8.0, meets_spec=False)
    worse = msgspec.structs.replace(fails, reward=4.0)
    assert sorted([worse, fails, meets], key=order) == [meets, fails, worse]
    # Against another topology's textbook design, a design may cost more than the penalty.
    dear = msgspec.structs.replace(meets, cost=4.2)
    assert sorted([worse, fails, dear], key=order) == [dear, fails, worse]


def test_that_it_ends_where_no_neighbour_is_better(problem, starts):
    best = min(better_near(problem, starts[-1:], rounds=40), key=order)
    around = better_near(problem, [best], rounds=10)
    steps = 2 * len(BUCK.design_values)
    mended = MISSES * MENDING * (steps + len(LEAPS))
    assert 0 < len(around) <= steps + 2 * len(TRADES) + len(MORE) + mended
    assert order(min(around, key=order)) >= order(best)


def test_that_more_rounds_are_never_worse(problem, starts):
    best = order(min(starts, key=order))
    for rounds in (1, 2, 4):
        found = min([*better_near(problem, starts, rounds=rounds), *starts], key=order)
        assert order(found) <= best
        best = order(found)


def test_that_everything_found_is_sold_and_judged_for_the_spec(problem, starts):
    found = better_near(problem, starts, rounds=2)
    columns = {n: np.array([c.values[n] for c in found]) for n in ("Cout", "Cout_esr")}
    meets = np.array([c.meets_spec for c in found])
    assert is_bought(columns, problem.spec)[meets].all()
    assert meets.sum() > 10
    for candidate in found:
        for value in (BUCK.value("L1"), BUCK.value("Q1_rds_on")):
            grid = values_between(value.series, value.low, value.high)
            assert candidate.values[value.name] in grid
        again = evaluated(problem.spec, BUCK, candidate.values)
        assert again.cost == candidate.cost


def test_that_no_design_is_found_twice(problem, starts):
    found = [tuple(c.values.values()) for c in better_near(problem, starts)]
    known = {tuple(c.values.values()) for c in starts}
    assert len(found) == len(set(found))
    assert not known & set(found)


@pytest.mark.parametrize("lock", [22e-6, 2.35e-5])  # of the series, and not
def test_that_a_lock_is_kept_exactly(spec, lock):
    start = evaluated(spec, BUCK, textbook_values(BUCK, spec) | {"L1": lock})
    found = better_near(Problem(spec, BUCK, locks={"L1": lock}), [start])
    assert found
    assert {c.values["L1"] for c in found} == {lock}
    assert len({c.values["Cout"] for c in found}) > 1


def test_that_a_design_with_all_values_locked_stays(spec):
    values = textbook_values(BUCK, spec) | {"L1": 2.35e-5}
    locked = Problem(spec, BUCK, locks=values)
    assert better_near(locked, [evaluated(spec, BUCK, values)]) == []


def test_that_designs_around_the_textbook_one_keep_the_locks_and_can_be_bought(spec):
    problem = Problem(spec, BUCK, locks={"L1": 2.35e-5})
    values = problem.around_textbook(40, seed=3)
    textbook = textbook_values(BUCK, spec) | {"L1": 2.35e-5}
    assert {n: v[0] for n, v in values.items()} == pytest.approx(textbook)
    assert set(values["L1"]) == {2.35e-5}
    assert is_bought(values, spec).all()
    assert len(np.unique(values["Cout"])) > 3


@pytest.mark.parametrize("locks", [{"L7": 1e-6}, {"L1": 1.0}])
def test_that_nothing_is_searched_with_an_impossible_lock(spec, starts, locks):
    with pytest.raises(DesignError):
        better_near(Problem(spec, BUCK, locks=locks), starts)


def test_that_it_can_be_cancelled(problem, starts):
    control = Control.silent()
    control.stop.set()
    with pytest.raises(Cancelled):
        better_near(problem, starts, control=control)
