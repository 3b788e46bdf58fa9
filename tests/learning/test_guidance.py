from dataclasses import replace

import msgspec
import numpy as np
import pytest
import torch
from stand_in import SMALLEST, untrained

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.model.guidance import UNGUIDED, Guidance, guided
from arcs_engine.model.model import Model
from arcs_engine.model.request import Draw, Request
from arcs_engine.model.tokens import prompt
from arcs_engine.model.tokens.representations import REPRESENTATIONS
from arcs_engine.model.tokens.values import legal_values, token_of
from arcs_engine.model.tokens.vocabulary import (
    STATUS_FIELD,
    STATUS_LABELS,
    VOCABULARY,
    Kind,
    status_name,
)
from arcs_engine.model.transformer import Cache

RIPPLE, INFEASIBLE = (
    VOCABULARY.id(Kind.SPEC, status_name(label)) for label in ("ripple", "infeasible")
)


class TwoMinded(torch.nn.Module):
    """Finds the lowest values likeliest, and more so where the design must fail."""

    def __init__(self):
        super().__init__()
        self.config = SMALLEST
        self.fed = []

    def forward(self, tokens, exact, cache):
        if cache.length == 0:  # keeps what it was asked as its keys and values
            failed = ((tokens == RIPPLE) | (tokens == INFEASIBLE)).any(dim=1).float()
        else:
            failed = cache.keys[0][:, 0, 0, 0]
        kept = failed[:, None, None, None].expand(-1, 1, tokens.shape[1], 1)
        cache.extended(0, kept, kept)
        self.fed.append(tokens)
        falling = -0.1 * torch.arange(len(VOCABULARY)).expand(*tokens.shape, -1)
        return falling * (1.0 + 2.0 * failed[:, None, None])


@pytest.fixture
def two_minded():
    return Model(TwoMinded(), untrained().card)


@pytest.fixture(params=list(REPRESENTATIONS))
def speaker(request):
    config = msgspec.structs.replace(SMALLEST, context=REPRESENTATIONS[request.param].context)
    made = untrained(config)
    return Model(made.transformer, msgspec.structs.replace(made.card, tokens=request.param))


def test_that_guidance_leaves_a_value_that_failures_have_more_often():
    # One row of 676 logits: token 100 is the likeliest of a good design, and of a failed one too.
    good, failed = torch.zeros(1, 676), torch.zeros(1, 676)
    good[0, 100], good[0, 101] = 2.0, 1.5
    failed[0, 100], failed[0, 101] = 3.0, 0.5
    both = torch.cat((good, failed))
    assert guided(both, torch.tensor([[0.2]])).argmax() == 100  # 1.8 against 1.7
    assert guided(both, torch.tensor([[0.3]])).argmax() == 101  # 1.7 against 1.8
    assert torch.equal(guided(good, torch.tensor([[0.0]])), good)


def test_that_guidance_is_that_of_log_probabilities():
    torch.manual_seed(3)
    both, strength = torch.randn(2, 676), 1.7
    logs = torch.log_softmax(both, dim=1)
    expected = torch.softmax(logs[:1] + strength * (logs[:1] - logs[1:]), dim=1)
    found = torch.softmax(guided(both, torch.tensor([[strength]])), dim=1)
    assert torch.allclose(found, expected, atol=1e-6)


def test_that_only_rows_with_a_strength_are_guided():
    torch.manual_seed(4)
    both = torch.randn(5, 676)  # three rows, and the failed ones of the first and the last
    found = guided(both, torch.tensor([[1.0], [0.0], [2.0]]))
    assert torch.equal(found[1], both[1])
    for row, failed, strength in ((0, 3, 1.0), (2, 4, 2.0)):
        expected = (1 + strength) * both[row] - strength * both[failed]
        constant = (found[row] - expected).mean()
        assert torch.allclose(found[row], expected + constant, atol=1e-5)


def test_that_of_two_failures_the_mean_probability_counts():
    torch.manual_seed(5)
    rows, strength = torch.randn(6, 676), torch.tensor([[2.0], [1.0]])
    chances = torch.softmax(rows, dim=1)
    failed = (chances[2:4] + chances[4:6]) / 2
    expected = chances[:2] * (chances[:2] / failed) ** strength
    found = torch.softmax(guided(rows, strength), dim=1)
    assert torch.allclose(found, expected / expected.sum(dim=1, keepdim=True), atol=1e-6)


def test_that_a_forward_is_led_away_from_what_it_fails_by(two_minded, spec):
    two_minded.sample(Request(spec, REGISTRY["forward"], 1))
    first, second, *_ = two_minded.transformer.fed
    assert first[:, prompt.LENGTH - 2].tolist()[1:] == [RIPPLE, INFEASIBLE]
    assert len(second) == 3
    assert torch.equal(second[0], second[1])
    assert torch.equal(second[0], second[2])


