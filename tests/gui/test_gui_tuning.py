"""Live tuning through the real window, with an engine that does what the test says."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from scripted_engine import shortlist
from test_gui_design import cell, choose_file, pick, propose, settle
from test_gui_shortlist import traded

from arcs_engine.foundation.errors import SolverError

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def tuned(qtbot, window, engine):
    """The window with a shortlist, candidate 1 on screen, all checked."""
    propose(qtbot, window)
    qtbot.waitUntil(lambda: window.schematic.stack.is_filled)
    qtbot.waitUntil(lambda: all(cell(window, k, "ngspice") == "✓ confirmed" for k in range(4)))
    return window


def place_of(window, part: str) -> QPoint:
    return window.schematic.picture.bounds_of(part).center().toPoint()


def click(qtbot, window, part: str) -> None:
    place = place_of(window, part)
    qtbot.mouseClick(window.schematic.picture, Qt.MouseButton.LeftButton, pos=place)


def turn_wheel(
    widget, place: QPointF, notches: int, keys=Qt.KeyboardModifier.NoModifier
) -> QWheelEvent:
    """Turn the wheel at a place of a widget, whatever is there."""
    event = QWheelEvent(
        place,
        widget.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


def wheel(window, part: str, notches: int) -> None:
    """Pick a part and turn the wheel over it."""
    window.schematic.picture.picked.emit(part)
    turn_wheel(window.schematic.picture, QPointF(place_of(window, part)), notches)


def shown(window, what: str) -> str:
    """Return a figure of the line over the schematic."""
    return next(text.text() for title, text in window.headline.figures if title.text() == what)


def value_on_schematic(window, part: str) -> str:
    return window.schematic.picture.lines[part][1]


def test_that_a_click_picks_the_part_under_it_and_beside_every_part_none(qtbot, tuned):
    for part in ("L1", "Cout", "Q1", "D1", "Vin", "Rload"):
        click(qtbot, tuned, part)
        assert tuned.schematic.picture.selected == part
        assert tuned.inspector.title.text().startswith(part)
        assert not tuned.inspector.visibleRegion().isEmpty()
    corner = QPoint(2, tuned.schematic.picture.height() - 2)
    qtbot.mouseClick(tuned.schematic.picture, Qt.MouseButton.LeftButton, pos=corner)
    assert tuned.schematic.picture.selected == ""
    assert not tuned.inspector.stack.is_filled


def test_that_a_schematic_is_laid_out_once_and_its_texts_follow(qtbot, tuned, engine):
    picture = tuned.schematic.picture
    document, before = picture.document, value_on_schematic(tuned, "L1")
    where = picture.bounds_of("L1")
    pick(qtbot, tuned, 2)
    click(qtbot, tuned, "L1")
    qtbot.mouseClick(tuned.inspector.editors["L1"].up, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "15 µH")
    assert value_on_schematic(tuned, "L1") != before
    assert (picture.document, picture.bounds_of("L1")) == (document, where)
    assert engine.drawn == ["buck"]


def test_that_a_part_of_the_picture_before_is_not_picked(tuned):
    """Another topology's picture takes a moment to be drawn; until then the old one is clicked."""
    tuned.schematic.picture.picked.emit("Q1_body")
    tuned.schematic.picture.stepped.emit("Q1_body", 1)
    assert tuned.schematic.picture.selected == ""
    assert not tuned.inspector.stack.is_filled


def test_that_the_inspector_tells_value_series_stress_loss_and_why(qtbot, tuned):
    click(qtbot, tuned, "L1")
    editor = tuned.inspector.editors["L1"]
    qtbot.waitUntil(lambda: "L1 = 1 + 1" in editor.why.text())
    assert editor.edit.text() == "11 µH"
    assert "nearest" in editor.place.text()  # 11 µH is no E12 value
    assert editor.textbook.text() == "Textbook design 10 µH, from the ideal 9 µH (+11%)"
    click(qtbot, tuned, "Q1")
    figures = [tuple(label.text() for label in cells) for cells in tuned.inspector._cells]
    assert ("Voltage", "16.5 V", "20 V part, margin 21.0 %") in figures
    assert any(label == "Loss, switching" for label, _, _ in figures)


def test_that_a_capacitor_shows_the_bank_to_buy_and_another_one_when_its_need_moves(qtbot, tuned):
    click(qtbot, tuned, "Cout")
    inspector = tuned.inspector
    assert inspector.buy.text() == "To buy: 4 x 22 µF 10 V 0805 ceramic"
    figures = [tuple(label.text() for label in cells) for cells in inspector._cells]
    assert ("Volume", "50 mm³", "7.53 % of all") in figures
    assert not any("E12" in editor.place.text() for editor in inspector.editors.values())
    assert traded(tuned) == ("664 mm³", "loss 7.20 %")
    qtbot.mouseClick(inspector.editors["Cout"].up, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: inspector.buy.text() == "To buy: 5 x 22 µF 10 V 0805 ceramic")
    assert inspector.editors["Cout"].edit.text() == "56 µF"
    settle(qtbot, tuned)
    assert cell(tuned, 1, "Volume") == "676 mm³"
    assert traded(tuned) == ("676 mm³", "loss 7.20 %")
    click(qtbot, tuned, "Q1")
    assert not inspector.buy.isVisible()
    figures = [tuple(label.text() for label in cells) for cells in inspector._cells]
    assert ("Junction", "61.3 °C", "of at most 125 °C") in figures


