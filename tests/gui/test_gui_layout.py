"""The window on screens and at sizes of every kind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from test_gui_design import propose

from arcs_gui.event_loop.offscreen import PLATFORM
from arcs_gui.views.dock_shares import Share
from arcs_gui.views.main_window import MainWindow
from arcs_gui.views.remembered import Remembered
from arcs_gui.widgets.shrinkable import Shrinkable

LEFT = Qt.MouseButton.LeftButton
SCRIPT = Path(__file__).parent / "screen_sizes.py"

pytestmark = pytest.mark.skipif(PLATFORM == "offscreen", reason="needs a screen of a given size")


def sizes(window: MainWindow) -> dict[str, tuple[int, int]]:
    """Return the sizes of what is seen: the docks, and both parts of the middle."""
    found = {
        name: dock.size().toTuple()
        for name, dock in window.docks.items()
        if not dock.visibleRegion().isEmpty()
    }
    for panel in (window.schematic, window.waveforms):
        found[type(panel).__name__] = panel.visibleRegion().boundingRect().size().toTuple()
    return found


def resize(qtbot, window, width: int, height: int) -> None:
    window.resize(width, height)
    qtbot.waitUntil(lambda: window.size().toTuple() == (width, height))
    qtbot.wait(1)  # layouts are done in an event of their own


def are_alike(one: dict, other: dict, pixels: int = 2) -> bool:
    return one.keys() == other.keys() and all(
        abs(one[name][k] - other[name][k]) <= pixels for name in one for k in (0, 1)
    )


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [(1024, 700, "1"), (1024, 700, "1.5"), (1024, 700, "2"), (1600, 1000, "1.5")],
)
def test_that_the_window_is_never_larger_than_its_screen(tmp_path, width, height, scale):
    """At a first start, with the layout of a larger screen, and with everything open."""
    place = {"x": 0, "y": 0, "width": width, "height": height}
    dots = {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    config = tmp_path / "screen.json"
    config.write_text(json.dumps({"screens": [{"name": "small", **place, **dots}]}))
    made = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=os.environ
        | {
            "QT_SCALE_FACTOR": scale,
            "QT_QPA_PLATFORM": f"offscreen:configfile={config}",
            "PYTHONPATH": os.pathsep.join([str(SCRIPT.parents[2]), str(SCRIPT.parent)]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout == ""


def test_that_the_fields_of_the_spec_can_be_read_in_a_small_window(qtbot, window):
    window.spec.more.open()
    resize(qtbot, window, 1024, 700)
    for name, field in window.spec.fields.items():
        edit: QLineEdit = field.edit
        shown = edit.text() or edit.placeholderText()
        room = edit.width() - edit.sizeHint().height()  # frame and padding, a generous guess
        assert edit.fontMetrics().horizontalAdvance(shown) <= room, name
        assert field.geometry().right() <= window.spec.width(), name


def test_that_no_panel_scrolls_where_it_has_the_room_that_it_needs(qtbot, window):
    """At the size of a first start; a small window scrolls and cuts nothing off."""
    propose(qtbot, window)
    resize(qtbot, window, 1440, 900)
    rooms = [room for room in window.findChildren(Shrinkable) if not room.visibleRegion().isEmpty()]
    assert len(rooms) == 4  # candidates, details, jobs, waveforms

    def scrolling() -> list[Shrinkable]:
        bars = {room: (room.verticalScrollBar(), room.horizontalScrollBar()) for room in rooms}
        return [room for room in rooms if any(bar.isVisible() for bar in bars[room])]

    assert scrolling() == []
    resize(qtbot, window, 683, 467)
    assert scrolling() != []

    def cut_off() -> list[QWidget]:
        panels = [room.widget() for room in rooms]
        return [p for p in panels if p.size() != p.size().expandedTo(p.minimumSizeHint())]

    qtbot.waitUntil(lambda: window.waveforms.stack.is_filled and cut_off() == [])


def test_that_docks_recover_when_a_small_window_is_enlarged(qtbot, window):
    propose(qtbot, window)
    resize(qtbot, window, 1440, 900)
    before = sizes(window)
    for small in ((1024, 700), (683, 467), (512, 350)):
        resize(qtbot, window, *small)
        assert not are_alike(sizes(window), before)
        resize(qtbot, window, 1440, 900)
        assert are_alike(sizes(window), before)


def test_that_docks_recover_over_a_restart(qtbot, desktop, open_desktop, engine, runs, settings):
    first = desktop.window
    resize(qtbot, first, 1440, 900)
    before = sizes(first)
    resize(qtbot, first, 683, 467)
    squeezed = sizes(first)
    first.close()
    second = open_desktop(engine, runs, settings).window
    qtbot.waitUntil(lambda: are_alike(sizes(second), squeezed))
    resize(qtbot, second, 1440, 900)
    assert are_alike(sizes(second), before)


def drag_separator(qtbot, window, start: QPoint, way: QPoint) -> None:
    qtbot.mousePress(window, LEFT, pos=start)
    for place in (start + way / 2, start + way):
        qtbot.mouseMove(window, place)
        qtbot.wait(1)  # Qt moves the separator in an event of its own
    qtbot.mouseRelease(window, LEFT, pos=start + way)
    qtbot.wait(1)


def beside(window, name: str) -> QPoint:
    """Return a place of the separator at the right of a dock."""
    place: QRect = window.docks[name].geometry()
    return QPoint(place.right() + 3, place.center().y())


def test_that_a_width_that_the_user_chose_stays_at_every_size_and_over_a_restart(
    qtbot, desktop, open_desktop, engine, runs, settings
):
    window = desktop.window
    resize(qtbot, window, 1440, 900)
    drag_separator(qtbot, window, beside(window, "Spec"), QPoint(120, 0))
    qtbot.waitUntil(lambda: window.docks["Spec"].width() == 400)
    chosen = sizes(window)
    for other in ((1024, 700), (1920, 1100)):
        resize(qtbot, window, *other)
        resize(qtbot, window, 1440, 900)
        assert are_alike(sizes(window), chosen)
    window.close()
    second = open_desktop(engine, runs, settings).window
    qtbot.waitUntil(lambda: are_alike(sizes(second), chosen))
    resize(qtbot, second, 1440, 900)
    assert are_alike(sizes(second), chosen)
    second._reset_layout()
    qtbot.waitUntil(lambda: second.docks["Spec"].width() == 280)


def test_that_a_height_that_was_chosen_in_a_small_window_is_none_of_the_squeezed_widths(
    qtbot, window
):
    resize(qtbot, window, 1440, 900)
    widths = {name: width for name, (width, _) in sizes(window).items()}
    resize(qtbot, window, 900, 600)
    over = window.docks["Runs"].geometry()
    drag_separator(qtbot, window, QPoint(over.center().x(), over.top() - 3), QPoint(0, -40))
    before = window.docks["Runs"].height()
    qtbot.waitUntil(lambda: window.docks["Runs"].height() > over.height() + 20)
    resize(qtbot, window, 1440, 900)
    assert {name: width for name, (width, _) in sizes(window).items()} == widths
    assert window.docks["Runs"].height() > 1.2 * before


@pytest.mark.parametrize("stored", ["", "{", '{"Spec": {"width": 7}}', '{"Spec": 1}', "[1]"])
def test_that_shares_that_cannot_be_read_are_as_if_they_were_not_there(settings, stored):
    settings.setValue("shares", stored)
    assert Remembered(settings).shares == {}


def test_that_shares_are_read_as_they_were_stored(settings):
    Remembered(settings).shares = {"Spec": Share(width=0.2), "Runs": Share(height=0.25)}
    assert Remembered(settings).shares == {"Spec": Share(0.2, None), "Runs": Share(None, 0.25)}
