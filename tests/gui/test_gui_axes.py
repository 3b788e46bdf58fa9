"""The numbers at the axes of every plot, after what comes second: another spec, tuning, zoom."""

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from painted_axes import PaintedAxes
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from test_gui_design import BUCK, pick, propose, settle
from test_gui_tuning import wheel
from test_gui_waveforms import action, choose_run

from arcs_engine.circuits.topologies import REGISTRY
from arcs_gui.ports import LossPoint
from arcs_gui.presenters.analyses.analyses import FIGURES, Chart, Curve, Spread, SweepPlot
from arcs_gui.presenters.designs.comparison import Point
from arcs_gui.theme.palette import DARK, LIGHT
from arcs_gui.views.analyses.analyses import TABS, AnalysesPanel
from arcs_gui.views.designs.pareto import ParetoPanel
from arcs_gui.views.runs.runs_panel import RunsPanel
from arcs_gui.widgets.axis import TEXT_HEIGHT, DecadeAxis

OTHER = {"vin": "48 V", "vout": "12 V", "iout": "0.5 A", "fsw": "25 kHz"}


@pytest.fixture
def painted(monkeypatch):
    return PaintedAxes(monkeypatch)


@pytest.fixture
def shown(qtbot, window, painted, theme):
    """A window that has painted the waveforms of a first design."""
    window.resize(1440, 900)
    propose(qtbot, window)
    wait_for_curves(qtbot, window)
    assert painted.faults(window.grab) == []
    yield window
    theme.choose("system")


def wait_for_curves(qtbot, window) -> None:
    """Wait until ngspice has answered, which comes after the solver."""

    def are_drawn() -> bool:
        curves = window.waveforms.curves
        return bool(curves) and all(
            curves[key].isVisible() for key in curves if key[1] == "ngspice"
        )

    qtbot.waitUntil(are_drawn)
    settle(qtbot, window)


def left_numbers(painted, window, pane: int) -> list[float]:
    """Paint the window, and return the numbers beside a waveform pane."""
    assert painted.faults(window.grab) == []
    return painted.numbers(window.waveforms.graphics.panes[pane].getAxis("left"))


