import json
import resource
from dataclasses import replace
from threading import Event

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from stand_in import SMALLEST, untrained

from arcs_engine.circuits.eseries import values_between
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, DesignError, InputError, ModelError
from arcs_engine.model import store
from arcs_engine.model.config import CONFIGS
from arcs_engine.model.guidance import Guidance
from arcs_engine.model.model import Model, load
from arcs_engine.model.request import Draw, Request
from arcs_engine.model.tokens import prompt
from arcs_engine.model.tokens.representations import REPRESENTATIONS
from arcs_engine.model.tokens.values import legal_values
from arcs_engine.model.tokens.vocabulary import END, PAD, START
from arcs_engine.model.transformer import Cache, Transformer, shapes


def test_that_the_named_sizes_have_the_stated_parameter_counts():
    assert 0.5e6 <= Transformer(CONFIGS["tiny"]).parameter_count <= 1e6
    assert 6.2e6 <= Transformer(CONFIGS["small"]).parameter_count <= 6.8e6


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), temperature=st.floats(0.1, 20))
@pytest.mark.parametrize("name", list(REGISTRY))
def test_that_an_untrained_model_samples_only_designs_that_can_be_built(name, seed, temperature):
    topology = REGISTRY[name]
    spec = Spec(vin=12, vin_min=10, vin_max=14, vout=5, iout=2, fsw=3e5)
    values = untrained(seed=seed % 7).sample(
        Request(spec, topology, 20), Draw(temperature=temperature, top_k=676, seed=seed)
    )
    assert list(values) == [v.name for v in topology.design_values]
    for value in topology.design_values:
        grid = values_between(value.series, value.low, value.high)
        assert np.isin(values[value.name], grid).all()
    repeated = prompt.Prompt(
        name,
        {k: np.repeat(v, 20) for k, v in prompt.for_spec(spec, name).quantities.items()},
        ("good",) * 20,
    )
    speaks = REPRESENTATIONS["slots"]
    rows = speaks.encode(repeated, topology, values)
    assert all(speaks.is_valid(row, [topology]) for row in rows.tokens)


def test_that_cached_logits_equal_those_of_a_full_pass(tiny, topology):
    torch.manual_seed(1)
    transformer = tiny.transformer
    tokens = torch.randint(0, 676, (3, 30))
    exact = torch.randn(3, 30)
    exact[:, ::2] = torch.nan
    with torch.inference_mode():
        full = transformer(tokens, exact)
        cache = Cache()
        pieces = [
            transformer(tokens[:, a:b], exact[:, a:b], cache)
            for a, b in [(0, 11), (11, 12), (12, 17), (17, 30)]
        ]
    assert torch.allclose(torch.cat(pieces, dim=1), full, atol=1e-5)


def test_that_later_tokens_do_not_change_earlier_logits(tiny):
    tokens = torch.randint(0, 676, (1, 20), generator=torch.Generator().manual_seed(0))
    changed = tokens.clone()
    changed[0, 12] = (changed[0, 12] + 1) % 676
    nothing = torch.full((1, 20), torch.nan)
    with torch.inference_mode():
        before, after = tiny.transformer(tokens, nothing), tiny.transformer(changed, nothing)
    assert torch.equal(before[:, :12], after[:, :12])
    assert not torch.equal(before[:, 12:], after[:, 12:])


