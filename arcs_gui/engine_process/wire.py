"""What the window and the engine's process say to each other, over a pipe that only they hold.

What arrives is unpickled, and a pickle can do anything. These come from the program's own child or
parent, over pipes without a name; nothing from a file or a network is read here.
"""

import pickle
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

_PROTOCOL = 5
"""The first one that leaves arrays out of the pickle."""


@dataclass(frozen=True)
class Call:
    """A method of a service to be called; with `controlled`, a `Control` is its last argument."""

    service: str
    method: str
    arguments: tuple[object, ...]
    controlled: bool


@dataclass(frozen=True)
class Stop:
    """What was called last shall stop; an answer comes all the same."""


@dataclass(frozen=True)
class Progress:
    """How far a call has come."""

    fraction: float
    text: str


@dataclass(frozen=True)
class Answer:
    """What a call returned."""

    value: object


@dataclass(frozen=True)
class Failure:
    """What a call raised, and where, for the log."""

    error: Exception
    trace: str


@dataclass(frozen=True)
class Stopped:
    """A call stopped because it was asked to."""


Request = Call | Stop
Reply = Progress | Answer | Failure | Stopped


def send(line: "Connection[Any, Any]", message: Request | Reply) -> None:
    """Send a message; large arrays travel beside the pickle and are not copied into it."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(message, _PROTOCOL, buffer_callback=buffers.append)
    line.send((data, len(buffers)))
    for buffer in buffers:
        with buffer.raw() as bytes_:
            line.send_bytes(bytes_)


def receive(line: "Connection[Any, Any]") -> object:
    """Return the next message.

    The arrays in it are the bytes as they were read: they cannot be written to.

    Raises:
        EOFError: the other end is gone.
        OSError: it went while it was speaking.
    """
    data, count = line.recv()
    buffers = [line.recv_bytes() for _ in range(count)]
    message: object = pickle.loads(data, buffers=buffers)
    return message
