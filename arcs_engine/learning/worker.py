"""The worker process: does the job of one run.

``python -m arcs_engine.learning.worker RUN_FOLDER`` works on a run until it is done, until
it is asked to stop (stdin is closed, or `Run.ask_to_stop`), or until it is terminated. Whatever
happens, the run gets exactly one end.
"""

import math
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from arcs_engine.foundation import lock
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError, Cancelled, JobError
from arcs_engine.learning import orders
from arcs_engine.learning.jobs import launch
from arcs_engine.learning.jobs.events import Event, Finished, Progress, Scalar
from arcs_engine.learning.jobs.reporters import (
    Broadcast,
    DiskReporter,
    Reporter,
    log,
    optional_reporters,
)
from arcs_engine.learning.jobs.runs import Run, RunStatus

Job = Callable[[Run, Control], Iterator[Event]]

_LOOK_SECONDS = 0.25
"""Between looks whether somebody else asked the run to stop."""

STOPPED = "Stopped on request; the run can be resumed from here."
"""True wherever it is read: a terminal has a command for it, the window a button."""


_LOST = Finished("failed", launch.UNWRITTEN)


def _prepare(control: Control) -> Iterator[Event]:
    """Have the solver compiled where that was not done yet: what the jobs start would all do it."""
    from arcs_engine.performance.warm import compiling  # noqa: PLC0415 - imports the solver

    for _, text in compiling(control):
        yield Progress(0.0, f"{text}.")


def _train(run: Run, control: Control) -> Iterator[Event]:
    # torch is imported in the worker alone, and only for the jobs that need it.
    from arcs_engine.learning.training.config import TrainingConfig  # noqa: PLC0415
    from arcs_engine.learning.training.supervised import train  # noqa: PLC0415

    config = orders.read(run, TrainingConfig)
    yield from _prepare(control)
    yield from train(config, run.folder, run.info().seed, control)


def _datagen(run: Run, control: Control) -> Iterator[Event]:
    from arcs_engine.learning.datasets.config import DatagenConfig  # noqa: PLC0415
    from arcs_engine.learning.datasets.job import generate  # noqa: PLC0415

    config = orders.read(run, DatagenConfig)
    yield from _prepare(control)
    yield from generate(config, control)


def _rl(run: Run, control: Control) -> Iterator[Event]:
    from arcs_engine.learning.reinforcement.config import ReinforcementConfig  # noqa: PLC0415
    from arcs_engine.learning.reinforcement.job import reinforce  # noqa: PLC0415

    config = orders.read(run, ReinforcementConfig)
    yield from _prepare(control)
    yield from reinforce(config, run.folder, run.info().seed, control)


JOBS: dict[str, Job] = {"train": _train, "datagen": _datagen, "rl": _rl}
"""What a worker can do, by kind of run."""

_LOST = Finished("failed", launch.UNWRITTEN)
"""The end of a run that could not be written."""


def _job_of(run: Run) -> Job:
    kind = run.info().kind
    if kind not in JOBS:
        raise JobError(f"There is no job of kind '{kind}'; known are {', '.join(JOBS)}.")
    return JOBS[kind]


def execute(run: Run, reporters: Broadcast, control: Control) -> Finished:
    """Do a run's job and report every event of it; never raises."""
    end = Finished("failed", "The job ended without a result.")
    try:
        for event in _job_of(run)(run, control):
            if isinstance(event, Finished):
                end = event
                break
            reporters.report(event)
            _refuse_not_finite(event)
    except Cancelled:
        end = Finished("cancelled", STOPPED)
    except ArcsError as error:
        log(traceback.format_exc())
        end = Finished("failed", str(error))
    except Exception as error:  # noqa: BLE001 - the last line of defence: a run must get its end
        log(traceback.format_exc())
        end = Finished("failed", f"An unexpected error, see log.txt: {error!r}.")
    reporters.report(end)
    return end


def _refuse_not_finite(event: Event) -> None:
    """End a job whose figures mean nothing any more, with `JobError`."""
    if isinstance(event, Scalar) and not math.isfinite(event.value):
        raise JobError(f"The {event.name} is not finite: it is {event.value} at step {event.step}.")


def work(run: Run, control: Control, *others: Reporter) -> Finished:
    """Take the run's lock and execute it, reporting to disk and to others.

    Raises:
        JobError: another process is at the run.
    """
    held = lock.take(run.lock_file)
    if held is None:
        raise JobError(f"Another process is working on the run {run.name}.")
    with held:
        run.forget_stop()
        run.set_status(RunStatus(state="running", text="Starting."))
        end = execute(run, Broadcast([DiskReporter(run), *others]), control)
        return end if run.status().state == end.outcome else _LOST


def _assists() -> bool:
    """Whether this process takes a share of a run that another one leads, as torchrun says it."""
    return "WORLD_SIZE" in os.environ and os.environ.get("RANK", "0") != "0"


def _stop_at_end_of_stdin(stop: Flag) -> None:
    # os.read, not sys.stdin: a daemon thread that holds sys.stdin's lock aborts the interpreter
    # at exit.
    while os.read(0, 1024):
        pass
    stop.set()


def _stop_when_asked(run: Run, stop: Flag) -> None:
    while not stop.wait(_LOOK_SECONDS):
        if run.stop_asked():
            stop.set()


def main(arguments: list[str]) -> int:
    """Work on the run whose folder is the only argument; 0 done, 1 failed, 130 cancelled."""
    if len(arguments) != 1:
        print("usage: python -m arcs_engine.learning.worker RUN_FOLDER", file=sys.stderr)  # noqa: T201
        return 2
    control, run = Control.silent(), Run(Path(arguments[0]))
    signal.signal(signal.SIGTERM, lambda *_: control.stop.set())
    Thread(target=_stop_at_end_of_stdin, args=(control.stop,), daemon=True).start()
    Thread(target=_stop_when_asked, args=(run, control.stop), daemon=True).start()
    try:
        end = (
            execute(run, Broadcast([]), control)
            if _assists()
            else work(run, control, *optional_reporters(run))
        )
    except ArcsError as error:
        log(str(error))
        return error.exit_code
    codes = {"done": 0, "failed": 1, "cancelled": 130}
    return launch.UNWRITTEN_CODE if end is _LOST else codes[end.outcome]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
