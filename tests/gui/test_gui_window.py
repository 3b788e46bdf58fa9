"""The window itself: what it remembers, its themes, its messages and its keyboard."""

import json
import sys
from unittest.mock import Mock

import pytest
from PySide6.QtCore import QByteArray, QObject, QSettings, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QSlider,
    QSpinBox,
    QTabBar,
    QTableView,
    QToolButton,
    QTreeView,
)

from arcs_engine.circuits.spec import HIGHEST_WEIGHT
from arcs_gui.app import crash_guard
from arcs_gui.presenters.designs.shortlist import column
from arcs_gui.presenters.spec.form import EXAMPLES
from arcs_gui.theme import Theme
from arcs_gui.theme.palette import DARK, LIGHT, contrast
from arcs_gui.views.remembered import Remembered

themes = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)


@themes
@pytest.mark.parametrize("role", ["text", "muted", "accent", "good", "bad", "warning"])
@pytest.mark.parametrize("behind", ["window", "surface", "field"])
def test_that_text_stands_out_from_what_is_behind_it(palette, role, behind):
    assert contrast(getattr(palette, role), getattr(palette, behind)) >= 4.5


@themes
def test_that_text_on_the_accent_and_on_selected_rows_stands_out(palette):
    assert contrast(palette.on_accent, palette.accent) >= 4.5
    for role in ("text", "muted", "good", "bad"):
        assert contrast(getattr(palette, role), palette.selection) >= 4.5


@themes
@pytest.mark.parametrize(
    "trace", ["vout", "inductor_current", "switch_node", "fourth_trace", "loss_curve"]
)
def test_that_traces_are_of_the_okabe_ito_set_and_stand_out(palette, trace):
    okabe_ito = {"#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"}
    colour = getattr(palette, trace)
    assert colour in okabe_ito
    # WCAG 2.1, 1.4.11: graphics need 3:1.
    assert contrast(colour, palette.surface) >= 3


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1)],
)
def test_that_contrast_is_that_of_wcag(first, second, ratio):
    assert contrast(first, second) == pytest.approx(ratio, abs=0.01)


def theme_action(window, title: str) -> QAction:
    return next(action for action in window.findChildren(QAction) if action.text() == title)


def test_that_the_theme_is_chosen_in_the_menu_and_remembered(window, theme, settings):
    theme_action(window, "Dark").trigger()
    assert theme.palette is DARK
    assert window.waveforms.graphics.backgroundBrush().color().name() == DARK.surface
    assert Remembered(settings).theme == "dark"
    theme_action(window, "Light").trigger()
    assert theme.palette is LIGHT


def test_that_a_new_theme_repaints_the_schematic(qtbot, window):
    theme_action(window, "Light").trigger()
    window.spec.propose_button.click()
    qtbot.waitUntil(lambda: LIGHT.text in window.schematic.picture.document)
    theme_action(window, "Dark").trigger()
    qtbot.waitUntil(lambda: DARK.text in window.schematic.picture.document)


def test_that_the_form_and_the_layout_are_remembered(open_desktop, engine, runs, settings):
    first = open_desktop(engine, runs, settings).window
    first.spec.set_texts(EXAMPLES[2].texts)
    first.spec.fields["vout"].set_text("7 V")
    first.spec.fields["deviation"].set_text("none")
    first.spec.fields["longest_duty"].set_text("45 %")
    first.docks["Log"].close()
    first.close()
    second = open_desktop(engine, runs, settings).window
    assert second.spec.texts.topology == "buck_boost"
    assert second.spec.fields["vout"].text == "7 V"
    assert second.spec.fields["deviation"].text == "none"
    assert second.spec.fields["longest_duty"].isVisible()
    assert second.spec.fields["longest_duty"].text == "45 %"
    assert not second.docks["Log"].isVisible()


def test_that_a_form_from_before_the_load_step_is_remembered_with_what_it_had(tmp_path):
    settings = QSettings(str(tmp_path / "earlier.ini"), QSettings.Format.IniFormat)
    earlier = {"topology": "buck", "vin": "24", "vout": "5", "iout": "3", "weight": 1.0}
    settings.setValue("form", json.dumps(earlier))
    form = Remembered(settings).form
    assert (form.vin, form.load_step, form.deviation) == ("24", "50 % to 100 %", "5 %")
    assert form.weight == HIGHEST_WEIGHT


@pytest.mark.parametrize("stored", ["", "{", '{"vin": 5}', "[]"])
def test_that_settings_that_cannot_be_read_are_as_if_they_were_not_there(tmp_path, stored):
    settings = QSettings(str(tmp_path / "broken.ini"), QSettings.Format.IniFormat)
    settings.setValue("form", stored)
    settings.setValue("theme", ["dark"])
    settings.setValue("geometry", "nonsense")
    remembered = Remembered(settings)
    assert remembered.form == EXAMPLES[0].texts
    assert remembered.bytes("geometry") == QByteArray()


def test_that_the_layout_can_be_reset(window):
    window.docks["Details"].close()
    theme_action(window, "&Reset the layout").trigger()
    assert window.docks["Details"].isVisible()


def test_that_panels_are_reached_by_keyboard(qtbot, window):
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.log.isVisible)
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.spec.isAncestorOf(window.focusWidget())


def test_that_no_shortcut_is_given_twice(window):
    keys = [action.shortcut().toString() for action in window.findChildren(QAction)]
    keys = [key for key in keys if key]
    assert len(keys) == len(set(keys))
    assert len(keys) >= 8


