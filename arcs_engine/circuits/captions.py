"""Designs in words, the same everywhere: values, parts and purpose."""

from collections.abc import Mapping

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.units import format_quantity


def caption(spec: Spec) -> str:
    """Return one line that says what a design of a chosen topology is for."""
    declared = topology(spec.topology)
    return (
        f"{declared.title}: {format_quantity(spec.vin, 'V')} to "
        f"{format_quantity(declared.sign * spec.vout, 'V')}, {format_quantity(spec.iout, 'A')}, "
        f"{format_quantity(spec.fsw, 'Hz')}"
    )


def deviation_text(spec: Spec) -> str:
    """Say what the output may do at which load step."""
    low, high = (f"{share * 100:.3g} %" for share in spec.load_step)
    allowed = (
        "any deviation" if spec.deviation is None else f"deviation {spec.deviation * 100:.3g} %"
    )
    return f"{allowed} at {low} to {high} load"


def value_texts(declared: Topology, values: Mapping[str, float]) -> list[str]:
    """Return design values as texts such as ``L1 22 µH``.

    Args:
        declared: the topology.
        values: by name, SI.
    """
    return [
        f"{name} {format_quantity(value, declared.value(name).unit)}"
        for name, value in values.items()
    ]


def part_labels(declared: Topology, values: Mapping[str, float]) -> dict[str, str]:
    """Return the text of each element on a schematic: its name, and a line a value.

    Args:
        declared: the topology.
        values: design values by name, SI.
    """
    lines = {element.name: [element.name] for element in declared.circuit.elements}
    for value in declared.design_values:
        if value.name in values:
            lines[value.part].append(format_quantity(values[value.name], value.unit))
    return {name: "\n".join(texts) for name, texts in lines.items()}


_KINDS = {"_esr": "ESR", "_rds_on": "Rds(on)", ".dcr": "winding resistance"}
"""Endings of the names of a part's parameters, and what they are."""

_OPERATING = {"vin": "Vin", "iout": "Iout"}


def label(declared: Topology, name: str) -> str:
    """Return what engineers call a design value, a part's parameter or an operating quantity.

    Args:
        declared: the topology.
        name: of the program, such as ``Cout_esr``, ``L1.dcr`` or ``vin``.
    """
    for value in declared.design_values:
        if value.name == name:
            return value.label
    for ending, kind in _KINDS.items():
        if name.endswith(ending):
            return f"{kind} of {name.removesuffix(ending)}"
    return _OPERATING.get(name, name)
