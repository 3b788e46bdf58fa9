"""The threads that share a batch of designs."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

_CHUNK: Final = 256
"""Designs that a thread takes at a time."""

_PROCESSORS: Final = os.cpu_count() or 1

_WORTH_A_THREAD: Final = 4
"""Designs for which a further thread is woken."""


@cache
def _helpers() -> ThreadPoolExecutor:
    """Return the threads that help with batches; to start one takes as long as several designs."""
    return ThreadPoolExecutor(max(1, _PROCESSORS - 1), "steady")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helpers.cache_clear)  # a fork has no other threads


def share(count: int, work_through: Callable[[Iterator[slice]], None]) -> None:
    """Have a batch worked through by as many threads as are worth waking.

    Args:
        count: of the designs.
        work_through: called in each thread; works on what it takes from its iterator of rows.
    """
    threads = max(1, min(_PROCESSORS, count // _WORTH_A_THREAD))
    size = min(_CHUNK, max(1, -(-count // threads)))
    # Threads take the next chunk from one iterator: some chunks take far longer than others.
    todo = iter([slice(start, start + size) for start in range(0, count, size)])
    others = [_helpers().submit(work_through, todo) for _ in range(threads - 1)]
    work_through(todo)
    for other in others:
        if not other.cancel():  # a helper that is busy elsewhere is not waited for
            other.result()
