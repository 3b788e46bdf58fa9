"""What a diode's recovery can cost, and what is said of one that is too slow."""

from pathlib import Path

import numpy as np
import pytest
from converters import evaluated, ordinary_spec, spec_of, textbook_values

from arcs_engine.analysis import design_file
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.performance.cautions import LEAST_EFFICIENCY
from arcs_engine.performance.corners import assess, solve_corners
from arcs_engine.performance.design import Designs
from arcs_engine.performance.losses import LossModel
from arcs_engine.performance.metrics import PartFigure
from arcs_engine.performance.regulation import with_corners

CASES = Path(__file__).parent / "cases"
SLOW, FAST = 1.0, 20e-9
"""Recovery times, s: so long that nothing but the charge itself bounds it, and an ultrafast one."""

EVERY = REGISTRY | VARIANTS
every_topology = pytest.mark.parametrize("topology", EVERY.values(), ids=EVERY)


def shown(spec, topology, values, **options):
    (found,) = with_corners(spec, [evaluated(spec, topology, values, **options)])
    return found


def read(name):
    design = design_file.read(CASES / f"{name}.json")
    return design.spec, REGISTRY[design.spec.topology], design.values, design.overrides


def test_that_a_buck_with_a_slow_diode_recovers_no_more_than_v_times_i_times_the_off_share():
    spec, topology, values, overrides = read("buck-slow-diode")
    found = shown(spec, topology, values, overrides=overrides)
    most = spec.vin * spec.iout * (1 - found.duty)
    assert most == pytest.approx(18.5, abs=0.1)
    assert found.metrics.losses["D1 recovery"] == pytest.approx(most, rel=0.01)


def test_that_a_buck_with_a_slow_diode_is_warned_of_at_the_corner_where_it_blocks_the_shortest():
    spec, topology, values, overrides = read("buck-slow-diode")
    found = shown(spec, topology, values, overrides=overrides)
    (full,) = (c for c in found.metrics.corners if (c.vin, c.load) == (24.0, 1.0))
    blocks = full.duty / spec.fsw  # while the switch is on
    assert found.warnings[-1] == (
        f"D1 never recovers within its off-time: at 24 V and 100 % load it blocks for "
        f"{blocks * 1e9:.0f} ns and takes 30 µs to recover."
    )


def recovery(topology, trr, **more):
    """Return the recovery loss at every corner and V times the rectifier's mean current there."""
    spec = spec_of(24.0, 48.0 if topology.family == "boost" else 12.0, 1.0, 150e3)
    values = {n: np.array([v]) for n, v in textbook_values(topology, spec).items()}
    batch = SpecBatch.of([spec])
    parameters = topology.parameters(values, batch)
    parameters[f"{topology.rectifier}.trr"] = np.array([trr])
    found = assess(Designs(topology, parameters | more, batch))
    points = solve_corners(found.designs, np.arange(6))
    peaks = {name: np.full(6, peak.max()) for name, peak in points.peaks.items()}
    lost = LossModel(found.designs.take(np.zeros(6, dtype=int)), points, peaks).every()
    part = "Q2" if topology.synchronous else topology.rectifier
    blocked = peaks[part] if topology.synchronous else points.peaks[part]
    return lost[PartFigure(part, "recovery")], blocked * points.rectifier_mean, points


@every_topology
def test_that_no_rectifier_gives_back_more_charge_than_it_took_in(topology):
    given = {"Q2.qrr": np.array([1.0])} if topology.synchronous else {}
    lost, most, points = recovery(topology, SLOW, **given)
    flowing = points.rectifier_valley > 0.01 * points.rectifier_peak
    assert flowing.any()
    assert lost[flowing] == pytest.approx(most[flowing])
    assert np.all(lost <= most)
    assert np.all(lost[points.rectifier_valley <= 0] == 0)


@every_topology
def test_that_the_mean_current_of_a_rectifier_is_what_the_load_takes_of_it(topology):
    """All of the load's current, or in bucks and forwards what flows while the switch is off."""
    _, _, points = recovery(topology, 0.0)
    iout = np.abs(points.pout / points.vout)
    steps_down = topology.family in ("buck", "forward")
    share = np.where(steps_down, 1 - points.duty, 1.0)
    flowing = points.rectifier_valley > 0.2 * points.rectifier_peak
    assert flowing.any()
    assert points.rectifier_mean[flowing] == pytest.approx((share * iout)[flowing], rel=0.05)


@every_topology
def test_that_the_bound_leaves_the_recovery_of_an_ordinary_diode_as_it_is(topology):
    given = {"Q2.qrr": np.array([2e-9])} if topology.synchronous else {}
    lost, most, points = recovery(topology, FAST, **given)
    flowing = np.maximum(points.rectifier_valley, 0.0)
    unbounded = points.peaks[topology.rectifier] * flowing * FAST * 150e3
    if topology.synchronous:
        unbounded = np.where(flowing > 0, 2e-9 * points.peaks["Q2"].max() * 150e3, 0.0)
    assert np.any(lost > 0)
    assert lost == pytest.approx(unbounded, rel=1e-12)
    assert np.all(lost <= most)


@pytest.mark.parametrize("name", ["buck", "boost", "flyback", "sepic"])
def test_that_a_diode_is_warned_of_from_where_it_takes_longer_than_it_blocks(name):
    topology = REGISTRY[name]
    spec = ordinary_spec(topology)
    values = textbook_values(topology, spec)
    continuous = [c for c in shown(spec, topology, values).metrics.corners if c.mode != "DCM"]
    blocks = min(corner.on_time for corner in continuous)

    def warned(share):
        found = shown(spec, topology, values, overrides={"D1.trr": share * blocks})
        return [text for text in found.warnings if "never recovers" in text]

    assert warned(0.99) == []
    assert len(warned(1.01)) == 1


def test_that_a_forwards_two_diodes_are_each_measured_by_the_time_that_they_block():
    topology = REGISTRY["forward"]
    spec = ordinary_spec(topology)
    values = textbook_values(topology, spec)
    corners = shown(spec, topology, values).metrics.corners
    longest = max(corner.off_time for corner in corners)
    found = shown(spec, topology, values, overrides={"diode.trr": longest})
    slow = [text.split()[0] for text in found.warnings if "never recovers" in text]
    assert slow == ["D2", "D1"]


def test_that_a_diode_whose_current_ends_by_itself_is_not_warned_of():
    topology = REGISTRY["boost"]
    spec = spec_of(5.0, 12.0, 0.5, 100e3)
    values = textbook_values(topology, spec) | {"L1": 1e-6, "Cout_esr": 1e-3, "Cout": 100e-6}
    found = shown(spec, topology, values, overrides={"D1.trr": SLOW})
    assert {corner.mode for corner in found.metrics.corners} == {"DCM"}
    assert not any("never recovers" in text for text in found.warnings)


def test_that_a_design_that_loses_more_than_it_gives_says_so_and_what_loses_the_most():
    spec, topology, values, overrides = read("buck-boost-poor-diode")
    found = evaluated(spec, topology, values, overrides=overrides, duty=0.5)
    assert found.metrics.efficiency_estimated < LEAST_EFFICIENCY
    assert found.warnings == (
        f"The estimated efficiency is {found.metrics.efficiency_estimated:.1%}: more is lost than "
        "the load gets, most of it as D1, 14.1 W.",
    )


def test_that_an_efficient_design_carries_no_warning_of_it(topology):
    spec = ordinary_spec(topology)
    assert evaluated(spec, topology, textbook_values(topology, spec)).warnings == ()
