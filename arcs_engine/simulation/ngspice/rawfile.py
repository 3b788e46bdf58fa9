"""Reading the raw files that ngspice writes.

The format: header lines ``Key: value``, a table of variables, then either ``Binary:`` and native
doubles, point by point, or ``Values:`` and text (ngspice manual, appendix "Rawfile format").
"""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.errors import FileError

_BINARY = b"\nBinary:\n"
_TEXT = b"\nValues:\n"
_MOST_VARIABLES = 10_000
_LONGEST_HEADER = 1_000_000
LARGEST_RESULT = 1_000_000_000
"""Bytes of a raw file that are read at most; the waveforms take as much memory again."""

_DOUBLE = np.dtype("=f8")


@dataclass(frozen=True)
class RawData:
    """One transient analysis.

    Attributes:
        title: first line of the deck.
        time: seconds, ascending, shape (n,).
        signals: by ngspice's own lower-case name, such as ``v(out)``, ``i(l1)`` or ``@d1[id]``,
            shape (n,) each, V or A.
    """

    title: str
    time: FloatArray
    signals: dict[str, FloatArray]


@dataclass(frozen=True)
class _Header:
    """What stands before the numbers; `start` is where they begin, in bytes."""

    title: str
    names: list[str]
    points: int
    binary: bool
    start: int


def read(path: Path) -> RawData:
    """Read the first plot of a raw file of real numbers, binary or text.

    Raises:
        FileError: it cannot be read, was cut short, or does not hold a transient analysis.
    """
    try:
        with _opened(path) as file:
            _check_size(file)
            header = _header(file.read(_LONGEST_HEADER))
            file.seek(header.start)
            return _checked(header, (_binary if header.binary else _text)(file, header))
    except OSError as error:
        raise FileError(f"The simulation's result {path.name} cannot be read.") from error
    except ValueError as error:
        raise FileError(
            f"The simulation's result {path.name} is damaged or incomplete: {error}."
        ) from error


@dataclass
class Growth:
    """Watches a binary raw file that is being written, for the simulated time that it has reached.

    Attributes:
        path: the file; it need not exist yet.
    """

    path: Path
    _header: _Header | None = field(default=None, init=False)

    def size(self) -> int:
        """Return the bytes that have been written."""
        with suppress(OSError):
            return self.path.lstat().st_size
        return 0

    def time(self) -> float:
        """Return the time of the last whole point, s; 0 while there is none."""
        try:
            with _opened(self.path) as file:
                if self._header is None:
                    self._header = _header(file.read(_LONGEST_HEADER))
                row = len(self._header.names) * _DOUBLE.itemsize
                points = (file.seek(0, 2) - self._header.start) // row
                if points < 1 or not self._header.binary:
                    return 0.0
                file.seek(self._header.start + (points - 1) * row)
                reached = float(np.frombuffer(file.read(_DOUBLE.itemsize), _DOUBLE)[0])
                return reached if 0 <= reached < np.inf else 0.0
        except (OSError, ValueError):  # not there yet, or half a header: there is no news
            return 0.0


def _opened(path: Path) -> BinaryIO:
    """Open a file; ValueError for anything else, such as a pipe, on which reading may never end."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    # To open a pipe would wait for a writer, and a link may lead out of the folder.
    flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError("it is no regular file")
    return os.fdopen(descriptor, "rb")


def _check_size(file: BinaryIO) -> None:
    if file.seek(0, 2) > LARGEST_RESULT:
        raise ValueError(f"it has more than {LARGEST_RESULT:,} bytes")
    file.seek(0)


def _header(content: bytes) -> _Header:
    """Read the header; ValueError says what is wrong with it."""
    marks = [(content.find(mark), mark) for mark in (_BINARY, _TEXT)]
    found = [(at, mark) for at, mark in marks if at >= 0]
    if not found:
        raise ValueError("the header has no end")
    at, mark = min(found)
    fields: dict[str, str] = {}
    names: list[str] = []
    for line in content[:at].decode("latin-1").split("\n"):
        if line.startswith("\t"):
            names.append(_variable(line, len(names)))
        else:
            key, _, value = line.partition(":")
            fields[key.strip().lower()] = value.strip()
    flags = fields.get("flags", "").split()
    if "real" not in flags:
        raise ValueError("it does not hold real numbers")
    variables = _count(fields, "no. variables")
    if not 1 <= variables <= _MOST_VARIABLES or len(names) != variables:
        raise ValueError(f"it announces {variables} variables and names {len(names)}")
    if names[0] != "time" or len(set(names)) != variables:
        raise ValueError("its variables are not those of a transient analysis")
    points = _count(fields, "no. points")
    return _Header(fields.get("title", ""), names, points, mark == _BINARY, at + len(mark))


def _variable(line: str, index: int) -> str:
    """Return the name in a line of the table: index, name and kind, with tabs before each.

    A device's own quantity such as ``i(@d1[id])`` is returned as it is asked for, ``@d1[id]``.
    """
    parts = line.split("\t")
    if len(parts) < 4 or parts[1] != str(index):
        raise ValueError(f"the entry of variable {index} makes no sense")
    name = parts[2].lower()
    return name[2:-1] if name.startswith("i(@") and name.endswith(")") else name


def _count(fields: dict[str, str], key: str) -> int:
    text = fields.get(key, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ValueError(f"the entry '{key}' is missing or makes no sense")
    return int(text)


def _binary(file: BinaryIO, header: _Header) -> FloatArray:
    """Return the numbers, shape (points, variables); they stay in the file until they are used."""
    shape = (header.points, len(header.names))
    needed = header.points * len(header.names) * _DOUBLE.itemsize
    if file.seek(0, 2) - header.start < needed:
        raise ValueError(f"it announces {header.points} points and ends before them")
    file.seek(header.start + needed)
    _reject_more(file.read(_LONGEST_HEADER))
    if not needed:
        return np.empty(shape)
    return np.memmap(file, _DOUBLE, "r", header.start, shape)


def _text(file: BinaryIO, header: _Header) -> FloatArray:
    """Return the numbers, shape (points, variables); each point begins with its index."""
    words = file.read().partition(b"Title:")[0].split()
    if len(words) != header.points * (len(header.names) + 1):
        raise ValueError(f"it announces {header.points} points and holds {len(words)} numbers")
    table = np.array(words, dtype=np.float64).reshape(header.points, len(header.names) + 1)
    return table[:, 1:]


def _reject_more(rest: bytes) -> None:
    """Refuse numbers beyond the announced ones: the header of a killed run says zero points."""
    if rest.strip() and not rest.lstrip().startswith(b"Title:"):
        raise ValueError("it holds more numbers than it announces, as a run that was killed does")


def _checked(header: _Header, table: FloatArray) -> RawData:
    """Copy the columns, one after the other, and check them."""
    if not len(table):
        raise ValueError("it holds no points")
    columns = {name: _column(table[:, k]) for k, name in enumerate(header.names)}
    time = columns.pop("time")
    if time[0] < 0 or (np.diff(time) < 0).any():
        raise ValueError("its time runs backwards")
    return RawData(header.title, time, columns)


def _column(stored: FloatArray) -> FloatArray:
    column = np.array(stored, dtype=np.float64)
    if not np.isfinite(column).all():
        raise ValueError("it holds numbers that are not finite")
    return column
