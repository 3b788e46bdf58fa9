"""A design with its regulator: the periodic orbit that it holds, and its answer to conditions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from arcs_engine.circuits.circuit import Switch
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Parameters, Topology
from arcs_engine.foundation.errors import SolverError
from arcs_engine.simulation.closed_loop.answer import Answer
from arcs_engine.simulation.closed_loop.march import (
    ARRIVED,
    FULL,
    SAMPLES,
    Log,
    March,
    Position,
    advance_to,
    position_of,
)
from arcs_engine.simulation.closed_loop.modes import (
    BEYOND,
    Blueprint,
    Change,
    fill_modes,
    network_with,
    work_with_comparator,
)
from arcs_engine.simulation.closed_loop.regulator import (
    Condition,
    Regulator,
    Stretch,
    control_of,
)
from arcs_engine.simulation.small_signal.cycle import Case, cycle_of
from arcs_engine.simulation.small_signal.layout import lay_out
from arcs_engine.simulation.small_signal.probe import probe_of
from arcs_engine.simulation.small_signal.record import periodic_orbits
from arcs_engine.simulation.steady.modes import Converter
from arcs_engine.simulation.steady.newton import SOLVED
from arcs_engine.simulation.steady.regulation import solve_design
from arcs_engine.simulation.steady.room import (
    network_for,
    problem_of,
    questions_of,
    room_of,
    task_of,
)
from arcs_engine.simulation.steady.solver import STATUS
from arcs_engine.simulation.steady.trace import MOST_STEPS, trace_of

_MOST_PASSES: Final = 12
_ARRIVED: Final = 1e-10
"""Step of the orbit's states, over their scale, below which it is found."""
_CLOSE: Final = 1e-5
"""The same, once the step shrinks no more: what events are found to is left."""
_NUDGE: Final = 1e-6
"""Change of a state, over its scale, by which the period's map is differentiated."""
_ROWS: Final = 400
"""Samples of a period for which there is room at first."""


@dataclass(frozen=True)
class OperatingPoint:
    """A power stage at which a loop is closed.

    Attributes:
        topology: its circuit.
        parameters: of its elements, with ``vin`` and ``rload``, SI.
        fsw: switching frequency, Hz.
        vout: magnitude of the output that the reference is set for, V.
    """

    topology: Topology
    parameters: Mapping[str, float]
    fsw: float
    vout: float

    @property
    def condition(self) -> Condition:
        """The input and the resistive load of its parameters."""
        return Condition(self.parameters["vin"], self.parameters["rload"])


@dataclass(frozen=True, eq=False)
class LoopState:
    """All states of a converter and its compensator at the clock.

    Attributes:
        power: inductor currents, A, and capacitor voltages, V, shape (n,).
        compensator: shape (m,).
        reference: V.
        mode: of the circuit just before the clock, for its diodes to start from.
    """

    power: FloatArray
    compensator: FloatArray
    reference: float
    mode: int


