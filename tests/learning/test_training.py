import itertools
import re
from dataclasses import replace
from threading import Event

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from stand_in import SMALLEST, StandIn, until

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, FileError, InputError, JobError, ModelError
from arcs_engine.learning.datasets import making, specs
from arcs_engine.learning.datasets.config import DataConfig, Effort
from arcs_engine.learning.datasets.shards import NO_TARGET, Shard
from arcs_engine.learning.jobs import launch
from arcs_engine.learning.jobs.events import Finished, Progress, Scalar, Started, Warned
from arcs_engine.learning.jobs.runs import RunStore
from arcs_engine.learning.settings import with_settings
from arcs_engine.learning.training import checkpoint, trainer
from arcs_engine.learning.training.config import PRESETS, TrainingConfig, command, preset
from arcs_engine.learning.training.dataset import Batch, Dataset
from arcs_engine.learning.training.loss import Labeller, loss_of
from arcs_engine.learning.training.measures import measured
from arcs_engine.learning.training.supervised import train
from arcs_engine.learning.training.trainer import LAST
from arcs_engine.model import store
from arcs_engine.model.config import CONFIGS
from arcs_engine.model.model import load
from arcs_engine.model.request import Request
from arcs_engine.model.tokens import prompt
from arcs_engine.model.tokens.prompt import LENGTH
from arcs_engine.model.tokens.representations import REPRESENTATIONS
from arcs_engine.model.tokens.sequence import stacked
from arcs_engine.model.tokens.values import legal_values
from arcs_engine.model.tokens.vocabulary import NONE, PAD, QUANTITIES, VOCABULARY
from arcs_engine.model.transformer import Transformer
from arcs_engine.performance.physics_hash import physics_hash
from arcs_engine.performance.verdict import STATUSES
from arcs_engine.sizing.search.ledger import Ledger, Search

SLOTS = REPRESENTATIONS["slots"]
LITTLE_DATA = DataConfig(specs=24, shard=10, effort=Effort(rounds=3, steps=1))
LITTLE = TrainingConfig(
    name="little",
    model="smallest",
    data=LITTLE_DATA,
    epochs=3,
    batch=16,
    report_steps=2,
    checkpoint_steps=5,
    assess=2,
)


@pytest.fixture(autouse=True)
def smallest(monkeypatch):
    monkeypatch.setitem(CONFIGS, "smallest", SMALLEST)


def ignored(fraction, text):
    pass


def made(folder, config=LITTLE_DATA):
    list(making_of(config, folder, Control.silent()))
    return making.read(config, folder)


def making_of(config, folder, control):
    wanted = making.Wanted(folder, config, "physics")
    return making.make(wanted, control, work=making.Searching(config, StandIn))


def run_through(folder, config=LITTLE, seed=1):
    return list(train(config, folder, seed, Control.silent(), StandIn))


def curve(events):
    return {(e.name, e.step): e.value for e in events if isinstance(e, Scalar)}


def test_that_drawn_specs_can_be_met_and_lie_in_the_stated_ranges(topology):
    limits = specs.RANGES[topology.name]
    for spec in specs.draw(topology, 300, np.random.default_rng(0)):
        topology.check(spec)
        assert limits.vin[0] <= spec.vin <= limits.vin[1]
        assert limits.iout[0] <= spec.iout <= limits.iout[1]
        assert spec.pout <= limits.pout
        assert 50e3 <= spec.fsw <= 500e3
        assert spec.ripple in specs.RIPPLES
        assert spec.vin - spec.vin_min == pytest.approx(spec.vin_max - spec.vin)


def test_that_a_seed_fixes_the_specs(topology):
    one, same, other = (specs.draw(topology, 5, np.random.default_rng(s)) for s in (1, 1, 2))
    assert one == same != other


def test_that_the_lattice_finds_its_own_values_and_moves_within_bounds(topology):
    lattice = Lattice(topology)
    places = lattice.anywhere((200,), np.random.default_rng(0))
    assert np.array_equal(lattice.nearest(lattice.values(places)), places)
    moved = lattice.near(places, 1.0, np.random.default_rng(1))
    assert ((moved >= 0) & (moved < lattice.sizes)).all()
    assert (moved != places).any()
    steps = np.abs(lattice.neighbours(places) - places[:, None]).sum(axis=2)
    assert steps.max() == 1


