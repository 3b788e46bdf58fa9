"""How a trajectory's end depends on its start and on the duty."""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.spec import FloatArray
from arcs_engine.steady.compiled import kernel
from arcs_engine.steady.modes import FINEST, Plan, Work, apply, multiply
from arcs_engine.steady.network import Network

TICKS: Final = float(1 << FINEST)
"""Ticks, the unit of time within a period, in one period."""


class Shot(NamedTuple):
    """The trajectory's end and how it depends on its start; N = states + 2.

    Attributes:
        z: augmented state, in: at the start; out: at the end. Shape (N,).
        phi: d z(end) / d z(start), shape (N, N).
        by_duty: d z(end) / d duty, shape (N,).
        segment: scratch, shape (2, N, N).
        vectors: scratch, shape (4, N).
    """

    z: FloatArray
    phi: FloatArray
    by_duty: FloatArray
    segment: FloatArray
    vectors: FloatArray


def shot_of(network: Network) -> Shot:
    """Allocate a shot for a network."""
    size = network.states + 2
    return Shot(
        np.zeros(size),
        np.zeros((size, size)),
        np.zeros(size),
        np.zeros((2, size, size)),
        np.zeros((4, size)),
    )


@kernel
def _advance_phi(plan: Plan, work: Work, shot: Shot, mode: int, ticks: float) -> None:
    """Phi = exp(M ticks) phi; the exponential is put together from its binary digits."""
    size = plan.states + 2
    phi, product = shot.phi, shot.segment[0]
    steps = work.steps[mode]
    level = 1
    length = TICKS / 2
    while ticks >= 1.0 and level <= FINEST:
        if ticks >= length:
            multiply(steps[level], phi, product, size)
            phi[:, :] = product
            ticks -= length
        else:
            level += 1
            length *= 0.5
    if ticks > 0.0:
        for i in range(size - 1):
            for j in range(size):
                total = 0.0
                for k in range(size):
                    total += steps[FINEST, i, k] * phi[k, j]
                product[i, j] = phi[i, j] + ticks * (total - phi[i, j])
        phi[: size - 1, :] = product[: size - 1, :]


@kernel
def _carry_duty(plan: Plan, work: Work, shot: Shot, mode: int, ticks: float) -> None:
    """Carry the sensitivity to duty across a segment, as a homogeneous solution of z' = M z."""
    size = plan.states + 2
    vector, product = shot.by_duty, shot.vectors[3]
    steps = work.steps[mode]
    level = 1
    length = TICKS / 2
    while ticks >= 1.0 and level <= FINEST:
        if ticks >= length:
            apply(steps[level], vector, product, size)
            vector[:] = product
            ticks -= length
        else:
            level += 1
            length *= 0.5
    if ticks > 0.0:
        apply(steps[FINEST], vector, product, size)
        for i in range(size):
            vector[i] += ticks * (product[i] - vector[i])


@kernel
def flush(plan: Plan, work: Work, shot: Shot, mode: int, ticks: float) -> None:
    """Carry all sensitivities across a finished segment of one mode."""
    if ticks > 0.0:
        _advance_phi(plan, work, shot, mode, ticks)
        _carry_duty(plan, work, shot, mode, ticks)


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
    normal = work.slack[before, diode]
    rate = 0.0
    for k in range(n):
        rate += normal[k] * f_before[k]
    if rate == 0.0:
        return
    for j in range(size + 1):
        shift = 0.0
        for k in range(n):
            shift += normal[k] * (shot.phi[k, j] if j < size else shot.by_duty[k])
        shift /= rate
        for i in range(size - 1):
            change = (f_after[i] - f_before[i]) * shift
            if j < size:
                shot.phi[i, j] += change
            else:
                shot.by_duty[i] += change
