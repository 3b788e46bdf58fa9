"""The judge of loops: its figures by closed forms, its limits at loops that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.circuits.control import (
    COMPENSATORS,
    OpAmp,
    OpAmpTypeThree,
    OutputFilter,
    PeakCurrentMode,
    VoltageMode,
    voltage_plant,
)
from arcs_engine.circuits.spec import Spec
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.loop import LIMITS, Fitting, judge_loops, loop_corners, plants_at
from arcs_engine.performance.loop.margins import margins_of
from arcs_engine.simulation.small_signal.compensator import Compensator
from arcs_engine.simulation.small_signal.loops import analysed_gain, loops

IDEAL = OpAmp(bandwidth=1e9, gain=1e9)
L5987 = {"R1": 4990, "R3": 220, "C3": 3.3e-9, "R2": 3300, "C1": 10e-9, "C2": 180e-12}
"""ST's data sheet, DocID 14972: R1 upper, R3 and C3 across it, R2 and C1 with C2 across both."""


def one(spec, values, **overrides):
    return Designs.stacked([Design(spec, values, overrides=overrides)])


def st_buck():
    spec = Spec(
        topology="buck_synchronous",
        vin=12.0, vin_min=12.0, vin_max=12.0, vout=3.3, iout=3.0, fsw=250e3,
    )  # fmt: skip
    values = {"L1": 10e-6, "Cout": 22e-6, "Cout_esr": 1e-3, "Q1_rds_on": 0.05}
    return one(spec, values, **{"L1.dcr": 0.02, "Q2_rds_on": 0.05, "Q2.dead_time": 0.0})


def boost(load=1.0):
    spec = Spec(
        topology="boost",
        vin=12.0, vin_min=10.0, vin_max=14.0, vout=24.0, iout=load, fsw=300e3,
    )  # fmt: skip
    return one(spec, {"L1": 22e-6, "Cout": 40e-6, "Cout_esr": 2e-3, "Q1_rds_on": 0.02})


@pytest.fixture(scope="module")
def st_corners():
    return loop_corners(st_buck())


@pytest.fixture(scope="module")
def boost_corners():
    return loop_corners(boost())


def nominal(corners):
    """Return the place of full load and the whole capacitance."""
    return int(np.flatnonzero((corners.load == 1) & (corners.capacitance == 1))[0])


@settings(max_examples=60)
@given(
    integrator=st.floats(1e3, 2e4),
    pole=st.floats(3e3, 1e6),
)
def test_that_margins_are_those_of_the_closed_form(integrator, pole):
    """L = fi / jf / (1 + jf/fp): |L| = 1 is a quadratic equation in f squared."""
    frequencies = np.geomspace(10, 2e6, 400)
    f = 1j * frequencies
    found = margins_of(frequencies, integrator / f / (1 + f / pole))
    squared = pole**2 / 2 * (np.sqrt(1 + 4 * (integrator / pole) ** 2) - 1)
    crossover = np.sqrt(squared)
    assert found.crossover == pytest.approx(crossover, rel=1e-3)
    margin = 90 - np.degrees(np.arctan(crossover / pole))
    assert found.phase_margin == pytest.approx(margin, abs=0.1)
    assert np.isinf(found.gain_margin), "it never reaches -180 degrees"


def test_that_the_gain_margin_is_that_of_three_equal_poles():
    """K / (1 + jf/fp)^3 meets the negative axis at sqrt(3) fp with K / 8."""
    frequencies = np.geomspace(10, 1e6, 2000)
    found = margins_of(frequencies, 5 / (1 + 1j * frequencies / 1e4) ** 3)
    assert found.gain_margin == pytest.approx(8 / 5, rel=1e-3)


def test_that_every_crossing_counts():
    """A resonance that lifts the gain over one again has its own margin, here a bad one."""
    frequencies = np.geomspace(10, 1e6, 4000)
    f = 1j * frequencies
    gain = 500 / f / (1 + f / (30 * 1e4) + (f / 1e4) ** 2)
    found = margins_of(frequencies, gain)
    assert found.slowest == pytest.approx(500, rel=0.02)
    assert found.crossover > 1e4
    assert found.phase_margin < 0


