"""A run's ``events.jsonl``: appending whole lines, and reading whatever is readable.

A power cut may leave zeros or half a line behind, and a full disk refuses a line. The
reader leaves damaged parts out and reports them; it reads the events before and after.
"""

import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

from arcs_engine.foundation.errors import FileError
from arcs_engine.learning.jobs import events
from arcs_engine.learning.jobs.events import LONGEST_LINE, Record

_PATIENCE: Final = 8
"""Unreadable parts in a row after which the rest of a file is left unread."""


class Reading(NamedTuple):
    """What was read of the events from some place on.

    Attributes:
        records: of the whole lines that are events.
        offset: byte to go on from.
        damage: what could not be read, the first of it, for the user; empty for nothing.
    """

    records: list[Record]
    offset: int
    damage: str = ""


def append(file: Path, lines: bytes) -> None:
    """Append whole lines, all of them or none.

    Raises:
        OSError: none of them could be written.
    """
    # Unbuffered: closing the file must not try once more what failed.
    with file.open("ab", buffering=0) as opened:
        before = opened.tell()
        written = opened.write(lines)
        if written != len(lines):
            opened.truncate(before)
            raise OSError(f"{written} of {len(lines)} bytes of {file} could be written")


def mend(file: Path) -> None:
    """Cut off a last line that a dying worker did not finish; nobody has read it.

    Raises:
        OSError: that is not possible.
    """
    if not file.exists():
        return
    with file.open("r+b") as opened:
        size = place = opened.seek(0, os.SEEK_END)
        whole = 0
        while place > 0 and not whole:
            start = max(0, place - LONGEST_LINE)
            opened.seek(start)
            found = opened.read(place - start).rfind(b"\n")
            whole = start + found + 1 if found >= 0 else 0
            place = start
        if whole < size:
            opened.truncate(whole)


def read(file: Path, offset: int = 0) -> Reading:
    """Read the whole lines from a byte offset on; never raises.

    A line that is still being written is left for the next time.
    """
    records: list[Record] = []
    damage, silent = "", 0
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # opening a pipe would wait for its writer
            return Reading([], offset, f"{file} cannot be read: it is no regular file.")
        with file.open("rb") as opened:
            while silent < _PATIENCE:
                opened.seek(offset)
                part = _next_lines(opened.read(LONGEST_LINE))
                if not part:
                    return Reading(records, offset, damage)
                found, wrong = _records(part, offset)
                damage = damage or (wrong and f"{file} is damaged {wrong}")
                silent = 0 if found else silent + 1
                records += found
                offset += len(part)
            return Reading(records, opened.seek(0, os.SEEK_END), damage)
    except FileNotFoundError:
        return Reading(records, offset, damage)
    except OSError as error:
        return Reading(records, offset, f"{file} cannot be read: {error.strerror or error}.")


def _next_lines(content: bytes) -> bytes:
    """Return the whole lines that a content begins with; all of it where a line is too long."""
    if len(content) == LONGEST_LINE and b"\n" not in content:
        return content
    return content[: content.rfind(b"\n") + 1]


def _records(lines: bytes, place: int) -> tuple[list[Record], str]:
    """Return the records of lines that begin at a place, and where and why the first is none."""
    found: list[Record] = []
    wrong = ""
    for line in lines.split(b"\n"):
        if line.strip():
            try:
                found.append(events.decode(line))
            except FileError as error:
                reason = str(error.__cause__ or error).rstrip(".")
                wrong = wrong or f"from byte {place} on: {reason}."
        place += len(line) + 1
    return found, wrong
