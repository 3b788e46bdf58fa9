import itertools
from math import comb

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from stand_in import untrained
from torch import nn
from toy import Toy

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import InputError, JobError
from arcs_engine.learning.jobs.events import Scalar
from arcs_engine.learning.reinforcement import trainer as trainers
from arcs_engine.learning.reinforcement.advantages import (
    Graded,
    Weighing,
    imitated,
    leave_one_out,
    marginal_worth,
    size_at,
    standardised,
)
from arcs_engine.learning.reinforcement.config import (
    Advantage,
    Evaluation,
    Pull,
    ReinforcementConfig,
    Reward,
)
from arcs_engine.learning.reinforcement.evaluation import Worth
from arcs_engine.learning.reinforcement.gradient import Weighed, loss_of
from arcs_engine.learning.reinforcement.policy import (
    Policy,
    Questions,
    divergence,
    entropy,
    log_probability,
)
from arcs_engine.learning.reinforcement.recipes import PRESETS, command, preset
from arcs_engine.learning.reinforcement.rewards import Outcome, graded
from arcs_engine.learning.reinforcement.tasks import Task, Tasks
from arcs_engine.learning.reinforcement.trainer import Situation, Trainer
from arcs_engine.learning.settings import with_settings
from arcs_engine.learning.training.ranks import Ranks
from arcs_engine.model.config import TransformerConfig
from arcs_engine.model.guidance import UNGUIDED
from arcs_engine.model.model import Model
from arcs_engine.model.request import Request

MINUTE = TransformerConfig(width=32, layers=1, heads=2, hidden=32)
NAMES = tuple(REGISTRY)
TASKS = Tasks(NAMES, "C", 3, 0.3)
PLAIN = Tasks(NAMES, "C", 3, 0.0)

rewards_of_groups = st.integers(2, 9).flatmap(
    lambda samples: st.lists(
        st.lists(st.floats(-3, 3), min_size=samples, max_size=samples), min_size=1, max_size=4
    ).map(np.array)
)


