"""What leaves ARCS: the deck, the schematic and the waveforms of a design."""

import io

import numpy as np

from arcs_engine.analysis.verification import deck_of
from arcs_engine.circuits import schematic
from arcs_engine.circuits.captions import caption, part_labels
from arcs_engine.circuits.topologies import topology
from arcs_engine.performance import bill
from arcs_engine.performance.design import Design
from arcs_engine.performance.operating_point import operating_state
from arcs_engine.performance.parts_list import parts_of
from arcs_engine.simulation import netlist
from arcs_engine.simulation.waveforms import Waveforms


def deck(design: Design, dialect: netlist.Dialect = "ngspice") -> str:
    """Return a design's SPICE deck, which starts in the steady state and measures itself.

    Raises:
        InfeasibleError: no duty gives the output.
        SolverError: the solver did not converge.
    """
    return deck_of(operating_state(design), title=caption(design.spec), dialect=dialect)


def waveforms(design: Design, periods: int = 4) -> str:
    """Return a design's waveforms over whole periods from the fast solver, as CSV.

    Raises:
        InfeasibleError: no duty gives the output.
        SolverError: the solver did not converge.
    """
    return table(operating_state(design).waveforms(periods=periods))


def bill_of_materials(design: Design) -> str:
    """Return a design's parts as CSV: what to look for, and the ratings that each needs."""
    return bill.as_csv(parts_of(design))


def drawing(
    design: Design,
    *,
    ink: str = "#1f2328",
    accent: str = "#0b57d0",
    background: str | None = "#ffffff",
) -> str:
    """Return a design's schematic as SVG; the colours, ``#rrggbb``, are those for paper.

    Args:
        design: whose topology and values are drawn.
        ink: of lines and names.
        accent: of values and node names.
        background: behind the drawing; None leaves it transparent.
    """
    declared = topology(design.spec.topology)
    labels = part_labels(declared, design.values)
    return schematic.svg(declared, labels, ink=ink, background=background, accent=accent)


def table(waveforms: Waveforms) -> str:
    """Return waveforms as CSV: time in s first, then a column for each signal."""
    columns = np.column_stack([waveforms.time, *waveforms.signals.values()])
    head = ",".join(["time", *waveforms.signals])
    text = io.StringIO()
    np.savetxt(text, columns, fmt="%.9g", delimiter=",", header=head, comments="")
    return text.getvalue()
