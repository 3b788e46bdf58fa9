"""Every method of search spends one account, and none is better than it is."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from arcs_engine.bench.reports.optimum import table
from arcs_engine.circuits.parts.capacitor_bank import FEW_IN_PARALLEL
from arcs_engine.circuits.parts.capacitor_range import PARTS
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.learning.model_evaluation import tasks
from arcs_engine.learning.model_evaluation.references import Reference
from arcs_engine.performance import cost
from arcs_engine.performance.cost import FAILED_COST
from arcs_engine.performance.design import Designs
from arcs_engine.performance.verdict import judge
from arcs_engine.sizing.search.ledger import Ledger
from arcs_engine.sizing.search.local import LocalSearch
from arcs_engine.sizing.search.methods import METHODS, run
from arcs_engine.sizing.search.optimum import Patience, reference_optimum
from arcs_engine.sizing.search.problems import FAILED, NEARLY, Problems
from arcs_engine.sizing.search.trials import Trials
from arcs_engine.sizing.search.valley import SPARE, STEPS, Valley

BUCK = REGISTRY["buck"]
FLYBACK = REGISTRY["flyback"]
SEPIC = REGISTRY["sepic"]
SPEC = Spec(topology="buck", vin=12, vin_min=10.8, vin_max=13.2, vout=5, iout=2, fsw=300e3)
ISOLATED = Spec(topology="flyback", vin=42, vin_min=38, vin_max=46, vout=16, iout=0.8, fsw=200e3)
HEAVY = Spec(topology="sepic", vin=6, vin_min=5.5, vin_max=6.5, vout=6, iout=3, fsw=70e3)
DEVELOPMENT = {
    each.name: each.spec
    for each in tasks.read(Path(__file__).parents[1] / "data" / "specs_track_d.json")
}
UNIT = cost.Reference(np.ones(1), np.ones(1))
LOCKS = {"Cout_esr": 4.7e-3, "Q1_rds_on": 12e-3}
"""With these only L1 and Cout are searched: some 2,500 designs, few enough to try them all."""


@pytest.fixture(scope="module")
def problems():
    return Problems.of(BUCK, [SPEC])


@pytest.fixture(scope="module")
def best_of_all():
    """The best of every L1 and Cout."""
    small = Problems.of(BUCK, [SPEC], locks=LOCKS)
    lattice = small.lattice
    names = lattice.names
    axes = [np.arange(lattice.sizes[names.index(n)]) for n in ("L1", "Cout")]
    mesh = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    places = np.zeros((len(mesh), len(names)), dtype=np.int64)
    places[:, names.index("L1")], places[:, names.index("Cout")] = mesh.T
    ledger = Ledger(small)
    ledger.score(small.settled(Trials.of_one(places)))
    (trace,) = ledger.traces()
    assert len(trace) == len(mesh)
    return trace.after(len(trace))


def searched(problems):
    """Return the ends of local searches from the textbook designs."""
    return LocalSearch(Ledger(problems)).run(Trials.of_each(problems.textbook()))


def neighbours(problems, trials):
    return problems.neighbours(trials)


def test_that_a_ledger_counts_each_design_once_and_keeps_its_budget(problems):
    ledger = Ledger(problems, budget=10)
    places = problems.lattice.anywhere((8,), np.random.default_rng(0))
    trials = Trials.of_one(places)
    first = ledger.score(trials)
    assert ledger.score(trials).tolist() == first.tolist()
    assert ledger.counts.tolist() == [len(np.unique(places, axis=0))]
    more = problems.lattice.anywhere((20,), np.random.default_rng(1))
    assert np.isinf(ledger.score(Trials.of_one(more))).any()
    assert ledger.counts.tolist() == [10]
    (trace,) = ledger.traces()
    assert len(trace) == 10


def test_that_a_trace_only_gets_better(problems):
    (trace,) = run(METHODS["random"], problems, 60, seed=2)
    costs = [trace.after(k) for k in range(len(trace) + 1)]
    assert costs[0] == FAILED_COST
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == trace.judged.cost[trace.first_best()] or costs[-1] == FAILED_COST


@pytest.mark.parametrize("name", METHODS)
def test_that_each_method_repeats_itself_and_keeps_its_budget(problems, name):
    one, other = (run(METHODS[name], problems, 70, seed=5)[0] for _ in range(2))
    assert len(one) <= 70
    assert one.places.tolist() == other.places.tolist()
    assert one.judged.cost.tolist() == other.judged.cost.tolist()


def test_that_a_local_search_ends_where_no_neighbour_is_better(problems):
    ledger = Ledger(problems)
    starts = np.repeat(problems.textbook(), 3, axis=0) + np.array([[0], [2], [-3]])
    ends = LocalSearch(ledger).run(Trials.of_one(starts))
    around = ledger.score(neighbours(problems, ends.trials))
    assert (around.min(axis=1) >= ends.score).all()


def test_that_a_textbook_design_moves_along_the_turns_ratio_to_textbook_designs():
    problems = Problems.of(FLYBACK, [ISOLATED])
    ratio = problems.lattice.names.index("T1_n")
    bank = [problems.lattice.names.index(name) for name in ("Cout", "Cout_esr")]
    moves = Valley(problems).around(Trials.of_each(problems.textbook()))
    turned = moves.places[0, -len(STEPS) * len(SPARE) :]
    plain = turned.reshape(len(STEPS), len(SPARE), -1)[:, 0]
    own, duties = FLYBACK.textbook_choices, np.arange(0.2, 0.7, 0.01)
    choices = [replace(own, lowest_input_duty=d) for d in duties]
    designs = [
        problems.lattice.nearest(FLYBACK.textbook(problems.specs, c).values) for c in choices
    ]
    shared = 0
    for design in np.concatenate(designs):
        for moved in plain[plain[:, ratio] == design[ratio]]:
            shared += 1
            apart = np.delete(np.abs(moved - design), bank)
            assert apart.max() <= 2  # rounded to the series on the way; whole banks jump
    assert shared > 10


def test_that_a_flyback_finds_a_better_turns_ratio_than_single_steps_lead_to():
    problems = Problems.of(FLYBACK, [DEVELOPMENT["flyback-006"]])
    ratio = problems.lattice.names.index("T1_n")
    free = searched(problems)
    fixed = problems.lattice.values(problems.textbook())["T1_n"][0]
    kept = searched(Problems.of(FLYBACK, [DEVELOPMENT["flyback-006"]], locks={"T1_n": fixed}))
    assert kept.places[0, ratio] == problems.textbook()[0, ratio]
    assert abs(free.places[0, ratio] - kept.places[0, ratio]) > 2
    assert free.score[0] < 0.98 * kept.score[0]


def test_that_only_a_transformer_that_stores_energy_has_its_turns_ratio_moved():
    for topology in REGISTRY.values():
        spec = msgspec.structs.replace(
            ISOLATED, topology=topology.name, vout=60 if topology.family == "boost" else 16
        )
        problems = Problems.of(topology, [spec], reference=UNIT)
        assert Valley(problems).turns == (topology.family == "flyback")
        assert not Valley(replace(problems, locks={"T1_n": 2.0})).turns


def test_that_a_valley_leads_to_banks_of_another_technology():
    problems = Problems.of(SEPIC, [HEAVY])
    here = Trials.of_each(problems.textbook())
    around = problems.settled(Valley(problems).around(here)).flat()
    bought = {PARTS[part].technology for part in problems.bank(around)[0].part}
    (mine,) = problems.bank(here)[0].part
    assert bought - {PARTS[mine].technology}


@pytest.mark.parametrize("name", REGISTRY)
def test_that_the_place_of_a_bank_is_its_own(name):
    """What is bought at a place is what is bought where that leads, at any weight of need."""
    specs = [t.spec for t in tasks.draw("D", 3, 8) if t.spec.topology == name]
    problems = Problems.of(REGISTRY[name], specs, reference=UNIT)
    rng = np.random.default_rng(0)
    near = [problems.lattice.near(problems.textbook(), 0.3, rng) for _ in range(60)]
    wide = [problems.lattice.anywhere((len(specs),), rng) for _ in range(20)]
    trials = Trials.joined([Trials.of_each(places) for places in (*near, *wide)])
    settled = problems.settled(trials)
    assert np.array_equal(problems.settled(settled).places, settled.places)
    for value, bought in problems.values(trials).items():
        np.testing.assert_array_equal(problems.values(settled)[value], bought)


@pytest.mark.parametrize("name", REGISTRY)
def test_that_a_step_to_less_capacitance_buys_another_bank_that_is_no_larger(name):
    specs = [t.spec for t in tasks.draw("D", 3, 8) if t.spec.topology == name]
    problems = Problems.of(REGISTRY[name], specs, reference=UNIT)
    rng = np.random.default_rng(0)
    near = [problems.lattice.near(problems.textbook(), 0.3, rng) for _ in range(60)]
    trials = problems.settled(Trials.joined([Trials.of_each(places) for places in near]))
    around, names = problems.neighbours(trials), problems.lattice.names
    capacitance = names.index("Cout")
    less, more = around[:, len(names) + capacitance], around[:, capacitance]
    here, exists = problems.bank(trials)
    smaller, (larger, more_exist) = problems.bank(less)[0], problems.bank(more)
    another = (smaller.part != here.part) | (smaller.count != here.count)
    assert another[exists].all()
    alike = (smaller.count <= FEW_IN_PARALLEL) == (here.count <= FEW_IN_PARALLEL)
    assert (smaller.volume <= here.volume)[exists & alike].all()
    vout = problems.specs.vout[trials.owner]
    assert (larger.effective(vout) > here.effective(vout))[exists & more_exist].all()


@pytest.mark.parametrize(
    ("name", "further", "gain"),
    [
        # Inductance and a bank change places.
        ("sepic-001", "_follow", 0.01),
        # Another turns ratio, with all values.
        ("flyback-002", "_follow", 0.03),
        # Past designs that overdraw a limit by a little.
        ("cuk-008", "_mend", 0.03),
    ],
)
def test_that_valleys_and_near_misses_lead_on_from_where_single_steps_end(
    name, further, gain, monkeypatch
):
    problem = next(each.spec for each in tasks.draw("D", 9, 6) if each.name == name)
    problems = Problems.of(REGISTRY[problem.topology], [problem])
    ends = searched(problems)
    assert Ledger(problems).score(neighbours(problems, ends.trials)).min() >= ends.score[0]
    nobody = np.zeros(0, dtype=np.int64)
    monkeypatch.setattr(LocalSearch, further, lambda *given, **options: nobody)
    assert ends.score[0] < searched(problems).score[0] * (1 - gain)


@pytest.mark.parametrize("name", ["buck", "sepic", "flyback"])
def test_that_a_design_that_nearly_meets_the_spec_costs_what_it_would_with_more_ripple(name):
    specs = [t.spec for t in tasks.draw("D", 30, 12) if t.spec.topology == name]
    problems = Problems.of(REGISTRY[name], specs)
    around = neighbours(problems, searched(problems).trials).flat()
    ledger = Ledger(problems)
    assert (ledger.cost_if_met(around) == np.inf).all()  # nothing has been judged
    score = ledger.score(around)
    promised = ledger.cost_if_met(around)
    nearly = promised < np.inf
    assert nearly.any()
    assert (score[nearly] > FAILED_COST).all()
    relaxed = replace(
        problems,
        specs=replace(
            problems.specs,
            ripple=problems.specs.ripple * NEARLY,
            deviation=problems.specs.deviation * NEARLY,
        ),
    )
    told = relaxed.judge(around)
    allowed = told.cost < FAILED_COST
    assert (told.cost[nearly & allowed] >= promised[nearly & allowed] * (1 - 1e-9)).all()
    assert (nearly & allowed).any()
    # What meets the spec with a twentieth more of it, and not with less, is all that counts.
    owned = problems.specs.take(around.owner)
    excess = judge(Designs.of(problems.topology, problems.values(around), owned)).excess
    assert nearly[allowed & (score > FAILED_COST) & (excess <= NEARLY)].all()


def with_every_capacitance(problems):
    """Return the textbook design with every capacitance that can be bought, of any ESR."""
    slot = problems.lattice.names.index("Cout")
    places = np.repeat(problems.textbook(), problems.lattice.sizes[slot], axis=0)
    places[:, slot] = np.arange(len(places))
    rough = problems.lattice.names.index("Cout_esr")
    places[:, rough] = problems.lattice.sizes[rough] - 1
    return problems.settled(Trials.of_one(places))


def test_that_a_design_that_fails_scores_behind_one_that_costs_a_thousand():
    light = Spec(
        topology="buck", vin=46, vin_min=41, vin_max=51, vout=39, iout=0.32, fsw=380e3, ripple=0.02,
        deviation=None, ripple_current=None, weight=0,
    )  # fmt: skip
    problems = Problems.of(BUCK, [light])
    drawn = problems.lattice.anywhere((20,), np.random.default_rng(0))
    judged = problems.judge(Trials.joined((with_every_capacitance(problems), Trials.of_one(drawn))))
    met = judged.meets_spec
    assert judged.cost[met].max() > 1000
    assert judged.score[met].max() < FAILED <= judged.score[~met].min()


def test_that_failures_of_equal_reward_are_ranked_by_what_they_exceed_limits_by():
    wide = msgspec.structs.replace(SPEC, vin_min=9, vin_max=30, ripple=0.002)
    problems = Problems.of(BUCK, [wide])
    trials = with_every_capacitance(problems)
    judged = problems.judge(trials)
    specs = problems.specs.take(trials.owner)
    verdicts = judge(Designs.of(BUCK, problems.values(trials), specs))
    failing = ~judged.meets_spec
    order = np.lexsort((verdicts.excess[failing], -verdicts.reward[failing]))
    assert (np.diff(judged.score[failing][order]) >= 0).all()
    found = verdicts.assessment
    assert (found.nominal.ripple[failing] <= wide.ripple).any(), (
        "one fails away from its nominal point"
    )
    # Whose corners are not known is behind all those whose corners are.
    known = (found.corners.status == 0).all(axis=1)
    assert verdicts.excess[~known].min() > 100 > verdicts.excess[known].max()
    both = [found.corners.ripple[known].max(axis=1) / wide.ripple, found.deviation[known] / 0.05]
    over = [np.maximum(each - 1, 0) for each in both]
    assert (verdicts.excess[known] >= 1 + sum(over) - 1e-9).all()


def test_that_the_genetic_algorithm_finds_the_best_of_all_designs(best_of_all):
    small = Problems.of(BUCK, [SPEC], locks=LOCKS)
    (trace,) = run(METHODS["ga"], small, 400, seed=1)
    assert trace.after(len(trace)) <= best_of_all * 1.01
    assert trace.after(len(trace)) >= best_of_all * (1 - 1e-9)


def test_that_the_reference_optimum_is_at_least_as_good_as_what_it_comes_from():
    problem, patience = Problems.of(BUCK, [SPEC]), Patience(evaluations=330, starts=4)
    found = reference_optimum(problem, patience)
    assert found.cost <= min(found.genetic.values())
    assert found.genetic[1] == pytest.approx(1.0)  # it begins with the textbook design
    assert found.evaluations > 330
    assert reference_optimum(problem, patience) == found


def test_that_the_largest_parts_fail_or_cost_clearly_more_than_the_textbook_design():
    """Largest L and C, smallest ESR and Rds(on), whatever the spec: no corner is the optimum."""
    fails_or_costs = []
    for topology in REGISTRY.values():
        specs = [t.spec for t in tasks.draw("C", 20, 3) if t.spec.topology == topology.name]
        problems = Problems.of(topology, specs)
        for corner in ("corner", "raw-corner"):
            for trace in run(METHODS[corner], problems, 1):
                fails_or_costs.append(trace.after(1) > 1.2)
    assert np.mean(fails_or_costs) >= 0.95


def test_that_the_search_can_be_cancelled(problems):
    from arcs_engine.foundation.errors import Cancelled  # noqa: PLC0415

    control = Control.silent()
    control.stop.set()
    with pytest.raises(Cancelled):
        run(METHODS["textbook-centred-polished"], problems, 500, control=control)


def test_that_the_table_of_optima_counts_the_values_on_a_bound():
    found = reference_optimum(Problems.of(BUCK, [SPEC]), Patience(evaluations=60, starts=1))
    edge = {**found.values, "Cout": 4.7e-3}
    optima = [
        found,
        type(found)(**{f: getattr(found, f) for f in found.__struct_fields__} | {"values": edge}),
    ]
    text = table(
        [
            Reference(name=f"buck-{k}", spec=SPEC, physics_hash="0" * 16, optimum=optimum)
            for k, optimum in enumerate(optima)
        ]
    )
    assert "of 8 values lie on a bound" in text
    assert "electrolytic" in text or "polymer" in text or "ceramic" in text
