"""The spec panel through the real window."""

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QScrollArea
from scripted_engine import candidate, shortlist
from test_gui_design import lines, press_propose, propose, type_spec

from arcs_engine.circuits.examples import EXAMPLES
from arcs_engine.foundation.errors import FileError, InfeasibleError, SpiceNotFoundError
from arcs_gui.presenters.spec.form import FormError, FormTexts, hints, read, stepped
from arcs_gui.views.spec.spec_panel import SETTLING_MS


def test_that_a_new_proposal_comes_when_typing_stops(qtbot, window, engine):
    assert SETTLING_MS == 400
    type_spec(qtbot, window)
    assert engine.proposed == []
    qtbot.waitUntil(lambda: lines(window) > 0)
    assert [spec.vout for spec in engine.proposed] == [5]


def test_that_the_same_spec_is_not_proposed_again_when_typing_stops(qtbot, window, engine):
    propose(qtbot, window)
    edit = window.spec.fields["vout"].edit
    qtbot.keyClicks(edit, "x")
    qtbot.keyClick(edit, Qt.Key.Key_Backspace)
    with qtbot.waitSignal(window.spec.settled):
        pass
    assert len(engine.proposed) == 1


def test_that_proposing_while_typing_can_be_switched_off(qtbot, window, engine):
    window.spec.live.setChecked(False)
    type_spec(qtbot, window)
    with qtbot.waitSignal(window.spec.settled):
        pass
    assert engine.proposed == []


@pytest.mark.parametrize(
    ("field", "text", "read_as"),
    [
        ("vin", "12 ±10%", (10.8, 12, 13.2)),
        ("vin", "9..36", (9, 22.5, 36)),
        ("vin", "9..12..36 V", (9, 12, 36)),
        ("vin", "36-57", (36, 46.5, 57)),
        ("vin", "9 - 36 V", (9, 22.5, 36)),
        ("vin", "12V", (12, 12, 12)),
        ("vout", "3V3", 3.3),
        ("vout", "5", 5),
        ("iout", "500m", 0.5),
        ("iout", "0.5 A", 0.5),
        ("fsw", "300k", 300e3),
        ("fsw", "0.25 MHz", 250e3),
        ("fsw", "2.1M", 2.1e6),
        ("fsw", "2.2 MHz", 2.2e6),
        ("ripple", "1%", 0.01),
        ("ripple", "0.02", 0.02),
        ("ripple", "50 mV", 0.01),
        ("efficiency", "90 %", 0.9),
        ("efficiency", "", None),
    ],
)
def test_that_the_fields_read_what_engineers_type(qtbot, window, engine, field, text, read_as):
    window.spec.live.setChecked(False)
    propose(qtbot, window, **{field: text})
    spec = engine.proposed[-1]
    got = (spec.vin_min, spec.vin, spec.vin_max) if field == "vin" else getattr(spec, field)
    assert got == (None if read_as is None else pytest.approx(read_as))


def test_that_a_ripple_in_volts_follows_vout_and_says_what_share_it_is():
    texts = FormTexts(topology="buck", vin="24", vout="5", iout="2", fsw="300k", ripple="50 mV")
    assert hints(texts)["ripple"] == "1.00 % of Vout"
    assert read(replace(texts, vout="10")).ripple == pytest.approx(0.005)
    assert "ripple" not in hints(replace(texts, ripple="1 %"))
    with pytest.raises(FormError) as refused:
        read(replace(texts, vout="x"))
    assert list(refused.value.messages) == ["vout"]
    with pytest.raises(FormError) as refused:
        read(replace(texts, ripple="50 mA v"))
    assert "Ripple" in refused.value.messages["ripple"]


def test_that_propose_and_cancel_stay_in_view(qtbot, window, engine):
    """However low the window is, and however far the form is scrolled."""
    engine.may_propose.clear()
    window.resize(900, 480)
    window.docks["Spec"].raise_()
    bar = window.spec.findChild(QScrollArea).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    window.spec.propose_button.click()
    for place in (bar.minimum(), bar.maximum()):
        bar.setValue(place)
        for button in (window.spec.propose_button, window.spec.cancel_button):
            assert button.isEnabled()
            assert button.visibleRegion().boundingRect() == button.rect()


