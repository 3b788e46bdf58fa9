"""A lock that the operating system releases when its process dies, however it dies."""

import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def _take(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def take(path: Path) -> BinaryIO | None:
    """Take the lock and return the open file that holds it, or None when another process has it.

    Closing the file, or the end of the process, releases the lock.
    """
    file = path.open("ab")
    try:
        _take(file)
    except OSError:
        file.close()
        return None
    return file


def is_held(path: Path) -> bool:
    """Whether another process, or another open file of this one, holds the lock."""
    if not path.is_file():
        return False
    try:
        file = take(path)
    except OSError:  # of another user, or on a disk that cannot be written: no worker is at it
        return False
    if file is None:
        return True
    file.close()
    return False
