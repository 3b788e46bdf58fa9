"""Batches of designs, solved by all processors."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Parameters, Topology
from arcs_engine.simulation.steady import meter as columns
from arcs_engine.simulation.steady.compiled import kernel
from arcs_engine.simulation.steady.network import IntArray, Network
from arcs_engine.simulation.steady.newton import (
    ABOVE_MAX_DUTY,
    BAD_CIRCUIT,
    BELOW_MIN_DUTY,
    GAIN_LIMIT,
    NOT_CONVERGED,
    SOLVED,
    Task,
)
from arcs_engine.simulation.steady.regulation import solve_design
from arcs_engine.simulation.steady.room import (
    Questions,
    Room,
    lend,
    network_for,
    problem_within,
    questions_of,
    task_of,
)
from arcs_engine.simulation.steady.threads import share

STATUS: Final[dict[int, str]] = {
    SOLVED: "solved",
    NOT_CONVERGED: "The steady state was not found: the solver did not converge.",
    ABOVE_MAX_DUTY: "No duty up to the largest allowed one reaches the output voltage.",
    GAIN_LIMIT: "The losses limit the gain: the output peaks below the wanted voltage.",
    BELOW_MIN_DUTY: "Even the shortest on-time gives more than the wanted output voltage.",
    BAD_CIRCUIT: "The circuit cannot be solved: a part has an impossible value.",
}


@dataclass(frozen=True)
class SteadyBatch:
    """Solved designs; each array has one row per design.

    Attributes:
        network: names the elements and states of the arrays below.
        status: code, see `STATUS`; figures of unsolved designs are nan.
        duty: shape (n,).
        vout: mean output voltage with its sign, V, shape (n,).
        output_ripple: peak-to-peak output voltage in 20 MHz bandwidth, V, shape (n,).
        idle: share of the period in which the rectifier has stopped before the switch turns on.
        states: at turn-on, shape (n, states).
        sums: per element, see the columns in `meter`, shape (n, elements, 8).
        edges: current and voltage of the first switch at its edges, shape (n, 4): current after
            turn-on, current before turn-off, voltage before turn-on, voltage after turn-off.
    """

    network: Network
    status: IntArray
    duty: FloatArray
    vout: FloatArray
    output_ripple: FloatArray
    idle: FloatArray
    states: FloatArray
    sums: FloatArray
    edges: FloatArray

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Which designs have a steady state, shape (n,)."""
        return np.asarray(self.status == SOLVED)

    def sum(self, element: str, column: int) -> FloatArray:
        """Return one metered column of one element, shape (n,)."""
        return np.asarray(self.sums[:, self.network.position(element), column])


class Answers(NamedTuple):
    """What is found, one row per design; nan where it is not solved.

    Attributes:
        status: code, see `STATUS`, shape (n,).
        scalars: duty, vout, output ripple, idle share and the four edges (see `SteadyBatch`),
            shape (n, 8).
        states: shape (n, states).
        sums: shape (n, elements, SUMS).
    """

    status: IntArray
    scalars: FloatArray
    states: FloatArray
    sums: FloatArray

    def take(self, rows: slice) -> "Answers":
        """Return some of the rows, to be written."""
        status, scalars, states, sums = self
        return Answers(status[rows], scalars[rows], states[rows], sums[rows])


def _blank(network: Network, count: int) -> Answers:
    """Return room for the answers of `count` designs."""
    return Answers(
        np.full(count, NOT_CONVERGED, dtype=np.int64),
        np.full((count, 8), np.nan),
        np.full((count, network.plan.states), np.nan),
        np.full((count, len(network.elements), columns.SUMS), np.nan),
    )


@kernel
def _solve_chunk(room: Room, task: Task, questions: Questions, answers: Answers) -> None:
    """Solve the rows of a chunk."""
    meter, figures = room.meter, room.meter.figures
    scalars, states, sums = answers.scalars, answers.states, answers.sums
    for row in range(len(questions.points)):
        problem = problem_within(room, task, questions, row)
        answers.status[row] = solve_design(problem, meter)
        if answers.status[row] != SOLVED:
            continue
        scalars[row, 0] = room.iterate.duty[0]
        scalars[row, 1] = room.shot.z[room.plan.states]
        scalars[row, 2] = figures[columns.OUTPUT_HIGH] - figures[columns.OUTPUT_LOW]
        scalars[row, 3] = figures[columns.IDLE]
        for i in range(room.plan.states):
            states[row, i] = room.iterate.x[i]
        for e in range(len(room.plan.kinds)):
            for column in range(columns.SUMS):
                sums[row, e, column] = meter.sums[e, column]
        for i in range(4):
            scalars[row, 4 + i] = figures[columns.CURRENT_ON + i]


def solve(
    topology: Topology,
    parameters: Parameters,
    fsw: FloatArray,
    *,
    duty: FloatArray | None = None,
    vout: FloatArray | None = None,
) -> SteadyBatch:
    """Solve many designs of one topology.

    Args:
        topology: which circuit.
        parameters: every element parameter, with ``vin`` and ``rload``, shape (n,) each.
        fsw: switching frequency, Hz, shape (n,).
        duty: given duty (0..1), shape (n,), when `vout` is None; else an optional first guess.
        vout: magnitude of the output to regulate to, V, shape (n,); None for a given duty.

    Returns:
        One row per design; a design that cannot be solved says so in `SteadyBatch.status`.
    """
    if duty is None and vout is None:
        raise ValueError("solve needs a duty or an output voltage")
    network = network_for(topology)
    task = task_of(topology, regulate=vout is not None)
    questions = questions_of(topology, parameters, fsw, duty=duty, vout=vout)
    count = len(questions.points)
    answers = _blank(network, count)

    def work_through(todo: Iterator[slice]) -> None:
        with lend(network) as room:
            for rows in todo:
                asked = Questions(questions.parameters[rows], questions.points[rows])
                _solve_chunk(room, task, asked, answers.take(rows))

    share(count, work_through)
    duties, outputs, ripples, idle = answers.scalars[:, :4].T
    return SteadyBatch(
        network, answers.status, duties, outputs, ripples, idle, answers.states, answers.sums,
        answers.scalars[:, 4:],
    )  # fmt: skip
