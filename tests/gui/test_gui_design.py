"""The design screen through the real window, with an engine that does what the test says."""

import threading

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QFileDialog
from scripted_engine import candidate, confirmation, shortlist

from arcs_engine.circuits.spec import HIGHEST_WEIGHT
from arcs_engine.foundation.errors import (
    FileError,
    ModelError,
    SpecError,
    SpiceFailedError,
    SpiceNotFoundError,
)
from arcs_gui.event_loop.turns import EventTurns
from arcs_gui.presenters.designs.shortlist import EFFICIENCY, column
from arcs_gui.widgets.bar_delegate import WIDTH
from arcs_gui.widgets.quantity_delegate import BarLength

BUCK = {
    "vin": "12 ± 10%",
    "vout": "5 V",
    "iout": "2 A",
    "fsw": "300 kHz",
    "ripple": "1 %",
}


def type_spec(qtbot, window, **changes) -> None:
    for name, text in (BUCK | changes).items():
        edit = window.spec.fields[name].edit
        edit.clear()
        qtbot.keyClicks(edit, text)


def press_propose(qtbot, window) -> None:
    qtbot.mouseClick(window.spec.propose_button, Qt.MouseButton.LeftButton)


def settle(qtbot, window) -> None:
    """Wait until everything that is known is on screen."""
    qtbot.waitUntil(lambda: window.findChild(EventTurns).are_over)


def lines(window) -> int:
    return window.candidates.model.rowCount()


def cell(window, rank: int, title: str) -> str:
    model = window.candidates.model
    return model.data(model.index(model.line_of(rank), column(title)))


def propose(qtbot, window, **changes) -> None:
    type_spec(qtbot, window, **changes)
    press_propose(qtbot, window)
    qtbot.waitUntil(lambda: not window.spec.cancel_button.isEnabled() and lines(window) > 0)
    settle(qtbot, window)


def pick(qtbot, window, rank: int) -> None:
    table = window.candidates.table
    line = window.candidates.model.line_of(rank)
    box = table.visualRect(window.candidates.model.index(line, 0))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    settle(qtbot, window)


def test_that_a_typed_spec_becomes_a_shortlist(qtbot, window, engine):
    propose(qtbot, window)
    spec = engine.proposed[-1]
    assert (spec.vin_min, spec.vin, spec.vin_max) == pytest.approx((10.8, 12, 13.2))
    assert (spec.vout, spec.iout, spec.fsw, spec.ripple) == (5, 2, 300e3, 0.01)
    assert lines(window) == 4
    assert [cell(window, rank, "#") for rank in range(4)] == ["0", "1", "2", "3"]
    assert "Row 0: textbook" in window.candidates.caption.text()
    assert window.headline.figures[0][1].text() == "5 V"
    assert cell(window, 1, EFFICIENCY) == "92.1 %"


def test_that_the_best_candidate_is_shown_with_schematic_waveforms_and_details(qtbot, window):
    propose(qtbot, window)
    qtbot.waitUntil(lambda: window.schematic.stack.is_filled)
    qtbot.waitUntil(lambda: window.waveforms.stack.is_filled)
    assert window.details.title.text() == "buck, candidate 1"
    assert window.candidates.table.currentIndex().row() == 1
    assert not window.schematic.picture.bounds_of("L1").isEmpty()
    x, _y = window.waveforms.curves["v(out)", "steady"].getOriginalDataset()
    assert len(x) > 100
    assert x[0] == 0
    assert x[-1] == pytest.approx(3 / 300e3)


def test_that_picking_a_candidate_changes_schematic_waveforms_and_details(qtbot, window):
    propose(qtbot, window)
    curve = window.waveforms.curves["i(L1)", "steady"]
    qtbot.waitUntil(lambda: window.schematic.stack.is_filled and curve.isVisible())
    drawing, peak = window.schematic.picture.lines, max(curve.getOriginalDataset()[1])
    pick(qtbot, window, 3)
    qtbot.waitUntil(lambda: window.schematic.picture.lines != drawing)
    qtbot.waitUntil(lambda: max(curve.getOriginalDataset()[1]) != peak)
    assert window.details.title.text() == "buck, candidate 3"


def test_that_the_engine_never_works_in_the_windows_thread(qtbot, window, engine):
    propose(qtbot, window)
    qtbot.waitUntil(lambda: len(engine.verified) == 4)
    assert engine.threads
    assert threading.get_ident() not in engine.threads


def test_that_ctrl_return_proposes_and_escape_cancels(qtbot, window, engine):
    engine.may_propose.clear()
    type_spec(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.spec.cancel_button.isEnabled)
    qtbot.waitUntil(lambda: len(engine.proposed) == 1)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.spec.cancel_button.isEnabled())
    assert window.status.text() == "Cancelled."


