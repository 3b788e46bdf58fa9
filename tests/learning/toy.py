"""A judge with one value that matters, so that learning from rewards is tested without physics."""

import numpy as np

from arcs_engine.learning.reinforcement.rewards import Outcome
from arcs_engine.model.tokens.values import legal_values

STEP = 0.1
"""What a place beside the best one costs."""


class Toy:
    """Cost rises with the distance of the first design value from a place of its legal values.

    Below the edge, designs fail, the further the worse: the best value has failures on one side.
    """

    def __init__(self, best=20, edge=19):
        self.best, self.edge = best, edge
        self.seen = []

    def answer(self, topology):
        return legal_values(topology.design_values[0])[1][self.best]

    def outcome(self, questions, choices, control):
        control.checkpoint()
        self.seen.append(questions)
        outcome = Outcome.empty(tuple(choices.shape[:2]))
        for row, task in enumerate(questions.tasks):
            value = task.topology.design_values[0]
            numbers = questions.slots.values(row, choices[row].numpy(), task)[value.name]
            place = np.searchsorted(legal_values(value)[1], numbers * (1 - 1e-9))
            outcome.met[row] = place >= self.edge
            outcome.cost[row] = 1 + STEP * np.abs(place - self.best)
            outcome.excess[row] = 1 + np.maximum(self.edge - place, 0)
            outcome.points[row] = 8 - np.minimum(np.abs(place - self.best) * 0.35, 7)
            outcome.status[row] = np.where(outcome.met[row], 0, 4)
        return outcome
