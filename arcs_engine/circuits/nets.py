"""The course of a schematic's nets, so that a view can tell which one is pointed at."""

from collections.abc import Sequence
from itertools import pairwise

from arcs_engine.circuits.circuit import GROUND
from arcs_engine.circuits.labels import POINTS_PER_UNIT
from arcs_engine.circuits.topologies.base import Point, Topology

Path = tuple[Point, ...]

_NEAR = 1e-6


def paths(topology: Topology) -> dict[str, tuple[Path, ...]]:
    """Return the polylines of every net but ground, in points of the SVG document, y downwards.

    A drawing does not say which net a wire belongs to. It follows from the ends of the placed
    elements, whose nodes the circuit knows: a wire has the net of what it touches. Where elements
    meet without a wire, the net is a point.
    """
    found: dict[str, list[Path]] = {}
    for place, node in _ends(topology):
        found.setdefault(node, []).append((place,))
    left = list(topology.drawing.wires)
    while left:
        for wire in left:
            net = next((known for known in found.values() if _touches(wire, known)), None)
            if net is not None:
                net.append(wire)
                left.remove(wire)
                break
        else:
            break  # what touches no element belongs to no net
    found.pop(GROUND, None)
    return {
        node: tuple(_scaled(line, POINTS_PER_UNIT) for line in lines)
        for node, lines in found.items()
    }


def distance(place: Point, path: Sequence[Point]) -> float:
    """Return how far a place is from a polyline, or from the point that it is."""
    if len(path) == 1:
        path = (path[0], path[0])
    return min(_to_segment(place, start, end) for start, end in pairwise(path))


def _ends(topology: Topology) -> list[tuple[Point, str]]:
    ends = [(point, GROUND) for point in topology.drawing.grounds]
    for placement in topology.drawing.placements:
        element = topology.circuit.element(placement.element)
        ends += [(placement.start, element.a), (placement.end, element.b)]
    return ends


def _touches(wire: Path, known: Sequence[Path]) -> bool:
    return any(
        distance(corner, wire) < _NEAR or any(distance(own, path) < _NEAR for own in wire)
        for path in known
        for corner in path
    )


def _to_segment(place: Point, start: Point, end: Point) -> float:
    way = (end[0] - start[0], end[1] - start[1])
    length = way[0] ** 2 + way[1] ** 2
    along = (place[0] - start[0]) * way[0] + (place[1] - start[1]) * way[1]
    share = min(1.0, max(0.0, along / length)) if length else 0.0
    x, y = start[0] + share * way[0], start[1] + share * way[1]
    return float(((place[0] - x) ** 2 + (place[1] - y) ** 2) ** 0.5)


def _scaled(path: Path, points: float) -> Path:
    """Return a path in points, y downwards."""
    return tuple((x * points, -y * points) for x, y in path)
