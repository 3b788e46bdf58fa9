"""How a trajectory's end depends on its start and on the duty."""

from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.algebra import advance, apply, step_entry
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.lanes import LANES, combine, wide
from arcs_engine.simulation.steady.modes import FINEST, Plan, Work, reach
from arcs_engine.simulation.steady.network import Network

TICKS: Final = float(1 << FINEST)
"""Ticks, the unit of time within a period, in one period."""


class Shot(NamedTuple):
    """The trajectory's end and how it depends on its start and on the duty; N = states + 1.

    Attributes:
        z: states and running mean of the output, in: at the start; out: at the end. Shape
            (wide N,).
        phi: d z(end) / d x(start), and in column n d z(end) / d duty; shape (N, wide N).
        product: scratch, shape (N, wide N).
        vectors: scratch, shape (3, wide N).
    """

    z: FloatArray
    phi: FloatArray
    product: FloatArray
    vectors: FloatArray


def shot_of(network: Network) -> Shot:
    """Allocate a shot for a network."""
    size = network.states + 1
    return Shot(
        np.zeros(wide(size)),
        np.zeros((size, wide(size))),
        np.zeros((size, wide(size))),
        np.zeros((3, wide(size))),
    )


@kernel
def begin(shot: Shot, n: int) -> None:
    """Set the sensitivities at the start of a period."""
    shot.phi[:, :] = 0.0
    for i in range(n):
        shot.phi[i, i] = 1.0


@kernel
def shift_edge(plan: Plan, work: Work, shot: Shot, before: int, after: int) -> None:
    """Add an edge that moves with the duty to the sensitivity to duty.

    A later edge trades a moment of the one mode for a moment of the other.
    """
    n = plan.states
    apply(work.generator[before], shot.z, shot.vectors[0], n)
    apply(work.generator[after], shot.z, shot.vectors[1], n)
    for i in range(n + 1):
        shot.phi[i, n] += shot.vectors[0][i] - shot.vectors[1][i]


@inner_kernel
def _add_step(
    steps: FloatArray,
    mode: int,
    level: int,
    share: float,
    phi: FloatArray,
    product: FloatArray,
    n: int,
) -> None:
    """Add to phi its change over a share of a step."""
    top, width = step_entry(steps, mode, level), phi.shape[1]
    for i in range(n + 1):
        j = 0
        while j <= n:
            combine(
                product, i * width + j, None, 0, None, 0, steps, top + i, steps.shape[3],
                phi, j, width, n,
            )  # fmt: skip
            j += LANES
    for i in range(n + 1):
        for j in range(n + 1):
            phi[i, j] += share * product[i, j]


@kernel
def flush(work: Work, shot: Shot, mode: int, ticks: float) -> None:
    """Carry the sensitivities across a finished segment of one mode.

    The exponential of its length is put together from the binary digits; what is less than a tick
    is straight.
    """
    n = len(shot.phi) - 1
    level = 1
    length = TICKS / 2
    while ticks >= 1.0 and level <= FINEST:
        if ticks >= length:
            reach(work.steps, work.reached, mode, level, n)
            _add_step(work.steps, mode, level, 1.0, shot.phi, shot.product, n)
            ticks -= length
        else:
            level += 1
            length *= 0.5
    if ticks > 0.0:
        _add_step(work.steps, mode, FINEST, ticks, shot.phi, shot.product, n)


@kernel
def leap(work: Work, shot: Shot, mode: int, ticks: float) -> None:
    """Carry the state across a segment of one mode, whatever its diodes say."""
    n = len(shot.phi) - 1
    level = 1
    length = TICKS / 2
    end = shot.vectors[2]
    while ticks >= 1.0 and level <= FINEST:
        if ticks >= length:
            reach(work.steps, work.reached, mode, level, n)
            advance(work.steps, mode, level, shot.z, 0, end, 0, n)
            for i in range(n + 1):
                shot.z[i] = end[i]
            ticks -= length
        else:
            level += 1
            length *= 0.5


@kernel
def saltate(
    plan: Plan,
    work: Work,
    shot: Shot,
    before: int,
    after: int,
    diode: int,
    z: FloatArray,
) -> None:
    """Correct the sensitivities for an event whose time depends on the state.

    S = I + (f+ - f-) n' / (n' f-), with n the gradient of the event's condition (Mueller,
    Calculation of Lyapunov exponents for dynamic systems with discontinuities, eq. 11).
    """
    n = plan.states
    f_before, f_after = shot.vectors[0], shot.vectors[1]
    apply(work.generator[before], z, f_before, n)
    apply(work.generator[after], z, f_after, n)
    rate = 0.0
    for k in range(n):
        rate += work.slack[before, k, diode] * f_before[k]
    if rate == 0.0:
        return
    for j in range(n + 1):
        shift = 0.0
        for k in range(n):
            shift += work.slack[before, k, diode] * shot.phi[k, j]
        shift /= rate
        for i in range(n + 1):
            shot.phi[i, j] += (f_after[i] - f_before[i]) * shift
