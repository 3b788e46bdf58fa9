"""The tracks of specs: what is drawn, and what it means (requirements K1, K2 and K6)."""

from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from arcs_engine.bench.designs import random_designs
from arcs_engine.bench.reports import development_specs
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import JobError
from arcs_engine.learning.datasets.shards import ASKED, Shard, specs_of
from arcs_engine.learning.datasets.specs import REAL_WORK, draw
from arcs_engine.learning.model_evaluation import tasks

OLDER = [
    (11.450751668081649, 10.305676501273485, 4.805981428382867, 0.9098741157803959, 1e5, 0.01),
    (12.640017508393592, 11.376015757554233, 6.279747855486305, 4.5258188183896095,
     94007.41040342589, 0.02),
    (45.951172807712005, 36.76093824616961, 8.204146816010779, 0.40774046574058515,
     62676.085979125455, 0.02),
]  # fmt: skip
"""Vin, Vin min, Vout, Iout, fsw and ripple of a spec of track A and two of C, seed 0."""

BASES = list(REGISTRY)


def test_that_the_older_tracks_are_drawn_as_they_were_and_mean_what_they_meant():
    """Their first specs of seed 0, as they were drawn before there was a track D."""
    drawn = {track: tasks.draw(track, 2, seed=0) for track in "ABC"}
    quantities = [
        (t.spec.vin, t.spec.vin_min, t.spec.vout, t.spec.iout, t.spec.fsw, t.spec.ripple)
        for t in (drawn["A"][1], drawn["C"][1], drawn["C"][12])
    ]
    assert np.array(quantities) == pytest.approx(np.array(OLDER), rel=1e-12)
    for task in chain.from_iterable(drawn.values()):
        asked = task.spec
        assert (asked.deviation, asked.weight) == (None, 0.5)
        assert (asked.ripple_current, asked.longest_duty) == ("none", "none")


@pytest.fixture(scope="module")
def real_work():
    return tasks.draw("D", 60, seed=4)


def test_that_track_d_stays_in_the_ranges_of_real_work(real_work):
    inputs = {"buck": (4, 75), "flyback": (9, 400), "forward": (24, 400)}
    watts = {"buck": 240, "forward": 240}
    for task in real_work:
        spec, name = task.spec, task.spec.topology
        low, high = inputs.get(name, (3, 60))
        assert low <= spec.vin_min <= spec.vin_max <= high
        assert spec.pout <= watts.get(name, 100)
        assert 50e3 <= spec.fsw <= 2.2e6
        assert 0.2 <= spec.iout <= 20
        if name == "flyback":
            assert 3.3 <= spec.vout <= 48
        first, last = spec.load_step
        assert last == 1
        assert 0.25 <= last - first <= 0.75
        assert spec.deviation in {None, 0.02, 0.03, 0.05, 0.1}
        assert (spec.ambient, spec.weight, spec.ripple_current) == (40, 0.6, "custom")


def test_that_track_d_spans_its_ranges(real_work):
    specs = [task.spec for task in real_work]
    assert min(s.fsw for s in specs) < 60e3
    assert max(s.fsw for s in specs) > 2e6
    assert max(s.vin_max for s in specs) > 350
    assert {s.deviation for s in specs} == {None, 0.02, 0.03, 0.05, 0.1}
    assert len({s.topology for s in specs}) == 7


def test_that_switches_of_track_d_have_the_time_to_turn_on(real_work):
    for spec in (task.spec for task in real_work if not task.topology.isolated):
        topology = REGISTRY[spec.topology]
        inputs = np.array([spec.vin_min, spec.vin_max])
        longest, shortest = topology.ideal_duty(inputs, np.full(2, spec.vout))
        assert shortest / spec.fsw >= 60e-9
        assert longest <= topology.max_duty


def test_that_track_d_repeats_with_its_seed():
    assert tasks.draw("D", 3, seed=5) == tasks.draw("D", 3, seed=5)
    assert tasks.draw("D", 3, seed=5) != tasks.draw("D", 3, seed=6)


def test_that_the_development_specs_are_those_that_their_command_makes(tmp_path):
    kept = Path(__file__).parents[1] / "data" / "specs_track_d.json"
    made = tmp_path / "specs.json"
    assert development_specs.main([str(made)]) == 0
    assert made.read_bytes() == kept.read_bytes()
    read = tasks.read(kept)
    assert Counter(task.spec.topology for task in read) == dict.fromkeys(BASES, 20)
    assert not {t.spec for t in read} & {t.spec for t in tasks.draw("D", 20, seed=0)}


def test_that_random_designs_may_be_of_track_d():
    drawn = random_designs(REGISTRY["forward"], 40, np.random.default_rng(1), REAL_WORK)
    assert drawn.batch.vin_max.max() > 300
    assert np.isfinite(drawn.batch.deviation).any()


def test_that_a_topology_without_ranges_is_named_with_the_track(monkeypatch):
    topology = REGISTRY["buck"]
    monkeypatch.delitem(REAL_WORK.ranges, "buck")
    with pytest.raises(JobError, match="track D are declared for buck"):
        draw(topology, 1, np.random.default_rng(0), REAL_WORK)


def test_that_a_shard_from_before_the_load_step_gives_specs_without_one():
    asked = np.array([[10.8, 12, 13.2, 5, 2, 3e5, 0.01, 0.99]])
    assert len(ASKED) == asked.shape[1]
    none = np.zeros(0, dtype=np.int64)
    empty = Shard(asked, none, np.zeros((0, 4)), np.zeros((0, 3)), none, none)
    (spec,) = specs_of(empty, "buck")
    assert (spec.vin, spec.weight) == (12, 0.95)
    assert (spec.deviation, spec.ripple_current, spec.longest_duty) == (None, "none", "none")
