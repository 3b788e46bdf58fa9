"""Looking closely at the schematic, and a wheel that changes nothing in passing."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDockWidget,
    QScrollArea,
    QSlider,
    QSpinBox,
    QWidget,
)
from test_gui_design import pick, propose
from test_gui_tuning import click, place_of, tuned, turn_wheel, value_on_schematic

from arcs_gui.widgets.svg_view import LARGEST_ZOOM

__all__ = ["tuned"]

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
PARTS = ("L1", "Cout", "Q1", "D1", "Rload")


@pytest.fixture
def picture(tuned):
    return tuned.schematic.picture


def zoom_in(picture, place: QPointF, notches: int = 4) -> None:
    turn_wheel(picture, place, notches, CTRL)


def is_near(first: QPointF, second: QPointF) -> bool:
    return (first - second).manhattanLength() < 1e-6


@pytest.mark.parametrize("keys", [Qt.KeyboardModifier.NoModifier, CTRL])
def test_that_the_wheel_edits_no_part_that_was_not_picked(tuned, picture, engine, keys):
    before = {name: value_on_schematic(tuned, name) for name in ("L1", "Cout", "Q1")}
    for part in PARTS:
        for picked in {*PARTS, ""} - {part}:
            picture.picked.emit(picked)
            event = turn_wheel(picture, QPointF(place_of(tuned, part)), 3, keys)
            assert event.isAccepted() == (keys == CTRL)
            assert picture.selected == picked
    assert {name: value_on_schematic(tuned, name) for name in before} == before
    assert engine.solved == []
    assert not tuned.undo_action.isEnabled()


def test_that_ctrl_and_wheel_zoom_a_picked_part_too_and_edit_nothing(tuned, picture, engine):
    picture.picked.emit("L1")
    zoom_in(picture, QPointF(place_of(tuned, "L1")))
    assert picture.zoom > 1
    assert engine.solved == []


def test_that_half_a_notch_over_one_part_does_not_count_for_the_next(tuned, picture, engine):
    for part in ("L1", "Cout"):
        picture.picked.emit(part)
        turn_wheel(picture, QPointF(place_of(tuned, part)), 0.5)
    assert engine.solved == []


def test_that_what_is_under_the_mouse_stays_there_while_it_is_zoomed(picture):
    zoom_in(picture, QPointF(picture.rect().center()), 6)
    for notches in (1, 2, -1):
        place = picture.bounds_of("L1").center()
        zoom_in(picture, place, notches)
        assert is_near(picture.bounds_of("L1").center(), place)
        assert picture.part_at(place) == "L1"


def test_that_the_zoom_ends_at_both_ends(picture):
    whole = picture.area
    zoom_in(picture, QPointF(3, 3), 100)
    assert picture.zoom == LARGEST_ZOOM
    assert picture.area.contains(picture.rect().toRectF())
    zoom_in(picture, QPointF(picture.width() - 3, 3), -200)
    assert (picture.zoom, picture.area) == (1.0, whole)


def empty_place(picture) -> QPoint:
    """Return a place of the picture where there is nothing."""
    places = (
        QPoint(x, y) for x in range(5, picture.width(), 7) for y in range(5, picture.height(), 7)
    )
    return next(place for place in places if not picture.signals_at(QPointF(place)))


def test_that_there_are_two_ways_back_to_the_whole_picture(qtbot, picture):
    whole = picture.area
    picture.setFocus()
    for way_back in (
        lambda: qtbot.keyClick(picture, Qt.Key.Key_F),
        lambda: qtbot.mouseDClick(picture, LEFT, pos=empty_place(picture)),
    ):
        zoom_in(picture, picture.bounds_of("L1").center(), 3)
        assert picture.area != whole
        way_back()
        assert picture.area == whole


def test_that_the_keys_zoom_at_the_picked_part(qtbot, picture):
    picture.setFocus()
    picture.picked.emit("L1")
    before = picture.bounds_of("L1")
    for _ in range(4):
        qtbot.keyClick(picture, Qt.Key.Key_Plus)
    assert picture.bounds_of("L1").width() > 2 * before.width()
    assert picture.rect().toRectF().contains(picture.bounds_of("L1").center())
    for _ in range(4):
        qtbot.keyClick(picture, Qt.Key.Key_Minus)
    assert picture.bounds_of("L1").width() == pytest.approx(before.width())


def test_that_a_drag_moves_the_picture_no_further_than_there_is_some(qtbot, picture):
    for button in (Qt.MouseButton.MiddleButton, LEFT):
        picture.fit()
        zoom_in(picture, QPointF(picture.rect().center()), 5)
        empty = empty_place(picture)
        before = picture.area.topLeft()
        qtbot.mousePress(picture, button, pos=empty)
        qtbot.mouseMove(picture, empty + QPoint(20, 10))
        assert is_near(picture.area.topLeft(), before + QPointF(20, 10))
        qtbot.mouseMove(picture, empty + QPoint(90_000, 0))
        assert picture.area.left() == 0
        qtbot.mouseRelease(picture, button, pos=empty)
        qtbot.mouseMove(picture, empty)
        assert picture.area.left() == 0


def test_that_a_part_is_picked_and_moved_in_a_zoomed_picture(qtbot, tuned, picture):
    zoom_in(picture, picture.bounds_of("L1").center(), 4)
    click(qtbot, tuned, "L1")
    assert picture.selected == "L1"
    turn_wheel(picture, QPointF(place_of(tuned, "L1")), 1)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "12 µH")
    assert picture.zoom > 1


def test_that_the_zoom_survives_another_design_a_theme_and_a_resize(qtbot, tuned, picture, theme):
    zoom_in(picture, picture.bounds_of("L1").center(), 4)
    before = (picture.zoom, picture.area)
    pick(qtbot, tuned, 2)
    assert (picture.zoom, picture.area) == before
    document = picture.document
    theme.choose("dark")
    qtbot.waitUntil(lambda: picture.document != document)
    assert (picture.zoom, picture.area) == before
    theme.choose("light")
    size = tuned.size()
    tuned.resize(size.width() - 150, size.height() - 100)
    qtbot.waitUntil(lambda: picture.area != before[1])
    assert picture.zoom == before[0]
    assert picture.rect().toRectF().intersects(picture.bounds_of("L1"))
    assert picture.area.contains(picture.rect().toRectF())


def test_that_another_topology_is_shown_whole(qtbot, tuned, picture):
    zoom_in(picture, picture.bounds_of("L1").center(), 4)
    document = picture.document
    tuned.spec.choose_topology("sepic")
    qtbot.waitUntil(lambda: picture.document != document)
    assert picture.zoom == 1.0


def scroll_to(control: QWidget) -> None:
    """Bring a control into sight where what is around it scrolls or lies behind another tab."""
    around = control.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(control)
        if isinstance(around, QDockWidget):
            around.raise_()
            QApplication.processEvents()
        around = around.parentWidget()


def test_that_the_wheel_changes_no_control_in_passing(qtbot, tuned, engine):
    asked = len(engine.proposed)
    tuned.schematic.picture.setFocus()
    for kind in (QComboBox, QSpinBox, QSlider):
        shown = [each for each in tuned.findChildren(kind) if each.isVisible()]
        assert shown
        for control in shown:
            scroll_to(control)
            assert not control.visibleRegion().isEmpty()
            before = _value(control)
            for notches in (1, -1, -1):
                event = turn_wheel(control, QPointF(control.rect().center()), notches)
                assert not event.isAccepted()  # what is around it scrolls
                assert _value(control) == before
            assert not control.hasFocus()
    propose(qtbot, tuned)
    assert len(engine.proposed) == asked + 1


def test_that_the_wheel_changes_the_control_that_has_the_focus(tuned):
    slider = tuned.spec.weight
    before = slider.value()
    slider.setFocus()
    turn_wheel(slider, QPointF(slider.rect().center()), -1)
    assert slider.value() != before


def _value(control):
    return control.currentIndex() if isinstance(control, QComboBox) else control.value()