def test_that_a_search_starts_at_the_textbook_and_improves_on_all_it_started_from(topology):
    rng = np.random.default_rng(0)
    problems = StandIn.of(topology, specs.draw(topology, 20, rng))
    ledger, effort = Ledger(problems), Effort()
    making.search_designs(Search(ledger, rng, Control.silent()), effort)
    traces = ledger.traces()
    assert np.array_equal([trace.places[0] for trace in traces], problems.textbook())
    start = 1 + effort.nearby + effort.anywhere
    best, first = (
        np.array([trace.after(count) for trace in traces]) for count in (len(traces[0]), start)
    )
    assert (best <= first).all()
    assert best.mean() < 0.9 * first.mean()


def test_that_a_data_set_holds_distinct_targets_in_order_and_labelled_failures(tmp_path):
    for name, shard in made(tmp_path).items():
        assert len(shard.asked) == LITTLE_DATA.specs
        values = REGISTRY[name].design_values
        for i, value in enumerate(values):
            assert (shard.values[:, i] >= value.low).all()
            assert (shard.values[:, i] <= value.high).all()
        target = shard.rank != NO_TARGET
        assert (shard.status[target] == 0).all()
        assert (shard.status != 0).any()
        for spec in range(LITTLE_DATA.specs):
            mine = target & (shard.owner == spec)
            assert mine.sum() <= LITTLE_DATA.keep
            assert len(np.unique(shard.values[mine], axis=0)) == mine.sum()
            order = np.argsort(shard.rank[mine])
            assert (np.diff(shard.achieved("cost")[mine][order]) >= 0).all()


def test_that_a_data_set_is_the_same_from_the_same_seed_and_resumes_after_a_stop(tmp_path):
    whole = made(tmp_path / "whole")
    stop = Event()
    events = making_of(LITTLE_DATA, tmp_path / "stopped", Control(ignored, stop))
    next(events)
    stop.set()
    with pytest.raises(Cancelled):
        next(events)
    resumed = made(tmp_path / "stopped")
    for name, shard in whole.items():
        for column in Shard.__dataclass_fields__:
            assert np.array_equal(getattr(shard, column), getattr(resumed[name], column))


def test_that_a_manifest_counts_what_is_there(tmp_path):
    shards = made(tmp_path)
    manifest = msgspec.json.decode((tmp_path / "manifest.json").read_bytes(), type=making.Manifest)
    assert manifest.complete
    assert manifest.physics_hash == "physics"
    for name, counts in manifest.counts.items():
        assert counts.designs == len(shards[name].owner)
        assert counts.met == (shards[name].status == 0).sum()


def test_that_a_folder_with_another_data_set_is_refused(tmp_path):
    made(tmp_path)
    other = msgspec.structs.replace(LITTLE_DATA, seed=9)
    with pytest.raises(FileError, match="another config or physics"):
        made(tmp_path, other)


def test_that_a_damaged_shard_is_refused_by_name(tmp_path):
    made(tmp_path)
    shard = next(tmp_path.glob("buck-0000.npz"))
    shard.write_bytes(shard.read_bytes()[:100])
    with pytest.raises(FileError, match=r"buck-0000\.npz is damaged"):
        making.read(LITTLE_DATA, tmp_path)


def test_that_the_held_out_specs_are_in_no_epoch(tmp_path):
    dataset = Dataset(made(tmp_path), LITTLE, seed=0)
    vin = 4 + 2 * QUANTITIES.index("vin")

    def inputs(batches):
        return {float(x) for b in batches for x in b.rows.exact[:, vin]}

    held_out = inputs(dataset.validation())
    assert held_out
    for number in range(3):
        assert not held_out & inputs(dataset.epoch(number))


