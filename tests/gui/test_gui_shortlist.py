"""The shortlist, the trade-off and the comparison, through the real window."""

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMenu
from scripted_engine import candidate, metrics, shortlist
from test_gui_design import cell, lines, pick, press_propose, propose, settle
from test_gui_presenters import SPEC

from arcs_engine.performance.cost import Reference, recosted
from arcs_gui.presenters.designs.board import Board
from arcs_gui.presenters.designs.comparison import pareto
from arcs_gui.presenters.designs.shortlist import column
from arcs_gui.widgets.quantity_delegate import BarLength


def with_losses(rank: int, loss: float, volume: float, weight: float = 0.5):
    figures = msgspec.structs.replace(metrics(5.0), mean_loss=loss, volume=volume)
    return recosted(candidate(rank, metrics=figures), Reference.of(TEXTBOOK), weight)


TEXTBOOK = candidate(0, metrics=msgspec.structs.replace(metrics(5.0), mean_loss=1.0, volume=1000.0))


def three(spec):
    """The first loses least, the second is the smallest, the third is neither."""
    designs = (
        with_losses(1, 0.5, 1400.0, spec.weight),
        with_losses(2, 1.4, 600.0, spec.weight),
        with_losses(3, 1.5, 1500.0, spec.weight),
    )
    return msgspec.structs.replace(shortlist(spec), textbook=TEXTBOOK, candidates=designs)


@pytest.fixture
def listed(qtbot, window, engine):
    engine.make = three
    propose(qtbot, window)
    return window


def traded(window) -> tuple[str, str]:
    """Return what stands beside the slider: volume and mean loss."""
    return window.spec.traded_volume.text(), window.spec.traded_loss.text()


def order(window) -> list[int]:
    return [window.candidates.model.key_at(line) for line in range(lines(window))]


def header(qtbot, window, title: str) -> None:
    bar = window.candidates.table.horizontalHeader()
    place = bar.sectionViewportPosition(column(title)) + bar.sectionSize(column(title)) // 2
    qtbot.mouseClick(
        bar.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place, bar.height() // 2)
    )


def test_that_a_click_on_a_header_sorts_and_the_picked_design_stays(qtbot, listed):
    pick(qtbot, listed, 2)
    header(qtbot, listed, "Mean loss")
    assert order(listed) == [1, 0, 2, 3]
    header(qtbot, listed, "Mean loss")
    assert order(listed) == [3, 2, 0, 1]
    table = listed.candidates.table
    assert listed.candidates.model.key_at(table.currentIndex().row()) == 2
    assert listed.details.title.text() == "buck, candidate 2"


def test_that_numbers_are_sorted_as_numbers(qtbot, listed):
    header(qtbot, listed, "Volume")
    assert order(listed) == [2, 0, 1, 3]  # 600, 1000, 1400 and 1500 mm³


def test_that_loss_and_volume_have_bars_of_the_largest(listed):
    model = listed.candidates.model
    for title, lengths in (
        ("Mean loss", {0: 1.0 / 1.5, 1: 0.5 / 1.5, 2: 1.4 / 1.5, 3: 1.0}),
        ("Volume", {0: 1.0 / 1.5, 1: 1.4 / 1.5, 2: 0.6 / 1.5, 3: 1.0}),
    ):
        for key, length in lengths.items():
            index = model.index(model.line_of(key), column(title))
            assert model.data(index, BarLength) == pytest.approx(length)


def test_that_the_slider_ranks_anew_at_once(qtbot, listed, engine):
    listed.spec.live.setChecked(False)
    asked = len(engine.proposed)
    assert cell(listed, 1, "#") == "1"
    listed.spec.weight.setValue(0)  # size alone
    assert cell(listed, 2, "#") == "1"
    assert cell(listed, 2, "Cost") == "0.600"
    assert order(listed) == [0, 2, 1, 3]
    assert listed.headline.title.text() == "buck, candidate 2"  # what was first is shown still
    listed.spec.weight.setValue(listed.spec.weight.maximum())
    assert cell(listed, 1, "Cost") == "0.545"  # 0.95 of half the loss, 0.05 of 1.4 times the size
    assert len(engine.proposed) == asked


def test_that_what_the_slider_trades_stands_beside_it_and_is_of_the_design_on_screen(
    qtbot, listed, engine
):
    assert traded(listed) == ("1400 mm³", "loss 5.00 %")
    pick(qtbot, listed, 2)
    assert traded(listed) == ("600 mm³", "loss 14.0 %")
    # A second spec, for which size alone counts, begins with another design.
    engine.make = lambda spec: msgspec.structs.replace(
        three(spec), candidates=(with_losses(1, 0.9, 812.5, spec.weight),)
    )
    listed.spec.weight.setValue(0)
    press_propose(qtbot, listed)
    qtbot.waitUntil(lambda: lines(listed) == 2)
    settle(qtbot, listed)
    assert traded(listed) == ("812 mm³", "loss 9.00 %")


def test_that_a_design_without_operating_point_has_nothing_to_trade(qtbot, listed, engine):
    unsolved = candidate(1, metrics=None, duty=None, mode=None, meets_spec=False, cost=3.0)
    engine.make = lambda spec: msgspec.structs.replace(three(spec), candidates=(unsolved,))
    press_propose(qtbot, listed)
    qtbot.waitUntil(lambda: lines(listed) == 2)
    settle(qtbot, listed)
    assert traded(listed) == ("", "")


def test_that_the_sentence_on_the_difference_is_under_the_list(qtbot, listed):
    pick(qtbot, listed, 2)
    assert listed.candidates.difference.text() == "Smaller inductor than the textbook design."