def dice(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def policy():
    return Policy(untrained().transformer, 0.5)


@pytest.fixture
def start():
    return Policy(untrained(seed=1).transformer, 0.5)


@pytest.fixture
def questions():
    return Questions(TASKS.of_step(0, 14))


def gradient(policy, start, weighed, pull=Pull(divergence=0.0)):  # noqa: B008 - frozen
    policy.transformer.zero_grad()
    loss_of(policy, start, weighed, pull, len(weighed.questions)).total.backward()
    return torch.cat([p.grad.flatten().double() for p in policy.transformer.parameters()])


# Policy: what is drawn has the probabilities that learn.


def test_that_a_design_has_the_same_probability_where_it_is_drawn_and_where_it_learns(
    policy, questions
):
    drawn = policy.draw(questions, 5, dice())
    chances = policy.chances(questions, drawn.choices)
    learned = log_probability(chances, drawn.choices).sum(dim=2)
    assert learned.requires_grad
    assert torch.allclose(learned, drawn.log_probability, atol=2e-5)


def test_that_nothing_is_dropped_out_so_that_the_mode_makes_no_difference(policy, questions):
    assert not [m for m in policy.transformer.modules() if isinstance(m, nn.Dropout)]
    drawn = policy.draw(questions, 3, dice()).choices
    learning = Policy(policy.transformer.train(), 0.5).chances(questions, drawn)
    assert torch.equal(learning, Policy(policy.transformer.eval(), 0.5).chances(questions, drawn))


def test_that_chances_are_the_tempered_logits_of_the_legal_values_and_add_up_to_one(spec):
    policy, topology = Policy(untrained().transformer, 0.25), REGISTRY["buck"]
    questions = Questions([Task(spec, topology)])
    choices = policy.draw(questions, 2, dice()).choices
    chances = policy.chances(questions, choices).detach()
    assert torch.allclose(chances.exp().sum(dim=3), torch.ones(chances.shape[:3]), atol=1e-5)
    legal = questions.legal[:, None].expand_as(chances)
    assert float(chances.exp()[~legal].abs().max()) == 0.0
    plain = Policy(policy.transformer, 1.0).chances(questions, choices).detach()
    tempered = torch.log_softmax((plain / 0.25).masked_fill(~legal, -torch.inf), dim=3)
    assert torch.allclose(chances[legal], tempered[legal], atol=1e-4)


def test_that_every_legal_value_is_drawn_as_often_as_its_probability_says(spec):
    """No top-k, no top-p: a flat policy draws from the whole tail."""
    policy = Policy(untrained().transformer, 1.0)
    questions = Questions([Task(spec, REGISTRY["buck"])])
    drawn = policy.draw(questions, 6000, dice(2)).choices
    shares = policy.chances(questions, drawn[:, :1])[0, 0, 0].detach().exp().numpy()
    seen = np.bincount(drawn[0, :, 0].numpy(), minlength=500)
    expected = 6000 * shares
    likely = expected > 0
    assert seen[~likely].sum() == 0
    squares = ((seen - expected)[likely] ** 2 / expected[likely]).sum()
    freedom = likely.sum() - 1
    assert freedom >= 50
    assert squares < freedom + 5 * np.sqrt(2 * freedom)


def test_that_the_likeliest_design_is_the_one_that_the_model_proposes_without_guidance(questions):
    model = Model(untrained().transformer, untrained().card, UNGUIDED)
    likeliest = Policy(model.transformer, 0.5).draw(questions, 1, None).choices
    assert any(task.locks for task in questions.tasks)
    for row, task in enumerate(questions.tasks):
        proposed = model.sample(Request(task.spec, task.topology, 1, task.locks))
        found = questions.slots.values(row, likeliest[row].numpy(), task)
        assert found == {name: pytest.approx(value) for name, value in proposed.items()}


def test_that_a_given_value_is_kept_and_has_no_chance_to_be_another(policy, spec):
    task = Task(spec, REGISTRY["buck"], {"Cout": 123e-6})
    questions = Questions([task])
    choices = policy.draw(questions, 8, dice()).choices
    assert questions.slots.values(0, choices[0].numpy(), task)["Cout"] == pytest.approx(123e-6)
    chances = policy.chances(questions, choices).detach()
    assert float(entropy(chances)[:, :, 0].abs().max()) == 0.0
    assert questions.free.sum() == len(task.topology.design_values) - 1


# Divergence and entropy: exact.


def test_that_divergence_and_entropy_are_sums_over_the_legal_values(policy, start, questions):
    choices = policy.draw(questions, 2, dice()).choices
    ours, theirs = (p.chances(questions, choices).detach() for p in (policy, start))
    kl, spread = divergence(ours, theirs), entropy(ours)
    for row, slot in itertools.product(range(len(questions)), range(choices.shape[2])):
        legal = questions.slots.legal[row, slot]
        p, q = (c[row, 1, slot].double().exp().numpy()[legal] for c in (ours, theirs))
        assert float(kl[row, 1, slot]) == pytest.approx((p * np.log(p / q)).sum(), abs=1e-5)
        assert float(spread[row, 1, slot]) == pytest.approx(-(p * np.log(p)).sum(), abs=1e-4)


def test_that_the_divergence_on_prefixes_is_that_of_whole_designs(policy, start, spec):
    """All designs of two free values: KL of designs = E[sum of the slots' KL] (chain rule)."""
    topology = REGISTRY["buck"]
    locks = {value.name: value.low for value in topology.design_values[2:]}
    questions = Questions([Task(spec, topology, locks)])
    legal = [np.flatnonzero(mask) for mask in questions.slots.legal[0]]
    every = torch.tensor(list(itertools.product(*legal)))[None]
    ours, theirs = (p.chances(questions, every).detach().double() for p in (policy, start))
    here = log_probability(ours, every).sum(dim=2).exp()
    there = log_probability(theirs, every).sum(dim=2)
    assert float(here.sum()) == pytest.approx(1.0, abs=1e-5)
    whole = (here * (here.log() - there)).sum()
    by_prefix = (here * divergence(ours, theirs).sum(dim=2)).sum()
    assert float(whole) == pytest.approx(float(by_prefix), rel=1e-4)
    assert float(whole) > 0


def test_that_the_divergence_pulls_back_to_the_start(start, questions):
    moved = Policy(untrained().transformer, 0.5)
    drawn = moved.draw(questions, 2, dice()).choices
    weighed = Weighed(questions, drawn, torch.zeros(14, 2))
    for direction in ("reverse", "forward"):
        pull = Pull(divergence=1.0, direction=direction)
        before = loss_of(moved, start, weighed, pull, 14)
        step = torch.optim.SGD(moved.transformer.parameters(), lr=0.01)
        step.zero_grad()
        before.total.backward()
        step.step()
        after = loss_of(moved, start, weighed, pull, 14)
        assert after.total.item() < before.total.item()


# Advantages.


@given(rewards_of_groups)
def test_that_one_of_k_is_rloo_and_that_grpo_without_deviation_is_it_but_for_a_factor(rewards):
    samples = rewards.shape[1]
    others = [[np.delete(row, i).mean() for i in range(samples)] for row in rewards]
    assert leave_one_out(rewards) == pytest.approx(rewards - np.array(others), abs=1e-9)
    assert np.array_equal(marginal_worth(rewards, 1), leave_one_out(rewards))
    centred = rewards - rewards.mean(axis=1, keepdims=True)
    assert centred == pytest.approx(leave_one_out(rewards) * (samples - 1) / samples, abs=1e-9)


@given(rewards_of_groups, st.data())
def test_that_the_worth_of_a_design_is_what_it_adds_to_the_best_of_k(rewards, data):
    samples = rewards.shape[1]
    k = data.draw(st.integers(2, samples))
    worth = np.zeros_like(rewards)
    for row, chosen in itertools.product(
        range(len(rewards)), itertools.combinations(range(samples), k)
    ):
        for i in chosen:
            rest = [rewards[row, j] for j in chosen if j != i]
            worth[row, i] += max(*rest, rewards[row, i]) - max(rest)
    expected = worth * samples / comb(samples, k)
    assert marginal_worth(rewards, k) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_that_the_gradient_is_that_of_the_expected_best_of_k(k):
    """All draws of three from four values, weighed by their probabilities: no bias."""
    logits = torch.tensor([0.3, -0.2, 0.5, 0.0], dtype=torch.float64, requires_grad=True)
    worth = np.array([0.1, 0.9, 0.4, -0.5])
    chances = torch.log_softmax(logits, dim=0)
    best = sum(
        chances[list(draw)].sum().exp() * worth[list(draw)].max()
        for draw in itertools.product(range(4), repeat=k)
    )
    (expected,) = torch.autograd.grad(best, logits, retain_graph=True)
    found = torch.zeros(4, dtype=torch.float64)
    for draw in itertools.product(range(4), repeat=3):
        advantages = torch.from_numpy(marginal_worth(worth[list(draw)][None], k)[0])
        estimate = (advantages * chances[list(draw)]).mean()
        (part,) = torch.autograd.grad(estimate, logits, retain_graph=True)
        found += chances[list(draw)].sum().exp().detach() * part
    assert torch.allclose(found, expected, atol=1e-12)


def test_that_a_design_is_no_part_of_its_own_baseline():
    rewards = np.random.default_rng(0).normal(size=(3, 8))
    raised = rewards.copy()
    raised[1, 2] += 1
    change = leave_one_out(raised) - leave_one_out(rewards)
    assert change[1, 2] == pytest.approx(1)
    assert np.delete(change[1], 2) == pytest.approx(np.full(7, -1 / 7))
    assert np.array_equal(change[[0, 2]], np.zeros((2, 8)))


def test_that_gradients_of_rloo_and_of_grpo_without_deviation_are_collinear(
    policy, start, questions
):
    choices = policy.draw(questions, 4, dice()).choices
    rewards = np.random.default_rng(1).normal(size=(14, 4))
    centred = rewards - rewards.mean(axis=1, keepdims=True)
    one, other = (
        gradient(policy, start, Weighed(questions, choices, torch.from_numpy(a).float()))
        for a in (leave_one_out(rewards), centred)
    )
    assert torch.allclose(other, one * 3 / 4, rtol=1e-3, atol=1e-6)


def test_that_a_group_of_like_rewards_pushes_as_little_as_they_differ(policy, start):
    """Spreads of 0.01 and 1: dividing by the group's deviation would make noise of the first."""
    questions = Questions(PLAIN.of_step(0, 1))
    choices = policy.draw(questions, 8, dice()).choices
    rewards = np.random.default_rng(2).normal(size=(1, 8))

    def pushed(estimate, spread):
        advantages = torch.from_numpy(estimate(rewards * spread)).float()
        return float(gradient(policy, start, Weighed(questions, choices, advantages)).norm())

    assert pushed(leave_one_out, 1.0) == pytest.approx(100 * pushed(leave_one_out, 0.01), rel=1e-3)
    assert pushed(standardised, 1.0) < 1.1 * pushed(standardised, 0.01)


def weighing(**changes):
    return Weighing(Advantage(**changes), 0.0, [0.0, 0.0], 0)


def test_that_a_topology_s_scale_leaves_its_groups_spreads_apart_and_equals_topologies():
    rng = np.random.default_rng(3)
    rewards = rng.normal(size=(3, 400)) * np.array([[1.0], [0.02], [0.05]])
    numbers = np.array([0, 0, 1])
    found = weighing(clip=100).advantages(
        Graded(rewards, np.ones(rewards.shape, dtype=bool), numbers), 0.0
    )
    sizes = np.sqrt((found**2).mean(axis=1))
    assert sizes[0] / sizes[1] == pytest.approx(50, rel=0.2)
    assert sizes[2] == pytest.approx(np.sqrt((found[:2] ** 2).mean()), rel=0.01)


def test_that_groups_of_like_rewards_are_silent_and_outliers_are_clipped():
    rewards = np.array([[-1.0, -1.0005, -1.0, -1.0], [0.0, 0.0, 0.0, 1e6]])
    met = np.ones(rewards.shape, dtype=bool)
    found = weighing(clip=2.0, estimator="grpo").advantages(
        Graded(rewards, met, np.array([0, 1])), 0.0
    )
    assert not found[0].any()
    assert np.abs(found[1]).max() <= 2
    assert found[1].any()


def test_that_the_learned_baseline_begins_at_zero_and_follows_the_mean_reward():
    learning = weighing(estimator="reinforce", baseline_memory=0.9, clip=1e6, silence=0.0)
    one = Graded(np.full((8, 1), 5.0), np.ones((8, 1), dtype=bool), np.zeros(8, dtype=int))
    assert np.array_equal(learning.advantages(one, 0.0), np.full((8, 1), 5.0))
    assert learning.advantages(one, 0.0) == pytest.approx(np.full((8, 1), 4.5))


def test_that_rejection_imitates_the_best_that_meet_and_nothing_else():
    rewards = np.array([[-1.0, -1.2, -1.1, -1.4], [-1.5, -1.6, -1.4, -1.45]])
    met = np.array([[True, True, True, False], [False] * 4])
    assert np.array_equal(imitated(rewards, met, 2), [[2.0, 0.0, 2.0, 0.0], [0.0] * 4])


def test_that_the_size_of_max_at_k_falls_in_the_last_part_of_the_steps():
    sizes = [size_at((8, 4, 2), progress) for progress in (0.0, 0.59, 0.61, 0.79, 0.81, 1.0)]
    assert sizes == [8, 8, 4, 4, 2, 2]
    assert size_at((8,), 0.99) == 8


# Rewards.


def outcome_of(**columns):
    outcome = Outcome.empty(np.shape(next(iter(columns.values()))))
    for name, column in columns.items():
        getattr(outcome, name)[...] = column
    return outcome


def test_that_failures_are_behind_all_that_meet_and_the_nearest_of_them_first():
    outcome = outcome_of(
        met=[[True, True, True, False, False, False]],
        cost=[[0.5, 0.55, 50.0, 0.1, 0.1, 0.1]],
        excess=[[1, 1, 1, 1.02, 3.0, np.inf]],
    )
    rewards = graded(outcome, Reward(failure_gap=0.3))[0]
    assert rewards[0] == -1
    assert rewards[1] == pytest.approx(-1.1)
    assert rewards[2] == pytest.approx(-1.3)  # clipped: one costly design cannot own a batch
    assert (np.diff(rewards[2:]) < 0).all()
    assert rewards[-1] == pytest.approx(-1.45)


def test_that_a_group_without_any_design_that_meets_is_still_told_apart():
    outcome = outcome_of(met=[[False, False]], excess=[[1.5, 2.0]])
    rewards = graded(outcome, Reward())
    assert rewards[0, 0] > rewards[0, 1]


def test_that_points_are_the_reward_where_they_are_asked_for():
    outcome = outcome_of(points=[[8.0, 1.0]])
    assert np.array_equal(graded(outcome, Reward(scale="points")), [[8.0, 1.0]])


# The loss: whole designs, sums over their values.


def test_that_a_design_of_more_values_counts_like_one_of_fewer(policy, start):
    tasks = [task for task in PLAIN.of_step(0, 7) if task.topology.name in {"buck", "cuk"}]
    questions = Questions(tasks)
    free = questions.free.sum(dim=1)
    assert free[0] != free[1]
    choices = policy.draw(questions, 3, dice()).choices
    advantages = torch.tensor([[1.0, 0.0, -0.5], [1.0, 0.0, -0.5]])
    weighed = Weighed(questions, choices, advantages)
    whole = log_probability(policy.chances(questions, choices), choices).sum(dim=2)
    summed = loss_of(policy, start, weighed, Pull(divergence=0.0), 2).total
    assert summed.item() == pytest.approx(-(advantages * whole).mean().item(), rel=1e-5)
    published = loss_of(policy, start, weighed, Pull(divergence=0.0, slot_mean=True), 2).total
    by_length = -(advantages * whole / free[:, None]).mean().item()
    assert published.item() == pytest.approx(by_length, rel=1e-5)


@pytest.mark.parametrize("count", [2, 3])
def test_that_the_processes_gradients_add_up_to_that_of_one(policy, start, questions, count):
    choices = policy.draw(questions, 4, dice()).choices
    rng = np.random.default_rng(4)
    weighed = Weighed(questions, choices, torch.from_numpy(rng.normal(size=(14, 4))).float())
    pull = Pull(divergence=0.1, entropy=0.01)
    whole = gradient(policy, start, weighed, pull)
    parts = torch.zeros_like(whole)
    for rank in range(count):
        part = weighed.part(Ranks(rank, count).share(14))
        policy.transformer.zero_grad()
        loss_of(policy, start, part, pull, 14).total.backward()
        parts += torch.cat([p.grad.flatten().double() for p in policy.transformer.parameters()])
    assert torch.allclose(parts, whole, rtol=1e-4, atol=1e-6)


# Tasks.


def test_that_every_topology_has_its_turn_in_every_step():
    for step in range(3):
        names = [task.topology.name for task in TASKS.of_step(step, 14)]
        assert sorted(names) == sorted(2 * NAMES)
    few = [task.topology.name for step in range(7) for task in TASKS.of_step(step, 3)]
    assert sorted(few) == sorted(3 * NAMES)


def test_that_a_step_s_tasks_are_a_function_of_the_seed_and_the_step():
    again = Tasks(NAMES, "C", 3, 0.3)
    assert TASKS.of_step(5, 14) == again.of_step(5, 14) != TASKS.of_step(6, 14)
    assert TASKS.of_step(5, 14) != Tasks(NAMES, "C", 4, 0.3).of_step(5, 14)
    assert any(task.locks for task in TASKS.of_step(5, 14))
    assert not any(task.locks for task in PLAIN.of_step(5, 14))


def test_that_fixed_sets_are_stratified_and_have_nothing_in_common():
    chosen, reported = (TASKS.fixed(n, 4) for n in (trainers.CHOSEN, trainers.REPORTED))
    assert chosen == TASKS.fixed(trainers.CHOSEN, 4)
    for tasks in (chosen, reported):
        assert [task.topology.name for task in tasks] == [n for n in NAMES for _ in range(4)]
    steps = [task.spec for step in range(4) for task in TASKS.of_step(step, 14)]
    specs = [task.spec for task in (*chosen, *reported)] + steps
    assert len({spec.vin for spec in specs}) == len(specs)


# The trainer.

SETTINGS = {
    "rl": ("steps=100", "specs=1", "optimiser.learning_rate=5e-3"),
    "max_at_k": ("steps=100", "specs=1", "optimiser.learning_rate=5e-3"),
    "grpo": ("steps=150", "specs=1", "optimiser.learning_rate=5e-3"),
    "reinforce": ("steps=200", "optimiser.learning_rate=5e-3", "advantage.baseline_memory=0.9"),
    "rejection": ("steps=60", "specs=1", "optimiser.learning_rate=5e-3"),
}


def toy_config(name="rl", *more):
    few = ("evaluation.every=1000", "evaluation.specs=4", "evaluation.drawn=4", "locked=0")
    return with_settings(preset(name), [*few, *SETTINGS[name], *more])


def toy_trainer(folder, config, judge=None, seed=0):
    start = untrained(MINUTE, topologies=("buck",))
    judge = judge or Toy()
    return Trainer(config, folder, Situation(start, judge, judge, seed))


def curves(events):
    found = {}
    for event in events:
        if isinstance(event, Scalar):
            found.setdefault(event.name, {})[event.step] = event.value
    return found


@pytest.mark.parametrize("name", PRESETS)
def test_that_every_recipe_solves_a_toy(tmp_path, name):
    judge = Toy()
    trainer = toy_trainer(tmp_path, toy_config(name), judge)
    found = curves(trainer.run(Control.silent()))
    rewards = list(found["reward"].values())
    tenth = len(rewards) // 10
    assert np.mean(rewards[-tenth:]) > np.mean(rewards[:tenth])
    tasks = TASKS.fixed(trainers.REPORTED, 1)[:1]
    questions = Questions(tasks)
    likeliest = Policy(trainer.kept(), 0.5).draw(questions, 1, None).choices
    value = tasks[0].topology.design_values[0].name
    numbers = questions.slots.values(0, likeliest[0].numpy(), tasks[0])[value]
    assert numbers == pytest.approx(judge.answer(tasks[0].topology), rel=1e-6)
    worth = found["eval_cost"]
    assert worth[max(worth)] < worth[0]


def weights(trainer):
    return [p.detach().numpy().tobytes() for p in trainer.kept().parameters()]


@pytest.mark.parametrize("stops", [(1, 2), (4, 9)])
def test_that_a_resumed_run_ends_with_the_same_bytes(tmp_path, stops):
    config = toy_config("max_at_k", "steps=12", "evaluation.every=5", "checkpoint_steps=3")
    whole = toy_trainer(tmp_path / "whole", config)
    expected = curves(whole.run(Control.silent()))
    found = {}
    for stop in stops:
        trainer = toy_trainer(tmp_path / "stopped", config)
        for event in trainer.run(Control.silent()):  # killed: what came after a checkpoint is lost
            if isinstance(event, Scalar):
                found.setdefault(event.name, {})[event.step] = event.value
            if trainer.counters.step > stop:
                break
    last = toy_trainer(tmp_path / "stopped", config)
    for name, points in curves(last.run(Control.silent())).items():
        found.setdefault(name, {}).update(points)
    assert weights(last) == weights(whole)
    for name, points in expected.items():
        if not name.startswith("seconds"):
            assert found[name] == points, name


def test_that_designs_drawn_with_other_probabilities_are_refused(tmp_path, monkeypatch):
    draw = Policy.draw
    monkeypatch.setattr(
        Policy, "draw", lambda self, *given: draw(Policy(self.transformer, 0.8), *given)
    )
    trainer = toy_trainer(tmp_path, toy_config())
    with pytest.raises(JobError, match="drawn with probabilities"):
        list(trainer.run(Control.silent()))


def test_that_a_run_stops_where_the_policy_has_gone_too_far(tmp_path):
    trainer = toy_trainer(tmp_path, toy_config("rl", "pull.largest=0.5"))
    found = curves(trainer.run(Control.silent()))
    assert trainer.counters.step < 60
    assert found["forward_kl"][trainer.counters.step] > 0.5
    assert "pull.largest" in trainer.counters.ended


def test_that_a_run_stops_where_nothing_better_is_found_and_keeps_the_start(tmp_path):
    """Every design fails alike: no model can be better than the start."""
    more = ("steps=1000", "evaluation.every=2", "evaluation.patience=3")
    trainer = toy_trainer(tmp_path, toy_config("rl", *more), Toy(edge=10_000))
    list(trainer.run(Control.silent()))
    assert trainer.counters.step == 6
    assert trainer.counters.best_step == 0
    start = untrained(MINUTE, topologies=("buck",)).transformer
    assert weights(trainer) == [p.detach().numpy().tobytes() for p in start.parameters()]


def test_that_the_kept_model_is_chosen_on_one_set_and_reported_on_another(tmp_path):
    judge = Toy()
    config = toy_config("rl", "steps=4", "evaluation.every=2", "evaluation.specs=3")
    trainer = toy_trainer(tmp_path, config, judge)
    list(trainer.run(Control.silent()))
    chosen = trainer.measure(trainers.CHOSEN).tasks
    reported = trainer.measure(trainers.REPORTED).tasks
    seen = [questions.tasks for questions in judge.seen]
    assert seen.count(chosen) >= 3
    assert reported not in seen
    assert not {task.spec.vin for task in chosen} & {task.spec.vin for task in reported}


def test_that_the_judge_gets_the_specs_that_were_drawn_unrounded(tmp_path):
    judge = Toy()
    config = toy_config("rl", "steps=1", "specs=3")
    list(toy_trainer(tmp_path, config, judge, seed=5).run(Control.silent()))
    drawn = tuple(Tasks(("buck",), "C", 5, 0.0).of_step(0, 3))
    assert drawn in [questions.tasks for questions in judge.seen]


class Broken(Toy):
    """Says that points are not a number."""

    def outcome(self, questions, choices, control):
        outcome = super().outcome(questions, choices, control)
        outcome.points[...] = np.nan
        return outcome


def test_that_a_gradient_that_is_not_finite_ends_the_run_before_it_spoils_the_weights(tmp_path):
    trainer = toy_trainer(tmp_path, toy_config("rl", "reward.scale=points"), Broken())
    with pytest.raises(JobError, match="not finite at step 1"):
        list(trainer.run(Control.silent()))
    assert trainer.counters.step == 0


# Configs.


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("steps=0", "steps is 0"),
        ("samples=1", "compares designs of one spec"),
        ("temperature=0", "temperature"),
        ("pull.divergence=-1", "divergence"),
        ("pull.direction=sideways", "sideways"),
        ("advantage.estimator=luck", "luck"),
        ("advantage.best_of=0", "best_of"),
        ("backend=oracle", "oracle"),
        ("processes=200", "can share"),
        ("optimiser.learning_rate=nan", "learning_rate"),
        ("reward=cost", "sets no field"),
        ("track=A", "track"),
    ],
)
def test_that_a_wrong_field_is_refused(setting, said):
    with pytest.raises(InputError, match=said):
        with_settings(preset("rl"), [setting])


