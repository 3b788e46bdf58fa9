"""Who grades designs: the one judge, by the solver alone or with ngspice's word.

A judge gets the specs themselves, not the tokens in which the model reads them.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Tensor

from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.foundation.control import Control
from arcs_engine.learning.reinforcement.config import ReinforcementConfig
from arcs_engine.learning.reinforcement.groups import Group
from arcs_engine.learning.reinforcement.opinions import Spice, asked_about
from arcs_engine.learning.reinforcement.policy import Questions
from arcs_engine.learning.reinforcement.rewards import Outcome
from arcs_engine.learning.reinforcement.tasks import by_topology
from arcs_engine.performance.design import Designs
from arcs_engine.performance.references import textbook_reference
from arcs_engine.performance.verdict import judge
from arcs_engine.sizing.search.trials import IntArray


class Judge(Protocol):
    """Says what designs are worth."""

    def outcome(self, questions: Questions, choices: Tensor, control: Control) -> Outcome:
        """Judge designs.

        Args:
            questions: n tasks.
            choices: k designs of each by the numbers of their values, (n, k, s).
            control: asked often whether to stop.
        """


class SteadyJudge:
    """The judge of everything else: the solver, in batches of one topology."""

    def outcome(self, questions: Questions, choices: Tensor, control: Control) -> Outcome:
        """Judge designs by the solver, each distinct one once."""
        outcome = Outcome.empty((choices.shape[0], choices.shape[1]))
        for rows in by_topology(questions.tasks).values():
            control.checkpoint()
            groups = [Group.of(questions, choices, row) for row in rows]
            owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
            found = _judged(groups, owner)
            for number, (row, group) in enumerate(zip(rows, groups, strict=True)):
                outcome.put(row, found.take(np.flatnonzero(owner == number)[group.place]))
        return outcome


def _judged(groups: list[Group], owner: IntArray) -> Outcome:
    """Judge the distinct designs of groups of one topology, arrays of shape (1, m)."""
    topology = groups[0].task.topology
    specs = SpecBatch.of([group.task.spec for group in groups])
    reference = textbook_reference(topology, specs)
    values = {
        value.name: np.concatenate([group.values[value.name] for group in groups])
        for value in topology.design_values
    }
    designs = Designs.of(topology, values, specs.take(owner))
    found = judge(designs, reference.take(owner))
    outcome = Outcome.empty((1, len(owner)))
    outcome.met[0], outcome.cost[0] = found.meets_spec, found.cost
    outcome.excess[0], outcome.points[0] = found.excess, found.reward
    outcome.status[0] = found.status
    return outcome


@dataclass(frozen=True)
class SpiceJudge:
    """ngspice's word on every design, on top of the solver's at the corners.

    A design that ngspice does not confirm fails. The points of the reward are those of ngspice's
    figures, and the cost has ngspice's losses at full load in the place of the solver's.

    Attributes:
        spice: who simulates.
    """

    spice: Spice

    def outcome(self, questions: Questions, choices: Tensor, control: Control) -> Outcome:
        """Judge designs by ngspice, each distinct one once."""
        outcome = SteadyJudge().outcome(questions, choices, control)
        groups = [Group.of(questions, choices, row) for row in range(len(questions))]
        said = iter(
            self.spice.opinions([one for group in groups for one in asked_about(group)], control)
        )
        for row, group in enumerate(groups):
            for number in range(len(group)):
                next(said).write(outcome, row, group.place == number)
        return outcome


@dataclass(frozen=True)
class AuditedJudge:
    """The solver, audited: ngspice has the last word on some designs of each step.

    Attributes:
        spice: who simulates.
        count: designs of each step that it is given, of those that meet their spec.
    """

    spice: Spice
    count: int

    def outcome(self, questions: Questions, choices: Tensor, control: Control) -> Outcome:
        """Judge designs by the solver, and take back what ngspice refutes."""
        outcome = SteadyJudge().outcome(questions, choices, control)
        met = np.argwhere(outcome.met)
        spread = np.linspace(0, max(len(met) - 1, 0), min(self.count, len(met))).astype(int)
        audited = met[spread].tolist()
        asked = []
        for row, column in audited:
            asked += asked_about(Group.of(questions, choices[:, column : column + 1], row))
        said = self.spice.opinions(asked, control)
        for (row, column), opinion in zip(audited, said, strict=True):
            alike = (choices[row] == choices[row, column]).all(dim=1).numpy()
            opinion.write(outcome, row, alike)
        return outcome


def judge_of(config: ReinforcementConfig) -> Judge:
    """Return the judge that a config names."""
    spice = Spice(config.simulations, from_rest=config.backend == "cold")
    match config.backend:
        case "steady":
            return SteadyJudge()
        case "audited":
            return AuditedJudge(spice, config.audit)
        case "ngspice" | "cold":
            return SpiceJudge(spice)
