"""Schematics as Qt shows them."""

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from arcs_engine.circuits import schematic
from arcs_engine.circuits.topologies import REGISTRY
from arcs_gui.widgets.svg_view import SvgView

pytestmark = pytest.mark.usefixtures("qapp")
topologies = pytest.mark.parametrize("topology", REGISTRY.values(), ids=REGISTRY.keys())


def draw(topology, labels=None, background=None) -> str:
    return schematic.svg(
        topology, labels or {}, ink="#101010", background=background, accent="#0b6e99"
    )


@topologies
def test_that_qt_renders_it_and_knows_where_each_element_is(topology):
    labels = {e.name: f"{e.name}\n22 µH" for e in topology.circuit.elements}
    renderer = QSvgRenderer(draw(topology, labels).encode())
    assert renderer.isValid()
    page = renderer.viewBoxF()
    for element in topology.circuit.elements:
        bounds = renderer.boundsOnElement(element.name)
        assert bounds.width() > 5 and bounds.height() > 5, element.name
        assert page.contains(bounds), element.name


@topologies
def test_that_no_label_overlaps_another(topology):
    labels = {e.name: f"{e.name}\n123.4 mΩ" for e in topology.circuit.elements}
    whole = QSvgRenderer(draw(topology, labels).encode())
    names = [f"{e.name}.label" for e in topology.circuit.elements]
    names += [f"node.{name}" for name, _ in topology.drawing.node_labels]
    for first, second in combinations(names, 2):
        shared = whole.boundsOnElement(first).intersected(whole.boundsOnElement(second))
        assert shared.isEmpty(), f"{first} and {second}"


def grey_pixels(view: SvgView) -> int:
    """Return how many pixels are neither paper nor ink, which is where a line's edge is."""
    view.grab()
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    values = np.frombuffer(image.constBits(), np.uint8)
    return int(((values > values.min() + 40) & (values < values.max() - 40)).sum())


def test_that_a_picture_is_crisp_at_any_size(qtbot):
    """Edges stay a pixel wide: twice as large has twice as many, an enlarged one four times."""
    view = SvgView()
    qtbot.addWidget(view)
    view.set_document(draw(REGISTRY["buck"], background="#ffffff"))
    view.resize(300, 150)
    small = grey_pixels(view)
    view.resize(600, 300)
    assert grey_pixels(view) < 3 * small


@topologies
def test_that_something_is_painted_at_every_element(topology):
    renderer = QSvgRenderer(draw(topology, background="#ffffff").encode())
    image = QImage(QSize(800, 400), QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    page = renderer.viewBoxF()
    for element in topology.circuit.elements:
        box = renderer.boundsOnElement(element.name)
        left = int((box.left() - page.left()) / page.width() * 800)
        top = int((box.top() - page.top()) / page.height() * 400)
        right = int((box.right() - page.left()) / page.width() * 800)
        bottom = int((box.bottom() - page.top()) / page.height() * 400)
        dark = sum(
            QColor(image.pixel(x, y)).lightness() < 100
            for x in range(left, right)
            for y in range(top, bottom)
        )
        assert dark > 20, element.name
