"""Circuits as Eulerian walks over nets and pins.

The graph has the nets as its nodes and the two-terminal parts as its edges. A walk passes every
part once: ``NET pin ... pin NET pin ... pin NET``, in through one pin and out through the other, so
the pins' order tells which way round the part lies. Between its pins stand what else it has: the
net of its core, for a winding on a shared one, and its design values ``(COMP value)...``.

A connected graph has such a walk when at most two nets have an odd number of pins (Euler; Wilson,
Introduction to Graph Theory, 4th ed., theorem 6.2 and corollary 6.4). Otherwise jumps are added
between pairs of odd nets until two are left, and between pieces that do not hang together. A jump
passes no part and is written as two nets, one after the other. Walks are found by Hierholzer's
algorithm, its choices drawn at random, so that a circuit has many.

Nets are numbered: ground is 0, others follow in order of first mention, after them the cores. Names
of nets and parts are not written; those of design values are.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from arcs_engine.circuits.circuit import (
    GROUND,
    Capacitor,
    Circuit,
    Diode,
    Element,
    Inductor,
    Load,
    Resistor,
    Source,
    Switch,
)
from arcs_engine.foundation.errors import DesignError
from arcs_engine.model.tokens.vocabulary import END, FIRST_VALUE, PINS, VOCABULARY, Kind

NO_CORE = -1

NO_VALUE = FIRST_VALUE
"""Stands in the place of a number where only the circuit matters."""

_FIRST_PIN, _FIRST_NET = VOCABULARY.first(Kind.PIN), VOCABULARY.first(Kind.NET)
_FIRST_COMPONENT = VOCABULARY.first(Kind.COMPONENT)
_NET_COUNT = len(VOCABULARY.names_of(Kind.NET))

Slot = tuple[int, int]
"""A component token and the value token after it."""


@dataclass(frozen=True, order=True)
class Part:
    """A part as a walk knows it.

    Attributes:
        pin: token of the pin at its node `a`; that of the other pin is the next.
        a: number of the net there.
        b: number of the other net.
        core: number of the net that stands for its core, `NO_CORE` without a shared one.
        slots: its design values.
    """

    pin: int
    a: int
    b: int
    core: int = NO_CORE
    slots: tuple[Slot, ...] = ()


Diagram = tuple[Part, ...]
"""The parts of a circuit, sorted, so that equal circuits are equal."""


def diagram_of(circuit: Circuit, slots: Mapping[str, tuple[Slot, ...]]) -> Diagram:
    """Return a circuit as a walk knows it.

    Args:
        circuit: its windings on one core are all coupled with each other.
        slots: the design values of parts, by the part's name.

    Raises:
        DesignError: it has more nets and cores than there are tokens.
    """
    numbers = {name: i for i, name in enumerate((GROUND, *circuit.nodes))}
    cores = _cores(circuit, len(numbers))
    if len(numbers) + len(set(cores.values())) > _NET_COUNT:
        raise DesignError(f"A circuit can have {_NET_COUNT} nets and cores at most.")
    return tuple(
        sorted(
            Part(
                _pin_of(element),
                numbers[element.a],
                numbers[element.b],
                cores.get(element.name, NO_CORE),
                slots.get(element.name, ()),
            )
            for element in circuit.elements
        )
    )


def without_values(diagram: Diagram) -> Diagram:
    """Return a diagram with nothing in the values' places, to compare circuits alone."""
    return tuple(
        sorted(
            replace(part, slots=tuple((name, NO_VALUE) for name, _ in part.slots))
            for part in diagram
        )
    )


def walk(diagram: Diagram, rng: np.random.Generator) -> list[int]:
    """Return a random walk through all parts of a circuit, and the end.

    Its length is the same for all walks through the circuit.
    """
    tokens: list[int] = []
    pieces = _pieces(diagram)
    for number in rng.permutation(len(pieces)):
        tokens += _walk_piece(diagram, pieces[number], rng)
    return [*tokens, END]


def read(tokens: Sequence[int]) -> Diagram | None:
    """Return the circuit that a walk passes through, or None for what is no walk."""
    if not VOCABULARY.knows(tokens):
        return None
    reader = _Reader(tokens)
    parts: list[Part] = []
    net = reader.take(Kind.NET)
    while net is not None and reader.left > 1:
        after = reader.take(Kind.NET)
        if after is None:
            part, after = _read_part(reader, net)
            if part is None:
                return None
            parts.append(part)
        net = after
    whole = net is not None and list(tokens[-1:]) == [END] and bool(parts)
    return tuple(sorted(parts)) if whole else None