def test_that_a_cancelled_proposal_leaves_the_old_shortlist(qtbot, window, engine):
    propose(qtbot, window)
    caption = window.candidates.caption.text()
    engine.may_propose.clear()
    type_spec(qtbot, window, vout="3.3 V")
    press_propose(qtbot, window)
    qtbot.waitUntil(lambda: len(engine.proposed) == 2)
    qtbot.waitUntil(lambda: window.spec.progress.value() == 500)
    qtbot.mouseClick(window.spec.cancel_button, Qt.MouseButton.LeftButton)
    assert window.spec.progress.value() == 0
    engine.may_propose.set()
    qtbot.waitUntil(lambda: cell(window, 3, "ngspice") == "✓ confirmed")
    assert window.candidates.caption.text() == caption


def test_that_only_the_newest_proposal_is_shown(qtbot, window, engine):
    engine.may_propose.clear()
    type_spec(qtbot, window)
    press_propose(qtbot, window)
    qtbot.waitUntil(lambda: len(engine.proposed) == 1)
    type_spec(qtbot, window, vout="3.3 V")
    press_propose(qtbot, window)
    engine.may_propose.set()
    qtbot.waitUntil(lambda: lines(window) > 0)
    assert "3.3 V" in window.candidates.caption.text()
    assert window.headline.figures[0][1].text() == "3.3 V"


def test_that_a_changed_spec_can_be_proposed_again(qtbot, window, engine):
    propose(qtbot, window)
    type_spec(qtbot, window, vout="3V3")
    press_propose(qtbot, window)
    qtbot.waitUntil(lambda: "3.3 V" in window.candidates.caption.text())
    assert [spec.vout for spec in engine.proposed] == [5, 3.3]


def test_that_ngspice_confirms_every_candidate_the_one_on_screen_first(qtbot, window, engine):
    propose(qtbot, window)
    qtbot.waitUntil(
        lambda: all(cell(window, rank, "ngspice") == "✓ confirmed" for rank in range(4))
    )
    assert engine.verified[0] == 1
    assert sorted(engine.verified) == [0, 1, 2, 3]
    assert "ngspice" in window.waveforms.source.text()
    assert window.waveforms.curves["v(out)", "ngspice"].isVisible()


def test_that_solver_waveforms_do_not_wait_for_ngspice(qtbot, window, engine):
    engine.may_verify.clear()
    propose(qtbot, window)
    qtbot.waitUntil(lambda: window.waveforms.stack.is_filled)
    qtbot.waitUntil(lambda: cell(window, 1, "ngspice") == "running…")
    assert window.waveforms.source.text() == "Solver now; ngspice is running."
    assert not window.waveforms.curves["v(out)", "ngspice"].isVisible()


def test_that_what_ngspice_refutes_is_said_with_its_reason(qtbot, window, engine):
    reason = "ngspice gives 4.2 V, 16.0% from the target."
    engine.confirmed = confirmation(confirmed=False, reasons=(reason,))
    propose(qtbot, window)
    qtbot.waitUntil(lambda: cell(window, 1, "ngspice") == "✗ differs")
    qtbot.waitUntil(lambda: reason in window.details.remarks.text())


def test_that_a_failing_simulation_leaves_the_others_to_be_verified(qtbot, window, engine):
    engine.verify_error = SpiceFailedError("ngspice: timestep too small.")
    propose(qtbot, window)
    qtbot.waitUntil(
        lambda: all(cell(window, rank, "ngspice") == "✗ no result" for rank in range(4))
    )
    assert not window.banner.isVisible()
    qtbot.waitUntil(lambda: "timestep too small" in window.log.text.toPlainText())
    said = "ngspice does not confirm it: ngspice: timestep too small."
    qtbot.waitUntil(lambda: said in window.details.remarks.text())


def test_that_without_ngspice_the_solver_still_serves(qtbot, window, engine):
    engine.verify_error = SpiceNotFoundError("ngspice was not found; install it with apt.")
    propose(qtbot, window)
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.text == "ngspice was not found; install it with apt."
    qtbot.waitUntil(lambda: window.waveforms.stack.is_filled)
    assert engine.verified == [1]
    assert all(cell(window, rank, "ngspice") == "—" for rank in range(4))


