"""Work in chunks, each one file that is a pure function of what was asked and its number.

So it does not matter which process makes a chunk, in which order, or how often it is interrupted:
whatever is missing or damaged is made again, and the bytes are the same.
"""

import errno
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import FileError
from arcs_engine.foundation.files import replace_whole
from arcs_engine.learning.jobs.events import Progress

Task = tuple[str, int]
"""A topology and the number of a chunk."""

Work = Callable[[Task, Control], bytes]
"""Makes one chunk; it is sent to other processes, so it and all that it holds can be pickled."""


class Spread(Protocol):
    """Does tasks, here or elsewhere, and yields their results in any order."""

    def __call__(
        self, work: Work, tasks: Sequence[Task], control: Control
    ) -> Iterator[tuple[Task, bytes]]:
        """Yield each task with its chunk; `Cancelled` when a stop was asked for."""


def in_turn(work: Work, tasks: Sequence[Task], control: Control) -> Iterator[tuple[Task, bytes]]:
    """Do tasks one after the other in this process."""
    for task in tasks:
        control.checkpoint()
        yield task, work(task, control)


@dataclass(frozen=True)
class Chunks:
    """All chunks of a piece of work.

    Attributes:
        files: where each lies.
        whole: whether a file that is there can be read.
        work: makes one.
        what: for the user: what a chunk is, in the plural.
    """

    files: dict[Task, Path]
    whole: Callable[[Path], bool]
    work: Work
    what: str

    def complete(self, spread: Spread, control: Control) -> Iterator[Progress]:
        """Make the chunks that are missing or damaged, and yield progress.

        Args:
            spread: who does the work.
            control: asked between chunks whether to stop.

        Raises:
            FileError: a chunk cannot be written.
        """
        count = len(self.files)
        missing = [task for task, file in self.files.items() if not self._is_there(file)]
        done = count - len(missing)
        for task, content in spread(self.work, missing, control):
            write(self.files[task], content)
            done += 1
            yield Progress(done / count, f"Making data: {done} of {count} {self.what}.")

    def _is_there(self, file: Path) -> bool:
        return file.exists() and self.whole(file)


def write(file: Path, content: bytes) -> None:
    """Write a file of a data set whole, with its folder.

    Raises:
        FileError: that is not possible.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(file, content)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise FileError(
                f"The disk that holds {file.parent} is full; what was made so far is kept: free "
                "some space and resume the run."
            ) from error
        raise FileError(f"The data set cannot be written to {file.parent}: {error}.") from error
