"""Start the window: ``python -m arcs_gui``."""

import multiprocessing
import sys
from collections.abc import Sequence

from arcs_gui.remote.process import EngineProcess


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window; return the exit code when it is closed.

    The engine's process is started before anything else is imported: its libraries take longer to
    load than the window, and so they load beside it.
    """
    multiprocessing.freeze_support()
    process = EngineProcess()
    try:
        from arcs_gui.app import run  # noqa: PLC0415 - after the start of the engine

        return run(process, list(sys.argv if arguments is None else arguments))
    finally:
        process.close()


if __name__ == "__main__":
    raise SystemExit(main())