class ClosedLoop:
    """A power stage with its regulator.

    Attributes:
        point: where the reference is set.
        regulator: its modulator and compensator.
        reference: with which the output is that of the point, V.
    """

    def __init__(self, point: OperatingPoint, regulator: Regulator) -> None:
        """Solve the power stage and find the reference.

        Raises:
            SolverError: the power stage has no steady state there, or no reference holds it.
        """
        self.point, self.regulator = point, regulator
        topology = point.topology
        network, task = network_for(topology), task_of(topology, regulate=True)
        columns = {name: np.array([value]) for name, value in point.parameters.items()}
        fsw, vout = np.array([point.fsw]), np.array([point.vout])
        self._start = self._balanced(columns, fsw, vout)
        self._room = room_of(network)
        questions = questions_of(topology, columns, fsw, duty=None, vout=vout)
        problem = problem_of(self._room, task, questions, 0)
        status = solve_design(problem, self._room.meter)
        if status != SOLVED:
            raise SolverError(STATUS[status])
        self._plain = problem.converter
        self._probe = probe_of(topology)
        dead = [
            point.parameters[switch.dead_time]
            for switch in topology.circuit.of_type(Switch)
            if switch.gate == "complement"
        ]
        self._control = control_of(regulator, 1 / point.fsw, dead[0] if dead else 0.0)
        self._network = network_with(network, len(self._control.output) + BEYOND)
        self._trace = trace_of(self._network)
        self._inductor = network.state_names.index(topology.main_inductor)

    @property
    def reference(self) -> float:
        """Reference with which the output is that of the point, V."""
        return self._start.reference

    @property
    def duty(self) -> float:
        """On-time over the period where the reference is set."""
        return float(self._room.iterate.duty[0])

    @property
    def control_voltage(self) -> float:
        """Control voltage at the clock where the reference is set, V, against its rest."""
        return float(self.regulator.compensator.output @ self._start.compensator)

    @property
    def state_names(self) -> tuple[str, ...]:
        """Elements whose currents and voltages `LoopState.power` is."""
        return network_for(self.point.topology).state_names

    @property
    def at_rest(self) -> LoopState:
        """The state without a current or a charge, and without a reference."""
        start = self._start
        return LoopState(
            np.zeros_like(start.power), np.zeros_like(start.compensator), 0.0, start.mode
        )

    def _balanced(self, columns: Parameters, fsw: FloatArray, vout: FloatArray) -> LoopState:
        """Return the orbit of the power stage with that of the compensator beside it."""
        orbits = periodic_orbits(self.point.topology, columns, fsw, vout=vout)
        if not orbits.solved[0]:
            raise SolverError(STATUS[int(orbits.status[0])])
        compensators = self.regulator.compensator.rows(1)
        n, m = orbits.states.shape[2], compensators.output.shape[1]
        modulators = self.regulator.modulator.rows(orbits.period)
        cycle = cycle_of(n + m)
        if not lay_out(Case(orbits, modulators, compensators, 0), cycle):
            raise SolverError(
                "The comparator does not hold the duty: its ramp is slower than the control "
                "voltage, or its delay is longer than the on-time."
            )
        # The trip may part the first interval; the clock is where its last piece begins.
        clock = np.flatnonzero(cycle.source[: cycle.used[0]] == 0)[-1]
        start = cycle.start[clock]
        return LoopState(start[:n].copy(), start[n : n + m].copy(), float(start[n + m]), 0)

    def orbit(self, condition: Condition | None = None) -> LoopState:
        """Find the periodic orbit that the loop holds under a condition.

        Newton's method on the map of one period with the loop closed, differentiated by
        differences: it is smooth as long as the order of events stays.

        Args:
            condition: whose; None for that of the point.

        Raises:
            SolverError: it was not found.
        """
        march = self._march(condition or self.point.condition)
        start = self._start
        scale = np.maximum(np.abs(_vector(start)), 1e-3 * np.abs(_vector(start)).max())
        states, mode, size = _vector(start), start.mode, np.inf
        for _ in range(_MOST_PASSES):
            end, mode = self._mapped(march, states, mode)
            jacobian = np.empty((len(states), len(states)))
            for k in range(len(states)):
                nudge = _NUDGE * scale[k] * np.eye(len(states))[k]
                there, back = (self._mapped(march, states + s * nudge, mode)[0] for s in (1, -1))
                jacobian[:, k] = (there - back) / (2 * _NUDGE * scale[k])
            step = np.linalg.solve(np.eye(len(states)) - jacobian, end - states)
            states = states + step
            last, size = size, float(np.max(np.abs(step) / scale))
            if size < _ARRIVED or (size < _CLOSE and size > last / 2):
                n = len(start.power)
                return LoopState(states[:n], states[n:], start.reference, mode)
        raise SolverError("The loop holds no periodic orbit that could be found.")

    def run(self, start: LoopState, stretches: Sequence[Stretch]) -> Answer:
        """Run through conditions, one after the other.

        Args:
            start: at the first clock.
            stretches: the conditions.

        Raises:
            SolverError: the circuit has no solution on the way.
        """
        position = self._position(start)
        total = sum(stretch.periods for stretch in stretches)
        duties, parts = np.full(int(np.ceil(total)) + 1, np.nan), []
        until = 0.0
        for stretch in stretches:
            march = self._march(stretch.condition)
            until += stretch.periods
            status = FULL
            while status == FULL:
                rows = 2 * MOST_STEPS + round(_ROWS * stretch.periods)
                log = Log(np.empty((rows, SAMPLES)), np.zeros(1, dtype=np.int64), duties)
                status = advance_to(march, position, until, log)
                parts.append(log.samples[: log.used[0]])
            if status != ARRIVED:
                raise SolverError("The circuit has no solution during the transient.")
        return Answer(
            period=1 / self.point.fsw,
            samples=np.concatenate(parts),
            duties=duties[~np.isnan(duties)],
            regulator=self.regulator,
        )

    def _mapped(self, march: March, states: FloatArray, mode: int) -> tuple[FloatArray, int]:
        """Return states and mode a period later."""
        n = len(self._start.power)
        position = self._position(LoopState(states[:n], states[n:], self.reference, mode))
        log = Log(np.empty((6 * MOST_STEPS, SAMPLES)), np.zeros(1, dtype=np.int64), np.empty(2))
        if advance_to(march, position, 1.0, log) != ARRIVED:
            raise SolverError("The circuit has no solution with the loop closed.")
        return position.shot.z[: len(states)].copy(), int(position.mode[0])

    def _position(self, start: LoopState) -> Position:
        position = position_of(self._network)
        z, n, m = position.shot.z, len(start.power), len(start.compensator)
        z[:n], z[n : n + m], z[n + m + 1] = start.power, start.compensator, start.reference
        position.mode[0] = start.mode
        position.ticks[1] = self._control.shortest
        return position

    def _march(self, condition: Condition) -> March:
        """Build the modes under a condition."""
        point, sign = self._plain.point, float(self.point.topology.sign)
        period, before = 1 / self.point.fsw, self.point.parameters
        change = Change(
            vin=condition.vin - before["vin"],
            conductance=1 / condition.rload - 1 / before["rload"],
            current=-sign * condition.drawn,
            rising=condition.rising * period,
        )
        n = self._plain.plan.states
        blueprint = Blueprint(self._probe, self._control, change, sign, np.zeros((4, n + 3)))
        work = work_with_comparator(self._network)
        fill_modes(self._plain, blueprint, work)
        converter = Converter(self._network.plan, point, work)
        return March(converter, self._control, self._trace, sign, self._inductor)


def _vector(state: LoopState) -> FloatArray:
    return np.concatenate((state.power, state.compensator))
