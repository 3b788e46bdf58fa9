"""The loop of the shown design, through the real panel: what is asked, shown, dropped, refused."""

from itertools import count
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication
from scripted_engine import candidate
from scripted_loops import DELAY, FREQUENCIES, PARTS, Now, ScriptedLoops, gain_of, phase_margin
from test_gui_analyses import AtOnce, Messages, texts

from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.units import format_quantity
from arcs_gui.presenters.loop.bode import ANALYSED, SAMPLED, response
from arcs_gui.presenters.loop.loop import LoopPresenter
from arcs_gui.presenters.loop.plots import PROVED
from arcs_gui.presenters.loop.wishes import Wishes
from arcs_gui.theme.palette import DARK, LIGHT
from arcs_gui.views.loop.loop import TABS, LoopPanel

SPEC = Spec(topology="buck", vin=12, vin_min=10, vin_max=14, vout=5, iout=2, fsw=300e3)


@pytest.fixture
def panel(qtbot):
    panel = LoopPanel(LIGHT)
    panel.settings.native_dialogs = False
    panel.resize(1000, 480)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def background():
    return AtOnce()


@pytest.fixture
def messages():
    return Messages()


@pytest.fixture
def loops():
    return ScriptedLoops()


@pytest.fixture
def presenter(panel, background, messages, loops):
    made = LoopPresenter(loops, background, panel, messages, Now())
    panel.tab_chosen.connect(made.set_tab)
    panel.wishes_chosen.connect(made.choose)
    panel.propose_wanted.connect(made.propose)
    panel.stepped.connect(made.step)
    panel.typed.connect(made.type_value)
    panel.lock_wanted.connect(made.toggle_lock)
    panel.proof_wanted.connect(made.prove)
    panel.overlay_chosen.connect(made.overlay)
    panel.overlay_unwanted.connect(made.take_overlay_away)
    return made


@pytest.fixture
def shown(presenter):
    presenter.set_seen(True)
    presenter.show(SPEC, candidate(1))
    return presenter


def tuned(rank, cout):
    """Return a design whose output capacitor was moved."""
    made = candidate(rank)
    return msgspec.structs.replace(made, values=made.values | {"Cout": cout})


def go_to(panel, name):
    panel.tabs.setCurrentIndex([tab for tab, _, _ in TABS].index(name))
    QApplication.processEvents()


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def lines(plot):
    return {item.name(): item for item in plot.getPlotItem().listDataItems() if item.name()}


def crossover_of(panel):
    """Return the crossover that the remark over the Bode plot names."""
    return panel.bode.remark.text().partition("crosses over at ")[2].partition(",")[0]


def test_that_an_empty_panel_says_what_will_appear(panel):
    assert not panel.stack.is_filled
    assert "compensator" in panel.stack.widget(0).text()


def test_that_nothing_is_judged_before_it_is_looked_at(presenter, loops):
    presenter.show(SPEC, candidate(1))
    assert loops.asked == []
    presenter.set_seen(True)
    assert len(loops.asked) == 1
    presenter.set_seen(False)
    presenter.set_seen(True)
    assert len(loops.asked) == 1


def test_that_both_loop_gains_are_drawn_under_their_names_with_their_margins(panel, shown):
    drawn = lines(panel.bode.gain.plot)
    assert set(drawn) == {"Corners", ANALYSED, SAMPLED}
    x, y = drawn[ANALYSED].getData()
    assert 10 ** np.interp(0, -y, x) == pytest.approx(20e3, rel=1e-3)
    assert crossover_of(panel) == "20 kHz"
    assert f"phase margin {phase_margin(20e3):.0f}°" in panel.bode.remark.text()
    assert panel.bode.phase.text.toPlainText() == f"{phase_margin(20e3):.0f}°"
    assert panel.bode.gain.text.toPlainText() == "14.0 dB"  # the delay reaches 90° at 100 kHz


def test_that_the_phase_begins_as_an_integrator_and_never_jumps():
    gain = gain_of(20e3)
    expected = -90 - 360 * FREQUENCIES * DELAY
    assert expected.min() < -200, "it passes -180 degrees"
    assert response("", FREQUENCIES, gain).phase == pytest.approx(expected)
    thrice = gain / (1j * FREQUENCIES) ** 2
    assert response("", FREQUENCIES, thrice).phase == pytest.approx(expected - 180)


