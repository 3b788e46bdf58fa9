"""Waveforms of a converter, whoever computed them."""

from dataclasses import dataclass
from typing import Literal

from arcs_engine.spec import FloatArray


@dataclass(frozen=True)
class Waveforms:
    """Signals over a common, not necessarily uniform, time axis.

    Attributes:
        time: seconds, ascending, shape (n,).
        signals: by name, shape (n,) each: ``v(out)`` is a node voltage in volt, ``i(L1)`` an element
            current in ampere, counted from the element's node a to its node b.
        period: switching period, s.
        source: ``steady`` for the fast solver, ``ngspice`` for a simulation.
    """

    time: FloatArray
    signals: dict[str, FloatArray]
    period: float
    source: Literal["steady", "ngspice"]