def test_that_an_epoch_is_a_pure_function_of_its_number(tmp_path):
    one, same = (Dataset(made(tmp_path), LITTLE, seed=0) for _ in range(2))
    list(one.epoch(0))
    first, again, other = list(one.epoch(1)), list(same.epoch(1)), list(one.epoch(2))
    assert len(first) == one.steps == len(other)
    assert all(
        np.array_equal(a.rows.tokens, b.rows.tokens) for a, b in zip(first, again, strict=True)
    )
    assert any(
        not np.array_equal(a.rows.tokens, b.rows.tokens) for a, b in zip(first, other, strict=True)
    )


def test_that_examples_ask_as_inference_does_and_hindsight_leaves_the_weight_open(tmp_path):
    dataset = Dataset(made(tmp_path), LITTLE, seed=0)
    rows = np.concatenate([b.rows.tokens for b in dataset.epoch(0)])
    weight = rows[:, 4 + 2 * QUANTITIES.index("weight")]
    wish = rows[:, 4 + 2 * QUANTITIES.index("loss_fraction")]
    status = {VOCABULARY.names[t] for t in rows[:, LENGTH - 2]}
    assert status == {"status_good", "status_ripple"}
    assert 0 < (weight == NONE).mean() < 0.3
    assert 0.3 < (wish == NONE).mean() < 0.9
    validation = np.concatenate([b.rows.tokens for b in dataset.validation()])
    assert (validation[:, 4 + 2 * QUANTITIES.index("loss_fraction")] == NONE).all()


def test_that_shuffled_examples_still_decode(tmp_path):
    config = msgspec.structs.replace(LITTLE, shuffle=1.0)
    dataset = Dataset(made(tmp_path), config, seed=0)
    orders = set()
    for batch in dataset.epoch(0):
        for row, owner in zip(batch.rows.tokens, batch.topologies, strict=True):
            SLOTS.decode(REGISTRY[dataset.names[owner]], row)
            orders.add(tuple(row[LENGTH::2]))
    assert len(orders) > 5


def test_that_soft_labels_sum_to_one_over_legal_values_and_peak_at_the_target(tmp_path):
    dataset = Dataset(made(tmp_path), LITTLE, seed=0)
    batch = next(dataset.epoch(0))
    labels = Labeller(dataset.names, LITTLE).labels(batch)
    assert torch.allclose(labels.shares.sum(dim=-1), torch.ones(()))
    assert (labels.shares.argmax(dim=-1) == 2).all()
    after = torch.from_numpy(batch.rows.tokens[:, 1:])
    assert torch.equal(labels.tokens[..., 2], after)
    assert (labels.weight[after == PAD] == 0).all()
    assert (labels.weight[labels.component_value] == LITTLE.value_weight).all()
    esr = REGISTRY["buck"].value("Cout_esr")
    legal = set(legal_values(esr)[0])
    for row, place in zip(*np.nonzero(labels.component_value.numpy()), strict=True):
        before = VOCABULARY.names[batch.rows.tokens[row, place]]
        if before == "Cout_esr":
            shared = labels.tokens[row, place][labels.shares[row, place] > 0]
            assert {int(t) for t in shared} <= legal


def test_that_the_loss_is_lowest_for_the_right_token_and_blind_to_padding(tmp_path):
    dataset = Dataset(made(tmp_path), LITTLE, seed=0)
    batch = next(dataset.epoch(0))
    padded = Batch(batch.rows.padded(50), batch.topologies)
    labeller = Labeller(dataset.names, LITTLE)
    labels, more = labeller.labels(batch), labeller.labels(padded)
    logits = torch.randn(len(batch.rows), labels.weight.shape[1], len(VOCABULARY))
    longer = torch.cat((logits, torch.randn(len(batch.rows), 49 - logits.shape[1], 676)), dim=1)
    assert torch.allclose(loss_of(logits, labels), loss_of(longer, more))
    right = 9.0 * torch.nn.functional.one_hot(labels.tokens[..., 2], len(VOCABULARY))
    assert loss_of(right, labels) < loss_of(logits, labels)