class _Reader:
    """Takes tokens from the front, when they are of the kind that is wanted."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens, self._place = tokens, 0

    @property
    def left(self) -> int:
        """Number of tokens that were not taken."""
        return len(self._tokens) - self._place

    def take(self, kind: Kind) -> int | None:
        """Return the next token, counted from the first of its kind, or None and take nothing."""
        if not self.left or VOCABULARY.kinds[self._tokens[self._place]] != kind:
            return None
        self._place += 1
        return int(self._tokens[self._place - 1]) - VOCABULARY.first(kind)


def _read_part(reader: _Reader, net: int) -> tuple[Part | None, int | None]:
    """Return a part that is entered from a net, and the net behind it; None for what is none."""
    entered = reader.take(Kind.PIN)
    core = reader.take(Kind.NET)
    slots: list[Slot] = []
    while (name := reader.take(Kind.COMPONENT)) is not None:
        value = reader.take(Kind.VALUE)
        if value is None:
            return None, None
        slots.append(
            (VOCABULARY.first(Kind.COMPONENT) + name, VOCABULARY.first(Kind.VALUE) + value)
        )
    left = reader.take(Kind.PIN)
    behind = reader.take(Kind.NET)
    if entered is None or left is None or behind is None:
        return None, None
    if left != entered ^ 1 or entered >= len(PINS):
        return None, None
    a, b = (net, behind) if entered < left else (behind, net)
    held = NO_CORE if core is None else core
    return Part(_FIRST_PIN + min(entered, left), a, b, held, tuple(slots)), behind


def _pin_of(element: Element) -> int:
    match element:
        case Switch(gate="complement"):
            name = "complement_drain"
        case Switch():
            name = "drain"
        case Source():
            name = "source_plus"
        case Load():
            name = "load_plus"
        case Resistor():
            name = "resistor_1"
        case Inductor():
            name = "inductor_dot"
        case Capacitor():
            name = "capacitor_1"
        case Diode():
            name = "anode"
        case _:
            raise DesignError(f"A walk cannot pass the {type(element).__name__} {element.name}.")
    return VOCABULARY.id(Kind.PIN, name)


def _cores(circuit: Circuit, first: int) -> dict[str, int]:
    """Return the number of the core of each coupled winding, counted from `first`."""
    group = {e.name: e.name for e in circuit.of_type(Inductor)}
    for coupling in circuit.couplings:
        old, new = group[coupling.second], group[coupling.first]
        group = {name: new if g == old else g for name, g in group.items()}
    shared = [g for g, count in Counter(group.values()).items() if count > 1]
    return {name: first + shared.index(g) for name, g in group.items() if g in shared}


def _pieces(diagram: Diagram) -> list[set[int]]:
    """Return the nets that hang together."""
    pieces: list[set[int]] = []
    for part in diagram:
        joined = [p for p in pieces if p & {part.a, part.b}]
        pieces = [p for p in pieces if p not in joined] + [{part.a, part.b}.union(*joined)]
    return pieces


def _walk_piece(diagram: Diagram, nets: set[int], rng: np.random.Generator) -> list[int]:
    parts = [p for p in diagram if p.a in nets]
    pins = Counter(net for p in parts for net in (p.a, p.b))
    odd = rng.permutation(sorted(net for net in nets if pins[net] % 2)).tolist()
    edges: list[tuple[int, int, Part | None]] = [(p.a, p.b, p) for p in parts]
    edges += [(a, b, None) for a, b in zip(odd[2::2], odd[3::2], strict=True)]
    start = odd[0] if odd else int(rng.choice(sorted(nets)))
    trail = _trail(edges, start, rng)
    tokens = [_FIRST_NET + start]
    for (_, here), (edge, there) in pairwise(trail):
        part = edges[edge][2]
        if part is not None:
            tokens += _written(part, here)
        tokens.append(_FIRST_NET + there)
    return tokens


def _trail(
    edges: list[tuple[int, int, Part | None]], start: int, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Return each edge with the net behind it, in order; the first pair is the start's.

    Hierholzer's algorithm: go on while an unused edge leaves the net, else step back and note the
    edge; the notes, backwards, are the trail.
    """
    leaving = defaultdict(list)
    for number in rng.permutation(len(edges)).tolist():
        for net in edges[number][:2]:
            leaving[net].append(number)
    used: set[int] = set()
    path, noted = [(-1, start)], []
    while path:
        _, net = path[-1]
        while leaving[net] and leaving[net][-1] in used:
            leaving[net].pop()
        if not leaving[net]:
            noted.append(path.pop())
            continue
        number = leaving[net].pop()
        used.add(number)
        a, b, _ = edges[number]
        path.append((number, b if net == a else a))
    return noted[::-1]


def _written(part: Part, entered_from: int) -> list[int]:
    inside = [] if part.core == NO_CORE else [_FIRST_NET + part.core]
    inside += [token for slot in part.slots for token in slot]
    pins = [part.pin, part.pin + 1] if entered_from == part.a else [part.pin + 1, part.pin]
    return [pins[0], *inside, pins[1]]
