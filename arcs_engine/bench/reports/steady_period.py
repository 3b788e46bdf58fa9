"""A solved period with its modes as a picture: ``-m arcs_engine.bench.reports.steady_period``.

A flyback at light load, because its period has all that the solver looks for: two switching edges,
a leakage inductance that commutates through the clamp, and a rectifier that stops early.
"""

import sys
from typing import Final

from arcs_engine.bench.reports import plot
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology
from arcs_engine.simulation.steady import SteadyState, steady_state

_SPEC: Final = Spec(
    topology="flyback",
    vin=24.0,
    vin_min=20.0,
    vin_max=30.0,
    vout=12.0,
    iout=2.0,
    fsw=200e3,
    ripple_current=0.3,  # a larger one keeps the clamp charged: D1 would join it at once
)
_LOAD: Final = 0.08
"""Output current, A."""

_SIGNALS: Final = ("v(sw)", "i(T1p)", "i(T1s)")
_NOTICED: Final = 1e-3
"""Share of the period from which on a mode has a band; a shorter one passes within a line."""


def main() -> int:
    """Print the picture as SVG."""
    sys.stdout.write(picture(_example()))
    return 0


def picture(state: SteadyState) -> str:
    """Return one period of a flyback as SVG, a band for each mode with the parts that conduct."""
    bands = [
        plot.Band(
            interval.begin * state.period,
            interval.end * state.period,
            " + ".join(interval.conducting) or "none",
        )
        for interval in state.intervals
        if interval.end - interval.begin > _NOTICED
    ]
    title = f"A period of a {state.topology.title} in steady state, and what conducts"
    return plot.svg(state.waveforms(periods=1), _SIGNALS, title, bands)


def _example() -> SteadyState:
    flyback = topology(_SPEC.topology)
    batch = SpecBatch.of([_SPEC])
    derived = flyback.parameters(flyback.textbook(batch).values, batch)
    parameters = {name: float(value[0]) for name, value in derived.items()}
    point = {"vin": _SPEC.vin, "rload": _SPEC.vout / _LOAD}
    return steady_state(flyback, parameters | point, _SPEC.fsw, vout=_SPEC.vout)


if __name__ == "__main__":
    raise SystemExit(main())
