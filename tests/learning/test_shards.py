"""What a shard says of a design: a label of the vocabulary, and values that lead back to it."""

import msgspec
import numpy as np
import pytest

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.learning.datasets import making, specs
from arcs_engine.learning.datasets.making import judged_shard
from arcs_engine.learning.datasets.shards import NO_TARGET, Shard
from arcs_engine.learning.training.config import TrainingConfig
from arcs_engine.learning.training.dataset import Dataset
from arcs_engine.learning.training.loss import Labeller
from arcs_engine.model.tokens.vocabulary import STATUS_LABELS
from arcs_engine.performance.verdict import STATUSES
from arcs_engine.sizing.search.ledger import Ledger
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.trials import Trials

BUCK = Spec(vin=12, vin_min=10, vin_max=14, vout=5, iout=2, fsw=300e3, ripple=0.1)
FLYBACK = Spec(
    vin=24, vin_min=18, vin_max=36, vout=12, iout=1, fsw=100e3, ripple=0.1, ripple_current="none"
)
FREE = msgspec.structs.replace(BUCK, deviation=None, ripple_current=0.3)
CALM = msgspec.structs.replace(BUCK, deviation=None)
CONFIG = TrainingConfig(name="banks", model="tiny", batch=64, failures=1.0)


def label_of(status):
    return STATUS_LABELS[making._LABEL_OF_STATUS[STATUSES.index(status)]]


def anywhere(topology, count):
    """Return what is bought for designs all over the ranges, one for each of as many specs."""
    rng = np.random.default_rng(5)
    problems = Problems.of(topology, specs.draw(topology, count, rng))
    return problems, problems.values(Trials.of_each(problems.lattice.anywhere((count,), rng)))


def test_that_every_verdict_has_a_label_and_only_what_is_good_is_called_good():
    assert len(making._LABEL_OF_STATUS) == len(STATUSES)
    assert [status for status in STATUSES if label_of(status) == "good"] == ["good"]


def test_that_a_check_which_the_vocabulary_knows_keeps_its_name_and_all_others_have_one():
    known = set(STATUSES) & set(STATUS_LABELS)
    assert {label_of(status) for status in known} == known
    assert set(making.LIKE) == set(STATUSES) - set(STATUS_LABELS)


@pytest.mark.parametrize(
    ("topology", "spec", "factors", "failed", "label"),
    [
        ("buck", BUCK, {"Cout": 0.2, "Cout_esr": 5.0}, "deviation", "ripple"),
        ("buck", FREE, {"L1": 0.4, "Cout": 10.0}, "ripple current", "ripple"),
        ("buck", BUCK, {"Q1_rds_on": 30.0}, "heat", "stress"),
        ("sepic", FREE, {"Cc": 0.2}, "coupling", "ripple"),
        ("flyback", FLYBACK, {"T1_n": 1.6}, "duty", "infeasible"),
    ],
)
def test_that_a_shard_says_by_what_remedy_a_design_fails(topology, spec, factors, failed, label):
    problems = Problems.of(REGISTRY[topology], [spec])
    ledger = Ledger(problems, 2)
    values = problems.values(Trials.of_each(problems.textbook()))
    changed = values | {name: factor * values[name] for name, factor in factors.items()}
    ledger.score(Trials.of_each(problems.lattice.nearest(changed)))
    _, judged = ledger.record()
    assert [STATUSES[status] for status in judged.status] == [failed]
    assert [STATUS_LABELS[status] for status in judged_shard(ledger, 1).status] == [label]


def test_that_the_values_of_a_bank_lead_back_to_the_same_bank(topology):
    problems, values = anywhere(topology, 400)
    again = problems.values(Trials.of_each(problems.lattice.nearest(values)))
    for name, column in values.items():
        assert np.allclose(again[name], column, rtol=1e-9), name


def test_that_a_model_learns_every_bank_by_values_that_it_can_say(topology):
    """Capacitance and ESR of a bank stand in no series, and have no token of their own."""
    count = 60
    problems, values = anywhere(topology, count)
    names = problems.lattice.names
    designs = np.stack([values[name] for name in names], axis=1)
    on_grid = Lattice(topology).values(problems.lattice.nearest(values))
    assert not np.allclose(on_grid["Cout"], values["Cout"], rtol=1e-3)
    asked = np.stack([getattr(problems.specs, name) for name in making.ASKED], axis=1)
    good = np.arange(count) % 2 == 0
    shard = Shard(
        asked=asked,
        owner=np.arange(count),
        values=designs,
        reached=np.tile([0.01, 0.9, 1.0], (count, 1)),
        status=np.where(good, 0, STATUS_LABELS.index("ripple")),
        rank=np.where(good, 0, NO_TARGET),
    )
    examples = Dataset({topology.name: shard}, CONFIG, 1)
    labeller = Labeller((topology.name,), CONFIG)
    for batch in (*examples.epoch(0), *examples.validation(), *examples.validation_failures()):
        labels = labeller.labels(batch)
        shares = labels.shares[labels.component_value].sum(dim=-1)
        assert len(shares) == len(names) * len(batch.topologies)
        assert np.allclose(shares.numpy(), 1.0)