def test_that_max_at_k_needs_as_many_samples_as_its_largest_k():
    with pytest.raises(InputError, match="no more than the 4 samples"):
        with_settings(preset("max_at_k"), ["samples=4"])


def test_that_a_card_has_the_command_that_learns_with_the_same_config_again():
    settings = ["start=there", "steps=7", "advantage.best_of=4,2", "pull.entropy=0.5"]
    config = with_settings(preset("max_at_k"), settings)
    line = command(config, 3)
    assert line.startswith("arcs rl there --config max_at_k --seed 3 ")
    words = line.split()
    again = [words[i + 1] for i, word in enumerate(words) if word == "--set"]
    assert with_settings(preset("max_at_k"), ["start=there", *again]) == config


def test_that_the_published_recipe_is_what_was_published():
    config = preset("reinforce")
    assert (config.specs * config.samples, config.steps) == (8, 5000)
    assert (config.pull.divergence, config.pull.entropy, config.pull.slot_mean) == (0.1, 0.01, True)
    assert config.reward.scale == "points"


def test_that_a_config_survives_its_file():
    for config in PRESETS.values():
        again = msgspec.json.decode(msgspec.json.encode(config), type=ReinforcementConfig)
        assert again == config
    assert Evaluation() == PRESETS["rl"].evaluation


