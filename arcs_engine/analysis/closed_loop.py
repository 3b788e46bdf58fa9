"""Transients with the loop closed: planned, run exactly, and proved by ngspice.

Both begin on the periodic orbit of the closed loop, or at rest, and both have the same comparator
delay. The exact run is that of `simulation.closed_loop`; ngspice knows nothing of it but where it
begins. They agree when the extremes of the output's mean over a period do.
"""

import time
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from arcs_engine.analysis.regulation import Regulation, operating_point
from arcs_engine.circuits.captions import caption
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import DesignError
from arcs_engine.performance.design import Design
from arcs_engine.simulation import netlist, ngspice
from arcs_engine.simulation.closed_loop import (
    Answer,
    ClosedLoop,
    Condition,
    LoopState,
    OperatingPoint,
    StepFigures,
    Stretch,
)

Kind = Literal["start-up", "load-step", "line-step"]
LoadKind = Literal["resistor", "current"]

LEAD: Final = 5
"""Periods before a step."""

STEPS: Final = 50
"""Time steps of ngspice in a period, at least."""

DEVIATION_TOLERANCE: Final = 0.02
OUTPUT_TOLERANCE: Final = 0.001
"""Extremes of the mean agree within this share of the deviation, or of the output."""

TIMEOUT: Final = 60.0

_SETTLING: Final = 4.0
"""Periods of the crossover frequency for which a step is followed."""

SHORTEST_RUN, LONGEST_RUN = 50, 1500
"""Switching periods for which a step is followed."""

_EDGE: Final = 1e-3
"""Of a step in a deck, in periods."""

_HELD: Final = 1e6
"""Resistance beside a constant-current load, over that of the load: a deck needs one."""

_MEANS: Final = 16
"""Means over a period that are compared in each period."""


@dataclass(frozen=True)
class Disturbance:
    """What happens to a regulated design.

    Attributes:
        kind: which.
        before: share of the full load, or input voltage, V; of a start-up nothing.
        after: the same from the step on.
        load: what a load that steps is.
    """

    kind: Kind
    before: float = 0.0
    after: float = 0.0
    load: LoadKind = "resistor"


@dataclass(frozen=True, eq=False)
class ClosedLoopPlan:
    """A transient with the loop closed.

    Attributes:
        design: whose.
        regulation: that closes its loop.
        disturbance: what happens.
        loop: the exact one.
        start: its state at the first clock.
        stretches: its conditions.
    """

    design: Design
    regulation: Regulation
    disturbance: Disturbance
    loop: ClosedLoop
    start: LoopState
    stretches: tuple[Stretch, ...]

    @property
    def periods(self) -> int:
        """Length of the run."""
        return round(sum(stretch.periods for stretch in self.stretches))

    @property
    def period(self) -> float:
        """Switching period, s."""
        return 1 / self.design.spec.fsw

    @property
    def begin(self) -> float:
        """When the disturbance is, s; of a start-up, the first instant with a whole period."""
        lead = 1 if self.disturbance.kind == "start-up" else LEAD
        return lead * self.period

    @property
    def title(self) -> str:
        """One line that names it."""
        return f"{caption(self.design.spec)}, {self.disturbance.kind}, closed loop"


@dataclass(frozen=True, eq=False)
class Proof:
    """An exact run beside ngspice's of the same.

    Attributes:
        answer: the exact run.
        figures: of the exact run, from the disturbance on.
        ends: instants at which the means end, s, shape (k,).
        exact: means of the output over a period, V, shape (k,).
        simulated: ngspice's, shape (k,).
        seconds: that ngspice took.
        regulated: output that is held, V.
    """

    answer: Answer
    figures: StepFigures
    ends: FloatArray
    exact: FloatArray
    simulated: FloatArray
    seconds: float
    regulated: float

    @property
    def distance(self) -> float:
        """Largest distance of an extreme of the means, V."""
        lowest = abs(float(self.exact.min() - self.simulated.min()))
        return max(lowest, abs(float(self.exact.max() - self.simulated.max())))

    @property
    def allowed(self) -> float:
        """Distance that an agreement allows, V."""
        deviation = float(np.ptp(self.exact))
        return max(DEVIATION_TOLERANCE * deviation, OUTPUT_TOLERANCE * self.regulated)

    @property
    def agrees(self) -> bool:
        """Whether the extremes are the same."""
        return self.distance <= self.allowed