def test_that_the_exact_number_beside_a_token_reaches_the_logits(tiny):
    tokens = torch.randint(0, 676, (1, 5), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        one = tiny.transformer(tokens, torch.full((1, 5), 0.70))
        other = tiny.transformer(tokens, torch.full((1, 5), 0.71))
    assert not torch.equal(one, other)


def test_that_a_seed_fixes_the_samples_and_another_changes_them(tiny, topology, spec):
    first = tiny.sample(Request(spec, topology, 16), Draw(seed=5))
    again = tiny.sample(Request(spec, topology, 16), Draw(seed=5))
    other = tiny.sample(Request(spec, topology, 16), Draw(seed=6))
    assert all(np.array_equal(first[n], again[n]) for n in first)
    assert any(not np.array_equal(first[n], other[n]) for n in first)


def test_that_the_first_row_is_greedy_whatever_the_seed(tiny, topology, spec):
    model = replace(tiny, guidance=Guidance(likeliest=2.0, drawn=2.0))
    rows = [model.sample(Request(spec, topology, 3), Draw(seed=s)) for s in range(3)]
    coldest = model.sample(
        Request(spec, topology, 2, greedy_first=False), Draw(temperature=1e-4, seed=9)
    )
    for name in rows[0]:
        assert {r[name][0] for r in rows} == {coldest[name][1]}


def test_that_locked_values_are_kept_exactly_and_the_order_of_locks_does_not_matter(
    tiny, topology, spec
):
    names = [v.name for v in topology.design_values]
    for count in range(1, len(names) + 1):
        locks = {
            name: float(np.sqrt(topology.value(name).low * topology.value(name).high)) * 1.0123
            for name in names[-count:]
        }
        values = tiny.sample(Request(spec, topology, 6, locks=locks))
        for name, number in locks.items():
            assert (values[name] == number).all()
        backwards = tiny.sample(Request(spec, topology, 6, locks=dict(reversed(locks.items()))))
        assert all(np.array_equal(values[n], backwards[n]) for n in names)


def test_that_a_lock_changes_what_is_proposed_for_the_rest(tiny, topology, spec):
    free = tiny.sample(Request(spec, topology, 32), Draw(seed=1))
    locked = tiny.sample(Request(spec, topology, 32, locks={"Cout": 1e-3}), Draw(seed=1))
    assert any(not np.array_equal(free[n], locked[n]) for n in free if n != "Cout")


@pytest.mark.parametrize(
    ("locks", "message"),
    [
        ({"L9": 1e-6}, "no value 'L9'"),
        ({"L1": 1e3}, "must lie"),
        ({"L1": float("nan")}, "must lie"),
    ],
)
def test_that_a_wrong_lock_is_refused_with_a_sentence(tiny, spec, locks, message):
    with pytest.raises(DesignError, match=message):
        tiny.sample(Request(spec, REGISTRY["buck"], 2, locks=locks))


def test_that_sampling_stops_when_asked(tiny, topology, spec):
    stop = Event()
    stop.set()
    with pytest.raises(Cancelled):
        tiny.sample(Request(spec, topology, 2), control=Control(lambda *_: None, stop))


def test_that_a_model_refuses_a_topology_that_it_was_not_trained_on(spec):
    with pytest.raises(ModelError, match="not trained on buck"):
        untrained(topologies=("sepic",)).sample(Request(spec, REGISTRY["buck"], 1))


def test_that_a_written_model_reads_back_the_same(model, spec, tmp_path):
    store.write(tmp_path / "m", model.transformer, model.card)
    again = load(tmp_path / "m")
    assert again.card == model.card
    for topology in REGISTRY.values():
        one, other = (m.sample(Request(spec, topology, 8), Draw(seed=3)) for m in (model, again))
        assert all(np.array_equal(one[n], other[n]) for n in one)


def _without(name):
    return lambda folder: (folder / name).unlink()


def _cut(folder):
    file = folder / store.WEIGHTS
    file.write_bytes(file.read_bytes()[:-100])


def _empty(folder):
    (folder / store.WEIGHTS).write_bytes(b"")


def _pickle(folder):
    torch.save({"a": torch.ones(1)}, folder / store.WEIGHTS)


def _card_with(**changes):
    def change(folder):
        card = json.loads((folder / store.CARD).read_text())
        (folder / store.CARD).write_text(json.dumps(card | changes))

    return change


def _garbage_card(folder):
    (folder / store.CARD).write_bytes(b"\xff\xfe{")


def _deep_card(folder):
    (folder / store.CARD).write_bytes(b'{"config":' * 20_000)


def _half_precision(folder):
    tensors = {name: each.half() for name, each in load_file(folder / store.WEIGHTS).items()}
    save_file(tensors, folder / store.WEIGHTS)


def _surplus(folder):
    tensors = load_file(folder / store.WEIGHTS)
    save_file(tensors | {"surplus": torch.zeros(3)}, folder / store.WEIGHTS)


def _not_finite(folder):
    tensors = load_file(folder / store.WEIGHTS)
    tensors["norm.weight"][0] = torch.nan
    save_file(tensors, folder / store.WEIGHTS)


@pytest.mark.parametrize(
    "damage",
    [
        _without(store.WEIGHTS),
        _without(store.CARD),
        _cut,
        _empty,
        _pickle,
        _card_with(vocabulary_hash="0" * 16),
        _card_with(version=99),
        _card_with(topologies=3),
        _card_with(surprise=1),
        _card_with(config={"width": 64, "layers": 2, "heads": 2, "hidden": 64}),
        _card_with(config={"width": -1, "layers": 2, "heads": 2, "hidden": 64}),
        _card_with(config={"width": 10**9, "layers": 2, "heads": 2, "hidden": 64}),
        _card_with(config={"width": 32, "layers": 2, "heads": 2, "hidden": 64, "context": 8}),
        _card_with(config={"width": 32, "layers": 3, "heads": 2, "hidden": 64}),
        _card_with(tokens="morse"),
        _card_with(topologies=["buck", "charge_pump"]),
        _card_with(topologies=[]),
        _card_with(name="\x1b[31m"),
        _card_with(name="x" * 200),
        _deep_card,
        _half_precision,
        _surplus,
        _garbage_card,
        _not_finite,
    ],
)
def test_that_a_damaged_model_is_refused_with_one_sentence(model, tmp_path, damage):
    store.write(tmp_path / "m", model.transformer, model.card)
    damage(tmp_path / "m")
    with pytest.raises(ModelError) as caught:
        load(tmp_path / "m")
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert str(tmp_path / "m") in message


@pytest.mark.parametrize("sizes", [SMALLEST, CONFIGS["tiny"], CONFIGS["small"]])
def test_that_the_stated_shapes_are_those_of_the_transformer(sizes):
    state = Transformer(sizes).state_dict()
    assert shapes(sizes) == {name: tuple(tensor.shape) for name, tensor in state.items()}


def test_that_a_card_that_asks_for_gigabytes_costs_none(model, tmp_path):
    store.write(tmp_path / "m", model.transformer, model.card)
    sizes = {"width": 4096, "layers": 16, "heads": 1, "hidden": 32_768, "context": 8192}
    _card_with(config=sizes)(tmp_path / "m")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelError, match="do not fit their card"):
        load(tmp_path / "m")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64_000