def test_that_the_wheel_moves_a_value_and_everything_follows(qtbot, tuned, engine):
    curve = tuned.waveforms.curves["i(L1)", "steady"]
    peak = max(curve.getOriginalDataset()[1])
    cost, ripple = cell(tuned, 1, "Cost"), shown(tuned, "Ripple")
    engine.may_verify.clear()
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: engine.solved != [])
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "12 µH")
    assert engine.solved[-1]["L1"] == pytest.approx(12e-6)
    assert cell(tuned, 1, "#") == "1 ✎"
    assert cell(tuned, 1, "ngspice") == "—"
    assert cell(tuned, 1, "Cost") != cost
    assert shown(tuned, "Ripple") != ripple
    assert max(curve.getOriginalDataset()[1]) != peak
    assert "ngspice" not in {s for (_, s), c in tuned.waveforms.curves.items() if c.isVisible()}
    texts = [badge.text() for badge in tuned.headline.badges]
    assert "✎ edited" in texts
    assert "solver only" in texts


def test_that_a_drag_moves_a_value_and_is_one_edit(qtbot, tuned, engine):
    picture, start = tuned.schematic.picture, place_of(tuned, "L1")
    qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=start)
    for way in (13, 25, 37):
        qtbot.mouseMove(picture, start - QPoint(0, way))
    qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=start - QPoint(0, 37))
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "18 µH")
    tuned.undo_action.trigger()
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "11 µH")
    assert not tuned.undo_action.isEnabled()


def test_that_parts_are_picked_and_moved_by_keyboard(qtbot, tuned):
    picture = tuned.schematic.picture
    picture.setFocus()
    qtbot.keyClick(picture, Qt.Key.Key_Right)
    assert picture.selected == "L1"
    qtbot.keyClick(picture, Qt.Key.Key_Right)
    assert picture.selected == "Cout"
    qtbot.keyClick(picture, Qt.Key.Key_Left)
    qtbot.keyClick(picture, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "10 µH")
    qtbot.keyClick(picture, Qt.Key.Key_Up, SHIFT)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "33 µH")


def test_that_a_typed_value_is_taken_as_it_is(qtbot, tuned, engine):
    click(qtbot, tuned, "L1")
    editor = tuned.inspector.editors["L1"]
    qtbot.waitUntil(editor.isVisible)
    editor.edit.selectAll()
    qtbot.keyClicks(editor.edit, "12u7")
    qtbot.keyClick(editor.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "12.7 µH")
    assert engine.solved[-1]["L1"] == pytest.approx(12.7e-6)
    assert editor.place.text() == "between E12 values; nearest 12 µH"


def test_that_a_wrong_value_is_refused_in_place_and_the_text_stays(qtbot, tuned, engine):
    click(qtbot, tuned, "L1")
    editor = tuned.inspector.editors["L1"]
    qtbot.waitUntil(editor.isVisible)
    for text in ("5 V", "nonsense", "1 kH"):
        editor.message.hide()
        editor.edit.selectAll()
        qtbot.keyClicks(editor.edit, text)
        qtbot.keyClick(editor.edit, Qt.Key.Key_Return)
        assert editor.message.isVisible()
        assert "L1" in editor.message.text()
        assert editor.edit.text() == text
    assert engine.solved == []


def test_that_only_the_newest_waiting_value_is_solved(qtbot, tuned, engine):
    engine.may_solve.clear()
    for _ in range(6):
        wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: len(engine.solved) == 1)
    qtbot.waitUntil(lambda: tuned.headline.state.text() == "solving…")
    assert value_on_schematic(tuned, "L1") == "11 µH"  # not before the figures hold
    engine.may_solve.set()
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "33 µH")
    assert [values["L1"] for values in engine.solved] == pytest.approx([12e-6, 33e-6])
    assert tuned.headline.state.text() == ""


def test_that_an_answer_for_another_design_is_dropped(qtbot, tuned, engine):
    engine.may_solve.clear()
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: len(engine.solved) == 1)
    pick(qtbot, tuned, 2)
    engine.may_solve.set()
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: len(engine.solved) == 2)
    qtbot.waitUntil(lambda: cell(tuned, 2, "#") == "2 ✎")
    assert cell(tuned, 1, "#") == "1"


def test_that_ngspice_confirms_when_the_user_pauses(qtbot, tuned, desktop, engine):
    engine.verified.clear()
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: cell(tuned, 1, "#") == "1 ✎")
    assert engine.verified == []
    qtbot.waitUntil(lambda: cell(tuned, 1, "ngspice") == "✓ confirmed")
    assert engine.verified == [1]
    settle(qtbot, tuned)
    assert tuned.waveforms.curves["v(out)", "ngspice"].isVisible()


