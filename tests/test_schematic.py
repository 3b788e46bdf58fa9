"""Schematics: the picture connects what the circuit declares, and Qt renders it whole."""

from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from arcs_engine.circuits import schematic
from arcs_engine.circuits.circuit import GROUND
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies.base import Drawing, Topology

topologies = pytest.mark.parametrize("topology", REGISTRY.values(), ids=REGISTRY.keys())


def draw(topology: Topology, labels=None, background=None) -> str:
    return schematic.svg(
        topology, labels or {}, ink="#101010", background=background, accent="#0b6e99"
    )


def on_segment(point, start, end) -> bool:
    (x, y), (x1, y1), (x2, y2) = point, start, end
    collinear = (x2 - x1) * (y - y1) == (y2 - y1) * (x - x1)
    return collinear and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)


def crosses(first, second) -> bool:
    """Whether two straight lines share a point."""
    (a, b), (c, d) = first, second
    if any(on_segment(p, *line) for line, ends in ((first, second), (second, first)) for p in ends):
        return True

    def side(p, q, r):
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def segments(drawing: Drawing):
    return [pair for wire in drawing.wires for pair in pairwise(wire)]


class Nets:
    """Points joined by wires, and all grounds with each other."""

    def __init__(self, drawing: Drawing) -> None:
        self.wires = segments(drawing)
        points = [p for wire in self.wires for p in wire]
        points += [p for placed in drawing.placements for p in (placed.start, placed.end)]
        self.parent = {p: p for p in [*points, *drawing.grounds]}
        for wire in self.wires:
            touching = [p for p in self.parent if on_segment(p, *wire)]
            for point in touching:
                self.join(wire[0], point)
        for ground in drawing.grounds:
            self.join(drawing.grounds[0], ground)

    def root(self, point):
        while self.parent[point] != point:
            point = self.parent[point]
        return point

    def join(self, first, second) -> None:
        self.parent[self.root(second)] = self.root(first)


@topologies
def test_that_every_element_is_drawn_once(topology):
    drawn = [p.element for p in topology.drawing.placements]
    assert sorted(drawn) == sorted(e.name for e in topology.circuit.elements)


@topologies
def test_that_the_drawing_connects_exactly_the_declared_nets(topology):
    nets = Nets(topology.drawing)
    node_of = {nets.root(g): GROUND for g in topology.drawing.grounds}
    for placed in topology.drawing.placements:
        element = topology.circuit.element(placed.element)
        for node, point in ((element.a, placed.start), (element.b, placed.end)):
            assert node_of.setdefault(nets.root(point), node) == node, (
                f"{placed.element} at {point}"
            )
    assert len(set(node_of.values())) == len(node_of), "a net is drawn in two pieces"
    assert set(node_of.values()) == {GROUND, *topology.circuit.nodes}


@topologies
def test_that_every_ground_net_has_a_ground_symbol(topology):
    assert topology.drawing.grounds


@topologies
def test_that_lines_of_different_nets_never_touch(topology):
    nets = Nets(topology.drawing)
    for first, second in combinations(nets.wires, 2):
        if crosses(first, second):
            assert nets.root(first[0]) == nets.root(second[0])


@topologies
def test_that_no_wire_and_no_other_element_runs_over_an_element(topology):
    placed = [(p.start, p.end) for p in topology.drawing.placements]
    for body in placed:
        for other in [line for line in placed if line != body] + segments(topology.drawing):
            shared = [p for p in body if on_segment(p, *other)]
            if crosses(body, other):
                assert len(shared) == 1, f"{body} and {other}"
                assert not any(on_segment(p, *body) for p in other if p not in body)


@topologies
def test_that_node_labels_stand_on_their_net(topology):
    nets = Nets(topology.drawing)
    node_of = {}
    for placed in topology.drawing.placements:
        element = topology.circuit.element(placed.element)
        node_of[nets.root(placed.start)] = element.a
        node_of[nets.root(placed.end)] = element.b
    for name, point in topology.drawing.node_labels:
        assert node_of[nets.root(point)] == name


def test_that_three_ends_get_a_dot_and_two_do_not():
    drawing = Drawing(
        placements=(),
        wires=(((0, 0), (4, 0), (4, 4)), ((2, 0), (2, 3))),
        grounds=((0, 0),),
    )
    assert schematic.junctions(drawing) == ((2, 0),)


def test_that_a_ground_symbol_counts_as_an_end():
    drawing = Drawing(placements=(), wires=(((0, 0), (4, 0), (8, 0)),), grounds=((4, 0),))
    assert schematic.junctions(drawing) == ((4, 0),)


def test_that_labels_from_outside_cannot_break_the_document():
    text = '<b onload="x">&$\\frac{1}{2}$'
    document = draw(REGISTRY["buck"], {"L1": f"L1\n{text}"})
    root = ElementTree.fromstring(document)
    assert not [node for node in root.iter() if node.tag.endswith("}b") or "onload" in node.attrib]


def test_that_colours_reach_the_drawing():
    light = draw(REGISTRY["buck"], {"L1": "L1\n22 µH"}, background="#fefefe")
    assert "#fefefe" in light and "#101010" in light and "#0b6e99" in light
    assert "#fefefe" not in draw(REGISTRY["buck"])
    assert "black" not in light
