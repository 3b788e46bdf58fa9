"""Start the window: ``python -m arcs_gui``."""

import gc
import multiprocessing
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from arcs_engine.foundation.interruption import ends_at_once

if TYPE_CHECKING:
    from arcs_gui.engine_process.process import EngineProcess


def begin() -> "EngineProcess":
    """Start the engine's process before anything else is imported.

    Its libraries take longer to load than the window, and so they load beside it. Nothing that is
    imported can be thrown away: Python looks for garbage only when the window is there.
    """
    from arcs_gui.engine_process.process import EngineProcess  # noqa: PLC0415

    gc.disable()
    multiprocessing.freeze_support()
    return EngineProcess()


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window; return the exit code when it is closed, 130 when it was interrupted."""
    with ends_at_once():
        process = begin()
        try:
            from arcs_gui.app import run  # noqa: PLC0415 - after the start of the engine

            return run(process, list(sys.argv if arguments is None else arguments))
        finally:
            process.close()


if __name__ == "__main__":
    raise SystemExit(main())
