"""Where designs to judge come from: the whole ranges, the textbook, a model, a corner."""

from collections.abc import Callable, Iterator

import numpy as np

from arcs_engine.circuits.design_space import Places
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.trials import Trials

Source = Callable[[Problems, np.random.Generator], Iterator[Places]]
"""Draws designs, one per problem at a time, shape (n, slots); may come to an end."""

SPREAD = 0.25
"""Standard deviation, in decades, of designs that are drawn around the textbook one."""


def anywhere(problems: Problems, rng: np.random.Generator) -> Iterator[Places]:
    """Draw over the whole ranges, evenly along the series."""
    while True:
        yield problems.lattice.anywhere((len(problems),), rng)


def around_textbook(problems: Problems, rng: np.random.Generator) -> Iterator[Places]:
    """Draw the textbook design, then designs around it that can be bought."""
    textbook = problems.textbook()
    yield textbook
    while True:
        moved = problems.lattice.near(textbook, SPREAD, rng)
        yield problems.settled(Trials.of_each(moved)).places


def given(designs: Places) -> Source:
    """Return a source of given designs, such as a model's.

    Args:
        designs: shape (n, m, slots), each problem's own in the order in which to judge them.
    """

    def drawn(problems: Problems, rng: np.random.Generator) -> Iterator[Places]:
        yield from np.swapaxes(designs, 0, 1)

    return drawn


def corner(*, sold: bool) -> Source:
    """Return a source of "largest L and C, smallest ESR and Rds(on)", whatever the spec.

    The turns ratio, which is neither, is the textbook's.

    Args:
        sold: with the smallest ESR that is sold at that capacitance; else of the range.
    """

    def drawn(problems: Problems, rng: np.random.Generator) -> Iterator[Places]:
        places = problems.textbook()
        for slot, value in enumerate(problems.topology.design_values):
            if value.unit in {"H", "F"}:
                places[:, slot] = problems.lattice.sizes[slot] - 1
            elif value.unit == "Ω":
                places[:, slot] = 0
        yield problems.settled(Trials.of_each(places)).places if sold else places

    return drawn
