"""What commands print: the answer on stdout, everything else on stderr."""

import re
import sys
import time
from collections.abc import Mapping
from threading import Event
from types import TracebackType
from typing import Self

import msgspec
import typer

from arcs_engine.analysis.design_file import encode
from arcs_engine.cli.ending import tell
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.plain import plain, plain_lines


def emit(document: msgspec.Struct | Mapping[str, msgspec.Struct]) -> None:
    """Print one JSON document on stdout."""
    print_json(encode(document).decode())


def print_json(text: str) -> None:
    """Print JSON on stdout, with what a terminal may obey as the escapes that JSON has for it."""
    typer.echo(_NOT_ASCII_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text), nl=False)


def say(text: str) -> None:
    """Print the human answer on stdout."""
    typer.echo(plain_lines(text))


def print_raw(text: str) -> None:
    """Print text on stdout as it is."""
    typer.echo(text, nl=False)


def warn(text: str) -> None:
    """Print a line on stderr."""
    tell(f"arcs: {plain(text)}\n")


_NOT_ASCII_CONTROL = re.compile(r"[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control characters that JSON leaves as they are; the others it escapes itself."""

_LINES_APART = 1.0
"""Seconds between lines of progress where stderr is no terminal."""


class ProgressLine:
    """Progress on stderr: one line that is rewritten on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown = ""
        self._since = -_LINES_APART

    def __call__(self, fraction: float, text: str) -> None:
        """Show how far the work is."""
        text = plain(text)
        if self._terminal:
            tell(f"\r\x1b[K{text} {fraction:4.0%}")
        elif text != self._shown and time.monotonic() - self._since >= _LINES_APART:
            tell(f"{text}\n")
            self._since = time.monotonic()
        self._shown = text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._terminal and self._shown:
            tell("\r\x1b[K")


def prepare_solver() -> None:
    """Have the solver compiled where that was not done yet, and show how far it is."""
    # It is what the solver costs to import, which bad input and --help do not wait for.
    from arcs_engine.performance.warm import prepare  # noqa: PLC0415

    with ProgressLine() as line:
        note = prepare(control(line))
    if note:
        warn(note)


def control(line: ProgressLine) -> Control:
    """Return a control that shows progress on `line`; Ctrl-C raises where the work is."""
    return Control(line, Event())