def plan(design: Design, regulation: Regulation, disturbance: Disturbance) -> ClosedLoopPlan:
    """Plan a transient from the orbit that the closed loop holds before it, or from rest.

    Args:
        design: with nominal parts.
        regulation: of its output.
        disturbance: what happens; the rest stays nominal.

    Raises:
        DesignError: before and after are the same, or the deck's comparator would be too slow.
        SolverError: the loop holds no orbit before the step.
    """
    if disturbance.kind != "start-up" and disturbance.before == disturbance.after:
        raise DesignError("A step needs a difference between before and after.")
    nominal = operating_point(design)
    before, after = _conditions(nominal, disturbance)
    point = OperatingPoint(
        nominal.topology,
        {**nominal.parameters, "vin": before.vin, "rload": _solved_load(nominal, before)},
        nominal.fsw,
        nominal.vout,
    )
    regulator = regulation.regulator(point, netlist.GateLoop.delay(1 / point.fsw))
    loop = ClosedLoop(point, regulator)
    follows = _SETTLING * point.fsw / regulation.crossover
    periods = round(min(max(follows, SHORTEST_RUN), LONGEST_RUN))
    if disturbance.kind == "start-up":
        rising = Condition(before.vin, before.rload, rising=loop.reference / periods * point.fsw)
        stretches = (Stretch(rising, periods), Stretch(before, periods))
        return ClosedLoopPlan(design, regulation, disturbance, loop, loop.at_rest, stretches)
    stretches = (Stretch(before, LEAD), Stretch(after, periods))
    start = loop.orbit(before)
    return ClosedLoopPlan(design, regulation, disturbance, loop, start, stretches)


def _conditions(nominal: OperatingPoint, happens: Disturbance) -> tuple[Condition, Condition]:
    """Return what the converter is exposed to before and after."""
    vin, full = nominal.parameters["vin"], nominal.parameters["rload"]
    if happens.kind == "line-step":
        return Condition(happens.before, full), Condition(happens.after, full)
    if happens.kind == "start-up":
        return Condition(vin, full), Condition(vin, full)
    shares = happens.before, happens.after
    if happens.load == "resistor":
        first, last = (Condition(vin, full / share) for share in shares)
    else:
        current = nominal.vout / full
        first, last = (Condition(vin, _HELD * full, share * current) for share in shares)
    return first, last


def _solved_load(nominal: OperatingPoint, condition: Condition) -> float:
    """Return the resistor that draws what the load draws at the output."""
    return nominal.vout / (nominal.vout / condition.rload + condition.drawn)


def run(planned: ClosedLoopPlan) -> Answer:
    """Run a transient exactly.

    Raises:
        SolverError: the circuit has no solution on the way.
    """
    return planned.loop.run(planned.start, planned.stretches)


def figures(planned: ClosedLoopPlan, answer: Answer) -> StepFigures:
    """Return the figures of a run from its disturbance on."""
    return answer.step_figures(planned.begin, planned.periods * planned.period, _held(planned))


def _held(planned: ClosedLoopPlan) -> float:
    return planned.loop.point.vout


