"""Whether ngspice, too, finds no duty where the solver says that there is none."""

from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from typing import Final

import msgspec
import numpy as np

from arcs_engine.analysis.verification import simulate
from arcs_engine.bench.designs import RandomDesign, random_designs
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import SolverError, SpiceFailedError, SpiceTimeoutError
from arcs_engine.simulation.steady import steady_state
from arcs_engine.simulation.steady.newton import ABOVE_MAX_DUTY, GAIN_LIMIT

DUTIES: Final = 10
"""Duties at which ngspice looks, up to the largest that is allowed."""

_LOWEST_DUTY: Final = 0.05
_OVERSAMPLE: Final = 20


class Infeasible(msgspec.Struct, frozen=True, kw_only=True):
    """What ngspice says of designs for which no duty gives the output.

    Attributes:
        designs: how many were looked at, spread over the topologies that have such designs.
        confirmed: for how many ngspice stays below the wanted output at every duty.
        contradicted: those that reach it, as ``topology design``: the place in the draw.
        runs: simulations that ngspice could judge.
    """

    designs: int
    confirmed: int
    contradicted: tuple[str, ...]
    runs: int


def infeasible(count: int, seed: int, control: Control) -> Infeasible:
    """Sweep the duty in ngspice, from the solved steady state of each duty.

    Designs whose shortest on-time gives too much are left out: no deck can hold that on-time.

    Raises:
        SpiceNotFoundError: there is no ngspice.
        Cancelled: the control asked for a stop.
    """
    turns = zip_longest(*_by_topology(count, seed))
    chosen = [pick for turn in turns for pick in turn if pick is not None][:count]

    quiet = Control(lambda _fraction, _text: None, control.stop)
    contradicted: list[str] = []
    runs = 0
    with ThreadPoolExecutor(2) as pool:
        outputs_of_each = pool.map(lambda design: _outputs(design, quiet), chosen)
        for done, (design, outputs) in enumerate(zip(chosen, outputs_of_each, strict=True)):
            control.progress(done / len(chosen), "Sweeping duties in ngspice")
            runs += len(outputs)
            if not outputs or max(outputs) >= design.spec.vout:
                contradicted.append(f"{design.topology.name} {design.place}")
    return Infeasible(
        designs=len(chosen),
        confirmed=len(chosen) - len(contradicted),
        contradicted=tuple(contradicted),
        runs=runs,
    )


def _by_topology(count: int, seed: int) -> list[list[RandomDesign]]:
    """Return infeasible random designs of each topology that has some."""
    found = []
    for topology in REGISTRY.values():
        drawn = random_designs(topology, _OVERSAMPLE * count, np.random.default_rng(seed))
        without = np.isin(drawn.solved().status, (ABOVE_MAX_DUTY, GAIN_LIMIT))
        places = np.flatnonzero(without)[:count].tolist()
        if places:
            found.append([drawn.design(place) for place in places])
    return found


def _outputs(design: RandomDesign, control: Control) -> list[float]:
    """Return the magnitude of ngspice's output at every duty that it can judge, V."""
    outputs = []
    for duty in np.linspace(_LOWEST_DUTY, design.topology.max_duty, DUTIES).tolist():
        try:
            state = steady_state(design.topology, design.parameters, design.spec.fsw, duty=duty)
            run = simulate(state, title=f"duty {duty:.3f}", control=control)
        except (SolverError, SpiceFailedError, SpiceTimeoutError):
            continue
        outputs.append(abs(run.measurement.vout))
    return outputs
