"""The way into the window. The engine imports nothing of it: its entry points are looked up."""

from importlib.metadata import entry_points
from importlib.util import find_spec
from types import ModuleType
from typing import Final, Literal

from arcs_engine.foundation.errors import ArcsError

_GROUP: Final = "arcs.window"
"""Group of the entry points by which the window offers itself (pyproject.toml)."""


def window(part: Literal["app", "bench"]) -> ModuleType:
    """Return a module of the window: what opens it, or what measures it.

    Raises:
        ArcsError: the window is not installed.
    """
    offered = entry_points(group=_GROUP, name=part)
    if find_spec("PySide6") is None or not offered:
        raise ArcsError(
            "The window is not installed; install ARCS with its gui extra, or see arcs --help for "
            "the command line."
        )
    found: ModuleType = next(iter(offered)).load()
    return found
