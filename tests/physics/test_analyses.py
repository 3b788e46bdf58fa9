"""Corners, maps, sweeps and tolerances say what the judge says, point by point."""

import json

import msgspec
import numpy as np
import pytest
from converters import design_of, evaluated, ordinary_spec, spec_of, textbook_values
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine import cli
from arcs_engine.analysis.grid import corners, efficiency_map, load_curve
from arcs_engine.analysis.monte_carlo import Draw, monte_carlo, spearman, wilson
from arcs_engine.analysis.subject import Subject
from arcs_engine.analysis.sweep import spaced, sweep
from arcs_engine.analysis.tolerances import DEFAULTS, factors, tolerances
from arcs_engine.circuits.parts.capacitor_range import NAMES
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import DesignError, InputError
from arcs_engine.performance.regulation import with_corners

BUCK = REGISTRY["buck"]


def subject_of(topology, **changes):
    spec = ordinary_spec(topology)
    return Subject(design_of(spec, topology, textbook_values(topology, spec) | changes))


@pytest.fixture(scope="module")
def buck():
    return subject_of(BUCK)


def test_that_the_corners_are_three_inputs_at_ten_loads(topology):
    subject = subject_of(topology)
    found = corners(subject)
    spec = subject.spec
    assert set(found.vin) == {spec.vin_min, spec.vin, spec.vin_max}
    assert found.load == pytest.approx(np.linspace(0.1, 1.0, 10))
    assert len(found.points) == len(found.vin) * 10


def test_that_the_corners_are_those_of_the_judge(topology):
    subject = subject_of(topology)
    judged = evaluated(subject.spec, topology, subject.design.values)
    (judged,) = with_corners(subject.spec, [judged])
    found = corners(subject)
    for corner in judged.metrics.corners:
        point = found.at(found.vin.index(corner.vin), found.load.index(corner.load))
        assert point.duty == pytest.approx(corner.duty, rel=1e-6)
        assert point.ripple == pytest.approx(corner.ripple, rel=1e-6)
        assert point.efficiency == pytest.approx(corner.efficiency, rel=1e-6)
        assert point.mode == corner.mode
    nominal = found.at(found.vin.index(subject.spec.vin), 9)
    metrics = judged.metrics
    assert nominal.efficiency_estimated == pytest.approx(metrics.efficiency_estimated, rel=1e-6)
    assert nominal.loss == pytest.approx(sum(metrics.losses.values()), rel=1e-6)
    assert found.meets_spec == judged.meets_spec


def test_that_a_corner_that_fails_says_how(buck):
    tight = Subject(design_of(buck.spec, BUCK, {**buck.design.values, "Cout": 1e-6}))
    found = corners(tight)
    assert not found.meets_spec
    assert any("ripple" in sentence for point in found.points for sentence in point.fails)


def test_that_a_design_without_an_operating_point_is_refused_with_its_limit():
    boost = REGISTRY["boost"]
    subject = subject_of(boost)
    heavy = Subject(
        design_of(subject.spec, boost, subject.design.values, overrides={"L1.dcr": 50.0})
    )
    with pytest.raises(DesignError, match="no operating point"):
        corners(heavy)


def test_that_the_map_and_the_load_curve_agree_where_they_meet(buck):
    spec = buck.spec
    chart, curve = efficiency_map(buck, 3, 2), load_curve(buck, 2)
    assert chart.table("efficiency").shape == (3, 2)
    full = chart.at(chart.vin.index(spec.vin_min), 1), curve.at(curve.vin.index(spec.vin_min), 1)
    assert full[0].efficiency == pytest.approx(full[1].efficiency, rel=1e-9)


def test_that_a_sweep_of_a_design_value_buys_new_parts(buck):
    found = sweep(buck, "L1", spaced(10e-6, 100e-6, 3))
    for value, candidate in zip(found.values, found.candidates, strict=True):
        alone = evaluated(buck.spec, BUCK, {**buck.design.values, "L1": value})
        assert candidate.metrics.efficiency_estimated == pytest.approx(
            alone.metrics.efficiency_estimated, rel=1e-6
        )
    assert np.all(np.diff(found.column("inductor_ripple")) < 0)


def test_that_a_sweep_of_a_parameter_is_what_setting_it_gives(buck):
    found = sweep(buck, "L1.dcr", np.array([0.01, 0.1]))
    for value, candidate in zip(found.values, found.candidates, strict=True):
        alone = evaluated(buck.spec, BUCK, buck.design.values, overrides={"L1.dcr": value})
        assert candidate.metrics.losses["L1"] == pytest.approx(alone.metrics.losses["L1"])


