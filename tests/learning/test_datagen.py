"""Data sets are a pure function of what was asked, whoever made them and whatever came between."""

import errno
import os
import signal
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Event

import msgspec
import numpy as np
import pytest
from stand_in import StandIn, until, untrained

from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, FileError, JobError
from arcs_engine.learning.datasets import audit, chunks, expert, legacy, lines, making, pool
from arcs_engine.learning.datasets.config import DataConfig, DatagenConfig, Effort
from arcs_engine.learning.datasets.job import generate, spice_manifest
from arcs_engine.learning.datasets.shards import NO_TARGET, REACHED, Shard, specs_of
from arcs_engine.learning.jobs import launch
from arcs_engine.learning.jobs.events import Artifact, Finished
from arcs_engine.learning.jobs.runs import RunStore
from arcs_engine.learning.training import supervised
from arcs_engine.learning.training.config import TrainingConfig
from arcs_engine.model import store
from arcs_engine.model.tokens.vocabulary import STATUS_LABELS
from arcs_engine.performance.cost import FAILED_COST
from arcs_engine.performance.design import Designs
from arcs_engine.performance.verdict import STATUSES, judge
from arcs_engine.sizing.search.trials import Trials

EFFORT = Effort.of(30)
LITTLE = DataConfig(topologies=("buck", "flyback"), specs=12, shard=4, effort=EFFORT)


@dataclass(frozen=True)
class Dying:
    """Work whose process is killed once, in the middle of it."""

    work: making.Searching
    marker: Path

    def __call__(self, task, control):
        if task == ("flyback", 1) and not self.marker.exists():
            self.marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.work(task, control)


def made(folder, config=LITTLE, expert="", work=None, **options):
    wanted = making.Wanted(folder, config, "physics", expert)
    work = work or making.Searching(config, StandIn)
    list(making.make(wanted, Control.silent(), work=work, **options))
    return contents(folder)