def test_that_a_tiny_model_memorises_35_designs_of_all_topologies():
    rng = np.random.default_rng(0)
    rows = [
        SLOTS.encode(
            prompt.for_spec(spec, topology.name),
            topology,
            {v.name: rng.choice(legal_values(v)[1], 1) for v in topology.design_values},
        )
        for topology in REGISTRY.values()
        for spec in specs.draw(topology, 5, rng)
    ]
    every = stacked(rows)
    tokens, exact = torch.from_numpy(every.tokens), torch.from_numpy(every.exact).float()
    transformer = Transformer(CONFIGS["tiny"]).initialise(0)
    optimizer = torch.optim.AdamW(transformer.parameters(), lr=3e-3)
    for _ in range(100):
        logits = transformer(tokens[:, :-1], exact[:, :-1])[:, LENGTH - 1 :]
        after = tokens[:, LENGTH:]
        loss = torch.nn.functional.cross_entropy(
            logits.reshape(-1, 676), after.reshape(-1), ignore_index=PAD
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    right = logits.argmax(dim=-1) == after
    assert right[after != PAD].float().mean() > 0.99


def test_that_training_learns_reports_and_leaves_a_model_that_loads(tmp_path, spec):
    events = run_through(tmp_path)
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert events[-1].outcome == "done"
    fractions = [e.fraction for e in events if isinstance(e, Progress)]
    assert fractions == sorted(fractions)
    assert fractions[-1] <= 1
    losses = [e.value for e in events if isinstance(e, Scalar) and e.name == "loss"]
    assert losses[-1] < losses[0]
    model = load(tmp_path / "model")
    assert model.card.physics_hash == physics_hash()
    assert model.card.topologies == tuple(REGISTRY)
    assert {"val_loss", "val_accuracy_component", "greedy_pass", "best_of_32_cost"} <= set(
        model.card.metrics
    )
    model.sample(Request(spec, REGISTRY["buck"], 2))


def test_that_the_same_seed_gives_the_same_curve_and_another_does_not(tmp_path):
    one = curve(run_through(tmp_path / "a"))
    assert curve(run_through(tmp_path / "b")) == one
    assert curve(run_through(tmp_path / "c", seed=2)) != one


@pytest.mark.parametrize("name", ["flat", "euler"])
def test_that_the_other_representations_are_trained_and_used_like_the_default(tmp_path, spec, name):
    config = msgspec.structs.replace(LITTLE, tokens=name, epochs=2, assess=0)
    config = msgspec.structs.replace(config, data=msgspec.structs.replace(LITTLE_DATA, specs=10))
    events = run_through(tmp_path, config)
    losses = [e.value for e in events if isinstance(e, Scalar) and e.name == "val_loss"]
    assert losses[-1] < losses[0]
    model = load(tmp_path / "model")
    assert model.card.tokens == name
    assert len(model.sample(Request(spec, REGISTRY["forward"], 3))["T1_n"]) == 3
    dataset = Dataset(making.read(config.data, tmp_path / "data"), config, seed=0)
    batch = next(dataset.epoch(0))
    labels = Labeller(dataset.names, config).labels(batch)
    slots = [len(REGISTRY[dataset.names[t]].design_values) for t in batch.topologies]
    assert labels.component_value.sum(dim=1).tolist() == slots
    assert torch.allclose(labels.shares.sum(dim=-1), torch.ones(()))


def _stopped(folder, scalars, killed):
    """Train until so many points of curves, then stop on request or without a word."""
    stop = Event()
    events = train(LITTLE, folder, 1, Control(ignored, stop), StandIn)
    seen = []
    with pytest.raises(Cancelled):
        for event in events:
            seen.append(event)
            if sum(isinstance(e, Scalar) for e in seen) == scalars:
                if killed:
                    events.close()
                    raise Cancelled
                stop.set()
    return seen


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CONFIGS, "smallest", SMALLEST)
        folder = tmp_path_factory.mktemp("whole")
        return folder, run_through(folder)


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
@pytest.mark.parametrize("scalars", [1, 8, 20])
def test_that_a_resumed_run_equals_the_uninterrupted_one_bit_for_bit(
    tmp_path, uninterrupted, scalars, killed
):
    folder, whole = uninterrupted
    before = _stopped(tmp_path / "cut", scalars, killed)
    after = run_through(tmp_path / "cut")
    assert curve(before) | curve(after) == curve(whole)
    for name in (f"checkpoints/{LAST}", "model/model.safetensors"):
        one, other = load_file(folder / name), load_file(tmp_path / "cut" / name)
        assert set(one) == set(other)
        assert all(torch.equal(one[n], other[n]) for n in one)