@pytest.mark.parametrize(
    ("field", "text", "part"),
    [
        ("vin", "twelve", "twelve"),
        ("vout", "5 A", "5 A"),
        ("vout", "", "empty"),
        ("vout", "0", "Vout is 0 V"),
        ("iout", "-2", "negative"),
        ("fsw", "30 GHz", "30 GHz"),
        ("ripple", "300 %", "300 %"),
        ("efficiency", "120 %", "120 %"),
        ("load_step", "100 % to 50 %", "Load step is 100 % to 50 %; it must rise"),
        ("load_step", "50 %", "an example is 50%..100%"),
        ("load_step", "3..4 A", "Load step is 150 % to 200 %"),
        ("deviation", "off", "Deviation: 'off' is not known; write 5 % or none."),
        ("deviation", "5 A", "Deviation"),
        ("ambient", "200", "Ambient is 200 °C; it must lie between -40 °C and 105 °C"),
        ("ambient", "40 K", "Ambient: '40 K' is not a temperature"),
        ("ripple_current", "some", "write 50 %, none or custom"),
        ("longest_duty", "99 %", "Longest duty is 99 %"),
    ],
)
def test_that_bad_input_is_shown_under_its_field_and_kept(qtbot, window, engine, field, text, part):
    type_spec(qtbot, window, **{field: text})
    press_propose(qtbot, window)
    shown = window.spec.fields[field]
    assert shown.has_error
    assert part in shown.message
    assert shown.text == text
    assert engine.proposed == []
    assert [name for name, f in window.spec.fields.items() if f.has_error] == [field]


def test_that_all_wrong_fields_are_marked_at_once(qtbot, window):
    type_spec(qtbot, window, vin="x", fsw="y")
    press_propose(qtbot, window)
    marked = [name for name, field in window.spec.fields.items() if field.has_error]
    assert marked == ["vin", "fsw"]


def test_that_a_buck_refuses_an_output_above_its_input(qtbot, window, engine):
    type_spec(qtbot, window, vout="15 V")
    window.spec.topology.setCurrentIndex(window.spec.topology.findData("buck"))
    press_propose(qtbot, window)
    assert "needs Vout below Vin min" in window.spec.fields["vout"].message
    assert engine.proposed == []


def test_that_typing_takes_the_complaint_back(qtbot, window):
    type_spec(qtbot, window, vout="x")
    press_propose(qtbot, window)
    qtbot.keyClick(window.spec.fields["vout"].edit, Qt.Key.Key_Backspace)
    assert not window.spec.fields["vout"].has_error


def test_that_vin_min_and_max_may_be_given_apart(qtbot, window, engine):
    propose(qtbot, window, vin="24", vin_min="18", vin_max="32 V")
    spec = engine.proposed[-1]
    assert (spec.vin_min, spec.vin, spec.vin_max) == (18, 24, 32)


def test_that_the_form_says_what_it_understood(qtbot, window):
    type_spec(qtbot, window, vin="9..12..36", fsw="1M")
    assert window.spec.fields["vin"].message == "9 V … 12 V … 36 V"
    assert window.spec.fields["iout"].message == "10 W at full load"
    assert "Trained on" in window.spec.fields["fsw"].message


def test_that_an_example_fills_the_form(qtbot, window, engine):
    window.spec.examples.menu().actions()[2].trigger()
    assert window.spec.topology.currentData() == "buck_boost"
    press_propose(qtbot, window)
    qtbot.waitUntil(lambda: lines(window) > 0)
    assert engine.proposed[-1].topology == "buck_boost"
    assert window.headline.figures[0][1].text() == "-9 V"


def test_that_the_slider_reaches_the_spec(qtbot, window, engine):
    window.spec.weight.setValue(window.spec.weight.maximum())
    propose(qtbot, window)
    assert engine.proposed[-1].weight == HIGHEST_WEIGHT


def test_that_a_spec_the_engine_refuses_is_marked_in_the_form(qtbot, window, engine):
    engine.propose_error = SpecError("No topology gives this output.", "vout")
    type_spec(qtbot, window)
    press_propose(qtbot, window)
    qtbot.waitUntil(lambda: window.spec.fields["vout"].has_error)
    assert not window.spec.cancel_button.isEnabled()


def test_that_a_missing_model_is_said_in_a_sentence(qtbot, open_desktop, engine, runs, settings):
    engine.warm_up_error = ModelError("There is no model in resources/models.")
    window = open_desktop(engine, runs, settings).window
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.text == "There is no model in resources/models."


def test_that_an_unexpected_error_is_shown_and_logged_and_work_goes_on(qtbot, window, engine):
    engine.propose_error = ZeroDivisionError("division by zero")
    type_spec(qtbot, window)
    press_propose(qtbot, window)
    qtbot.waitUntil(window.banner.isVisible)
    assert "ZeroDivisionError" in window.banner.text
    qtbot.waitUntil(lambda: "Traceback" in window.log.text.toPlainText())
    engine.propose_error = None
    press_propose(qtbot, window)
    qtbot.waitUntil(lambda: lines(window) > 0)
    assert not window.banner.isVisible()


