"""The texts beside the parts of a schematic, and the room that they need."""

from collections.abc import Collection

from arcs_engine.circuits.captions import part_labels
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.units import format_quantity

LOCKED = "◼"
"""Marks a locked value."""

_WIDEST = "888.8 mΩ"
"""A text as wide as any value, to keep room for."""


def room(declared: Topology) -> dict[str, str]:
    """Return labels as wide and with as many lines as any that a design of it may have."""
    values = {value.name: 0.8888 for value in declared.design_values}
    texts = part_labels(declared, values) | {"Vin": f"Vin\n{_WIDEST}", "Rload": f"Rload\n{_WIDEST}"}
    return {
        name: "\n".join(_WIDEST if line else text for line, text in enumerate(texts_of.split("\n")))
        for name, texts_of in texts.items()
    }


def lines(
    declared: Topology, spec: Spec, values: dict[str, float], locks: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Return the lines of each part's label: its name, then its values.

    Args:
        declared: the topology.
        spec: what the design must do.
        values: design values, SI, by name.
        locks: names of locked values, which get a mark.
    """
    texts = part_labels(declared, values)
    for value in declared.design_values:
        if value.name in locks:
            written = format_quantity(values[value.name], value.unit)
            texts[value.part] = texts[value.part].replace(written, f"{written} {LOCKED}", 1)
    texts["Vin"] += f"\n{format_quantity(spec.vin, 'V')}"
    texts["Rload"] += f"\n{format_quantity(spec.vout / spec.iout, 'Ω', 3)}"
    return {name: tuple(text.split("\n")) for name, text in texts.items()}