def test_that_a_checkpoint_of_another_config_or_a_damaged_one_is_refused(tmp_path):
    run_through(tmp_path)
    warmer = msgspec.structs.replace(LITTLE, learning_rate=1.0)
    with pytest.raises(FileError, match="another config"):
        run_through(tmp_path, warmer)
    for file in (tmp_path / "checkpoints").iterdir():
        file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(FileError, match=rf"{LAST} is damaged \(.*\), and no whole one is before"):
        run_through(tmp_path)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "zeros"])
def test_that_a_damaged_checkpoint_gives_way_to_the_one_before_it_and_that_is_said(
    tmp_path, uninterrupted, damage
):
    folder, whole = uninterrupted
    before = _stopped(tmp_path / "cut", 8, killed=True)
    file = tmp_path / "cut" / "checkpoints" / LAST
    content = bytearray(file.read_bytes())
    match damage:
        case "cut":
            del content[-50:]
        case "flipped":
            content[-50] ^= 1
        case "empty":
            content.clear()
        case "zeros":
            content[-4096:] = bytes(4096)
    file.write_bytes(content)
    after = run_through(tmp_path / "cut")
    (said,) = [event.text for event in after if isinstance(event, Warned)]
    assert said.startswith(f"The checkpoint {file} is damaged")
    assert re.search(r"the one before it, of step \d+, takes its place\.$", said)
    assert curve(before) | curve(after) == curve(whole)
    one, other = (
        load_file(each / "model" / "model.safetensors") for each in (folder, tmp_path / "cut")
    )
    assert all(torch.equal(one[n], other[n]) for n in one)


def test_that_a_checkpoint_of_an_earlier_version_without_a_checksum_is_read(
    tmp_path, uninterrupted, monkeypatch
):
    _, whole = uninterrupted
    with monkeypatch.context() as earlier:
        earlier.setattr(checkpoint, "_checksum", lambda *_: "")
        before = _stopped(tmp_path, 8, killed=True)
    after = run_through(tmp_path)
    assert not [event for event in after if isinstance(event, Warned)]
    assert curve(before) | curve(after) == curve(whole)


def _diverging(monkeypatch, step, spoil):
    """Spoil the loss of one step."""
    steps = itertools.count(1)

    def loss(logits, labels, weight=None):
        right = loss_of(logits, labels, weight)
        return spoil(right) if next(steps) == step else right

    monkeypatch.setattr(trainer, "loss_of", loss)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda loss: loss * torch.nan, "The loss is not finite: it is nan at step 8 of"),
        (lambda loss: loss + torch.inf, "The loss is not finite: it is inf at step 8 of"),
        (
            lambda loss: loss + (loss - loss.detach()).sqrt() * 0,
            "The gradient of the loss is not finite: it is nan at step 8 of",
        ),
    ],
)
def test_that_a_training_that_diverges_stops_with_the_step_and_leaves_a_whole_checkpoint(
    tmp_path, monkeypatch, spoil, said
):
    with monkeypatch.context() as patch:
        _diverging(patch, 8, spoil)
        with pytest.raises(JobError, match=said):
            run_through(tmp_path)
    last = load_file(tmp_path / "checkpoints" / LAST)
    assert all(bool(torch.isfinite(tensor).all()) for tensor in last.values())
    assert isinstance(run_through(tmp_path)[-1], Finished)


def test_that_a_validation_that_is_no_number_stops_the_training(tmp_path, monkeypatch):
    measure = trainer.measured
    monkeypatch.setattr(trainer, "measured", lambda *a: dict.fromkeys(measure(*a), torch.inf))
    with pytest.raises(JobError, match="The val_loss is not finite: it is inf at step"):
        run_through(tmp_path)


