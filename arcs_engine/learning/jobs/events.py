"""What a job reports while it runs: one strict, versioned vocabulary between processes.

A job is a generator of these events. On disk and on stdout each is one line of JSON with the
format's version and the time.

JSON has no nan and no infinity. A point that is not finite is written as the warning that says so,
which every version can read, and is read back as the point that it was.
"""

import math
import re
import time
from typing import Annotated, Literal

import msgspec

from arcs_engine.foundation import documents
from arcs_engine.foundation.errors import FileError

VERSION = 1

LONGEST_LINE = 1 << 20
"""Bytes of an event; what is longer is none."""

Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]

Outcome = Literal["done", "failed", "cancelled"]


class _Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="event"):
    """The base of all events."""


class Started(_Event, frozen=True, tag="started"):
    """The work begins, or begins again after a stop; `text` says what will be done."""

    text: str


class Progress(_Event, frozen=True, tag="progress"):
    """`fraction` (0..1) of the work is done; `text` says what is being done now."""

    fraction: Fraction
    text: str


class Scalar(_Event, frozen=True, tag="scalar"):
    """A point of the curve `name`.

    After a resume, points may come again, with the same values. The value need not be finite.
    """

    name: str
    step: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
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


class _Null(_Event, frozen=True, tag="scalar"):
    """A point that is not finite as it was written once."""

    name: str
    step: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    value: None


class _NullRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    time: float
    content: _Null


_NOT_FINITE = re.compile(r"The value of (.*) at step (\d{1,16}) is (nan|inf|-inf)\.", re.DOTALL)


def encode(event: Event, at: float | None = None) -> bytes:
    """Return one line of JSON.

    Args:
        event: what happened.
        at: when, in seconds since 1970; now when None.
    """
    if isinstance(event, Scalar) and not math.isfinite(event.value):
        event = Warned(f"The value of {event.name} at step {event.step} is {event.value}.")
    record = Record(VERSION, time.time() if at is None else at, event)
    return msgspec.json.encode(record) + b"\n"


def decode(line: bytes) -> Record:
    """Read one line.

    Raises:
        FileError: it is not an event of this version.
    """
    try:
        record = documents.decode(line, Record, "A line of the run's events")
    except FileError:
        if b"null" not in line:
            raise
        record = _of_null(line)
    if record.version != VERSION:
        raise FileError(
            f"The run's events have version {record.version}; this version of ARCS reads {VERSION}."
        )
    return msgspec.structs.replace(record, content=_as_said(record.content))


def _of_null(line: bytes) -> Record:
    found = documents.decode(line, _NullRecord, "A line of the run's events")
    point = Scalar(found.content.name, found.content.step, math.nan)
    return Record(found.version, found.time, point)


def _as_said(event: Event) -> Event:
    """Return the point that a warning of its value stands for; any other event as it is."""
    match = _NOT_FINITE.fullmatch(event.text) if isinstance(event, Warned) else None
    return event if match is None else Scalar(match[1], int(match[2]), float(match[3]))
