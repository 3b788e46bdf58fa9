"""The designs of the shortlist, as they were proposed and as they are now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from arcs_engine.circuits.spec import Spec
from arcs_engine.performance.candidate import Candidate, Shortlist
from arcs_engine.performance.cost import Reference, recosted
from arcs_gui.presenters.cells import Check

TEXTBOOK = 0
"""Key of the textbook design."""

MOST_PINNED = 4


@dataclass
class Design:
    """One design; its key is the rank that it was proposed with, whatever its place is now.

    Attributes:
        candidate: as it is now.
        proposed: as it was proposed.
        check: what ngspice says of it as it is now.
    """

    candidate: Candidate
    proposed: Candidate
    check: Check = "none"

    @property
    def key(self) -> int:
        """What the design is known by."""
        return self.proposed.rank

    @property
    def edited(self) -> bool:
        """Whether its values are no longer the proposed ones."""
        return self.candidate.values != self.proposed.values


@dataclass
class Board:
    """The designs of one spec, and which of them is selected.

    Attributes:
        spec: what they must do; its weight is the slider's.
        designs: by key.
        selected: key of the selected one.
        locks: names of values that a further proposal keeps.
        pinned: keys of those that are compared, in the order in which they were pinned.
    """

    spec: Spec
    designs: dict[int, Design]
    selected: int | None = None
    locks: set[str] = field(default_factory=set)
    pinned: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, shortlist: Shortlist) -> "Board":
        """Return the designs of a shortlist, none of them looked at."""
        everyone = (shortlist.textbook, *shortlist.candidates)
        return cls(shortlist.spec, {c.rank: Design(c, c) for c in everyone})

    @property
    def textbook(self) -> Candidate:
        """The textbook design as it was proposed; it costs 1."""
        return self.designs[TEXTBOOK].proposed

    @property
    def current(self) -> Design | None:
        """The design that is looked at."""
        return None if self.selected is None else self.designs[self.selected]

    @property
    def everyone(self) -> Iterable[Design]:
        """The designs in the order of their keys."""
        return self.designs.values()

    def places(self) -> dict[int, int]:
        """Return each design's place by its key: the textbook 0, then from 1, the best first."""
        ranked = sorted(
            (d for d in self.everyone if d.key != TEXTBOOK),
            key=lambda d: (not d.proposed.meets_spec, d.proposed.cost, d.key),
        )
        return {TEXTBOOK: 0} | {d.key: place for place, d in enumerate(ranked, start=1)}

    def toggle_pin(self, key: int) -> bool:
        """Pin a design or take its pin away; False when there are too many already."""
        if key in self.pinned:
            self.pinned.remove(key)
        elif len(self.pinned) >= MOST_PINNED:
            return False
        else:
            self.pinned.append(key)
        return True

    def reweigh(self, weight: float) -> None:
        """Let the slider weigh anew: costs change, figures do not."""
        self.spec = msgspec.structs.replace(self.spec, weight=weight)
        reference = Reference.of(self.textbook)
        if reference is None:
            return
        for design in self.everyone:
            design.proposed = recosted(design.proposed, reference, weight)
            design.candidate = recosted(design.candidate, reference, weight)


def locked_values(board: Board) -> Mapping[str, float]:
    """Return the locked values of the selected design, SI, by name."""
    if board.current is None:
        return {}
    values = board.current.candidate.values
    return {name: values[name] for name in values if name in board.locks}
