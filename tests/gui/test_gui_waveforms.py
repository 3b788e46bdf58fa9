"""The waveform viewer through the real window, with an engine that does what the test says."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from test_gui_design import pick, propose
from test_gui_tuning import wheel

from arcs_engine.circuits import nets, schematic
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import SpiceNotFoundError
from arcs_gui.presenters.waveforms.traces import TraceSet
from arcs_gui.widgets.axis import TEXT_HEIGHT, DecadeAxis

PERIOD = 1 / 300e3


@pytest.fixture
def panel(qtbot, window):
    """The viewer of a window with a shortlist whose curves are there."""
    propose(qtbot, window)
    curves = window.waveforms.curves
    qtbot.waitUntil(lambda: curves and all(curve.isVisible() for curve in curves.values()))
    return window.waveforms


def action(panel, name: str) -> QAction:
    return panel.menu.actions_by_name[name]


def names(panel) -> list[str]:
    return [name for pane in panel.graphics._contents for name in pane.names]


def row(panel, title: str) -> dict[str, str]:
    (line,) = [line for line in panel.readout._readout.rows if line.title == title]
    return dict(zip(panel.readout._readout.columns, line.cells, strict=True))


def toggle(panel, title: str) -> None:
    (found,) = [each for each in panel.menu.traces.actions() if each.text() == title]
    found.trigger()


def test_that_at_first_output_inductor_and_switch_node_are_shown(panel):
    assert names(panel) == ["v(out)", "i(L1)", "v(sw)"]
    checked = [a.text() for a in panel.menu.traces.actions() if a.isChecked()]
    assert sorted(checked) == ["I(L1)", "V(sw)", "Vout"]


def test_that_every_signal_can_be_added_and_taken_away_but_the_last(panel):
    toggle(panel, "I(D1)")
    assert names(panel) == ["v(out)", "i(L1)", "v(sw)", "i(D1)"]
    for title in ("Vout", "I(L1)", "V(sw)", "I(D1)"):
        toggle(panel, title)
    assert names(panel) == ["i(D1)"]
    action(panel, "defaults").trigger()
    assert names(panel) == ["v(out)", "i(L1)", "v(sw)"]


def test_that_a_signal_keeps_its_colour_wherever_it_stands(panel):
    def colour() -> str:
        return panel.curves["v(sw)", "ngspice"].opts["pen"].color().name()

    before = colour()
    toggle(panel, "Vout")
    assert colour() == before
    action(panel, "by_unit").setChecked(True)
    assert colour() == before


def test_that_one_pane_per_unit_holds_the_signals_of_that_unit(panel):
    action(panel, "by_unit").setChecked(True)
    assert [pane.unit for pane in panel.graphics._contents] == ["V", "A"]
    assert len(panel.graphics.panes) == 2
    assert panel.curves["v(out)", "steady"].isVisible()


def test_that_the_choice_survives_another_design_tuning_and_a_new_shortlist(qtbot, panel, window):
    toggle(panel, "I(Q1)")
    chosen = names(panel)
    pick(qtbot, window, 2)
    assert names(panel) == chosen
    wheel(window, "L1", 1)
    qtbot.waitUntil(lambda: window.schematic.picture.lines["L1"][1] == "15 µH")
    assert names(panel) == chosen
    propose(qtbot, window)
    assert names(panel) == chosen


@pytest.mark.parametrize("height", [30, 60, 300])
@pytest.mark.parametrize(("low", "high"), [(4.986, 5.014), (-0.4, 12), (1.99, 2.06)])
def test_that_the_numbers_of_a_low_pane_do_not_touch(qapp, height, low, high):
    axis = DecadeAxis("left")
    ((spacing, _), *_) = axis.tickSpacing(low, high, height)
    assert spacing / (high - low) * height >= TEXT_HEIGHT * 0.999
    assert f"{spacing:e}"[0] in "125"


def test_that_the_panes_share_one_axis(panel):
    panel.graphics.set_span(PERIOD, 2 * PERIOD)
    for pane in panel.graphics.panes:
        assert pane.viewRange()[0] == pytest.approx([PERIOD, 2 * PERIOD])


def test_that_the_cursors_read_every_trace_and_their_differences(panel):
    action(panel, "cursors").setChecked(True)
    first, second = panel.graphics.cursors.values()
    first._on_drag(line_at(first, 0.25 * PERIOD))
    second._on_drag(line_at(second, 1.75 * PERIOD))
    assert panel.readout.isVisible()
    assert row(panel, "Vout") == {"A": "5.01 V", "B": "4.99 V", "B − A": "-20 mV"}
    assert row(panel, "V(sw)")["B"] == "-400 mV"
    heading = panel.readout.heading.text()
    assert "A 833.3 ns   B 5.833 µs   B − A 5 µs   1/Δt 200 kHz" in heading


def line_at(cursor, value: float):
    """Put a cursor's line somewhere, as the mouse would."""
    cursor.lines[1].setValue(value)
    return cursor.lines[1]


