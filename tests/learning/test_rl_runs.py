import json

import msgspec
import pytest
import torch
from stand_in import until, untrained
from toy import Toy

from arcs_engine import cli
from arcs_engine.cli import follow
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, InputError, ModelError
from arcs_engine.learning import orders
from arcs_engine.learning.jobs import launch
from arcs_engine.learning.jobs.curves import record_of
from arcs_engine.learning.jobs.events import Artifact, Finished, Progress, Scalar, Warned
from arcs_engine.learning.jobs.runs import RunStore
from arcs_engine.learning.reinforcement.config import ReinforcementConfig
from arcs_engine.learning.reinforcement.job import reinforce
from arcs_engine.learning.reinforcement.recipes import preset
from arcs_engine.learning.settings import with_settings
from arcs_engine.model import store as models
from arcs_engine.model.config import TransformerConfig
from arcs_engine.model.guidance import UNGUIDED
from arcs_engine.model.model import load
from arcs_engine.performance.physics_hash import physics_hash

MINUTE = TransformerConfig(width=32, layers=1, heads=2, hidden=32)
FEW = (
    "steps=6",
    "specs=2",
    "samples=4",
    "checkpoint_steps=1",
    "evaluation.every=3",
    "evaluation.specs=2",
    "evaluation.drawn=2",
)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("arcs_engine.foundation.paths.runs", lambda: tmp_path / "runs")
    return RunStore()