def test_that_designs_are_picked_by_keyboard(qtbot, listed):
    alt = Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(listed, Qt.Key.Key_Down, alt)
    settle(qtbot, listed)
    assert listed.details.title.text() == "buck, candidate 2"
    qtbot.keyClick(listed, Qt.Key.Key_Up, alt)
    qtbot.keyClick(listed, Qt.Key.Key_Up, alt)
    qtbot.keyClick(listed, Qt.Key.Key_Up, alt)
    settle(qtbot, listed)
    assert listed.details.title.text() == "buck, textbook design"


def test_that_up_to_four_designs_are_pinned_side_by_side(qtbot, listed):
    table = listed.comparison.table
    for key in (1, 0, 2):
        pick(qtbot, listed, key)
        qtbot.keyClick(listed, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, listed)
    assert [table.horizontalHeaderItem(i).text() for i in range(3)] == [
        "1 (buck)",
        "Textbook (buck)",
        "2 (buck)",
    ]
    labels = [table.verticalHeaderItem(row).text() for row in range(table.rowCount())]
    loss = labels.index("Mean loss")
    assert table.item(loss, 0).text() == "500 mW"
    assert table.item(loss, 2).text() == "1.4 W (+180%)"
    assert [table.item(labels.index("Volume"), k).text() for k in range(2)] == [
        "1400 mm³",
        "1000 mm³ (-29%)",
    ]
    assert cell(listed, 2, "#") == "2 ◆"
    qtbot.keyClick(listed, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, listed)
    assert table.columnCount() == 2
    assert cell(listed, 2, "#") == "2"


def test_that_a_fifth_pin_is_refused_in_a_sentence(qtbot, window, engine):
    engine.make = lambda spec: shortlist(spec, 5)
    propose(qtbot, window)
    for key in range(5):
        pick(qtbot, window, key)
        window.pin_wanted.emit()
    settle(qtbot, window)
    assert window.comparison.table.columnCount() == 4
    assert window.status.text().startswith("Comparison shows at most 4 designs")


@pytest.mark.qt_log_ignore("does not support (raise|grabbing the keyboard|propagateSizeHints)")
def test_that_a_design_is_pinned_from_its_menu(qtbot, listed):
    table = listed.candidates.table
    box = table.visualRect(listed.candidates.model.index(2, 0))
    table.customContextMenuRequested.emit(box.center())
    menu = listed.candidates.findChild(QMenu)
    menu.actions()[0].trigger()
    menu.close()
    settle(qtbot, listed)
    assert cell(listed, 2, "#") == "2 ◆"


def test_that_a_click_on_a_point_picks_its_design(qtbot, listed):
    listed.docks["Trade-off"].raise_()
    plot = listed.pareto.plot
    qtbot.waitUntil(lambda: plot.isVisible() and plot.width() > 100)
    point = next(p for p in listed.pareto._points if p.key == 2)
    view = plot.getPlotItem().vb
    qtbot.waitUntil(lambda: view.viewRect().contains(QPointF(point.volume, point.loss)))
    place = plot.mapFromScene(view.mapViewToScene(QPointF(point.volume, point.loss)))
    qtbot.mouseMove(plot.viewport(), place)
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: listed.details.title.text() == "buck, candidate 2")


def test_that_the_trade_off_is_of_the_loss_that_counts_and_of_volume(listed):
    listed.docks["Trade-off"].raise_()
    item = listed.pareto.plot.getPlotItem()
    titles = [item.getAxis(side).labelText for side in ("bottom", "left")]
    assert titles == ["Volume, mm³", "Mean loss, W"]
    assert {p.key: (p.volume, p.loss) for p in listed.pareto._points} == {
        0: (1000.0, 1.0),
        1: (1400.0, 0.5),
        2: (600.0, 1.4),
        3: (1500.0, 1.5),
    }
    assert listed.pareto._points[1].tip == "1 (buck): mean loss 500 mW, volume 1400 mm³"


def test_that_only_designs_that_none_beats_in_both_are_marked_best():
    best = {p.label: p.best for p in pareto(Board.of(three(SPEC)))}
    assert best == {"0": True, "1": True, "2": True, "3": False}


def test_that_points_in_one_place_share_a_label(qtbot, window, engine):
    twins = [with_losses(1, 0.5, 1400.0), with_losses(2, 0.501, 1390.0), with_losses(3, 1.5, 600.0)]
    engine.make = lambda spec: msgspec.structs.replace(
        shortlist(spec), textbook=TEXTBOOK, candidates=tuple(twins)
    )
    propose(qtbot, window)
    window.docks["Trade-off"].raise_()
    qtbot.waitUntil(window.pareto.plot.isVisible)
    written = [text.toPlainText() for text in window.pareto._texts]
    assert written == ["0", "1, 2", "3"]


def test_that_another_weight_costs_what_the_engine_would_say():
    board = Board.of(three(SPEC))
    board.reweigh(0.25)
    costs = {d.key: d.candidate.cost for d in board.everyone}
    expected = {0: 1.0, 1: 0.25 * 0.5 + 0.75 * 1.4, 2: 0.25 * 1.4 + 0.75 * 0.6}
    assert {key: costs[key] for key in expected} == pytest.approx(expected)


def test_that_a_design_that_fails_keeps_its_cost():
    failing = candidate(1, meets_spec=False, cost=3.0)
    assert recosted(failing, Reference.of(TEXTBOOK), 0.1).cost == 3.0


def test_that_a_new_shortlist_begins_without_pins(qtbot, listed):
    listed.pin_wanted.emit()
    press_propose(qtbot, listed)
    qtbot.waitUntil(lambda: listed.comparison.table.columnCount() == 0)
