"""What ngspice says of the designs that a method ended with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arcs_engine.analysis.verification import verify
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import SpiceError
from arcs_engine.learning.model_evaluation.methods import Attempt
from arcs_engine.performance.candidate import Candidate, Confirmation
from arcs_engine.performance.verdict import FAILED_COST, evaluate


@dataclass(frozen=True)
class Confirmed:
    """ngspice's verdicts on designs that the solver says meet their spec.

    Attributes:
        asked: how many.
        confirmed: how many ngspice confirms (requirement N4).
        not_judged: how many did not settle, or could not be simulated.
        vout_error: mean |Vout error| of those that were judged, a fraction; None without any.
        reasons: what ngspice had against the others, by task.
    """

    asked: int
    confirmed: int
    not_judged: int
    vout_error: float | None
    reasons: Mapping[str, str]

    @property
    def share(self) -> float | None:
        """Confirmed of those asked; None where none was."""
        return self.confirmed / self.asked if self.asked else None


def confirm(attempts: Sequence[Attempt], count: int, control: Control) -> Confirmed:
    """Let ngspice simulate some of the designs that meet their spec, spread over the attempts.

    Args:
        attempts: of one method.
        count: most designs to simulate.
        control: for progress and cancel.
    """
    good = [each for each in attempts if each.cost < FAILED_COST]
    chosen = [good[k] for k in np.unique(np.linspace(0, len(good) - 1, count).astype(int))]
    errors: list[float] = []
    reasons: dict[str, str] = {}
    not_judged = 0
    for done, each in enumerate(chosen if good else ()):
        control.progress(done / len(chosen), f"ngspice: {each.task.name}")
        said = _verified(each, control)
        if isinstance(said, str):
            not_judged += 1
            reasons[each.task.name] = said
            continue
        if not said.confirmed:
            not_judged += not said.steady
            reasons[each.task.name] = " ".join(said.reasons)
        if said.steady:
            errors.append(abs(abs(said.vout) / each.task.spec.vout - 1))
    return Confirmed(
        asked=len(chosen) if good else 0,
        confirmed=(len(chosen) if good else 0) - len(reasons),
        not_judged=not_judged,
        vout_error=float(np.mean(errors)) if errors else None,
        reasons=reasons,
    )


def _verified(attempt: Attempt, control: Control) -> Confirmation | str:
    """Return ngspice's word, or why it has none."""
    candidate = candidate_of(attempt)
    quiet = Control(lambda _fraction, _text: None, control.stop)
    try:
        return verify(attempt.task.spec, candidate, quiet)[0]
    except SpiceError as problem:
        return str(problem)


def candidate_of(attempt: Attempt) -> Candidate:
    """Return the design that a method ended with, judged in full."""
    spec = attempt.task.spec
    return evaluate(spec, attempt.task.topology, attempt.values, origin="model")
