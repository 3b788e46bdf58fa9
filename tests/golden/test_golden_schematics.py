"""Schematics of every topology and variant, as they were looked at and accepted.

What is compared are the shapes in tenths of a point, and where each text stands; the outlines of
letters belong to the font.
"""

import re
from xml.etree import ElementTree

import pytest

from arcs_engine.circuits.schematic import svg
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS

EVERY = REGISTRY | VARIANTS
NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
SHAPE = ("d", "cx", "cy", "r", "x", "y", "width", "height", "points")


def rounded(text):
    return NUMBER.sub(lambda m: f"{float(m.group()) + 0.0:.1f}".replace("-0.0", "0.0"), text)


def shapes(node, group):
    """Yield a line for every shape below a node, with the group that it stands in."""
    for child in node:
        name = child.get("id", group)
        tag = child.tag.rpartition("}")[2]
        letters = name.endswith(".label") or name.startswith("node.")
        if tag != "g" and not letters:
            geometry = (f"{k}={rounded(child.get(k))}" for k in SHAPE if child.get(k) is not None)
            yield " ".join([name, tag, *geometry])
        elif letters and name != group:
            first = next(child.iter(f"{{{'http://www.w3.org/2000/svg'}}}path"))
            place = NUMBER.findall(first.get("d"))[:2]
            yield f"{name} text from {' '.join(f'{round(float(p)):d}' for p in place)}"
        yield from shapes(child, name)


@pytest.mark.parametrize("topology", EVERY.values(), ids=EVERY)
def test_that_a_schematic_is_what_was_accepted(golden, topology):
    picture = svg(topology, {}, ink="#000000", background=None, accent="#000000")
    lines = list(shapes(ElementTree.fromstring(picture), ""))
    assert len(lines) > 3 * len(topology.circuit.elements) // 2
    golden.check(f"{topology.name}.schematic.txt", "\n".join([*lines, ""]))


def test_that_no_golden_schematic_is_left_of_a_topology_that_is_gone(golden):
    pictures = {name for name in golden.names() if name.endswith(".schematic.txt")}
    assert pictures == {f"{name}.schematic.txt" for name in EVERY}
