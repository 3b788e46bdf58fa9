"""Junction temperatures of worst parts, and a search's way out of too hot a design."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology
from arcs_engine.performance import thermal
from arcs_engine.performance.corners import CORNERS, assess, solve_corners
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.metrics import PartFigure
from arcs_engine.performance.verdict import judge
from arcs_engine.performance.worst_parts import HOT_SILICON, at_corners

BOOST = Spec(topology="boost", vin=12.0, vin_min=6.0, vin_max=18.0, vout=24.0, iout=2.0, fsw=440e3)


def boosts(on_resistances):
    count = len(on_resistances)
    values = {
        "L1": np.full(count, 6.8e-6),
        "Cout": np.full(count, 60e-6),
        "Cout_esr": np.full(count, 2e-3),
        "Q1_rds_on": np.array(on_resistances),
    }
    return Designs.of(topology("boost"), values, SpecBatch.of([BOOST] * count))


@given(
    ambient=st.floats(-40, 105),
    resistance=st.floats(20, 300),
    constant=st.floats(0, 3),
    conducted=st.floats(0, 5),
    rise=st.sampled_from([thermal.ON_RESISTANCE_RISE, -3e-3]),
)
def test_that_a_part_heats_itself_beyond_the_limit_exactly_where_it_gets_hotter(
    ambient, resistance, constant, conducted, rise
):
    balance = [np.array([x]) for x in (resistance, constant, conducted)]
    heating = thermal.heating(ambient, *balance, rise)[0]
    hot = thermal.junction_temperature(ambient, *balance, rise)[0]
    assert np.isfinite(heating)
    if abs(heating - 1) > 1e-9:
        assert (heating > 1) == (hot > thermal.JUNCTION_LIMIT)


def test_that_of_two_switches_that_run_away_the_larger_die_is_nearer():
    found = judge(boosts([0.12, 0.11, 0.1]))  # of the largest package, too
    assert found.failures["heat"].all()
    assert np.isinf(found.assessment.corners.heat["Q1"]).any(axis=1).all()
    assert (np.diff(found.excess) < 0).all()
    assert (found.excess > 1).all()


def test_that_the_corners_heat_silicon_once():
    """Worst parts are solved with hot silicon; die and package are those that are bought cold."""
    spec = msgspec.structs.replace(BOOST, fsw=50e3)  # edges hardly heat
    values = {"L1": 60e-6, "Cout": 600e-6, "Cout_esr": 2e-3, "Q1_rds_on": 0.015}
    designs = Designs.stacked([Design(spec, values)])
    found = assess(designs)
    place = CORNERS.index(("vin_min", 1.0))
    worst = solve_corners(at_corners(designs), np.array([place]))
    rms = worst.currents[PartFigure("Q1", "rms")]
    resistance = thermal.mosfet_thermal_resistance(found.packages["Q1"])
    conducted = 0.015 * rms**2
    assert worst.losses["Q1"] == pytest.approx(conducted * HOT_SILICON, rel=1e-3)
    alone = thermal.junction_temperature(
        spec.ambient, resistance, np.zeros(1), conducted, thermal.ON_RESISTANCE_RISE
    )
    rise = found.corners.heat["Q1"][0, place] - spec.ambient
    assert alone[0] - spec.ambient < rise < 1.2 * (alone[0] - spec.ambient)


@pytest.mark.parametrize(("fsw", "least", "most"), [(400e3, 30e-9, 30e-9), (2.2e6, 5e-9, 10e-9)])
def test_that_a_second_switch_waits_as_long_as_its_driver_lets_it(fsw, least, most):
    spec = msgspec.structs.replace(BOOST, topology="boost_synchronous", fsw=fsw)
    values = {"L1": 6.8e-6, "Cout": 60e-6, "Cout_esr": 2e-3, "Q1_rds_on": 0.01}
    waits = Designs.stacked([Design(spec, values)]).parameters["Q2.dead_time"][0]
    assert least * (1 - 1e-9) <= waits <= most * (1 + 1e-9)


def test_that_a_rectifier_loses_less_in_a_hot_place():
    found = [
        assess(replace(boosts([0.008]), specs=SpecBatch.of([at])))
        for at in (msgspec.structs.replace(BOOST, ambient=ambient) for ambient in (25.0, 85.0))
    ]
    cold, hot = (each.modelled[PartFigure("D1", "warm fall")][0] for each in found)
    assert hot < cold < 0
    # 60 K at some -1.5 mV/K and 2 A.
    assert cold - hot == pytest.approx(60 * 1.5e-3 * BOOST.iout, rel=0.4)
    assert found[1].loss[0] != found[0].loss[0]