def test_that_everything_that_can_be_operated_has_an_accessible_name(window):
    kinds = (QLineEdit, QComboBox, QSpinBox, QSlider, QTableView, QTreeView, QAbstractButton)
    for kind in kinds:
        for widget in window.findChildren(kind):
            if widget.objectName().startswith("qt_") or widget.parent().inherits("QHeaderView"):
                continue  # parts of Qt's own widgets
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            own = widget.accessibleName() or text or widget.parent().accessibleName()
            assert own or widget.parent().inherits("QTableView"), widget


def test_that_empty_panels_say_what_will_appear(window):
    for panel in (window.schematic, window.waveforms, window.candidates, window.details):
        assert not panel.stack.is_filled
        assert "appear" in panel.stack.widget(0).text()


def test_that_about_and_the_shortcut_sheet_open_without_blocking(qtbot, window):
    for title in ("&About ARCS", "&Keyboard shortcuts"):
        theme_action(window, title).trigger()
        dialog = next(d for d in window.findChildren(QDialog) if d.isVisible())
        dialog.reject()
        qtbot.waitUntil(lambda d=dialog: d not in window.findChildren(QDialog))


def test_that_the_shortcut_sheet_lists_every_shortcut(window):
    theme_action(window, "&Keyboard shortcuts").trigger()
    sheet = next(d for d in window.findChildren(QDialog) if d.isVisible())
    listed = {label.text() for label in sheet.findChildren(QLabel)}
    for action in window.findChildren(QAction):
        keys = " or ".join(key.toString() for key in action.shortcuts())
        assert not keys or keys in listed, action.text()
    assert sheet.height() < 720  # fits a small screen
    sheet.reject()


def test_that_the_status_bar_says_what_is_running(qtbot, window, engine):
    engine.may_propose.clear()
    window.spec.propose_button.click()
    qtbot.waitUntil(lambda: window.working.text() == "proposing")
    engine.may_verify.clear()
    engine.may_propose.set()
    qtbot.waitUntil(lambda: window.working.text() == "ngspice")
    engine.release_all()
    qtbot.waitUntil(lambda: window.working.text() == "")


def test_that_every_button_is_reached_by_tab_or_has_a_shortcut(window):
    for button in window.findChildren(QAbstractButton):
        if button.objectName().startswith("qt_") or button.parent().inherits("QTableView"):
            continue  # parts of Qt's own widgets
        action = button.defaultAction() if isinstance(button, QToolButton) else None
        by_tab = button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert by_tab or (action and action.shortcut()) or "Ctrl+" in button.toolTip(), button


class Hints(QObject):
    """What a system says of its colours; no display, no such system."""

    colorSchemeChanged = Signal()  # noqa: N815 - Qt's name

    def __init__(self) -> None:
        super().__init__()
        self.scheme = Qt.ColorScheme.Unknown

    def colorScheme(self) -> Qt.ColorScheme:
        return self.scheme

    def change(self, scheme: Qt.ColorScheme) -> None:
        self.scheme = scheme
        self.colorSchemeChanged.emit()


def test_that_the_theme_follows_the_system_unless_another_is_chosen():
    hints = Hints()
    theme = Theme(Mock(styleHints=lambda: hints))
    theme.choose("system")
    assert theme.palette is LIGHT
    hints.change(Qt.ColorScheme.Dark)
    assert theme.palette is DARK
    theme.choose("light")
    hints.change(Qt.ColorScheme.Dark)
    assert theme.palette is LIGHT
    theme.choose("system")
    assert theme.palette is DARK


def test_that_an_exception_nobody_caught_is_shown_and_logged(qtbot, window):
    with crash_guard(window.show_error):
        error = RuntimeError("the sky fell")
        sys.excepthook(RuntimeError, error, None)
    assert "the sky fell" in window.banner.text
    qtbot.waitUntil(lambda: "the sky fell" in window.log.text.toPlainText())
    qtbot.mouseClick(window.banner.findChild(QAbstractButton), Qt.MouseButton.LeftButton)
    assert not window.banner.isVisible()


def test_that_units_are_lighter_than_numbers(qtbot, window):
    theme_action(window, "Light").trigger()
    window.spec.propose_button.click()
    qtbot.waitUntil(lambda: window.candidates.model.rowCount() > 0)
    table = window.candidates.table
    box = table.visualRect(window.candidates.model.index(3, column("Deviation")))
    image = table.viewport().grab(box).toImage()
    ratio = image.devicePixelRatio()
    width, height = image.width(), image.height()
    darkest = [min(image.pixelColor(x, y).lightness() for y in range(height)) for x in range(width)]
    unit_starts = width - int((6 + table.fontMetrics().horizontalAdvance("%") + 1) * ratio)
    assert min(darkest[:unit_starts]) + 20 < min(darkest[unit_starts:])


def rows_of_tabs(window):
    """Return what is visible of the tabs of docks."""
    rows = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [row for row in rows if row.isVisible()]


def test_that_every_row_of_tabs_stands_under_its_dock(desktop):
    window = desktop.window
    assert {row.tabText(0) for row in rows_of_tabs(window)} == {"Runs", "Candidates", "Details"}
    for row in rows_of_tabs(window):
        dock = window.docks[row.tabText(row.currentIndex())]
        assert row.geometry().left() == dock.geometry().left()
        assert row.geometry().top() == dock.geometry().bottom() + 1


def test_that_a_remembered_layout_has_its_tabs(desktop, open_desktop, engine, runs, settings):
    desktop.window.docks["Trade-off"].raise_()
    desktop.window.close()
    rows = rows_of_tabs(open_desktop(engine, runs, settings).window)
    current = {row.tabText(row.currentIndex()) for row in rows}
    assert current == {"Runs", "Trade-off", "Details"}
