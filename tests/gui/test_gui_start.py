"""Ctrl-C and SIGTERM at every stage of the start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from arcs_gui.event_loop.offscreen import PLATFORM

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX sends itself signals")

SCRIPT = Path(__file__).parent / "interrupted_start.py"
LIMIT_S = 120

MOMENTS = (
    "import typer",
    "import arcs_engine.cli.app",
    "import arcs_engine.cli.commands.runs",
    "call arcs_engine/cli/app.py open_app",
    "call arcs_gui/__main__.py begin",
    "import arcs_gui.engine_process.process",
    "import multiprocessing.popen_spawn_posix",  # the engine's process is half started
    "import arcs_gui.app",
    "import PySide6.QtCore",
    "import PySide6.QtWidgets",
    "import pyqtgraph",
    "call arcs_gui/app.py run",
    "call arcs_gui/views/main_window.py __init__",
    "call arcs_gui/views/main_window.py _lay_out",
    "call arcs_gui/event_loop/interrupt.py __enter__",
    "call arcs_gui/app.py show",
    "call arcs_gui/app.py _after_show",
)


def start(number: str, moment: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Start the window, let it be interrupted, and wait until nothing of it is left.

    What it starts holds its stderr too, which is at its end only when all of that is gone.
    """
    settings = {"QT_QPA_PLATFORM": PLATFORM, "XDG_CONFIG_HOME": str(folder)}
    paths = os.pathsep.join(path for path in sys.path if path)
    return subprocess.run(
        [sys.executable, str(SCRIPT), number, moment],
        env=os.environ | settings | {"PYTHONPATH": paths, "ARCS_DATA": str(folder)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize("moment", MOMENTS)
def test_that_ctrl_c_ends_the_start_at_any_moment(tmp_path, moment):
    ended = start("SIGINT", moment, tmp_path)
    assert (ended.returncode, ended.stdout) == (130, ""), ended.stderr
    assert "Traceback" not in ended.stderr
    assert set(ended.stderr.splitlines()) <= {"arcs: Cancelled."}


@pytest.mark.parametrize("moment", MOMENTS[::4])
def test_that_sigterm_ends_the_start_likewise(tmp_path, moment):
    ended = start("SIGTERM", moment, tmp_path)
    assert (ended.returncode, ended.stdout) == (130, ""), ended.stderr
    assert set(ended.stderr.splitlines()) <= {"arcs: Cancelled."}
