"""A run on a machine on which the solver is not compiled yet."""

import pytest

from arcs_engine.foundation.control import Control
from arcs_engine.learning import worker
from arcs_engine.learning.datasets import job
from arcs_engine.learning.datasets.config import DatagenConfig
from arcs_engine.learning.jobs.events import Finished, Progress
from arcs_engine.learning.jobs.runs import RunStore
from arcs_engine.learning.training import supervised
from arcs_engine.learning.training.config import DataConfig, preset
from arcs_engine.performance import warm


@pytest.mark.parametrize("kind", ["train", "datagen"])
def test_that_a_run_compiles_the_solver_first_and_says_how_far_that_is(tmp_path, monkeypatch, kind):
    """All the processes that it starts would do so at once, in silence."""
    end = Finished("done", "It is done.")
    monkeypatch.setattr(warm, "compiling", lambda _: iter([(0.5, "33 of 65 parts compiled")]))
    monkeypatch.setattr(supervised, "train", lambda *_: iter([end]))
    monkeypatch.setattr(job, "generate", lambda *_: iter([end]))
    configs = {
        "train": preset("quick"),
        "datagen": DatagenConfig(folder=str(tmp_path), data=DataConfig()),
    }
    run = RunStore(tmp_path).create(kind, configs[kind], 0)
    events = list(worker.JOBS[kind](run, Control.silent()))
    assert events == [Progress(0.0, "33 of 65 parts compiled."), end]
