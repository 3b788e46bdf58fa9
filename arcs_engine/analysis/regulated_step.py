"""The load step of a spec with the loop of a design closed: exact, and proved by ngspice."""

from dataclasses import replace
from typing import Final

import numpy as np

from arcs_engine.analysis.closed_loop import (
    ClosedLoopPlan,
    Disturbance,
    figures,
    plan,
    prove,
    run,
)
from arcs_engine.analysis.loop_results import ProvedStep, RegulatedStep, StepSide
from arcs_engine.analysis.regulation import Regulation
from arcs_engine.circuits.control import COMPENSATORS
from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.control import Control
from arcs_engine.performance.design import Design
from arcs_engine.performance.judged_loop import JudgedLoop

SIDES: Final[tuple[StepSide, ...]] = ("rises", "falls")

LEAST_LOAD: Final = 0.01
"""Share of the full load that a step begins or ends at, at least: without a load, a converter with
a diode stops switching, and has no orbit to begin on."""

_MEANS: Final = 4
"""Means over a period that are shown in each period."""

_SAMPLES: Final = 40
"""Samples of the output that are shown in each period, about; the exact run has hundreds."""


def load_steps(design: Design, judged: JudgedLoop) -> tuple[RegulatedStep, ...]:
    """Run the load step of the spec both ways, at the nominal input.

    Args:
        design: with nominal parts.
        judged: its loop.

    Raises:
        SolverError: the loop holds no orbit before the step, or the circuit no solution after it.
    """
    return tuple(_exact(side, _plan(design, judged, side)) for side in SIDES)


def proved_steps(design: Design, judged: JudgedLoop, control: Control) -> tuple[ProvedStep, ...]:
    """Let ngspice simulate the same steps.

    Raises:
        SolverError: as `load_steps`.
        SpiceError: ngspice is missing, failed or timed out.
        Cancelled: the control asked for a stop.
    """
    return tuple(_proved(side, _plan(design, judged, side), control) for side in SIDES)


def _plan(design: Design, judged: JudgedLoop, side: StepSide) -> ClosedLoopPlan:
    before, after = _loads(design.spec, side)
    crossovers = [
        corner.crossover
        for corner in judged.corners
        if corner.crossover is not None and corner.load == 1.0
    ]
    regulation = Regulation(
        judged.modulator.declared,
        COMPENSATORS[judged.compensator],
        judged.parts,
        min(crossovers, default=design.spec.fsw),
    )
    return plan(
        replace(design, duty=None), regulation, Disturbance("load-step", before, after, "current")
    )


def _loads(spec: Spec, side: StepSide) -> tuple[float, float]:
    low, high = (max(share, LEAST_LOAD) for share in spec.load_step)
    return (low, high) if side == "rises" else (high, low)


def _exact(side: StepSide, planned: ClosedLoopPlan) -> RegulatedStep:
    answer = run(planned)
    found, period = figures(planned, answer), planned.period
    every = max(1, len(answer.time) // (planned.periods * _SAMPLES))
    ends = np.arange(_MEANS, planned.periods * _MEANS + 1) * period / _MEANS
    return RegulatedStep(
        side=side,
        loads=(planned.disturbance.before, planned.disturbance.after),
        regulated=planned.loop.point.vout,
        time=answer.time[::every] - planned.begin,
        output=answer.output[::every].copy(),
        ends=ends - planned.begin,
        means=answer.means(ends),
        undershoot=found.undershoot,
        overshoot=found.overshoot,
        settling=found.settling,
        saturated=found.saturated,
    )


def _proved(side: StepSide, planned: ClosedLoopPlan, control: Control) -> ProvedStep:
    proof = prove(planned, control)
    return ProvedStep(
        side=side,
        ends=proof.ends - planned.begin,
        means=proof.simulated,
        distance=proof.distance,
        agrees=proof.agrees,
        seconds=proof.seconds,
    )
