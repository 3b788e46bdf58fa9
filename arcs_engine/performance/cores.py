"""What cores must carry: magnetizing current, flux, and whether a transformer's core is reset.

The solver's inductors are linear, so it finds a steady state even where a core is driven longer
than it is reset, with so much direct current in the windings that their resistance balances the
flux. No core carries such a current, so ARCS refuses that state (Erickson and Maksimovic, 2nd ed.,
section 6.3.2: the flux of a forward's transformer must return to zero in every period).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.circuit import Inductor
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Parameters, Topology, Values
from arcs_engine.foundation.errors import InfeasibleError
from arcs_engine.performance.waveform_figures import magnetic_currents
from arcs_engine.simulation.steady import STATUS, SteadyBatch, SteadyState, steady_state
from arcs_engine.simulation.steady.meter import MAX_I, MIN_I
from arcs_engine.simulation.steady.newton import ABOVE_MAX_DUTY, GAIN_LIMIT

SATURATION: Final = 0.39
"""Flux density at which a power ferrite saturates, T: N87 at 100 degrees C (TDK data sheet)."""

NOT_RESET: Final = 1 + max(STATUS)
"""Status of an operating point at which a transformer's core is not reset, and saturates."""

_RESET: Final = 0.01
"""Share of its swing that the magnetizing current of a core that is reset may be at turn-on."""


def explain(status: int, reset_duty: float) -> str:
    """Say why there is no operating point.

    Args:
        status: of `operating_point.PointFigures`.
        reset_duty: the same.
    """
    if status != NOT_RESET:
        return STATUS[status]
    return (
        "The transformer's core is not reset in the off-time and saturates: its reset winding "
        f"allows a duty below {reset_duty:.1%}, and less where the clamp holds less than the input "
        "voltage."
    )


def magnetizing_ripple(
    topology: Topology, parameters: Parameters, batch: SteadyBatch
) -> FloatArray:
    """Return the peak-to-peak magnetizing current, as the core winding would carry it, A.

    It rises from turn-on to turn-off, when every winding that the switch drives is at its extreme,
    and falls from there to the next turn-on.
    """
    ripple = -_kept(topology, parameters, batch)
    for name, ratio in topology.turns(parameters).items():
        if name in topology.driven_windings:
            low, high = batch.sum(name, MIN_I), batch.sum(name, MAX_I)
            ripple += ratio * np.where(high > -low, high, low)
    return ripple


def _kept(topology: Topology, parameters: Parameters, batch: SteadyBatch) -> FloatArray:
    """Return the magnetizing current at turn-on, as the core winding would carry it, A."""
    index = {name: k for k, name in enumerate(batch.network.state_names)}
    kept = np.zeros(len(batch.duty))
    for name, ratio in topology.turns(parameters).items():
        kept += ratio * batch.states[:, index[name]]
    return kept


def refuse_saturated(topology: Topology, parameters: Parameters, batch: SteadyBatch) -> SteadyBatch:
    """Return solved points, those with the status `NOT_RESET` that no core carries.

    So are those that would need a duty beyond the largest allowed one, where the reset allows less.

    Args:
        topology: which circuit.
        parameters: of its elements, shape (n,) each.
        batch: solved with them.
    """
    if not topology.resets:
        return batch
    swing = magnetizing_ripple(topology, parameters, batch)
    saturated = _saturated(topology, parameters, _kept(topology, parameters, batch), swing)
    beyond = (batch.status == ABOVE_MAX_DUTY) | (batch.status == GAIN_LIMIT)
    beyond &= topology.reset_duty(parameters) < topology.max_duty
    return refused(batch, saturated | beyond, NOT_RESET)


def refused(batch: SteadyBatch, rows: NDArray[np.bool_], status: int) -> SteadyBatch:
    """Return solved points of which some rows, shape (n,), have a status and no figures."""
    if not rows.any():
        return batch

    def known(figures: FloatArray) -> FloatArray:
        return np.where(rows.reshape(-1, *[1] * (figures.ndim - 1)), np.nan, figures)

    return replace(
        batch,
        status=np.where(rows, status, batch.status),
        duty=known(batch.duty),
        vout=known(batch.vout),
        output_ripple=known(batch.output_ripple),
        idle=known(batch.idle),
        states=known(batch.states),
        sums=known(batch.sums),
        edges=known(batch.edges),
    )


def carried_state(
    topology: Topology,
    parameters: Mapping[str, float],
    fsw: float,
    *,
    duty: float | None = None,
    vout: float | None = None,
) -> SteadyState:
    """Solve one design; see `steady.steady_state`, which knows no cores.

    Raises:
        InfeasibleError: no duty gives the output, or the core does not carry it; the message names
            the limit.
        SolverError: the solver did not converge.
    """
    state = steady_state(topology, parameters, fsw, duty=duty, vout=vout)
    if topology.resets:
        current = magnetic_currents(topology, state.waveforms(periods=1), parameters)
        magnetizing = current[topology.core_winding]
        kept, swing = magnetizing[:1], magnetizing.max(keepdims=True) - magnetizing[:1]
        arrays = {name: np.array([value]) for name, value in parameters.items()}
        if _saturated(topology, arrays, kept, swing)[0]:
            raise InfeasibleError(explain(NOT_RESET, float(topology.reset_duty(arrays)[0])))
    return state


def _saturated(
    topology: Topology, parameters: Values, kept: FloatArray, swing: FloatArray
) -> NDArray[np.bool_]:
    """Return which transformers' cores are not reset and driven beyond saturation."""
    (core,) = (each for each in topology.magnetics if each.name == topology.core_winding)
    saturates = flux_density(core, parameters, kept + swing) > SATURATION
    return np.asarray((kept > _RESET * swing) & saturates)


def flux_density(core: Inductor, parameters: Values, current: FloatArray) -> FloatArray:
    """Return the flux density that a (magnetizing) current makes, T: B = L I / (N A).

    Args:
        core: the inductor, or the winding that stands for the core.
        parameters: of the elements.
        current: A.
    """
    return np.asarray(parameters[core.inductance] * current / parameters[core.turns_area])