def test_that_a_cursor_moves_in_all_panes_at_once(panel):
    action(panel, "cursors").setChecked(True)
    cursor = panel.graphics.cursors["B"]
    cursor._on_drag(line_at(cursor, PERIOD))
    assert [line.value() for line in cursor.lines] == pytest.approx([PERIOD] * 3)
    assert panel.graphics.active == "B"


def test_that_cursors_are_fetched_and_moved_by_keyboard(qtbot, panel):
    panel.graphics.setFocus()
    qtbot.keyClick(panel.graphics, Qt.Key.Key_B)
    assert action(panel, "cursors").isChecked()
    cursor, (start, stop) = panel.graphics.cursors["B"], panel.graphics.view
    before = cursor.value
    qtbot.keyClick(panel.graphics, Qt.Key.Key_Right)
    assert cursor.value == pytest.approx(before + (stop - start) / 200)
    qtbot.keyClick(panel.graphics, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert cursor.value == pytest.approx(before - 9 * (stop - start) / 200)
    panel.graphics.set_span(0, before / 10)
    qtbot.keyClick(panel.graphics, Qt.Key.Key_B)
    assert cursor.value == pytest.approx(before / 20)


def test_that_cursors_and_view_stay_where_they_are_on_new_data(qtbot, panel, window):
    action(panel, "cursors").setChecked(True)
    panel.graphics.set_span(PERIOD, 2 * PERIOD)
    cursor = panel.graphics.cursors["A"]
    cursor._on_drag(line_at(cursor, 1.4 * PERIOD))
    before = row(panel, "I(L1)")["A"]
    wheel(window, "L1", 2)
    qtbot.waitUntil(lambda: row(panel, "I(L1)")["A"] != before)
    assert cursor.value == pytest.approx(1.4 * PERIOD)
    assert panel.graphics.view == pytest.approx((PERIOD, 2 * PERIOD))
    toggle(panel, "Vout")
    assert panel.graphics.cursors["A"].lines[0].value() == pytest.approx(1.4 * PERIOD)
    assert panel.graphics.view == pytest.approx((PERIOD, 2 * PERIOD))


def test_that_what_is_in_view_is_measured(qtbot, panel):
    action(panel, "measure").setChecked(True)
    qtbot.waitUntil(lambda: row(panel, "V(sw)")["Max"] == "12 V")
    found = row(panel, "V(sw)")
    assert (found["Freq"], found["P-P"]) == ("300 kHz", "12.4 V")
    assert float(found["Duty"].removesuffix(" %")) == pytest.approx(44, abs=0.5)  # 200 samples
    assert row(panel, "Vout")["Mean"] == "5 V"
    panel.graphics.set_span(0.1 * PERIOD, 0.3 * PERIOD)
    qtbot.waitUntil(lambda: row(panel, "V(sw)")["P-P"] == "0 V")
    assert row(panel, "V(sw)")["Freq"] == "—"


def test_that_keys_zoom_about_the_cursor_and_move_the_view(qtbot, panel):
    panel.graphics.set_span(0, 3 * PERIOD)
    qtbot.keyClick(panel.graphics, Qt.Key.Key_Plus)
    assert panel.graphics.view == pytest.approx((0.5 * PERIOD, 2.5 * PERIOD))
    qtbot.keyClick(panel.graphics, Qt.Key.Key_PageDown)
    assert panel.graphics.view == pytest.approx((PERIOD, 3 * PERIOD))  # where the curves end
    qtbot.keyClick(panel.graphics, Qt.Key.Key_Home)
    assert panel.graphics.view == pytest.approx((0, 3 * PERIOD), rel=1e-3, abs=1e-12)


def test_that_the_spectrum_shows_the_harmonics_and_says_how(qtbot, panel):
    view = panel.graphics.view
    action(panel, "spectrum").setChecked(True)
    qtbot.waitUntil(lambda: "rectangular window" in panel.source.text())
    assert "3 periods" in panel.source.text()
    x, y = panel.curves["v(out)", "ngspice"].getOriginalDataset()
    assert x[np.argmax(y)] == pytest.approx(300e3)
    assert y.max() == pytest.approx(0.01, rel=0.01)
    action(panel, "hann").setChecked(True)
    qtbot.waitUntil(lambda: "Hann window" in panel.source.text())
    action(panel, "log").setChecked(True)
    low, high = panel.graphics.view
    assert 0 < low < 300e3 < high
    action(panel, "spectrum").setChecked(False)
    assert panel.graphics.view == pytest.approx(view)
    assert "ngspice" in panel.source.text()


def test_that_the_spectrum_asks_for_no_room_of_the_docks(qtbot, panel, window):
    window.resize(1440, 900)
    window.grab()
    action(panel, "spectrum").setChecked(True)
    qtbot.waitUntil(lambda: "window" in panel.source.text())
    assert panel.minimumSizeHint().width() <= panel.width()


@pytest.mark.parametrize("kind", ["csv", "png"])
def test_that_the_waveforms_are_exported(qtbot, panel, window, desktop, tmp_path, kind):
    path = tmp_path / f"mine.{kind}"
    action(panel, kind).trigger()
    (dialog,) = [d for d in window.findChildren(QFileDialog) if d.isVisible()]
    dialog.fileSelected.emit(str(path))
    dialog.close()
    where = f"{tmp_path.name}/mine.{kind}"
    qtbot.waitUntil(lambda: window.status.text() == f"Waveforms written to {where}.")
    content = path.read_bytes()
    if kind == "png":
        assert content.startswith(b"\x89PNG")
        return
    lines = content.decode().splitlines()
    assert lines[0].split(",")[:3] == ["Time solver (s)", "Vout solver (V)", "I(L1) solver (A)"]
    solver = desktop.viewer._sets[0]
    time, values = solver.time, solver.values["v(sw)"]
    assert len(lines) == len(time) + 1
    table = np.array([[float(cell) for cell in line.split(",")] for line in lines[1:]])
    assert np.array_equal(table[:, 0], time)
    assert np.array_equal(table[:, 3], values)


def test_that_picture_and_readout_are_copied(panel, window):
    action(panel, "cursors").setChecked(True)
    action(panel, "copy").trigger()
    content = QApplication.clipboard().mimeData()
    assert content.hasImage()
    assert content.text().splitlines()[1] == "Trace\tA\tB\tB − A"
    assert window.status.text() == "Waveforms copied."


def test_that_what_was_copied_outlives_the_window_as_a_plain_picture(panel, window):
    action(panel, "copy").trigger()
    window.close()
    content = QApplication.clipboard().mimeData()
    assert content.hasImage()
    assert not any("arcs" in name for name in content.formats())  # Python made nothing of it


def test_that_of_a_million_points_no_peak_is_lost_and_few_are_drawn(panel, desktop):
    count = 1_000_000
    time = np.linspace(0, 1e-3, count)
    values = np.sin(2 * np.pi * 300e3 * time)
    values[700_001] = 9.0
    run = TraceSet("ngspice", PERIOD, time, {"v(out)": values})
    desktop.viewer.set_traces(REGISTRY["buck"], (run,))
    desktop.viewer.fit()
    x, y = panel.curves["v(out)", "ngspice"].getOriginalDataset()
    assert len(x) < 20_000
    assert (y.max(), y.min()) == (9.0, pytest.approx(-1, abs=1e-3))
    start, stop = 700_001 / count * 1e-3 - 1e-7, 700_001 / count * 1e-3 + 1e-7
    panel.graphics.set_span(start, stop)
    x, y = panel.curves["v(out)", "ngspice"].getOriginalDataset()
    assert (x[y.argmax()], y.max()) == (time[700_001], 9.0)  # samples now, no outline
    assert 9.0 not in np.delete(y, y.argmax())


def choose_run(panel, run: str) -> None:
    panel.menu.run_chosen.emit(run)


@pytest.mark.parametrize("run", ["start-up", "load-step", "line-step"])
def test_that_a_transient_opens_whole_and_shows_its_last_periods_on_request(qtbot, panel, run):
    choose_run(panel, run)
    qtbot.waitUntil(lambda: "open loop, fixed duty" in panel.source.text())
    assert "overshoot 500 mV" in panel.source.text()
    assert panel.run_box.currentData() == run
    assert panel.graphics.view == pytest.approx((0, 40 * PERIOD))
    action(panel, "last").trigger()
    assert panel.graphics.view == pytest.approx((37 * PERIOD, 40 * PERIOD))
    choose_run(panel, "start-up")  # another one opens whole, though it is as long
    qtbot.waitUntil(lambda: panel.graphics.view == pytest.approx((0, 40 * PERIOD)))
    assert not panel.curves["v(out)", "steady"].isVisible()
    choose_run(panel, "steady")
    assert panel.graphics.view == pytest.approx((0, 3 * PERIOD), rel=1e-3, abs=1e-12)
    assert panel.curves["v(out)", "steady"].isVisible()


def test_that_a_running_transient_tells_how_far_it_is_and_can_be_cancelled(qtbot, panel, engine):
    engine.may_simulate.clear()
    choose_run(panel, "load-step")
    qtbot.waitUntil(lambda: panel.running.text() == "load-step: 0.25 of 1 ms")
    assert panel.progress.isVisible()
    assert panel.progress.value() == 250
    panel.cancel_button.click()
    assert not panel.progress.isVisible()
    assert panel.run_box.currentData() == "steady"
    assert "open loop" not in panel.source.text()


def test_that_a_transient_of_other_values_is_never_shown(qtbot, panel, window, engine):
    choose_run(panel, "start-up")
    qtbot.waitUntil(lambda: "open loop" in panel.source.text())
    wheel(window, "L1", 1)
    qtbot.waitUntil(lambda: panel.run_box.currentData() == "steady")
    assert "open loop" not in panel.source.text()
    assert panel.graphics.view[1] == pytest.approx(3 * PERIOD, rel=1e-3)
    engine.may_simulate.clear()
    choose_run(panel, "start-up")
    qtbot.waitUntil(lambda: panel.progress.value() == 250)
    pick(qtbot, window, 2)
    engine.may_simulate.set()
    assert not panel.progress.isVisible()
    assert panel.run_box.currentData() == "steady"


def test_that_a_failed_transient_says_why_and_leaves_the_steady_state(qtbot, panel, window, engine):
    engine.transient_error = SpiceNotFoundError("ngspice was not found.")
    choose_run(panel, "line-step")
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.text == "ngspice was not found."
    assert panel.run_box.currentData() == "steady"
    assert panel.curves["v(out)", "steady"].isVisible()


def test_that_every_action_has_a_tooltip_and_no_two_share_a_shortcut(window):
    keys = [
        key.toString() for each in window.findChildren(QAction) for key in each.shortcuts() if each
    ]
    assert len(keys) == len(set(keys))
    for button in window.waveforms.buttons.values():
        assert button.toolTip()
        assert button.accessibleName()


def spot(window, x: float, y: float):
    """Return a place of the schematic, given in grid units of its drawing."""
    points = schematic.POINTS_PER_UNIT
    return window.schematic.picture.place_of(x * points, -y * points).toPoint()


def ctrl_click(qtbot, window, place) -> None:
    ctrl = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(window.schematic.picture, Qt.MouseButton.LeftButton, ctrl, place)


def test_that_ctrl_click_plots_a_part_or_a_net_and_a_second_one_takes_it_away(qtbot, panel, window):
    qtbot.waitUntil(lambda: window.schematic.stack.is_filled)
    body = window.schematic.picture.bounds_of("Cout").center().toPoint()
    ctrl_click(qtbot, window, body)
    assert names(panel)[-1] == "i(Cout)"
    assert window.schematic.picture.selected == ""  # a plain click inspects
    ctrl_click(qtbot, window, body)
    assert "i(Cout)" not in names(panel)
    ctrl_click(qtbot, window, spot(window, 7.5, 3))  # the wire from Cout to the load
    assert "v(out)" not in names(panel)
    ctrl_click(qtbot, window, spot(window, 0, 3))
    assert names(panel)[-1] == "v(in)"
    before = names(panel)
    ctrl_click(qtbot, window, spot(window, 4.5, 0))  # ground has no voltage
    assert names(panel) == before


@pytest.mark.qt_log_ignore("does not support")  # menus, on the offscreen platform
def test_that_the_picked_part_is_plotted_by_keyboard_and_by_menu(qtbot, panel, window):
    qtbot.waitUntil(lambda: window.schematic.stack.is_filled)
    picture = window.schematic.picture
    picture.picked.emit("D1")
    qtbot.keyClick(picture, Qt.Key.Key_P)
    assert names(panel)[-1] == "i(D1)"
    place = picture.bounds_of("Q1").center().toPoint()
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(picture, QContextMenuEvent(reason, place, picture.mapToGlobal(place)))
    (menu,) = picture.findChildren(QMenu)
    assert [each.text() for each in menu.actions()] == ["Plot I(Q1), or remove it"]
    menu.actions()[0].trigger()
    menu.close()
    assert names(panel)[-1] == "i(Q1)"


@pytest.mark.parametrize("declared", REGISTRY.values(), ids=lambda declared: declared.name)
def test_that_every_net_is_found_and_runs_where_the_drawing_names_it(declared):
    found = nets.paths(declared)
    assert set(found) == set(declared.circuit.nodes)
    points = schematic.POINTS_PER_UNIT
    for node, (x, y) in declared.drawing.node_labels:
        place = (x * points, -y * points)
        near = {n for n, paths in found.items() if min(nets.distance(place, p) for p in paths) < 1}
        assert near == {node}
