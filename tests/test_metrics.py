"""Every figure is declared once, and what is shown follows the declarations."""

from pathlib import Path

import msgspec
import pytest

from arcs_engine.performance.candidate import Candidate, entries
from arcs_engine.performance.conduction import conduction_mode
from arcs_engine.performance.metrics import (
    FIGURES,
    Corner,
    Metrics,
    Stress,
    disagreements,
    figure,
)
from arcs_engine.performance.tolerance import Tolerance

OWNERS = {"metrics": Metrics, "candidate": Candidate}


@pytest.fixture
def metrics():
    return Metrics(
        vout=-5.0,
        vout_error=0.0,
        ripple=0.004,
        inductor_ripple=0.6,
        efficiency=0.95,
        efficiency_estimated=0.92,
        pin=10.0,
        pout=9.5,
        losses={"Q1": 0.2, "D1": 0.3, "Q1 gate": 0.1},
        stress={"Q1": Stress("voltage", 16.5, 20.0, -0.03, "V")},
        energy=7.2e-4,
        residue=1e-7,
        charge_balance=1e-5,
        flux_balance=0.0,
        inductor_ripples={"L1": 0.6},
    )


@pytest.fixture
def candidate(metrics):
    return Candidate(
        rank=1, topology="buck", values={}, duty=0.44, mode="CCM", metrics=metrics, cost=0.9,
        reward=8.0, meets_spec=True,
    )  # fmt: skip


def test_that_each_figure_names_a_field_of_its_owner_once():
    names = [each.name for each in FIGURES]
    assert len(set(names)) == len(names)
    assert all(each.name in OWNERS[each.owner].__struct_fields__ for each in FIGURES)


def test_that_every_number_of_the_metrics_is_declared():
    declared = {each.name for each in FIGURES if each.owner == "metrics"}
    assert set(Metrics.__struct_fields__) - declared == {"corners"}
    assert set(Corner.__struct_fields__) - {each.name for each in FIGURES} == {"vin", "load"}


def test_that_the_names_of_the_json_contract_are_kept():
    contract = {"vout", "vout_error", "ripple", "efficiency", "efficiency_estimated", "losses"}
    contract |= {"stress", "energy"}
    assert contract <= {each.name for each in FIGURES if each.owner == "metrics"}
    assert {"duty", "mode"} == {each.name for each in FIGURES if each.owner == "candidate"}


def test_that_the_manual_explains_every_figure():
    manual = (Path(__file__).parents[1] / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert [each.name for each in FIGURES if f"`{each.name}`" not in manual] == []


def test_that_each_figure_says_what_people_need():
    for each in FIGURES:
        assert each.title
        assert each.symbol
        assert each.unit or each.name in ("mode", "stress", "banks")


def test_that_a_candidate_tells_every_figure_that_is_known_and_no_other(candidate):
    told = {entry.label: entry.text for entry in entries(candidate)}
    assert told["Output voltage"] == "-5 V"
    assert told["Duty"] == "44.0 %"
    assert told["Loss Q1 gate"] == "100 mW"
    assert told["Stress Q1"] == "16.5 V of 20 V, margin -3.00 %"
    assert told["Energy residue"] == "< 0.001 %"
    assert told["Flux balance"] == "0.00 %"
    assert not any(label.startswith(("Line", "Boundary", "On-time")) for label in told)


def test_that_an_unsolved_candidate_tells_nothing(candidate):
    unsolved = msgspec.structs.replace(candidate, metrics=None, duty=None, mode=None)
    assert entries(unsolved) == ()


def test_that_a_stress_without_a_rating_says_so():
    assert "no standard rating" in figure("stress").text(Stress("voltage", 2e3, None, -0.5, "V"))


@pytest.mark.parametrize(
    ("tolerance", "one", "other", "accepted"),
    [
        (Tolerance(relative=0.05), 1.04, 1.0, True),
        (Tolerance(relative=0.05), 1.06, 1.0, False),
        (Tolerance(relative=0.05), -1.04, -1.0, True),
        (Tolerance(relative=0.05, absolute=0.1), 0.09, 0.0, True),
        (Tolerance(absolute=0.005), 0.906, 0.9, False),
        (Tolerance(absolute=0.005), float("nan"), 0.9, False),
    ],
)
def test_that_agreement_is_within_either_limit(tolerance, one, other, accepted):
    assert tolerance.accepts(one, other) is accepted


def test_that_disagreements_are_named_with_both_values(metrics):
    assert disagreements(metrics, metrics) == ()
    other = msgspec.structs.replace(
        metrics, vout=-5.1, losses=metrics.losses | {"Q1": 0.24, "D1": 0.4}, inductor_ripples={}
    )
    voltage, ripple, loss = disagreements(metrics, other)
    assert voltage == "Output voltage: -5 V against -5.1 V"
    assert ripple == "Inductor ripple L1: 600 mA against nothing"
    assert loss == "Loss D1: 300 mW against 400 mW"  # the switch's is within 0.5 % of Pin


@pytest.mark.parametrize(
    ("idle", "valley", "mode"),
    [
        (0.0, 0.5, "CCM"),
        (0.0, 0.01, "BCM"),
        (0.01, 0.0, "BCM"),
        (0.03, 0.0, "DCM"),
    ],
)
def test_that_conduction_is_named_by_rest_and_valley(idle, valley, mode):
    assert conduction_mode(idle, valley) == mode


def test_that_metrics_of_an_earlier_version_are_read(metrics):
    stored = msgspec.to_builtins(metrics)
    later = ("inductor_ripples", "input_ripple", "on_time", "corners", "boundary_loads")
    later += ("mean_loss", "volume", "volumes", "deviation", "ripple_current")
    later += ("temperatures", "banks")
    for name in later:
        del stored[name]
    read = msgspec.convert(stored, Metrics)
    assert read.corners == ()
    assert read.vout == metrics.vout
    assert (read.volumes, read.temperatures, read.banks) == ({}, {}, {})
    unmeasured = (read.mean_loss, read.volume, read.deviation, read.ripple_current)
    assert unmeasured == (None,) * 4, "what nobody measured is not zero"
