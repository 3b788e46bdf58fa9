"""How a trajectory's end depends on its start and on the duty.

Within a segment of one mode dz(end) = exp(M h) dz(start). At an edge that moves with the duty and
at a diode's event, whose instant depends on the state, two modes trade a moment for each other: a
jump of the sensitivities that the exponentials do not know. The product of all of these is the
Jacobian of the period.
"""

from typing import NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.algebra import Step, advance, apply, step_entry
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.exponential import reach
from arcs_engine.simulation.steady.lanes import LANES, Place, Rows, Weights, combine, wide
from arcs_engine.simulation.steady.modes import FINEST, TICKS, Work
from arcs_engine.simulation.steady.network import Network


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


class Segment(NamedTuple):
    """So many ticks in one mode."""

    mode: int
    ticks: float


class Event(NamedTuple):
    """A diode that changes its state, and the modes before and after."""

    before: int
    after: int
    diode: int


def shot_of(network: Network) -> Shot:
    """Allocate a shot for a network."""
    size = network.plan.states + 1
    return Shot(
        np.zeros(wide(size)),
        np.zeros((size, wide(size))),
        np.zeros((size, wide(size))),
        np.zeros((3, wide(size))),
    )


@kernel
def begin(shot: Shot) -> None:
    """Set the sensitivities at the start of a period."""
    shot.phi[:, :] = 0.0
    for i in range(len(shot.phi) - 1):
        shot.phi[i, i] = 1.0


@kernel
def shift_edge(work: Work, shot: Shot, before: int, after: int) -> None:
    """Add an edge that moves with the duty to the sensitivity to duty.

    A later edge trades a moment of the one mode for a moment of the other.
    """
    n = len(shot.phi) - 1
    apply(work.generator[before], shot.z, shot.vectors[0])
    apply(work.generator[after], shot.z, shot.vectors[1])
    for i in range(n + 1):
        shot.phi[i, n] += shot.vectors[0][i] - shot.vectors[1][i]


@inner_kernel
def _add_step(shot: Shot, step: Step, share: float) -> None:
    """Add to phi its change over a share of a step."""
    phi, product = shot.phi, shot.product
    n, width = phi.shape[0] - 1, phi.shape[1]
    top, stride = step_entry(step), step.steps.shape[3]
    for i in range(n + 1):
        j = 0
        while j <= n:
            combine(
                Place(product, i * width + j), None, None, Weights(step.steps, top + i, stride),
                Rows(phi, j, width, n),
            )  # fmt: skip
            j += LANES
    for i in range(n + 1):
        for j in range(n + 1):
            phi[i, j] += share * product[i, j]


@kernel
def flush(work: Work, shot: Shot, segment: Segment) -> None:
    """Carry the sensitivities across a finished segment of one mode.

    The exponential of its length is put together from the binary digits; what is less than a tick
    is straight.
    """
    ticks = segment.ticks
    level = 1
    length = TICKS / 2
    while ticks >= 1.0 and level <= FINEST:
        if ticks >= length:
            _add_step(shot, reach(work, segment.mode, level), 1.0)
            ticks -= length
        else:
            level += 1
            length *= 0.5
    if ticks > 0.0:
        _add_step(shot, Step(work.steps, segment.mode, FINEST), ticks)


@kernel
def leap(work: Work, shot: Shot, segment: Segment) -> None:
    """Carry the state across a segment of one mode, whatever its diodes say."""
    ticks = segment.ticks
    level = 1
    length = TICKS / 2
    end = shot.vectors[2]
    while ticks >= 1.0 and level <= FINEST:
        if ticks >= length:
            advance(reach(work, segment.mode, level), Place(shot.z, 0), Place(end, 0))
            for i in range(len(shot.phi)):
                shot.z[i] = end[i]
            ticks -= length
        else:
            level += 1
            length *= 0.5


@kernel
def saltate(work: Work, shot: Shot, event: Event) -> None:
    """Correct the sensitivities for an event whose time depends on the state.

    S = I + (f+ - f-) n' / (n' f-), with n the gradient of the event's condition (Mueller,
    Calculation of Lyapunov exponents for dynamic systems with discontinuities, eq. 11).
    """
    n = len(shot.phi) - 1
    slack, diode = work.slack, event.diode
    f_before, f_after = shot.vectors[0], shot.vectors[1]
    apply(work.generator[event.before], shot.z, f_before)
    apply(work.generator[event.after], shot.z, f_after)
    # n' f-: how fast the diode comes to its event.
    rate = 0.0
    for k in range(n):
        rate += slack[event.before, k, diode] * f_before[k]
    if rate == 0.0:
        return
    # n' phi over that rate: how much earlier the event is for a change of each start.
    for j in range(n + 1):
        shift = 0.0
        for k in range(n):
            shift += slack[event.before, k, diode] * shot.phi[k, j]
        shift /= rate
        for i in range(n + 1):
            shot.phi[i, j] += (f_after[i] - f_before[i]) * shift