def test_that_a_figure_that_is_no_number_does_not_make_a_model_unreadable(model, tmp_path):
    card = msgspec.structs.replace(model.card, metrics={"greedy_cost": float("nan")})
    store.write(tmp_path / "m", model.transformer, card)
    assert load(tmp_path / "m").card.metrics == {"greedy_cost": None}


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 0},
        {"width": 10**6},
        {"layers": 10**6},
        {"heads": 3},
        {"hidden": 0},
        {"context": 0},
    ],
)
def test_that_sizes_that_cannot_be_are_refused_by_name(changes):
    (name,) = changes
    with pytest.raises(InputError, match=f"transformer: {name if name != 'heads' else 'width'} is"):
        msgspec.structs.replace(SMALLEST, **changes)


def test_that_a_missing_model_is_refused_with_its_place(tmp_path):
    with pytest.raises(ModelError, match=r"There is no model in .*nowhere"):
        load(tmp_path / "nowhere")


def test_that_the_shipped_model_loads_and_fits_its_card(spec):
    shipped = load()
    assert shipped.name == "tiny"
    assert shipped.parameter_count == shipped.card.parameters
    for name in shipped.card.topologies:
        assert len(shipped.sample(Request(spec, REGISTRY[name], 4))) == len(
            REGISTRY[name].design_values
        )


def test_that_a_card_states_all_that_is_needed_to_make_the_model_again(model):
    fields = msgspec.structs.asdict(model.card)
    assert {"command", "seed", "data", "physics_hash", "vocabulary_hash", "topologies"} <= set(
        fields
    )