def test_that_what_is_wrong_is_said_when_typing_stops_and_the_cursor_stays(qtbot, window, engine):
    type_spec(qtbot, window, vin="9..36", vout="12 V")
    window.spec.topology.setCurrentIndex(window.spec.topology.findData("buck"))
    edit = window.spec.fields["ripple"].edit
    edit.setFocus()
    qtbot.waitUntil(lambda: window.spec.fields["vout"].has_error)
    assert "12 V is not below 9 V" in window.spec.fields["vout"].message
    assert window.spec.fields["vout"].text == "12 V"
    assert window.focusWidget() is edit
    assert engine.proposed == []


@pytest.mark.parametrize(
    ("text", "cursor", "steps", "expected"),
    [
        ("5 V", 1, 1, "5.1 V"),
        ("5 V", 1, -1, "4.9 V"),
        ("12 ± 10%", 1, 1, "13 ± 10%"),
        ("12 ± 10%", 8, 1, "12 ± 11%"),
        ("9..36", 5, -2, "9..34"),
        ("9..36", 0, 1, "9.1..36"),
        ("300 kHz", 0, 1, "310 kHz"),
        ("10 A", 0, -1, "9.9 A"),
        ("1 %", 0, -1, "0.99 %"),
        ("0.1 A", 0, -1, "0.099 A"),
        ("9.9 V", 0, 1, "10 V"),
        ("12 V", 0, 10, "22 V"),
        ("", 0, 1, ""),
        ("x", 1, 1, "x"),
    ],
)
def test_that_a_number_is_stepped_where_the_cursor_stands(text, cursor, steps, expected):
    assert stepped(text, cursor, steps) == expected


def test_that_arrow_keys_step_a_field_and_the_step_can_be_undone(qtbot, window):
    edit = window.spec.fields["vout"].edit
    window.spec.fields["vout"].set_text("5 V")
    edit.setCursorPosition(0)
    qtbot.keyClick(edit, Qt.Key.Key_Up)
    qtbot.keyClick(edit, Qt.Key.Key_Up)
    assert edit.text() == "5.2 V"
    qtbot.keyClick(edit, Qt.Key.Key_PageDown)
    assert edit.text() == "4.2 V"
    edit.undo()
    assert edit.text() == "5.2 V"


def test_that_variants_are_offered_where_the_topology_has_them(qtbot, window, engine):
    variant = window.spec.variant
    window.spec.topology.setCurrentIndex(window.spec.topology.findData("flyback"))
    assert not variant.isEnabled()
    window.spec.topology.setCurrentIndex(window.spec.topology.findData("buck"))
    assert [variant.itemText(i) for i in range(variant.count())] == ["Standard", "Synchronous"]
    variant.setCurrentIndex(1)
    propose(qtbot, window)
    assert engine.proposed[-1].topology == "buck_synchronous"
    window.spec.topology.setCurrentIndex(window.spec.topology.findData("sepic"))
    assert variant.currentData() == ""
    assert variant.itemText(1) == "Coupled"


def test_that_isolation_and_polarity_reach_the_spec_of_auto(qtbot, window, engine):
    window.spec.topology.setCurrentIndex(0)
    window.spec.isolated.setChecked(True)
    propose(qtbot, window)
    assert engine.proposed[-1].isolated
    window.spec.topology.setCurrentIndex(1)
    assert not window.spec.isolated.isEnabled()


def test_that_at_least_twelve_examples_have_a_published_source_and_are_specs():
    published = [example for example in EXAMPLES if example.source]
    assert len(published) >= 12
    assert {example.topology for example in published} == {
        "buck", "boost", "buck_boost", "cuk", "sepic", "flyback", "forward",
    }  # fmt: skip


