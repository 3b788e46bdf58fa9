"""The ports of the window, filled by the engine's process."""

from typing import cast

from arcs_gui.engine_process.process import EngineProcess
from arcs_gui.ports import Analyst, Engine


def remote_services(process: EngineProcess) -> tuple[Engine, Analyst]:
    """Return the engine and the analyst that work in that process."""
    return cast(Engine, process.service("engine")), cast(Analyst, process.service("analyst"))
