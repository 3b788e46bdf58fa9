"""Schematics, drawn from a topology's declaration.

The picture is SVG that Qt's renderer (SVG Tiny 1.2) shows whole: text as paths, no SVG 2 features.
Every element and its label stand in a group whose id is the element's name, so that a viewer can
ask for its bounds.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from xml.etree import ElementTree

import schemdraw
from schemdraw import elements
from schemdraw.backends.svg import config as svg_config
from schemdraw.segments import SegmentText
from schemdraw.util import Point as DrawnPoint

from arcs_engine.circuits import circuit
from arcs_engine.circuits.labels import (
    FONT_SIZE,
    LINE_HEIGHT,
    POINTS_PER_UNIT,
    Align,
    Baseline,
    LabelPlace,
)
from arcs_engine.circuits.topologies.base import Drawing, Placement, Point, Topology

svg_config.text = "path"
svg_config.svg2 = False

LINE_WIDTH = 1.4
LABEL_GAP = 0.16
"""Free space between a symbol and its label, grid units."""
DOT_PLACE = 0.27
"""Where along a coupled winding its dot stands, from its first end."""
DOT_DISTANCE = 0.3
"""Distance of that dot from the winding's axis, grid units."""
MARGIN = 0.35
"""Free space around the drawing, grid units."""

_SVG = "http://www.w3.org/2000/svg"

# Half the width of each symbol across its axis, in grid units, to keep its label clear of it.
_HALF_WIDTHS: dict[type[circuit.Element], float] = {
    circuit.Source: 0.5,
    circuit.Inductor: 0.4,
    circuit.Capacitor: 0.3,
    circuit.Diode: 0.3,
    circuit.Switch: 0.12,
}
_DEFAULT_HALF_WIDTH = 0.25

_SYMBOLS: dict[type[circuit.Element], Callable[[], elements.Element2Term]] = {
    circuit.Source: elements.SourceV,
    circuit.Load: elements.ResistorIEC,
    circuit.Resistor: elements.ResistorIEC,
    circuit.Inductor: elements.Inductor2,
    circuit.Capacitor: elements.Capacitor,
    circuit.Diode: elements.Schottky,
    circuit.Switch: elements.NFet2,
}

_SIDES: dict[str, tuple[float, float]] = {
    "top": (0.0, 1.0),
    "bottom": (0.0, -1.0),
    "left": (-1.0, 0.0),
    "right": (1.0, 0.0),
}


# The text renderer reads $ as the start of a formula and the others as XML, with no way to escape.
_NO_MARKUP = str.maketrans("", "", "$<>&")

# A label to the left of its symbol ends there, and so on.
_ALIGN: dict[float, Align] = {-1.0: "right", 0.0: "center", 1.0: "left"}
_BASELINE: dict[float, Baseline] = {-1.0: "top", 0.0: "center", 1.0: "bottom"}


def label_places(topology: Topology, labels: Mapping[str, str]) -> dict[str, LabelPlace]:
    """Return where `svg` writes each label, for a viewer that writes them itself.

    Args:
        topology: what is drawn.
        labels: text by element name; only the number of lines counts.
    """
    places = {}
    for placement in topology.drawing.placements:
        element = topology.circuit.element(placement.element)
        count = len(labels.get(element.name, element.name).split("\n"))
        (x, y), align, baseline = _label_place(element, placement, count)
        places[element.name] = LabelPlace(
            x * POINTS_PER_UNIT, -y * POINTS_PER_UNIT, align, baseline
        )
    return places