@pytest.fixture(params=list(REPRESENTATIONS))
def speaker(request):
    """An untrained model of each representation."""
    config = msgspec.structs.replace(SMALLEST, context=REPRESENTATIONS[request.param].context)
    made = untrained(config)
    return Model(made.transformer, msgspec.structs.replace(made.card, tokens=request.param))


def test_that_every_representation_samples_designs_that_can_be_built_and_keeps_locks(
    speaker, topology, spec
):
    lock = topology.design_values[1]
    locks = {lock.name: float(np.sqrt(lock.low * lock.high)) * 1.0123}
    values = speaker.sample(Request(spec, topology, 5, locks=locks), Draw(temperature=5.0))
    assert list(values) == [v.name for v in topology.design_values]
    for value in topology.design_values:
        grid = values_between(value.series, value.low, value.high)
        allowed = locks[lock.name] if value.name == lock.name else grid
        assert np.isin(values[value.name], allowed).all()


def test_that_numbers_later_in_a_sequence_depend_on_a_lock_before_them(speaker, spec):
    free = speaker.sample(Request(spec, REGISTRY["sepic"], 64), Draw(seed=1))
    first = speaker.representation.layout(REGISTRY["sepic"]).places[0].argmin()
    name = REGISTRY["sepic"].design_values[first].name
    locked = speaker.sample(Request(spec, REGISTRY["sepic"], 64, locks={name: 47e-6}), Draw(seed=1))
    assert any(not np.array_equal(free[n], locked[n]) for n in free if n != name)


def test_that_free_sampling_keeps_the_prompt_ends_once_and_is_fixed_by_its_seed(speaker, spec):
    asked = [(spec, REGISTRY["buck"]), (spec, REGISTRY["forward"])] * 3
    tokens = speaker.unmasked(asked, Draw(top_k=676, seed=2))
    assert tokens.shape == (6, speaker.transformer.config.context)
    expected = prompt.for_spec(spec, "forward").sequences().tokens[0]
    assert np.array_equal(tokens[1, : prompt.LENGTH], expected)
    assert np.array_equal(tokens, speaker.unmasked(asked, Draw(top_k=676, seed=2)))
    assert not np.array_equal(tokens, speaker.unmasked(asked, Draw(top_k=676, seed=3)))
    for row in speaker.unconditional(40, Draw(temperature=2.0, top_k=676)):
        ends = np.flatnonzero(row == END)
        assert row[0] == START
        assert len(ends) <= 1
        assert (row[int(ends[0]) + 1 :] == PAD).all() if len(ends) else PAD not in row[:1]
    assert not speaker.valid(speaker.unconditional(40, Draw(top_k=676))).any()


class Parrot(torch.nn.Module):
    """Says given sequences again, whatever comes before."""

    def __init__(self, rows, context):
        super().__init__()
        self.rows = torch.from_numpy(rows)
        self.config = msgspec.structs.replace(SMALLEST, context=context)

    def forward(self, tokens, exact, cache):
        seen = cache.length + tokens.shape[1]
        kept = torch.zeros(1, 1, tokens.shape[1], 1)
        cache.extended(0, kept, kept)
        following = self.rows[: len(tokens), seen - tokens.shape[1] + 1 : seen + 1]
        return 100.0 * torch.nn.functional.one_hot(following, 676).float()


def test_that_free_sampling_writes_what_the_model_says_and_tells_valid_from_invalid(
    speaker, topology, spec
):
    speaks = speaker.representation
    values = {v.name: np.array([float(legal_values(v)[1][3])]) for v in topology.design_values}
    said = speaks.encode(prompt.for_spec(spec, topology.name), topology, values)
    rows = np.repeat(said.padded(speaks.context + 1).tokens, 6, axis=0)
    rows[4, 1] = START
    rows[5, prompt.LENGTH] = PAD
    parrot = Model(Parrot(rows, speaks.context), speaker.card)
    tokens = parrot.unconditional(6, Draw(top_k=5))
    assert np.array_equal(tokens, rows[:, :-1])
    assert parrot.valid(tokens).tolist() == [True] * 4 + [False] * 2
    other = msgspec.structs.replace(parrot.card, topologies=("cuk",))
    known = Model(parrot.transformer, other).valid(tokens)
    assert known[:4].all() == (topology.name == "cuk")