def contents(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the content of the set that one process makes without interruption."""
    return made(tmp_path_factory.mktemp("whole"))


def dying(marker):
    return Dying(making.Searching(LITTLE, StandIn), marker)


def test_that_a_set_has_the_same_bytes_when_two_processes_make_it_and_one_dies(tmp_path, whole):
    marker = tmp_path / "died"
    again = made(tmp_path / "set", work=dying(marker), spread=pool.local(2))
    assert marker.exists()
    assert again == whole


@pytest.mark.skipif(find_spec("distributed") is None, reason="the extra cluster is not installed")
def test_that_a_dask_cluster_loses_nothing_when_a_worker_is_killed(tmp_path, whole):
    from distributed import LocalCluster  # noqa: PLC0415 - an extra

    marker = tmp_path / "died"
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=str(tmp_path),
    ) as cluster:
        spread = pool.dask(cluster.scheduler_address)
        again = made(tmp_path / "set", work=dying(marker), spread=spread)
    assert marker.exists()
    assert again == whole


def test_that_a_scheduler_that_does_not_answer_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(pool, "CONNECT_SECONDS", 0.2)
    with pytest.raises(JobError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        made(tmp_path, spread=pool.dask("tcp://127.0.0.1:9"))


@dataclass(frozen=True)
class AlwaysDying:
    """Work that ends its process each time."""

    def __call__(self, task, control):
        os._exit(1)


def test_that_processes_that_keep_dying_end_the_run_with_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "RETRIES", 1)
    with pytest.raises(JobError, match="fewer --workers"):
        made(tmp_path, work=AlwaysDying(), spread=pool.local(1))


def test_that_a_stop_is_heard_and_what_was_made_is_kept(tmp_path, whole):
    stop = Event()
    control = Control(lambda _fraction, _text: None, stop)
    wanted = making.Wanted(tmp_path, LITTLE, "physics")
    work = making.Searching(LITTLE, StandIn)
    progress = making.make(wanted, control, work=work, spread=pool.local(1))
    next(progress)
    stop.set()
    with pytest.raises(Cancelled):
        list(progress)
    kept = contents(tmp_path)
    assert not making.manifest(tmp_path).complete
    assert kept.pop(making.MANIFEST)
    assert kept.items() <= whole.items()
    assert 0 < len(kept) < len(whole) - 1
    assert made(tmp_path) == whole


@pytest.mark.parametrize("left", [0, 100, -7], ids=["empty", "begun", "truncated"])
def test_that_a_damaged_shard_is_found_and_made_anew(tmp_path, whole, left):
    made(tmp_path)
    file = tmp_path / "buck-0001.npz"
    file.write_bytes(file.read_bytes()[:left])
    assert made(tmp_path) == whole


def test_that_a_set_is_not_finished_by_another_version_of_the_search(tmp_path):
    made(tmp_path)
    begun = msgspec.json.decode((tmp_path / making.MANIFEST).read_bytes())
    del begun["search"]  # as in sets that were made before there was another
    (tmp_path / making.MANIFEST).write_bytes(msgspec.json.encode(begun))
    shards = {name: content for name, content in contents(tmp_path).items() if "npz" in name}
    made(tmp_path)  # a whole one is good as it is
    assert shards.items() <= contents(tmp_path).items()
    (tmp_path / "buck-0001.npz").unlink()
    with pytest.raises(FileError, match=r"lacks buck-0001\.npz .* other versions of ARCS search"):
        made(tmp_path)


def test_that_a_full_disk_gives_one_clear_sentence(tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(chunks, "replace_whole", full)
    with pytest.raises(FileError, match=r"The disk that holds .* is full; what was made so far"):
        made(tmp_path)


@pytest.mark.parametrize("per_spec", [30, 40, 100])
def test_that_an_effort_judges_about_as_many_designs_as_asked(tmp_path, per_spec):
    config = DataConfig(topologies=("sepic",), specs=20, shard=20, effort=Effort.of(per_spec))
    made(tmp_path, config)
    counts = np.bincount(making.read(config, tmp_path)["sepic"].owner)
    assert 0.8 * per_spec <= counts.mean() <= 1.1 * per_spec
    assert counts.max() <= config.effort.evaluations(len(registered("sepic").design_values))


def test_that_with_enough_effort_no_neighbour_of_a_best_design_is_better(tmp_path):
    effort = Effort(nearby=2, anywhere=1, rounds=0, steps=60)
    config = DataConfig(topologies=("sepic",), specs=6, shard=6, effort=effort)
    made(tmp_path, config)
    shard = making.read(config, tmp_path)["sepic"]
    problems = StandIn.of(registered("sepic"), specs_of(shard, "sepic"))
    best = shard.rank == 0
    values = {n: shard.values[best, slot] for slot, n in enumerate(problems.lattice.names)}
    trials = Trials(shard.owner[best], problems.lattice.nearest(values))
    around = problems.neighbours(trials)
    cost = problems.judge(around.flat()).cost.reshape(around.owner.shape)
    assert (cost.min(axis=1) >= shard.achieved("cost")[best]).all()


def test_that_every_distinct_design_is_kept_once_with_the_label_of_the_judge(tmp_path):
    config = DataConfig(specs=6, shard=6, effort=EFFORT)
    list(making.make(making.Wanted(tmp_path, config, "physics"), Control.silent()))
    shards = making.read(config, tmp_path)
    assert tuple(shards) == tuple(REGISTRY)
    for name, shard in shards.items():
        table = np.column_stack((shard.owner, shard.values))
        assert len(np.unique(table, axis=0)) == len(table)
        topology = registered(name)
        specs = SpecBatch.of(specs_of(shard, name)).take(shard.owner)
        values = {v.name: shard.values[:, i] for i, v in enumerate(topology.design_values)}
        verdicts = judge(Designs.of(topology, values, specs))
        said = [STATUSES[status] for status in verdicts.status]
        assert [STATUS_LABELS[s] for s in shard.status] == [making.LIKE.get(s, s) for s in said]
        for column, figure in (
            ("cost", verdicts.cost),
            ("ripple", verdicts.assessment.nominal.ripple),
            ("efficiency", verdicts.assessment.efficiency_estimated),
        ):
            np.testing.assert_allclose(shard.achieved(column), figure, rtol=1e-9)
        best = shard.rank == 0
        cost = shard.achieved("cost")
        for owner in shard.owner[best]:
            mine = (shard.owner == owner) & (shard.status == 0)
            assert cost[best & mine] == cost[mine].min()


def test_that_an_export_holds_every_design_exactly(tmp_path):
    made(tmp_path / "set")
    shards = making.read(LITTLE, tmp_path / "set")
    count = lines.export(tmp_path / "set", tmp_path / "set.jsonl")
    read = [
        msgspec.json.decode(line, type=lines.Line)
        for line in (tmp_path / "set.jsonl").read_bytes().splitlines()
    ]
    assert len(read) == count == sum(len(shard.owner) for shard in shards.values())
    for name, shard in shards.items():
        mine = [line for line in read if line.spec.topology == name]
        specs = specs_of(shard, name)
        assert [line.spec for line in mine] == [specs[owner] for owner in shard.owner]
        assert np.array_equal([list(line.values.values()) for line in mine], shard.values)
        assert [STATUS_LABELS.index(line.status) for line in mine] == shard.status.tolist()
        rank = [NO_TARGET if line.rank is None else line.rank for line in mine]
        assert rank == shard.rank.tolist()
        for figure in REACHED:
            assert [getattr(line, figure) for line in mine] == shard.achieved(figure).tolist()


def test_that_an_expert_adds_designs_and_no_spec_gets_worse(tmp_path):
    made(tmp_path / "base")
    model = untrained()
    store.write(tmp_path / "model", model.transformer, model.card)
    name = store.name_of(tmp_path / "model")
    work = expert.Improving(LITTLE, str(tmp_path / "base"), str(tmp_path / "model"), 3, 6, StandIn)
    one = made(tmp_path / "one", work=work, expert=name)
    assert made(tmp_path / "two", work=work, spread=pool.local(2), expert=name) == one
    assert making.manifest(tmp_path / "one").expert == name
    base, improved = (making.read(LITTLE, tmp_path / folder) for folder in ("base", "one"))
    for topology, before in base.items():
        after = improved[topology]
        rows = {(o, *v) for o, v in zip(after.owner, map(tuple, after.values), strict=True)}
        assert len(rows) == len(after.owner)
        assert {
            (o, *v) for o, v in zip(before.owner, map(tuple, before.values), strict=True)
        } < rows
        assert (best_cost(after) <= best_cost(before)).all()
        assert best_cost(after).mean() < best_cost(before).mean()
        assert np.array_equal(after.asked, before.asked)
        counted = making.manifest(tmp_path / "one").counts[topology]
        assert counted.cost == pytest.approx(best_cost(after).mean())
    with pytest.raises(FileError, match="another config or physics"):
        made(tmp_path / "one")


def test_that_a_model_is_trained_on_an_experts_set_which_only_the_expert_mends(
    tmp_path, monkeypatch
):
    made(tmp_path / "set", expert="tiny:1234")
    monkeypatch.setattr(supervised, "physics_hash", lambda names: "physics")
    config = TrainingConfig(
        name="tried",
        model="tiny",
        data=LITTLE,
        data_folder=str(tmp_path / "set"),
        epochs=1,
        assess=0,
    )
    events = list(supervised.train(config, tmp_path / "run", 0, Control.silent(), StandIn))
    assert any(isinstance(event, Artifact) for event in events)
    (tmp_path / "set" / "flyback-0001.npz").unlink()
    with pytest.raises(FileError, match=r"flyback-0001\.npz.*--expert"):
        list(supervised.train(config, tmp_path / "next", 0, Control.silent(), StandIn))


def best_cost(shard: Shard):
    cost = np.full(len(shard.asked), FAILED_COST)
    best = shard.rank == 0
    cost[shard.owner[best]] = shard.achieved("cost")[best]
    return cost


def test_that_a_base_of_other_physics_is_refused(tmp_path):
    made(tmp_path / "base")
    config = DatagenConfig(
        folder=str(tmp_path / "new"),
        data=LITTLE,
        workers=1,
        expert="model",
        base=str(tmp_path / "base"),
    )
    with pytest.raises(JobError, match="judged by other physics"):
        list(generate(config, Control.silent(), StandIn))


def test_that_ngspice_audits_designs_and_simulates_others(tmp_path):
    config = DataConfig(topologies=("buck",), specs=4, shard=4, effort=EFFORT)
    run = DatagenConfig(folder=str(tmp_path / "set"), data=config, workers=1, audit=3)
    assert isinstance(list(generate(run, Control.silent()))[-1], Finished)
    audited = making.manifest(tmp_path / "set").audit["buck"]
    assert (audited.asked, audited.confirmed) == (3, 3)
    (file,) = audit.Auditing(config, str(tmp_path / "set"), 3).chunks().files.values()
    for opinion in audit.opinions(file):
        assert opinion.vout_error < 0.01
        assert abs(opinion.efficiency - opinion.solved_efficiency) < 0.01
    spice = DatagenConfig(
        folder=str(tmp_path / "spice"),
        data=msgspec.structs.replace(config, specs=3),
        engine="ngspice",
        workers=1,
    )
    for _ in range(2):  # the second time nothing is left to do
        list(generate(spice, Control.silent()))
    found = spice_manifest(tmp_path / "spice").yields["total"]
    designs = legacy.designs(tmp_path / "spice" / "buck-0000.json")
    assert found.designs == len(designs) == 3
    valid = [
        0 < d.efficiency <= 1 and abs(d.vout - d.spec.vout) <= 0.5 * d.spec.vout and d.ripple <= 0.5
        for d in designs
        if d.efficiency is not None
    ]
    assert found.valid == sum(valid)
    assert found.valid + sum(found.failures.values()) == 3


def test_that_a_killed_run_goes_on_to_the_same_bytes(tmp_path):
    config = DataConfig(topologies=("buck",), specs=80, shard=4, effort=EFFORT)
    store_of_runs = RunStore(tmp_path / "runs")

    def run_into(name):
        asked = DatagenConfig(folder=str(tmp_path / name), data=config, workers=1)
        return store_of_runs.create("datagen", asked, seed=0)

    run = run_into("killed")
    worker = launch.start(run)
    until(lambda: len(list((tmp_path / "killed").glob("*.npz"))) >= 1)
    assert worker.kill().state == "failed"
    assert len(list((tmp_path / "killed").glob("*.npz"))) < 20
    assert launch.start(run).wait().state == "done"
    control = Control.silent()
    config_of_run = msgspec.json.decode(run.config(), type=DatagenConfig)
    whole = msgspec.structs.replace(config_of_run, folder=str(tmp_path / "whole"))
    list(generate(whole, control))
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
