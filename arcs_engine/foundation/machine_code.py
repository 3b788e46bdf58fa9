"""Where the solver's machine code is kept, and whether it is complete.

Compiling takes minutes, so what was compiled is kept in the user's cache folder. Where that cannot
be written (a read-only home), it is kept in a folder of the user's own under the system's folder
for temporary files, where later processes find it.
"""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from arcs_engine.foundation import paths
from arcs_engine.foundation.errors import FileError
from arcs_engine.foundation.files import replace_whole

_PARTS = "*.nb[ci]"
"""What numba writes: an index for each function, and a file of machine code for each version."""

_COMPLETE = "complete"
"""Holds the number of files of machine code, once everything was compiled."""


def place(version: str) -> Path:
    """Return the folder of one version of the machine code, made if it is not there.

    Raises:
        FileError: there is none that can be written and is this user's alone.
    """
    usual = paths.cache() / "kernels" / version
    if _can_be_written(usual):
        return usual
    try:
        other = _own_temporary_folder() / "kernels" / version
        other.mkdir(parents=True, exist_ok=True)
        if is_complete(usual) and not is_complete(other):
            _copy(usual, other)
    except OSError as error:
        raise FileError(
            f"The compiled solver cannot be stored, neither in {paths.cache()} nor in "
            f"{tempfile.gettempdir()}: {error}; XDG_CACHE_HOME and TMPDIR can name other folders."
        ) from error
    return other


def is_usual(folder: Path) -> bool:
    """Say whether a folder is in the user's cache folder."""
    return folder.is_relative_to(paths.cache())


def stored(folder: Path) -> int:
    """Return how many compiled functions a folder holds, each version of one counted."""
    return sum(1 for _ in folder.rglob("*.nbc"))


def mark_complete(folder: Path) -> None:
    """Note that everything has been compiled into a folder."""
    replace_whole(folder / _COMPLETE, str(stored(folder)).encode())


def is_complete(folder: Path) -> bool:
    """Say whether everything was compiled into a folder and is still there.

    What tidies folders for temporary files takes out single files.
    """
    return 0 < expected(folder) <= stored(folder)


def expected(folder: Path) -> int:
    """Return how many compiled functions there were when all was compiled; 0 if it never was."""
    try:
        return int((folder / _COMPLETE).read_text())
    except (OSError, ValueError):
        return 0


def _can_be_written(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _own_temporary_folder() -> Path:
    """Return a folder that only this user can enter, the same for each of their processes.

    The machine code is unpickled: nobody else may have written it.

    Raises:
        OSError: it cannot be made, or is somebody else's.
    """
    root = Path(tempfile.gettempdir())
    if sys.platform == "win32":  # each user has a folder for temporary files there
        return root / "arcs"
    folder = root / f"arcs-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not a folder that only this user can enter")
    return folder


def _copy(source: Path, target: Path) -> None:
    """Copy machine code that is complete but stands where numba cannot use it."""
    for file in _files(source):
        copied = target / file.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(copied, file.read_bytes())


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a complete folder, the mark of that last."""
    yield from folder.rglob(_PARTS)
    yield folder / _COMPLETE