def test_that_an_edit_takes_the_word_of_ngspice_away_even_while_it_runs(qtbot, tuned, engine):
    wheel(tuned, "L1", 1)
    engine.may_verify.clear()
    qtbot.waitUntil(lambda: cell(tuned, 1, "ngspice") == "running…")
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: cell(tuned, 1, "ngspice") == "—")
    engine.may_verify.set()
    qtbot.waitUntil(lambda: cell(tuned, 1, "ngspice") == "✓ confirmed")
    assert value_on_schematic(tuned, "L1") == "15 µH"


def test_that_ngspice_on_an_edit_says_nothing_of_the_next_shortlist(qtbot, tuned, desktop, engine):
    pick(qtbot, tuned, 3)
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: cell(tuned, 3, "#") == "3 ✎")
    engine.may_propose.clear()
    engine.may_verify.clear()
    engine.make = lambda spec: shortlist(spec, 2)
    tuned.spec.propose_button.click()
    desktop.design.tuning.settle()  # the pause passes while the proposal is under way
    qtbot.waitUntil(lambda: cell(tuned, 3, "ngspice") == "running…")
    engine.may_propose.set()
    qtbot.waitUntil(lambda: tuned.candidates.model.rowCount() == 3)
    engine.may_verify.set()
    qtbot.waitUntil(lambda: all(cell(tuned, k, "ngspice") == "✓ confirmed" for k in range(3)))


def test_that_undo_and_redo_go_back_and_forth_over_designs(qtbot, tuned):
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "12 µH")
    pick(qtbot, tuned, 2)
    wheel(tuned, "Cout", 1)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "Cout") == "56 µF")
    assert tuned.undo_action.text() == "&Undo Cout to 56 µF"
    tuned.undo_action.trigger()
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "Cout") == "47 µF")
    tuned.undo_action.trigger()
    qtbot.waitUntil(lambda: tuned.details.title.text() == "buck, candidate 1")
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "11 µH")
    settle(qtbot, tuned)
    assert cell(tuned, 1, "#") == "1"
    tuned.redo_action.trigger()
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "12 µH")
    assert tuned.redo_action.isEnabled()


def test_that_an_edited_design_is_reverted(qtbot, tuned):
    click(qtbot, tuned, "L1")
    assert not tuned.inspector.revert_button.isEnabled()
    wheel(tuned, "L1", 3)
    wheel(tuned, "Cout", 1)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "Cout") == "56 µF")
    qtbot.mouseClick(tuned.inspector.revert_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "11 µH")
    assert value_on_schematic(tuned, "Cout") == "47 µF"
    assert cell(tuned, 1, "#") == "1"


def test_that_edits_are_not_dropped_by_a_proposal_that_nobody_asked_for(qtbot, tuned, engine):
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: cell(tuned, 1, "#") == "1 ✎")
    tuned.spec.fields["vout"].set_text("3.3 V")
    qtbot.waitUntil(lambda: "press Propose" in tuned.status.text())
    assert len(engine.proposed) == 1
    assert cell(tuned, 1, "#") == "1 ✎"
    tuned.spec.propose_button.click()
    qtbot.waitUntil(lambda: len(engine.proposed) == 2)


def test_that_locked_values_are_kept_and_the_rest_is_proposed(qtbot, tuned, engine):
    assert not tuned.inspector.rest_button.isEnabled()
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "12 µH")
    qtbot.mouseClick(tuned.inspector.editors["L1"].lock, Qt.MouseButton.LeftButton)
    settle(qtbot, tuned)
    assert tuned.inspector.editors["L1"].lock.text() == "Locked"
    assert value_on_schematic(tuned, "L1") == "12 µH ◼"
    qtbot.mouseClick(tuned.inspector.rest_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(engine.locked) == 2)
    assert engine.locked[-1] == {"L1": pytest.approx(12e-6)}
    assert engine.proposed[-1].topology == "buck"


def test_that_the_solvers_error_is_said_and_the_last_values_stay(qtbot, tuned, engine):
    engine.solve_error = SolverError("The solver did not converge.")
    click(qtbot, tuned, "L1")
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(tuned.banner.isVisible)
    assert tuned.banner.text == "The solver did not converge."
    assert value_on_schematic(tuned, "L1") == "11 µH"
    assert tuned.inspector.editors["L1"].edit.text() == "11 µH"
    assert tuned.headline.state.text() == ""


def test_that_the_edited_values_are_exported_and_copied(qtbot, tuned, engine, tmp_path):
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: value_on_schematic(tuned, "L1") == "12 µH")
    choose_file(qtbot, tuned, tmp_path / "mine.cir")
    qtbot.waitUntil(lambda: engine.exported != [])
    tuned.copy_action.trigger()
    qtbot.waitUntil(lambda: tuned.status.text() == "Netlist copied.")
    assert QApplication.clipboard().text() == "* 1\n"


def test_that_closing_while_the_solver_works_ends_cleanly(qtbot, tuned, engine):
    engine.may_solve.clear()
    wheel(tuned, "L1", 1)
    qtbot.waitUntil(lambda: len(engine.solved) == 1)
    engine.may_solve.set()
    tuned.close()
