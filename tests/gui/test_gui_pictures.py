"""The pictures of the documentation show what the window looks like.

They are made as `python -m arcs_gui.screenshots` makes them and compared with the accepted ones in
``docs/images`` block by block, by brightness and contrast: another digit or another rasterizer of
the same font passes, a panel that is elsewhere, empty or of other colours does not. Where a change
is meant, ``--accept-golden`` writes them anew; look at them before they are committed.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from test_gui_real_engine import LONG_MS, process, real_engine  # noqa: F401 - fixtures

from arcs_gui import walkthrough
from arcs_gui.screenshots import SIZE

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"
NAMES = ("walkthrough-1-start", "walkthrough-2-designs", "walkthrough-3-part", "walkthrough-4-done")

BLOCK = 24
BRIGHTNESS = 20.0
CONTRAST = 30.0
"""Differences of mean and of standard deviation, 0..255, from which on a block is another one."""

MOST_OTHER = 0.04
"""Share of blocks that may be others: what ngspice has got to when the picture is taken."""

needs_ngspice = pytest.mark.skipif(shutil.which("ngspice") is None, reason="needs ngspice")


def blocks(image: QImage) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of grey in each whole block, shape (rows, columns)."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    flat = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    rows, columns = grey.height() // BLOCK, grey.width() // BLOCK
    cut = flat[: rows * BLOCK, : columns * BLOCK].astype(float)
    tiles = cut.reshape(rows, BLOCK, columns, BLOCK)
    return tiles.mean(axis=(1, 3)), tiles.std(axis=(1, 3))


def other_share(first: QImage, second: QImage) -> float:
    """Return the share of blocks that differ; 1 for pictures of different sizes."""
    if first.size() != second.size():
        return 1.0
    (mean, spread), (its_mean, its_spread) = blocks(first), blocks(second)
    other = (abs(mean - its_mean) > BRIGHTNESS) | (abs(spread - its_spread) > CONTRAST)
    return float(other.mean())


@pytest.mark.qt_log_ignore("does not support")
@needs_ngspice
def test_that_the_pictures_of_the_walk_through_show_the_window_as_it_is(
    qtbot,
    open_desktop,
    real_engine,  # noqa: F811
    runs,
    settings,
    theme,
    tmp_path,
    request,
):
    theme.choose("light")
    window = open_desktop(real_engine, runs, settings).window
    window.resize(*SIZE)

    def wait(condition) -> None:
        qtbot.waitUntil(condition, timeout=LONG_MS)

    shares = {}
    steps = walkthrough.steps(window, tmp_path / "my-supply.cir", wait)
    for name, _ in zip(NAMES, steps, strict=False):
        picture, file = window.grab().toImage(), IMAGES / f"{name}.png"
        if request.config.getoption("--accept-golden"):
            picture.save(str(file))
        shares[name] = other_share(picture, QImage(str(file)))
    assert {name: share for name, share in shares.items() if share > MOST_OTHER} == {}


@pytest.mark.parametrize(
    ("first", "second"),
    [(NAMES[0], NAMES[1]), (NAMES[1], NAMES[2]), (NAMES[0], "app-start-dark")],
)
def test_that_pictures_of_different_states_are_told_apart(first, second):
    one, other = (QImage(str(IMAGES / f"{name}.png")) for name in (first, second))
    assert other_share(one, one) == 0
    assert other_share(one, other) > MOST_OTHER