@pytest.fixture
def arcs(capsys):
    def run(*arguments):
        code = cli.main([*arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def saved(folder, physics="older", tokens="slots"):
    made = untrained(MINUTE, topologies=("buck",), physics=physics)
    card = msgspec.structs.replace(made.card, tokens=tokens)
    models.write(folder, made.transformer, card)
    return folder


def config_of(start, *more):
    return with_settings(preset("rl"), [f"start={start}", *FEW, *more])


def learned(folder, config, judge=None):
    return list(reinforce(config, folder, 0, Control.silent(), judge or Toy()))


def test_that_a_model_of_another_judge_is_refused_until_it_is_asked_for_plainly(tmp_path):
    start = saved(tmp_path / "start")
    with pytest.raises(ModelError, match=r"trained for another judge .*--other-physics"):
        learned(tmp_path / "run", config_of(start))
    events = learned(tmp_path / "run", config_of(start, "accept_other_physics=true"))
    (warning,) = [event.text for event in events if isinstance(event, Warned)]
    assert "older" in warning
    assert physics_hash(("buck",)) in warning
    assert events[-1].outcome == "done"


def test_that_learning_leaves_a_model_that_proposes_without_guidance_and_says_what_it_is_worth(
    tmp_path, spec
):
    start = saved(tmp_path / "start", physics_hash(("buck",)))
    events = learned(tmp_path / "run", config_of(start, "steps=30", "optimiser.learning_rate=5e-3"))
    assert not [event for event in events if isinstance(event, Warned)]
    model = load(tmp_path / "run" / "model")
    assert model.guidance == UNGUIDED
    assert model.card.physics_hash == physics_hash(("buck",))
    assert model.card.data["start"] == models.name_of(start)
    curves = {event.name: event.value for event in events if isinstance(event, Scalar)}
    reported = {name: v for name, v in curves.items() if name.startswith("report_")}
    assert model.card.metrics == reported
    assert reported["report_cost"] < reported["report_start_cost"]
    assert {"reward", "buck.reward", "met", "best_cost", "kl", "forward_kl", "entropy"} < set(
        curves
    )
    assert {"silent", "weight_of_best", "gradient_norm", "seconds_judging"} < set(curves)
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert [event.path for event in events if isinstance(event, Artifact)] == ["model"]
    assert isinstance(events[-1], Finished)
    assert "other specs" in events[-1].text


def test_that_a_model_of_another_representation_is_refused(tmp_path):
    start = saved(tmp_path / "start", tokens="flat")
    with pytest.raises(ModelError, match="writes designs as 'flat'"):
        learned(tmp_path / "run", config_of(start))


def test_that_a_stopped_run_goes_on_to_the_same_model(tmp_path):
    start = saved(tmp_path / "start", physics_hash(("buck",)))
    config = config_of(start)
    learned(tmp_path / "whole", config)
    control = Control.silent()
    with pytest.raises(Cancelled):
        for event in reinforce(config, tmp_path / "stopped", 0, control, Toy()):
            if isinstance(event, Scalar) and (event.name, event.step) == ("reward", 2):
                control.stop.set()
    learned(tmp_path / "stopped", config)
    one, two = (
        (tmp_path / name / "model" / models.WEIGHTS).read_bytes() for name in ("whole", "stopped")
    )
    assert one == two


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A start, and the folder and events of a run from it with the true judge."""
    folder = tmp_path_factory.mktemp("undisturbed")
    start = saved(folder / "start", physics_hash(("buck",)))
    config = config_of(start, "evaluation.specs=1")
    events = list(reinforce(config, folder, 0, Control.silent()))
    return config, folder, {c.name: c.values for c in record_of(events).curves}


def curves_of(run):
    return {c.name: c.values for c in record_of(run.events()[0]).curves}


def test_that_a_killed_worker_s_run_goes_on_to_the_model_of_an_undisturbed_one(store, undisturbed):
    config, folder, curves = undisturbed
    run = store.create("rl", config, 0, name="killed")
    worker = launch.start(run)
    until((run.checkpoints / "last.safetensors").exists)
    assert worker.kill().state in {"failed", "done"}
    if run.status().state != "done":
        assert launch.start(run).wait().state == "done"
    one, two = ((where / "model" / models.WEIGHTS).read_bytes() for where in (folder, run.folder))
    assert one == two
    assert curves_of(run)["reward"] == curves["reward"]


def test_that_two_processes_learn_what_one_learns(store, undisturbed):
    config, _, curves = undisturbed
    run = store.create("rl", msgspec.structs.replace(config, processes=2), 0)
    status = launch.start(run).wait()
    assert status.state == "done", status.text
    for name in ("reward", "kl", "entropy"):
        assert curves_of(run)[name] == pytest.approx(curves[name], rel=1e-3, abs=1e-5)


# The command.


@pytest.fixture
def followed(monkeypatch):
    runs = []
    monkeypatch.setattr(follow, "follow_to_end", lambda run, as_json: runs.append(run))
    return runs


def test_that_the_command_makes_a_run_of_its_name_with_what_was_set(
    store, arcs, followed, tmp_path
):
    start = saved(tmp_path / "start")
    options = ("--config", "max_at_k", "--set", "steps=3", "--other-physics", "--seed", "4")
    assert arcs("rl", str(start), "-o", "mine", *options)[0] == 0
    (run,) = followed
    assert (run.name, run.info().kind, run.info().seed) == ("mine", "rl", 4)
    config = orders.read(run, ReinforcementConfig)
    assert (config.start, config.name, config.steps) == (str(start), "max_at_k", 3)
    assert config.accept_other_physics
    code, _, err = arcs("rl", str(start), "-o", "mine")
    assert code == 2
    assert "There is a run 'mine'" in err
    assert [json.loads(arcs("runs", "list", "--json")[1])["runs"][0]["info"]["kind"]] == ["rl"]


def test_that_the_shipped_model_is_known_by_its_name(store, arcs, followed):
    assert arcs("rl", "tiny")[0] == 0
    assert orders.read(followed[0], ReinforcementConfig).start.endswith("models/tiny")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name the model to start from"),
        (("nowhere",), "There is no model in nowhere"),
        (("tiny", "--config", "ppo"), "There is no recipe 'ppo'"),
        (("tiny", "--set", "lr=1"), "sets no field"),
        (("tiny", "-o", "a/b"), "cannot be the name of a run"),
    ],
)
def test_that_what_cannot_be_is_refused_before_a_run_is_made(store, arcs, arguments, said):
    code, out, err = arcs("rl", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert store.list() == []


def test_that_a_run_that_starts_from_elsewhere_is_resumed_when_it_is_trusted(
    store, arcs, followed, tmp_path
):
    run = store.create("rl", config_of("/else/where"), 0)
    code, _, err = arcs("rl", "--resume", run.name)
    assert code == 2
    assert "reads the model in /else/where" in err
    assert arcs("rl", "--resume", run.name, "--trust")[0] == 0
    assert [one.name for one in followed] == [run.name]
    inside = store.create("rl", config_of(run.folder / "model"), 0)
    assert orders.doubt(inside) == ""


def test_that_a_name_of_a_run_is_taken_once(store):
    store.create("rl", config_of("start"), 0, name="one")
    with pytest.raises(InputError, match="choose another name"):
        store.create("rl", config_of("start"), 0, name="one")


def test_that_threads_stay_what_they_were_asked_to_be(tmp_path):
    start = saved(tmp_path / "start", physics_hash(("buck",)))
    learned(tmp_path / "run", config_of(start, "steps=1"))
    assert torch.get_num_threads() == 1
