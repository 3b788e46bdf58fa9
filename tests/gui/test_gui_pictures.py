"""The pictures of the documentation show what the window looks like.

They are made as `python -m tests.window.screenshots` makes them and compared with the accepted
ones in ``docs/images`` block by block, by brightness and contrast: another digit or another
rasterizer of the same font passes, a panel that is elsewhere, empty or of other colours does not.
Where a change is meant, ``--accept-golden`` writes them anew; look at them before they are
committed.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from test_gui_axes import painted, turn_wheel  # noqa: F401 - a fixture
from test_gui_real_engine import LONG_MS, process, real_engine  # noqa: F401 - fixtures

from arcs_gui.event_loop.turns import EventTurns
from tests.window import tour, walkthrough
from tests.window.screenshots import SIZE, is_drawn, thrifty

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"
WALK = ("walkthrough-1-start", "walkthrough-2-designs", "walkthrough-3-part", "walkthrough-4-done")

ZOOMED = ("proposal", "spectrum", "load-step", "tuning")
"""Where other waveforms are on screen; they are zoomed before the picture is taken."""

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


class Album:
    """Compares pictures with the accepted ones; or accepts them, where that is asked for."""

    def __init__(self, *, accept: bool) -> None:
        self._accept = accept
        self.shares: dict[str, float] = {}

    def add(self, name: str, shown) -> None:
        """Take a picture of a widget, the second one: plots measure their texts when painted."""
        shown.grab()
        QApplication.processEvents()
        picture, file = shown.grab().toImage(), IMAGES / f"{name}.png"
        if self._accept:
            thrifty(picture).save(str(file), quality=0)
        self.shares[name] = other_share(picture, QImage(str(file)))

    @property
    def others(self) -> dict[str, float]:
        """The pictures that show something else than the accepted ones."""
        return {name: share for name, share in self.shares.items() if share > MOST_OTHER}


@pytest.fixture
def album(request):
    return Album(accept=request.config.getoption("--accept-golden"))


@pytest.fixture
def shown(open_desktop, real_engine, runs, settings, theme):  # noqa: F811
    theme.choose("light")
    window = open_desktop(real_engine, runs, settings).window
    window.resize(*SIZE)
    yield window
    theme.choose("light")


@pytest.fixture
def wait(qtbot, shown):
    """Return what waits for a condition, and for everything that follows from it."""
    turns = shown.findChild(EventTurns)

    def wait_for(condition) -> None:
        qtbot.waitUntil(condition, timeout=LONG_MS)
        qtbot.waitUntil(lambda: turns.are_over, timeout=LONG_MS)

    return wait_for


@pytest.mark.qt_log_ignore("does not support")
@needs_ngspice
def test_that_the_pictures_of_the_walk_through_show_the_window_as_it_is(
    shown,
    wait,
    album,
    painted,  # noqa: F811
    tmp_path,
):
    for name, _ in zip(WALK, walkthrough.steps(shown, tmp_path, wait), strict=False):
        if shown.waveforms.curves:
            assert painted.faults(shown.grab) == [], name
        album.add(name, shown)
    assert list(album.shares) == list(WALK)
    assert album.others == {}


@pytest.mark.qt_log_ignore("does not support")
@needs_ngspice
def test_that_the_pictures_of_every_screen_show_the_window_as_it_is(
    shown,
    wait,
    album,
    painted,  # noqa: F811
    theme,
):
    """Each in the themes that the documentation shows it in.

    Another theme makes new axes, so their numbers are read before: as what came before left them,
    a first spec, tuning, and a zoom that is taken back.
    """
    for name, widget in tour.stops(shown, wait):
        if shown.waveforms.curves:
            assert painted.faults(shown.grab) == [], name
        if name in ZOOMED:
            turn_wheel(shown, 0, 3)
            assert painted.faults(shown.grab) == [], f"{name}, zoomed"
            shown.waveforms.menu.actions_by_name["fit"].trigger()
        for choice in ("light", "dark"):
            if (IMAGES / f"app-{name}-{choice}.png").exists():
                theme.choose(choice)
                wait(lambda: is_drawn(shown, theme.palette))
                album.add(f"app-{name}-{choice}", widget)
    assert len(album.shares) > 20
    assert album.others == {}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (WALK[0], WALK[1]),
        (WALK[1], WALK[2]),
        (WALK[0], "app-start-dark"),
        ("app-analyses-map-light", "app-analyses-sweep-light"),
    ],
)
def test_that_pictures_of_different_states_are_told_apart(first, second):
    one, other = (QImage(str(IMAGES / f"{name}.png")) for name in (first, second))
    assert other_share(one, one) == 0
    assert other_share(one, other) > MOST_OTHER


def test_that_a_thrifty_picture_shows_the_same_in_few_colours():
    random = np.random.default_rng(0)
    pixels = random.integers(0, 2**24, (48, 48), dtype=np.uint32)
    pixels[:24] = 0x0B6E99
    image = QImage(pixels.data, 48, 48, 48 * 4, QImage.Format.Format_RGB32)
    made = thrifty(image)
    assert made.colorCount() == 256
    assert made.pixelColor(3, 3).name() == "#0b6e99"
    assert other_share(made, image) == 0