def turn_wheel(window, pane: int, notches: int, place: float = 0.5) -> None:
    """Turn the wheel over a pane, at a share of its width."""
    graphics = window.waveforms.graphics
    box = graphics.panes[pane].vb.sceneBoundingRect()
    at = QPointF(box.left() + place * box.width(), box.center().y())
    event = QWheelEvent(
        at,
        graphics.viewport().mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(graphics.viewport(), event)


def another_spec(qtbot, window, theme):
    is_first = window.spec.fields["vout"].edit.text() == BUCK["vout"]
    propose(qtbot, window, **(OTHER if is_first else {}))
    wait_for_curves(qtbot, window)


def another_candidate(qtbot, window, theme):
    pick(qtbot, window, 3)
    wait_for_curves(qtbot, window)


def tuning(qtbot, window, theme):
    before = window.waveforms.curves["i(L1)", "steady"].getOriginalDataset()[1].max()
    wheel(window, "L1", 12)
    curve = window.waveforms.curves["i(L1)", "steady"]
    qtbot.waitUntil(lambda: curve.getOriginalDataset()[1].max() > 1.2 * before)
    settle(qtbot, window)


def zoom(qtbot, window, theme):
    turn_wheel(window, 0, 3)


def everything(qtbot, window, theme):
    action(window.waveforms, "fit").trigger()


def another_theme(qtbot, window, theme):
    theme.choose("dark")


def load_step(qtbot, window, theme):
    choose_run(window.waveforms, "load-step")
    qtbot.waitUntil(lambda: "open loop" in window.waveforms.source.text())


def steady_state(qtbot, window, theme):
    choose_run(window.waveforms, "steady")


def spectrum(qtbot, window, theme):
    action(window.waveforms, "spectrum").setChecked(True)
    qtbot.waitUntil(lambda: "rectangular" in window.waveforms.source.text())


def logarithmic(qtbot, window, theme):
    action(window.waveforms, "log").setChecked(True)


def another_size(qtbot, window, theme):
    window.resize(1100, 700)


STEPS = (
    another_spec,
    another_candidate,
    tuning,
    zoom,
    another_spec,
    zoom,
    everything,
    load_step,
    zoom,
    steady_state,
    another_theme,
    another_spec,
    spectrum,
    another_spec,
    logarithmic,
    zoom,
    another_spec,
    load_step,
    another_spec,
    another_size,
)


def test_that_every_number_at_the_waveforms_is_of_what_is_in_view_whatever_came_before(
    qtbot, shown, painted, theme
):
    for number, step in enumerate(STEPS):
        step(qtbot, shown, theme)
        assert painted.faults(shown.grab) == [], f"{step.__name__}, step {number}"


def test_that_the_numbers_after_a_second_spec_are_its_own(qtbot, shown, painted):
    assert left_numbers(painted, shown, 0) == pytest.approx([4.99, 5, 5.01])
    another_spec(qtbot, shown, None)
    assert left_numbers(painted, shown, 0) == pytest.approx([11.99, 12, 12.01])
    bottom = shown.waveforms.graphics.panes[-1].getAxis("bottom")
    assert painted.numbers(bottom)[-1] == pytest.approx(100e-6)


@pytest.mark.parametrize("export", ["picture", "copy"])
def test_that_an_exported_picture_shows_the_numbers_of_the_second_spec(
    qtbot, shown, painted, export
):
    another_spec(qtbot, shown, None)
    assert painted.faults(getattr(shown.waveforms, export)) == []


def test_that_all_values_are_in_view_again_when_another_design_is_looked_at(qtbot, shown):
    pane = shown.waveforms.graphics.panes[0]
    for look in (another_spec, another_candidate):
        turn_wheel(shown, 0, 10)
        low, high = pane.viewRange()[1]
        assert high - low < 0.01
        look(qtbot, shown, None)
        shown.grab()
        (start, stop), (low, high) = pane.viewRange()
        time, values = shown.waveforms.curves["v(out)", "ngspice"].getOriginalDataset()
        seen = values[(time >= start) & (time <= stop)]
        assert low < seen.min() < seen.max() < high


def test_that_another_spec_is_shown_whole_and_another_candidate_at_the_same_instants(qtbot, shown):
    graphics = shown.waveforms.graphics
    graphics.set_span(1e-6, 2e-6)
    another_candidate(qtbot, shown, None)
    assert graphics.view == pytest.approx((1e-6, 2e-6))
    propose(qtbot, shown, vout="3.3 V")  # at the same switching frequency
    wait_for_curves(qtbot, shown)
    assert graphics.view == pytest.approx((0, 10e-6), abs=1e-12)


def test_that_a_view_stays_where_it_is_while_a_value_moves(qtbot, shown):
    pane = shown.waveforms.graphics.panes[0]
    turn_wheel(shown, 0, 10)
    before = pane.viewRange()
    tuning(qtbot, shown, None)
    shown.grab()
    assert pane.viewRange() == [pytest.approx(ends) for ends in before]


def test_that_the_view_stays_where_it_is_when_the_simulation_ends_a_little_early(shown, desktop):
    viewer, graphics = desktop.viewer, shown.waveforms.graphics
    solver, spice = viewer._sets
    graphics.set_span(1e-6, 2e-6)
    ended = dataclasses.replace(spice, time=spice.time * 0.999)
    for sets in ((solver,), (ended,), (solver, ended)):
        viewer.set_traces(REGISTRY["buck"], sets)
        assert graphics.view == pytest.approx((1e-6, 2e-6))


def test_that_another_theme_or_size_leaves_the_view_where_it_is(qtbot, shown, theme):
    graphics = shown.waveforms.graphics
    for ends in ((0, 10e-6), (2e-6, 5e-6)):
        graphics.set_span(*ends)
        for step in (another_theme, another_size):
            step(qtbot, shown, theme)
            shown.grab()
            for pane in graphics.panes:
                assert pane.viewRange()[0] == pytest.approx(ends, abs=1e-12)


def test_that_panning_and_zooming_stop_where_the_curves_end(qtbot, shown):
    graphics = shown.waveforms.graphics
    whole = pytest.approx((0, 10e-6), abs=1e-12)
    turn_wheel(shown, 0, -20)
    assert graphics.view == whole
    for pane in graphics.panes:
        low, high = pane.viewRange()[1]
        assert low < high
    drag(qtbot, graphics, 0, QPoint(300, 0))
    assert graphics.view == whole
    qtbot.keyClick(graphics, Qt.Key.Key_Plus)
    for key in [Qt.Key.Key_PageDown] * 9:
        qtbot.keyClick(graphics, key)
    assert graphics.view == pytest.approx((10e-6 / 3, 10e-6))
    drag(qtbot, graphics, 0, QPoint(0, 500))
    low, high = graphics.panes[0].viewRange()[1]
    assert low < 5 < high


def drag(qtbot, graphics, pane: int, way: QPoint) -> None:
    """Drag a pane from its middle."""
    viewport = graphics.viewport()
    start = graphics.panes[pane].vb.sceneBoundingRect().center().toPoint()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.25, 0.5, 0.75, 1.0):
        QApplication.sendEvent(viewport, _move(viewport, start + way * share))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + way)