def svg(
    topology: Topology,
    labels: Mapping[str, str],
    *,
    ink: str,
    background: str | None,
    accent: str,
    labelled: bool = True,
) -> str:
    """Draw a topology.

    Args:
        topology: what to draw; its `drawing` says where.
        labels: text by element name, lines separated by a newline: the first line is drawn in
            `ink`, the others (values) in `accent`. An element without one gets its name.
        ink: colour of lines and names, ``#rrggbb``.
        background: colour behind the drawing; None leaves it transparent.
        accent: colour of values and of node names, ``#rrggbb``.
        labelled: False leaves room for the labels, but does not write them.

    Returns:
        An SVG document; each element is a group with its name as id, and in it its label a group
        with the id ``NAME.label``.
    """
    sheet = _Sheet(ink)
    sheet.add("wires", _wiring(topology.drawing))
    wound = {name for k in topology.circuit.couplings for name in (k.first, k.second)}
    for placement in topology.drawing.placements:
        element = topology.circuit.element(placement.element)
        label = labels.get(element.name, element.name)
        lines = _label(element, placement, label, accent)
        symbols = [_symbol(element, placement)]
        if element.name in wound:
            symbols.append(_winding_dot(placement))
        sheet.add(element.name, symbols, lines, written=labelled)
    for name, at in topology.drawing.node_labels:
        sheet.add(f"node.{name}", [_node_label(name, at, accent)])
    return sheet.document(background)


def junctions(drawing: Drawing) -> tuple[Point, ...]:
    """Return the points where three or more ends meet, which get a dot."""
    segments = [pair for wire in drawing.wires for pair in pairwise(wire)]
    ends = [end for p in drawing.placements for end in (p.start, p.end)] + list(drawing.grounds)
    candidates = dict.fromkeys([*ends, *(point for pair in segments for point in pair)])
    return tuple(
        point
        for point in candidates
        if ends.count(point) + sum(_ends_at(point, *pair) for pair in segments) >= 3
    )


def _ends_at(point: Point, start: Point, end: Point) -> int:
    """Count how many wire ends a segment brings to a point: two where it passes through."""
    if point in (start, end):
        return 1
    (x, y), (x1, y1), (x2, y2) = point, start, end
    in_line = math.isclose((x2 - x1) * (y - y1), (y2 - y1) * (x - x1), abs_tol=1e-9)
    inside = min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)
    return 2 if in_line and inside else 0


def _wiring(drawing: Drawing) -> list[elements.Element]:
    lines = [
        elements.Line().at(start).to(end) for wire in drawing.wires for start, end in pairwise(wire)
    ]
    dots = [elements.Dot(radius=0.07).at(point) for point in junctions(drawing)]
    grounds = [elements.Ground().at(point).theta(0) for point in drawing.grounds]
    return [*lines, *dots, *grounds]


def _symbol(element: circuit.Element, placement: Placement) -> elements.Element:
    # schemdraw marks the far end of a source as positive; ours is positive at its node a.
    ends = (placement.start, placement.end)
    start, end = reversed(ends) if isinstance(element, circuit.Source) else ends
    symbol: elements.Element = _SYMBOLS[type(element)]().endpoints(start, end)
    # A transistor's gate stands to the left of its direction; keep it away from the label.
    if isinstance(element, circuit.Switch) and _left_of(placement) == _SIDES[placement.label]:
        symbol = symbol.flip()
    return symbol


def _winding_dot(placement: Placement) -> elements.Element:
    """Return the dot at a coupled winding's first end, on the side without the label.

    Currents that enter windings at their dots magnetize the core the same way (ngspice manual, K
    element: the dots are at the first nodes).
    """
    (x1, y1), (x2, y2) = placement.start, placement.end
    side_x, side_y = _SIDES[placement.label]
    at = (
        x1 + DOT_PLACE * (x2 - x1) - DOT_DISTANCE * side_x,
        y1 + DOT_PLACE * (y2 - y1) - DOT_DISTANCE * side_y,
    )
    return elements.Dot(radius=0.07).at(at)


def _left_of(placement: Placement) -> tuple[float, float]:
    """Return the unit vector that points to the left of an element's direction."""
    dx, dy = (end - start for start, end in zip(placement.start, placement.end, strict=True))
    length = math.hypot(dx, dy)
    return (-dy / length + 0.0, dx / length + 0.0)


