"""What a job says while it runs: one strict, versioned vocabulary between processes.

A job is a generator of these events. On disk and on stdout each is one line of JSON with the
format's version and the time.
"""

import time
from typing import Literal

import msgspec

from arcs_engine.foundation.errors import FileError

VERSION = 1

Outcome = Literal["done", "failed", "cancelled"]


class _Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="event"):
    """The base of all events."""


class Started(_Event, frozen=True, tag="started"):
    """The work begins, or begins again after a stop; `text` says what will be done."""

    text: str


class Progress(_Event, frozen=True, tag="progress"):
    """`fraction` (0..1) of the work is done; `text` says what is being done now."""

    fraction: float
    text: str


class Scalar(_Event, frozen=True, tag="scalar"):
    """A point of the curve `name`.

    After a resume, points may come again, with the same values.
    """

    name: str
    step: int
    value: float


class Artifact(_Event, frozen=True, tag="artifact"):
    """A file or folder was made; `path` is relative to the run's folder."""

    name: str
    path: str


class Warned(_Event, frozen=True, tag="warned"):
    """Something that the user should know and that does not stop the work."""

    text: str


class Finished(_Event, frozen=True, tag="finished"):
    """The last event of every run; `text` is one sentence."""

    outcome: Outcome
    text: str


Event = Started | Progress | Scalar | Artifact | Warned | Finished


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event as it is stored.

    Attributes:
        version: of the format.
        time: seconds since 1970.
        content: the event.
    """

    version: int
    time: float
    content: Event


def encode(event: Event) -> bytes:
    """Return one line of JSON, stamped with the present time."""
    return msgspec.json.encode(Record(VERSION, time.time(), event)) + b"\n"


def decode(line: bytes) -> Record:
    """Read one line.

    Raises:
        FileError: it is not an event of this version.
    """
    try:
        record = msgspec.json.decode(line, type=Record)
    except msgspec.DecodeError as error:
        raise FileError(f"A line of the run's events cannot be read: {error}.") from error
    if record.version != VERSION:
        raise FileError(
            f"The run's events have version {record.version}; this version of ARCS reads {VERSION}."
        )
    return record
