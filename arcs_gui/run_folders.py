"""Runs in their folder, and the worker processes that were started from this window."""

from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from arcs_engine.foundation.plain import plain
from arcs_engine.learning.jobs import launch
from arcs_engine.learning.jobs import runs as engine_runs
from arcs_engine.learning.jobs.events import Scalar
from arcs_engine.learning.jobs.launch import WorkerProcess
from arcs_engine.learning.jobs.runs import RunStore
from arcs_gui.ports import LossPoint, RunSummary, TrainingSettings

if TYPE_CHECKING:
    from arcs_engine.learning.training.config import TrainingConfig

LOSS = "loss"
"""Name of the training loss among a run's scalars."""


class WorkerRuns:
    """The window's `Runs`."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._workers: dict[str, WorkerProcess] = {}
        self._read: dict[str, tuple[int, dict[int, float]]] = {}
        self._changing = Lock()

    def configs(self) -> tuple[str, ...]:
        """Return the names of the training configs."""
        from arcs_engine.learning.training.config import PRESETS  # noqa: PLC0415

        return tuple(PRESETS)

    def start_training(self, settings: TrainingSettings) -> str:
        """Start a training worker; return the run's name."""
        run = self._store.create("train", _config(settings), settings.seed)
        with self._changing:
            self._workers[run.name] = launch.start(run)
        return run.name

    def resume(self, name: str) -> None:
        """Start a worker at a run that was stopped or failed, from its last checkpoint."""
        with self._changing:
            before = self._workers.pop(name, None)
            if before is not None:
                before.wait()  # it has told its end and is about to be gone
            self._workers[name] = launch.start(self._store.open(name))

    def stop(self, name: str) -> None:
        """Ask a run's worker to stop; `summaries` sees to it that those of this window do."""
        with self._changing:
            if name in self._workers:
                self._workers[name].ask_to_stop()
                return
        self._store.open(name).ask_to_stop()

    def summaries(self) -> tuple[RunSummary, ...]:
        """Return all runs, newest first; one that is damaged says so, and hides no other."""
        self._look_after_workers()
        return tuple(_summary(run) for run in reversed(self._store.list()))

    def losses(self, name: str) -> tuple[LossPoint, ...]:
        """Return a run's training loss so far; only what is new is read."""
        if not self._store.has(name):  # one that is listed as damaged, or was deleted just now
            return ()
        offset, points = self._read.get(name, (0, {}))
        events, offset = self._store.open(name).events(offset)
        points |= {e.step: e.value for e in events if isinstance(e, Scalar) and e.name == LOSS}
        self._read[name] = (offset, points)
        return tuple(LossPoint(step, points[step]) for step in sorted(points))

    def close(self) -> None:
        """Stop every worker that was started here: ask all, then wait for each."""
        with self._changing:
            for worker in self._workers.values():
                worker.ask_to_stop()
            for worker in self._workers.values():
                worker.stop()
            self._workers.clear()

    def _look_after_workers(self) -> None:
        with self._changing:
            ended = [name for name, w in self._workers.items() if w.poll() is not None]
            for name in ended:
                del self._workers[name]


def _config(settings: TrainingSettings) -> "TrainingConfig":
    from arcs_engine.learning.training.config import preset  # noqa: PLC0415

    config = preset(settings.config)
    data = msgspec.structs.replace(config.data, seed=settings.seed)
    epochs = config.epochs if settings.epochs is None else settings.epochs
    return msgspec.structs.replace(config, data=data, epochs=epochs)


def _summary(run: engine_runs.RunSummary) -> RunSummary:
    kind = run.info.kind if run.info else ""
    name, kind, text = (plain(text) for text in (run.name, kind, run.status.text))
    return RunSummary(name, kind, run.status.state, run.status.fraction, text)
