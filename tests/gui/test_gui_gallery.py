"""The gallery of topologies through the real window."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from scripted_engine import candidate, shortlist
from test_gui_design import cell, lines, propose, type_spec

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.performance.candidate import Outcome
from arcs_engine.sizing.proposal import Proposer
from arcs_engine.sizing.topology_comparison import compare


def open_gallery(qtbot, window) -> None:
    window.docks["Topologies"].raise_()
    qtbot.waitUntil(window.gallery.isVisible)


def texts(window, line: int) -> list[str]:
    table = window.gallery.table
    return [table.item(line, column).text() for column in range(table.columnCount())]


def test_that_nothing_is_compared_until_the_gallery_is_looked_at(qtbot, window, engine):
    propose(qtbot, window)
    assert engine.compared == []
    open_gallery(qtbot, window)
    qtbot.waitUntil(lambda: window.gallery.table.rowCount() == 2)
    assert len(engine.compared) == 1
    assert engine.compared[0].vout == 5


def test_that_what_can_comes_first_and_what_cannot_says_why(qtbot, window):
    propose(qtbot, window)
    open_gallery(qtbot, window)
    qtbot.waitUntil(lambda: window.gallery.table.rowCount() == 2)
    assert texts(window, 0) == [
        "Buck",
        "0.820",
        "92.1 %",
        "664 mm³",
        "4",
        "Q1 21.0 %",
        "✓ meets",
    ]
    refused = [window.gallery.table.item(1, column).text() for column in range(2)]
    assert refused == ["Boost", "✗ 5 V is not above 12 V."]


def test_that_only_what_can_is_taken_into_the_spec(qtbot, window, engine):
    propose(qtbot, window)
    open_gallery(qtbot, window)
    qtbot.waitUntil(lambda: window.gallery.table.rowCount() == 2)
    window.gallery.table.selectRow(1)
    assert not window.gallery.use_button.isEnabled()
    window.spec.topology.setCurrentIndex(0)
    window.gallery.table.selectRow(0)
    qtbot.mouseClick(window.gallery.use_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: engine.proposed[-1].topology == "buck")
    qtbot.waitUntil(lambda: lines(window) > 0)


def test_that_a_design_that_fails_has_no_cost_and_its_verdict_is_that_of_the_list(
    qtbot, window, engine
):
    failing = candidate(1, meets_spec=False, cost=3.0, reasons=("The ripple is too large.",))
    engine.make = lambda spec: msgspec.structs.replace(shortlist(spec, 1), candidates=(failing,))
    engine.compare = lambda spec, control: (
        Outcome(topology="buck", candidate=failing, refusal=""),
    )
    propose(qtbot, window)
    open_gallery(qtbot, window)
    qtbot.waitUntil(lambda: window.gallery.table.rowCount() == 1)
    shown = texts(window, 0)
    assert (shown[1], shown[-1]) == ("—", "✗ fails")
    assert cell(window, 1, "Spec") == shown[-1]


def test_that_a_variant_is_chosen_by_the_base_that_the_form_knows(qtbot, window, engine):
    engine.compare = lambda spec, control: (
        Outcome(topology=spec.topology, candidate=candidate(1, "buck_synchronous"), refusal=""),
    )
    window.spec.topology.setCurrentIndex(window.spec.topology.findData("buck"))
    window.spec.variant.setCurrentIndex(window.spec.variant.findData("synchronous"))
    propose(qtbot, window)
    open_gallery(qtbot, window)
    qtbot.waitUntil(lambda: window.gallery.table.rowCount() == 1)
    assert texts(window, 0)[0] == "Synchronous buck"
    window.gallery.table.selectRow(0)
    qtbot.mouseClick(window.gallery.use_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(engine.proposed) == 2)
    assert engine.proposed[-1].topology == "buck_synchronous"


def test_that_the_same_spec_is_compared_once_and_another_anew(qtbot, window, engine):
    window.spec.live.setChecked(False)
    propose(qtbot, window)
    open_gallery(qtbot, window)
    qtbot.waitUntil(lambda: window.gallery.table.rowCount() == 2)
    window.docks["Candidates"].raise_()
    open_gallery(qtbot, window)
    assert len(engine.compared) == 1
    type_spec(qtbot, window, vout="3.3 V")
    qtbot.waitUntil(lambda: len(engine.compared) == 2)
    assert engine.compared[-1].vout == 3.3


@pytest.mark.parametrize(
    ("changes", "able"),
    [
        ({"polarity": "negative"}, {"buck_boost", "cuk"}),
        ({"isolated": True}, {"flyback", "forward"}),
        ({"vout": 30.0}, {"boost", "sepic", "flyback"}),
    ],
)
def test_that_the_engine_compares_what_polarity_and_isolation_allow(changes, able):
    asked = {"vin": 12, "vin_min": 10.8, "vin_max": 13.2, "vout": 5.0, "iout": 0.5, "fsw": 100e3}
    outcomes = compare(Spec(**asked | changes), Proposer(None))
    assert [outcome.topology for outcome in outcomes] == list(REGISTRY)
    assert {outcome.topology for outcome in outcomes if outcome.candidate is not None} == able
    assert all(bool(outcome.refusal) == (outcome.candidate is None) for outcome in outcomes)