def test_that_a_model_that_is_sure_of_the_wrong_tokens_has_an_infinite_perplexity(tmp_path):
    dataset = Dataset(made(tmp_path), LITTLE, seed=0)

    def wrong(batch):
        return 1e5 * _perfect(batch).roll(1, dims=2)

    figures = measured(wrong, Labeller(dataset.names, LITTLE), dataset.validation())
    assert figures["perplexity"] == np.inf


def test_that_held_out_specs_that_nothing_meets_are_refused(tmp_path):
    shards = made(tmp_path)
    few = {
        name: Shard(**(vars(shard) | {"rank": np.where(shard.owner == 0, shard.rank, NO_TARGET)}))
        for name, shard in shards.items()
    }
    with pytest.raises(JobError, match="No design meets a held-out spec"):
        for seed in range(20):
            Dataset(few, LITTLE, seed)


def test_that_training_goes_on_from_another_models_weights_and_the_card_names_it(tmp_path):
    run_through(tmp_path / "first")
    first = tmp_path / "first" / "model"
    onward = msgspec.structs.replace(LITTLE, start=str(first), epochs=1, learning_rate=1e-4)
    run_through(tmp_path / "onward", onward)
    begun, ended = (
        load_file(tmp_path / run / "model" / "model.safetensors") for run in ("first", "onward")
    )
    moved = max(float((ended[name] - begun[name]).abs().max()) for name in begun)
    assert 0 < moved < 0.01, "a few small steps from where the first one ended"
    assert load(tmp_path / "onward" / "model").card.data["start"] == store.name_of(first)
    run_through(tmp_path / "again", onward)
    again = load_file(tmp_path / "again" / "model" / "model.safetensors")
    assert all(torch.equal(again[name], ended[name]) for name in ended)


def test_that_training_does_not_start_from_a_model_of_another_shape(tmp_path):
    run_through(tmp_path / "first")
    other = msgspec.structs.replace(LITTLE, model="tiny", start=str(tmp_path / "first" / "model"))
    with pytest.raises(ModelError, match="another shape"):
        run_through(tmp_path / "other", other)


def test_that_training_stops_early_when_validation_does_not_improve(tmp_path):
    config = msgspec.structs.replace(LITTLE, epochs=40, learning_rate=0.5, patience=2)
    events = run_through(tmp_path, config)
    validations = [e for e in events if isinstance(e, Scalar) and e.name == "val_loss"]
    assert len(validations) < 40


class Failing(StandIn):
    """Problems that no design solves."""

    def judge(self, trials):
        status = np.full(len(trials), STATUSES.index("ripple"))
        return replace(super().judge(trials), status=status)


def test_that_data_without_a_good_design_is_refused(tmp_path):
    with pytest.raises(JobError, match="no design that meets its spec"):
        list(train(LITTLE, tmp_path, 0, Control.silent(), Failing))


def _perfect(batch):
    after = torch.from_numpy(batch.rows.tokens[:, 1:])
    return 50.0 * torch.nn.functional.one_hot(after, len(VOCABULARY)).float()


def test_that_measures_tell_component_values_from_prompt_values_and_structure(tmp_path):
    dataset = Dataset(made(tmp_path), LITTLE, seed=0)
    labeller = Labeller(dataset.names, LITTLE)

    def blind_to(chosen):
        def predict(batch):
            labels = labeller.labels(batch)
            wrong = chosen(labels).unsqueeze(2)
            return torch.where(wrong, _perfect(batch).roll(1, dims=2), _perfect(batch))

        return measured(predict, labeller, dataset.validation())

    whole = measured(_perfect, labeller, dataset.validation())
    assert whole["perplexity"] == pytest.approx(1.0)
    assert {v for n, v in whole.items() if n.startswith("accuracy")} == {1.0}
    components = blind_to(lambda labels: labels.component_value)
    assert components["accuracy_component"] == 0
    assert components["accuracy_prompt"] == components["accuracy_structure"] == 1
    assert 0 < components["accuracy_value"] < 1
    prompt_values = blind_to(lambda labels: labels.value & labels.prompt)
    assert prompt_values["accuracy_prompt"] == 0
    assert prompt_values["accuracy_component"] == prompt_values["accuracy_structure"] == 1
    assert prompt_values["perplexity"] == pytest.approx(1.0)
    structure = blind_to(lambda labels: ~labels.value)
    assert structure["accuracy_structure"] == 0
    assert structure["accuracy_value"] == 1