def test_that_the_cursor_reads_gain_and_phase_where_the_mouse_is(qtbot, panel, shown):
    pane = panel.bode.gain
    there = pane.item.vb.mapViewToScene(QPointF(np.log10(2e3), 0.0))
    view = pane.plot.mapFromScene(there)
    viewport, pixels = pane.plot.viewport(), count()

    def is_read():
        """Move the mouse there and a pixel on; of moves within 10 ms pyqtgraph hears one."""
        qtbot.mouseMove(viewport, view + QPoint(next(pixels) % 2, 0))
        read = panel.bode.reading.text().partition(" kHz")[0]
        return read.replace(".", "").isdigit() and float(read) == pytest.approx(2.0, rel=0.03)

    qtbot.waitUntil(is_read)
    read = panel.bode.reading.text()
    frequency = 10 ** pane.cursor.value() / 1e3
    decibels = 20 * np.log10(20 / frequency)
    assert float(read.partition(f"{ANALYSED} ")[2].partition(" dB")[0]) == pytest.approx(
        decibels, abs=0.2
    )
    assert pane.cursor.isVisible()
    assert panel.bode.phase.cursor.value() == pytest.approx(pane.cursor.value())


def test_that_the_arrow_keys_move_the_cursor_and_it_stays_within_the_lines(qtbot, panel, shown):
    qtbot.keyClick(panel.bode, Qt.Key.Key_Right)
    first = panel.bode.gain.cursor.value()
    qtbot.keyClick(panel.bode, Qt.Key.Key_Right)
    assert panel.bode.gain.cursor.value() > first
    for _ in range(40):
        qtbot.keyClick(panel.bode, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert panel.bode.reading.text().startswith("150 kHz; ")


def test_that_a_second_design_shows_its_own_margins_parts_and_axes(panel, presenter, shown):
    presenter.show(SPEC, tuned(2, 470e-6))
    assert crossover_of(panel) == "2 kHz"
    assert "Design 2" in panel.caption.text()
    bottom = panel.bode.phase.item.getAxis("bottom")
    panel.grab()
    low, high = (10**end for end in panel.bode.phase.item.vb.viewRange()[0])
    written = [
        text
        for _, places in bottom.tickValues(np.log10(low), np.log10(high), 600)[:1]
        for text in bottom.tickStrings(places, 1.0, 1.0)
    ]
    assert {"100", "1000", "10000"} <= set(written)
    assert low < 100
    assert high > 100e3
    go_to(panel, "corners")
    rows = texts(panel.corners)
    assert rows[0][1] == "2 kHz"
    assert rows[1][0].endswith("(worst)")


def test_that_tuning_keeps_the_compensator_and_judges_anew(panel, presenter, shown, loops):
    press_up = panel.parts.editors["R2"].up
    press_up.click()
    value = loops.asked[-1][2].parts["R2"]
    presenter.show(SPEC, tuned(1, 94e-6))
    asked = loops.asked[-1][2]
    assert asked.parts == PARTS | {"R2": value}
    assert asked.compensator == "op_amp_type_two"
    assert (asked.method, asked.sense, asked.slope) == ("current", 0.88, 196e3)
    assert crossover_of(panel) == format_quantity(10e3 * value / PARTS["R2"], "Hz", 3)


def test_that_of_values_that_move_faster_than_the_judge_only_the_newest_is_judged(
    panel, presenter, background, loops
):
    presenter.set_seen(True)
    presenter.show(SPEC, candidate(1))
    background.held = []
    for cout in (50e-6, 60e-6, 70e-6, 94e-6):
        presenter.show(SPEC, tuned(1, cout))
    assert panel.state.text() == "Judging…"
    assert len(background.held) == 1
    background.held.pop()()
    assert panel.state.text() == "Judging…", "a newer value waits"
    background.held.pop()()
    assert panel.state.text() == ""
    assert [asked[1].values["Cout"] for asked in loops.asked[1:]] == [50e-6, 94e-6]
    assert crossover_of(panel) == "10 kHz"


def test_that_the_view_stays_while_values_move_and_opens_whole_for_another_design(
    qtbot, panel, presenter, shown
):
    view = panel.bode.gain.item.vb
    panel.grab()
    whole = view.viewRange()[0]
    view.setXRange(3, 4, padding=0)
    presenter.show(SPEC, tuned(1, 94e-6))
    panel.grab()
    assert view.viewRange()[0] == pytest.approx([3, 4])
    assert panel.bode.phase.item.vb.viewRange()[0] == pytest.approx([3, 4], abs=0.02)
    presenter.show(SPEC, candidate(2))
    panel.grab()
    assert view.viewRange()[0] == pytest.approx(whole, abs=0.05)


def test_that_an_answer_for_another_design_is_dropped(panel, presenter, background):
    presenter.set_seen(True)
    background.held = []
    presenter.show(SPEC, tuned(1, 94e-6))
    presenter.show(SPEC, candidate(2))
    stale, fresh = background.held
    stale()
    assert panel.parts.editors == {}
    assert panel.bode.remark.text() == ""
    fresh()
    assert crossover_of(panel) == "20 kHz"


def test_that_another_shortlist_forgets_what_was_wished(panel, presenter, shown, loops):
    panel.parts.editors["R2"].up.click()
    presenter.forget()
    assert not panel.stack.is_filled
    presenter.show(msgspec.structs.replace(SPEC, vin=11), candidate(1))
    assert loops.asked[-1][2].parts == {}
    assert crossover_of(panel) == "20 kHz"


def test_that_a_part_is_stepped_along_its_series_by_buttons_and_keys(qtbot, panel, shown, loops):
    editor = panel.parts.editors["C1"]
    assert editor.edit.text() == "680 pF"
    press(qtbot, editor.up)
    assert editor.edit.text() == "750 pF"  # E24
    qtbot.keyClick(editor.edit, Qt.Key.Key_Down)
    qtbot.keyClick(editor.edit, Qt.Key.Key_Down)
    assert editor.edit.text() == "620 pF"
    assert loops.asked[-1][2].parts["C1"] == pytest.approx(620e-12)
    press(qtbot, panel.parts.editors["R2"].up)
    assert panel.parts.editors["R2"].edit.text() == "38.3 kΩ"  # E96
    assert panel.parts.editors["C1"].edit is editor.edit, "the focus stays where it is"


def test_that_a_part_is_typed_and_nonsense_is_complained_about(qtbot, panel, shown, loops):
    edit = panel.parts.editors["R2"].edit
    edit.selectAll()
    qtbot.keyClicks(edit, "50k")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert loops.asked[-1][2].parts["R2"] == 50e3
    for text, said in (("x", "R2"), ("50 V", "R2"), ("100M", "lies outside 1 Ω to 10 MΩ")):
        edit.selectAll()
        qtbot.keyClicks(edit, text)
        qtbot.keyClick(edit, Qt.Key.Key_Return)
        assert said in panel.settings.wrong.text()
        assert edit.text() == text
    assert loops.asked[-1][2].parts["R2"] == 50e3
    edit.selectAll()
    qtbot.keyClicks(edit, "40k")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert not panel.settings.wrong.isVisible()


def test_that_a_proposal_keeps_what_is_locked(qtbot, panel, shown, loops):
    press(qtbot, panel.parts.editors["R2"].up)
    press(qtbot, panel.parts.editors["R2"].lock)
    press(qtbot, panel.parts.editors["C1"].up)
    press(qtbot, panel.settings.propose)
    asked = loops.asked[-1][2]
    assert asked.parts == {"R2": 38.3e3}
    assert panel.parts.editors["C1"].edit.text() == "680 pF"
    assert panel.parts.editors["R2"].lock.text() == "Locked"


def test_that_control_method_compensator_and_crossover_are_asked_for(qtbot, panel, shown, loops):
    method = panel.settings.method
    assert [method.itemText(k) for k in range(method.count())] == [
        "Any method",
        "Voltage mode",
        "Peak current mode",
    ]
    method.setFocus()
    qtbot.keyClick(method, Qt.Key.Key_Down)
    assert loops.asked[-1][2].method == "voltage"
    edit = panel.settings.crossover
    qtbot.keyClicks(edit, "8k")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert loops.asked[-1][2].crossover == 8e3
    assert crossover_of(panel) == "8 kHz"
    before = len(loops.asked)
    qtbot.keyClicks(edit, "q")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert "Crossover" in panel.settings.wrong.text()
    assert len(loops.asked) == before


def test_that_an_isolated_topology_is_offered_what_crosses_the_isolation(panel, presenter):
    presenter.show(SPEC, candidate(0, "flyback", 12.0))
    box = panel.settings.compensator
    offered = [box.itemText(k) for k in range(box.count())]
    assert offered[0] == "Any compensator"
    assert len(offered) > 1
    assert all("TL431" in title for title in offered[1:])
    assert panel.settings.method.count() == 2
    presenter.show(SPEC, candidate(1))
    assert all("TL431" not in box.itemText(k) for k in range(box.count()))


def test_that_wishes_are_kept_for_each_design(qtbot, panel, presenter, shown):
    qtbot.keyClicks(panel.settings.crossover, "8k")
    qtbot.keyClick(panel.settings.crossover, Qt.Key.Key_Return)
    presenter.show(SPEC, candidate(2))
    assert panel.settings.wishes == Wishes()
    presenter.show(SPEC, candidate(1))
    assert panel.settings.wishes == Wishes(crossover="8k")
    assert crossover_of(panel) == "20 kHz"  # the parts are given; the scripted judge reads R2


def test_that_a_refused_compensator_shows_its_sentence_and_nothing_of_the_last_loop(
    qtbot, panel, shown, loops, messages
):
    loops.refusal = "The loop needs 120° of phase boost at 40 kHz, and 90° is the most."
    press(qtbot, panel.parts.editors["C1"].up)
    assert panel.title.text() == "✗ No loop"
    assert panel.sentences.text() == loops.refusal
    assert panel.bode.remark.text() == ""
    assert lines(panel.bode.gain.plot) == {}
    go_to(panel, "corners")
    assert panel.corners.rowCount() == 0
    go_to(panel, "nyquist")
    assert lines(panel.nyquist.plot) == {}
    go_to(panel, "bode")
    assert messages.errors == []
    loops.refusal = ""
    press(qtbot, panel.parts.editors["C1"].down)
    assert panel.title.text().startswith("✓")
    assert crossover_of(panel) == "20 kHz"


def test_that_a_design_without_an_operating_point_or_with_a_given_duty_says_so(panel, presenter):
    presenter.set_seen(True)
    presenter.show(SPEC, msgspec.structs.replace(candidate(1), duty=None, metrics=None))
    assert "no operating point" in panel.sentences.text()
    presenter.show(SPEC, msgspec.structs.replace(candidate(2), given_duty=0.4))
    assert "given duty" in panel.sentences.text()


def test_that_an_unexpected_failure_is_reported(panel, presenter, loops, messages, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(loops, "loop", fail)
    presenter.set_seen(True)
    presenter.show(SPEC, candidate(1))
    assert "see the log" in panel.sentences.text()
    assert messages.errors == ["The loop failed unexpectedly (ZeroDivisionError); see the log."]


def test_that_the_nyquist_curve_is_seen_round_the_unit_circle(panel, shown):
    go_to(panel, "nyquist")
    modulus = float(np.abs(1 + gain_of(25e3)).min())
    assert f"{modulus:.2f} or more at 14 V, full load, least Cout" in panel.nyquist.remark.text()
    circle = lines(panel.nyquist.plot)["Least |1 + L|"]
    x, y = circle.getData()
    assert np.hypot(x + 1, y) == pytest.approx(np.full(len(x), modulus))
    (left, right), (low, high) = panel.nyquist.plot.getPlotItem().vb.viewRange()
    assert left < -1 < right
    assert low < 0 < high
    assert right - left < 10


def test_that_the_output_impedance_is_shown_open_and_closed(panel, shown):
    go_to(panel, "impedance")
    drawn = lines(panel.impedance.plot)
    x, y = drawn["Voltage loop open"].getData()
    assert 10**y == pytest.approx(np.full(len(x), 0.5))
    closed = 10 ** drawn["Voltage loop closed"].getData()[1]
    assert closed == pytest.approx(np.abs(0.5 / (1 + gain_of(20e3))))


def test_that_the_load_step_is_run_when_it_is_looked_at_and_proved_on_demand(
    qtbot, panel, shown, loops
):
    assert loops.stepped == []
    go_to(panel, "step")
    assert len(loops.stepped) == 1
    assert "undershoot 50 mV (1.0 %)" in panel.load_step.remark.text()
    assert "after 120 µs" in panel.load_step.remark.text()
    go_to(panel, "bode")
    go_to(panel, "step")
    assert len(loops.stepped) == 1
    press(qtbot, panel.load_step.button)
    assert len(loops.proved) == 1
    assert "ngspice confirms" in panel.load_step.proof.text()
    assert "100 µV" in panel.load_step.proof.text()
    assert PROVED in lines(panel.load_step.plot)


def test_that_a_proof_that_comes_too_late_is_dropped(qtbot, panel, presenter, shown, background):
    go_to(panel, "step")
    background.held = []
    press(qtbot, panel.load_step.button)
    assert not panel.load_step.button.isEnabled()
    (proof,) = background.held
    background.held = None
    presenter.show(SPEC, tuned(1, 94e-6))
    assert "undershoot 100 mV" in panel.load_step.remark.text()
    proof()
    assert panel.load_step.proof.text() == ""
    assert panel.load_step.button.isEnabled()


def test_that_a_proof_that_disagrees_says_so(qtbot, panel, shown, loops):
    loops.agrees = False
    go_to(panel, "step")
    press(qtbot, panel.load_step.button)
    assert "does not confirm" in panel.load_step.proof.text()


def test_that_a_measured_response_lies_over_its_own_design_alone(
    qtbot, panel, presenter, shown, tmp_path
):
    path = tmp_path / "bench.csv"
    path.write_text("Frequency,Gain,Phase\n100,45,92\n1000,25,90\n21000,0,80\n")
    panel.settings.overlay_chosen.emit(path)
    drawn = lines(panel.bode.gain.plot)["Measured, bench.csv"]
    assert drawn.getData()[1] == pytest.approx([45, 25, 0])
    qtbot.keyClick(panel.bode, Qt.Key.Key_Right)
    assert "Measured, bench.csv" in panel.bode.reading.text()
    presenter.show(SPEC, candidate(2))
    assert "Measured, bench.csv" not in lines(panel.bode.gain.plot)
    assert not panel.settings.measured.isVisible()
    presenter.show(SPEC, candidate(1))
    assert "Measured, bench.csv" in lines(panel.bode.gain.plot)
    press(qtbot, panel.settings.measured)
    assert "Measured, bench.csv" not in lines(panel.bode.gain.plot)


def test_that_a_file_without_a_response_is_refused_in_one_sentence(
    panel, shown, messages, tmp_path
):
    path = tmp_path / "notes.csv"
    path.write_text("nothing\n")
    panel.settings.overlay_chosen.emit(path)
    assert len(messages.errors) == 1
    assert "holds no measured response" in messages.errors[0]
    panel.settings.overlay_chosen.emit(Path("/no/such/file.csv"))
    assert "cannot be read" in messages.errors[1]
    assert set(lines(panel.bode.gain.plot)) == {"Corners", ANALYSED, SAMPLED}


def test_that_both_themes_colour_everything(panel, shown):
    for palette in (DARK, LIGHT):
        panel.set_palette(palette)
        for tab, _, _ in TABS:
            go_to(panel, tab)
            panel.grab()
        go_to(panel, "bode")
        line = lines(panel.bode.gain.plot)[ANALYSED]
        assert line.opts["pen"].color().name() == palette.vout
        label = panel.bode.gain.item.legend.items[0][1]
        assert palette.text in label.item.toHtml()


def test_that_the_window_judges_what_its_dock_shows(qtbot, open_desktop, engine, runs, settings):
    window = open_desktop(engine, runs, settings).window
    (go,) = (a for a in window.findChildren(QAction) if a.shortcut() == QKeySequence("Ctrl+B"))
    go.trigger()
    qtbot.waitUntil(lambda: not window.loop.visibleRegion().isEmpty())
    assert not window.loop.stack.is_filled
