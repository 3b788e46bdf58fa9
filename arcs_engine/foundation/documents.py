"""JSON documents from outside: bounded, read in one way, refused in one sentence."""

import stat
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from arcs_engine.foundation.errors import FileError, InputError

T = TypeVar("T")

LARGEST: Final = 1_000_000
"""Bytes of a document, unless its reader expects more."""


def read(file: Path, kind: type[T], largest: int = LARGEST) -> T:
    """Read a file of JSON.

    Args:
        file: where it lies.
        kind: what must be in it.
        largest: bytes that it may have.

    Raises:
        FileError: it cannot be read, or something else is in it; the message names the file.
    """
    return decode(content(file, largest), kind, str(file))


def content(file: Path, largest: int = LARGEST) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        FileError: there is none, it cannot be read, or it is larger than `largest`.
    """
    try:
        # Opening a pipe would wait for whoever writes into it.
        if not stat.S_ISREG(file.stat().st_mode):
            raise FileError(f"{file} cannot be read: it is no regular file.")
        with file.open("rb") as opened:
            found = opened.read(largest + 1)
    except OSError as error:
        raise FileError(f"{file} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # a path with a zero in it
        raise FileError(f"{str(file)!r} cannot be read: {error}.") from error
    if len(found) > largest:
        raise FileError(f"{file} cannot be read: it is larger than {largest} bytes.")
    return found


def decode(text: bytes, kind: type[T], where: str) -> T:
    """Read JSON.

    Args:
        text: what was found.
        kind: what must be in it.
        where: it was found, for the user.

    Raises:
        FileError: something else is in it; the message begins with `where`.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(f"{where} cannot be read: {error}.") from error
    except InputError as error:
        raise FileError(f"{where}: {error}") from error