def test_that_a_margin_beyond_180_degrees_is_not_taken_for_a_negative_one():
    frequencies = np.geomspace(10, 1e6, 1000)
    leading = 1e4 / (1j * frequencies) * np.exp(1j * np.radians(100))
    assert margins_of(frequencies, leading).phase_margin == pytest.approx(190, abs=0.1)


def test_that_a_loop_that_never_crosses_has_no_margin():
    found = margins_of(np.geomspace(1, 10, 5), np.full((2, 5), 0.1 + 0j))
    assert np.isnan(found.crossover).all()
    assert np.isnan(found.phase_margin).all()


def test_that_the_l5987_has_three_views(st_corners):
    """Averaged 69.2 kHz and 53.7 degrees, sampled 56.4 kHz and 44.0 degrees, |L(fs/2)| 0.62."""
    kind, modulator = OpAmpTypeThree(IDEAL), VoltageMode(12 / 9)
    found = judge_loops(plants_at(st_corners, modulator), [Fitting(kind, L5987)])
    at = (0, nominal(st_corners))
    frequencies = found.plants.frequencies
    averaged = margins_of(
        frequencies, -found.plants.control[at[1]] * kind.system(L5987).gain(frequencies)
    )
    assert averaged.crossover == pytest.approx(69.2e3, rel=0.005)
    assert averaged.phase_margin == pytest.approx(53.7, abs=0.3)
    assert found.sampled.crossover[at] == pytest.approx(56.41e3, rel=0.005)
    assert found.sampled.phase_margin[at] == pytest.approx(44.0, abs=0.3)
    assert found.half[at] == pytest.approx(-0.620, abs=0.003)
    assert abs(found.multiplier[at]) == pytest.approx(0.91043, abs=2e-4)
    assert found.analysed.crossover[at] == pytest.approx(50.1e3, rel=0.01)
    assert found.analysed.phase_margin[at] == pytest.approx(60.3, abs=0.5)


def test_that_the_averaged_formula_agrees_with_the_exact_plant_of_a_buck(st_corners):
    stage = st_corners.stage
    place = nominal(st_corners)
    output = OutputFilter(np.array(22e-6), 1e-3, winding=0.07)
    formula = voltage_plant("buck", stage, output, VoltageMode(12 / 9))
    exact = plants_at(st_corners, VoltageMode(12 / 9))
    expected = [formula.response(f)[place] for f in exact.frequencies[::20]]
    assert exact.control[place, ::20] == pytest.approx(np.array(expected), rel=0.02)


@pytest.mark.parametrize(
    "modulator",
    [VoltageMode(1.0), PeakCurrentMode(0.2, 60e3), PeakCurrentMode(0.2, 60e3, delay=100e-9)],
    ids=["voltage", "current", "delayed"],
)
def test_that_the_ripple_of_the_control_voltage_is_in_two_responses(boost_corners, modulator):
    """Two responses give the analyser's gain that the solver finds with the ripple itself."""
    kind = COMPENSATORS["op_amp_type_two"]
    parts = {"R1": 1e4, "R2": 2e3, "C1": 22e-9, "C2": 150e-12}
    found = judge_loops(plants_at(boost_corners, modulator, 20), [Fitting(kind, parts)])
    system = kind.system(parts)
    compensator = Compensator(system.a, system.b, system.c)
    plants = found.plants
    closed = loops(boost_corners.orbits, plants.modulator, compensator, plants.frequencies)
    exact = analysed_gain(boost_corners.orbits, closed, compensator)
    assert np.max(np.abs(found.control_slope)) > 1e3, "there is a ripple"
    assert found.gain[0] == pytest.approx(exact, rel=1e-6)
    assert found.sampled_gain[0] == pytest.approx(closed.gain, rel=1e-12)


def test_that_the_sensed_current_rises_and_falls_as_the_inductor_says(boost_corners):
    """(Vin - I R) / L at the peak and (Vout - Vin) / L, less what the diode takes and gives."""
    sensed, full = boost_corners.sensed, boost_corners.load == 1
    parameters = boost().parameters
    resistance = parameters["L1.dcr"][0] + parameters["Q1_rds_on"][0]
    rise = (boost_corners.vin[full] - sensed.peak[full] * resistance) / 22e-6
    fall = (24.5 - boost_corners.vin[full]) / 22e-6
    assert sensed.rise[full] == pytest.approx(rise, rel=0.002)
    assert sensed.fall[full] == pytest.approx(fall, rel=0.05)
    mean = 24.0 / boost_corners.vin[full]
    ripple = sensed.rise[full] * boost_corners.orbits.duty[full] / 300e3
    assert sensed.peak[full] == pytest.approx(mean + ripple / 2, rel=0.06)