def test_that_every_edge_is_a_failure_that_the_vocabulary_names(topology):
    assert set(topology.edges) <= set(STATUS_LABELS) - {"good"}


def test_that_the_greedy_design_is_led_from_the_likeliest_values(two_minded, topology, spec):
    led = two_minded.sample(Request(spec, topology, 3), Draw(temperature=1e-3))
    plain = replace(two_minded, guidance=UNGUIDED).sample(
        Request(spec, topology, 3), Draw(temperature=1e-3)
    )
    for value in topology.design_values:
        decoded = legal_values(value)[1]
        assert led[value.name][0] == decoded[-1]  # -0.1 + 2 (0.3 - 0.1) a token
        assert (led[value.name][1:] == decoded[0]).all()
        assert (plain[value.name] == decoded[0]).all()


def test_that_a_guided_row_and_its_failed_one_are_given_the_same_numbers(two_minded, spec):
    model = replace(two_minded, guidance=Guidance(1.0, 0.5))
    model.sample(Request(spec, REGISTRY["buck"], 4, locks={"L1": 33e-6}), Draw(seed=3))
    first, *others = model.transformer.fed
    expected = prompt.for_spec(spec, "buck").sequences().tokens[0]
    assert np.array_equal(first[0, : prompt.LENGTH], expected)
    differs = np.flatnonzero(first[0] != first[1])
    assert differs.tolist() == [prompt.LENGTH - 2]
    assert first[0, prompt.LENGTH - 3] == VOCABULARY.id(Kind.SPEC, STATUS_FIELD)
    assert first[1, prompt.LENGTH - 2] == RIPPLE
    assert (first == int(token_of(33e-6))).any(dim=1).all()
    assert others
    for fed in others:
        assert torch.equal(fed[:4], fed[4:])


def test_that_no_strength_is_no_guidance_bit_for_bit(speaker, topology, spec):
    """Drawn designs without a strength are what they are when the greedy one has one."""
    plain = replace(speaker, guidance=UNGUIDED).sample(Request(spec, topology, 12), Draw(seed=4))
    greedy = replace(speaker, guidance=Guidance(5.0, 0.0)).sample(
        Request(spec, topology, 12), Draw(seed=4)
    )
    drawn = replace(speaker, guidance=Guidance(0.0, 5.0)).sample(
        Request(spec, topology, 12), Draw(seed=4)
    )
    for name in plain:
        assert np.array_equal(plain[name][1:], greedy[name][1:])
        assert plain[name][0] == drawn[name][0]
    assert any(not np.array_equal(plain[n][1:], drawn[n][1:]) for n in plain)


def test_that_without_guidance_no_failure_is_asked_for(two_minded, spec):
    replace(two_minded, guidance=UNGUIDED).sample(Request(spec, REGISTRY["boost"], 5))
    assert [len(fed) for fed in two_minded.transformer.fed[:2]] == [1, 5]
    assert not any((fed == RIPPLE).any() for fed in two_minded.transformer.fed)


@pytest.mark.parametrize("strengths", [(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (30.0, 30.0)])
def test_that_guided_designs_can_be_built_keep_locks_and_are_fixed_by_their_seed(
    speaker, topology, spec, strengths
):
    model = replace(speaker, guidance=Guidance(*strengths))
    lock = topology.design_values[1]
    locks = {lock.name: float(np.sqrt(lock.low * lock.high)) * 1.0123}
    for kept in ({}, locks):
        first, again = (
            model.sample(Request(spec, topology, 6, locks=kept), Draw(temperature=3.0, seed=2))
            for _ in range(2)
        )
        for value in topology.design_values:
            allowed = kept.get(value.name, legal_values(value)[1])
            assert np.isin(first[value.name], allowed).all()
            assert np.array_equal(first[value.name], again[value.name])


def test_that_a_design_whose_values_are_all_locked_needs_no_model(two_minded, topology, spec):
    locks = {v.name: float(v.low * 1.0123) for v in topology.design_values}
    values = two_minded.sample(Request(spec, topology, 3, locks=locks))
    assert {n: set(v) for n, v in values.items()} == {n: {v} for n, v in locks.items()}
    assert not two_minded.transformer.fed


def test_that_a_cache_takes_rows_in_any_order():
    cache = Cache()
    keys = torch.arange(3.0).reshape(3, 1, 1, 1)
    cache.extended(0, keys, -keys)
    taken = cache.take(torch.tensor([2, 0, 0]))
    assert taken.keys[0].flatten().tolist() == [2, 0, 0]
    assert taken.values[0].flatten().tolist() == [-2, 0, 0]
    assert taken.length == 1
