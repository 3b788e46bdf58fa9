"""Make the documentation's pictures: ``python -m tests.window.screenshots FOLDER``.

Every screen of the real window with the real engine, light and dark, at scale 1 and 1.5, without a
display; nothing of the user's is read or written. A picture at another scale than 1 has it in its
name: ``app-proposal-dark@1.5.png``.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import chain
from pathlib import Path

from arcs_gui.event_loop.offscreen import PLATFORM

os.environ["QT_QPA_PLATFORM"] = PLATFORM

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEventLoop, QSettings, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from arcs_engine.learning.jobs.runs import RunStore
from arcs_gui.app import Desktop
from arcs_gui.engine_process.process import EngineProcess
from arcs_gui.engine_process.services import remote_services
from arcs_gui.run_folders import WorkerRuns
from arcs_gui.theme import Palette, Theme
from arcs_gui.views.main_window import MainWindow
from tests.window import tour, walkthrough

SIZE = (1440, 900)
SCALES = ("1", "1.5")
LONGEST_WAIT_MS = 120_000
COLOURS = 256
"""What a picture keeps: a quarter of the bytes, and no eye sees the difference."""

_SHADE = 0x00F0F0F0
"""The part of a colour that tells its shade."""


def main(arguments: list[str]) -> int:
    """Write the pictures into a folder.

    Qt reads the scale from the environment when it starts, so each scale is a process of its own.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.window.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", nargs="+", default=SCALES, help="device pixels per pixel")
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    if list(chosen.scale) == [os.environ.get("QT_SCALE_FACTOR")]:
        _visit(chosen.folder, "" if chosen.scale == ["1"] else f"@{chosen.scale[0]}")
        return 0
    command = [sys.executable, "-m", "tests.window.screenshots", str(chosen.folder), "--scale"]
    for scale in chosen.scale:
        subprocess.run([*command, scale], env=os.environ | {"QT_SCALE_FACTOR": scale}, check=True)
    return 0


def thrifty(image: QImage) -> QImage:
    """Return a picture in a few of its colours, each other one as the nearest of those.

    Half of them are the most frequent ones, which are those of surfaces; the others are the most
    frequent one of each shade, for the edges of letters.
    """
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(plain.constBits(), np.uint32).reshape(plain.height(), plain.width())
    colours, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    ordered = np.argsort(-counts, kind="stable")
    _, shades = np.unique(colours[ordered] & _SHADE, return_index=True)
    kept = ordered[np.union1d(np.arange(min(COLOURS // 2, len(ordered))), shades)[:COLOURS]]
    parts = colours.view(np.uint8).reshape(-1, 4).astype(np.int64)
    distances = ((parts[:, None] - parts[None, kept]) ** 2).sum(axis=2)
    indices = np.argmin(distances, axis=1).astype(np.uint8)[places].reshape(pixels.shape)
    found = QImage(
        np.ascontiguousarray(indices).data,
        plain.width(),
        plain.height(),
        plain.width(),
        QImage.Format.Format_Indexed8,
    )
    found.setColorTable(colours[kept].tolist())
    found.setDevicePixelRatio(plain.devicePixelRatio())
    return found.copy()


def _visit(folder: Path, mark: str) -> None:
    application = QApplication([])
    theme, process = Theme(application), EngineProcess()
    engine, analyst = remote_services(process)
    with tempfile.TemporaryDirectory() as scratch:
        for number, visit in enumerate((_walk, _tour)):
            # A first start each: nothing is remembered.
            settings = QSettings(f"{scratch}/arcs-{number}.ini", QSettings.Format.IniFormat)
            runs = WorkerRuns(RunStore(Path(scratch) / "runs"))
            desktop = Desktop(engine, analyst, runs, theme, settings)
            desktop.window.native_dialogs = False
            desktop.window.resize(*SIZE)
            theme.choose("light")
            desktop.show()
            try:
                visit(desktop.window, theme, lambda name: folder / f"{name}{mark}.png")
            finally:
                desktop.window.leave()
    process.close()


def _walk(window: MainWindow, _: Theme, file: Callable[[str], Path]) -> None:
    """Go the way of `docs/walkthrough.md`."""
    with tempfile.TemporaryDirectory() as scratch:
        for number, name in enumerate(walkthrough.steps(window, Path(scratch), _wait_for), 1):
            _live(_SETTLING_MS)
            _save(window.grab().toImage(), file(f"walkthrough-{number}-{name}"))


def _tour(window: MainWindow, theme: Theme, file: Callable[[str], Path]) -> None:
    """Go the way of `docs/app.md`."""
    for name, shown in chain(tour.stops(window, _wait_for), tour.job(window, _wait_for)):
        for choice in ("light", "dark"):
            theme.choose(choice)
            _wait_for(lambda: is_drawn(window, theme.palette))
            _live(_SETTLING_MS)
            _save(shown.grab().toImage(), file(f"app-{name}-{choice}"))


_SETTLING_MS = 200
"""Time in which what has changed is painted."""


def _save(image: QImage, path: Path) -> None:
    thrifty(image).save(str(path), quality=0)  # packs it most


def is_drawn(window: MainWindow, palette: Palette) -> bool:
    """Say whether the schematic, if there is one, has the colours of the palette."""
    document = window.schematic.picture.document
    return not document or palette.text in document


def _wait_for(condition: Callable[[], object]) -> None:
    """Let the window live until a condition holds."""
    clock = QElapsedTimer()
    clock.start()
    while not condition():
        if clock.elapsed() > LONGEST_WAIT_MS:
            raise TimeoutError("The window did not come to the state of the next picture.")
        _live(20)


def _live(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