def test_that_each_corner_has_its_own_right_half_plane_zero(boost_corners):
    """R (1 - D)^2 / (2 pi L) goes with the square of the input and with the load's resistance."""
    zero, corners = boost_corners.right_half_plane_zero, boost_corners
    places = zip(corners.vin, corners.load, corners.capacitance, strict=True)
    at = dict(zip(places, zero, strict=True))
    assert at[14, 1.0, 1.0] / at[10, 1.0, 1.0] == pytest.approx(1.4**2, rel=0.01)
    assert at[10, 0.1, 1.0] == pytest.approx(10 * at[10, 1.0, 1.0], rel=0.01)
    assert at[10, 1.0, 0.8] == at[10, 1.0, 1.0]


def boost_loop(corners, gain, slope=60e3):
    kind = COMPENSATORS["op_amp_type_two"]
    parts = {"R1": 1e4, "R2": gain, "C1": 220e-6 / gain, "C2": 1.5e-6 / gain}
    return judge_loops(plants_at(corners, PeakCurrentMode(0.2, slope)), [Fitting(kind, parts)])


def test_that_a_slow_loop_holds_all_limits_and_a_fast_one_names_the_zero(boost_corners):
    slow, fast = (boost_loop(boost_corners, gain) for gain in (2e3, 8e3))
    assert slow.holds[0]
    assert slow.reasons(0) == ()
    assert not fast.holds[0]
    (reason,) = [each for each in fast.reasons(0) if "quarter of the right-half-plane" in each]
    assert reason.startswith("At 10 V, full load, least Cout: the crossover of ")


def test_that_reasons_come_in_the_order_of_the_table(boost_corners):
    found = boost_loop(boost_corners, 50e3)
    failing = [limit for limit in LIMITS if (found.slack[limit.label][0] < 0).any()]
    assert len(failing) > 3
    assert len(found.reasons(0)) == len(failing)
    assert all(reason.count(". ") == 0 and reason.endswith(".") for reason in found.reasons(0))


def test_that_too_little_slope_alternates_at_half_the_frequency(boost_corners):
    """Boost from 10 V to 24 V: D 0.58, S2 > S1, so no compensation at all is too little."""
    found = boost_loop(boost_corners, 500.0, slope=1.0)
    (reason,) = [each for each in found.reasons(0) if "multiplier" in each]
    assert "At 10 V" in reason
    assert "at half the switching frequency, where the duty alternates." in reason
    sensed = boost_corners.sensed
    largest = np.max(sensed.fall[boost_corners.load == 1] / sensed.rise[boost_corners.load == 1])
    assert np.max(np.abs(found.multiplier)) == pytest.approx(largest, rel=0.03)


def test_that_a_steep_control_voltage_is_said_and_nothing_else_of_that_corner(boost_corners):
    kind = COMPENSATORS["op_amp_type_two"]
    parts = {"R1": 1e4, "R2": 3e6, "C1": 1e-9, "C2": 1e-12}
    found = judge_loops(plants_at(boost_corners, VoltageMode(1.0)), [Fitting(kind, parts)])
    assert (found.closing_slope < 0).any()
    first = found.reasons(0)[0]
    assert first.endswith("so the comparator trips more than once.")
    assert "nan" not in " ".join(found.reasons(0))


def test_that_a_positive_gain_at_half_the_frequency_is_no_harm():
    """Behind an ESR the sampled gain of a boost is positive there, which is far from -1."""
    spec = Spec(
        topology="boost", vin=12.0, vin_min=12.0, vin_max=12.0, vout=24.0, iout=1.0, fsw=300e3
    )
    values = {"L1": 22e-6, "Cout": 200e-6, "Cout_esr": 0.1, "Q1_rds_on": 0.02}
    found = boost_loop(loop_corners(one(spec, values)), 6e3)
    half = LIMITS[[limit.label for limit in LIMITS].index("half frequency")]
    assert (found.half[0, found.plants.corners.load == 1] > 0).all()
    assert (half.slack(found) > 0).all()


