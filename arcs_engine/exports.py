"""What leaves ARCS: the deck, the schematic and the waveforms of a candidate."""

import io
from collections.abc import Mapping

import numpy as np

from arcs_engine import netlist, schematic
from arcs_engine.candidate import Candidate
from arcs_engine.spec import Spec
from arcs_engine.topologies import topology
from arcs_engine.topologies.base import Topology
from arcs_engine.units import format_quantity
from arcs_engine.waveforms import Waveforms


def labels(declared: Topology, values: Mapping[str, float]) -> dict[str, str]:
    """Return the text of each element on a schematic: its name, and a line a value.

    Args:
        declared: the topology.
        values: design values by name, SI.
    """
    lines: dict[str, list[str]] = {element.name: [element.name] for element in declared.circuit.elements}
    for value in declared.design_values:
        if value.name in values:
            lines[value.part].append(format_quantity(values[value.name], value.unit))
    return {name: "\n".join(texts) for name, texts in lines.items()}


def drawing(
    candidate: Candidate,
    *,
    ink: str = "#1f2328",
    accent: str = "#0b57d0",
    background: str | None = "#ffffff",
) -> str:
    """Return a candidate's schematic as SVG; the colours, ``#rrggbb``, are those for paper.

    Args:
        candidate: whose topology and values are drawn.
        ink: of lines and names.
        accent: of values and node names.
        background: behind the drawing; None leaves it transparent.
    """
    declared = topology(candidate.topology)
    texts = labels(declared, candidate.values)
    return schematic.svg(declared, texts, ink=ink, background=background, accent=accent)


def title(spec: Spec, candidate: Candidate) -> str:
    """Return one line that says what a design is."""
    return (
        f"{topology(candidate.topology).title}: {format_quantity(spec.vin, 'V')} to "
        f"{format_quantity(spec.vout, 'V')}, {format_quantity(spec.iout, 'A')}, "
        f"{format_quantity(spec.fsw, 'Hz')}"
    )


def table(waveforms: Waveforms) -> str:
    """Return waveforms as CSV: time in s first, then each signal, a column each."""
    columns = [waveforms.time, *waveforms.signals.values()]
    text = io.StringIO()
    head = ",".join(["time", *waveforms.signals])
    np.savetxt(text, np.column_stack(columns), fmt="%.9g", delimiter=",", header=head, comments="")
    return text.getvalue()
