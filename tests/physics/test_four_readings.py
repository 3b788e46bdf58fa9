"""Deck, network, token slots and drawing name the same parts and nets (requirement T1)."""

from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from converters import ordinary_spec, parameters_of, textbook_values

from arcs_engine.circuits import schematic
from arcs_engine.circuits.circuit import GROUND, Capacitor, Diode, Inductor, Switch
from arcs_engine.circuits.eseries import snap
from arcs_engine.model.tokens.vocabulary import VOCABULARY, Kind
from arcs_engine.simulation import netlist
from arcs_engine.simulation.steady.network import GROUND_NODE, INPUT_NODE, network_of


@pytest.fixture
def deck(topology):
    spec = ordinary_spec(topology)
    parameters = parameters_of(topology, spec, textbook_values(topology, spec))
    states = [e.name for e in topology.circuit.elements if isinstance(e, Inductor | Capacitor)]
    drive, state = netlist.GateDrive(spec.fsw, 0.4), dict.fromkeys(states, 0.0)
    converter = netlist.Converter(topology.circuit, parameters, drive, state)
    return netlist.Deck(converter, "readings", periods=10).text()


def lines_of(deck):
    """Return name -> (node, node) of every two-terminal line of a deck."""
    found = {}
    for line in deck.splitlines():
        words = line.split()
        if words and words[0][0].isalpha() and words[0][0].upper() != "K":
            found[words[0]] = tuple(words[1:3])
    return found


def joined_by_series_parts(element, lines):
    """Return the outer nodes of an element, with what stands in series inside it."""
    inner = netlist.inner_node(element)
    ends = [node for pair in lines.values() if inner in pair for node in pair if node != inner]
    own = lines[netlist.device(element)]
    return set(own) if inner not in own else set(ends)


def test_that_the_deck_has_each_part_between_its_nodes(topology, deck):
    lines = lines_of(deck)
    for element in topology.circuit.elements:
        assert netlist.device(element) in lines
        assert joined_by_series_parts(element, lines) == {element.a, element.b}


def test_that_the_deck_has_no_part_that_is_not_declared(topology, deck):
    declared = {netlist.device(e) for e in topology.circuit.elements}
    inner = {netlist.inner_node(e) for e in topology.circuit.elements}
    for name, nodes in lines_of(deck).items():
        gate = name.startswith("Vgate")
        assert name in declared or gate or inner & set(nodes), name


def test_that_the_network_has_each_part_between_its_nodes(topology):
    network = network_of(topology.circuit)
    names = {GROUND_NODE: GROUND, INPUT_NODE: topology.circuit.input_node}
    names |= dict(enumerate(network.node_names))
    for row, element in enumerate(topology.circuit.elements):
        assert network.elements[row] is element
        a, b = network.plan.nodes[row].tolist()
        assert (names[a], names[b]) == (element.a, element.b)
    assert set(names.values()) == {*topology.circuit.nodes, GROUND}


def test_that_the_network_reads_each_parts_own_parameters(topology):
    network = network_of(topology.circuit)
    for row, element in enumerate(topology.circuit.elements):
        names = [network.parameter_names[c] for c in network.plan.columns[row]]
        match element:
            case Inductor():
                expected = [element.inductance, element.resistance]
            case Capacitor():
                expected = [element.capacitance, element.resistance]
            case Switch():
                expected = [element.on_resistance, element.off_resistance, element.drop]
            case Diode():
                expected = [
                    element.drop, element.saturation_current, element.emission, element.resistance,
                ]  # fmt: skip
            case _:
                continue
        assert names[: len(expected)] == expected


def test_that_the_states_are_the_inductors_and_then_the_capacitors(topology):
    circuit = topology.circuit
    expected = [e.name for kind in (Inductor, Capacitor) for e in circuit.of_type(kind)]
    assert list(network_of(circuit).state_names) == expected


def test_that_the_token_slots_are_parameters_of_declared_parts(topology):
    network = network_of(topology.circuit)
    parts = {e.name for e in topology.circuit.elements}
    for value in topology.design_values:
        assert VOCABULARY.names[VOCABULARY.id(Kind.COMPONENT, value.name)] == value.name
        if not value.name.startswith("T"):  # a transformer's values are those of its windings
            assert value.part in parts
            assert value.name in network.parameter_names
        if value.name[0] in "LC" and not value.name.endswith("_esr"):
            assert value.series == "E12"
        if value.name.endswith(("_esr", "_rds_on")):
            assert value.series == "E24"


def test_that_each_design_value_reaches_the_solver_unrounded(topology):
    spec = ordinary_spec(topology)
    odd = {v.name: float(np.sqrt(v.low * v.high) * 1.0123) for v in topology.design_values}
    parameters = parameters_of(topology, spec, odd)
    for value in topology.design_values:
        if value.name in parameters:
            assert parameters[value.name] == odd[value.name]
            assert snap(odd[value.name], value.series, value.low, value.high) != odd[value.name]


def nets_of_drawing(drawing):
    """Return for each point of a drawing the set of points that wires join it with."""
    group = {}

    def find(point):
        while group.setdefault(point, point) != point:
            point = group[point]
        return point

    for wire in drawing.wires:
        for start, end in pairwise(wire):
            group[find(start)] = find(end)
    points = [p for placed in drawing.placements for p in (placed.start, placed.end)]
    for point in [*points, *drawing.grounds, *(p for _, p in drawing.node_labels)]:
        for wire in drawing.wires:
            for start, end in pairwise(wire):
                if _lies_on(point, start, end):
                    group[find(point)] = find(start)
    return find


def _lies_on(point, start, end):
    (x, y), (x1, y1), (x2, y2) = point, start, end
    in_line = abs((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) < 1e-9
    return in_line and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)


def test_that_the_drawing_joins_the_declared_nodes_and_no_others(topology):
    drawing, circuit = topology.drawing, topology.circuit
    assert sorted(p.element for p in drawing.placements) == sorted(e.name for e in circuit.elements)
    net = nets_of_drawing(drawing)
    drawn = {}
    for placement in drawing.placements:
        element = circuit.element(placement.element)
        for node, point in ((element.a, placement.start), (element.b, placement.end)):
            drawn.setdefault(node, set()).add(net(point))
    grounded = drawn.pop(GROUND)
    assert grounded <= {net(p) for p in drawing.grounds}
    for node, nets in drawn.items():
        assert len(nets) == 1, f"{node} is drawn in pieces"
    every = [*drawn.values(), grounded]
    assert len(set.union(*every)) == sum(len(nets) for nets in every), "two nodes are drawn as one"
    for name, point in drawing.node_labels:
        assert drawn[name] == {net(point)}


def test_that_the_schematic_has_a_group_for_each_part(topology):
    text = schematic.svg(topology, {}, ink="#000000", background=None, accent="#333333")
    groups = {g.get("id") for g in ElementTree.fromstring(text).iter() if g.get("id")}
    assert {e.name for e in topology.circuit.elements} <= groups


def test_that_roles_name_declared_parts(topology):
    circuit = topology.circuit
    assert isinstance(circuit.element(topology.rectifier), Diode)
    assert isinstance(circuit.element(topology.main_inductor), Inductor)
    for name in (*topology.on_diodes, *topology.off_diodes):
        assert isinstance(circuit.element(name), Diode)
    assert topology.switch_node in circuit.nodes