# Which of two evaluations is the better model.


def worth_of(met, best):
    count = len(met)
    return Worth(
        topologies=("buck",) * (count // 2) + ("boost",) * (count - count // 2),
        met=np.array(met, dtype=bool),
        cost=np.ones(count),
        drawn=np.ones(count),
        best=np.array(best, dtype=float),
        distinct=np.ones(count),
    )


def test_that_a_model_that_loses_a_topology_or_its_best_designs_is_not_kept():
    rng = np.random.default_rng(0)
    best = 0.7 + rng.normal(0, 0.05, 40)
    start = worth_of([True] * 40, best)
    assert worth_of([True] * 40, best + rng.normal(0, 0.01, 40)).keeps(start)
    assert worth_of([False] + [True] * 39, best).keeps(start), "one spec is chance"
    assert not worth_of([False] * 3 + [True] * 37, best).keeps(start)
    assert not worth_of([True] * 40, best + 0.02).keeps(start)
    assert worth_of([True] * 40, np.where(np.arange(40) < 39, best, 3.0)).keeps(start)


@pytest.mark.parametrize("guidance", [(-1.0, 0.0), (0.0, 1e9), (float("nan"), 0.0)])
def test_that_a_card_with_an_impossible_guidance_is_refused(guidance):
    with pytest.raises(InputError, match="guidance"):
        msgspec.structs.replace(untrained().card, guidance=guidance).__post_init__()
