"""Training in real processes: killed without a word, and shared between two by torchrun."""

import subprocess
import sys
from itertools import chain

import msgspec
import pytest
import torch
from safetensors.torch import load_file
from stand_in import StandIn, until

from arcs_engine.foundation.control import Control
from arcs_engine.learning.datasets import making
from arcs_engine.learning.datasets.config import DataConfig, Effort
from arcs_engine.learning.jobs import launch
from arcs_engine.learning.jobs.events import Scalar
from arcs_engine.learning.jobs.runs import RunStore
from arcs_engine.learning.training.checkpoint import Counters
from arcs_engine.learning.training.config import TrainingConfig
from arcs_engine.learning.training.ranks import Ranks
from arcs_engine.learning.training.supervised import train
from arcs_engine.learning.training.trainer import LAST
from arcs_engine.performance.physics_hash import physics_hash

DATA = DataConfig(
    topologies=("buck", "sepic"), specs=20, shard=10, effort=Effort(rounds=1, steps=0)
)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    known = physics_hash(DATA.names())
    wanted = making.Wanted(folder, DATA, known)
    list(making.make(wanted, Control.silent(), work=making.Searching(DATA, StandIn)))
    return TrainingConfig(
        name="processes",
        model="tiny",
        data=DATA,
        data_folder=str(folder),
        epochs=3,
        batch=8,
        report_steps=1,
        checkpoint_steps=4,
        assess=0,
    )


@pytest.fixture(scope="module")
def whole(config, tmp_path_factory):
    """The folder and the curves of the uninterrupted run in one process."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, curves(train(config, folder, 0, Control.silent()))


def curves(events):
    return {(e.name, e.step): e.value for e in events if isinstance(e, Scalar)}


def test_that_a_worker_killed_at_any_moment_loses_one_checkpoint_interval_at_most(
    config, whole, tmp_path
):
    run = RunStore(tmp_path).create("train", config, seed=0)
    worker = launch.start(run)
    until(lambda: len(curves(run.events(0)[0])) > 17 or worker.poll() is not None)
    assert worker.kill().state == "failed"
    before = curves(run.events(0)[0])
    reached = max(step for _, step in before)
    stopped_at = load_counters(run.checkpoints / LAST).step
    assert stopped_at >= reached - config.checkpoint_steps
    assert launch.start(run).wait().state == "done"
    folder, expected = whole
    assert curves(run.events(0)[0]) == expected
    one, other = (load_file(f / "checkpoints" / LAST) for f in (folder, run.folder))
    assert all(torch.equal(one[name], other[name]) for name in one)


def load_counters(file):
    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = msgspec.json.decode(content[8 : 8 + length])
    return msgspec.json.decode(header["__metadata__"]["counters"], type=Counters)


def test_that_torchrun_with_two_processes_agrees_with_one(config, whole, tmp_path):
    run = RunStore(tmp_path).create("train", config, seed=0)
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
        *("-m", "arcs_engine.learning.worker", str(run.folder)),
    ]
    said = tmp_path / "said.txt"
    with (
        said.open("wb") as file,
        # An open stdin: its end would ask the workers to stop.
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file, stderr=file) as started,
    ):
        assert started.wait() == 0, said.read_text()
    _, expected = whole
    found = curves(run.events(0)[0])
    assert found.keys() == expected.keys()
    steps = [key for key in expected if key[0] == "loss"]
    assert len(steps) >= 50
    assert max(abs(found[key] - expected[key]) for key in steps) < 1e-4
    assert any(found[key] != expected[key] for key in steps), "the batch was not shared"
    assert run.status().state == "done"


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_that_the_shares_of_a_batch_are_the_whole_batch(count):
    for rows in (0, 1, 5, 64):
        taken = [list(range(rows))[Ranks(rank, count).share(rows)] for rank in range(count)]
        assert list(chain.from_iterable(taken)) == list(range(rows))
        assert max(map(len, taken)) - min(map(len, taken)) <= 1
