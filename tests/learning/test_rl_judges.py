import itertools

import msgspec
import numpy as np
import pytest
import torch
from stand_in import untrained

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.learning.reinforcement.config import Pull, Reward
from arcs_engine.learning.reinforcement.gradient import Weighed, loss_of
from arcs_engine.learning.reinforcement.groups import Group
from arcs_engine.learning.reinforcement.imitation import Targets, searched
from arcs_engine.learning.reinforcement.judges import (
    AuditedJudge,
    SpiceJudge,
    SteadyJudge,
    judge_of,
)
from arcs_engine.learning.reinforcement.opinions import Opinion, Spice, asked_about
from arcs_engine.learning.reinforcement.policy import Policy, Questions, log_probability
from arcs_engine.learning.reinforcement.recipes import preset
from arcs_engine.learning.reinforcement.rewards import graded
from arcs_engine.learning.reinforcement.tasks import Task, Tasks
from arcs_engine.learning.settings import with_settings
from arcs_engine.model.tokens.values import exact
from arcs_engine.performance.candidates import evaluate_many
from arcs_engine.performance.design import Design
from arcs_engine.performance.verdict import STATUSES
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.trials import Trials

TASKS = Tasks(("buck", "sepic"), "D", 1, 0.5)


def silent():
    return Control.silent()


@pytest.fixture(scope="module")
def questions():
    return Questions(TASKS.of_step(0, 6))


@pytest.fixture(scope="module")
def choices(questions):
    dice = torch.Generator().manual_seed(0)
    drawn = Policy(untrained().transformer, 1.0).draw(questions, 12, dice).choices
    drawn[:, -1] = drawn[:, 0]  # a design that comes twice
    return drawn


def textbook_choices(task):
    """Return the textbook design as a policy writes it, shape (1, 1, s), with its question."""
    questions = Questions([task])
    problem = Problems.of(task.topology, [task.spec])
    values = problem.lattice.values(problem.textbook())
    choices = torch.zeros((1, 1, questions.slots.names.shape[1]), dtype=torch.int64)
    for column, value in enumerate(task.topology.design_values):
        legal = np.flatnonzero(questions.slots.legal[0, column])
        there = exact(questions.slots.numbers[0, column, legal])
        choices[0, 0, column] = legal[np.argmin(np.abs(there - exact(values[value.name][0])))]
    return questions, choices


def test_that_designs_are_judged_as_everywhere_else_for_the_exact_spec(questions, choices):
    found = SteadyJudge().outcome(questions, choices, silent())
    assert any(task.locks for task in questions.tasks)
    for row, task in enumerate(questions.tasks):
        problems = Problems.of(task.topology, [task.spec], locks=task.locks)
        values = questions.slots.values(row, choices[row].numpy(), task)
        expected = problems.judge(Trials.of_one(problems.lattice.nearest(values)))
        assert np.array_equal(found.met[row], expected.meets_spec)
        assert found.cost[row] == pytest.approx(expected.cost)
        assert np.array_equal(found.status[row], expected.status)
    assert len(np.unique(found.status)) > 1


def test_that_designs_that_are_bought_alike_are_judged_once(questions, choices):
    for row in range(len(questions)):
        group = Group.of(questions, choices, row)
        assert len(group) < 12
        assert group.place[-1] == group.place[0]
        assert np.array_equal(group.place[group.first], np.arange(len(group)))


@pytest.mark.parametrize("name", REGISTRY)
def test_that_no_extreme_design_meets_a_spec_against_the_laws_of_physics(name):
    """All-largest storage, the smallest inductor, resistance at its ends: no reward to be won."""
    (task,) = Tasks((name,), "D", 7, 0.0).of_step(0, 1)
    questions = Questions([task])
    slots = len(task.topology.design_values)
    legal = [np.flatnonzero(questions.slots.legal[0, slot])[[0, -1]] for slot in range(slots)]
    corners = list(itertools.product(*legal))
    choices = torch.zeros((1, len(corners), questions.slots.names.shape[1]), dtype=torch.int64)
    choices[0, :, :slots] = torch.tensor(np.array(corners))
    outcome = SteadyJudge().outcome(questions, choices, silent())
    assert len(outcome.met[0]) == 2**slots
    group = Group.of(questions, choices, 0)
    candidates = evaluate_many([Design(task.spec, values) for values in group.designs()])
    for place, candidate in enumerate(candidates):
        alike = group.place == place
        assert (outcome.met[0, alike] == candidate.meets_spec).all()
        if candidate.meets_spec:
            assert 0 < candidate.metrics.efficiency < 1
            assert abs(candidate.metrics.residue) < 0.005
            assert outcome.cost[0, alike][0] > 0