def test_that_an_example_proposes_by_itself(qtbot, window, engine):
    window.spec.examples.menu().actions()[8].trigger()
    qtbot.waitUntil(lambda: lines(window) > 0)
    assert engine.proposed[-1].topology == "boost"
    assert engine.proposed[-1].iout == 2


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"fsw": "1 MHz"}, "fsw", "50 kHz to 500 kHz"),
        ({"vin": "80"}, "vin", "6 V to 60 V"),
        ({"vout": "0.8"}, "vout", "1.2 V to 10.2 V"),
        ({"iout": "10"}, "iout", "200 mA to 5 A"),
        ({"vin": "50", "vout": "40", "iout": "3"}, "iout", "up to 60 W"),
    ],
)
def test_that_what_lies_outside_of_the_training_is_pointed_out(changes, field, text):
    base = {"vin": "12", "vout": "5", "iout": "2", "fsw": "300k", "ripple": "1%"}
    told = hints(FormTexts(topology="buck", **base | changes))
    assert "⚠" in told[field]
    assert text in told[field]
    inside = hints(FormTexts(topology="buck", **base))
    assert not any("⚠" in hint for hint in inside.values())


def test_that_the_form_reads_variant_and_isolation():
    texts = FormTexts("buck", "positive", "12", "", "", "5", "2", "300k", "1%")
    assert read(texts).topology == "buck"
    assert not read(texts).isolated


def test_that_without_ngspice_the_install_command_can_be_copied(qtbot, window, engine):
    engine.verify_error = SpiceNotFoundError("ngspice is not installed.")
    propose(qtbot, window)
    qtbot.waitUntil(window.banner.isVisible)
    qtbot.mouseClick(window.banner.fix_button, Qt.MouseButton.LeftButton)
    assert "ngspice" in QApplication.clipboard().text()
    assert not window.banner.isVisible()


def test_that_a_failed_export_can_go_elsewhere(qtbot, window, engine, tmp_path):
    engine.export_error = FileError("The folder is read-only.")
    propose(qtbot, window)
    window.export_chosen.emit(tmp_path / "x.cir", "ngspice")
    qtbot.waitUntil(window.banner.isVisible)
    qtbot.mouseClick(window.banner.fix_button, Qt.MouseButton.LeftButton)
    dialog = window.findChild(QFileDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_that_a_spec_no_design_meets_offers_all_topologies(qtbot, window, engine):
    engine.propose_error = InfeasibleError("No duty gives 5 V.")
    window.spec.topology.setCurrentIndex(1)
    type_spec(qtbot, window)
    window.spec.propose_button.click()
    qtbot.waitUntil(window.banner.isVisible)
    engine.propose_error = None
    qtbot.mouseClick(window.banner.fix_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: lines(window) > 0)
    assert engine.proposed[-1].topology == "auto"


def test_that_an_error_without_a_remedy_offers_none(qtbot, window):
    window.show_error("Something else.")
    assert not window.banner.fix_button.isVisible()


@pytest.mark.parametrize(
    ("name", "begins"), [("boost", "The boost cannot"), ("auto", "No topology can")]
)
def test_that_a_forbidden_spec_is_refused_in_place_before_any_search(
    qtbot, window, engine, name, begins
):
    """After a spec that was met, whose list stays."""
    propose(qtbot, window)
    window.spec.topology.setCurrentIndex(window.spec.topology.findData(name))
    type_spec(qtbot, window, vin="24", vout="900", iout="0.25", fsw="100k")
    field = window.spec.fields["vout"]
    qtbot.waitUntil(lambda: "Cout must stand at least 900 V" in field.message)
    assert field.message.startswith(begins)
    assert "1000 V allows 800 V" in field.message
    press_propose(qtbot, window)
    assert [spec.vout for spec in engine.proposed] == [5]
    assert lines(window) > 0
    type_spec(qtbot, window, vin="24", vout="48", iout="0.25", fsw="100k")
    qtbot.waitUntil(lambda: len(engine.proposed) == 2)
    assert "Cout" not in field.message


def test_that_of_a_list_that_fails_the_best_design_says_why(qtbot, window, engine):
    reason = "The estimated efficiency is 92.1%, below the wished 99.0%."
    failing = [candidate(k, meets_spec=False, cost=3.0, reasons=(reason,)) for k in (1, 2)]
    engine.make = lambda spec: msgspec.structs.replace(shortlist(spec), candidates=tuple(failing))
    window.spec.live.setChecked(False)
    qtbot.waitUntil(lambda: window.status.text().startswith("Ready"))
    propose(qtbot, window)
    assert window.status.text() == "2 candidates, none meets the spec, in 200 ms."
    assert reason in window.candidates.difference.text()
