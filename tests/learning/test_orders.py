"""Configs from elsewhere: every field has its range, and what reaches far is asked about."""

import io
import json
import sys

import msgspec
import pytest

from arcs_engine import cli
from arcs_engine.cli import follow
from arcs_engine.foundation.bounds import LARGEST_SEED
from arcs_engine.foundation.errors import InputError
from arcs_engine.learning import orders
from arcs_engine.learning.datasets.config import DataConfig, DatagenConfig, Effort
from arcs_engine.learning.jobs.runs import RunStatus, RunStore
from arcs_engine.learning.settings import with_settings
from arcs_engine.learning.training.config import PRESETS, TrainingConfig

QUICK = PRESETS["quick"]


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("arcs_engine.foundation.paths.runs", lambda: tmp_path / "runs")
    return RunStore()


@pytest.fixture
def resumed(monkeypatch):
    """The names of the runs that a command would go on with."""
    names = []
    monkeypatch.setattr(follow, "follow_to_end", lambda run, as_json: names.append(run.name))
    return names


@pytest.fixture
def arcs(capsys):
    def run(*arguments):
        code = cli.main([*arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


WRONG = [
    "epochs=0",
    "epochs=1000000000",
    "batch=0",
    "batch=-1",
    "batch=1e26",
    "processes=0",
    "threads=0",
    "threads=100000",
    "learning_rate=0",
    "learning_rate=nan",
    "learning_rate=inf",
    "learning_rate=-1",
    "final_learning_rate=-1e-9",
    "warmup_epochs=-1",
    "weight_decay=-0.1",
    "clip=0",
    "value_weight=-1",
    "prompt_weight=nan",
    "label_bins=-1",
    "shuffle=1.5",
    "wishes=-0.5",
    "hindsight=-1",
    "failures=1e9",
    "validation=1",
    "patience=0",
    "report_steps=0",
    "checkpoint_steps=0",
    "assess=-1",
    "data.specs=0",
    "data.specs=1000000000000",
    "data.shard=0",
    "data.keep=0",
    "data.seed=-1",
    "data.seed=100000000000000000000000000",
    "data.topologies=buck,charge_pump",
    "data.topologies=buck,buck",
    "data.topologies=buck_synchronous",
    "data.effort.nearby=-1",
    "data.effort.rounds=1000000",
    "data.effort.steps=-1",
    "name=",
    "name=a\x1b[31m",
    "tokens=morse",
    "start=",
    "data_folder=",
]


@pytest.mark.parametrize("setting", WRONG)
def test_that_a_wrong_field_of_a_training_config_is_refused_before_a_run_is_made(
    store, arcs, setting
):
    code, out, err = arcs("train", "--set", setting)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    name = setting.partition("=")[0].split(".")[-1]
    assert name in err or name in {"tokens", "data_folder"}
    assert store.list() == []


def test_that_a_model_of_no_known_size_is_refused_before_a_run_is_made(store, arcs):
    code, _, err = arcs("train", "--set", "model=enormous")
    assert code == 2
    assert "There is no model size 'enormous'; choose tiny, small" in err
    assert store.list() == []


@pytest.mark.parametrize("command", ["train", "datagen", "evaluate", "design"])
def test_that_a_seed_that_no_generator_takes_is_refused(store, arcs, command):
    code, _, err = arcs(command, "--seed", "1" + "0" * 26)
    assert code == 2
    assert "--seed" in err
    assert store.list() == []


@pytest.mark.parametrize(
    "options",
    [
        ("--workers", "100000"),
        ("--samples", "100000"),
        ("--rounds", "100000"),
        ("--audit", "100000000"),
        ("--specs", "1000000000000"),
        ("--per-spec", "100000000"),
        ("--topology", "charge_pump"),
        ("--scheduler", "a\x1b[31m"),
    ],
)
def test_that_a_wrong_field_of_a_datagen_config_is_refused_before_a_run_is_made(
    store, arcs, tmp_path, options
):
    code, out, err = arcs("datagen", "-o", str(tmp_path / "data"), *options)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert store.list() == []


@pytest.mark.parametrize(
    "options",
    [
        ("--best-of", "1,1000000000"),
        ("--best-of", "0"),
        ("--evaluations", "0"),
        ("--evaluations", "1000000000000"),
        ("--count", "1000000000000"),
        ("--confirm", "1000000000000"),
        ("--structure", "1000000000000"),
        ("--auto", "1000000000000"),
        ("--guidance", "1e9,0"),
        ("--guidance", "nan,0"),
    ],
)
def test_that_a_wrong_option_of_an_evaluation_is_refused(arcs, options):
    code, out, err = arcs("evaluate", *options)
    assert (code, out) == (2, "")
    assert options[0] in err


@pytest.mark.parametrize(
    "changes",
    [
        {"workers": 0},
        {"audit": -1},
        {"samples": 0},
        {"rounds": -1},
        {"folder": ""},
        {"folder": "a\0b"},
        {"base": "x" * 5000},
        {"expert": "model"},
    ],
)
def test_that_a_datagen_config_in_a_file_is_checked_like_one_that_is_typed(store, changes):
    run = store.create("datagen", DatagenConfig(folder="data", data=DataConfig()), seed=0)
    config = json.loads(run.config()) | changes
    (run.folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=str(run.folder / "config.json")):
        orders.read(run, DatagenConfig)


@pytest.mark.parametrize("config", PRESETS.values(), ids=PRESETS)
def test_that_named_configs_and_the_largest_seed_are_allowed(config):
    again = msgspec.json.decode(msgspec.json.encode(config), type=TrainingConfig)
    assert again == config
    assert with_settings(config, [f"data.seed={LARGEST_SEED}"]).data.seed == LARGEST_SEED


def test_that_an_effort_for_as_many_designs_as_datagen_offers_is_allowed():
    for per_spec in (20, 40, 400, 40_000):
        assert Effort.of(per_spec)


def test_that_a_config_in_a_file_ends_with_code_2_when_its_run_is_resumed(store, arcs):
    run = store.create("train", QUICK, seed=0)
    run.set_status(RunStatus(state="cancelled"))
    config = json.loads(run.config()) | {"batch": 0}
    (run.folder / "config.json").write_text(json.dumps(config))
    for command in (("runs", "resume"), ("train", "--resume"), ("datagen", "--resume")):
        code, out, err = arcs(*command, run.name)
        assert (code, out) == (2, "")
        assert "config.json: training config: batch is 0; it must lie between 1 and" in err
        assert len(err.splitlines()) == 1
    assert run.status().state == "cancelled"


def training(**changes):
    return msgspec.structs.replace(QUICK, **changes)


def datagen(root, **changes):
    config = DatagenConfig(folder=str(root / "set"), data=DataConfig())
    return msgspec.structs.replace(config, **changes)


@pytest.mark.parametrize(
    ("kind", "config", "what"),
    [
        ("train", training(data_folder="/etc/data"), "makes or reads the data in /etc/data"),
        ("train", training(start="model"), "reads the model in model"),
        ("train", training(start="../model"), "reads the model in ../model"),
        ("datagen", {"folder": "/etc/data"}, "writes to /etc/data"),
        (
            "datagen",
            {"base": "/b", "expert": "/e"},
            "reads the data in /b and reads the model in /e",
        ),
        ("datagen", {"scheduler": "tcp://10.0.0.1:8786"}, "the scheduler tcp://10.0.0.1:8786"),
    ],
)
def test_that_a_run_that_reaches_beyond_its_store_is_resumed_when_it_is_trusted(
    store, arcs, resumed, kind, config, what
):
    if isinstance(config, dict):
        config = datagen(store.root, **config)
    run = store.create(kind, config, seed=0)
    for command in (("runs", "resume"), ("train", "--resume"), ("datagen", "--resume")):
        code, out, err = arcs(*command, run.name)
        assert (code, out) == (2, "")
        assert f"The run {run.name} reaches beyond the folder of runs: it " in err
        assert what in err
        assert err.endswith(f"If you trust it: arcs runs resume {run.name} --trust.\n")
        assert len(err.splitlines()) == 1
        assert resumed == []
        assert arcs(*command, run.name, "--trust")[0] == 0
        assert resumed.pop() == run.name


def test_that_a_link_in_the_folder_of_a_run_counts_as_reaching_beyond(store, tmp_path):
    run = store.create("train", QUICK, seed=0)
    assert orders.doubt(run) == ""
    run.log_file.symlink_to(tmp_path / "elsewhere.txt")
    assert f"follows the link {run.log_file}" in orders.doubt(run)
    run.log_file.unlink()
    run.log_file.symlink_to(run.log_file)
    assert f"follows the link {run.log_file}" in orders.doubt(run)


def test_that_a_run_that_stays_in_its_store_is_resumed_without_a_question(store, arcs, resumed):
    other = store.create("train", QUICK, seed=0)
    made = [
        store.create("train", training(start=str(other.folder / "model")), seed=0),
        store.create("datagen", datagen(store.root), seed=0),
        other,
    ]
    for run in made:
        assert arcs("runs", "resume", run.name)[0] == 0
    assert resumed == [run.name for run in made]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 130), ("\n", 130)])
def test_that_somebody_at_a_terminal_is_asked(store, resumed, monkeypatch, answer, code):
    run = store.create("train", training(start="/else\x1b[31mwhere"), seed=0)
    said = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", said)
    assert cli.main(["runs", "resume", run.name]) == code
    assert r"reads the model in /else\x1b[31mwhere. Go on? [y/N]" in said.getvalue()
    assert resumed == [run.name] * (code == 0)