def test_that_an_even_guess_over_all_tokens_has_a_perplexity_of_676(tmp_path):
    dataset = Dataset(made(tmp_path), LITTLE, seed=0)

    def even(batch):
        return torch.zeros(len(batch.rows), batch.rows.tokens.shape[1] - 1, len(VOCABULARY))

    figures = measured(even, Labeller(dataset.names, LITTLE), dataset.validation())
    assert figures["perplexity"] == pytest.approx(676)
    assert figures["loss"] == pytest.approx(np.log(676), rel=1e-6)


def test_that_failures_are_measured_on_held_out_specs_apart_from_good_designs(tmp_path):
    dataset = Dataset(made(tmp_path), LITTLE, seed=0)
    failed = np.concatenate([b.rows.tokens for b in dataset.validation_failures()])
    assert {VOCABULARY.names[t] for t in failed[:, LENGTH - 2]} == {"status_ripple"}
    vin = 4 + 2 * QUANTITIES.index("vin")
    trained = {float(x) for b in dataset.epoch(0) for x in b.rows.exact[:, vin]}
    assert not trained & {
        float(x) for b in dataset.validation_failures() for x in b.rows.exact[:, vin]
    }


def test_that_settings_change_fields_and_wrong_ones_are_refused():
    changed = with_settings(
        PRESETS["tiny"], ["epochs=4", "data.specs=7", "data.topologies=buck,sepic", "shuffle=0.5"]
    )
    assert (changed.epochs, changed.data.specs, changed.shuffle) == (4, 7, 0.5)
    assert changed.data.names() == ("buck", "sepic")
    for wrong in ("epoch=4", "epochs", "data=4", "epochs=many", "data.specs.more=1", "name.x=1"):
        with pytest.raises(InputError, match="--set"):
            with_settings(PRESETS["tiny"], [wrong])


def test_that_a_card_has_the_command_that_trains_with_the_same_config_again():
    chosen = with_settings(
        PRESETS["tiny"], ["epochs=4", "data.seed=3", "data.topologies=buck,sepic"]
    )
    line = command(chosen, 3)
    assert (
        line == "arcs train --config tiny --seed 3 --set data.topologies=buck,sepic --set epochs=4"
    )
    words = line.split()
    again = with_settings(
        PRESETS["tiny"], [f"data.seed={words[5]}", *(w for w in words[6:] if w != "--set")]
    )
    assert again == chosen


def test_that_the_tiny_config_is_of_all_topologies():
    assert PRESETS["tiny"].data.names() == tuple(REGISTRY)


def test_that_named_configs_exist_and_unknown_ones_are_refused():
    for name, config in PRESETS.items():
        assert preset(name) is config
        assert config.model in CONFIGS
    published = PRESETS["seed"]
    assert (published.batch, published.learning_rate, published.final_learning_rate) == (
        64,
        3e-4,
        3e-5,
    )
    assert (published.warmup_epochs, published.value_weight) == (5, 5)
    with pytest.raises(InputError, match="There is no training config"):
        preset("enormous")


def test_that_a_training_worker_is_stopped_resumed_and_done_on_the_real_physics(tmp_path):
    config = TrainingConfig(
        name="worker",
        model="tiny",
        data=DataConfig(
            specs=6, shard=2, effort=Effort(nearby=2, anywhere=1, rounds=1, moves=2, steps=0)
        ),
        epochs=30,  # long enough to be stopped on the way
        patience=30,
        assess=1,
    )
    run = RunStore(tmp_path).create("train", config, seed=0)
    worker = launch.start(run)
    until(lambda: run.status().fraction > 0 or worker.poll() is not None)
    stopped = worker.stop()
    assert stopped.state == "cancelled", stopped
    assert launch.start(run).wait().state == "done"
    assert load(run.folder / "model").card.physics_hash == physics_hash()
    made_by = msgspec.json.decode(
        (run.folder / "data" / "manifest.json").read_bytes(), type=making.Manifest
    )
    assert made_by.complete
