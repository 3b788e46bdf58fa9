"""Fuzzers: whatever lies in the files of runs and models, only ARCS's own errors come of it."""

import json
from types import SimpleNamespace

import msgspec
import pytest
import torch
from damage import changed_documents, damaged, damaged_bytes, frugal, is_safe, printed
from hypothesis import given
from hypothesis import strategies as st
from stand_in import SMALLEST, untrained

from arcs_engine.cli.commands import runs as commands
from arcs_engine.foundation.errors import FileError, InputError, ModelError
from arcs_engine.learning.datasets.config import DataConfig, DatagenConfig
from arcs_engine.learning.jobs import events
from arcs_engine.learning.jobs.curves import record_of
from arcs_engine.learning.jobs.events import Artifact, Progress, Scalar, Started, Warned
from arcs_engine.learning.jobs.runs import RunStore
from arcs_engine.learning.orders import doubt
from arcs_engine.learning.training import checkpoint
from arcs_engine.learning.training.checkpoint import Counters, Learner
from arcs_engine.learning.training.config import PRESETS
from arcs_engine.learning.training.trainer import LAST
from arcs_engine.model import store as models
from arcs_engine.model.transformer import Transformer

EVENTS = [
    Started("Train."),
    Progress(0.25, "A quarter."),
    *(Scalar("loss", step, 1 / step) for step in range(1, 9)),
    Warned("Mind this."),
    Artifact("model", "model"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A store with a run that each example damages, and one that stays whole."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("damaged") / "runs"
        patch.setattr("arcs_engine.foundation.paths.runs", lambda: root)
        store = RunStore()
        hurt = store.create("train", PRESETS["quick"], seed=1)
        hurt.append(b"".join(events.encode(event, at=1.0) for event in EVENTS))
        config = DatagenConfig(folder=str(root / "data"), data=DataConfig())
        whole = store.create("datagen", config, seed=2)
        yield SimpleNamespace(hurt=hurt, whole=whole)


def content(place, name):
    return json.loads((place.hurt.folder / name).read_bytes())


def shown(place):
    """Let every command that reads runs print the damaged one."""
    name = place.hurt.name
    with frugal():
        out, _ = printed(commands.list_runs)
        assert {line.split()[0] for line in out.splitlines()} >= {name, place.whole.name}
        listed = json.loads(printed(commands.list_runs, as_json=True)[0])["runs"]
        assert {run["name"] for run in listed} == {name, place.whole.name}
        said = [
            *printed(commands.show, name),
            *printed(commands.tail, name, follow=False),
            *printed(commands.export, name),
        ]
    assert all(is_safe(text) for text in (out, *said))


def put(place, name, damage):
    """Write a damaged file of the run; return what it held, to be put back."""
    file = place.hurt.folder / name
    before = file.read_bytes()
    file.write_bytes(damage)
    return before


RUN = {
    "format": 1,
    "name": "train-1",
    "kind": "train",
    "seed": 1,
    "created": "2026-01-01T00:00:00",
    "versions": {"arcs": "0.1.0"},
    "parents": ["train-0"],
}
STATUS = {"state": "failed", "fraction": 0.5, "text": "Out of memory."}


@given(damage=damaged(RUN))
def test_that_a_damaged_run_json_is_told_and_hides_no_run(place, damage):
    before = put(place, "run.json", damage)
    try:
        shown(place)
    finally:
        (place.hurt.folder / "run.json").write_bytes(before)


@given(damage=damaged(STATUS))
def test_that_a_damaged_status_json_is_told_and_hides_no_run(place, damage):
    before = put(place, "status.json", damage)
    try:
        shown(place)
    finally:
        (place.hurt.folder / "status.json").write_bytes(before)


LINES = [events.encode(event, at=1.0) for event in EVENTS]


@st.composite
def damaged_events(draw):
    lines = list(LINES)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] = draw(changed_documents(json.loads(LINES[at]))) + b"\n"
    whole = b"".join(lines)
    return draw(st.one_of(st.just(whole), damaged_bytes(whole), st.binary(max_size=60)))


@given(damage=damaged_events())
def test_that_what_is_whole_of_damaged_events_is_read(place, damage):
    before = put(place, "events.jsonl", damage)
    try:
        shown(place)
        read = place.hurt.read()
        record_of(record.content for record in read.records)
        readable = [line for line in LINES if line in damage.split(b"\n") and line in damage]
        assert len(read.records) >= len(readable)
    finally:
        (place.hurt.folder / "events.jsonl").write_bytes(before)


TRAINING = msgspec.to_builtins(PRESETS["quick"])
DATAGEN = msgspec.to_builtins(
    DatagenConfig(folder="data", data=PRESETS["quick"].data, expert="model", base="base")
)


@given(damage=damaged(TRAINING))
def test_that_a_damaged_training_config_is_refused_before_anything_is_done(place, damage):
    refused_or_read(place, damage)


@given(damage=damaged(DATAGEN))
def test_that_a_damaged_datagen_config_is_refused_before_anything_is_done(place, damage):
    info = place.hurt.info()
    other = msgspec.json.encode(msgspec.structs.replace(info, kind="datagen"))
    before = put(place, "run.json", other)
    try:
        refused_or_read(place, damage)
    finally:
        (place.hurt.folder / "run.json").write_bytes(before)


def refused_or_read(place, damage):
    before = put(place, "config.json", damage)
    try:
        with frugal():
            RunStore().list()
            try:
                doubt(place.hurt)
            except InputError as error:
                assert str(place.hurt.folder) in str(error)
    finally:
        (place.hurt.folder / "config.json").write_bytes(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The folder of a model."""
    folder = tmp_path_factory.mktemp("model")
    made = untrained()
    models.write(folder, made.transformer, made.card)
    return folder


CARD = msgspec.to_builtins(untrained().card)


def read_or_refused(model, name, damage):
    before = (model / name).read_bytes()
    (model / name).write_bytes(damage)
    try:
        with frugal():
            models.read(model)
    except ModelError as error:
        assert str(model) in str(error)
    finally:
        (model / name).write_bytes(before)


@given(damage=damaged(CARD))
def test_that_a_damaged_card_is_refused_in_a_sentence(model, damage):
    read_or_refused(model, models.CARD, damage)


@given(data=st.data())
def test_that_damaged_weights_are_refused_in_a_sentence(model, data):
    whole = (model / models.WEIGHTS).read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    damage = data.draw(damaged_bytes(whole, begin=header) | st.binary(max_size=40))
    read_or_refused(model, models.WEIGHTS, damage)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A checkpoint: its file and the transformer and optimiser that it was made of."""
    file = tmp_path_factory.mktemp("saved") / LAST
    transformer = Transformer(SMALLEST).initialise(0)
    optimizer = torch.optim.AdamW(transformer.parameters())
    tokens, exact = torch.zeros(1, 4, dtype=torch.int64), torch.ones(1, 4)
    transformer(tokens, exact).square().mean().backward()
    optimizer.step()
    learner = Learner(transformer, optimizer)
    checkpoint.write(file, learner, Counters(identity="mine", step=1, window=[2.0]))
    return SimpleNamespace(file=file, transformer=transformer, optimizer=optimizer)


@given(data=st.data())
def test_that_a_checkpoint_with_any_other_byte_that_matters_is_refused(saved, data):
    whole = saved.file.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    damage = data.draw(damaged_bytes(whole, begin=header) | st.binary(max_size=40))
    saved.file.write_bytes(damage)
    other = Transformer(SMALLEST)
    optimizer = torch.optim.AdamW(other.parameters())
    try:
        fresh = Counters(identity="mine")
        restored = checkpoint.read(saved.file, Learner(other, optimizer), fresh)
    except FileError as error:
        assert str(saved.file) in str(error)
    else:
        assert (restored.counters.step, restored.counters.window) == (1, [2.0])
        pairs = zip(saved.transformer.parameters(), other.parameters(), strict=True)
        assert all(torch.equal(one, two) for one, two in pairs)
        for one, two in zip(saved.transformer.parameters(), other.parameters(), strict=True):
            for moment in ("exp_avg", "exp_avg_sq"):
                held, found = saved.optimizer.state[one][moment], optimizer.state[two][moment]
                assert torch.equal(held, found)
    finally:
        saved.file.write_bytes(whole)
