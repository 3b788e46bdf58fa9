"""The bill of materials: parts with their values and what each must stand.

It shows every number that a figure rests on, and under which name it can be set
(``arcs simulate --set L1.dcr=20m``).
"""

import csv
import io
from collections.abc import Iterable
from typing import Literal

import msgspec

from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.metrics import Stress, figure

Origin = Literal["chosen", "derived", "given"]


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a part.

    Attributes:
        name: of the design value or parameter, as ``--set`` takes it.
        title: for people.
        value: SI.
        unit: SI.
        origin: a design value, derived by a rule, or given by the user in place of the rule.
    """

    name: str
    title: str
    value: float
    unit: str
    origin: Origin

    @property
    def text(self) -> str:
        """The value for people."""
        return format_quantity(self.value, self.unit, 3)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part to buy, or a winding of one.

    Attributes:
        name: in the schematic.
        kind: what to look for, such as ``Schottky diode`` or ``ceramic capacitor``.
        properties: chosen values first.
        stress: what it must stand, by quantity.
        buy: what is sold that does it, such as ``4 x 22 µF 10 V 0805 ceramic``; empty where no rule
            names a part.
    """

    name: str
    kind: str
    properties: tuple[Property, ...]
    stress: dict[str, Stress]
    buy: str = ""


def as_csv(listed: Iterable[Part]) -> str:
    """Return the bill of materials as CSV: one line a part, what to look for and what it needs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["part", "kind", "buy", "values", "ratings"])
    for part in listed:
        values = "; ".join(f"{p.title} {p.text}" for p in part.properties)
        ratings = "; ".join(
            f"{quantity} {figure('stress').text(stress)}"
            for quantity, stress in part.stress.items()
        )
        writer.writerow([part.name, part.kind, part.buy, values, ratings])
    return text.getvalue()
