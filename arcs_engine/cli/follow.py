"""Follow a run's worker in the foreground: start it, show it, stop it on Ctrl-C, tell its end."""

import sys
import time
from dataclasses import dataclass
from typing import Annotated

import msgspec
import typer

from arcs_engine.cli import options
from arcs_engine.cli.output import ProgressLine, emit, say, warn
from arcs_engine.foundation.errors import Cancelled, JobError
from arcs_engine.foundation.plain import plain
from arcs_engine.learning.jobs import launch
from arcs_engine.learning.jobs.events import Artifact, Event, Progress, Scalar, Started, Warned
from arcs_engine.learning.jobs.runs import RESUMABLE, Run, RunStatus, RunStore
from arcs_engine.learning.orders import doubt, refuse_doubtful

_LOOK_EVERY = 0.1
"""Seconds between looks at the run's events."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Which run is resumed, and how a run's end is told."""

    resume: Annotated[str | None, typer.Option(help="Continue the run of this name.")] = None
    trust: options.Trust = False
    answer: options.AnswerOptions

    def resumed(self) -> bool:
        """Go on with the run that is named, to its end; False where none is.

        Raises:
            JobError: there is no such run, it failed, or another process works on it.
            InputError: its config is wrong, or nobody is there to ask whether it is trusted.
            Cancelled: it was stopped, or is not trusted.
        """
        if self.resume is None:
            return False
        resume_to_end(self.resume, trust=self.trust, as_json=self.answer.as_json)
        return True

    def run_to_end(self, kind: str, config: msgspec.Struct, name: str | None = None) -> None:
        """Make a run of this kind, and tell how it ended.

        Args:
            kind: which job.
            config: what the job is told to do.
            name: of the run; None for one that is made of the kind and the time.

        Raises:
            JobError: it failed.
            FileError: its folder cannot be written.
            Cancelled: it was stopped.
        """
        run = RunStore().create(kind, config, self.answer.seed, name=name)
        follow_to_end(run, as_json=self.answer.as_json)


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended.

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


def resume_to_end(name: str, *, trust: bool, as_json: bool) -> None:
    """Go on with a run, and tell how it ended.

    A run whose config reaches beyond the folder of runs may come from elsewhere, so the user is
    asked first.

    Args:
        name: of the run.
        trust: whether it is trusted without a question.
        as_json: whether the answer is JSON.

    Raises:
        JobError: there is no such run, it failed, or another process works on it.
        InputError: its config is wrong, or nobody is there to ask.
        Cancelled: it was stopped, or is not trusted.
    """
    run = RunStore().open(name)
    if not trust:
        _ask_about(run)
    follow_to_end(run, as_json=as_json)


def _ask_about(run: Run) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        refuse_doubtful(run)
        return
    why = doubt(run)
    if why and not typer.confirm(f"{plain(why)} Go on?", err=True):
        raise Cancelled


def tell_how_to_go_on(run: Run, status: RunStatus) -> None:
    """Name the command that resumes a run, where one can."""
    if status.state in RESUMABLE:
        warn(f"to go on: arcs runs resume {run.name}{' --trust' if doubt(run) else ''}")


def follow_to_end(run: Run, *, as_json: bool) -> None:
    """Start a run, or go on with it, and tell how it ended.

    Raises:
        JobError: it failed, or another process works on it.
        Cancelled: it was stopped.
    """
    warn(f"run {run.name} in {run.folder}")
    follower = Follower(run)
    status = follower.follow()
    if status.state == "cancelled":
        tell_how_to_go_on(run, status)
        raise Cancelled
    if status.state != "done":
        raise JobError(f"{status.text} The run is {run.name}; its log is {run.log_file}.")
    if not as_json:
        say(f"{status.text} The run is {run.folder}.")
        return
    result = RunResult(
        run=run.name,
        folder=str(run.folder),
        text=status.text,
        scalars=follower.scalars,
        artifacts=follower.artifacts,
    )
    emit(result)


class Follower:
    """Starts a run's worker and shows what it says until it ends."""

    def __init__(self, run: Run) -> None:
        self.scalars: dict[str, float] = {}
        self.artifacts: dict[str, str] = {}
        self._run = run
        # What a run said before it was resumed is told by ``arcs runs show``.
        self._offset = run.read().offset
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
                    warn("stopping after the current step")
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
