"""The answer of a regulated converter to a start or a step, as it is printed and stored."""

from dataclasses import asdict
from typing import Final

import msgspec

from arcs_engine.analysis.closed_loop import ClosedLoopPlan, Proof, figures, run
from arcs_engine.analysis.transient_figures import Kind
from arcs_engine.simulation.closed_loop import Answer
from arcs_engine.simulation.waveforms import Waveforms

NOTE: Final = "closed loop"


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """What ngspice says of an exact run.

    Attributes:
        agrees: whether the extremes of the output's mean are the same.
        distance: of these extremes, V.
        allowed: distance that an agreement allows, V.
        seconds: that ngspice took.
    """

    agrees: bool
    distance: float
    allowed: float
    seconds: float


class ClosedLoopReport(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a transient with the loop closed.

    Attributes:
        kind: which.
        note: what must be known to read them.
        control: ``voltage`` or ``current``.
        compensator: name of its circuit.
        parts: values of its parts by name, SI units.
        crossover: that was aimed at, Hz.
        reference: V.
        periods: simulated.
        begin: of the disturbance, s.
        figures: see `simulation.closed_loop.StepFigures`; None for what does not happen.
        ngspice: its word; None where it was not asked.
    """

    kind: Kind
    note: str
    control: str
    compensator: str
    parts: dict[str, float]
    crossover: float
    reference: float
    periods: int
    begin: float
    figures: dict[str, float | None]
    ngspice: Agreement | None


def report(planned: ClosedLoopPlan, proof: Proof | None) -> tuple[ClosedLoopReport, Answer]:
    """Return the figures of a transient with its exact run.

    Args:
        planned: what happens.
        proof: the exact run beside ngspice's; None to run it exactly alone.

    Raises:
        SolverError: the circuit has no solution on the way.
    """
    answer = run(planned) if proof is None else proof.answer
    regulation = planned.regulation
    word = None if proof is None else _word(proof)
    made = ClosedLoopReport(
        kind=planned.disturbance.kind,
        note=NOTE,
        control=regulation.modulator.control,
        compensator=regulation.compensator.name,
        parts=dict(regulation.values),
        crossover=regulation.crossover,
        reference=planned.loop.reference,
        periods=planned.periods,
        begin=planned.begin,
        figures=asdict(figures(planned, answer)),
        ngspice=word,
    )
    return made, answer


def _word(proof: Proof) -> Agreement:
    return Agreement(
        agrees=proof.agrees,
        distance=proof.distance,
        allowed=proof.allowed,
        seconds=proof.seconds,
    )


def waveforms(planned: ClosedLoopPlan, answer: Answer) -> Waveforms:
    """Return output, inductor current and control voltage of an exact run."""
    topology = planned.loop.point.topology
    signals = {
        "v(out)": topology.sign * answer.output,
        f"i({topology.main_inductor})": answer.current,
        "v(control)": answer.control,
    }
    return Waveforms(answer.time, signals, planned.period, "steady")
