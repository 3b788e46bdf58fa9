"""A judge with a known best design, so that learning is tested without the physics."""

import time
from threading import Event as Flag

import numpy as np

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.model.card import Card
from arcs_engine.model.config import TransformerConfig
from arcs_engine.model.model import Model
from arcs_engine.model.tokens.vocabulary import VOCABULARY
from arcs_engine.model.transformer import Transformer
from arcs_engine.performance.cost import FAILED_COST, Reference
from arcs_engine.performance.verdict import STATUSES
from arcs_engine.sizing.search.problems import FAILED, Judged, Problems

SMALLEST = TransformerConfig(width=32, layers=2, heads=2, hidden=64)


class StandIn(Problems):
    """Problems with a known best design, which nobody needs to solve a circuit for."""

    @classmethod
    def of(cls, topology, specs):
        return super().of(topology, specs, reference=Reference(np.ones(1), np.ones(1)))

    def judge(self, trials):
        """Cost is the distance to a power law of the spec; ripple falls with the capacitance."""
        specs, values = self.specs.take(trials.owner), self.values(trials)
        inductance = 0.3 * specs.vout / (specs.iout * specs.fsw)
        capacitance = specs.iout / (specs.vout * specs.ripple * specs.fsw)
        resistance = 0.02 * (0.5 + self.specs.weight[trials.owner])
        first = values[self.topology.design_values[0].name]
        distance = (
            np.abs(np.log(first / inductance))
            + np.abs(np.log(values["Cout"] / capacitance))
            + np.abs(np.log(values["Q1_rds_on"] / resistance))
        )
        ripple = specs.ripple * capacitance / values["Cout"] / 2
        meets = ripple <= specs.ripple
        cost = np.where(meets, 0.5 + distance / 4, FAILED_COST)
        return Judged(
            score=np.where(meets, cost, FAILED + ripple / specs.ripple),
            cost=cost,
            meets_spec=meets,
            if_met=np.full(len(trials), np.inf),
            status=np.where(meets, STATUSES.index("good"), STATUSES.index("ripple")),
            ripple=ripple,
            efficiency=np.clip(0.95 - 0.01 * distance, 0.3, 0.99),
        )


def untrained(config=SMALLEST, seed=0, topologies=tuple(REGISTRY), physics="none"):
    transformer = Transformer(config).initialise(seed).eval()
    card = Card(
        name="untrained",
        config=config,
        vocabulary_hash=VOCABULARY.hash,
        physics_hash=physics,
        topologies=topologies,
        parameters=transformer.parameter_count,
        arcs_version="0",
        data={},
        metrics={},
        seed=seed,
        date="2026-01-01",
        command="",
    )
    return Model(transformer, card)


def until(condition):
    """Wait for what another process does."""
    deadline = time.monotonic() + 250  # the first solve may have to compile
    while not condition():
        assert time.monotonic() < deadline
        Flag().wait(0.01)