@pytest.mark.parametrize("name", ["vin", "iout", "fsw"])
def test_that_a_sweep_of_the_operating_point_keeps_the_parts(buck, name):
    centre = getattr(buck.spec, name)
    found = sweep(buck, name, np.array([0.9, 1.0, 1.1]) * centre)
    nominal = evaluated(buck.spec, BUCK, buck.design.values).metrics
    assert found.points[1].efficiency == pytest.approx(nominal.efficiency, rel=1e-6)
    assert found.column("ripple")[1] == pytest.approx(nominal.ripple, rel=1e-6)
    if name == "fsw":  # the ripple of a filter falls with the square of the frequency or faster
        assert found.column("ripple")[0] > found.column("ripple")[2]


def test_that_a_sweep_of_what_is_not_there_names_what_is(buck):
    with pytest.raises(DesignError, match=r"no 'L9' to sweep.*L1"):
        sweep(buck, "L9", np.array([1.0]))
    with pytest.raises(InputError, match="positive value up"):
        spaced(2.0, 1.0, 5)
    with pytest.raises(InputError, match="2 to 500"):
        spaced(1.0, 2.0, 1)


def test_that_every_technology_of_sold_capacitors_has_a_tolerance():
    assert set(NAMES) <= set(DEFAULTS)


def test_that_exact_parts_make_every_supply_the_nominal_one(topology):
    subject = subject_of(topology)
    found = monte_carlo(subject, Draw(5, dict.fromkeys(DEFAULTS, 0.0)))
    nominal = evaluated(subject.spec, topology, subject.design.values)
    assert found.passed == (5 if nominal.meets_spec else 0)
    means = {each.figure: each.mean for each in found.histograms}
    assert means["ripple"] == pytest.approx(nominal.metrics.ripple, rel=1e-6)
    assert means["efficiency_estimated"] == pytest.approx(
        nominal.metrics.efficiency_estimated, rel=1e-6
    )


def test_that_tolerances_do_not_buy_other_parts(buck):
    """A coil 20 % large keeps its winding: only its ripple changes."""
    only = dict.fromkeys(DEFAULTS, 0.0) | {"inductance": 0.2}
    found = monte_carlo(buck, Draw(200, only, seed=3))
    ripple = next(each for each in found.histograms if each.figure == "inductor_ripple")
    nominal = evaluated(buck.spec, BUCK, buck.design.values).metrics.inductor_ripple
    # ΔI goes with 1 / L, and the mean of 1 / x over 0.8 to 1.2 is ln(1.5) / 0.4.
    assert ripple.mean == pytest.approx(nominal * np.log(1.5) / 0.4, rel=0.02)
    assert ripple.edges[0] == pytest.approx(nominal / 1.2, rel=0.02)
    assert ripple.edges[-1] == pytest.approx(nominal / 0.8, rel=0.02)
    most = found.influences[0]
    assert (most.tolerance, abs(most.correlation)) == ("L1", pytest.approx(1.0, abs=1e-6))


def test_that_the_yield_counts_what_fails(buck):
    ripple = evaluated(buck.spec, BUCK, buck.design.values).metrics.ripple
    spec = msgspec.structs.replace(buck.spec, ripple=ripple)
    tight = Subject(design_of(spec, BUCK, buck.design.values))
    found = monte_carlo(tight, Draw(400, seed=1))
    assert found.fails.keys() == {"ripple"}
    assert found.passed + found.fails["ripple"] == found.samples
    assert found.yield_low < found.yield_share < found.yield_high
    assert 0.2 < found.yield_share < 0.8  # the limit is the nominal value


def test_that_all_corners_are_harder_than_the_nominal_point(topology):
    subject = subject_of(topology)
    nominal = monte_carlo(subject, Draw(40, seed=2))
    everywhere = monte_carlo(subject, Draw(40, corners=True, seed=2))
    assert everywhere.passed <= nominal.passed
    assert [h.mean for h in everywhere.histograms] == pytest.approx(
        [h.mean for h in nominal.histograms], rel=1e-9
    )


def test_that_the_same_seed_draws_the_same_supplies(buck):
    one, other = (monte_carlo(buck, Draw(50, seed=4)) for _ in range(2))
    assert one.histograms == other.histograms
    assert monte_carlo(buck, Draw(50, seed=5)).histograms != one.histograms