def test_that_the_worst_corner_is_where_a_limit_is_nearest(st_corners):
    kind = OpAmpTypeThree(IDEAL)
    found = judge_loops(plants_at(st_corners, VoltageMode(12 / 9)), [Fitting(kind, L5987)])
    least = [np.min(found.slack[name][0]) for name in ("sampled phase margin",)]
    assert found.slack["sampled phase margin"][0, found.worst[0]] == least[0]
    assert found.reasons(0)[0].startswith(f"At {found.place(int(found.worst[0]))}: ")


def test_that_loops_judged_together_are_judged_as_alone(boost_corners):
    kind = COMPENSATORS["op_amp_type_two"]
    plants = plants_at(boost_corners, PeakCurrentMode(0.2, 60e3), 40)
    fittings = [
        Fitting(kind, {"R1": 1e4, "R2": r, "C1": 10e-9, "C2": 100e-12}) for r in (1e3, 3e3, 9e3)
    ]
    together = judge_loops(plants, fittings)
    for row, fitting in enumerate(fittings):
        alone = judge_loops(plants, [fitting])
        assert alone.gain[0] == pytest.approx(together.gain[row], rel=1e-12)
        assert alone.slack["modulus"][0] == pytest.approx(together.slack["modulus"][row], rel=1e-9)


@settings(max_examples=25)
@given(r2=st.floats(200, 20e3), c1=st.floats(1e-9, 1e-7), share=st.floats(0.01, 0.3))
def test_that_nyquist_and_the_multipliers_agree_on_stability(boost_corners, r2, c1, share):
    """The sampled Nyquist curve circles -1 as often as there are multipliers outside the circle."""
    kind, parts = COMPENSATORS["op_amp_type_two"], {"R1": 1e4, "R2": r2, "C1": c1, "C2": share * c1}
    plants = plants_at(boost_corners, PeakCurrentMode(0.2, 120e3), 500)
    found = judge_loops(plants, [Fitting(kind, parts)])
    turns = np.sum(np.angle((1 + found.sampled_gain[..., 1:]) / (1 + found.sampled_gain[..., :-1])),
                   axis=-1)  # fmt: skip
    # From below half a period's frequency to it; the integrator's quarter turn is at the start.
    stable = np.abs(found.multiplier) < 1
    sure = (found.modulus > 0.02) & np.isfinite(found.modulus)
    circled = turns + np.angle(1 + found.sampled_gain[..., 0])
    assert (np.abs(circled[stable & sure]) < 1.0).all()
    assert (np.abs(circled[~stable & sure]) > 2.0).all()


def test_that_ends_of_a_transfer_ratio_are_places_of_their_own():
    spec = Spec(
        topology="flyback", vin=48.0, vin_min=40.0, vin_max=56.0, vout=12.0, iout=2.0, fsw=200e3
    )
    values = {"T1_lm": 60e-6, "T1_n": 3.0, "Cout": 100e-6, "Cout_esr": 5e-3, "Q1_rds_on": 0.1}
    corners = loop_corners(one(spec, values))
    kind = COMPENSATORS["tl431"]
    parts = {
        "R1": 1e4, "Rlower": 2.61e3, "C1": 33e-9, "RLED": 2e3, "Rbias": 1e3, "Rpull": 4.75e3,
    }  # fmt: skip
    found = judge_loops(plants_at(corners, PeakCurrentMode(0.3, 50e3)), [Fitting(kind, parts)])
    count = len(corners)
    assert found.gain.shape[1] == 2 * count
    ratio = np.abs(found.gain[0, count:, 0] / found.gain[0, :count, 0])
    assert ratio == pytest.approx(np.full(count, 3.0), rel=0.05), "CTR 1.5 over 0.5"
    assert found.place(0).endswith(", least CTR")
    assert found.place(count).endswith(", largest CTR")
    sensed = corners.sensed.peak[corners.load == 1]
    mean = 2.0 * (1 + 3 * 12.6 / corners.vin[corners.load == 1])
    assert (sensed > 0.95 * mean).all(), "seen from the secondary"
