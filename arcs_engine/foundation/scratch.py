"""Temporary folders of one process, removed when their use ends, if need be at the next start.

The process that a folder belongs to holds a lock in it, which ends with the process however that
ends. A folder whose lock nobody holds was left behind.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from arcs_engine.foundation import lock

_PREFIX = "arcs-"
_OWNER = ".arcs-owner"
"""The locked file; a folder without it, such as the user's own ``arcs-output``, is left alone."""

_TRIES = 3


@contextmanager
def folder(kind: str) -> Iterator[Path]:
    """Make a folder for as long as it is used.

    Args:
        kind: what is in it; a part of its name.

    Raises:
        OSError: it cannot be made.
    """
    made, owner = _made(kind)
    try:
        yield made
    finally:
        if owner is not None:
            owner.close()
        shutil.rmtree(made, ignore_errors=True)


def sweep() -> None:
    """Remove what killed processes of this user left; what cannot be removed stays."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.name.startswith(_PREFIX) and _is_own(entry.stat(follow_symlinks=False)):
                    _remove_if_left(Path(entry.path))


def _made(kind: str) -> tuple[Path, BinaryIO | None]:
    """Return a new folder and what holds its lock; None on a disk that knows no locks."""
    for _ in range(_TRIES):
        made = _new(kind)
        owner = _locked(made)
        if owner is not None:
            return made, owner
        shutil.rmtree(made, ignore_errors=True)
    return _new(kind), None


def _new(kind: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-"))


def _locked(made: Path) -> BinaryIO | None:
    """Lock a new folder; None where another process saw it unlocked and is sweeping it."""
    try:
        owner = lock.take(made / _OWNER)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        raise
    if owner is None or (made / _OWNER).exists():
        return owner
    owner.close()
    return None


def _is_own(status: os.stat_result) -> bool:
    """Whether it is a folder, no link to one, into which nobody but this user can write."""
    if not stat.S_ISDIR(status.st_mode):
        return False
    if not hasattr(os, "geteuid"):  # Windows has a temporary folder for each user
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def _remove_if_left(found: Path) -> None:
    if not stat.S_ISREG((found / _OWNER).lstat().st_mode):
        return
    owner = lock.take(found / _OWNER)
    if owner is None:
        return
    with owner:
        shutil.rmtree(found, ignore_errors=True)
    shutil.rmtree(found, ignore_errors=True)  # Windows keeps a file that is open
