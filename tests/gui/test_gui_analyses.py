"""The analyses of the shown design, through the real panel and the real solver."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt

from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.performance.design import Design
from arcs_gui.engine_process.analyst import LocalAnalyst
from arcs_gui.presenters.analyses.analyses import OPERATING, SPREADS, Analyses
from arcs_gui.theme.palette import DARK, LIGHT
from arcs_gui.views.analyses.analyses import TABS, AnalysesPanel

BUCK = REGISTRY["buck"]
SPEC = Spec(topology="buck", vin=12, vin_min=10, vin_max=14, vout=5, iout=2, fsw=300e3, ripple=0.01)


class AtOnce:
    """A background that does work when it is asked to, or later when the test says so."""

    def __init__(self):
        self.held = None
        self.lanes = []

    def run(self, lane, work, *, done, failed, progress=None):
        self.lanes.append(lane)

        def do():
            try:
                answer = work(Control.silent())
            except Exception as error:  # noqa: BLE001 - as the real one
                failed(error)
            else:
                done(answer)

        if self.held is None:
            do()
        else:
            self.held.append(do)
        return self

    def cancel(self):
        pass


class Messages:
    def __init__(self):
        self.errors = []

    def show_error(self, text, fix=None):
        self.errors.append(text)

    def set_status(self, text):
        pass

    def clear_error(self):
        pass


HELD = "With nominal parts, output and ripple meet the spec at every point."


@pytest.fixture(scope="module")
def candidate():
    from arcs_engine.performance.candidates import evaluate  # noqa: PLC0415 - the solver is slow to import

    values = BUCK.textbook(SpecBatch.of([SPEC])).values
    return evaluate(Design(SPEC, {name: float(v[0]) for name, v in values.items()}))


@pytest.fixture
def panel(qtbot):
    panel = AnalysesPanel(LIGHT)
    panel.resize(900, 380)
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def background():
    return AtOnce()


@pytest.fixture
def analyses(panel, background):
    made = Analyses(LocalAnalyst(), background, panel, Messages())
    panel.tab_chosen.connect(made.set_tab)
    panel.quantity_chosen.connect(made.choose_quantity)
    panel.ends_chosen.connect(made.choose_ends)
    panel.samples_chosen.connect(made.choose_samples)
    return made


@pytest.fixture
def shown(analyses, candidate):
    analyses.set_seen(True)
    analyses.show(SPEC, candidate)
    return analyses


def go_to(panel, name):
    panel.tabs.setCurrentIndex([tab for tab, _, _ in TABS].index(name))


def texts(table):
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def test_that_an_empty_panel_says_what_will_appear(panel):
    assert not panel.stack.is_filled
    assert "tolerances" in panel.stack.widget(0).text()


def test_that_nothing_is_worked_out_before_it_is_looked_at(analyses, background, candidate):
    analyses.show(SPEC, candidate)
    assert background.lanes == []
    analyses.set_seen(True)
    assert background.lanes == ["analyse"]


def test_that_the_corners_are_thirty_lines_with_a_verdict(panel, shown):
    rows = texts(panel.corners)
    assert len(rows) == 30
    assert rows[0][:2] == ["10 V", "10 %"]
    assert all(row[-1].startswith("✓") for row in rows)
    assert panel.corner_remark.text() == HELD


def test_that_a_design_that_fails_is_said_to_fail_where_its_points_hold(panel, background):
    """An efficiency below the wished one is no fault of any point."""
    from arcs_engine.performance.candidates import evaluate  # noqa: PLC0415 - the solver is slow to import

    wishful = msgspec.structs.replace(SPEC, efficiency=0.99)
    values = {name: float(v[0]) for name, v in BUCK.textbook(SpecBatch.of([SPEC])).values.items()}
    failing = evaluate(Design(wishful, values))
    analyses = Analyses(LocalAnalyst(), background, panel, Messages())
    analyses.set_seen(True)
    analyses.show(wishful, failing)
    said = f"The design fails its spec: {failing.reasons[0]}"
    assert panel.corner_remark.text() == f"{said} {HELD}"
    analyses.set_tab("tolerances")
    assert panel.tolerances.yield_text.text().startswith(said)


def test_that_a_tab_is_worked_out_once(panel, shown, background):
    before = len(background.lanes)
    go_to(panel, "load")
    go_to(panel, "corners")
    go_to(panel, "load")
    assert len(background.lanes) == before + 1


def test_that_the_efficiency_is_drawn_for_three_inputs(panel, shown):
    go_to(panel, "load")
    curves = panel.load.plot.getPlotItem().listDataItems()
    assert [curve.name() for curve in curves] == ["10 V", "12 V", "14 V"]
    load, efficiency = curves[0].getData()
    assert load[-1] == 100
    assert np.all((efficiency > 50) & (efficiency < 100))


def test_that_the_map_can_be_read(panel, shown, candidate):
    go_to(panel, "map")
    chart = panel.map.image.image
    assert chart.shape == (25, 25)
    view = panel.map.plot.getPlotItem().vb
    panel.show()
    place = view.mapViewToScene(view.mapToView(view.mapFromView(_point(12.0, 100.0))))
    panel.map.plot.scene().sigMouseMoved.emit(place)
    shown_efficiency = float(panel.map.hover.text().rpartition(":")[2].strip(" %"))
    assert shown_efficiency == pytest.approx(candidate.metrics.efficiency_estimated * 100, abs=0.15)
    panel.set_design("Another design")
    assert panel.map.hover.text() == "Point at the map to read it."  # no reading of the one before


def _point(x, y):
    from PySide6.QtCore import QPointF  # noqa: PLC0415

    return QPointF(x, y)


def test_that_any_design_value_and_the_operating_point_can_be_swept(panel, shown, candidate):
    go_to(panel, "sweep")
    quantity = panel.sweep.quantity
    names = [quantity.itemData(k) for k in range(quantity.count())]
    labels = [quantity.itemText(k) for k in range(quantity.count())]
    assert names == [*candidate.values, *OPERATING]
    assert labels == ["L1", "Cout", "ESR of Cout", "Rds(on) of Q1", "Vin", "Iout", "fsw"]
    for label in labels:
        quantity.setCurrentText(label)
        x, y = panel.sweep.curve.getOriginalDataset()
        assert len(x) > 10
        assert np.isfinite(y).all()
        assert "meet the spec" in panel.sweep.remark.text()


def test_that_the_ends_of_a_sweep_are_typed_as_quantities(qtbot, panel, shown):
    go_to(panel, "sweep")
    panel.sweep.low.setText("10u")
    panel.sweep.high.setText("100 uH")
    qtbot.mouseClick(panel.sweep.button, Qt.MouseButton.LeftButton)
    x, _ = panel.sweep.curve.getOriginalDataset()
    assert (x[0], x[-1]) == pytest.approx((10e-6, 100e-6))


def test_that_a_sweep_is_around_the_value_of_the_shown_design_until_its_ends_are_typed(
    qtbot, panel, shown, candidate
):
    go_to(panel, "sweep")
    larger = candidate.values | {"L1": 4 * candidate.values["L1"]}
    shown.show(SPEC, msgspec.structs.replace(candidate, values=larger))
    x, _ = panel.sweep.curve.getOriginalDataset()
    assert (x[0], x[-1]) == pytest.approx((larger["L1"] / 4, larger["L1"] * 4))
    panel.sweep.low.setText("10u")
    panel.sweep.high.setText("100u")
    qtbot.mouseClick(panel.sweep.button, Qt.MouseButton.LeftButton)
    shown.show(SPEC, candidate)
    x, _ = panel.sweep.curve.getOriginalDataset()
    assert (x[0], x[-1]) == pytest.approx((10e-6, 100e-6))


@pytest.mark.parametrize(
    ("low", "high", "said"), [("x", "1m", "From"), ("2u", "1u", "larger"), ("1 V", "2 V", "From")]
)
def test_that_wrong_ends_are_complained_about_and_kept(qtbot, panel, shown, low, high, said):
    go_to(panel, "sweep")
    panel.sweep.low.setText(low)
    panel.sweep.high.setText(high)
    qtbot.keyClick(panel.sweep.high, Qt.Key.Key_Return)
    assert said in panel.state.text()
    assert (panel.sweep.low.text(), panel.sweep.high.text()) == (low, high)


def test_that_tolerances_show_yield_spread_and_what_matters(qtbot, panel, shown):
    go_to(panel, "tolerances")
    assert "of 1000 supplies meet the spec" in panel.tolerances.yield_text.text()
    assert panel.tolerances.spread.count() == len(SPREADS)
    assert panel.tolerances.counts.opts["height"].sum() == 1000
    ranked = panel.tolerances.bars.getAxis("left")._tickLevels[0]
    assert {"L1", "Cout", "fsw"} <= {name for _, name in ranked}
    panel.tolerances.samples.setValue(300)
    qtbot.mouseClick(panel.tolerances.draw_button, Qt.MouseButton.LeftButton)
    assert "of 300 supplies" in panel.tolerances.yield_text.text()


def test_that_every_part_is_listed_with_its_stress(panel, shown):
    go_to(panel, "parts")
    rows = texts(panel.parts)
    assert {"Cin", "Q1", "D1", "L1", "Cout"} <= {row[0] for row in rows}
    assert any("margin" in row[-1] for row in rows)
    # A part's name and kind stand in its first line, which says what to buy where a rule does.
    bought = {row[0]: row[3] for row in rows if row[2] == "to buy"}
    assert set(bought) == {"Cin", "Cout"}
    assert all(text.endswith("ceramic") for text in bought.values())


def test_that_another_design_empties_the_tabs_and_stale_answers_are_dropped(
    panel, analyses, background, candidate
):
    background.held = []
    analyses.set_seen(True)
    analyses.show(SPEC, candidate)
    analyses.show(SPEC, candidate)  # a value moved before the answer came
    assert panel.corners.rowCount() == 0
    stale, fresh = background.held
    stale()
    assert panel.corners.rowCount() == 0
    fresh()
    assert panel.corners.rowCount() == 30


def test_that_a_design_without_an_operating_point_says_so(panel, analyses, candidate):
    analyses.set_seen(True)
    analyses.show(SPEC, msgspec.structs.replace(candidate, duty=None, metrics=None))
    assert "no operating point" in panel.state.text()


def test_that_both_themes_colour_everything(panel, shown):
    for tab, _, _ in TABS:
        go_to(panel, tab)
    for palette in (DARK, LIGHT):
        panel.set_palette(palette)
        assert panel.corners.item(0, 0).foreground().color().name() == palette.text
        assert panel.corners.item(0, 7).foreground().color().name() == palette.good


def test_that_the_window_works_out_what_its_dock_shows(qtbot, open_desktop, engine, runs, settings):
    desktop = open_desktop(engine, runs, settings)
    window = desktop.window
    window.docks["Analyses"].raise_()
    assert not window.analyses.stack.is_filled