def test_that_every_part_has_a_tolerance_and_windings_of_one_core_share_it(topology):
    subject = subject_of(topology)
    bought = subject.bought
    found = tolerances(bought, {})
    assert len({each.name for each in found}) == len(found)
    scaled = [name for each in found for name in each.scaled]
    assert len(set(scaled)) == len(scaled)
    assert all(name in bought.designs.parameters for name in scaled)
    if topology.core_winding:
        (core,) = (each for each in found if each.name == "T1_lm")
        assert set(core.scaled) == {winding.name for winding in topology.windings}


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
def test_that_factors_stay_within_their_width(buck, distribution):
    bought = buck.bought
    (own, *_) = tolerances(bought, {"L1": 0.3})
    drawn = factors(own, 5000, distribution, np.random.default_rng(0))
    assert np.abs(drawn - 1).max() <= 0.3
    deviation = 0.3 / np.sqrt(3) if distribution == "uniform" else 0.0987
    assert drawn.std() == pytest.approx(deviation, rel=0.03)
    assert drawn.mean() == pytest.approx(1.0, abs=0.01)


def test_that_a_tolerance_that_is_none_is_refused(buck):
    with pytest.raises(DesignError, match="no tolerance 'L7'"):
        monte_carlo(buck, Draw(10, {"L7": 0.1}))
    with pytest.raises(DesignError, match=r"0 to 0\.9"):
        monte_carlo(buck, Draw(10, {"L1": 2.0}))


@given(st.integers(1, 2000), st.floats(0, 1))
def test_that_the_wilson_interval_holds_the_share(samples, share):
    passed = round(share * samples)
    low, high = wilson(passed, samples)
    assert 0 <= low <= passed / samples + 1e-12
    assert passed / samples - 1e-12 <= high <= 1


def test_that_the_wilson_interval_is_the_published_one():
    # 81 of 263: 0.2553 to 0.3662 (Newcombe, Statistics in Medicine 17, 1998, table I, method 3).
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_that_the_rank_correlation_sees_any_monotone_relation():
    x = np.random.default_rng(0).uniform(1, 2, 300)
    assert spearman(x, x**7) == pytest.approx(1.0)
    assert spearman(x, 1 / x) == pytest.approx(-1.0)
    assert spearman(x, np.full(300, 3.0)) == 0.0
    holes = np.where(x > 1.5, np.nan, x)
    assert spearman(x, holes) == pytest.approx(1.0)


@pytest.fixture
def design(tmp_path, buck):
    spec = {f: getattr(buck.spec, f) for f in ("vin", "vin_min", "vin_max", "vout", "iout", "fsw")}
    path = tmp_path / "design.json"
    path.write_text(json.dumps({"topology": "buck", "spec": spec, "values": buck.design.values}))
    return str(path)


@pytest.mark.parametrize(
    "arguments",
    [
        ["corners"],
        ["map", "--inputs", "3", "--loads", "3"],
        ["sweep", "L1", "--from", "10u", "--to", "100u", "--count", "3"],
        ["sweep", "iout", "--from", "0.1", "--to", "2", "--spacing", "lin"],
        ["monte-carlo", "--samples", "20", "--tolerance", "L1=10%"],
    ],
)
def test_that_the_command_answers_in_text_and_json(design, capsys, arguments):
    name, *rest = arguments
    options = rest if name != "sweep" else rest[1:]
    first = [rest[0]] if name == "sweep" else []
    assert cli.main(["analyse", name, design, *first, *options]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 3
    assert cli.main(["analyse", name, design, *first, *options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seconds"] > 0


def test_that_a_tolerance_without_a_value_is_wrong_usage(design, capsys):
    assert cli.main(["analyse", "monte-carlo", design, "--tolerance", "L1"]) == 2
    assert "L1=10%" in capsys.readouterr().err


@pytest.fixture(scope="module")
def unsold():
    """A buck of 160 A: no inductor of the list stands it, whatever the corner."""
    spec = spec_of(24.0, 5.0, 160.0, 150e3, ripple=0.05)
    subject = Subject(design_of(spec, BUCK, textbook_values(BUCK, spec) | {"Q1_rds_on": 2e-3}))
    assert any("L1 must stand" in reason for reason in subject.judged.reasons)
    return subject


def test_that_an_analysis_of_a_design_that_fails_says_so_and_why(unsold, buck):
    found = corners(unsold)
    assert not found.meets_spec
    assert found.notes == (f"The design fails its spec: {unsold.judged.reasons[0]}",)
    assert corners(buck).notes == ()
    assert sweep(unsold, "vin", np.array([23.0, 25.0])).notes == found.notes


def test_that_no_supply_passes_whose_part_is_not_sold(unsold):
    found = monte_carlo(unsold, Draw(5, dict.fromkeys(DEFAULTS, 0.0)))
    assert found.passed == 0
    assert found.fails["stress L1"] == 5
    assert found.notes == unsold.notes
