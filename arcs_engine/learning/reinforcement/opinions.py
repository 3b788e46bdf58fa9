"""What ngspice says of designs that a policy drew."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.analysis.verification import measured, verify
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import InfeasibleError, SpiceFailedError, SpiceTimeoutError
from arcs_engine.learning.reinforcement.groups import Group
from arcs_engine.learning.reinforcement.rewards import Outcome
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.candidates import evaluate_many
from arcs_engine.performance.cost import Reference
from arcs_engine.performance.design import Design
from arcs_engine.performance.references import textbook_reference
from arcs_engine.performance.verdict import STATUSES, reward_of

_REFUTED = 10.0
"""Excess of a design that ngspice does not confirm, as of any check that is not gradual."""


@dataclass(frozen=True)
class Asked:
    """A design that ngspice is asked about.

    Attributes:
        spec: what it must do.
        candidate: the design as the solver judged it.
        reference: what costs 1, shape (1,).
    """

    spec: Spec
    candidate: Candidate
    reference: Reference


@dataclass(frozen=True)
class Opinion:
    """What ngspice said of a design, or that it could not say anything.

    Attributes:
        simulated: whether it reached a steady state that could be judged.
        confirmed: requirement N4.
        cost: with the losses of the simulation at full load.
        points: the 8-point reward of the simulation's figures.
    """

    simulated: bool = False
    confirmed: bool = False
    cost: float = np.inf
    points: float = 1.0

    def write(self, outcome: Outcome, row: int, alike: NDArray[np.bool_]) -> None:
        """Correct what became of some designs of a task, which are all this one.

        Args:
            outcome: what the solver says; changed.
            row: of the task.
            alike: which of its designs, (k,).
        """
        refuted = alike & outcome.met[row] & (not self.confirmed)
        outcome.asked[row, alike] = True
        outcome.confirmed[row, alike] = self.confirmed
        outcome.met[row, refuted] = False
        outcome.excess[row, refuted] = _REFUTED
        outcome.status[row, refuted] = STATUSES.index("unsolved")
        outcome.cost[row, alike] = self.cost
        outcome.points[row, alike] = self.points
        if not self.simulated:
            outcome.excess[row, alike] = np.inf


def asked_about(group: Group) -> list[Asked]:
    """Return a group's distinct designs as ngspice is asked about them."""
    task = group.task
    spec = msgspec.structs.replace(task.spec, topology=task.topology.name)
    reference = textbook_reference(task.topology, SpecBatch.of([spec]))
    designs = [Design(spec, values) for values in group.designs()]
    return [Asked(spec, each, reference) for each in evaluate_many(designs, "model", reference)]


@dataclass(frozen=True)
class Spice:
    """ngspice, several runs at a time.

    Attributes:
        simulations: at a time; each is a process of its own.
        from_rest: whether they begin cold instead of in the solved steady state.
    """

    simulations: int
    from_rest: bool = False

    def opinions(self, asked: Sequence[Asked], control: Control) -> list[Opinion]:
        """Simulate designs side by side; one that cannot be simulated costs the others nothing.

        Raises:
            SpiceError: ngspice is missing.
            Cancelled: a stop was asked for.
        """
        quiet = Control(lambda _fraction, _text: None, control.stop)
        with ThreadPoolExecutor(self.simulations) as pool:
            return list(pool.map(partial(self._opinion, control=quiet), asked))

    def _opinion(self, asked: Asked, control: Control) -> Opinion:
        spec, candidate = asked.spec, asked.candidate
        if candidate.metrics is None:
            return Opinion()
        try:
            said, waveforms = verify(spec, candidate, control, from_rest=self.from_rest)
        except (SpiceFailedError, SpiceTimeoutError, InfeasibleError):
            return Opinion()
        if not said.steady:
            return Opinion()
        found = measured(spec, candidate, said, waveforms).metrics
        assert found is not None
        reward = reward_of(
            np.ones(1, dtype=bool),
            np.array([found.vout_error]),
            np.array([found.efficiency]),
            np.array([found.ripple]),
        )
        return Opinion(True, said.confirmed, _cost(asked, sum(found.losses.values())), reward[0])


def _cost(asked: Asked, losses: float) -> float:
    """Return what a design costs with other losses at full load, W."""
    solved = asked.candidate.metrics
    assert solved is not None
    if solved.mean_loss is None or solved.volume is None:
        return np.inf
    # Half of the mean loss is that at full load, the other half four times that at a quarter.
    loss = solved.mean_loss + (losses - sum(solved.losses.values())) / 2
    cost = asked.reference.cost(asked.spec.weight, np.array([loss]), np.array([solved.volume]))
    return float(cost[0])
