"""What the user wants of one design's loop, and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import msgspec

from arcs_engine.circuits.control import (
    COMPENSATORS,
    METHODS,
    Compensator,
    ControlSpec,
    Tl431,
)
from arcs_engine.circuits.crossover import Control
from arcs_engine.circuits.topologies.base import DesignValue, Topology
from arcs_engine.foundation.units import format_quantity, parse_quantity
from arcs_gui.presenters.loop.verdict import METHODS as METHOD_TITLES

if TYPE_CHECKING:
    from arcs_engine.analysis.measured_response import MeasuredResponse
    from arcs_engine.performance.judged_loop import JudgedLoop

ANY_METHOD, ANY_COMPENSATOR, ANY_CROSSOVER = "Any method", "Any compensator", "Any crossover"
"""What is shown where nothing is asked for."""


@dataclass(frozen=True)
class Choices:
    """What can be chosen, by name, with what people call it; an empty name leaves it open."""

    methods: Mapping[str, str]
    compensators: Mapping[str, str]


@dataclass(frozen=True)
class Wishes:
    """What is chosen, as the fields show it; an empty text is open."""

    method: str = ""
    compensator: str = ""
    crossover: str = ""


@dataclass(frozen=True)
class PartLine:
    """One part of a compensator.

    Attributes:
        name: as in its circuit, such as ``R2``.
        title: what it is.
        text: its value.
        locked: whether a further proposal keeps it.
    """

    name: str
    title: str
    text: str
    locked: bool


@dataclass
class LoopDesign:
    """The loop of one design.

    Attributes:
        wishes: what is chosen.
        crossover: that is wished, Hz; None where it is open.
        locks: parts that a further proposal keeps.
        parts: values as the user has set them, SI; the judge may be a step behind.
        judged: the loop as it was judged last.
        proposing: whether its parts are to be proposed.
        measured: what an analyser has measured of it.
    """

    wishes: Wishes = Wishes()
    crossover: float | None = None
    locks: set[str] = field(default_factory=set)
    parts: dict[str, float] = field(default_factory=dict)
    judged: "JudgedLoop | None" = None
    proposing: bool = True
    measured: "MeasuredResponse | None" = None

    def wish(self, wishes: Wishes) -> None:
        """Take in what is chosen; locks of parts that the circuit has not are opened.

        Raises:
            QuantityError: the crossover is no frequency.
        """
        text = wishes.crossover.strip()
        self.crossover = parse_quantity(text, "Hz", "Crossover") if text else None
        self.wishes = wishes
        if wishes.compensator:
            self.locks &= {part.name for part in COMPENSATORS[wishes.compensator].parts}
        self.proposing = True

    def part(self, name: str) -> DesignValue | None:
        """Return what a part may be; None for one that is not fitted."""
        if self.judged is None or name not in self.parts:
            return None
        return next(p for p in COMPENSATORS[self.judged.compensator].parts if p.name == name)

    def asked(self) -> ControlSpec:
        """Return what is asked of the loop: a proposal, or the word on all of its parts."""
        if not self.proposing and self.judged is not None:
            return msgspec.structs.replace(self.judged.as_given, parts=dict(self.parts))
        return ControlSpec(
            method=cast(Control, self.wishes.method) or None,
            compensator=self.wishes.compensator or None,
            crossover=self.crossover,
            parts={name: self.parts[name] for name in sorted(self.locks)},
        )

    def lines(self) -> tuple[PartLine, ...]:
        """Return its parts for the list."""
        declared = () if self.judged is None else COMPENSATORS[self.judged.compensator].parts
        return tuple(
            PartLine(
                part.name,
                part.title,
                format_quantity(self.parts[part.name], part.unit),
                part.name in self.locks,
            )
            for part in declared
            if part.name in self.parts
        )


def choices(topology: Topology) -> Choices:
    """Return the control methods and compensators that a topology can have."""
    methods = METHODS[topology.loop].suitable
    kinds = {name: kind for name, kind in COMPENSATORS.items() if _suits(kind, topology)}
    return Choices(
        methods={"": ANY_METHOD} | {name: METHOD_TITLES[name] for name in methods},
        compensators={"": ANY_COMPENSATOR}
        | {name: _titled(kind.title) for name, kind in kinds.items()},
    )


def _suits(kind: Compensator, topology: Topology) -> bool:
    """Say whether a compensator is of the side of the isolation that a topology needs."""
    return isinstance(kind, Tl431) == topology.isolated


def _titled(title: str) -> str:
    return f"{title[0].upper()}{title[1:]}"
