"""Options that travel together are one value: a frozen dataclass that a command takes.

Typer makes a command's options from its parameters. Here a parameter whose type is a dataclass
stands for the options that its fields declare, the way Typer wants them::

    @dataclass(frozen=True, kw_only=True)
    class AnswerOptions:
        seed: Annotated[int, typer.Option(help="Makes the answer repeatable.")] = 0
        as_json: Annotated[bool, typer.Option("--json")] = False


    @app.command()
    @grouped
    def corners(design: Annotated[Path, typer.Argument()], answer: AnswerOptions) -> None: ...

``arcs corners --help`` lists the options in the order of parameters and fields. A field may be a
group itself. No two options of a command can have the same name, whatever groups they are in.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that Typer can read: the fields of its groups are its own options.

    Raises:
        ValueError: two of them have the same name.
    """

    @functools.wraps(command)
    def opened(**given: object) -> None:
        command(**_filled(command, given))

    # Typer takes the parameters from here.
    opened.__signature__ = inspect.Signature(list(_fields(command)))  # type: ignore[attr-defined]
    return opened


def _parameters(taker: Callable[..., object]) -> Iterator[inspect.Parameter]:
    """Yield what a command or a group takes; by name, so that none needs its place."""
    for parameter in inspect.signature(taker, eval_str=True).parameters.values():
        yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)


def _fields(taker: Callable[..., object]) -> Iterator[inspect.Parameter]:
    """Yield what a command or a group takes, with the fields of a group in the group's place."""
    for parameter in _parameters(taker):
        if _is_group(parameter):
            yield from _fields(parameter.annotation)
        else:
            yield parameter


def _filled(taker: Callable[..., object], given: Mapping[str, object]) -> dict[str, object]:
    """Return what a command or a group takes, by name, with its groups made from their fields."""
    return {
        each.name: each.annotation(**_filled(each.annotation, given))
        if _is_group(each)
        else given[each.name]
        for each in _parameters(taker)
    }


def _is_group(parameter: inspect.Parameter) -> bool:
    return is_dataclass(parameter.annotation)
