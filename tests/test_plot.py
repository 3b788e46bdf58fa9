import xml.etree.ElementTree as ET

import numpy as np
import pytest

from arcs_engine.bench.reports import plot, steady_period
from arcs_engine.simulation.waveforms import Waveforms

SVG = "{http://www.w3.org/2000/svg}"


def wave(**signals):
    time = np.linspace(0, 10e-6, 201)
    named = {name.replace("_", "(") + ")": np.asarray(f(time)) for name, f in signals.items()}
    return Waveforms(time, named, 5e-6, "steady")


def drawn(waveforms, signals):
    return ET.fromstring(plot.svg(waveforms, signals, "a <title> & more"))


def test_that_each_signal_gets_a_curve_inside_the_picture():
    root = drawn(wave(v_out=np.sin, i_L1=np.cos), ("v(out)", "i(L1)"))
    width, height = float(root.get("width")), float(root.get("height"))
    curves = root.findall(f"{SVG}polyline")
    assert len(curves) == 2
    for curve in curves:
        points = np.array([p.split(",") for p in curve.get("points").split()], dtype=float)
        assert len(points) == 201
        assert (points >= 0).all()
        assert (points <= [width, height]).all()


def test_that_bands_lie_between_their_instants_under_their_labels():
    waveforms = wave(v_out=np.sin, i_L1=np.cos)
    bands = [
        plot.Band(0, 2e-6, "Q1"),
        plot.Band(2e-6, 5e-6, "D1"),
        plot.Band(5e-6, 10e-6, "<none>"),
    ]
    plain = drawn(waveforms, ("v(out)", "i(L1)"))
    root = ET.fromstring(plot.svg(waveforms, ("v(out)", "i(L1)"), "title", bands))
    frames = [r.attrib for r in plain.iter(f"{SVG}rect")]
    (shaded,) = [r for r in root.iter(f"{SVG}rect") if r.attrib not in frames]
    frame = next(r for r in frames if r["fill"] == "none")
    left, width = float(frame["x"]), float(frame["width"])
    assert float(shaded.get("x")) == pytest.approx(left + 0.2 * width, abs=0.1)
    assert float(shaded.get("width")) == pytest.approx(0.3 * width, abs=0.1)
    labels = {t.text: float(t.get("x")) for t in root.iter(f"{SVG}text")}
    assert labels["Q1"] == pytest.approx(left + 0.1 * width, abs=0.1)
    assert labels["D1"] == pytest.approx(left + 0.35 * width, abs=0.1)
    assert labels["<none>"] == pytest.approx(left + 0.75 * width, abs=0.1)


def test_that_the_solved_period_shows_each_mode_with_what_conducts(capsys):
    assert steady_period.main() == 0
    root = ET.fromstring(capsys.readouterr().out)
    labels = [t.text for t in root.iter(f"{SVG}text")]
    modes = ["Q1", "Dclamp", "Dclamp + D1", "D1", "none"]
    assert [label for label in labels if label in modes] == modes


@pytest.mark.parametrize("level", [0.0, 5.0, -12.0])
def test_that_a_constant_signal_can_be_drawn(level):
    root = drawn(wave(v_in=lambda t: np.full_like(t, level)), ("v(in)",))
    assert root.find(f"{SVG}polyline") is not None


def test_that_axes_carry_round_values_with_units():
    root = drawn(wave(v_out=lambda t: 5 + 1e5 * t), ("v(out)",))
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert {"5.5 V", "0 s", "10 µs", "a <title> & more", "v(out)"} <= set(texts)