def _move(viewport, place: QPoint) -> QMouseEvent:
    return QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(viewport.mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


def test_that_a_transient_leaves_the_spectrum_and_opens_whole(qtbot, shown):
    spectrum(qtbot, shown, None)
    load_step(qtbot, shown, None)
    assert not action(shown.waveforms, "spectrum").isChecked()
    assert shown.waveforms.graphics.view == pytest.approx((0, 40 / 300e3), abs=1e-12)


def test_that_the_spectrum_of_another_spec_shows_its_own_harmonics(qtbot, shown):
    spectrum(qtbot, shown, None)
    logarithmic(qtbot, shown, None)
    another_spec(qtbot, shown, None)
    qtbot.waitUntil(lambda: "every 8.333 kHz" in shown.waveforms.source.text())
    assert shown.waveforms.graphics.view == pytest.approx((25e3 / 3, 50 * 25e3), rel=0.01)


def curves(height: float) -> tuple[Curve, ...]:
    return (Curve("12 V", np.linspace(10, 100, 19), height + np.linspace(0, height / 50, 19)),)


def chart(height: float) -> Chart:
    efficiency = height + np.outer(np.arange(5), np.arange(4)) / 10
    return Chart(height * np.linspace(0.5, 1, 5), np.linspace(25, 100, 4), efficiency)


def sweep(present: float, span: float) -> SweepPlot:
    x = present * np.geomspace(1 / span, span, 41)
    figures = {name: present * 1e6 + np.linspace(0, 3, 41) for name in FIGURES}
    return SweepPlot(
        "L1", "H", logarithmic=True, present=present, curves={"": x} | figures, remark=""
    )


def spread(height: float) -> dict[str, Spread]:
    edges = height * (1 + np.linspace(-0.05, 0.05, 21))
    counts = height * np.exp(-(np.linspace(-2, 2, 20) ** 2))
    return {"loss": Spread("Losses, W", edges, counts, "", (("L1", 0.7), ("Cout", -0.2)))}


FILLINGS = {
    "load": lambda panel, height: panel.set_load(curves(height)),
    "map": lambda panel, height: panel.set_map(chart(height)),
    "sweep": lambda panel, height: panel.set_sweep(sweep(height * 1e-6, 4)),
    "narrow sweep": lambda panel, height: panel.set_sweep(sweep(height * 1e-6, 1.07)),
    "tolerances": lambda panel, height: panel.set_tolerances("", spread(height)),
}


@pytest.mark.parametrize("height", [380, 200])
@pytest.mark.parametrize("filling", FILLINGS)
def test_that_every_number_of_an_analysis_is_of_the_second_design(qtbot, painted, filling, height):
    panel = AnalysesPanel(LIGHT)
    panel.resize(900, height)
    qtbot.addWidget(panel)
    panel.show()
    panel.set_design("buck")
    panel.tabs.setCurrentIndex([name for name, _, _ in TABS].index(filling.split()[-1]))
    for size in (90, 37):
        FILLINGS[filling](panel, size)
        assert painted.faults(panel.grab) == []
    panel.set_palette(DARK)
    assert painted.faults(panel.grab) == []


def loss(scale: float) -> tuple[LossPoint, ...]:
    return tuple(LossPoint(step, scale * (1 + 1 / step)) for step in range(1, 90))


def points(scale: float) -> tuple[Point, ...]:
    return tuple(
        Point(n, str(n), scale * (1 + n / 9), 4e-4 / scale / (1 + n), True, True, "")
        for n in range(9)
    )


def test_that_every_number_of_loss_and_of_trade_off_is_of_what_is_shown_second(qtbot, painted):
    jobs, trade_off = RunsPanel(LIGHT), ParetoPanel(LIGHT)
    for panel in (jobs, trade_off):
        panel.resize(900, 200)
        qtbot.addWidget(panel)
        panel.show()
    trade_off.set_seen(True)
    for scale in (2.0, 0.03):
        jobs.set_curve(f"train-{scale}", loss(scale))
        trade_off.set_points(points(scale), 1)
        assert painted.faults(jobs.grab) == []
        assert painted.faults(trade_off.grab) == []


def test_that_a_plot_that_was_zoomed_shows_all_of_what_comes_second(qtbot):
    jobs, trade_off, analyses = RunsPanel(LIGHT), ParetoPanel(LIGHT), AnalysesPanel(LIGHT)
    trade_off.set_seen(True)
    for panel, show, plot in (
        (jobs, lambda scale: jobs.set_curve(f"train-{scale}", loss(scale)), jobs.plot),
        (trade_off, lambda scale: trade_off.set_points(points(scale), 1), trade_off.plot),
        (analyses, lambda scale: analyses.set_load(curves(scale)), analyses.load.plot),
    ):
        qtbot.addWidget(panel)
        view = plot.getPlotItem().vb
        show(2.0)
        view.scaleBy((0.01, 0.01))
        show(0.03)
        view.updateAutoRange()
        (left, right), (low, high) = view.childrenBounds()
        (first, last), (bottom, top) = view.viewRange()
        assert first <= left < right <= last
        assert bottom <= low < high <= top


@settings(max_examples=500)
@given(
    middle=st.floats(-1e4, 1e4),
    width=st.floats(-6, 5).map(lambda decades: 10**decades),
    height=st.integers(40, 400),
)
def test_that_an_axis_of_forty_pixels_has_two_exact_numbers_that_do_not_touch(
    middle, width, height
):
    low, high = middle - width, middle + width
    assume(width > 2e-5 * max(abs(low), abs(high)))  # no view is flatter
    axis = DecadeAxis("left")
    ((spacing, values), *_) = axis.tickValues(low, high, height)
    assert len(values) > 1
    assert spacing / (high - low) * height >= TEXT_HEIGHT * 0.999
    texts = axis.tickStrings(values, 1.0, spacing)
    assert [float(text) for text in texts] == pytest.approx(values, rel=1e-9, abs=1e-9 * spacing)


@settings(max_examples=500)
@given(
    low=st.floats(-9, 8),
    width=st.floats(0.01, 9),
    place=st.tuples(st.just("left"), st.integers(60, 400))
    | st.tuples(st.just("bottom"), st.integers(300, 900)),
)
def test_that_a_logarithmic_axis_has_two_exact_numbers_however_little_of_it_is_seen(
    low, width, place
):
    side, length = place
    axis = DecadeAxis(side)
    axis.setLogMode(True)
    levels = axis.tickValues(low, low + width, length)
    texts = [axis.tickStrings(values, 1.0, spacing) for spacing, values in levels]
    places = [values for _, values in levels]
    written = [
        (value, float(text))
        for line, values in zip(texts, places, strict=True)
        for text, value in zip(line, values, strict=True)
        if text
    ]
    assert len({number for _, number in written}) > 1
    for value, number in written:
        assert number == pytest.approx(10**value, rel=1e-8)
