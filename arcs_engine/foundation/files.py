"""Files: written whole or not at all, read up to a bound."""

import errno
import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path

_MOST_LINKS = 40
"""One after the other, as Linux allows."""


def replace_whole(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old content or the new, never a mixture.

    A link is followed, and a file that is there keeps its mode and its owner. What is no file but
    takes bytes (a pipe, a terminal, ``/dev/null``, ``/dev/stdout``) is written into as it is.

    Raises:
        OSError: that is not possible; a file that was there is as it was.
    """
    place = _followed(path)
    opened = _descriptor(place)
    if opened is not None:
        _pour(os.dup(opened), content)
        return
    there = _status(place)
    if there is None or stat.S_ISREG(there.st_mode):
        _through_draft(place, there, content)
    elif stat.S_ISFIFO(there.st_mode) or stat.S_ISCHR(there.st_mode):
        _pour(os.open(place, os.O_WRONLY), content)
    else:  # a folder, a disk, a socket
        code = errno.EISDIR if stat.S_ISDIR(there.st_mode) else errno.ENXIO
        raise OSError(code, os.strerror(code), str(path))


def read_bounded(path: Path, most: int) -> bytes:
    """Return what a file, a pipe or a device holds.

    Raises:
        OSError: it cannot be read, or holds more than `most` bytes (``EFBIG``).
    """
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is too large, more than {most:,} bytes", str(path))
    return content


def _followed(path: Path) -> Path:
    """Return where a link leads, also when nothing is there yet; other paths as they are."""
    for _ in range(_MOST_LINKS):
        # Behind a descriptor's link there may be a pipe or a deleted file, which has no path.
        if _descriptor(path) is not None or not path.is_symlink():
            return path
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _descriptor(path: Path) -> int | None:
    """Return the number of this process's open file that a path names, as ``/dev/fd/1`` does."""
    if not path.name.isdecimal():
        return None
    folders = {os.path.realpath(folder) for folder in ("/dev/fd", "/proc/self/fd")}
    return int(path.name) if os.path.realpath(path.parent) in folders else None


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _pour(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _through_draft(place: Path, there: os.stat_result | None, content: bytes) -> None:
    if there is None:
        _check_folder(place.parent)
    else:  # to rename over a file that is protected would be allowed all the same
        place.open("ab").close()
    # Not named after the file, whose name may be as long as names can be.
    draft = place.with_name(f".arcs-{secrets.token_hex(8)}.part")
    try:
        draft.touch(0o666 if there is None else stat.S_IMODE(there.st_mode), exist_ok=False)
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if there is not None:
            _pass_on(there, draft)
        draft.replace(place)
    finally:
        with suppress(OSError):  # it would hide the reason
            draft.unlink(missing_ok=True)
    _settle(place.parent)


def _check_folder(folder: Path) -> None:
    """Say that a folder is missing, which the system does as if the file were."""
    if not folder.exists():
        raise FileNotFoundError(errno.ENOENT, f"there is no folder {folder}", str(folder))


def _pass_on(there: os.stat_result, draft: Path) -> None:
    """Give a draft the owner, as far as that is allowed, and the mode of what it replaces."""
    if sys.platform != "win32":
        with suppress(OSError):
            os.chown(draft, there.st_uid, there.st_gid)
    draft.chmod(stat.S_IMODE(there.st_mode))


def _settle(folder: Path) -> None:
    """Let the folder's entry reach the disk; the content has, and not every disk can do this."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
