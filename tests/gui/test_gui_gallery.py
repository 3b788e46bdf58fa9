"""The gallery of topologies through the real window."""

import pytest
from PySide6.QtCore import Qt
from test_gui_design import lines, propose, type_spec

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import REGISTRY
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
        "0.82",
        "92.1 %",
        "720 µJ",
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
    outcomes = compare(Spec(**asked | changes))
    assert [outcome.topology for outcome in outcomes] == list(REGISTRY)
    assert {outcome.topology for outcome in outcomes if outcome.candidate is not None} == able
    assert all(bool(outcome.refusal) == (outcome.candidate is None) for outcome in outcomes)
