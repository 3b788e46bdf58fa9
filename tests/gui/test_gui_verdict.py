"""One verdict and one efficiency, wherever the window speaks of a design."""

import msgspec
import pytest
from scripted_engine import candidate, confirmation, metrics, shortlist
from test_gui_design import cell, pick, propose, settle
from test_gui_presenters import SPEC

from arcs_engine.performance.metrics import Corner, figure
from arcs_gui.presenters.designs import details
from arcs_gui.presenters.designs.board import Board
from arcs_gui.presenters.designs.comparison import comparison
from arcs_gui.presenters.designs.gallery import GALLERY_COLUMNS
from arcs_gui.presenters.designs.headline import headline
from arcs_gui.presenters.designs.shortlist import COLUMNS, EFFICIENCY, table

REASON = "At 12 V and full load: the output ripple is 1.20%, above the allowed 1.00%."


def failing(rank, **changes):
    return candidate(rank, meets_spec=False, cost=3.0, reasons=(REASON,), **changes)


def board_of(*candidates):
    found = msgspec.structs.replace(shortlist(SPEC), candidates=candidates)
    board = Board.of(found)
    board.selected = 1
    return board


def confirmed(chosen):
    return msgspec.structs.replace(chosen, ngspice=confirmation())


@pytest.fixture
def told(qtbot, window, engine):
    """A list of a design that meets the spec and one that fails, each confirmed by ngspice."""
    engine.make = lambda spec: msgspec.structs.replace(
        shortlist(spec), candidates=(candidate(1), failing(2))
    )
    propose(qtbot, window)
    qtbot.waitUntil(lambda: all("confirmed" in cell(window, k, "ngspice") for k in range(3)))
    return window


def badges(window):
    return [label.text() for label in window.headline.badges if label.text()]


def test_that_a_confirmation_of_a_design_that_fails_does_not_read_as_approval(qtbot, told):
    assert [cell(told, key, "ngspice") for key in (1, 2)] == ["✓ confirmed", "figures confirmed"]
    pick(qtbot, told, 2)
    settle(qtbot, told)
    assert badges(told) == ["✗ fails spec", "ngspice: figures confirmed"]
    pick(qtbot, told, 1)
    settle(qtbot, told)
    assert badges(told) == ["✓ meets spec", "✓ ngspice"]


def test_that_a_failure_that_ngspice_finds_too_is_no_disagreement():
    """The solver says 1.46 % of ripple and ngspice says so; beyond the allowed 1 % both fail it."""
    figures = msgspec.structs.replace(metrics(5.0), ripple=0.0146)
    found = {
        ripple: failing(
            1, metrics=figures, ngspice=confirmation(confirmed=False, reasons=("…",), ripple=ripple)
        )
        for ripple in (0.0147, 0.0190)
    }
    assert details.check_cell(found[0.0147], "refuted").text == "figures confirmed"
    assert details.check_cell(found[0.0190], "refuted").text == "✗ differs"
    unsteady = confirmation(confirmed=False, reasons=("…",), ripple=0.0146, steady=False)
    unknown = msgspec.structs.replace(found[0.0147], ngspice=unsteady)
    assert details.check_cell(unknown, "refuted").text == "✗ differs"
    meets = msgspec.structs.replace(found[0.0147], meets_spec=True)
    assert details.check_cell(meets, "refuted").text == "✗ differs"


def test_that_nothing_said_of_a_design_that_fails_is_green():
    board = board_of(confirmed(failing(1)), confirmed(candidate(2)))
    for design in board.everyone:
        design.check = "confirmed"
    board.pinned = [1, 2]
    good = {
        key: [
            each.tone == "good"
            for each in (
                *headline(board, board.designs[key], is_behind=False).badges,
                *next(row for row in table(board) if row.key == key).cells,
                *details.details(SPEC, board.designs[key].candidate)[0].rows,
                *(cells[k] for _, cells in comparison(board).rows),
            )
        ]
        for k, key in enumerate(board.pinned)
    }
    assert not any(good[1])
    assert sum(good[2]) == 8  # the spec and ngspice, in each of the four places


def test_that_the_penalty_of_a_design_that_fails_is_shown_nowhere_as_a_cost(qtbot, told):
    assert [cell(told, key, "Cost") for key in (0, 1, 2)] == ["1.000", "0.820", "—"]
    board = board_of(failing(1), candidate(2), candidate(3))
    board.pinned = [1, 2, 3]
    shown = dict(comparison(board).rows)["Cost"]
    assert [each.text for each in shown] == ["—", "0.840", "0.860"]
    board.pinned = [2, 1, 3]
    shown = dict(comparison(board).rows)["Cost"]
    assert [each.text for each in shown] == ["0.840", "—", "0.860 (+2%)"]
    assert dict(headline(board, board.designs[1], is_behind=False).figures)["Cost"] == "—"


def test_that_what_meets_the_spec_has_the_better_place_also_where_it_costs_more():
    board = board_of(failing(1), candidate(2, cost=4.2), candidate(3, cost=3.1))
    assert board.places() == {0: 0, 3: 1, 2: 2, 1: 3}
    costs = [row.cells[[title for title, _ in COLUMNS].index("Cost")] for row in table(board)]
    assert sorted(costs, key=lambda each: each.order)[-1].text == "—"


def test_that_the_efficiency_that_is_shown_is_the_estimated_one_by_name():
    told = Corner(
        vin=12.0, load=0.1, duty=0.4, mode="DCM", on_time=1e-6, off_time=1e-6, vout=5.0,
        ripple=0.01, efficiency=0.987, efficiency_estimated=0.913,
    )  # fmt: skip
    figures = msgspec.structs.replace(metrics(5.0), corners=(told,), line_regulation=0.0)
    board = board_of(candidate(1, metrics=figures), candidate(2), candidate(3))
    board.pinned = [1]
    assert EFFICIENCY == figure("efficiency_estimated").symbol == "η est."
    assert {EFFICIENCY} <= dict(COLUMNS).keys() & dict(GALLERY_COLUMNS).keys()
    assert dict(headline(board, board.designs[1], is_behind=False).figures)[EFFICIENCY] == "92.1 %"
    sections = {s.title: s.rows for s in details.details(SPEC, board.designs[1].candidate)}
    labels = [row.label for row in sections["Operating point"] if "Efficiency" in row.label]
    assert labels == ["Efficiency, estimated", "Efficiency, simulated"]
    (corner,) = (row for row in sections["Over the corners"] if "load" in row.label and row.note)
    assert "η est. 91.3 %" in corner.note
    assert "98.7" not in corner.note
    compared = [name for name, _ in comparison(board).rows if "fficiency" in name]
    assert compared == labels
