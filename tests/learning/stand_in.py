"""A judge with a known best design, so that learning is tested without the physics."""

import time
from dataclasses import dataclass
from threading import Event as Flag

import numpy as np

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.model.card import Card
from arcs_engine.model.config import TransformerConfig
from arcs_engine.model.model import Model
from arcs_engine.model.tokens.vocabulary import STATUS_LABELS, VOCABULARY
from arcs_engine.model.transformer import Transformer

SMALLEST = TransformerConfig(width=32, layers=2, heads=2, hidden=64)


@dataclass(frozen=True)
class StandIn:
    cost: np.ndarray
    meets_spec: np.ndarray
    ripple: np.ndarray
    efficiency_estimated: np.ndarray
    reward: np.ndarray
    status: np.ndarray


def stand_in_judge(topology, values, specs, weight):
    """Cost is the distance to a power law of the spec; ripple falls with the capacitance."""
    inductance = 0.3 * specs.vout / (specs.iout * specs.fsw)
    capacitance = specs.iout / (specs.vout * specs.ripple * specs.fsw)
    first = topology.design_values[0].name
    distance = np.abs(np.log(values[first] / inductance)) + np.abs(
        np.log(values["Cout"] / capacitance)
    )
    distance = distance + np.abs(np.log(values["Q1_rds_on"] / 0.02 / (0.5 + weight)))
    ripple = specs.ripple * capacitance / values["Cout"] / 2
    meets = ripple <= specs.ripple
    status = np.where(meets, STATUS_LABELS.index("good"), STATUS_LABELS.index("ripple"))
    return StandIn(
        cost=np.where(meets, 0.5 + distance / 4, 3.0),
        meets_spec=meets,
        ripple=ripple,
        efficiency_estimated=np.clip(0.95 - 0.01 * distance, 0.3, 0.99),
        reward=np.where(meets, 8.0, 5.0),
        status=status,
    )


def untrained(config=SMALLEST, seed=0, topologies=tuple(REGISTRY)):
    transformer = Transformer(config).initialise(seed).eval()
    card = Card(
        name="untrained",
        config=config,
        vocabulary_hash=VOCABULARY.hash,
        physics_hash="none",
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