def test_that_the_design_to_imitate_is_the_searched_best_of_its_group(questions, choices):
    found = SteadyJudge().outcome(questions, choices, silent())
    rewards = graded(found, Reward())
    targets = searched(questions, choices, rewards, 30, silent())
    better = SteadyJudge().outcome(questions, targets.choices[:, None], silent())
    locked = np.array([bool(task.locks) for task in questions.tasks])
    assert not targets.weight.numpy()[locked].any()
    heard = targets.weight.numpy() > 0
    assert heard.any()
    assert better.met[heard, 0].all()
    best = np.where(found.met, found.cost, np.inf).min(axis=1)
    assert (better.cost[heard, 0] <= best[heard] * (1 + 1e-9)).all()
    assert (better.cost[heard, 0] < best[heard]).any()


def test_that_imitation_raises_the_probability_of_its_target(questions, choices):
    policy, start = (Policy(untrained(seed=seed).transformer, 1.0) for seed in (0, 0))
    targets = Targets(choices[:, 0], torch.tensor([1.0, 0, 0, 0, 0, 0]))
    weighed = Weighed(questions, choices, torch.zeros(6, 12), targets)
    pull = Pull(divergence=0.0, search=1.0)
    loss_of(policy, start, weighed, pull, 6).total.backward()
    wanted = targets.choices[:, None]
    before = log_probability(policy.chances(questions, wanted), wanted).sum(dim=2)
    torch.optim.SGD(policy.transformer.parameters(), lr=0.1).step()
    after = log_probability(policy.chances(questions, wanted), wanted).sum(dim=2)
    assert after[0, 0] > before[0, 0] + 0.01


class Oracle:
    """ngspice that says what it is told."""

    def __init__(self, opinion):
        self.opinion, self.asked = opinion, []

    def opinions(self, asked, control):
        self.asked += asked
        return [self.opinion] * len(asked)


def test_that_what_ngspice_refutes_fails_and_what_it_confirms_has_its_figures(questions, choices):
    solved = SteadyJudge().outcome(questions, choices, silent())
    assert solved.met.any()
    said = Oracle(Opinion(simulated=True, confirmed=True, cost=0.77, points=7.5))
    found = SpiceJudge(said).outcome(questions, choices, silent())
    assert np.array_equal(found.met, solved.met)
    assert (found.cost == 0.77).all()
    assert (found.points == 7.5).all()
    assert found.confirmed.all()
    distinct = sum(len(Group.of(questions, choices, row)) for row in range(len(questions)))
    assert len(said.asked) == distinct
    refuted = SpiceJudge(Oracle(Opinion(simulated=True))).outcome(questions, choices, silent())
    assert not refuted.met.any()
    assert (refuted.status[solved.met] == STATUSES.index("unsolved")).all()
    assert (refuted.excess[solved.met] == 10).all()
    silenced = SpiceJudge(Oracle(Opinion())).outcome(questions, choices, silent())
    assert np.isinf(silenced.excess).all()


def test_that_an_audit_asks_about_some_that_meet_and_takes_back_what_is_refuted(questions, choices):
    solved = SteadyJudge().outcome(questions, choices, silent())
    liar = Oracle(Opinion(simulated=True))
    found = AuditedJudge(liar, 1).outcome(questions, choices, silent())
    assert len(liar.asked) == 1
    assert solved.met[found.asked].all()
    assert not found.met[found.asked].any()
    untouched = ~found.asked
    assert np.array_equal(found.met[untouched], solved.met[untouched])


def test_that_ngspice_confirms_from_the_steady_state_what_it_finds_from_rest(spec):
    task = Task(spec, REGISTRY["buck"])
    questions, choices = textbook_choices(task)
    warm, cold = (
        SpiceJudge(Spice(1, from_rest=cold)).outcome(questions, choices, silent())
        for cold in (False, True)
    )
    solved = SteadyJudge().outcome(questions, choices, silent())
    assert warm.confirmed.all()
    assert cold.confirmed.all()
    assert warm.cost == pytest.approx(cold.cost, rel=1e-3)
    assert warm.cost == pytest.approx(solved.cost, rel=0.02)
    assert warm.cost[0, 0] != solved.cost[0, 0]
    assert warm.points[0, 0] == solved.points[0, 0]


def test_that_a_design_without_an_operating_point_costs_the_others_nothing(spec):
    """No duty gives 11.9 V from 12 V through a switch and an inductor of a buck."""
    task = Task(msgspec.structs.replace(spec, vout=11.9), REGISTRY["buck"])
    _, choices = textbook_choices(Task(spec, REGISTRY["buck"]))
    group = Group.of(Questions([task]), choices, 0)
    said = Spice(2).opinions([*asked_about(group), *asked_about(group)], silent())
    assert [one.simulated for one in said] == [False, False]


@pytest.mark.parametrize(
    ("backend", "kind"),
    [
        ("steady", SteadyJudge),
        ("audited", AuditedJudge),
        ("ngspice", SpiceJudge),
        ("cold", SpiceJudge),
    ],
)
def test_that_a_config_names_its_judge(backend, kind):
    judge = judge_of(with_settings(preset("rl"), [f"backend={backend}", "simulations=3"]))
    assert isinstance(judge, kind)
    if kind is SpiceJudge:
        assert judge.spice == Spice(3, from_rest=backend == "cold")
