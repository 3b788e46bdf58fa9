"""One design in periodic steady state, with its waveforms."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.circuit import GROUND, Capacitor
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.errors import InfeasibleError, SolverError
from arcs_engine.simulation.steady.modes import TICKS
from arcs_engine.simulation.steady.network import DIODE, SWITCH, Network
from arcs_engine.simulation.steady.newton import (
    ABOVE_MAX_DUTY,
    BELOW_MIN_DUTY,
    GAIN_LIMIT,
    SOLVED,
    Problem,
    shoot,
)
from arcs_engine.simulation.steady.period import Manner
from arcs_engine.simulation.steady.regulation import solve_design
from arcs_engine.simulation.steady.room import lend, network_for, problem_of, questions_of, task_of
from arcs_engine.simulation.steady.solver import STATUS
from arcs_engine.simulation.steady.trace import Trace
from arcs_engine.simulation.waveforms import Waveforms

_FINER: Final = 3
"""How often the usual steps are halved for waveforms."""


def _record(problem: Problem) -> FloatArray:
    """Return (time / period, node voltages, element currents) at both ends of every step.

    What is left of a diode's current where it turns off would be a voltage over its off-resistance,
    but is gone within a tick: such a step is drawn with its end's values throughout.
    """
    plan, work, trace = problem.converter.plan, problem.converter.work, problem.trace
    count = int(trace.used[0])
    modes = trace.modes[:count]
    ends = np.cumsum(trace.ticks[:count]) / TICKS
    times = np.stack([np.concatenate(([0.0], ends[:-1])), ends], axis=1)
    n, m = plan.states, plan.unknowns
    rows = np.concatenate((work.voltages[:, :m], work.currents), axis=1)[modes]
    sides = np.stack([trace.bounds[:count], trace.bounds[1 : count + 1]], axis=1)
    y = np.concatenate((sides[:, :, :n], np.ones((count, 2, 1))), axis=2)
    values = np.einsum("sfk,sek->sef", rows, y)
    momentary = np.concatenate(([False], modes[1:] != modes[:-1])) & (trace.ticks[:count] <= 1.0)
    values[momentary, 0] = values[momentary, 1]
    return np.concatenate((times[:, :, None], values), axis=2).reshape(2 * count, -1)


class Interval(NamedTuple):
    """A part of the period in one mode.

    Attributes:
        begin: share of the period.
        end: the same.
        conducting: names of the switches and diodes that conduct.
    """

    begin: float
    end: float
    conducting: tuple[str, ...]


def _intervals(network: Network, trace: Trace) -> tuple[Interval, ...]:
    """Return the modes of a period in order."""
    modes = trace.modes[: int(trace.used[0])]
    ends = np.cumsum(trace.ticks[: len(modes)]) / TICKS
    last = np.append(np.flatnonzero(modes[1:] != modes[:-1]), len(modes) - 1)
    bounds = [0.0, *ends[last].tolist()]
    names = [
        element.name
        for kind in (SWITCH, DIODE)
        for element, code in zip(network.elements, network.plan.kinds, strict=True)
        if code == kind
    ]
    return tuple(
        Interval(begin, end, tuple(name for bit, name in enumerate(names) if mode >> bit & 1))
        for begin, end, mode in zip(bounds[:-1], bounds[1:], modes[last].tolist(), strict=True)
    )


@dataclass(frozen=True)
class SteadyState:
    """One design in periodic steady state.

    Attributes:
        topology: its circuit.
        parameters: every element parameter with ``vin`` and ``rload``, SI.
        fsw: switching frequency, Hz.
        duty: on-time of the main switch / period.
        state: inductor currents (A) and capacitor voltages (V) by element name, at the instant the
            main switch turns on.
        jacobian: of the map of the states over one period, order as in `state`, shape (n, n).
        intervals: the modes of the period, in order from turn-on.
    """

    topology: Topology
    parameters: dict[str, float]
    fsw: float
    duty: float
    state: dict[str, float]
    jacobian: FloatArray
    intervals: tuple[Interval, ...]
    _recorded: FloatArray

    @property
    def period(self) -> float:
        """Switching period, s."""
        return 1 / self.fsw

    @property
    def state_names(self) -> tuple[str, ...]:
        """Element names of the states, in the order of `jacobian`."""
        return tuple(self.state)

    def state_at(self, phase: float) -> dict[str, float]:
        """Return the states at a phase of the period (0..1 from turn-on), by element name."""
        wave = self.waveforms(periods=1)
        instant = phase * self.period

        def at(name: str) -> float:
            return float(np.interp(instant, wave.time, wave.signals[name]))

        states = {}
        for name in self.state:
            element = self.topology.circuit.element(name)
            current = at(f"i({name})")
            if isinstance(element, Capacitor):
                voltages = [0.0 if n == GROUND else at(f"v({n})") for n in (element.a, element.b)]
                drop = self.parameters[element.resistance] * current
                states[name] = voltages[0] - voltages[1] - drop
            else:
                states[name] = current
        return states

    @cached_property
    def _network(self) -> Network:
        return network_for(self.topology)

    def waveforms(self, periods: int = 2) -> Waveforms:
        """Return node voltages and element currents over whole periods from turn-on.

        A switching edge appears as two samples at the same instant.
        """
        network, one = self._network, self._recorded
        starts = np.repeat(np.arange(periods), len(one))
        time = (np.tile(one[:, 0], periods) + starts) * self.period
        names = [f"v({n})" for n in network.node_names]
        names += [f"i({e.name})" for e in network.elements]
        signals = {name: np.tile(one[:, 1 + k], periods) for k, name in enumerate(names)}
        source = self.topology.circuit.input_node
        signals[f"v({source})"] = np.full(len(time), self.parameters["vin"])
        return Waveforms(time, signals, self.period, "steady")


def steady_state(
    topology: Topology,
    parameters: Mapping[str, float],
    fsw: float,
    *,
    duty: float | None = None,
    vout: float | None = None,
) -> SteadyState:
    """Solve one design; see `solve`.

    Raises:
        InfeasibleError: no duty gives the output; the message names the limit.
        SolverError: the solver did not converge.
    """
    network = network_for(topology)
    task = task_of(topology, regulate=vout is not None)
    questions = questions_of(
        topology,
        {name: np.array([value]) for name, value in parameters.items()},
        np.array([fsw]),
        duty=None if duty is None else np.array([duty]),
        vout=None if vout is None else np.array([vout]),
    )
    with lend(network) as room:
        problem = problem_of(room, task, questions, 0)
        status = solve_design(problem, room.meter)
        if status in (ABOVE_MAX_DUTY, GAIN_LIMIT, BELOW_MIN_DUTY):
            raise InfeasibleError(STATUS[status])
        if status != SOLVED:
            raise SolverError(STATUS[status])
        shoot(problem, Manner(track=True, finer=_FINER))
        n = network.plan.states
        return SteadyState(
            topology=topology,
            parameters=dict(parameters),
            fsw=fsw,
            duty=float(room.iterate.duty[0]),
            state=dict(zip(network.state_names, room.iterate.x.tolist(), strict=True)),
            jacobian=room.shot.phi[:n, :n].copy(),
            intervals=_intervals(network, room.trace),
            _recorded=_record(problem),
        )
