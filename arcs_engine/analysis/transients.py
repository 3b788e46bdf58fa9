"""Transients in ngspice at a fixed duty: start-up, a step of the load, a step of the input.

There is no controller: these are the answers of the power stage alone. A start-up begins at rest
and its duty rises linearly; a step begins in the solved steady state, and is taken back later. How
long a run lasts follows from the solver: the slowest eigenvalue of the period's Jacobian says after
how many periods the steady state to come is reached. Whether it *was* reached is then measured: a
stage that has settled ends at the output that the solver gives for it. For a start-up that is a
proof of the steady state from cold, by a simulation that knew nothing of it.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from arcs_engine.analysis.saturation import inductor_peaks
from arcs_engine.analysis.transient_figures import (
    InductorPeak,
    Kind,
    StageResult,
    Transient,
    TransientReport,
)
from arcs_engine.circuits.captions import caption
from arcs_engine.circuits.circuit import Load
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError, DesignError
from arcs_engine.performance.cores import carried_state
from arcs_engine.performance.design import Design
from arcs_engine.performance.operating_point import nominal_parameters
from arcs_engine.simulation import netlist, ngspice
from arcs_engine.simulation.steady import SteadyState
from arcs_engine.simulation.waveforms import Waveforms, band_limit, running_mean

NOTE: Final = "open loop, fixed duty"

STEPS: Final = 200
"""Time steps in a period, at least; docs/transients.md compares them with five times as many."""

MOST_PERIODS: Final = 3000
"""The longest run: about 10 s of ngspice."""

LEAD: Final = 10
"""Periods before a step."""

SHORTEST_STAGE: Final = 50
SHORTEST_RAMP, LONGEST_RAMP = 20, 500
"""Periods of a soft start whose time is not given."""

BAND: Final = 0.01
"""An output has settled when it stays this close to the solved one."""

LIGHTEST_LOAD: Final = 0.001
"""Share of the full load."""

TIMEOUT: Final = 300.0

_SETTLED: Final = 0.002
"""Share of the slowest transient that is left at the end of a stage."""

_WINDOW: Final = 10
"""Periods at the end of a stage that are compared with the solver."""


@dataclass(frozen=True)
class Stage:
    """A part of a transient that has one steady state to settle to.

    Attributes:
        name: what happens at its beginning.
        begin: s.
        end: s.
        origin: the steady state before; None for rest.
        goal: the steady state to come.
    """

    name: str
    begin: float
    end: float
    origin: SteadyState | None
    goal: SteadyState


@dataclass(frozen=True)
class Plan:
    """A transient that can be simulated, or written as a deck.

    Attributes:
        kind: which.
        design: what it happens to.
        stages: in order; the first one's origin, or else rest, is where the run begins.
        stimulus: what happens.
        periods: length of the run.
    """

    kind: Kind
    design: Design
    stages: tuple[Stage, ...]
    stimulus: netlist.Stimulus
    periods: int

    @property
    def title(self) -> str:
        """One line that names it."""
        return f"{caption(self.design.spec)}, {self.kind}, {NOTE}"


def start_up(design: Design, ramp: float | None = None) -> Plan:
    """Plan a start from rest into full load at the nominal input.

    Args:
        design: what starts.
        ramp: time over which the duty rises to its final value, s; None for as long as the slowest
            transient takes, between 20 and 500 periods.

    Raises:
        DesignError: the ramp is too long to simulate.
        InfeasibleError: no duty gives the output.
        SolverError: the solver did not converge.
    """
    goal = _state(design, "At full load", duty=design.duty)
    settling = _stage_periods(goal)
    if ramp is None:
        rising = min(max(settling, SHORTEST_RAMP), LONGEST_RAMP)
    else:
        rising = max(1, round(ramp * goal.fsw)) if math.isfinite(ramp) else 0
    if not 0 < rising <= netlist.LONGEST_SOFT_START:
        raise DesignError(
            f"A soft start of {ramp:g} s cannot be simulated; at most "
            f"{netlist.LONGEST_SOFT_START} periods can, {netlist.LONGEST_SOFT_START / goal.fsw:g} "
            "s here."
        )
    periods = min(rising + settling, MOST_PERIODS)
    stage = Stage("start-up", 0.0, periods / goal.fsw, None, goal)
    return Plan("start-up", design, (stage,), netlist.SoftStart(rising), periods)


def load_step(design: Design, before: float = 0.1, after: float = 1.0) -> Plan:
    """Plan a step of the load and back, at the nominal input.

    The duty is that which gives the output before the step (or the design's own), and stays.

    Args:
        design: whose load steps.
        before: share of the full load current, as a resistor at the nominal output.
        after: the same, after the step.

    Raises:
        DesignError: a load is impossible, or both are the same.
        InfeasibleError: no duty gives the output before the step.
        SolverError: the solver did not converge.
    """
    for load in (before, after):
        if not LIGHTEST_LOAD <= load <= 1:
            raise DesignError(
                f"The load cannot step to or from {load:.4g} of full load; it must be between "
                f"{LIGHTEST_LOAD:.1%} and 100 %."
            )
    if before == after:
        raise DesignError(f"A load step needs two different loads, not {before:.4g} twice.")
    origin = _state(design, f"At {before:.0%} load", load=before, duty=design.duty)
    goal = _state(design, f"At {after:.0%} load", load=after, duty=origin.duty)
    begin, end, periods = _there_and_back(origin, goal)
    stimulus = netlist.LoadStep(begin, end, goal.parameters["rload"])
    names = f"{before:.3g} to {after:.3g} of full load", f"{after:.3g} to {before:.3g} of full load"
    return _step_plan("load-step", design, names, origin, goal, stimulus, periods)


def line_step(design: Design, before: float, after: float) -> Plan:
    """Plan a step of the input voltage and back, at full load; each takes one period.

    The duty is that which gives the output before the step (or the design's own), and stays.

    Args:
        design: whose input steps.
        before: input voltage, V.
        after: the same, after the step.

    Raises:
        DesignError: a voltage is impossible, or both are the same.
        InfeasibleError: no duty gives the output before the step.
        SolverError: the solver did not converge.
    """
    for vin in (before, after):
        if not 0 < vin < math.inf:
            raise DesignError(f"The input cannot step to or from {vin:g} V; it must be above zero.")
    if before == after:
        raise DesignError(f"A line step needs two different voltages, not {before:g} V twice.")
    origin = _state(design, f"At {before:g} V", vin=before, duty=design.duty)
    goal = _state(design, f"At {after:g} V", vin=after, duty=origin.duty)
    begin, end, periods = _there_and_back(origin, goal)
    stimulus = netlist.LineStep(begin, end, after, edge=goal.period)
    names = f"{before:.3g} V to {after:.3g} V", f"{after:.3g} V to {before:.3g} V"
    return _step_plan("line-step", design, names, origin, goal, stimulus, periods)


def settling_periods(state: SteadyState, left: float = _SETTLED) -> float:
    """Return after how many periods a small transient has fallen to a share; inf if it grows.

    It decays like the powers of the largest eigenvalue of the period's Jacobian.
    """
    slowest = float(np.max(np.abs(np.linalg.eigvals(state.jacobian))))
    if slowest >= 1:
        return math.inf
    return max(1.0, math.log(left) / math.log(max(slowest, 1e-6)))


def deck(plan: Plan, dialect: netlist.Dialect = "ngspice", *, steps: int = STEPS) -> str:
    """Return the deck of a transient to export; it measures the end of the run."""
    return replace(_deck(plan, steps), dialect=dialect).text()


def simulate(plan: Plan, control: Control | None = None, *, steps: int = STEPS) -> Transient:
    """Simulate a transient with ngspice.

    Args:
        plan: from `start_up`, `load_step` or `line_step`.
        control: told the share of simulated time; asked to stop, ngspice is ended and its result
            dropped.
        steps: time steps in a period, at least.

    Raises:
        SpiceError: ngspice is missing, failed or timed out.
        Cancelled: the control asked for a stop.
    """
    began = time.perf_counter()
    goal = plan.stages[-1].goal
    run = replace(_deck(plan, steps), measures=False)
    raw = ngspice.run(run.text(), timeout=TIMEOUT, control=control, stop_time=run.end_time)
    waveforms = ngspice.to_waveforms(raw, goal.topology.circuit, goal.period)
    if isinstance(plan.stimulus, netlist.LoadStep):
        (load,) = goal.topology.circuit.of_type(Load)
        waveforms.signals[f"i({load.name})"] += raw.signals[netlist.STEP_CURRENT]
    stages = tuple(_measured(stage, waveforms) for stage in plan.stages)
    inductors = inductor_peaks(plan.design, plan.stages[-1].goal, waveforms)
    report = TransientReport(
        kind=plan.kind,
        note=NOTE,
        duty=goal.duty,
        periods=plan.periods,
        steps=steps,
        seconds=time.perf_counter() - began,
        stages=stages,
        inductors=inductors,
        warnings=(*_unsettled(stages, goal.period), *_saturated(inductors)),
    )
    return Transient(report, waveforms)


def _state(
    design: Design,
    where: str,
    *,
    duty: float | None,
    vin: float | None = None,
    load: float = 1.0,
) -> SteadyState:
    """Solve one operating point; an error begins with where."""
    spec = design.spec
    declared = find_topology(spec.topology)
    nominal = nominal_parameters(design)
    point = {"vin": spec.vin if vin is None else vin, "rload": nominal["rload"] / load}
    try:
        return carried_state(
            declared,
            nominal | point,
            spec.fsw,
            duty=duty,
            vout=spec.vout if duty is None else None,
        )
    except ArcsError as error:
        raise type(error)(f"{where}: {error}") from error


def _stage_periods(goal: SteadyState) -> int:
    return math.ceil(max(SHORTEST_STAGE, min(settling_periods(goal), MOST_PERIODS)))


def _there_and_back(origin: SteadyState, goal: SteadyState) -> tuple[float, float, int]:
    """Return when a step begins and ends (s), and the length of the run in periods."""
    room = (MOST_PERIODS - LEAD) // 2
    there, back = (min(_stage_periods(state), room) for state in (goal, origin))
    return LEAD * goal.period, (LEAD + there) * goal.period, LEAD + there + back


def _step_plan(
    kind: Kind,
    design: Design,
    names: tuple[str, str],
    origin: SteadyState,
    goal: SteadyState,
    stimulus: netlist.LoadStep | netlist.LineStep,
    periods: int,
) -> Plan:
    stages = (
        Stage(names[0], stimulus.begin, stimulus.end, origin, goal),
        Stage(names[1], stimulus.end, periods * goal.period, goal, origin),
    )
    return Plan(kind, design, stages, stimulus, periods)


def _deck(plan: Plan, steps: int) -> netlist.Deck:
    first = plan.stages[0]
    if first.origin is None:
        converter = netlist.Converter.at_rest(first.goal)
    else:
        converter = netlist.Converter.settled(first.origin)
    return netlist.Deck(converter, plan.title, plan.periods, plan.stimulus, steps=steps)


def _measured(stage: Stage, waveforms: Waveforms) -> StageResult:
    goal = stage.goal
    sign = goal.topology.sign
    instants, output = _part(waveforms, stage.begin, stage.end, sign * waveforms.signals["v(out)"])
    low, high, solved = _levels(goal)
    if stage.origin is None:
        low = 0.0
    else:
        before_low, before_high, _ = _levels(stage.origin)
        low, high = min(low, before_low), max(high, before_high)
    limited = band_limit(instants, output)
    ends, means = running_mean(instants, output, goal.period)
    last = float(np.mean(means[-4 * _WINDOW :]))
    outside = np.flatnonzero(np.abs(means - solved) > BAND * solved)
    settled = not (len(outside) and outside[-1] == len(means) - 1)
    left = ends[outside[-1]] if len(outside) else stage.begin
    needed = settling_periods(goal)
    return StageResult(
        name=stage.name,
        begin=stage.begin,
        end=stage.end,
        vout_solved=sign * solved,
        vout=sign * last,
        distance=abs(last - solved) / solved,
        settled=settled,
        settle_time=float(left - stage.begin) if settled else None,
        overshoot=max(0.0, float(limited.max()) - high),
        undershoot=max(0.0, low - float(limited.min())),
        periods_needed=math.ceil(needed) if math.isfinite(needed) else None,
    )


def _part(
    waveforms: Waveforms, begin: float, end: float, signal: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return time and signal from begin to end (s)."""
    first, last = np.searchsorted(waveforms.time, (begin, end))
    return waveforms.time[first:last], signal[first:last]


def _levels(state: SteadyState) -> tuple[float, float, float]:
    """Return trough, crest and mean of the magnitude of a solved output, V."""
    two = state.waveforms(2)
    sign = state.topology.sign
    limited = replace(two, signals={"v": band_limit(two.time, sign * two.signals["v(out)"])})
    last = limited.last(1)
    mean = np.trapezoid(last.signals["v"], last.time) / state.period
    return float(last.signals["v"].min()), float(last.signals["v"].max()), float(mean)


def _unsettled(stages: tuple[StageResult, ...], period: float) -> list[str]:
    sentences = []
    for stage in stages:
        if stage.settled:
            continue
        lasted = round((stage.end - stage.begin) / period)
        needs = (
            "; by the solver its slowest transient does not decay"
            if stage.periods_needed is None
            else f"; by the solver its slowest transient takes about {stage.periods_needed}"
        )
        sentences.append(
            f"{stage.name}: the run ended unsettled, {stage.distance:.1%} from the solved output "
            f"after {lasted} periods{needs}."
        )
    return sentences


def _saturated(inductors: Mapping[str, InductorPeak]) -> list[str]:
    return [
        f"{name}: the current reaches {found.peak:.3g} A, above the saturation current of "
        f"{found.saturation:g} A that the steady corners ask for."
        for name, found in inductors.items()
        if found.saturates
    ]