def deck(
    planned: ClosedLoopPlan, dialect: netlist.Dialect = "ngspice", *, measures: bool = True
) -> netlist.Deck:
    """Return the deck of a transient; it begins where the exact run does."""
    loop, point = planned.loop, planned.loop.point
    before = planned.stretches[0].condition
    names = planned.loop.state_names
    state = dict(zip(names, planned.start.power.tolist(), strict=True))
    drive = netlist.GateDrive(point.fsw, loop.duty)
    parameters = {**point.parameters, "vin": before.vin, "rload": before.rload}
    converter = netlist.Converter(point.topology.circuit, parameters, drive, state)
    return netlist.Deck(
        converter,
        planned.title,
        planned.periods,
        _stimulus(planned),
        dialect,
        measures=measures,
        steps=STEPS,
        loop=_gate_loop(planned),
    )


def _stimulus(planned: ClosedLoopPlan) -> netlist.Stimulus | None:
    """Return what happens in a deck, which is behind by its first turn-on, and does not end."""
    before, after = planned.stretches[0].condition, planned.stretches[1].condition
    period = planned.period
    begin = planned.begin + netlist.GateLoop.turn_on(period)
    end, edge = (planned.periods + 10) * period, _EDGE * period
    sign = planned.loop.point.topology.sign
    if planned.disturbance.kind == "line-step":
        return netlist.LineStep(begin, end, after.vin, edge)
    if before.drawn or after.drawn:
        return netlist.CurrentStep(begin, end, sign * before.drawn, sign * after.drawn, edge)
    if before.rload != after.rload:
        return netlist.LoadStep(begin, end, after.rload)
    return None


def _gate_loop(planned: ClosedLoopPlan) -> netlist.GateLoop:
    regulation, loop = planned.regulation, planned.loop
    system = regulation.compensator.system(regulation.values)
    voltages = planned.start.compensator + system.rest
    regulator = loop.regulator
    starts = planned.disturbance.kind == "start-up"
    return netlist.GateLoop(
        circuit=netlist.ControlCircuit(
            regulation.compensator.elements(regulation.values),
            dict(zip(system.states, voltages.tolist(), strict=True)),
            loop.reference,
            loop.point.topology.inverting,
            planned.stretches[0].periods * planned.period if starts else 0.0,
        ),
        control=loop.control_voltage,
        rest=float(system.c @ system.rest),
        ramp=float(regulator.modulator.ramp),
        sensing=float(regulator.modulator.sensing),
        shortest_duty=regulator.shortest_duty,
        longest_duty=regulator.longest_duty,
    )


def prove(planned: ClosedLoopPlan, control: Control | None = None) -> Proof:
    """Run a transient exactly and in ngspice.

    Raises:
        SolverError: the circuit has no solution on the way.
        SpiceError: ngspice is missing, failed or timed out.
        Cancelled: the control asked for a stop.
    """
    answer = run(planned)
    written = deck(planned, measures=False)
    began = time.perf_counter()
    raw = ngspice.run(written.text(), timeout=TIMEOUT, control=control, stop_time=written.end_time)
    seconds = time.perf_counter() - began
    waveforms = ngspice.to_waveforms(raw, planned.loop.point.topology.circuit, planned.period)
    sign, late = planned.loop.point.topology.sign, netlist.GateLoop.turn_on(planned.period)
    output = sign * waveforms.signals["v(out)"]
    last = planned.periods * planned.period - late
    count = int((last - planned.begin) / planned.period * _MEANS)
    ends = planned.begin + np.arange(1.0, count + 1.0) * planned.period / _MEANS
    return Proof(
        answer=answer,
        figures=figures(planned, answer),
        ends=ends,
        exact=answer.means(ends),
        simulated=_means(waveforms.time - late, output, ends, planned.period),
        seconds=seconds,
        regulated=_held(planned),
    )


def _means(instants: FloatArray, signal: FloatArray, ends: FloatArray, length: float) -> FloatArray:
    """Return the means of a signal over a length before each instant."""
    areas = np.diff(instants) * (signal[1:] + signal[:-1]) / 2
    integral = np.concatenate(([0.0], np.cumsum(areas)))
    rise = np.interp(ends, instants, integral) - np.interp(ends - length, instants, integral)
    return np.asarray(rise / length)
