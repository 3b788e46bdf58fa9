"""What leaves ARCS: the deck, the schematic and the waveforms of a design."""

import io
from collections.abc import Mapping

import numpy as np

from arcs_engine import netlist, schematic
from arcs_engine.designfile import Design
from arcs_engine.evaluate import operating_state
from arcs_engine.spec import Spec
from arcs_engine.steady import SteadyState
from arcs_engine.topologies import topology
from arcs_engine.topologies.base import Topology
from arcs_engine.units import format_quantity
from arcs_engine.verification import deck_of
from arcs_engine.waveforms import Waveforms


def labels(declared: Topology, values: Mapping[str, float]) -> dict[str, str]:
    """Return the text of each element on a schematic: its name, and a line a value.

    Args:
        declared: the topology.
        values: design values by name, SI.
    """
    lines: dict[str, list[str]] = {
        element.name: [element.name] for element in declared.circuit.elements
    }
    for value in declared.design_values:
        if value.name in values:
            lines[value.part].append(format_quantity(values[value.name], value.unit))
    return {name: "\n".join(texts) for name, texts in lines.items()}


def values(name: str, given: Mapping[str, float]) -> list[str]:
    """Return a topology's design values as texts such as ``L1 22 µH``."""
    declared = topology(name)
    return [
        f"{key} {format_quantity(value, declared.value(key).unit)}" for key, value in given.items()
    ]


def drawing(
    name: str,
    values: Mapping[str, float],
    *,
    ink: str = "#1f2328",
    accent: str = "#0b57d0",
    background: str | None = "#ffffff",
) -> str:
    """Return a design's schematic as SVG; the colours, ``#rrggbb``, are those for paper.

    Args:
        name: of the topology.
        values: design values by name, SI, for the labels.
        ink: of lines and names.
        accent: of values and node names.
        background: behind the drawing; None leaves it transparent.
    """
    declared = topology(name)
    texts = labels(declared, values)
    return schematic.svg(declared, texts, ink=ink, background=background, accent=accent)


def deck(design: Design, dialect: netlist.Dialect = "ngspice") -> str:
    """Return a design's SPICE deck, which starts in the steady state and measures itself.

    Raises:
        InfeasibleError: no duty gives the output.
        SolverError: the solver did not converge.
    """
    return deck_of(_state(design), title=caption(design.spec), dialect=dialect)


def waveforms(design: Design, periods: int = 4) -> str:
    """Return a design's waveforms over whole periods from the fast solver, as CSV."""
    return table(_state(design).waveforms(periods=periods))


def caption(spec: Spec) -> str:
    """Return one line that says what a design of a chosen topology is for."""
    declared = topology(spec.topology)
    return (
        f"{declared.title}: {format_quantity(spec.vin, 'V')} to "
        f"{format_quantity(declared.sign * spec.vout, 'V')}, {format_quantity(spec.iout, 'A')}, "
        f"{format_quantity(spec.fsw, 'Hz')}"
    )


def table(waveforms: Waveforms) -> str:
    """Return waveforms as CSV: time in s first, then each signal, a column each."""
    columns = [waveforms.time, *waveforms.signals.values()]
    text = io.StringIO()
    head = ",".join(["time", *waveforms.signals])
    np.savetxt(text, np.column_stack(columns), fmt="%.9g", delimiter=",", header=head, comments="")
    return text.getvalue()


def _state(design: Design) -> SteadyState:
    return operating_state(
        design.spec,
        topology(design.spec.topology),
        design.values,
        overrides=design.overrides,
        duty=design.duty,
    )
