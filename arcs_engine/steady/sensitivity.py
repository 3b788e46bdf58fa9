"""How a trajectory's end depends on its start and on the duty."""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.spec import FloatArray
from arcs_engine.steady.compiled import kernel
from arcs_engine.steady.modes import FINEST, Plan, Work, apply
from arcs_engine.steady.network import Network

TICKS: Final = float(1 << FINEST)
"""Ticks, the unit of time within a period, in one period."""


class Shot(NamedTuple):
    """The trajectory's end and how it depends on its start and on the duty; N = states + 2.

    Attributes:
        z: augmented state, in: at the start; out: at the end. Shape (N,).
        phi: d z(end) / d z(start), and in the last column d z(end) / d duty; shape (N, N + 1).
        product: scratch, shape (N, N + 1).
        vectors: scratch, shape (3, N).
    """

    z: FloatArray
    phi: FloatArray
    product: FloatArray
    vectors: FloatArray


def shot_of(network: Network) -> Shot:
    """Allocate a shot for a network."""
    size = network.states + 2
    return Shot(
        np.zeros(size),
        np.zeros((size, size + 1)),
        np.zeros((size, size + 1)),
        np.zeros((3, size)),
    )


@kernel
def begin(shot: Shot, size: int) -> None:
    """Set the sensitivities at the start of a period."""
    shot.phi[:, :] = 0.0
    for i in range(size):
        shot.phi[i, i] = 1.0


@kernel
def shift_edge(plan: Plan, work: Work, shot: Shot, before: int, after: int) -> None:
    """Begin the sensitivity to duty at turn-off.

    A longer on-time trades a moment of the one mode for a moment of the other.
    """
    size = plan.states + 2
    apply(work.generator[before], shot.z, shot.vectors[0], size)
    apply(work.generator[after], shot.z, shot.vectors[1], size)
    for i in range(size - 1):
        shot.phi[i, size] = shot.vectors[0][i] - shot.vectors[1][i]


@kernel
def _add_step(
    steps: FloatArray, mode: int, level: int, share: float, phi: FloatArray, product: FloatArray
) -> None:
    """Phi += share steps[mode, level] phi."""
    size, columns = phi.shape
    for i in range(size - 1):
        for j in range(columns):
            product[i, j] = 0.0
        for k in range(size):
            factor = share * steps[mode, level, i, k]
            for j in range(columns):
                product[i, j] += factor * phi[k, j]
    for i in range(size - 1):
        for j in range(columns):
            phi[i, j] += product[i, j]


@kernel
def flush(work: Work, shot: Shot, mode: int, ticks: float) -> None:
    """Carry the sensitivities across a finished segment of one mode.

    The exponential of its length is put together from the binary digits; what is less than a tick
    is straight.
    """
    level = 1
    length = TICKS / 2
    while ticks >= 1.0 and level <= FINEST:
        if ticks >= length:
            _add_step(work.steps, mode, level, 1.0, shot.phi, shot.product)
            ticks -= length
        else:
            level += 1
            length *= 0.5
    if ticks > 0.0:
        _add_step(work.steps, mode, FINEST, ticks, shot.phi, shot.product)


@kernel
def saltate(
    plan: Plan, work: Work, shot: Shot, before: int, after: int, diode: int, z: FloatArray
) -> None:
    """Correct the sensitivities for an event whose time depends on the state.

    S = I + (f+ - f-) n' / (n' f-), with n the gradient of the event's condition (Mueller,
    Calculation of Lyapunov exponents for dynamic systems with discontinuities, eq. 11).
    """
    n, size = plan.states, plan.states + 2
    f_before, f_after = shot.vectors[0], shot.vectors[1]
    apply(work.generator[before], z, f_before, size)
    apply(work.generator[after], z, f_after, size)
    rate = 0.0
    for k in range(n):
        rate += work.slack[before, diode, k] * f_before[k]
    if rate == 0.0:
        return
    for j in range(size + 1):
        shift = 0.0
        for k in range(n):
            shift += work.slack[before, diode, k] * shot.phi[k, j]
        shift /= rate
        for i in range(size - 1):
            shot.phi[i, j] += (f_after[i] - f_before[i]) * shift
