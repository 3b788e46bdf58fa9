"""Who makes the chunks of a data set: processes on this machine, or the workers of a Dask cluster.

Chunks come back as bytes, so workers need no access to the data set's folder.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from threading import Thread
from typing import Any

from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled, JobError
from arcs_engine.learning.datasets.chunks import Spread, Task, Work

RETRIES = 3
"""How often work that died with its process is begun again."""

CONNECT_SECONDS = 10.0
"""Time for a scheduler to answer."""

_LOOK_SECONDS = 0.25
"""Between looks whether a stop was asked for."""

_control = Control.silent()
"""Of a process of the pool; set when its parent asks it to stop."""

Open = Callable[[], AbstractContextManager[Executor]]


def local(workers: int) -> Spread:
    """Return who spreads work over processes of this machine."""
    return _spread_over(lambda: _processes(workers))


def dask(scheduler: str) -> Spread:
    """Return who spreads work over a Dask cluster, which does lost work again by itself.

    Args:
        scheduler: its address, such as ``tcp://10.0.0.1:8786``.

    Raises:
        JobError: the extra ``cluster`` is not installed; later, nobody answers at the address.
    """
    if find_spec("distributed") is None:
        raise JobError(
            "Dask is not installed; install ARCS with its cluster extra to use --scheduler."
        )
    return _spread_over(lambda: _cluster(scheduler))


def _spread_over(opened: Open) -> Spread:
    def spread(work: Work, tasks: Sequence[Task], control: Control) -> Iterator[tuple[Task, bytes]]:
        left = set(tasks)
        for attempt in range(RETRIES + 1):
            try:
                for task, content in _results(opened, work, sorted(left, key=_order), control):
                    left.discard(task)
                    yield task, content
            except BrokenProcessPool as error:
                if attempt == RETRIES:
                    raise JobError(
                        f"Processes of the pool died {RETRIES + 1} times, as they do when memory "
                        "runs out; go on with fewer --workers."
                    ) from error
            else:
                return

    return spread


def _order(task: Task) -> tuple[int, str]:
    """Take turns between topologies, so that progress is even."""
    return task[1], task[0]


def _results(
    opened: Open, work: Work, tasks: Sequence[Task], control: Control
) -> Iterator[tuple[Task, bytes]]:
    if not tasks:
        return
    with opened() as executor:
        tasks_of: dict[Future[bytes], Task] = {
            executor.submit(_do, work, task): task for task in tasks
        }
        waiting = set(tasks_of)
        while waiting:
            control.checkpoint()
            done, waiting = wait(waiting, _LOOK_SECONDS, FIRST_COMPLETED)
            for future in done:
                yield tasks_of[future], future.result()


def _do(work: Work, task: Task) -> bytes:
    """Make one chunk; runs in a worker."""
    return work(task, _control)


@contextmanager
def _processes(workers: int) -> Iterator[Executor]:
    # spawn: a fork of a process with threads may hang.
    context = multiprocessing.get_context("spawn")
    # Closing a pipe asks all processes to stop; an Event would wait for the dead ones among them.
    heard, asking = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(workers, context, _prepare, (heard,))
    try:
        yield executor
    finally:
        asking.close()
        executor.shutdown(wait=True, cancel_futures=True)
        heard.close()


def _prepare(heard: Connection) -> None:
    """Begin a process of the pool, which hears when to stop and does not outlive its parent."""
    Thread(target=_watch, args=(heard,), daemon=True).start()


def _watch(heard: Connection) -> None:
    wait_for([heard])
    _control.stop.set()
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


@contextmanager
def _cluster(scheduler: str) -> Iterator[Executor]:
    import distributed  # noqa: PLC0415 - an extra that few need

    dask: Any = distributed  # some of it is typed, some is not

    try:
        client = dask.Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise JobError(f"No Dask scheduler answers at {scheduler}: {error}.") from error
    try:
        yield client.get_executor(pure=False, retries=RETRIES)
    except Cancelled:
        client.cancel(list(client.futures.values()))
        raise
    finally:
        client.close()
