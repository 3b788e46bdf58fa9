"""The window on a machine that has never run ARCS, until the solver is compiled."""

import pytest
from test_gui_design import press_propose, propose, type_spec

from arcs_engine.foundation.errors import SolverError, SpecError

TEXTS = tuple(
    f"Preparing the solver: {n} of 65 parts compiled, once on this machine" for n in (0, 13)
)


@pytest.fixture
def cold(engine):
    """An engine whose solver is being compiled, until the test lets it be done."""
    engine.compiling = TEXTS
    engine.may_prepare.clear()
    return engine


@pytest.fixture
def desktop(open_desktop, cold, runs, settings):
    return open_desktop(cold, runs, settings)


def badges(window) -> list[str]:
    return [badge.text() for badge in window.headline.badges if badge.text()]


def wait_for_preview(qtbot, window) -> None:
    qtbot.waitUntil(lambda: window.schematic.stack.is_filled)
    qtbot.waitUntil(lambda: window.status.text() == TEXTS[-1])


def test_that_it_says_what_is_prepared_and_how_far_it_is(qtbot, window):
    qtbot.waitUntil(lambda: window.status.text() == TEXTS[-1])
    assert window.spec.progress_text.text() == TEXTS[-1]
    assert window.spec.progress.value() == round(window.spec.progress.maximum() / 2)
    assert window.working.text() == "preparing"


def test_that_the_textbook_design_is_shown_meanwhile_as_not_solved(qtbot, window, cold):
    wait_for_preview(qtbot, window)
    assert window.schematic.picture.lines["L1"][1] == "10 µH"
    assert window.headline.title.text() == "buck, textbook design"
    assert badges(window) == ["not solved yet"]
    assert not any(text.text() for pair in window.headline.figures for text in pair)
    assert window.candidates.model.rowCount() == 0
    assert not window.waveforms.stack.is_filled
    assert not any(action.isEnabled() for action in window.export_actions)
    window.schematic.picture.picked.emit("L1")  # there is nothing yet that could be tuned
    window.schematic.picture.stepped.emit("L1", 1)
    assert cold.solved == []


def test_that_the_textbook_design_follows_the_form(qtbot, window):
    wait_for_preview(qtbot, window)
    window.spec.live.setChecked(False)
    window.spec.topology.setCurrentIndex(window.spec.topology.findData("boost"))
    window.spec.fields["vout"].set_text("24 V")
    qtbot.waitUntil(lambda: window.headline.title.text() == "boost, textbook design")
    assert badges(window) == ["not solved yet"]


def test_that_the_proposal_takes_its_place_when_the_solver_is_there(qtbot, window, cold):
    wait_for_preview(qtbot, window)
    cold.may_prepare.set()
    qtbot.waitUntil(lambda: window.status.text().startswith("Ready"))
    assert badges(window) == ["not solved yet"]
    assert window.spec.progress_text.text() == ""
    propose(qtbot, window)
    qtbot.waitUntil(lambda: "not solved yet" not in badges(window))
    assert window.headline.title.text() == "buck, candidate 1"
    qtbot.waitUntil(lambda: window.schematic.picture.lines["L1"][1] == "11 µH")


def test_that_a_late_textbook_design_does_not_replace_a_proposal(qtbot, desktop, window, cold):
    wait_for_preview(qtbot, window)
    propose(qtbot, window)
    desktop.design.preparation.set_spec(cold.proposed[-1])
    qtbot.waitUntil(lambda: badges(window) == ["✓ meets spec", "✓ ngspice"])


def test_that_without_anything_to_compile_nothing_is_shown(
    qtbot, open_desktop, engine, runs, settings
):
    window = open_desktop(engine, runs, settings).window
    qtbot.waitUntil(lambda: window.status.text().startswith("Ready"))
    assert not window.schematic.stack.is_filled
    assert badges(window) == []


def test_that_it_is_said_where_the_solver_was_stored_when_that_is_unusual(qtbot, window, cold):
    qtbot.waitUntil(lambda: window.status.text() == TEXTS[-1])
    cold.compiled_to = "The cache folder /ro cannot be written; it is kept in /tmp/arcs-7."
    cold.may_prepare.set()
    qtbot.waitUntil(lambda: window.status.text().startswith("Ready"))
    assert cold.compiled_to in window.status.text()
    assert cold.compiled_to in window.log.text.toPlainText()


def test_that_a_solver_that_cannot_be_compiled_is_said_in_a_sentence(qtbot, window, cold):
    cold.prepare_error = SolverError("The solver could not be compiled: the disk is full.")
    cold.may_prepare.set()
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.text == "The solver could not be compiled: the disk is full."
    assert window.status.text() == "Ready, without the solver."


def test_that_a_spec_without_a_textbook_design_is_no_error_before_it_is_proposed(
    qtbot, window, cold, monkeypatch
):
    wait_for_preview(qtbot, window)
    refused = []

    def refuse(spec):
        refused.append(spec)
        raise SpecError("No topology can meet the spec.", "topology")

    monkeypatch.setattr(cold, "textbook_design", refuse)
    window.spec.live.setChecked(False)
    window.spec.fields["iout"].set_text("3 A")
    qtbot.waitUntil(lambda: refused != [])
    qtbot.waitUntil(lambda: window.working.text() == "preparing")
    assert not window.banner.isVisible()


def test_that_the_window_closes_while_the_solver_is_compiled(qtbot, window):
    qtbot.waitUntil(lambda: window.status.text() == TEXTS[-1])
    window.close()
    assert not window.isVisible()


def test_that_a_proposal_can_be_asked_for_and_dropped_meanwhile(qtbot, window, cold):
    wait_for_preview(qtbot, window)
    cold.may_propose.clear()
    type_spec(qtbot, window)
    press_propose(qtbot, window)
    qtbot.waitUntil(lambda: "proposing" in window.working.text())
    window.spec.cancel_button.click()
    qtbot.waitUntil(lambda: window.working.text() == "preparing")
    assert badges(window) == ["not solved yet"]