def test_that_an_unsolved_candidate_says_why_and_is_not_exported(qtbot, window, engine):
    reason = "No duty gives 5 V: the peak is 4.1 V."
    unsolved = candidate(
        1, duty=None, mode=None, metrics=None, meets_spec=False, reasons=(reason,), cost=3.0
    )

    def make(spec):
        made = shortlist(spec, 0)
        return type(made)(
            **{n: getattr(made, n) for n in made.__struct_fields__} | {"candidates": (unsolved,)}
        )

    engine.make = make
    propose(qtbot, window)
    assert cell(window, 1, "Deviation") == "—"
    assert cell(window, 1, "Spec") == "✗ fails"
    assert "not solved" in window.waveforms.source.text()
    assert not window.export_actions[0].isEnabled()
    assert reason in window.details.remarks.text()


def choose_file(qtbot, window, path, action: int = 0) -> None:
    window.export_actions[action].trigger()
    dialog = window.findChild(QFileDialog)
    with qtbot.waitSignal(dialog.fileSelected):
        dialog.selectFile(str(path))
        dialog.accept()


def test_that_the_netlist_is_exported_from_the_menu(qtbot, window, engine, tmp_path, caplog):
    caplog.set_level("INFO", "arcs_gui")
    assert not window.export_actions[0].isEnabled()
    propose(qtbot, window)
    pick(qtbot, window, 2)
    path = tmp_path / "mine.cir"
    choose_file(qtbot, window, path)
    qtbot.waitUntil(path.exists)
    assert engine.exported == [(2, "ngspice", path)]
    folder = tmp_path.name
    qtbot.waitUntil(lambda: window.status.text() == f"Netlist written to {folder}/mine.cir.")
    assert f"Netlist written to {path}" in caplog.text


def test_that_the_netlist_is_exported_for_ltspice(qtbot, window, engine, tmp_path):
    propose(qtbot, window)
    path = tmp_path / "mine.net"
    choose_file(qtbot, window, path, action=1)
    qtbot.waitUntil(path.exists)
    assert engine.exported == [(1, "ltspice", path)]


def test_that_a_failed_export_is_said_in_place(qtbot, window, engine, tmp_path):
    engine.export_error = FileError("The folder is read-only.")
    propose(qtbot, window)
    choose_file(qtbot, window, tmp_path / "mine.cir")
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.text == "The folder is read-only."


def test_that_closing_during_a_proposal_ends_cleanly(qtbot, desktop, engine, runs):
    engine.may_propose.clear()
    engine.may_verify.clear()
    type_spec(qtbot, desktop.window)
    press_propose(qtbot, desktop.window)
    qtbot.waitUntil(lambda: len(engine.proposed) == 1)
    desktop.window.close()
    assert runs.closed
    assert lines(desktop.window) == 0


def test_that_closing_during_verification_ends_cleanly(qtbot, desktop, engine):
    engine.may_verify.clear()
    propose(qtbot, desktop.window)
    qtbot.waitUntil(lambda: len(engine.verified) == 1)
    desktop.window.close()
    assert engine.verified == [1]


def test_that_losses_and_stress_have_bars_in_the_details(qtbot, window, theme):
    window.spec.propose_button.click()
    qtbot.waitUntil(lambda: window.candidates.model.rowCount() == 4)
    settle(qtbot, window)
    tree = window.details.tree
    sections = [tree.topLevelItem(place) for place in range(tree.topLevelItemCount())]
    bars = {
        section.text(0): [section.child(i).data(2, BarLength) for i in range(section.childCount())]
        for section in sections
    }
    losses = bars["Losses"][:-1]
    assert losses == sorted(losses, reverse=True)
    assert bars["Losses"][-1] is None, "the sum is the whole bar"
    assert all(isinstance(length, float) for length in bars["Stress, worst corner"])
    assert set(bars["Operating point"]) == {None}
    left = tree.columnViewportPosition(2)
    for choice in ("light", "dark"):
        theme.choose(choice)
        longest = next(
            tree.topLevelItem(place).child(0)
            for place in range(tree.topLevelItemCount())
            if tree.topLevelItem(place).text(0) == "Losses"
        )
        tree.scrollToItem(longest)
        cell = tree.visualItemRect(longest)
        shown = tree.viewport().grab(QRect(left, cell.top(), 2 * WIDTH, cell.height())).toImage()
        line = [shown.pixelColor(x, shown.height() // 2).name() for x in range(shown.width())]
        filled = line.count(theme.palette.accent)
        assert filled == pytest.approx(losses[0] * WIDTH, abs=2)
        assert line.count(theme.palette.border) == pytest.approx(WIDTH - filled, abs=4)
