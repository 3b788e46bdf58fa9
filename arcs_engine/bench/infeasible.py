"""Whether ngspice, too, finds no duty where the solver says that there is none."""

from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from typing import Final

import msgspec
import numpy as np

from arcs_engine.analysis.verification import simulate
from arcs_engine.bench.designs import RandomDesigns, random_designs, row
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import SolverError, SpiceFailedError, SpiceTimeoutError
from arcs_engine.simulation.steady import solve, steady_state
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

    def swept(pick: tuple[RandomDesigns, int]) -> list[float]:
        return _outputs(pick[0], pick[1], control)

    contradicted: list[str] = []
    runs = 0
    with ThreadPoolExecutor(2) as pool:
        found = zip(chosen, pool.map(swept, chosen), strict=True)
        for done, ((drawn, index), outputs) in enumerate(found):
            control.progress(done / len(chosen), "Sweeping duties in ngspice")
            runs += len(outputs)
            if not outputs or max(outputs) >= drawn.specs[index].vout:
                contradicted.append(f"{drawn.topology.name} {index}")
    return Infeasible(
        designs=len(chosen),
        confirmed=len(chosen) - len(contradicted),
        contradicted=tuple(contradicted),
        runs=runs,
    )


def _by_topology(count: int, seed: int) -> list[list[tuple[RandomDesigns, int]]]:
    """Return infeasible random designs of each topology that has some."""
    found = []
    for topology in REGISTRY.values():
        drawn = random_designs(topology, _OVERSAMPLE * count, np.random.default_rng(seed))
        batch = solve(topology, drawn.parameters, drawn.batch.fsw, vout=drawn.batch.vout)
        rows = np.flatnonzero(np.isin(batch.status, (ABOVE_MAX_DUTY, GAIN_LIMIT)))[:count]
        if len(rows):
            found.append([(drawn, int(index)) for index in rows])
    return found


def _outputs(drawn: RandomDesigns, index: int, control: Control) -> list[float]:
    """Return the magnitude of ngspice's output at every duty that it can judge, V."""
    quiet = Control(lambda _fraction, _text: None, control.stop)
    outputs = []
    for duty in np.linspace(_LOWEST_DUTY, drawn.topology.max_duty, DUTIES).tolist():
        try:
            state = steady_state(
                drawn.topology, row(drawn.parameters, index), drawn.specs[index].fsw, duty=duty
            )
            run = simulate(state, title=f"duty {duty:.3f}", control=quiet)
        except (SolverError, SpiceFailedError, SpiceTimeoutError):
            continue
        outputs.append(abs(run.measurement.vout))
    return outputs