def _label_place(
    element: circuit.Element, placement: Placement, count: int
) -> tuple[Point, Align, Baseline]:
    """Return where the first of `count` lines of a label stands, in grid units."""
    side_x, side_y = _SIDES[placement.label]
    distance = _HALF_WIDTHS.get(type(element), _DEFAULT_HALF_WIDTH) + LABEL_GAP
    x = (placement.start[0] + placement.end[0]) / 2 + side_x * distance
    y = (placement.start[1] + placement.end[1]) / 2 + side_y * distance
    # The lines are stacked downwards from the first; the block is centred, or grows away.
    first = y + LINE_HEIGHT * (count - 1) * (side_y + 1) / 2
    return (x, first), _ALIGN[side_x], _BASELINE[side_y]


def _label(
    element: circuit.Element, placement: Placement, text: str, accent: str
) -> list[elements.Element]:
    lines = text.split("\n")
    (x, first), align, baseline = _label_place(element, placement, len(lines))
    return [
        _text(line, (x, first - LINE_HEIGHT * row), align, baseline, accent if row else None)
        for row, line in enumerate(lines)
    ]


def _node_label(name: str, at: Point, accent: str) -> elements.Element:
    return _text(name, (at[0], at[1] + LABEL_GAP), "center", "bottom", accent)


def _text(
    text: str, at: Point, align: Align, baseline: Baseline, colour: str | None
) -> elements.Element:
    label = elements.Element().at(at).theta(0)
    plain = text.translate(_NO_MARKUP)
    segment = SegmentText((0, 0), plain, (align, baseline), color=colour, fontsize=FONT_SIZE)
    label.segments.append(segment)
    return label


class _Sheet:
    """The document in the making: named groups and the box around them."""

    def __init__(self, ink: str) -> None:
        self._ink = ink
        self._root = ElementTree.Element(f"{{{_SVG}}}svg")
        self._corners: list[DrawnPoint] = []

    def add(
        self,
        name: str,
        parts: list[elements.Element],
        label: Sequence[elements.Element] = (),
        *,
        written: bool = True,
    ) -> None:
        """Draw parts into a group of that id, and their label into a group of its own in it.

        A label that is not written still gets its room.
        """
        group = ElementTree.SubElement(self._root, f"{{{_SVG}}}g", id=name)
        self._draw(group, parts)
        if label:
            inner = ElementTree.Element(f"{{{_SVG}}}g", id=f"{name}.label")
            self._draw(inner, label)
            if written:
                group.append(inner)

    def _draw(self, group: ElementTree.Element, parts: Sequence[elements.Element]) -> None:
        drawing = schemdraw.Drawing(canvas="svg", show=False)
        drawing.config(color=self._ink, fontsize=FONT_SIZE, lw=LINE_WIDTH, margin=0)
        drawing.add_elements(*parts)
        group.extend(drawing.draw(show=False).getsvg())
        box = drawing.get_bbox()
        self._corners += [DrawnPoint((box.xmin, box.ymin)), DrawnPoint((box.xmax, box.ymax))]

    def document(self, background: str | None) -> str:
        """Return the finished SVG."""
        left = min(c.x for c in self._corners) - MARGIN
        right = max(c.x for c in self._corners) + MARGIN
        bottom = min(c.y for c in self._corners) - MARGIN
        top = max(c.y for c in self._corners) + MARGIN
        x, y = left * POINTS_PER_UNIT, -top * POINTS_PER_UNIT
        width, height = (right - left) * POINTS_PER_UNIT, (top - bottom) * POINTS_PER_UNIT
        self._root.set("viewBox", f"{x:g} {y:g} {width:g} {height:g}")
        self._root.set("width", f"{width:g}")
        self._root.set("height", f"{height:g}")
        if background is not None:
            box = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}"}
            rect = ElementTree.Element(f"{{{_SVG}}}rect", {**box, "fill": background})
            self._root.insert(0, rect)
        return ElementTree.tostring(self._root, encoding="unicode")
