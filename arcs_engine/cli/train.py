"""``arcs train``: train a model in the foreground, in a worker process that outlives mishaps."""

import time
from typing import Annotated

import msgspec
import typer

from arcs_engine.cli import options
from arcs_engine.cli.output import ProgressLine, emit, say, warn
from arcs_engine.errors import Cancelled, JobError
from arcs_engine.jobs import launch
from arcs_engine.jobs.events import Artifact, Event, Progress, Scalar, Started, Warned
from arcs_engine.jobs.runs import Run, RunStatus, RunStore
from arcs_engine.training.config import TrainingConfig, preset

_LOOK_EVERY = 0.1
"""Seconds between looks at the run's events."""


class TrainingResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a training run ended.

    Attributes:
        run: its name, for ``--resume``.
        folder: where everything about it lies.
        text: one sentence.
        scalars: last value of each curve.
        artifacts: paths of what was made, relative to the folder, by name.
    """

    run: str
    folder: str
    text: str
    scalars: dict[str, float]
    artifacts: dict[str, str]


def train(
    config: Annotated[
        str, typer.Option(help="Named config: quick, tiny, small or seed (the published recipe).")
    ] = "quick",
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data.")] = None,
    specs: Annotated[int | None, typer.Option(min=1, help="Specs for each topology.")] = None,
    resume: Annotated[str | None, typer.Option(help="Go on with the run of this name.")] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Make data with the solver and train a model on it; Ctrl-C stops, --resume goes on."""
    chosen = _adjusted(preset(config), epochs, specs, seed)
    store = RunStore()
    run = store.open(resume) if resume else store.create("train", chosen, seed)
    warn(f"run {run.name} in {run.folder}")
    follower = _Follower(run, since=0 if not resume else _end_of_events(run))
    status = follower.follow()
    if status.state == "failed":
        raise JobError(f"{status.text} The run is {run.name}; its log is {run.log_file}.")
    if status.state == "cancelled":
        warn(f"to go on: arcs train --resume {run.name}")
        raise Cancelled
    if not as_json:
        say(f"{status.text} The run is {run.folder}.")
        return
    result = TrainingResult(
        run=run.name,
        folder=str(run.folder),
        text=status.text,
        scalars=follower.scalars,
        artifacts=follower.artifacts,
    )
    emit(result)


def _adjusted(
    config: TrainingConfig, epochs: int | None, specs: int | None, seed: int
) -> TrainingConfig:
    data = msgspec.structs.replace(
        config.data, seed=seed, specs=config.data.specs if specs is None else specs
    )
    return msgspec.structs.replace(
        config, data=data, epochs=config.epochs if epochs is None else epochs
    )


def _end_of_events(run: Run) -> int:
    return run.events_file.stat().st_size if run.events_file.exists() else 0


class _Follower:
    """Starts a run's worker and shows what it says until it ends."""

    def __init__(self, run: Run, since: int) -> None:
        self.scalars: dict[str, float] = {}
        self.artifacts: dict[str, str] = {}
        self._run = run
        self._offset = since
        self._latest = ""

    def follow(self) -> RunStatus:
        """Return how the run ended; Ctrl-C asks the worker to stop and waits for it."""
        worker = launch.start(self._run)
        with ProgressLine() as line:
            status = None
            while status is None:
                try:
                    time.sleep(_LOOK_EVERY)
                    status = worker.poll()
                    self._show(line)
                except KeyboardInterrupt:
                    warn("stopping after the present step")
                    worker.ask_to_stop()
        return status

    def _show(self, line: ProgressLine) -> None:
        events, self._offset = self._run.events(self._offset)
        for event in events:
            self._take(event, line)

    def _take(self, event: Event, line: ProgressLine) -> None:
        match event:
            case Started(text):
                line(0.0, text)
            case Progress(fraction, text):
                line(fraction, f"{text.removesuffix('.')}{self._latest}")
            case Scalar(name, _, value):
                self.scalars[name] = value
                self._latest = f", {name} {value:.4g}"
            case Artifact(name, path):
                self.artifacts[name] = path
            case Warned(text):
                warn(text)
            case _:
                pass
